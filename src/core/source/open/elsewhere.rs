//! What there is beside a closure: the rest of its store, and what building it needs.

use std::sync::Arc;

use super::super::Request;
use super::super::location::Location;
use super::{files_root, open};
use crate::job::Progress;
use crate::model::StoreGraph;

/// All paths of a location's store; `None` where they cannot be listed.
pub fn whole_store(
    location: &Location,
    roots: &[String],
    progress: &Progress,
) -> Option<Arc<StoreGraph>> {
    files_root(location)?;
    // A file tells nothing of the rest of the store.
    let of_file = location.from.is_some();
    let location = Location {
        from: None,
        ..location.clone()
    };
    let request = Request {
        roots: if of_file { Vec::new() } else { roots.to_vec() },
        whole: true,
        ..Request::default()
    };
    load(&location, &request, progress)
}

/// The build-time closure of some roots; `None` where it is not known.
pub fn build_time(
    location: &Location,
    roots: &[String],
    progress: &Progress,
) -> Option<Arc<StoreGraph>> {
    if location.derivation || location.from.is_some() {
        return None;
    }
    files_root(location)?;
    let location = Location {
        derivation: true,
        ..location.clone()
    };
    let request = Request {
        roots: roots.to_vec(),
        outputs: true,
        ..Request::default()
    };
    load(&location, &request, progress)
}

fn load(location: &Location, request: &Request, progress: &Progress) -> Option<Arc<StoreGraph>> {
    let source = open(location).ok()?;
    let loaded = source.load(request, progress).ok()?;
    Some(loaded.graph)
}
