//! `roots`: lists what holds the paths of the store, then loads what it holds; or compares roots that are named.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::analysis::Analysed;
use crate::job::Progress;
use crate::report::roots::RootsReport;
use crate::source::Request;
use crate::source::open::gc_roots;
use crate::source::roots::settings;

use crate::cli::{self, Format};

use super::failure::Failure;
use super::output::print;
use super::session::{Session, dominators, location};

/// `roots`
pub(super) fn roots(session: &Session, options: &cli::GcRoots) -> Result<(), Failure> {
    if !options.roots.is_empty() || session.global().from.is_some() {
        return given(session, options);
    }
    if session.global().derivation {
        return Err(Failure::usage(
            "what roots hold is not told by the derivations that made it",
            "leave --derivation out, or name the ROOTs whose build-time closures shall be compared",
        ));
    }
    let place = location(session.global());
    let keep = options.dead.then(|| settings::keep(&place.nix_options));
    let found = session.work(move |progress| gc_roots(&place, progress))??;
    for warning in &found.warnings {
        session.warn(warning);
    }
    let mut targets: Vec<String> = found.roots.iter().map(|root| root.target.clone()).collect();
    targets.sort_unstable();
    targets.dedup();
    let nothing_is_held = targets.is_empty();
    if nothing_is_held && !options.dead {
        return Err(Failure::because(
            "no root holds anything in this store",
            "everything in it would go with the next collection of garbage: --dead lists it",
        ));
    }
    let request = Request {
        roots: targets,
        whole: options.dead,
        // Derivers are among the details.
        details: options.dead,
        outputs: keep.is_some_and(|keep| keep.outputs),
        ..Request::default()
    };
    let mut subject = session.load_request(request, dominators)?;
    if nothing_is_held {
        // A source that is asked for no roots finds some of its own.
        subject.analysed = Analysed::of(subject.shared_graph(), &[], &Progress::new());
    }
    let report = RootsReport::of(&subject, &found.roots, keep)?;
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
    print(session.reader(format), |out| match format {
        Format::Json => report.json(out),
        _ => report.text(session.paper(), now(), out),
    })
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs().cast_signed())
}
