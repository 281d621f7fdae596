//! Which line of the configuration brings a path.
//!
//! A definition names store paths: those in its value. What a path needs comes with it, so a path that no definition
//! names is brought by the definitions of the nearest paths above it that have some. Where nothing was evaluated, the
//! name of a generated path says which option it is made from, and its references are what that option names: this is
//! [inferred from the name](Origins::inferred), and the answer says so.

mod attribute;
mod league;
mod table;

use std::collections::HashMap;

use crate::model::{Closure, PathId, PathSet, StoreGraph};
use crate::text;

pub use self::attribute::quoted;
pub use self::league::{By, League, Standing};
pub use self::table::{Reading, reading};

/// Where a definition stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DefinitionPlace {
    /// The file, as the user would name it.
    pub file: String,
    /// The line, from 1 on, if it can be known.
    pub line: Option<u32>,
    /// Whether the line was found by searching the file for the option's name.
    pub is_likely: bool,
    /// Whether the file is the user's own rather than nixpkgs' or a library's.
    pub own: bool,
}

impl DefinitionPlace {
    /// The file with its line, for people.
    pub fn shown(&self) -> String {
        let file = text::sanitise(&self.file);
        match (self.line, self.is_likely) {
            (Some(line), false) => format!("{file}:{line}"),
            (Some(line), true) => format!("{file}:{line} (likely)"),
            (None, _) => file.into_owned(),
        }
    }
}

/// An option that turns the module on in which a definition stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Switch {
    /// The option.
    pub option: String,
    /// Where it is set, or declared if its default turns it on.
    pub place: DefinitionPlace,
    /// Whether it is on by default.
    pub by_default: bool,
    /// The value, as Nix writes it.
    pub value: String,
}

/// One definition of an option.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Definition {
    /// The option, with the attributes inside its value that lead to the path: `systemd.services.nginx`.
    pub option: String,
    /// What else could have made the same; only of what is inferred from a name.
    pub also: Option<&'static str>,
    /// Where it stands; unknown of what is inferred from a name.
    pub place: Option<DefinitionPlace>,
    /// Whether the module system makes it from other options, so that it is the last link and no origin.
    pub is_generated: bool,
    /// Whether it is inferred from the name of a generated path, nothing having been evaluated.
    pub is_inferred: bool,
    /// Whether the path it names was found by its name, its hash being that of another build.
    pub is_by_name: bool,
    /// What turns its module on, the nearest to the user's own files first.
    pub switches: Vec<Switch>,
}

/// A definition that brings a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Brought<'a> {
    /// The definition.
    pub definition: &'a Definition,
    /// The path it names, if that is not the path in question but needs it.
    pub via: Option<PathId>,
}

/// What is known of the definitions of a configuration.
#[derive(Debug, Clone, Default)]
pub struct Origins {
    definitions: Vec<Definition>,
    /// Which definitions name a path.
    named: HashMap<PathId, Vec<u32>>,
    /// The configuration that was evaluated, if one was.
    config: Option<String>,
    /// Options that could not be evaluated, each with what Nix said.
    not_evaluated: Vec<(String, String)>,
}

