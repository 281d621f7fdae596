//! Which paths a TARGET means.

use std::cmp::Reverse;
use std::fmt::Write as _;

use nix_heft::analysis::select::{SelectError, select};
use nix_heft::model::PathId;
use nix_heft::report::Subject;

use super::failure::Failure;

/// The paths of the closure that a selector means, ascending; never empty.
pub(super) fn selected(subject: &Subject, selector: &str) -> Result<Vec<PathId>, Failure> {
    let selector = resolved(selector);
    select(subject.graph(), subject.closure(), &selector).map_err(|error| failure(subject, error))
}

/// As [`selected`], largest retained size first.
pub(super) fn largest_first(subject: &Subject, selector: &str) -> Result<Vec<PathId>, Failure> {
    let mut found = selected(subject, selector)?;
    found.sort_by_key(|&id| Reverse(subject.computed_retained_size(id)));
    Ok(found)
}

/// The one path that a selector means; an error that lists them if it means several.
pub(super) fn only(subject: &Subject, selector: &str) -> Result<PathId, Failure> {
    let found = selected(subject, selector)?;
    match found[..] {
        [id] => Ok(id),
        _ => Err(Failure::because(
            format!(
                "{} paths match '{selector}', and JSON speaks of exactly one:{}",
                found.len(),
                listed(subject, &found)
            ),
            "name one by its path or by the beginning of its hash",
        )),
    }
}

/// A reference written as `FROM:TO`: what each side selects.
pub(super) fn reference(
    subject: &Subject,
    text: &str,
) -> Result<(Vec<PathId>, Vec<PathId>), Failure> {
    let Some((from, to)) = text.split_once(':') else {
        return Err(Failure::usage(
            format!("'{text}' is no reference"),
            "a reference is written FROM:TO, for instance system-path:perl-5.36.0",
        ));
    };
    Ok((selected(subject, from)?, selected(subject, to)?))
}

/// Candidates that an error lists.
const CANDIDATES: usize = 20;

/// A path in the file system means the store path it leads to.
fn resolved(selector: &str) -> String {
    let leads_elsewhere = selector.contains('/');
    let path = leads_elsewhere.then(|| std::fs::canonicalize(selector));
    match path {
        Some(Ok(path)) => path.to_string_lossy().into_owned(),
        _ => selector.to_owned(),
    }
}

fn failure(subject: &Subject, error: SelectError) -> Failure {
    let hint = error.hint();
    if let SelectError::AmbiguousHash { candidates, .. } = &error {
        let message = format!("{error}:{}", listed(subject, candidates));
        return Failure::because(message, hint.unwrap_or_default());
    }
    Failure::new(error, hint)
}

/// Paths below each other, each on a line of its own.
fn listed(subject: &Subject, ids: &[PathId]) -> String {
    let mut text = String::new();
    for &id in ids.iter().take(CANDIDATES) {
        let _ = write!(text, "\n  {}", subject.graph().path(id));
    }
    if let Some(more @ 1..) = ids.len().checked_sub(CANDIDATES) {
        let _ = write!(text, "\n  and {more} more");
    }
    text
}
