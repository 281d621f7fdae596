//! Why something is not in a closure: it is elsewhere in the store, another build of it is there, only building needs it, or
//! the store does not have it. Nothing is guessed: a full path means that path alone.

use crate::model::store_path::{HASH_PART_LEN, are_nix_base32};
use crate::model::{Closure, PackageName, PathId, StoreGraph};

use super::select::select_anywhere;

/// What is known of a text that means no member of a closure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absent {
    /// What was asked for.
    pub selector: String,
    /// Whether it is one path by its full name (`/nix/store/HASH-NAME`, `HASH-NAME`), not a name that many may have.
    pub is_path: bool,
    /// Valid paths of the store that it means, as base names, ascending; `None` if the store was not looked through.
    pub in_store: Option<Vec<String>>,
    /// Members of the closure of the same name or package, those of the same name first.
    pub others: Vec<OtherBuild>,
    /// What of the build-time closure it means, as base names, ascending; `None` if that was not looked through.
    pub build_time: Option<Vec<String>>,
}

/// Another build of what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherBuild {
    /// The member.
    pub path: PathId,
    /// Its referrers in the closure, ascending.
    pub referrers: Vec<PathId>,
}

/// A word that names contain has at least this many bytes.
const SHORTEST_WORD: usize = 3;
/// Most paths of each sort that are told.
const MOST: usize = 20;

impl Absent {
    /// What the closure itself tells.
    pub fn of(graph: &StoreGraph, closure: &Closure, selector: &str) -> Self {
        let base = base_of(graph, selector);
        let is_path = is_base_name(base);
        Self {
            selector: selector.to_owned(),
            is_path,
            in_store: None,
            others: others(
                graph,
                closure,
                if is_path {
                    &base[HASH_PART_LEN + 1..]
                } else {
                    base
                },
            ),
            build_time: None,
        }
    }

    /// Whether the closure has something whose name contains the word: then a part of a name was meant, and to say that nothing
    /// like it is there would be wrong.
    pub fn is_part_of_a_name(&self, graph: &StoreGraph, closure: &Closure) -> bool {
        let base = base_of(graph, &self.selector);
        let mut members = closure.members().iter();
        !self.is_path
            && base.len() >= SHORTEST_WORD
            && self.others.is_empty()
            && members.any(|id| graph.name(id).contains(base))
    }

    /// Adds what the whole store tells: a graph of all its paths.
    pub fn look_through_store(&mut self, store: &StoreGraph) {
        let found = self.meant(store);
        let valid = found.into_iter().filter(|&id| !store.is_missing(id));
        let valid = valid
            .filter(|&id| !store.is_derivation(id) || self.selector.strip_suffix(".drv").is_some());
        self.in_store = Some(
            valid
                .take(MOST)
                .map(|id| store.base_name(id).to_owned())
                .collect(),
        );
    }

    /// Adds what the build-time closure tells: its derivations with what they make.
    pub fn look_through_build_time(&mut self, derivations: &StoreGraph) {
        let base = base_of(derivations, &self.selector);
        let mut found: Vec<String> = Vec::new();
        for id in derivations.ids() {
            let outputs = derivations.outputs(id).unwrap_or_default();
            let made = outputs
                .iter()
                .filter_map(|output| output.path.rsplit('/').next());
            found.extend(made.filter(|made| *made == base).map(str::to_owned));
        }
        if found.is_empty() {
            let meant = self.meant(derivations);
            let names = meant.into_iter().take(MOST);
            found.extend(names.map(|id| derivations.base_name(id).to_owned()));
        }
        if found.is_empty() && !self.is_path {
            let drv = format!("{base}.drv");
            let named = derivations.ids().filter(|&id| derivations.name(id) == drv);
            found.extend(
                named
                    .take(MOST)
                    .map(|id| derivations.base_name(id).to_owned()),
            );
        }
        self.build_time = Some(found);
    }

    /// What it means in another graph: as a selector, else whatever has a name that contains it.
    fn meant(&self, graph: &StoreGraph) -> Vec<PathId> {
        let base = base_of(graph, &self.selector);
        let found = select_anywhere(graph, base).unwrap_or_default();
        if !found.is_empty() || self.is_path || base.len() < SHORTEST_WORD {
            return found;
        }
        let contains = graph.ids().filter(|&id| graph.name(id).contains(base));
        contains.collect()
    }

