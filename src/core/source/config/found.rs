//! What a configuration answered, and what of it concerns a closure.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::answers::{Said, SaidDefinition, SaidPath, SaidValue};
use super::expression::Configuration;
use super::files::ConfigFiles;
use crate::analysis::origin::{Definition, DefinitionPlace, Origins, Switch, quoted};
use crate::job::{Cancelled, Progress};
use crate::model::store_path::PackageName;
use crate::model::{Closure, PathId, StoreDir, StoreGraph};

/// How far it is followed who switched a module on.
const MOST_HOPS: usize = 5;
/// Switches that are told of one definition.
const MOST_SWITCHES: usize = 3;

/// What a configuration answered. It can be kept: nothing in it depends on a closure.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ConfigAnswers {
    /// How the configuration is called.
    pub(super) config: String,
    /// The directory of the user's own files.
    pub(super) folder: Option<PathBuf>,
    /// The directory of the store that evaluations write to.
    pub(super) private: PathBuf,
    /// The store directory.
    pub(super) store_dir: String,
    /// Where the flake's own files are while it is evaluated; empty without a flake.
    pub(super) own: String,
    /// Where nixpkgs is, or what stands for it.
    pub(super) nixpkgs: String,
    /// The inputs of the flake that are known: name and place.
    pub(super) inputs: Vec<(String, String)>,
    /// What the configuration makes as a whole: a store path.
    top: Option<String>,
    options: Vec<FoundOption>,
    switches: Vec<FoundSwitch>,
    not_evaluated: Vec<(String, String)>,
    /// Options that were asked for and are not there.
    #[serde(skip)]
    pub(super) missing: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct FoundOption {
    names: Vec<String>,
    definitions: Vec<SaidDefinition>,
    is_generated: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct FoundSwitch {
    names: Vec<String>,
    declared: Vec<String>,
    line: Option<u32>,
    definitions: Vec<SaidValue>,
}

impl ConfigAnswers {
    pub(super) fn new(configuration: &Configuration, private: &Path, store_dir: &StoreDir) -> Self {
        Self {
            config: configuration.shown(),
            folder: configuration.folder().map(Path::to_owned),
            private: private.to_owned(),
            store_dir: store_dir.as_str().to_owned(),
            ..Self::default()
        }
    }

    /// What the configuration makes as a whole, as a full store path; `None` if that cannot be evaluated.
    pub fn top(&self) -> Option<&str> {
        self.top.as_deref().filter(|top| !top.is_empty())
    }

    /// How the configuration is called.
    pub fn config(&self) -> &str {
        &self.config
    }

    pub(super) fn take(&mut self, said: Said) {
        match said {
            Said::Option { o, d, g } if !d.is_empty() => self.options.push(FoundOption {
                is_generated: g
                    || o.first().is_some_and(|name| name == "system")
                        && o.get(1).is_some_and(|name| name == "build"),
                names: o,
                definitions: d,
            }),
            Said::Thrown { o } => {
                self.left_out(o.join("."), "it throws an error of its own".to_owned());
            }
            Said::Switch { o, n, l, d } => self.switches.push(FoundSwitch {
                names: o,
                declared: n,
                line: l.first().copied().flatten(),
                definitions: d,
            }),
            Said::About { n, v } => match n.as_str() {
                "self" => self.own = v,
                "nixpkgs" => self.nixpkgs = v,
                _ => self.top = Some(v),
            },
            Said::Exists { o, v: false } => self.missing.push(o.join(".")),
            Said::Input { n, v } => self.inputs.push((n, v)),
            _ => {}
        }
    }

    pub(super) fn left_out(&mut self, option: String, said: String) {
        self.not_evaluated.push((option, said));
    }

    /// Whether a definition stands in a module that something else may turn on.
    pub(super) fn has_modules(&self) -> bool {
        let files = ConfigFiles::of(self);
        self.files().iter().any(|file| !files.is_own(file))
    }

    /// Whether a definition stands in a file of a flake's input whose name is not known.
    pub(super) fn has_unknown_inputs(&self) -> bool {
        let known = |file: &str| {
            let places = [&self.own, &self.nixpkgs];
            places
                .iter()
                .any(|place| !place.is_empty() && file.contains(place.as_str()))
        };
        let in_store = |file: &str| file.contains(&self.store_dir);
        !self.own.is_empty()
            && self
                .files()
                .iter()
                .any(|file| in_store(file) && !known(file))
    }

    fn files(&self) -> BTreeSet<&str> {
        let definitions = self.options.iter().flat_map(|option| &option.definitions);
        definitions
            .map(|definition| definition.f.as_str())
            .collect()
    }

    /// Which definitions bring the paths of a closure. Where the closure is not what the configuration makes, paths are matched
    /// by name.
    pub fn origins(
        &self,
        graph: &StoreGraph,
        closure: &Closure,
        progress: &Progress,
    ) -> Result<Origins, Cancelled> {
        let mut origins = Origins::of_config(self.config.clone());
        for (option, said) in &self.not_evaluated {
            origins.left_out(option.clone(), said.clone());
        }
        let files = ConfigFiles::of(self);
        let lookup = Lookup::of(self, graph, closure);
        let mut numbers: HashMap<(String, DefinitionPlace, bool), u32> = HashMap::new();
        for option in &self.options {
            for definition in &option.definitions {
                for path in &definition.t {
                    progress.check()?;
                    let (paths, is_by_name) = lookup.find(&path.t);
                    for id in paths {
                        let word = graph.package(id).pname;
                        let made =
                            self.definition((option, definition, path), (word, is_by_name), &files);
                        let Some(place) = &made.place else { continue };
                        let key = (made.option.clone(), place.clone(), is_by_name);
                        let at = *numbers.entry(key).or_insert_with(|| origins.add(made));
                        origins.name(id, at);
                    }
                }
            }
        }
        Ok(origins)
    }

    fn definition(
        &self,
        (option, definition, path): (&FoundOption, &SaidDefinition, &SaidPath),
        (word, is_by_name): (&str, bool),
        files: &ConfigFiles<'_>,
    ) -> Definition {
        let names: Vec<String> = option.names.iter().chain(&path.a).cloned().collect();
        let there = path
            .p
            .as_ref()
            .filter(|position| position.f == definition.f);
        let line = there.map(|position| position.l);
        let place = files.place(&definition.f, line, &option.names, word);
        let switches = if place.own {
            Vec::new()
        } else {
            self.switches_of(&definition.f, files)
        };
        Definition {
            option: dotted(&names),
            also: None,
            place: Some(place),
            is_generated: option.is_generated,
            is_inferred: false,
            is_by_name,
            switches,
        }
    }

    /// What turns the module of a file on: up to the user's own files, or to a default.
    fn switches_of(&self, file: &str, files: &ConfigFiles<'_>) -> Vec<Switch> {
        let mut switches = Vec::new();
        let mut seen: Vec<&str> = vec![file];
        let mut level = vec![file];
        for _ in 0..MOST_HOPS {
            let mut above = Vec::new();
            let mut here: Vec<&FoundSwitch> = Vec::new();
            for module in &level {
                here.extend(self.main_switches(module));
            }
            for switch in here {
                let elsewhere = switch
                    .definitions
                    .iter()
                    .filter(|one| !level.contains(&one.f.as_str()));
                for set in elsewhere.clone() {
                    switches.push(Switch {
                        option: dotted(&switch.names),
                        place: files.place(&set.f, None, &switch.names, ""),
                        by_default: false,
                        value: set.v.clone(),
                    });
                    if !files.is_own(&set.f) && !seen.contains(&set.f.as_str()) {
                        seen.push(&set.f);
                        above.push(set.f.as_str());
                    }
                }
                // A default is a definition in the file that declares the option.
                let by_itself = |one: &SaidValue| switch.declared.contains(&one.f);
                if switch.definitions.iter().all(by_itself)
                    && let Some(declared) = switch.declared.first()
                {
                    switches.push(Switch {
                        option: dotted(&switch.names),
                        place: files.place(declared, switch.line, &switch.names, ""),
                        by_default: true,
                        value: "true".to_owned(),
                    });
                }
            }
            if above.is_empty() {
                break;
            }
            level = above;
        }
        // The nearest to the user's own files first; the way there in its order.
        switches.sort_by_key(|switch| !switch.place.own);
        switches.truncate(MOST_SWITCHES);
        switches
    }

    /// The options of a module that are on: those called `enable` if there are some.
    fn main_switches(&self, file: &str) -> Vec<&FoundSwitch> {
        let declared = |switch: &&FoundSwitch| switch.declared.iter().any(|other| other == file);
        let mut all: Vec<&FoundSwitch> = self.switches.iter().filter(declared).collect();
        let is_main =
            |switch: &FoundSwitch| switch.names.last().is_some_and(|name| name == "enable");
        if all.iter().any(|switch| is_main(switch)) {
            all.retain(|switch| is_main(switch));
        }
        all.sort_by_key(|switch| switch.names.len());
        all
    }
}

fn dotted(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
    names.join(".")
}

/// Finds what an evaluation names in a closure.
struct Lookup<'a> {
    graph: &'a StoreGraph,
    closure: &'a Closure,
    /// Members by name and by package with output, if the closure is not what the configuration makes.
    by_name: Option<HashMap<String, Vec<PathId>>>,
}

