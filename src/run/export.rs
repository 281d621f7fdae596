//! `export`: the closure in formats for other programs.

use nix_heft::report::csv::Spreadsheet;
use nix_heft::report::dot;
use nix_heft::report::list::{List, Selection};

use crate::cli::{self, Format};

use super::failure::Failure;
use super::output::save;
use super::session::Session;

/// `export`
pub(super) fn export(session: &Session, options: cli::Export) -> Result<(), Failure> {
    let format = format(session, &options)?;
    let file = options.output.as_deref();
    let subject = session.load(options.roots, move |subject| {
        if format != Format::Dot {
            subject.closure_sizes()?;
            subject.dominators()?;
        }
        Ok(())
    })?;
    match format {
        Format::Dot => save(file, |out| dot::write(&subject, out)),
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
            "say --format csv, dot or json, or give --output a name that ends so",
        )
    })
}
