//! What a new output references.

use std::collections::{HashMap, HashSet};

use super::pairs::Pairs;
use super::{Certainty, New, Recipe, Recipes};
use crate::model::{Closure, PathId, Size, StoreGraph};

/// What is known, and what was predicted so far.
pub(super) struct References<'a> {
    graph: &'a StoreGraph,
    before: &'a Recipes,
    after: &'a Recipes,
    pairs: &'a Pairs<'a>,
    /// Outputs of the derivations before that are there under another hash: the closure is of another build.
    by_name: HashMap<&'a str, PathId>,
    predicted: HashMap<String, Vec<String>>,
}

impl<'a> References<'a> {
    pub(super) fn new(
        graph: &'a StoreGraph,
        closure: &Closure,
        (before, after): (&'a Recipes, &'a Recipes),
        pairs: &'a Pairs<'a>,
    ) -> Self {
        Self {
            graph,
            before,
            after,
            pairs,
            by_name: by_name(graph, closure, before),
            predicted: HashMap::new(),
        }
    }

    /// The path with this base name, if it is known; of another build of what was there before, by its name.
    pub(super) fn known(&self, base: &str) -> Option<PathId> {
        let exact = self
            .graph
            .find(base)
            .filter(|&id| !self.graph.is_missing(id));
        exact.or_else(|| self.by_name.get(base).copied())
    }

    /// Whether a path with this base name is known, rather than one of that name of another build.
    pub(super) fn is_exact(&self, base: &str) -> bool {
        !self.by_name.contains_key(base)
    }

    /// Predicts one output of a derivation; those it takes have been predicted before.
    pub(super) fn predict(
        &mut self,
        (drv, recipe): (&str, &Recipe),
        output: &str,
        base: &str,
    ) -> New {
        let counterpart = self.pairs.before(drv).and_then(|(old, same)| {
            let old = self.before.all.get(old)?;
            let (_, built) = old.outputs.iter().find(|(name, _)| name == output)?;
            Some((old, self.known(built)?, same))
        });
        let (references, size) = if let Some((old, built, same)) = counterpart {
            let size = self
                .graph
                .nar_size(built)
                .filter(|_| same && !recipe.is_fixed);
            (self.carried_over(recipe, old, built), size)
        } else {
            let named: HashSet<&str> = recipe.named.iter().map(String::as_str).collect();
            let taken = self.after.taken(recipe);
            let taken = taken.filter(|base| named.contains(base) && !recipe.is_fixed);
            (taken.map(|base| self.resolved(base)).collect(), None)
        };
        let certainty = match size {
            Some(_) => Certainty::Predicted,
            None => Certainty::Unknown,
        };
        let size = size.map_or(Size::UNKNOWN, Size::bytes);
        self.predicted.insert(base.to_owned(), references.clone());
        New {
            base: base.to_owned(),
            size,
            certainty,
            references,
        }
    }

    /// The base name under which a path is in the graph.
    pub(super) fn resolved(&self, base: &str) -> String {
        self.known(base)
            .map_or_else(|| base.to_owned(), |id| self.graph.base_name(id).to_owned())
    }

    /// The references of a counterpart, as far as the new derivation can have them, and what it newly names.
    fn carried_over(&self, recipe: &Recipe, old: &Recipe, built: PathId) -> Vec<String> {
        let taken: HashSet<&str> = self.after.taken(recipe).collect();
        let resolved: HashMap<String, &str> = taken
            .iter()
            .map(|&base| (self.resolved(base), base))
            .collect();
        let mut within: Option<HashSet<String>> = None;
        let mut references = Vec::new();
        for &reference in self.graph.references(built) {
            let base = self.graph.base_name(reference);
            if resolved.contains_key(base) {
                references.push(base.to_owned());
                continue;
            }
            let successor = self.successor(base);
            if let Some(next) = successor.filter(|next| taken.contains(next)) {
                references.push(self.resolved(next));
                continue;
            }
            // Not taken itself: it comes with something that is.
            let within = within.get_or_insert_with(|| self.reached(resolved.keys()));
            if within.contains(base) {
                references.push(base.to_owned());
            } else if let Some(next) = successor.map(|next| self.resolved(next))
                && within.contains(&next)
            {
                references.push(next);
            }
        }
        let took: HashSet<&str> = self.before.taken(old).collect();
        let named: HashSet<&str> = recipe.named.iter().map(String::as_str).collect();
        let replaced: HashSet<&str> = took
            .iter()
            .filter_map(|base| self.successor_of(base))
            .collect();
        for base in taken {
            let is_new = !took.contains(base) && !replaced.contains(base);
            if is_new && named.contains(base) {
                references.push(self.resolved(base));
            }
        }
        references.sort_unstable();
        references.dedup();
        references
    }

    /// What an output that is in the graph became.
    fn successor(&self, base: &str) -> Option<&'a str> {
        self.successor_of(base).or_else(|| {
            let id = self.graph.find(base)?;
            let mut others = self.by_name.iter().filter(|&(_, &other)| other == id);
            others.find_map(|(was, _)| self.successor_of(was))
        })
    }

    fn successor_of(&self, base: &str) -> Option<&'a str> {
        self.pairs.successor(base)
    }

    /// Everything that some paths need, as known or predicted.
    fn reached<'b>(&self, from: impl Iterator<Item = &'b String>) -> HashSet<String> {
        let mut reached: HashSet<String> = from.cloned().collect();
        let mut stack: Vec<String> = reached.iter().cloned().collect();
        while let Some(base) = stack.pop() {
            let more: Vec<String> = match (self.predicted.get(&base), self.graph.find(&base)) {
                (Some(references), _) => references.clone(),
                (None, Some(id)) => {
                    let references = self.graph.references(id).iter();
                    references
                        .map(|&id| self.graph.base_name(id).to_owned())
                        .collect()
                }
                (None, None) => Vec::new(),
            };
            stack.extend(more.into_iter().filter(|base| reached.insert(base.clone())));
        }
        reached
    }
}

/// Outputs of the derivations before that are not in the graph, each with the one member of the closure of that name.
fn by_name<'a>(
    graph: &StoreGraph,
    closure: &Closure,
    before: &'a Recipes,
) -> HashMap<&'a str, PathId> {
    let built = before.output().and_then(|base| graph.find(base));
    if built.is_some_and(|id| closure.contains(id)) {
        return HashMap::new();
    }
    let mut names: HashMap<&str, Option<PathId>> = HashMap::new();
    for id in closure.members().iter() {
        let only = names.entry(graph.name(id)).or_insert(Some(id));
        if *only != Some(id) {
            *only = None;
        }
    }
    let absent = before.outputs().filter(|base| graph.find(base).is_none());
    let found = absent.filter_map(|base| {
        let (_, name) = base.split_once('-')?;
        Some((base, names.get(name).copied().flatten()?))
    });
    found.collect()
}
