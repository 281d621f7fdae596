//! `export`: the closure in formats for other programs.

use crate::gate::Reader;
use std::path::Path;
use std::sync::Arc;

use crate::report::csv::Spreadsheet;
use crate::report::dot;
use crate::report::list::{List, Selection};
use crate::source::Request;
use crate::source::evidence;
use crate::source::evidence::findings::SavedFindings;
use crate::source::formats::snapshot;
use crate::source::gather::Gathered;

use crate::cli::{self, Format, Inside};

use super::failure::Failure;
use super::files;
use super::output::save;
use super::session::{Session, Subject};

/// `export`
pub(super) fn export(session: &Session, options: cli::Export) -> Result<(), Failure> {
    let format = format(session, &options)?;
    let file = options.output.as_deref();
    if format != Format::Snapshot && !options.with.is_empty() {
        return Err(Failure::usage(
            format!("--with is for snapshots, not for {}", format.name()),
            "`nix-heft files --format json` prints what was found in the files",
        ));
    }
    if format == Format::Snapshot && file.is_none() && session.is_terminal() {
        return Err(Failure::usage(
            "refusing to write a binary snapshot to a terminal",
            "name a file with --output",
        ));
    }
    let request = Request {
        roots: options.roots.roots,
        details: format == Format::Snapshot,
        ..Request::default()
    };
    let subject = session.load_request(request, move |subject| {
        if matches!(format, Format::Csv | Format::Json) {
            subject.closure_sizes()?;
            subject.dominators()?;
        }
        Ok(())
    })?;
    match format {
        Format::Dot => save(
            file,
            subject.graph().store_dir(),
            session.reader(format),
            |out| dot::write(&subject, session.paper().units, out),
        ),
        Format::Snapshot => snapshot(session, &subject, &options.with, file),
        Format::Csv => {
            let sheet = Spreadsheet::of(&subject)?;
            save(
                file,
                subject.graph().store_dir(),
                session.reader(format),
                |out| sheet.write(out),
            )
        }
        _ => {
            let everything = List::of(&subject, &Selection::default())?;
            save(
                file,
                subject.graph().store_dir(),
                session.reader(format),
                |out| everything.export(out),
            )
        }
    }
}

/// A snapshot is for programs alone: it goes to a file or into a pipe.
fn snapshot(
    session: &Session,
    subject: &Subject,
    with: &[Inside],
    file: Option<&Path>,
) -> Result<(), Failure> {
    let wanted = |inside| with.contains(&inside);
    let wants = (wanted(Inside::Files), wanted(Inside::Evidence));
    // What was carried here is carried on.
    let found = if with.is_empty() {
        Arc::clone(&subject.found)
    } else {
        Arc::new(found(session, subject, wants)?)
    };
    let (graph, roots) = (subject.graph(), subject.closure().roots());
    let title: Vec<String> = roots.iter().map(|&root| subject.label(root)).collect();
    save(file, subject.graph().store_dir(), Reader::Bytes, |out| {
        snapshot::write(out, graph, roots, &title.join(", "), &found)
    })
}

/// What a snapshot can carry of the files: what was carried already, what the files are, what makes the references.
fn found(
    session: &Session,
    subject: &Subject,
    wants: (bool, bool),
) -> Result<SavedFindings, Failure> {
    let (wants_files, wants_evidence) = wants;
    let places = session.files_or_archives(subject)?;
    if wants_evidence {
        let download = if wants_files {
            files::fetched(subject, &places)
        } else {
            let edges = evidence::references(subject.graph(), subject.closure());
            evidence::download(&places, subject.graph(), edges, &[])
        };
        files::announce(session, &places, &download);
    }
    let analysed = subject.analysed.clone();
    let outcome = session.work(move |progress| {
        let (graph, closure) = (analysed.graph(), analysed.closure());
        Gathered::of(&places, graph, closure, wants, progress)
    })?;
    let Gathered { found, warnings } = outcome.map_err(|error| files::failure(session, error))?;
    for warning in &warnings {
        session.warn(warning);
    }
    Ok(found)
}

/// What was said, or what the ending of the file says.
fn format(session: &Session, options: &cli::Export) -> Result<Format, Failure> {
    if let Some(format) = session.given_format()? {
        return Ok(format);
    }
    let output = options.output.as_deref();
    let ending = output.and_then(|name| Some(name.extension()?.to_str()?.to_lowercase()));
    let names = |format: Format| match format {
        // What the explorer calls its snapshots, too.
        Format::Snapshot => [format.name(), "heft"],
        _ => [format.name(); 2],
    };
    let mut known = session.formats().iter().copied();
    let found = known.find(|&format| {
        names(format)
            .iter()
            .any(|&name| Some(name) == ending.as_deref())
    });
    found.ok_or_else(|| {
        Failure::usage(
            "the format of the export is not known",
            "give --format csv, dot, json or snapshot, or give --output a name that ends so (.heft for a snapshot)",
        )
    })
}
