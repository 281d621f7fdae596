//! Printed answers: each file is one command, as text for people and as JSON for programs.
//!
//! A report first computes (it fails only when cancelled), then writes to a given `Write` (it can only fail
//! there). Nothing here knows the explorer, the command line or the terminal.

pub mod absent;
pub mod advise;
pub mod alive;
pub mod check;
pub mod csv;
pub mod cut;
pub mod diff;
pub mod dot;
pub mod dupes;
pub mod evidence;
pub mod files;
mod files_json;
mod fingerprint;
pub mod generations;
pub mod history;
pub mod json;
pub mod lines;
pub mod list;
pub mod markdown;
pub mod origins;
pub mod overlap;
pub mod paper;
pub mod remedies;
pub mod roots;
pub mod tree;
pub mod used;
pub mod what_if;
pub mod why;
pub mod xml;

use std::io::{self, Write};

pub use paper::Paper;

/// Most answers that are printed when a question has several.
pub const MOST_ANSWERS: usize = 10;

/// Writes several answers below each other, and how many more there would be.
pub fn several<T>(
    out: &mut dyn Write,
    answers: &[T],
    more: usize,
    mut write: impl FnMut(&T, &mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let count = answers.len() + more;
    if count > 1 {
        let count = crate::text::count(count as u64);
        writeln!(out, "{count} paths match, largest retained size first\n")?;
    }
    for (at, answer) in answers.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        write(answer, out)?;
    }
    match more {
        0 => Ok(()),
        _ => writeln!(out, "\nand {} more", crate::text::count(more as u64)),
    }
}
