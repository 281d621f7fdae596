//! Which paths a user means by a few words.
//!
//! The first rule that matches anything wins: full store path, or a path inside one; `hash-name`; a hash prefix of at
//! least four characters that only one path has; exact name; exact package name; pattern over the name.

use std::fmt::Write as _;

use thiserror::Error;

use crate::model::store_path::{HASH_PART_LEN, is_nix_base32};
use crate::model::{Closure, PathId, StoreGraph};
use crate::text::sanitise;

use super::glob;

/// A hash prefix has at least so many characters.
pub const SHORTEST_HASH_PREFIX: usize = 4;
/// How many names an error offers.
const SUGGESTIONS: usize = 3;

/// Why a selector selects nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SelectError {
    /// No rule matches anything.
    #[error("nothing matches '{selector}'")]
    NoMatch {
        /// What was asked for, harmless to print.
        selector: String,
        /// The nearest names, best first, harmless to print; at most three.
        nearest: Vec<String>,
    },
    /// Several paths have this hash prefix, and it is nothing else.
    #[error("{} paths have a hash that begins with '{selector}'", .candidates.len())]
    AmbiguousHash {
        /// The hash prefix.
        selector: String,
        /// The paths, ascending.
        candidates: Vec<PathId>,
    },
}

impl SelectError {
    /// What the user can try.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoMatch { nearest, .. } => {
                let (last, front) = nearest.split_last()?;
                let mut text = String::from("did you mean ");
                if !front.is_empty() {
                    let _ = write!(text, "{} or ", front.join(", "));
                }
                Some(text + last + "?")
            }
            Self::AmbiguousHash { .. } => Some("give more characters of the hash".to_owned()),
        }
    }
}

/// The members of a closure that `selector` names, ascending; never empty.
pub fn select(
    graph: &StoreGraph,
    closure: &Closure,
    selector: &str,
) -> Result<Vec<PathId>, SelectError> {
    among(graph, &|id| closure.contains(id), selector)
}

/// As [`select`], over all paths of the graph: what replaces another path may be outside the closure.
pub fn select_anywhere(graph: &StoreGraph, selector: &str) -> Result<Vec<PathId>, SelectError> {
    among(graph, &|_| true, selector)
}

/// As [`select`], over the paths for which `contains` holds.
fn among(
    graph: &StoreGraph,
    contains: &dyn Fn(PathId) -> bool,
    selector: &str,
) -> Result<Vec<PathId>, SelectError> {
    let selector = selector.trim();
    let base = graph.store_dir().containing(selector).unwrap_or(selector);
    if let Some(id) = graph.find(base).filter(|&id| contains(id)) {
        return Ok(vec![id]);
    }
    let by_hash = with_hash_prefix(graph, contains, selector);
    if by_hash.len() == 1 {
        return Ok(by_hash);
    }
    let matching = |wanted: &dyn Fn(PathId) -> bool| -> Vec<PathId> {
        let members = graph.ids().filter(|&id| contains(id));
        members.filter(|&id| wanted(id)).collect()
    };
    let rules: [&dyn Fn(PathId) -> bool; 3] = [
        &|id| graph.name(id) == selector,
        &|id| graph.package(id).pname == selector,
        &|id| glob::matches(selector, graph.name(id)),
    ];
    let rules = &rules[..if glob::is_pattern(selector) { 3 } else { 2 }];
    for rule in rules {
        let found = matching(rule);
        if !found.is_empty() && !selector.is_empty() {
            return Ok(found);
        }
    }
    if by_hash.len() > 1 {
        return Err(SelectError::AmbiguousHash {
            selector: selector.to_owned(),
            candidates: by_hash,
        });
    }
    Err(SelectError::NoMatch {
        selector: sanitise(selector).into_owned(),
        nearest: nearest_names(graph, contains, base),
    })
}

fn with_hash_prefix(
    graph: &StoreGraph,
    contains: &dyn Fn(PathId) -> bool,
    prefix: &str,
) -> Vec<PathId> {
    let is_hash = (SHORTEST_HASH_PREFIX..=HASH_PART_LEN).contains(&prefix.len())
        && prefix.bytes().all(is_nix_base32);
    if !is_hash {
        return Vec::new();
    }
    // Odd base names without a hash part sort among the others.
    graph
        .with_prefix(prefix)
        .filter(|&id| contains(id) && !graph.hash_part(id).is_empty())
        .collect()
}

