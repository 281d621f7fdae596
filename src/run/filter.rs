//! `--filter`: the paths of the closure that a query matches.

use nix_heft::analysis::cut::{Cutter, cut_sizes};
use nix_heft::analysis::query::{Context, Field, Query, QueryError, fuzzy};
use nix_heft::model::{PathId, PathSet};
use nix_heft::report::Subject;

use super::failure::Failure;

/// Reads a query, before anything is loaded.
pub(super) fn parse(text: &str) -> Result<Query, Failure> {
    Query::parse(text).map_err(|error| failure(&error, text))
}

/// The paths that match. `accidents` are those that only likely accidents hold, if files were read.
pub(super) fn matching(
    subject: &Subject,
    query: &Query,
    accidents: Option<&PathSet>,
    text: &str,
) -> Result<PathSet, Failure> {
    let (graph, closure) = (subject.graph(), subject.closure());
    let filter = query
        .resolve(graph, closure)
        .map_err(|error| failure(&error, text))?;
    let (mut cuts, mut best) = (None, None);
    for field in query.fields() {
        prepare(subject, field)?;
        if field == Field::CutSize && cuts.is_none() {
            cuts = Some(cut_sizes(graph, closure, subject.progress())?);
        }
        if field == Field::Leverage && best.is_none() {
            let cutter = Cutter::new(graph, closure, subject.dominators()?);
            best = Some(cutter.sizes(subject.progress())?);
        }
    }
    let cut_size = |id| Some(u64::from(cuts.as_ref()?[id]?));
    let best_size = |id| Some(u64::from(best.as_ref()?[id]?));
    let value = |field, id| match field {
        Field::CutSize => cut_size(id),
        Field::Leverage => leverage(subject, id, best_size(id)?),
        other => value(subject, other, id),
    };
    let word = |word: &str, id| fuzzy(word, graph.name(id));
    let context = Context {
        graph,
        value: &value,
        marked: &|_| false,
        accidental: &|id| Some(accidents?.contains(id)),
        word: &word,
    };
    let members = closure.members().iter();
    let matching = members.filter(|&id| filter.matches(&context, id));
    Ok(PathSet::of(graph.len(), matching))
}

fn failure(error: &QueryError, text: &str) -> Failure {
    let pointed_at = error.pointed_at(text).replace('\n', "\n  ");
    Failure::usage(
        format!("the query cannot be read: {error}\n  {pointed_at}"),
        "queries are made of words, comparisons and keys: perl nar>1MiB refs<2 under:systemd",
    )
}

fn prepare(subject: &Subject, field: Field) -> Result<(), Failure> {
    match field {
        Field::ClosureSize => subject.closure_sizes().map(|_| ())?,
        Field::RetainedSize | Field::RetainedCount | Field::Leverage => {
            subject.dominators().map(|_| ())?;
        }
        Field::Share => subject.shares().map(|_| ())?,
        _ => {}
    }
    Ok(())
}

fn value(subject: &Subject, field: Field, id: PathId) -> Option<u64> {
    let graph = subject.graph();
    match field {
        Field::NarSize => graph.nar_size(id),
        Field::DownloadSize => graph.info(id).download_size.get(),
        Field::ClosureSize => subject.closure_sizes().ok()?.get(id),
        Field::RetainedSize => subject.dominators().ok()?.retained_size(id),
        Field::RetainedCount => Some(subject.dominators().ok()?.retained_count(id).into()),
        Field::References => Some(graph.references(id).len() as u64),
        Field::Referrers => Some(subject.referrer_count(id)),
        Field::Depth => Some(subject.distances().depth[id].into()),
        Field::Level => Some(subject.distances().level[id].into()),
        // They take long, and are computed for all paths at once.
        Field::CutSize | Field::Leverage => None,
        Field::Share => subject.shares().ok()?.get(id),
        Field::DiskSize => subject.disk_size(id),
    }
}

fn leverage(subject: &Subject, id: PathId, references: u64) -> Option<u64> {
    let retained = subject.dominators().ok()?.retained_size(id)?;
    Some(retained / references.max(1))
}
