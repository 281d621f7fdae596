//! The commands that look into files: `files`, the evidence of `why --precise`, and the word `accidental` of `--filter`.

use crate::model::PathId;
use crate::report;
use crate::report::files::FilesReport;
use crate::source::evidence::accidents::accidental_paths;
use crate::source::evidence::used;
use crate::source::evidence::{self, Download, Evidence, EvidenceError, Limits};
use crate::source::files::disk_sizes::DiskSizes;
use crate::source::files::places::StoreFiles;
use crate::source::files::survey::Survey;
use crate::text;

use crate::cli::{self, Format};

use super::failure::Failure;
use super::output::print;
use super::session::{Session, Subject, dominators};
use super::target;

/// `files`
pub(super) fn files(session: &Session, options: cli::Files) -> Result<(), Failure> {
    let format = session.format()?;
    let subject = session.load(options.roots, dominators)?;
    if let Some(selector) = &options.used {
        return used(session, &subject, selector);
    }
    let places = session.files_or_archives(&subject)?;
    let precise = options.precise;
    if precise {
        let fetched = fetched(&subject, &places);
        announce(session, &places, &fetched);
    }
    let analysed = subject.analysed.clone();
    let (places, files) = session.work(move |progress| {
        let files = FilesReport::of(&analysed, &places, precise, progress);
        (places, files)
    })?;
    let files = files.map_err(|error| match error {
        EvidenceError::NoFiles { .. } if !precise => unlisted(session, &subject, &places, error),
        _ => failure(session, error),
    })?;
    if !precise && files.archives_tell_more() {
        let amount = amount(session, &fetched(&subject, &places));
        session.note(&format_args!("--precise reads the archives: {amount}"));
    }
    for warning in &files.warnings {
        session.warn(warning);
    }
    print(session.reader(format), |out| match format {
        Format::Json => files.json(&subject, out),
        _ => files.text(&subject, session.paper(), out),
    })
}

/// `files --used`
fn used(session: &Session, subject: &Subject, selector: &str) -> Result<(), Failure> {
    let format = session.format()?;
    let target = target::only_one(subject, selector)?;
    let places = session.files(subject);
    let analysed = subject.analysed.clone();
    let found = session.work(move |progress| {
        used::used(
            &places,
            analysed.graph(),
            analysed.closure(),
            target,
            progress,
        )
    })?;
    let found = found.map_err(|error| failure(session, error))?;
    print(session.reader(format), |out| match format {
        Format::Json => report::used::json(subject, target, &found, out),
        _ => report::used::text(subject, target, &found, session.paper(), out),
    })
}

/// Looks for what holds some references.
pub(super) fn evidence(
    session: &Session,
    subject: &Subject,
    edges: Vec<(PathId, PathId)>,
    format: Format,
) -> Result<Evidence, Failure> {
    let places = session.files_or_archives(subject)?;
    let download = evidence::download(&places, subject.graph(), edges.clone(), &[]);
    announce(session, &places, &download);
    let graph = subject.shared_graph();
    let limits = match (format, edges.len()) {
        (Format::Json, many) => Limits::for_programs(many),
        (_, 0..100) => Limits::DETAILED,
        (_, many) => Limits::for_references(many),
    };
    let found = session
        .work(move |progress| evidence::of_edges(&places, &graph, edges, limits, progress))?;
    let found = found.map_err(|error| failure(session, error))?;
    for warning in &found.warnings {
        session.warn(warning);
    }
    Ok(found)
}

/// What looking into all files of a closure would fetch.
pub(super) fn fetched(subject: &Subject, places: &StoreFiles) -> Download {
    let (graph, closure) = (subject.graph(), subject.closure());
    let counted = Survey::only_in_archives(places, graph, closure.members());
    let edges = evidence::references(graph, closure);
    evidence::download(places, graph, edges, &counted)
}

/// Says what will be fetched from a binary cache, before it is.
pub(super) fn announce(session: &Session, places: &StoreFiles, download: &Download) {
    let Some(archives) = places.archives().filter(|_| download.archives > 0) else {
        return;
    };
    session.note(&format_args!(
        "reading {} of {}: {}",
        text::counted(download.archives as usize, "archive"),
        text::sanitise(archives.url()),
        amount(session, download),
    ));
}

fn amount(session: &Session, download: &Download) -> String {
    let paper = session.paper();
    format!(
        "{} to fetch, {} unpacked",
        paper.total(download.packed, download.unknown as usize),
        paper.total(download.unpacked, download.unpacked_unknown as usize),
    )
}

/// There are no files, and the binary cache has no listings of them.
fn unlisted(
    session: &Session,
    subject: &Subject,
    places: &StoreFiles,
    error: EvidenceError,
) -> Failure {
    let Some(archives) = places.archives() else {
        return failure(session, error);
    };
    let amount = amount(session, &fetched(subject, places));
    let url = text::sanitise(archives.url());
    let useless = matches!(&error, EvidenceError::NoFiles { beyond, .. } if !beyond.is_empty());
    let listings = if useless { "no usable" } else { "no" };
    Failure::because(
        format!("{error}, and {url} has {listings} listings of them"),
        format!("--precise reads the archives: {amount}"),
    )
}

/// Finds the paths of the closure that only likely accidents hold.
pub(super) fn read_accidents(session: &Session, subject: &mut Subject) -> Result<(), Failure> {
    let places = session.files_or_archives(subject)?;
    let edges = evidence::references(subject.graph(), subject.closure());
    let download = evidence::download(&places, subject.graph(), edges, &[]);
    announce(session, &places, &download);
    let analysed = subject.analysed.clone();
    let found = session.work(move |progress| {
        let analysed = analysed.attached(progress);
        accidental_paths(&analysed, &places)
    })?;
    let (paths, found) = found.map_err(|error| failure(session, error))?;
    for warning in &found.warnings {
        session.warn(warning);
    }
    subject.analysed.take_accidents(paths);
    Ok(())
}

/// Looks up what every path of the closure takes on disk.
pub(super) fn read_disk_sizes(session: &Session, subject: &mut Subject) -> Result<(), Failure> {
    let places = session.files(subject);
    let analysed = subject.analysed.clone();
    let found = session.work(move |progress| DiskSizes::read(&analysed, &places, progress))??;
    for warning in &found.warnings {
        session.warn(warning);
    }
    subject.analysed.take_disk_sizes(found.sizes);
    Ok(())
}

pub(super) fn failure(session: &Session, error: EvidenceError) -> Failure {
    let hint = match &error {
        EvidenceError::NoFiles { .. } if session.leaves_cache_alone() => Some(
            "--offline forbids asking the binary cache for them, and files are not remembered: leave it out",
        ),
        _ => error.hint(),
    };
    let hint = hint.map(str::to_owned);
    Failure::new(error, hint)
}
