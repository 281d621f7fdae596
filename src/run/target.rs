//! Which paths a TARGET means.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

use crate::analysis::query::Query;
use crate::analysis::select::{
    SelectError, select, select_anywhere, select_each, select_each_anywhere,
};
use crate::analysis::{Analysed, Metric};
use crate::model::{PathId, PathSet};
use crate::source::location::UserEnvironment;
use crate::source::roots::followed;

use super::failure::Failure;
use super::filter;

/// The paths that a selector means; `None` if it is to be looked up by itself.
type Members = Option<Vec<PathId>>;

/// What many selectors mean, looked up together: in one pass over the names.
pub(super) struct Known {
    members: HashMap<String, Vec<PathId>>,
    anywhere: HashMap<String, Vec<PathId>>,
}

impl Known {
    /// Looks up those that are names or patterns, among members of the closure and, of what replaces others, among all
    /// paths; the rest is left to be looked up one by one.
    pub(super) fn of<'t>(
        subject: &Analysed,
        members: impl Iterator<Item = &'t str>,
        anywhere: impl Iterator<Item = &'t str>,
    ) -> Self {
        let (graph, closure) = (subject.graph(), subject.closure());
        let find = |texts: &[&str]| select_each(graph, closure, texts);
        let all = |texts: &[&str]| select_each_anywhere(graph, texts);
        Self {
            members: Self::found(members, &find),
            anywhere: Self::found(anywhere, &all),
        }
    }

    fn found<'t>(
        texts: impl Iterator<Item = &'t str>,
        find: &dyn Fn(&[&str]) -> Vec<Members>,
    ) -> HashMap<String, Vec<PathId>> {
        let all: BTreeSet<&str> = texts.filter(|text| !text.contains('/')).collect();
        let all: Vec<&str> = all.into_iter().collect();
        let found = all.iter().zip(find(&all));
        let known = found.filter_map(|(text, found)| Some(((*text).to_owned(), found?)));
        known.collect()
    }

    /// As [`selected`].
    pub(super) fn selected(
        &self,
        subject: &Analysed,
        selector: &str,
    ) -> Result<Vec<PathId>, Failure> {
        match self.members.get(selector) {
            Some(found) => Ok(found.clone()),
            None => selected(subject, selector),
        }
    }

    /// As [`only_anywhere`].
    pub(super) fn only_anywhere(
        &self,
        subject: &Analysed,
        selector: &str,
    ) -> Result<PathId, Failure> {
        match self.anywhere.get(selector).map(Vec::as_slice) {
            Some(&[only]) => Ok(only),
            _ => only_anywhere(subject, selector),
        }
    }

    /// A reference written as `FROM:TO`: what each side selects.
    fn reference(
        &self,
        subject: &Analysed,
        text: &str,
    ) -> Result<(Vec<PathId>, Vec<PathId>), Failure> {
        let both = |(from, to): (&str, &str)| {
            Ok((self.selected(subject, from)?, self.selected(subject, to)?))
        };
        let Some(first) = text.split_once(':') else {
            return Err(Failure::usage(
                format!("'{text}' is not a reference"),
                "a reference is written FROM:TO, for example system-path:perl-5.36.0",
            ));
        };
        // Queries have colons of their own: the first way to part the text counts in which both sides are something.
        let found = both(first);
        if found.is_ok() {
            return found;
        }
        let parted = text
            .match_indices(':')
            .skip(1)
            .map(|(at, _)| (&text[..at], &text[at + 1..]));
        let mut others = parted.filter_map(|sides| both(sides).ok());
        others.next().map_or(found, Ok)
    }

    /// The references that a text `FROM:TO` means, ascending; an error if there is none.
    pub(super) fn references(
        &self,
        subject: &Analysed,
        text: &str,
    ) -> Result<Vec<(PathId, PathId)>, Failure> {
        let (from, to) = self.reference(subject, text)?;
        let graph = subject.graph();
        let wanted = PathSet::of(graph.len(), to.iter().copied());
        let mut found = Vec::new();
        for &id in &from {
            let references = graph.references(id).iter().copied();
            found.extend(
                references
                    .filter(|&to| wanted.contains(to))
                    .map(|to| (id, to)),
            );
        }
        if !found.is_empty() {
            return Ok(found);
        }
        let mut holders: Vec<PathId> = to
            .iter()
            .flat_map(|&id| subject.closure().referrers(graph, id))
            .collect();
        subject.dominators()?;
        Metric::Retained.sort_largest_first(subject, &mut holders);
        holders.dedup();
        holders.truncate(NEAREST);
        let names: Vec<String> = holders.iter().map(|&id| subject.label(id)).collect();
        Err(Failure::because(
            format!("in '{text}', no path selected on the left references one on the right"),
            match &names[..] {
                [] => "nothing references the right side: it is a root".to_owned(),
                _ => format!("the right side is referenced by {}", names.join(", ")),
            },
        ))
    }
}

