//! Selectors: which paths a user means.
//!
//! The first rule that matches anything wins: full store path, or a path inside one; `hash-name`; a hash prefix of at
//! least four characters that only one path has; exact name; exact package name; pattern over the name.

use std::fmt::Write as _;

use hashbrown::HashMap;
use thiserror::Error;

use crate::model::store_path::{HASH_PART_LEN, are_nix_base32};
use crate::model::{Closure, PackageName, PathId, StoreGraph};
use crate::text::sanitise;

use super::glob;
use super::patterns::{How, MANY, Patterns, SAMPLE};

/// A hash prefix has at least this many characters.
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
                let Some((last, front)) = nearest.split_last() else {
                    let how = "a name is compared whole; a pattern such as '*ssl*' finds its parts";
                    return Some(how.to_owned());
                };
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

/// What each of many selectors means, found in one pass over the names; `None` where it is nothing, or not one thing: why,
/// [`select`] tells.
pub fn select_each(
    graph: &StoreGraph,
    closure: &Closure,
    selectors: &[&str],
) -> Vec<Option<Vec<PathId>>> {
    each_among(graph, &|id| closure.contains(id), selectors)
}

/// As [`select_each`], over all paths of the graph.
pub fn select_each_anywhere(graph: &StoreGraph, selectors: &[&str]) -> Vec<Option<Vec<PathId>>> {
    each_among(graph, &|_| true, selectors)
}

fn each_among(
    graph: &StoreGraph,
    contains: &dyn Fn(PathId) -> bool,
    selectors: &[&str],
) -> Vec<Option<Vec<PathId>>> {
    if selectors.len() < MANY {
        let each = selectors
            .iter()
            .map(|text| among(graph, contains, text).ok());
        return each.collect();
    }
    let exact = |text: &&str| exactly(graph, contains, text.trim());
    let mut found: Vec<Option<Vec<PathId>>> = selectors.iter().map(exact).collect();
    let mut batch = Batch::default();
    for (at, text) in selectors
        .iter()
        .enumerate()
        .filter(|(at, _)| found[*at].is_none())
    {
        batch.names.entry(text.trim()).or_default().push(at);
    }
    let patterns = batch
        .names
        .keys()
        .copied()
        .filter(|text| glob::is_pattern(text));
    let patterns: Vec<&str> = patterns.collect();
    let sample = graph.ids().step_by(graph.len() / SAMPLE + 1);
    let all = Patterns::of(
        patterns.iter().map(|text| (How::Pattern, *text)),
        sample.map(|id| graph.name(id)),
    );
    for id in graph.ids().filter(|&id| contains(id)) {
        let name = graph.name(id);
        batch.note(name, SelectRule::Name, id);
        batch.note(graph.package(id).pname, SelectRule::Package, id);
        all.each(name, &mut |at| {
            batch.note(patterns[at], SelectRule::Pattern, id);
            true
        });
    }
    for (text, (_, ids)) in batch.found {
        for &at in &batch.names[text] {
            found[at] = Some(ids.clone());
        }
    }
    found
}

/// The rules over names, the one that counts more first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum SelectRule {
    Name,
    Package,
    Pattern,
}

/// Selectors that are names or patterns, and what they are found to mean.
#[derive(Default)]
struct Batch<'t> {
    /// Where each stands.
    names: HashMap<&'t str, Vec<usize>>,
    /// What each means by the rule that counts most so far.
    found: HashMap<&'t str, (SelectRule, Vec<PathId>)>,
}

impl Batch<'_> {
    fn note(&mut self, text: &str, rule: SelectRule, id: PathId) {
        let Some((&text, _)) = self.names.get_key_value(text).filter(|_| !text.is_empty()) else {
            return;
        };
        let (by, ids) = self.found.entry(text).or_insert((rule, Vec::new()));
        if rule < *by {
            (*by, *ids) = (rule, Vec::new());
        }
        if rule == *by {
            ids.push(id);
        }
    }
}

/// What a text means by the rules that look up single paths: a whole path, or the beginning of one hash part.
fn exactly(
    graph: &StoreGraph,
    contains: &dyn Fn(PathId) -> bool,
    selector: &str,
) -> Option<Vec<PathId>> {
    let base = graph.store_dir().containing(selector).unwrap_or(selector);
    if let Some(id) = graph.find(base).filter(|&id| contains(id)) {
        return Some(vec![id]);
    }
    let mut by_hash = with_hash_prefix(graph, contains, selector);
    by_hash
        .next()
        .filter(|_| by_hash.next().is_none())
        .map(|id| vec![id])
}

