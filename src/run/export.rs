//! `export`: the closure in formats for other programs.

use std::path::Path;

use nix_heft::report::Subject;
use nix_heft::report::csv::Spreadsheet;
use nix_heft::report::dot;
use nix_heft::report::list::{List, Selection};

use nix_heft::source::{Request, snapshot};

use crate::cli::{self, Format};

use super::failure::Failure;
use super::output::save;
use super::session::Session;

/// `export`
pub(super) fn export(session: &Session, options: cli::Export) -> Result<(), Failure> {
    let format = format(session, &options)?;
    let file = options.output.as_deref();
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
        Format::Dot => save(file, |out| dot::write(&subject, out)),
        Format::Snapshot => snapshot(session, &subject, file),
        Format::Csv => {
            let sheet = Spreadsheet::of(&subject)?;
            save(file, |out| sheet.write(out))
        }
        _ => {
            let everything = List::of(&subject, &Selection::default())?;
            save(file, |out| everything.export(out))
        }
    }
}

/// A snapshot is for programs alone: it goes to a file or into a pipe.
fn snapshot(session: &Session, subject: &Subject, file: Option<&Path>) -> Result<(), Failure> {
    if file.is_none() && session.is_terminal() {
        return Err(Failure::usage(
            "a snapshot is nothing for a terminal to show",
            "name a file with --output",
        ));
    }
    let (graph, roots) = (subject.graph(), subject.closure().roots());
    let title: Vec<String> = roots.iter().map(|&root| subject.label(root)).collect();
    save(file, |out| {
        snapshot::write(out, graph, roots, &title.join(", "), &[])
    })
}

/// What was said, or what the ending of the file says.
fn format(session: &Session, options: &cli::Export) -> Result<Format, Failure> {
    if let Some(format) = session.given_format()? {
        return Ok(format);
    }
    let output = options.output.as_deref();
    let ending = output.and_then(|name| name.extension()?.to_str());
    let mut known = session.formats().iter().copied();
    let found = known.find(|format| Some(format.name()) == ending);
    found.ok_or_else(|| {
        Failure::usage(
            "export in which format?",
            "say --format csv, dot, json or snapshot, or give --output a name that ends so",
        )
    })
}
