//! The JSON document of `files`.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use crate::model::{PathId, StoreGraph};
use crate::source::disk_usage::Usage;
use crate::source::files_kinds::Tally;
use crate::source::identical::IdenticalFiles;

use super::Subject;
use super::files::Files;
use super::json::{self, Freed, Path, Paths};

impl Files {
    /// Writes the JSON document.
    pub fn json(&self, subject: &Subject, out: &mut dyn Write) -> io::Result<()> {
        let graph = subject.graph();
        let categories = self.categories.as_slice().iter().zip(&self.kinds.total);
        let body = Body {
            totals: Sizes::of(&self.usage.total),
            missing: Paths(graph, &self.inventory.absent),
            categories: categories
                .map(|(category, tally)| CategoryRow {
                    name: &category.name,
                    title: &category.title,
                    files: tally.files,
                    bytes: tally.bytes,
                })
                .collect(),
            paths: self
                .largest()
                .into_iter()
                .map(|id| self.path_row(graph, id))
                .collect(),
            identical: self.identical_body(graph),
            accidental: self.accidental_body(graph),
        };
        json::write(out, subject, "files", body)
    }

    fn path_row<'a>(&'a self, graph: &'a StoreGraph, id: PathId) -> PathRow<'a> {
        let names = self
            .categories
            .as_slice()
            .iter()
            .map(|category| category.name.as_str());
        let tallies = self.kinds.paths.get(&id).map_or(&[][..], Vec::as_slice);
        let some = names.zip(tallies).filter(|(_, tally)| tally.files > 0);
        let record = self.inventory.paths.get(&id);
        PathRow {
            path: Path(graph, id),
            nar_size: graph.nar_size(id),
            complete: record.is_some_and(|record| record.complete),
            sizes: Sizes::of(&self.usage.paths[&id]),
            categories: some.map(|(name, tally)| (name, Row::of(*tally))).collect(),
        }
    }

    fn identical_body<'a>(&'a self, graph: &'a StoreGraph) -> IdenticalBody<'a> {
        let identical = &self.identical;
        let paths = identical.paths.iter().map(|&(id, savings)| PathSavings {
            path: Path(graph, id),
            duplicated: savings.duplicated,
            within: savings.within,
        });
        let pairs = identical.pairs.iter().map(|pair| PairSavings {
            first: Path(graph, pair.first),
            second: Path(graph, pair.second),
            files: pair.files,
            saved: pair.saved,
        });
        IdenticalBody {
            group_count: identical.group_count,
            links: identical.links,
            saved: identical.saved,
            saved_on_disk: identical.saved_on_disk,
            groups: identical
                .groups
                .iter()
                .map(|group| Group::of(graph, group))
                .collect(),
            paths: paths.collect(),
            pairs: pairs.collect(),
        }
    }

    fn accidental_body<'a>(&'a self, graph: &'a StoreGraph) -> AccidentalBody<'a> {
        let references = self
            .waste
            .references
            .iter()
            .map(|edge| AccidentalReference {
                from: Path(graph, edge.from),
                to: Path(graph, edge.to),
                class: edge.class.key(),
                freed: Freed::of(&edge.freed),
            });
        let paths = self.waste.paths.iter().map(|path| AccidentalPath {
            path: Path(graph, path.path),
            references: path.references,
            freed: Freed::of(&path.freed),
        });
        AccidentalBody {
            freed: Freed::of(&self.waste.freed),
            references: references.collect(),
            paths: paths.collect(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    totals: Sizes,
    missing: Paths<'a>,
    categories: Vec<CategoryRow<'a>>,
    paths: Vec<PathRow<'a>>,
    identical: IdenticalBody<'a>,
    accidental: AccidentalBody<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Sizes {
    files: u64,
    symlinks: u64,
    directories: u64,
    payload: u64,
    apparent_size: u64,
    disk_size: u64,
    exclusive: u64,
    shared: u64,
    outside: u64,
    linked: u64,
}

impl Sizes {
    fn of(usage: &Usage) -> Self {
        Self {
            files: usage.files,
            symlinks: usage.symlinks,
            directories: usage.directories,
            payload: usage.payload,
            apparent_size: usage.apparent,
            disk_size: usage.allocated,
            exclusive: usage.exclusive,
            shared: usage.shared,
            outside: usage.outside,
            linked: usage.linked,
        }
    }
}

#[derive(Serialize)]
struct CategoryRow<'a> {
    name: &'a str,
    title: &'a str,
    files: u64,
    bytes: u64,
}

#[derive(Serialize)]
struct Row {
    files: u64,
    bytes: u64,
}

impl Row {
    fn of(tally: Tally) -> Self {
        Self {
            files: tally.files,
            bytes: tally.bytes,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PathRow<'a> {
    path: Path<'a>,
    nar_size: Option<u64>,
    complete: bool,
    #[serde(flatten)]
    sizes: Sizes,
    categories: BTreeMap<&'a str, Row>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct IdenticalBody<'a> {
    group_count: u64,
    links: u64,
    saved: u64,
    saved_on_disk: u64,
    groups: Vec<Group<'a>>,
    paths: Vec<PathSavings<'a>>,
    pairs: Vec<PairSavings<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Group<'a> {
    length: u64,
    copies: u64,
    saved: u64,
    saved_on_disk: u64,
    files: Vec<Name<'a>>,
}

impl<'a> Group<'a> {
    fn of(graph: &'a StoreGraph, group: &IdenticalFiles) -> Self {
        let name = |(owner, file): &(PathId, std::path::PathBuf)| Name {
            path: Path(graph, *owner),
            file: file.to_string_lossy().into_owned(),
        };
        Self {
            length: group.length,
            copies: group.copies,
            saved: group.saved,
            saved_on_disk: group.saved_on_disk,
            files: group.files.iter().map(name).collect(),
        }
    }
}

#[derive(Serialize)]
struct Name<'a> {
    path: Path<'a>,
    file: String,
}

#[derive(Serialize)]
struct PathSavings<'a> {
    path: Path<'a>,
    duplicated: u64,
    within: u64,
}

#[derive(Serialize)]
struct PairSavings<'a> {
    first: Path<'a>,
    second: Path<'a>,
    files: u64,
    saved: u64,
}

#[derive(Serialize)]
struct AccidentalBody<'a> {
    freed: Freed,
    references: Vec<AccidentalReference<'a>>,
    paths: Vec<AccidentalPath<'a>>,
}

#[derive(Serialize)]
struct AccidentalReference<'a> {
    from: Path<'a>,
    to: Path<'a>,
    class: &'static str,
    freed: Freed,
}

#[derive(Serialize)]
struct AccidentalPath<'a> {
    path: Path<'a>,
    references: usize,
    freed: Freed,
}
