//! `generations` and `when`: the history of a profile.

use crate::analysis::Analysed;
use crate::job::Progress;
use crate::report::generations::when::WhenReport;
use crate::report::generations::{GenerationsReport, leave_out_invalid};
use crate::source::open::profile;
use crate::source::roots::profiles::{Profile, Rule};
use crate::source::roots::store_roots::StoreRoots;

use crate::cli::{self, Format};

use super::clock::now;
use super::failure::Failure;
use super::output::print;
use super::roots::store_roots;
use super::session::{Session, location};
use super::target;

/// `generations`
pub(super) fn generations(session: &Session, options: &cli::Generations) -> Result<(), Failure> {
    let format = session.format()?;
    let rule = match (options.older_than, options.keep_last) {
        (Some(seconds), _) => Some(Rule::OlderThan(seconds)),
        (None, Some(count)) => Some(Rule::KeepLast(count as usize)),
        (None, None) => None,
    };
    let (profile, roots) = read(session, options.profile.as_deref())?;
    let report = GenerationsReport::of(&profile, &roots, rule, now(), &Progress::new())?;
    print(session.reader(format), |out| match format {
        Format::Json => report.json(out),
        _ => report.text(session.paper(), out),
    })
}

/// `when`
pub(super) fn when(session: &Session, options: &cli::When) -> Result<(), Failure> {
    let format = session.format()?;
    let (profile, roots) = read(session, options.profile.as_deref())?;
    let report = GenerationsReport::of(&profile, &roots, None, now(), &Progress::new())?;
    let targets = profile.generations.iter();
    let targets: Vec<_> = targets
        .filter_map(|one| roots.graph.find(&one.target))
        .collect();
    // What is in none of the generations is no answer.
    let all = Analysed::of(roots.graph.clone(), &targets, &Progress::new());
    let ids = target::selected(&all, &options.package)?;
    let report = WhenReport::of(report, &options.package, ids);
    print(session.reader(format), |out| match format {
        Format::Json => report.json(out),
        _ => report.text(session.paper(), out),
    })
}

/// The profile and the roots of its store.
fn read(session: &Session, typed: Option<&str>) -> Result<(Profile, StoreRoots), Failure> {
    let place = location(session.global());
    let mut profile = profile(&place, typed)?;
    let roots = store_roots(session)?;
    for warning in &profile.warnings {
        session.warn(warning);
    }
    for number in leave_out_invalid(&mut profile, &roots) {
        session.warn(&format!(
            "generation {number} leads to no valid path, left out"
        ));
    }
    if profile.generations.is_empty() {
        return Err(Failure::because(
            format!(
                "no generation of {} leads to a valid path",
                profile.link.display()
            ),
            "is it a profile of another store? name that store with --store",
        ));
    }
    Ok((profile, roots))
}
