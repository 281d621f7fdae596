//! Roots by what the user typed: full path, base name, beginning of a hash part, or name.

use crate::model::store_path::is_nix_base32;
use crate::model::{PathId, StoreGraph};
use crate::source::SourceError;

/// Fewest characters of a hash part that a root may be named by.
const MIN_HASH_PREFIX: usize = 4;

/// The paths that texts name: full path, path inside one, base name, beginning of a hash part, or name.
pub(super) fn select(
    graph: &StoreGraph,
    texts: &[String],
    lenient: bool,
    origin: &str,
) -> Result<Vec<PathId>, SourceError> {
    let mut found = Vec::with_capacity(texts.len());
    for text in texts {
        match select_one(graph, text, origin) {
            Ok(id) => found.push(id),
            Err(SourceError::UnknownRoot { .. }) if lenient => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

fn select_one(graph: &StoreGraph, text: &str, origin: &str) -> Result<PathId, SourceError> {
    let base = graph.store_dir().containing(text).unwrap_or(text);
    if let Some(id) = graph.find(base) {
        return Ok(id);
    }
    let is_prefix = base.len() >= MIN_HASH_PREFIX && base.bytes().all(is_nix_base32);
    let by_hash = graph.with_prefix(base).filter(|_| is_prefix);
    let mut matching: Vec<PathId> = by_hash.collect();
    if matching.is_empty() {
        matching = graph.ids().filter(|&id| graph.name(id) == base).collect();
    }
    match matching.as_slice() {
        [one] => Ok(*one),
        [] => Err(SourceError::UnknownRoot {
            root: text.to_owned(),
            origin: origin.to_owned(),
        }),
        several => Err(ambiguous(graph, text, several)),
    }
}

fn ambiguous(graph: &StoreGraph, text: &str, several: &[PathId]) -> SourceError {
    let names: Vec<&str> = several
        .iter()
        .take(3)
        .map(|&id| graph.base_name(id))
        .collect();
    SourceError::Other {
        message: format!("{text} fits {} paths", several.len()),
        hint: format!(
            "name one of them in full, for instance {}",
            names.join(", ")
        ),
    }
}