impl<'a> Lookup<'a> {
    fn of(found: &ConfigAnswers, graph: &'a StoreGraph, closure: &'a Closure) -> Self {
        let top = found.top().and_then(|top| graph.find(base_name(top)));
        let is_same = top.is_some_and(|top| closure.contains(top));
        let by_name = || {
            let mut names: HashMap<String, Vec<PathId>> = HashMap::new();
            for id in closure.members().iter() {
                names.entry(graph.name(id).to_owned()).or_default().push(id);
                names.entry(package(graph.name(id))).or_default().push(id);
            }
            names
        };
        Self {
            graph,
            closure,
            by_name: (!is_same).then(by_name),
        }
    }

    /// The members that a store path means, and whether they were found by name.
    fn find(&self, path: &str) -> (Vec<PathId>, bool) {
        let base = base_name(path);
        let exact = self
            .graph
            .find(base)
            .filter(|&id| self.closure.contains(id));
        if let Some(id) = exact {
            return (vec![id], false);
        }
        let name = base.split_once('-').map_or("", |(_, name)| name);
        let named = self.by_name.as_ref().and_then(|names| {
            let whole = names.get(name);
            whole.or_else(|| names.get(&package(name)))
        });
        (named.cloned().unwrap_or_default(), true)
    }
}

fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// A package and output without its version. A key that is no name, since names have no blanks.
fn package(name: &str) -> String {
    let package = PackageName::parse(name);
    format!("{} {}", package.pname, package.output.unwrap_or_default())
}