/// As [`select`], over the paths for which `contains` holds.
fn among(
    graph: &StoreGraph,
    contains: &dyn Fn(PathId) -> bool,
    selector: &str,
) -> Result<Vec<PathId>, SelectError> {
    let selector = selector.trim();
    if let Some(found) = exactly(graph, contains, selector) {
        return Ok(found);
    }
    let matching = |wanted: &dyn Fn(PathId) -> bool| -> Vec<PathId> {
        let members = graph.ids().filter(|&id| contains(id));
        members.filter(|&id| wanted(id)).collect()
    };
    let rules: [&dyn Fn(PathId) -> bool; 3] = [
        &|id| graph.name(id) == selector,
        // Taking a name apart costs more than looking at its beginning.
        &|id| graph.name(id).starts_with(selector) && graph.package(id).pname == selector,
        &|id| glob::matches(selector, graph.name(id)),
    ];
    let rules = &rules[..if glob::is_pattern(selector) { 3 } else { 2 }];
    for rule in rules {
        let found = matching(rule);
        if !found.is_empty() && !selector.is_empty() {
            return Ok(found);
        }
    }
    let candidates: Vec<PathId> = with_hash_prefix(graph, contains, selector).collect();
    if !candidates.is_empty() {
        return Err(SelectError::AmbiguousHash {
            selector: selector.to_owned(),
            candidates,
        });
    }
    let base = graph.store_dir().containing(selector).unwrap_or(selector);
    // A full path means that path alone: a similar name is not what was asked for.
    let nearest = match graph.store_dir().containing(selector) {
        Some(_) => Vec::new(),
        None => nearest_names(graph, contains, base),
    };
    Err(SelectError::NoMatch {
        selector: sanitise(selector).into_owned(),
        nearest,
    })
}

fn with_hash_prefix<'g>(
    graph: &'g StoreGraph,
    contains: &'g dyn Fn(PathId) -> bool,
    prefix: &'g str,
) -> impl Iterator<Item = PathId> + 'g {
    let is_hash = (SHORTEST_HASH_PREFIX..=HASH_PART_LEN).contains(&prefix.len())
        && are_nix_base32(prefix.as_bytes());
    // Base names without a hash part sort among the others.
    let found = is_hash
        .then(|| graph.with_prefix(prefix))
        .into_iter()
        .flatten();
    found.filter(move |&id| contains(id) && !graph.hash_part(id).is_empty())
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
    let members = graph.ids().filter(|&id| contains(id));
    let names = members.flat_map(|id| {
        let whole = graph.name(id);
        [PackageName::parse(whole).pname, whole]
    });
    let found = nearest(names, typed).into_iter();
    found.map(|name| sanitise(name).into_owned()).collect()
}

/// The names that take the fewest changes from what was typed, best first; at most three, and none that takes many.
pub fn nearest<'n>(names: impl Iterator<Item = &'n str>, typed: &str) -> Vec<&'n str> {
    let typed = typed.to_lowercase();
    let mut best: Vec<(usize, &str)> = Vec::new();
    let distance = EditDistance::from(&typed);
    for name in names {
        let limit = match best.len() {
            SUGGESTIONS.. => best[SUGGESTIONS - 1].0,
            _ => usize::MAX,
        };
        let Some(cost) = distance.to(name, limit) else {
            continue;
        };
        if distance.is_near(name, cost) && best.iter().all(|(_, other)| *other != name) {
            let at = best.partition_point(|&(other, _)| other <= cost);
            best.insert(at, (cost, name));
            best.truncate(SUGGESTIONS);
        }
    }
    best.into_iter().map(|(_, name)| name).collect()
}

/// The name that takes the fewest changes from what was typed, if those are few enough for it to be what was meant.
pub fn closest<'n>(names: impl Iterator<Item = &'n str>, typed: &str) -> Option<&'n str> {
    let distance = EditDistance::from(typed);
    let near = names.filter_map(|name| Some((distance.to(name, usize::MAX)?, name)));
    let near = near.filter(|&(cost, name)| distance.is_near(name, cost));
    near.min().map(|(_, name)| name)
}

