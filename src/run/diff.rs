//! `diff`: opens both sides, compares them, and compares a plan with the outcome.

use std::path::Path;
use std::sync::Arc;

use crate::analysis::diff::plan::Held;
use crate::analysis::plan::PlanFile;
use crate::analysis::query::Query;
use crate::analysis::what_if::after;
use crate::analysis::{Analysed, Diff};
use crate::job::Progress;
use crate::model::{Closure, PathSet, Reference, Warnings};
use crate::report::diff::{Comparison, DiffSide, NamedClosure, Shown};
use crate::source::config::Predicted;
use crate::source::evidence::{self, Evidence, EvidenceError, Limits};
use crate::source::location::Location;
use crate::source::open::sides::{Side, Sides, open_sides};
use crate::source::open::{archives, open};
use crate::source::{Loaded, Request};
use crate::user_files::journal;

use crate::cli::{self, Format};

use super::check::record_of;
use super::clock;
use super::failure::Failure;
use super::files;
use super::filter;
use super::output::{print, refused};
use super::session::{Session, location, store_files};
use super::tries::{From, done, evaluated};
use super::what_if::read_plan;

/// What AFTER begins with if it is what a plan leaves.
const PLAN: &str = "plan:";

/// Two sides, compared.
struct Compared {
    sides: Sides,
    subject: Analysed,
    diff: Diff,
    held: Option<Held>,
}

/// `diff`
pub(super) fn diff(session: &Session, options: &cli::Diff) -> Result<(), Failure> {
    let format = session.format()?;
    let query = query(options)?;
    let base = location(session.global());
    let before = Side::of(&options.before, &base)?;
    let predicted = options.after.strip_prefix(PLAN).map(Path::new);
    refuse(options, predicted.is_some())?;
    let mut compared = if let Some(file) = predicted {
        let plan = read_plan(file)?;
        let from = From {
            location: &before.location,
            roots: &before.roots,
            extras: Vec::new(),
        };
        let tried = evaluated(session, &options.config, &plan, &from)?.all;
        let before = before.clone();
        session.work(move |progress| prediction(&before, &plan, tried, progress))??
    } else {
        let plan = options.plan.as_deref().map(read_plan).transpose()?;
        let done = plan
            .as_ref()
            .map(|plan| done(session, &options.config, plan));
        let done = done.transpose()?.unwrap_or_default();
        let sides = (before.clone(), Side::of(&options.after, &base)?);
        let mut compared =
            session.work(move |progress| compared(&sides, plan.as_ref(), progress))??;
        for one in compared.held.iter_mut().flat_map(|held| &mut held.tries) {
            let step = one.planned.step;
            let evaluated = done.iter().find(|&&(at, _)| at == step);
            one.done = evaluated.map(|&(_, done)| done).or(one.done);
        }
        compared
    };
    for warning in &compared.sides.warnings {
        session.warn(warning);
    }
    let notes = compared.held.iter().flat_map(|held| &held.notes);
    for note in notes {
        session.warn(note);
    }
    let mut after_side = before.clone();
    if predicted.is_none() {
        after_side = Side::of(&options.after, &base)?;
    }
    let matching = match query {
        Some((query, text)) => Some((text, matching(session, &mut compared, query, text)?)),
        None => None,
    };
    let mut comparison = Comparison {
        subject: &compared.subject,
        before: named(&options.before, &compared.sides.before),
        after: named(&options.after, &compared.sides.after),
        diff: &compared.diff,
        predicted: predicted.is_some(),
        tried: None,
        held: compared.held.as_ref(),
        evidence: [None, None],
        found: &compared.sides.found,
        shown: matching
            .as_ref()
            .map(|(query, paths)| Shown { query, paths }),
        limit: options.limit,
    };
    if options.precise {
        let of = |of: DiffSide, side: &Side| {
            let references = comparison.told_references(of);
            reasons(session, &compared, &side.location, references)
        };
        comparison.evidence = [
            of(DiffSide::After, &after_side)?,
            of(DiffSide::Before, &before)?,
        ];
    }
    print(session.reader(format), |out| match format {
        Format::Json => comparison.json(out),
        Format::Csv => comparison.csv(out),
        Format::Markdown => comparison.markdown(session.paper().units, out),
        _ => comparison.text(session.paper(), out),
    })?;
    note(options, &compared)
}

/// What was typed that cannot be meant together.
fn refuse(options: &cli::Diff, is_predicted: bool) -> Result<(), Failure> {
    let (message, hint) = match is_predicted {
        true if options.plan.is_some() => (
            "--plan and plan: both name a plan, and only one side is real",
            "compare a plan with its outcome by --plan, or print its prediction by plan:",
        ),
        true if options.journal.is_some() => (
            "a journal records what exists, and plan: is a prediction",
            "leave --journal out, or name the closure that was built by the plan",
        ),
        true if options.filter.is_some() => (
            "--filter looks at paths that exist, and plan: is a prediction",
            "leave --filter out, or name the closure that was built by the plan",
        ),
        _ => return Ok(()),
    };
    Err(Failure::usage(message, hint))
}

/// What of the differences is shown, and how that was typed.
fn query(options: &cli::Diff) -> Result<Option<(Query, &str)>, Failure> {
    let Some(text) = &options.filter else {
        return Ok(None);
    };
    let query = filter::parse(text)?;
    if query.asks_for_files() {
        return Err(Failure::usage(
            "a comparison does not read the files of both sides, which this query asks for",
            "filter by what is known without them: change:arrived, nar>10MiB, name:perl*",
        ));
    }
    Ok(Some((query, text)))
}

