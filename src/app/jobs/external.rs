//! Leaving the explorer for another program and coming back: a shell, a pager, an editor.

use std::cmp::Reverse;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::job::{Cancelled, Progress};
use crate::model::PathId;
use crate::source::files::inventory::Inventory;
use crate::text::{self, Units};

use crate::app::explore::Explore;
use crate::app::facts::Facts;

/// The most files that are listed.
const MOST_FILES: usize = 100_000;

/// Which program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExternalProgram {
    /// The user's shell.
    Shell,
    /// What shows texts.
    Pager,
    /// What edits files.
    Editor,
}

/// What is to be opened, and with what.
#[derive(Debug, Clone)]
pub struct OpenRequest {
    /// The program.
    pub program: ExternalProgram,
    /// The store path.
    pub id: PathId,
    /// What in it; empty for the path itself.
    pub inside: PathBuf,
    /// Which line, from 1.
    pub line: Option<u64>,
}

/// A request whose place was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch {
    /// The program.
    pub program: ExternalProgram,
    /// The file or directory.
    pub place: PathBuf,
    /// Which line, from 1.
    pub line: Option<u64>,
    /// What to show in place of a directory.
    pub listing: Option<String>,
}

impl OpenRequest {
    /// A request for a store path itself.
    pub fn of(program: ExternalProgram, id: PathId) -> Self {
        Self {
            program,
            id,
            inside: PathBuf::new(),
            line: None,
        }
    }

    /// Finds the place, and lists its files if it is a directory to be read.
    pub fn prepare(
        self,
        facts: &Facts,
        explore: &Explore,
        progress: &Progress,
    ) -> Result<Result<Launch, String>, Cancelled> {
        let graph = facts.graph();
        let places = explore.files(&facts.snapshot);
        let Some(place) = places.locate(graph.base_name(self.id)) else {
            let path = graph.path(self.id);
            return Ok(Err(format!("the files of {path} are not on this machine")));
        };
        let mut place = if self.inside == Path::new("") {
            place
        } else {
            place.join(&self.inside)
        };
        let directory = place.is_dir();
        let mut listing = None;
        match self.program {
            ExternalProgram::Shell if !directory => {
                place.pop();
            }
            ExternalProgram::Pager if directory => {
                let inventory = Inventory::read(&places, graph, [self.id], progress)?;
                let path = graph.path(self.id).to_string();
                listing = Some(files(&inventory, &path, explore.units));
            }
            _ => {}
        }
        Ok(Ok(Launch {
            program: self.program,
            place,
            line: self.line,
            listing,
        }))
    }
}

/// The files of a path, the largest first.
fn files(inventory: &Inventory, path: &str, units: Units) -> String {
    let mut files: Vec<_> = inventory.files.iter().collect();
    files.sort_by_key(|file| (Reverse(file.length), &file.relative));
    let bytes = files.iter().map(|file| file.length).sum();
    let count = text::counted(files.len(), "file");
    let mut listing = format!("{path}: {count}, {}\n\n", units.size(bytes));
    for file in files.iter().take(MOST_FILES) {
        let name = file.relative.display().to_string();
        let link = if file.symlink { "  link" } else { "" };
        let size = units.size(file.length);
        let _ = writeln!(listing, "{size:>12}  {}{link}", text::sanitise(&name));
    }
    if files.len() > MOST_FILES {
        let _ = writeln!(
            listing,
            "and {} more",
            text::count((files.len() - MOST_FILES) as u64)
        );
    }
    listing
}