/// Levenshtein's distance from the first 64 bytes of one text to many, all columns of its table at once as bits of a word
/// (Myers' algorithm as Hyyrö gives it). Names that contain the text count as near ones.
struct EditDistance<'a> {
    from: &'a [u8],
    /// For each byte the places at which the text has it.
    places: Box<[u64; 256]>,
}

impl<'a> EditDistance<'a> {
    fn from(text: &'a str) -> Self {
        let from = &text.as_bytes()[..text.len().min(64)];
        let mut places = Box::new([0_u64; 256]);
        for (at, byte) in from.iter().enumerate() {
            places[usize::from(byte.to_ascii_lowercase())] |= 1 << at;
            places[usize::from(byte.to_ascii_uppercase())] |= 1 << at;
        }
        Self { from, places }
    }

    /// The distance, if it is below `limit`.
    fn to(&self, name: &str, limit: usize) -> Option<usize> {
        let name = name.as_bytes();
        let least = self.from.len().abs_diff(name.len());
        let contained = self.is_in(name);
        let cost = if contained {
            // What contains the words typed is what was meant, the shorter the better.
            least.min(2)
        } else if least >= limit {
            return None;
        } else {
            self.distance(name)
        };
        (cost < limit).then_some(cost)
    }

    /// Whether a name contains the text.
    fn is_in(&self, name: &[u8]) -> bool {
        let mut parts = name.windows(self.from.len().max(1));
        self.from.len() >= 3 && parts.any(|part| part.eq_ignore_ascii_case(self.from))
    }

    /// Whether a name at a distance is near enough to be what was meant: a letter in three may be another, and two letters
    /// of four may have changed places.
    fn is_near(&self, name: &str, distance: usize) -> bool {
        let letters = self.from.len();
        let few = (letters / 3).max((letters / 2).clamp(1, 2));
        distance <= few || self.is_in(name.as_bytes())
    }

    fn distance(&self, name: &[u8]) -> usize {
        let Some(last) = self.from.len().checked_sub(1) else {
            return name.len();
        };
        // A bit is set where the table goes up, or down, from one row to the next.
        let (mut up, mut down) = (u64::MAX, 0_u64);
        let mut distance = self.from.len();
        for &byte in name {
            let equal = self.places[usize::from(byte)];
            let diagonal = ((equal & up).wrapping_add(up) ^ up) | equal | down;
            let right_up = down | !(diagonal | up);
            let right_down = diagonal & up;
            distance += (right_up >> last & 1) as usize;
            distance -= (right_down >> last & 1) as usize;
            let right_up = right_up << 1 | 1;
            up = right_down << 1 | !(diagonal | right_up);
            down = diagonal & right_up;
        }
        distance
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn many_are_found_as_each_is(picks in prop::collection::vec("(bash|perl|odd|app|nosuch|0000|[a-c*?.-]{0,3}|python3)(-5[.][0-9*]{1,2}|-completion|[*])?", 1..40)) {
            let (graph, closure) = graph(STORE);
            let perl = graph.base_name(id(&graph, "perl-5.36")).to_owned();
            let picks: Vec<String> = picks.into_iter().chain([perl.clone(), format!(" /nix/store/{perl}/bin "), perl[..32].to_owned()]).collect();
            let texts: Vec<&str> = picks.iter().map(String::as_str).collect();
            for (text, found) in texts.iter().zip(select_each(&graph, &closure, &texts)) {
                prop_assert_eq!(found, select(&graph, &closure, text).ok(), "{}", text);
            }
            for (text, found) in texts.iter().zip(select_each_anywhere(&graph, &texts)) {
                prop_assert_eq!(found, select_anywhere(&graph, text).ok(), "{}", text);
            }
        }
    }

    fn naive_distance(a: &[u8], b: &[u8]) -> usize {
        match (a, b) {
            ([], rest) | (rest, []) => rest.len(),
            ([x, a_rest @ ..], [y, b_rest @ ..]) => {
                let change = naive_distance(a_rest, b_rest) + usize::from(x != y);
                let insert = naive_distance(a, b_rest) + 1;
                change.min(insert).min(naive_distance(a_rest, b) + 1)
            }
        }
    }

    proptest! {
        #[test]
        fn bits_count_edits_as_the_definition_does(a in "[abc]{0,6}", b in "[abc]{0,6}") {
            let fast = EditDistance::from(&a).distance(b.as_bytes());
            prop_assert_eq!(fast, naive_distance(a.as_bytes(), b.as_bytes()));
        }
    }
}