/// The paths of both sides that match.
fn matching(
    session: &Session,
    compared: &mut Compared,
    query: Query,
    text: &str,
) -> Result<PathSet, Failure> {
    let Sides {
        graph,
        before,
        after,
        ..
    } = &compared.sides;
    let deltas = compared.diff.deltas(graph, before, after);
    compared.subject.take_deltas(deltas);
    let roots = [before.roots(), after.roots()].concat();
    let both = Closure::of(graph, &roots);
    let (subject, text) = (compared.subject.clone(), text.to_owned());
    session.work(move |progress| {
        filter::matching_beside(&subject.attached(progress), &both, &query, &text)
    })?
}

/// Writes the size of what is after down in the journal, if there is one.
fn note(options: &cli::Diff, compared: &Compared) -> Result<(), Failure> {
    let Some(file) = &options.journal else {
        return Ok(());
    };
    let record = record_of(&compared.subject, clock::now(), options.label.as_deref());
    let store_dir = compared.sides.graph.store_dir();
    journal::append(file, store_dir, &[record]).map_err(refused)
}

fn named<'a>(typed: &'a str, closure: &'a Closure) -> NamedClosure<'a> {
    NamedClosure { typed, closure }
}

/// Opens both sides and compares them.
fn compared(
    (before, after): &(Side, Side),
    plan: Option<&PlanFile>,
    progress: &Progress,
) -> Result<Compared, Failure> {
    let sides = open_sides(before, after, false, progress)?;
    let diff = Diff::of(&sides.graph, &sides.before, &sides.after, progress)?;
    let closures = (&*sides.before, &*sides.after);
    let held = plan.map(|plan| Held::of(&sides.graph, closures, &diff, plan, progress));
    let held = held.transpose().map_err(super::what_if::failure)?;
    Ok(Compared::of(sides, diff, held))
}

/// Opens one side and compares it with what a plan leaves of it.
fn prediction(
    before: &Side,
    plan: &PlanFile,
    tried: Option<Predicted>,
    progress: &Progress,
) -> Result<Compared, Failure> {
    let (loaded, before, closure) = begun(before, tried, progress)?;
    let applied = plan.apply(&loaded.graph, &closure);
    let mut warnings = Warnings::new();
    for note in &applied.notes {
        warnings.note(&note.to_string());
    }
    for done in &applied.done {
        warnings.note(&done.to_string());
    }
    let left = after(&loaded.graph, &closure, &applied.steps);
    let predicted = Closure::predicted(&loaded.graph, closure.roots(), left);
    let diff = Diff::of(&loaded.graph, &before, &predicted, progress)?;
    let mut all = loaded.warnings;
    all.extend(warnings.into_vec());
    let sides = Sides {
        graph: loaded.graph,
        before: Arc::new(before),
        after: Arc::new(predicted),
        warnings: all,
        origins: [loaded.origin.clone(), loaded.origin],
        found: loaded.found,
    };
    Ok(Compared::of(sides, diff, None))
}

/// What is there before a plan, and what its tries leave for its steps.
fn begun(
    before: &Side,
    tried: Option<Predicted>,
    progress: &Progress,
) -> Result<(Loaded, Closure, Closure), Failure> {
    if let Some(Predicted { prediction, .. }) = tried {
        let loaded = Loaded {
            graph: Arc::new(prediction.graph),
            roots: prediction.before.roots().to_vec(),
            warnings: Vec::new(),
            origin: String::new(),
            found: Arc::default(),
        };
        return Ok((loaded, prediction.before, prediction.after));
    }
    let request = Request {
        roots: before.roots.clone(),
        ..Request::default()
    };
    let loaded = open(&before.location)?.load(&request, progress)?;
    let closure = Closure::of(&loaded.graph, &loaded.roots);
    Ok((loaded, closure.clone(), closure))
}

impl Compared {
    fn of(sides: Sides, diff: Diff, held: Option<Held>) -> Self {
        let (graph, after) = (Arc::clone(&sides.graph), Arc::clone(&sides.after));
        Self {
            subject: Analysed::new(graph, after),
            sides,
            diff,
            held,
        }
    }
}

/// Looks into the files of referrers for what makes some references. That there are none is said, and nothing else lost.
fn reasons(
    session: &Session,
    compared: &Compared,
    location: &Location,
    references: Vec<Reference>,
) -> Result<Option<Evidence>, Failure> {
    if references.is_empty() {
        return Ok(None);
    }
    let graph = Arc::clone(&compared.sides.graph);
    let found = Arc::clone(&compared.sides.found);
    let mut places = store_files(location, graph.store_dir(), found);
    if let Some(archives) = archives(location)? {
        places = places.with_archives(archives);
    }
    let download = evidence::download(&places, &graph, references.clone(), &[]);
    files::announce(session, &places, &download);
    let limits = Limits::for_references(references.len());
    let found = session
        .work(move |progress| evidence::of_edges(&places, &graph, references, limits, progress))?;
    match found {
        Ok(found) => {
            for warning in &found.warnings {
                session.warn(warning);
            }
            Ok(Some(found))
        }
        Err(EvidenceError::Cancelled(cancelled)) => Err(cancelled.into()),
        Err(error) => {
            session.warn(&error);
            Ok(None)
        }
    }
}
