//! The JSON document of `files`.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use crate::model::{PathId, StoreGraph};
use crate::source::files::contents::Tally;
use crate::source::files::identical::IdenticalFiles;
use crate::source::files::usage::Usage;

use super::files::FilesReport;
use super::json::{self, Freed, Path, Paths};
use crate::analysis::Analysed;

impl FilesReport {
    /// Writes the JSON document.
    pub fn json(&self, subject: &Analysed, out: &mut dyn Write) -> io::Result<()> {
        let graph = subject.graph();
        let categories = self
            .categories
            .as_slice()
            .iter()
            .zip(&self.survey.kinds.total);
        let body = Body {
            totals: Sizes::of(&self.survey.total(), self.survey.is_on_disk()),
            missing: Paths(graph, &self.survey.missing),
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
        let tallies = self
            .survey
            .kinds
            .paths
            .get(&id)
            .map_or(&[][..], Vec::as_slice);
        let some = names.zip(tallies).filter(|(_, tally)| tally.files > 0);
        let here = self.survey.inventory.paths.get(&id);
        let elsewhere = self.survey.elsewhere.get(&id);
        let complete = here.map(|record| record.complete);
        let sums = self.survey.sums(id).unwrap_or_default();
        PathRow {
            path: Path(graph, id),
            nar_size: graph.nar_size(id),
            complete: complete.or(elsewhere.map(|one| one.complete)) == Some(true),
            by_names: elsewhere.is_some_and(|one| one.by_names),
            sizes: Sizes::of(&sums, here.is_some()),
            categories: some
                .map(|(name, tally)| (name, TallyRow::of(*tally)))
                .collect(),
        }
    }

    fn identical_body<'a>(&'a self, graph: &'a StoreGraph) -> Option<IdenticalBody<'a>> {
        let identical = self.identical.as_ref()?;
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
        Some(IdenticalBody {
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
        })
    }

    fn accidental_body<'a>(&'a self, graph: &'a StoreGraph) -> Option<AccidentalBody<'a>> {
        let waste = self.waste.as_ref()?;
        let references = waste.references.iter().map(|edge| AccidentalReference {
            from: Path(graph, edge.from),
            to: Path(graph, edge.to),
            class: edge.class.key(),
            freed: Freed::of(&edge.freed),
        });
        let paths = waste.paths.iter().map(|path| AccidentalPath {
            path: Path(graph, path.path),
            references: path.references,
            freed: Freed::of(&path.freed),
        });
        Some(AccidentalBody {
            freed: Freed::of(&waste.freed),
            references: references.collect(),
            paths: paths.collect(),
        })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    totals: Sizes,
    missing: Paths<'a>,
    categories: Vec<CategoryRow<'a>>,
    paths: Vec<PathRow<'a>>,
    identical: Option<IdenticalBody<'a>>,
    accidental: Option<AccidentalBody<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Sizes {
    files: u64,
    symlinks: u64,
    directories: u64,
    payload: u64,
    apparent_size: Option<u64>,
    disk_size: Option<u64>,
    exclusive: Option<u64>,
    shared: Option<u64>,
    outside: Option<u64>,
    linked: Option<u64>,
}

impl Sizes {
    /// What files take on disk is unknown where they are not.
    fn of(usage: &Usage, on_disk: bool) -> Self {
        let known = |bytes| Some(bytes).filter(|_| on_disk);
        Self {
            files: usage.files,
            symlinks: usage.symlinks,
            directories: usage.directories,
            payload: usage.payload,
            apparent_size: known(usage.apparent),
            disk_size: known(usage.allocated),
            exclusive: known(usage.exclusive),
            shared: known(usage.shared),
            outside: known(usage.outside),
            linked: known(usage.linked),
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
struct TallyRow {
    files: u64,
    bytes: u64,
}

impl TallyRow {
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
    by_names: bool,
    #[serde(flatten)]
    sizes: Sizes,
    categories: BTreeMap<&'a str, TallyRow>,
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