/// The paths of the closure that a selector means, ascending; never empty.
pub(super) fn selected(subject: &Analysed, selector: &str) -> Result<Vec<PathId>, Failure> {
    let selector = resolved(subject, selector);
    match select(subject.graph(), subject.closure(), &selector) {
        Err(error @ SelectError::NoMatch { .. }) => match queried(subject, &selector)? {
            Some(found) => Ok(found),
            None => Err(failure(subject, error)),
        },
        found => found.map_err(|error| failure(subject, error)),
    }
}

/// The paths that match a selector which is a query, of more than words; `None` if it is none, or nothing does.
fn queried(subject: &Analysed, selector: &str) -> Result<Option<Vec<PathId>>, Failure> {
    let Ok(query) = Query::parse(selector) else {
        return Ok(None);
    };
    if query.is_words() || query.is_empty() || query.asks_for_files() {
        return Ok(None);
    }
    let found: Vec<PathId> = filter::matching(subject, &query, selector)?
        .iter()
        .collect();
    Ok((!found.is_empty()).then_some(found))
}

/// A selector that means nothing in the closure, with links in the file system followed.
pub(super) fn absent(subject: &Analysed, selector: &str) -> Option<String> {
    let selector = resolved(subject, selector);
    let found = select(subject.graph(), subject.closure(), &selector);
    let absent = matches!(found, Err(SelectError::NoMatch { .. }));
    (absent && !matches!(queried(subject, &selector), Ok(Some(_)))).then_some(selector)
}

/// As [`selected`], largest retained size first.
pub(super) fn largest_first(subject: &Analysed, selector: &str) -> Result<Vec<PathId>, Failure> {
    let mut found = selected(subject, selector)?;
    subject.dominators()?;
    Metric::Retained.sort_largest_first(subject, &mut found);
    Ok(found)
}

/// The one path that a selector means; an error that lists them if it means several.
pub(super) fn only(subject: &Analysed, selector: &str) -> Result<PathId, Failure> {
    let found = selected(subject, selector)?;
    one_of(subject, selector, &found, "JSON describes exactly one")
}

/// The one path that a selector means, for an answer about one alone.
pub(super) fn only_one(subject: &Analysed, selector: &str) -> Result<PathId, Failure> {
    let found = selected(subject, selector)?;
    one_of(subject, selector, &found, "only one can be examined")
}

fn one_of(
    subject: &Analysed,
    selector: &str,
    found: &[PathId],
    reason: &str,
) -> Result<PathId, Failure> {
    match *found {
        [id] => Ok(id),
        _ => Err(Failure::because(
            format!(
                "{} paths match '{selector}', but {reason}:{}",
                found.len(),
                listed(subject, found)
            ),
            "name one by its path or by the beginning of its hash",
        )),
    }
}

/// As [`only`], over everything that was loaded.
fn only_anywhere(subject: &Analysed, selector: &str) -> Result<PathId, Failure> {
    let resolved = resolved(subject, selector);
    let found = select_anywhere(subject.graph(), &resolved);
    let found = found.map_err(|error| failure(subject, error))?;
    one_of(subject, selector, &found, "only one can replace")
}

/// The paths of everything that was loaded that a selector means, ascending; never empty.
pub(super) fn of_store(subject: &Analysed, selector: &str) -> Result<Vec<PathId>, Failure> {
    let resolved = resolved(subject, selector);
    let mut found =
        select_anywhere(subject.graph(), &resolved).map_err(|error| failure(subject, error))?;
    // What is only referenced is not in the store.
    found.retain(|&id| !subject.graph().is_missing(id));
    if found.is_empty() {
        return Err(Failure::because(
            format!("'{selector}' is not in the store"),
            "something still references it: `nix-store --verify` looks for such damage",
        ));
    }
    Ok(found)
}

/// As [`of_store`]; an error that lists them if the selector means several.
pub(super) fn only_of_store(subject: &Analysed, selector: &str) -> Result<PathId, Failure> {
    let found = of_store(subject, selector)?;
    one_of(subject, selector, &found, "JSON describes exactly one")
}

/// Names that a hint offers.
const NEAREST: usize = 5;
/// Candidates that an error lists.
const CANDIDATES: usize = 20;

/// A path in the file system means the store path it leads to.
fn resolved(subject: &Analysed, selector: &str) -> String {
    let store_dir = subject.graph().store_dir();
    let may_lead = selector.contains('/');
    let path = may_lead.then(|| followed(selector, &UserEnvironment::of_process(), store_dir));
    path.flatten().unwrap_or_else(|| selector.to_owned())
}

fn failure(subject: &Analysed, error: SelectError) -> Failure {
    let hint = error.hint();
    if let SelectError::AmbiguousHash { candidates, .. } = &error {
        let message = format!("{error}:{}", listed(subject, candidates));
        return Failure::because(message, hint.unwrap_or_default());
    }
    Failure::new(error, hint)
}

/// Paths below each other, each on a line of its own.
fn listed(subject: &Analysed, ids: &[PathId]) -> String {
    let mut text = String::new();
    for &id in ids.iter().take(CANDIDATES) {
        let _ = write!(text, "\n  {}", subject.graph().path(id));
    }
    if let Some(more @ 1..) = ids.len().checked_sub(CANDIDATES) {
        let _ = write!(text, "\n  and {more} more");
    }
    text
}