impl Origins {
    /// What the names of generated paths tell.
    pub fn inferred(graph: &StoreGraph, closure: &Closure) -> Self {
        let mut origins = Self::default();
        let mut known: HashMap<(String, Option<&'static str>), u32> = HashMap::new();
        let members = closure.members().iter();
        let readings: HashMap<PathId, Reading> = members
            .filter_map(|id| Some((id, reading(graph, closure, id)?)))
            .collect();
        for id in closure.members().iter() {
            let Some(found) = readings.get(&id) else {
                continue;
            };
            let mut name = |origins: &mut Self, path, option: String, also| {
                let at = *known.entry((option.clone(), also)).or_insert_with(|| {
                    origins.add(Definition {
                        option,
                        also,
                        is_inferred: true,
                        ..Definition::default()
                    })
                });
                origins.name(path, at);
            };
            if !found.is_frame {
                name(&mut origins, id, found.option.clone(), found.also);
            }
            for &reference in graph.references(id) {
                // What is generated itself says more.
                if !readings.contains_key(&reference) {
                    let (option, also) = found.of_reference(graph.name(reference));
                    name(&mut origins, reference, option, also);
                }
            }
        }
        origins
    }

    /// No definitions yet of a configuration that was evaluated.
    pub fn of_config(config: String) -> Self {
        Self {
            config: Some(config),
            ..Self::default()
        }
    }

    /// Takes one more definition; its number is for [`Origins::name`].
    pub fn add(&mut self, definition: Definition) -> u32 {
        self.definitions.push(definition);
        u32::try_from(self.definitions.len() - 1).unwrap_or(u32::MAX)
    }

    /// A path that a definition names.
    pub fn name(&mut self, path: PathId, definition: u32) {
        let known = self.named.entry(path).or_default();
        if !known.contains(&definition) {
            known.push(definition);
        }
    }

    /// An option that could not be evaluated, and what Nix said.
    pub fn left_out(&mut self, option: String, said: String) {
        self.not_evaluated.push((option, said));
    }

    /// The configuration that was evaluated, if one was.
    pub fn config(&self) -> Option<&str> {
        self.config.as_deref()
    }

    /// Options that could not be evaluated, each with what Nix said.
    pub fn not_evaluated(&self) -> &[(String, String)] {
        &self.not_evaluated
    }

    /// All definitions.
    pub fn definitions(&self) -> &[Definition] {
        &self.definitions
    }

    /// Whether no definition names a path.
    pub fn is_empty(&self) -> bool {
        self.named.is_empty()
    }

    /// The paths that definitions name, ascending.
    pub fn named(&self) -> Vec<PathId> {
        let mut named: Vec<PathId> = self.named.keys().copied().collect();
        named.sort_unstable();
        named
    }

    /// Fills in what only the names tell, for paths that no evaluated definition names: neither them nor the generated path
    /// that references them.
    pub fn complete_with(&mut self, other: &Self, graph: &StoreGraph, closure: &Closure) {
        let evaluated: Vec<PathId> = self.named();
        let is_told = |origins: &Self, id: PathId| {
            evaluated.binary_search(&id).is_ok()
                && origins
                    .of(id)
                    .iter()
                    .any(|definition| !definition.is_generated)
        };
        for path in other.named() {
            let mut holders = closure.referrers(graph, path);
            let comes_with = holders.any(|id| is_part(graph, closure, id) && is_told(self, id));
            if self.named.contains_key(&path) || comes_with {
                continue;
            }
            for definition in other.of(path) {
                let at = match self
                    .definitions
                    .iter()
                    .position(|known| known == definition)
                {
                    Some(at) => u32::try_from(at).unwrap_or(u32::MAX),
                    None => self.add(definition.clone()),
                };
                self.name(path, at);
            }
        }
    }

    /// The definitions that name a path itself. Those that the module system makes from others count only where there are no
    /// others.
    pub fn of(&self, path: PathId) -> Vec<&Definition> {
        let numbers = self.named.get(&path).map_or(&[][..], Vec::as_slice);
        let all = numbers
            .iter()
            .filter_map(|&at| self.definitions.get(at as usize));
        let mut found: Vec<&Definition> = all.collect();
        if found.iter().any(|definition| !definition.is_generated) {
            found.retain(|definition| !definition.is_generated);
        }
        found
    }

    /// The definitions that bring a path: those that name it; where none does, on every way up those of the first path that
    /// has some. The nearest come first.
    pub fn bringing(
        &self,
        graph: &StoreGraph,
        closure: &Closure,
        path: PathId,
    ) -> Vec<Brought<'_>> {
        let mut brought = Vec::new();
        let mut seen = PathSet::of(graph.len(), [path]);
        let mut level = vec![path];
        while !level.is_empty() {
            let mut above = Vec::new();
            for &id in &level {
                let definitions = self.of(id);
                let via = (id != path).then_some(id);
                let here = definitions
                    .iter()
                    .map(|&definition| Brought { definition, via });
                brought.extend(here);
                if definitions.is_empty() {
                    above.extend(closure.referrers(graph, id));
                }
            }
            above.retain(|&id| seen.insert(id));
            level = above;
        }
        brought
    }
}

/// Whether a path is made by the module system: what holds it is told by its option.
fn is_part(graph: &StoreGraph, closure: &Closure, id: PathId) -> bool {
    reading(graph, closure, id).is_some()
}

#[cfg(test)]
mod tests;