/// The names, or package names, that take the fewest changes from what was typed.
fn nearest_names(
    graph: &StoreGraph,
    contains: &dyn Fn(PathId) -> bool,
    typed: &str,
) -> Vec<String> {
    let typed = match typed.split_once('-') {
        Some((hash, name)) if hash.len() == HASH_PART_LEN => name,
        _ => typed,
    };
    let typed = typed.to_lowercase();
    let mut best: Vec<(usize, &str)> = Vec::new();
    let mut distance = EditDistance::new(&typed);
    for id in graph.ids().filter(|&id| contains(id)) {
        for name in [graph.package(id).pname, graph.name(id)] {
            let limit = match best.len() {
                SUGGESTIONS.. => best[SUGGESTIONS - 1].0,
                _ => usize::MAX,
            };
            let Some(cost) = distance.to(name, limit) else {
                continue;
            };
            if best.iter().all(|(_, other)| *other != name) {
                let at = best.partition_point(|&(other, _)| other <= cost);
                best.insert(at, (cost, name));
                best.truncate(SUGGESTIONS);
            }
        }
    }
    best.into_iter()
        .map(|(_, name)| sanitise(name).into_owned())
        .collect()
}

/// Levenshtein's distance from one text to many, in bytes, with names that contain the text as near ones.
struct EditDistance<'a> {
    from: &'a [u8],
    row: Vec<usize>,
}

impl<'a> EditDistance<'a> {
    fn new(from: &'a str) -> Self {
        Self {
            from: from.as_bytes(),
            row: Vec::new(),
        }
    }

    /// The distance, if it is below `limit`.
    fn to(&mut self, name: &str, limit: usize) -> Option<usize> {
        let name = name.as_bytes();
        let least = self.from.len().abs_diff(name.len());
        let contained = self.from.len() >= 3
            && name
                .windows(self.from.len())
                .any(|part| part.eq_ignore_ascii_case(self.from));
        if contained {
            // Names that contain what was typed are what was meant, the shorter the better.
            return Some(least.min(2)).filter(|&cost| cost < limit);
        }
        if least >= limit {
            return None;
        }
        self.row.clear();
        self.row.extend(0..=self.from.len());
        for (at, byte) in name.iter().enumerate() {
            let mut diagonal = std::mem::replace(&mut self.row[0], at + 1);
            let mut smallest = at + 1;
            for (column, other) in self.from.iter().enumerate() {
                let change = diagonal + usize::from(!byte.eq_ignore_ascii_case(other));
                diagonal = self.row[column + 1];
                let cost = change.min(diagonal + 1).min(self.row[column] + 1);
                self.row[column + 1] = cost;
                smallest = smallest.min(cost);
            }
            if smallest >= limit {
                return None;
            }
        }
        Some(self.row[self.from.len()]).filter(|&cost| cost < limit)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{graph, id, names};

    use super::*;

    const STORE: &str = "app -> bash-5.2 bash-5.2-man bash-completion perl-5.36 python3-3.11\nodd";

    fn selected(selector: &str) -> Result<String, SelectError> {
        let (graph, closure) = graph(STORE);
        select(&graph, &closure, selector).map(|ids| names(&graph, &ids))
    }

    #[test]
    fn the_first_rule_that_matches_wins() {
        let (graph, closure) = graph(STORE);
        let perl = graph.base_name(id(&graph, "perl-5.36")).to_owned();
        let cases = [
            (format!("/nix/store/{perl}"), "perl-5.36"),
            (format!("/nix/store/{perl}/bin/perl"), "perl-5.36"),
            (perl.clone(), "perl-5.36"),
            (perl[..32].to_owned(), "perl-5.36"),
            ("bash-5.2".to_owned(), "bash-5.2"),
            ("bash".to_owned(), "bash-5.2 bash-5.2-man"),
            ("bash*".to_owned(), "bash-5.2 bash-5.2-man bash-completion"),
            ("p*[16]".to_owned(), "perl-5.36 python3-3.11"),
        ];
        for (selector, expected) in cases {
            let found = select(&graph, &closure, &selector).expect("a match");
            assert_eq!(names(&graph, &found), expected, "{selector}");
        }
    }

    #[test]
    fn no_match_offers_the_nearest_names() {
        let error = selected("pyton3").expect_err("no such name");
        assert_eq!(error.to_string(), "nothing matches 'pyton3'");
        assert!(
            error
                .hint()
                .expect("a hint")
                .starts_with("did you mean python3")
        );
        let error = selected("BASH").expect_err("case counts");
        assert!(error.hint().expect("a hint").contains("bash"), "{error:?}");
    }

    #[test]
    fn a_hash_prefix_must_be_unique_and_in_the_closure() {
        assert!(matches!(
            selected("0000"),
            Err(SelectError::AmbiguousHash { candidates, .. }) if candidates.len() == 6
        ));
        assert!(selected("odd").is_err());
        let (graph, _) = graph(STORE);
        assert!(select_anywhere(&graph, "odd").is_ok());
    }

    #[test]
    fn odd_words_select_nothing_and_break_nothing() {
        for odd in ["", " ", "/", "/nix/store/", "[", "\u{1b}[2J", "ü", "-"] {
            let error = selected(odd).expect_err("nothing");
            assert!(!error.to_string().contains('\u{1b}'));
        }
    }
}
