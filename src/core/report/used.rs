//! `files --used`: which files of a path its referrers name, and which nothing names.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path as FilePath;

use serde::Serialize;

use crate::analysis::Analysed;
use crate::model::PathId;
use crate::source::evidence::used::{Use, UsedFiles};
use crate::text;

use super::json::{self, Path, Paths};
use super::paper::{Ink, Paper, pad};

/// Directories and files that are listed for people.
const LISTED: usize = 20;

const KINDS: [(Use, &str); 4] = [
    (Use::Path, "named by path"),
    (Use::Loader, "taken by loaders"),
    (Use::Directory, "in named directories"),
    (Use::Nothing, "named by nothing"),
];

/// Writes it for people.
pub fn text(
    subject: &Analysed,
    target: PathId,
    used: &UsedFiles,
    paper: Paper,
    out: &mut dyn Write,
) -> io::Result<()> {
    let label = subject.label(target);
    let bytes = used.files.iter().map(|file| file.size).sum();
    let count = text::counted(used.files.len(), "file");
    let size = paper.size_in_words(bytes);
    writeln!(
        out,
        "Which files of {} are used? {size} in {count}",
        paper.paint(Ink::Strong, &label)
    )?;
    for (how, words) in KINDS {
        let (count, bytes) = used.total(how);
        let size = paper.size(Some(bytes));
        let count = text::counted(count, "file");
        writeln!(
            out,
            "  {words}{}  {}{size} in {count}",
            pad(words, 20),
            pad(&size, 10)
        )?;
    }
    directories(subject, used, paper, out)?;
    largest_unnamed(used, paper, out)?;
    match used.incomplete.len() {
        0 => Ok(()),
        more => writeln!(
            out,
            "\n  {} could not all be read: they may use more",
            text::counted(more, "referrer")
        ),
    }
}

fn directories(
    subject: &Analysed,
    used: &UsedFiles,
    paper: Paper,
    out: &mut dyn Write,
) -> io::Result<()> {
    if used.directories.is_empty() {
        return Ok(());
    }
    paper.heading(out, "directories named as a whole")?;
    for (directory, by) in used.directories.iter().take(LISTED) {
        let names: Vec<String> = by.iter().take(3).map(|&id| subject.label(id)).collect();
        let more = match by.len().saturating_sub(3) {
            0 => String::new(),
            more => format!(" and {} more", text::count(more as u64)),
        };
        writeln!(
            out,
            "    {}  by {}{more}",
            shown(directory),
            names.join(", ")
        )?;
    }
    more_than(used.directories.len(), out)
}

/// The directories with most bytes that nothing names.
fn largest_unnamed(used: &UsedFiles, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
    let mut sums: BTreeMap<&FilePath, u64> = BTreeMap::new();
    for file in used.files.iter().filter(|file| file.how == Use::Nothing) {
        let parts = file.file.ancestors().skip(1).collect::<Vec<_>>();
        // Two levels say enough: share/man, lib/perl5.
        let directory = parts.iter().rev().nth(2.min(parts.len().saturating_sub(1)));
        *sums
            .entry(directory.copied().unwrap_or(FilePath::new("")))
            .or_default() += file.size;
    }
    let mut sums: Vec<(&FilePath, u64)> = sums.into_iter().collect();
    sums.sort_by_key(|&(path, bytes)| (std::cmp::Reverse(bytes), path));
    if sums.is_empty() {
        return Ok(());
    }
    paper.heading(out, "named by nothing")?;
    for &(directory, bytes) in sums.iter().take(LISTED) {
        let size = paper.size(Some(bytes));
        writeln!(out, "    {}{size}  {}", pad(&size, 10), shown(directory))?;
    }
    more_than(sums.len(), out)
}

fn more_than(count: usize, out: &mut dyn Write) -> io::Result<()> {
    match count.saturating_sub(LISTED) {
        0 => Ok(()),
        more => writeln!(out, "    and {} more", text::count(more as u64)),
    }
}

fn shown(path: &FilePath) -> String {
    if path.as_os_str().is_empty() {
        return "all of it".to_owned();
    }
    text::sanitise(&path.to_string_lossy()).into_owned()
}

/// Writes the JSON document.
pub fn json(
    subject: &Analysed,
    target: PathId,
    used: &UsedFiles,
    out: &mut dyn Write,
) -> io::Result<()> {
    let graph = subject.graph();
    let directories: Vec<(String, Vec<PathId>)> = used
        .directories
        .iter()
        .map(|(path, by)| {
            (
                path.to_string_lossy().into_owned(),
                by.iter().copied().collect(),
            )
        })
        .collect();
    let total = |how| {
        let (files, bytes) = used.total(how);
        Sum { files, bytes }
    };
    let body = UsedBody {
        target: Path(graph, target),
        used: Totals {
            path: total(Use::Path),
            loader: total(Use::Loader),
            directory: total(Use::Directory),
            nothing: total(Use::Nothing),
        },
        directories: directories
            .iter()
            .map(|(directory, by)| Directory {
                directory,
                by: Paths(graph, by),
            })
            .collect(),
        files: used
            .files
            .iter()
            .map(|file| FileBody {
                file: file.file.to_string_lossy().into_owned(),
                bytes: file.size,
                how: match file.how {
                    Use::Path => Some("path"),
                    Use::Loader => Some("loader"),
                    Use::Directory => Some("directory"),
                    Use::Nothing => None,
                },
                by: Paths(graph, &file.by),
            })
            .collect(),
        incomplete: Paths(graph, &used.incomplete),
    };
    json::write(out, subject, "files", body)
}

#[derive(Serialize)]
struct UsedBody<'a> {
    target: Path<'a>,
    used: Totals,
    directories: Vec<Directory<'a>>,
    files: Vec<FileBody<'a>>,
    incomplete: Paths<'a>,
}

#[derive(Serialize)]
struct Totals {
    path: Sum,
    loader: Sum,
    directory: Sum,
    nothing: Sum,
}

#[derive(Serialize)]
struct Sum {
    files: usize,
    bytes: u64,
}

#[derive(Serialize)]
struct Directory<'a> {
    directory: &'a str,
    by: Paths<'a>,
}

#[derive(Serialize)]
struct FileBody<'a> {
    file: String,
    bytes: u64,
    how: Option<&'static str>,
    by: Paths<'a>,
}
