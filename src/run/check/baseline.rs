//! What growth is measured against: a file that a closure can be read from, or a root.

use std::path::Path;

use crate::model::StoreDir;
use crate::source::location::Location;
use crate::source::open::open as open_source;
use crate::source::open::sides::Side;
use crate::source::{Loaded, Request, SourceError};
use crate::user_files::is_in_store;

use crate::run::failure::Failure;
use crate::run::session::{Session, location};

/// Loads a baseline. A file that a closure can be read from is that, wherever it lies; all else means what it does for a side
/// of a comparison.
pub(super) fn open(session: &Session, named: &str, details: bool) -> Result<Loaded, Failure> {
    let here = location(session.global());
    let path = Path::new(named);
    if path.is_file() {
        let file = Location {
            from: Some(named.to_owned()),
            store: None,
            file: None,
            expr: None,
            ..here.clone()
        };
        match load(session, file, Vec::new(), details)? {
            // A store path can be a file by itself.
            Err(SourceError::Format { .. }) if is_in_store(path, &StoreDir::default()) => {}
            found => return found.map_err(failure),
        }
    }
    let side = Side::of(named, &here).map_err(failure)?;
    load(session, side.location, side.roots, details)?.map_err(failure)
}

fn load(
    session: &Session,
    location: Location,
    roots: Vec<String>,
    details: bool,
) -> Result<Result<Loaded, SourceError>, Failure> {
    let request = Request {
        roots,
        details,
        ..Request::default()
    };
    session.work(move |progress| open_source(&location)?.load(&request, progress))
}

fn failure(error: SourceError) -> Failure {
    Failure::from(error).about("the baseline")
}