    /// What is known of it, in sentences without full stops; `label` says what a member is called.
    pub fn sentences(&self, label: &dyn Fn(PathId) -> String) -> Vec<String> {
        let mut said = vec!["it is not in this closure".to_owned()];
        said.extend(match self.in_store.as_deref() {
            Some([]) => Some("the store does not have it either".to_owned()),
            Some(_) => {
                Some("the store has it, but nothing that the roots reach references it".to_owned())
            }
            None => None,
        });
        said.extend(self.others.iter().map(|other| {
            let held = match &other.referrers[..] {
                [] => "a root".to_owned(),
                [only] => format!("held by {}", label(*only)),
                [first, rest @ ..] => {
                    format!("held by {} and {} more", label(*first), rest.len())
                }
            };
            format!("another build of it is: {}, {held}", label(other.path))
        }));
        said.extend(match self.build_time.as_deref() {
            None | Some([]) => None,
            Some(_) => Some("building needs it: --derivation shows why".to_owned()),
        });
        said
    }

    /// Whether anything is known of it.
    pub fn is_known(&self) -> bool {
        let some =
            |found: &Option<Vec<String>>| found.as_ref().is_some_and(|found| !found.is_empty());
        self.is_path || some(&self.in_store) || some(&self.build_time)
    }
}

/// The base name in a selector that is a path; else the selector.
fn base_of<'s>(graph: &StoreGraph, selector: &'s str) -> &'s str {
    let selector = selector.trim();
    graph.store_dir().containing(selector).unwrap_or(selector)
}

fn is_base_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() > HASH_PART_LEN + 1
        && bytes[HASH_PART_LEN] == b'-'
        && are_nix_base32(&bytes[..HASH_PART_LEN])
}

/// The members of a name, or else of its package and output.
fn others(graph: &StoreGraph, closure: &Closure, name: &str) -> Vec<OtherBuild> {
    let wanted = PackageName::parse(name);
    let alike = |id: PathId| {
        let package = graph.package(id);
        package.pname == wanted.pname && package.output == wanted.output
    };
    let members = || closure.members().iter();
    let mut found: Vec<PathId> = members().filter(|&id| graph.name(id) == name).collect();
    let rest = members().filter(|&id| graph.name(id) != name && alike(id));
    found.extend(rest);
    found.truncate(MOST);
    let build = |path| OtherBuild {
        path,
        referrers: closure.referrers(graph, path).collect(),
    };
    found.into_iter().map(build).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{graph, hash_part, names};

    #[test]
    fn another_build_of_that_name_is_named_with_what_holds_it() {
        let (graph, closure) =
            graph("app -> glibc-2.40 tool\ntool -> glibc-2.40 glibc-2.40-dev glibc-2.39");
        let path = format!("/nix/store/{}-glibc-2.40", hash_part(99));
        let absent = Absent::of(&graph, &closure, &path);
        assert!(absent.is_path && absent.is_known());
        let others: Vec<_> = absent
            .others
            .iter()
            .map(|other| {
                (
                    names(&graph, &[other.path]),
                    names(&graph, &other.referrers),
                )
            })
            .collect();
        let expected = [("glibc-2.40", "app tool"), ("glibc-2.39", "tool")];
        assert_eq!(
            others,
            expected.map(|(path, by)| (path.to_owned(), by.to_owned()))
        );
    }

    #[test]
    fn a_full_path_means_that_path_alone() {
        let (graph, closure) = graph("app -> lib-1");
        let (store, _) = crate::testing::graph("x -> pillow-6 lib-2");
        let mut absent = Absent::of(&graph, &closure, "pillow-6");
        absent.look_through_store(&store);
        assert_eq!(absent.in_store.as_ref().map(Vec::len), Some(1));
        let path = format!("{}-pillow-6", hash_part(77));
        let mut absent = Absent::of(&graph, &closure, &path);
        absent.look_through_store(&store);
        assert_eq!(
            (absent.in_store, absent.others),
            (Some(Vec::new()), Vec::new())
        );
        let mut unknown = Absent::of(&graph, &closure, "perl");
        unknown.look_through_store(&store);
        assert!(!unknown.is_known());
    }
}
