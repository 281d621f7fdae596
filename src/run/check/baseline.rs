//! What growth is measured against: a file that a closure can be read from, or a root.

use std::path::Path;

use crate::analysis::budget::Baseline;
use crate::model::{StoreDir, Warning};
use crate::source::location::Location;
use crate::source::open::open as open_source;
use crate::source::open::sides::Side;
use crate::source::{Loaded, Request, SourceError};
use crate::user_files::is_in_store;

use crate::run::failure::Failure;
use crate::run::session::{Session, Subject, location};

/// Loads a baseline. A file that a closure can be read from is that, wherever it lies; all else means what it does for a side
/// of a comparison.
pub(super) fn open(session: &Session, named: &str) -> Result<Baseline, Failure> {
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
        match load(session, file, Vec::new())? {
            // A store path can be a file by itself.
            Err(SourceError::Format { .. }) if is_in_store(path, &StoreDir::default()) => {}
            found => return found.map_err(failure).map(|loaded| of(session, loaded)),
        }
    }
    let side = Side::of(named, &here).map_err(failure)?;
    let found = load(session, side.location, side.roots)?;
    found.map_err(failure).map(|loaded| of(session, loaded))
}

type Found = Result<Loaded, SourceError>;

fn load(session: &Session, location: Location, roots: Vec<String>) -> Result<Found, Failure> {
    let request = Request {
        roots,
        ..Request::default()
    };
    session.work(move |progress| open_source(&location)?.load(&request, progress))
}

fn failure(error: SourceError) -> Failure {
    Failure::from(error).about("the baseline")
}

fn of(session: &Session, loaded: Loaded) -> Baseline {
    for Warning { kind, .. } in &loaded.warnings {
        session.warn(&format_args!("of the baseline: {kind}"));
    }
    Baseline {
        origin: loaded.origin,
        graph: loaded.graph,
        roots: loaded.roots,
    }
}

/// Says what makes a comparison odd.
pub(super) fn compare(session: &Session, baseline: &Baseline, closures: &[Subject]) {
    let Some(first) = closures.first() else {
        return;
    };
    let (before, now) = (baseline.graph.store_dir(), first.graph().store_dir());
    if before != now {
        session.warn(&format_args!(
            "the baseline is of the store {before}, what is checked of {now}: no path is the same in both"
        ));
    }
    let same = |one: &Subject| {
        let roots = one.closure().roots();
        let base_names = roots.iter().map(|&root| one.graph().base_name(root));
        let theirs = baseline
            .roots
            .iter()
            .map(|&root| baseline.graph.base_name(root));
        before == now && base_names.eq(theirs)
    };
    if closures.iter().any(same) {
        session.warn(&"the baseline is the same closure as what is checked: it cannot have grown");
    }
}
