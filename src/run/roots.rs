//! `roots`: lists what holds the paths of the store, then loads what it holds; or compares roots that are named.

use std::time::{SystemTime, UNIX_EPOCH};

use nix_heft::report::roots::RootsReport;
use nix_heft::source::Request;
use nix_heft::source::open::gc_roots;

use crate::cli::{self, Format};

use super::answers::dominators;
use super::failure::Failure;
use super::output::print;
use super::session::{Session, location};

/// `roots`
pub(super) fn roots(session: &Session, options: &cli::GcRoots) -> Result<(), Failure> {
    if !options.roots.is_empty() || session.global().from.is_some() {
        return given(session, options);
    }
    let place = location(session.global());
    let found = session.work(move |progress| gc_roots(&place, progress))??;
    for warning in &found.warnings {
        session.warn(warning);
    }
    let mut targets: Vec<String> = found.roots.iter().map(|root| root.target.clone()).collect();
    targets.sort_unstable();
    targets.dedup();
    if targets.is_empty() {
        return Err(Failure::because(
            "no root holds anything in this store",
            "everything in it would go with the next collection of garbage",
        ));
    }
    let request = Request {
        roots: targets,
        whole: options.dead,
        ..Request::default()
    };
    let subject = session.load_request(request, dominators)?;
    let report = RootsReport::of(&subject, &found.roots, options.dead)?;
    show(session, &report)
}

/// Roots that are named, or those of a file.
fn given(session: &Session, options: &cli::GcRoots) -> Result<(), Failure> {
    let roots = cli::Roots {
        roots: options.roots.clone(),
    };
    let subject = session.load(roots, dominators)?;
    show(session, &RootsReport::of_given(&subject)?)
}

fn show(session: &Session, report: &RootsReport) -> Result<(), Failure> {
    let format = session.format()?;
    print(|out| match format {
        Format::Json => report.json(out),
        _ => report.text(session.paper(), now(), out),
    })
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs().cast_signed())
}
