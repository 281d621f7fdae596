//! The roots of a store as a JSON document.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serialize;

use crate::analysis::blocks::Disk;
use crate::analysis::what_if::Total;
use crate::source::roots::gc::GcRoot;
use crate::source::roots::leftovers::Leftover;
use crate::source::roots::store_roots::RootRow;

use super::{RootsReport, stands_alone, told};
use crate::report::json::{Path, Paths, Totals, VERSION};
use crate::report::overlap;

impl RootsReport<'_> {
    /// Writes the JSON document. Its `roots` are objects, not paths as in other documents.
    pub fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        let (roots, graph) = (self.roots, &*self.roots.graph);
        let dead = self.asked.dead.then_some(&*roots.dead);
        let listed = told(roots).map(|(root, row)| self.root(root, row));
        let mut listed: Vec<RootBody<'_>> = listed.collect();
        listed.sort_by(|a, b| {
            let key =
                |root: &RootBody<'_>| std::cmp::Reverse((root.retained_size, root.closure_size));
            key(a).cmp(&key(b)).then_with(|| a.link.cmp(&b.link))
        });
        let rows = roots.rows.iter().enumerate();
        let broken = roots.listed.broken.iter().map(|one| BrokenBody {
            link: one.link.to_string_lossy(),
            problem: one.problem.word(),
        });
        let leaving = self.leaving();
        let commands = roots.commands(&self.asked.drop);
        let dropped: Vec<usize> = self.asked.drop.clone();
        let names: Vec<String> = dropped
            .iter()
            .map(|&at| roots.name(&roots.rows[at]))
            .collect();
        let document = RootsDocument {
            format: "nix-heft/roots",
            version: VERSION,
            store_dir: graph.store_dir().as_str(),
            totals: Totals::of(&roots.closure),
            alive: totals(roots.alive),
            all_roots_read: roots.listed.are_all_read(),
            roots: listed,
            rows: rows.map(|(at, row)| self.row(at, row)).collect(),
            broken: broken.collect(),
            overlap: overlap::Body::of(&roots.overlap, &self.subject),
            keep_derivations: roots.keep.derivations,
            keep_outputs: roots.keep.outputs,
            drop: self.freed.as_ref().map(|freed| DropBody {
                roots: &names,
                freed: totals(freed.total),
                freed_disk_size: self.freed_on_disk().map(Disk::exact).map(OnDisk),
                leaving: Paths(graph, &leaving),
                commands: &commands,
            }),
            dead_totals: dead.map(|_| totals(self.roots.dead_total)),
            dead: dead.map(|dead| Paths(graph, dead)),
            unregistered: dead.map(|_| {
                self.asked
                    .leftovers
                    .iter()
                    .map(|one| self.leftover(one))
                    .collect()
            }),
        };
        serde_json::to_writer(&mut *out, &document)?;
        out.write_all(b"\n")
    }

    fn root<'b>(&'b self, root: &'b GcRoot, row: &RootRow) -> RootBody<'b> {
        let graph = &*self.roots.graph;
        let target = graph.find(&root.target).unwrap_or(row.targets[0]);
        let overlap = self.roots.overlap.holdings.iter();
        let closure = if row.targets.len() == 1 {
            Some(row.closure)
        } else {
            let mut mine = overlap.filter(|holding| holding.root == target);
            mine.next().map(|holding| holding.closure)
        };
        let retained = match (stands_alone(row), &root.process) {
            (true, _) => row.alone.exact(),
            (false, None) => Some(0),
            (false, Some(_)) => None,
        };
        RootBody {
            link: root.link.to_string_lossy(),
            registered: root.registered.as_ref().map(|link| link.to_string_lossy()),
            target: Path(graph, target),
            kind: root.kind.word(),
            group: row.group.word(),
            owner: root.owner.as_deref(),
            created: root.created,
            profile: root
                .generation
                .as_ref()
                .map(|one| one.profile.to_string_lossy()),
            generation: root.generation.as_ref().map(|one| one.number),
            current: root.generation.as_ref().map(|one| one.current),
            process: root.process.as_ref().map(|one| one.number),
            process_name: root.process.as_ref().and_then(|one| one.name.as_deref()),
            closure_size: closure.and_then(|total| total.exact()),
            retained_size: retained,
        }
    }

    fn row<'b>(&'b self, at: usize, row: &'b RootRow) -> RowBody<'b> {
        let roots = self.roots;
        let blocks = self.asked.blocks.as_ref();
        let alone = self.alone_on_disk.as_ref();
        let name = |&other: &u32| roots.name(&roots.rows[other as usize]);
        RowBody {
            name: roots.name(row),
            group: row.group.word(),
            links: roots
                .roots_of(row)
                .map(|root| root.link.to_string_lossy())
                .collect(),
            targets: Paths(&roots.graph, &row.targets),
            closure: totals(row.closure),
            alone: totals(row.alone),
            disk_size: blocks.map(|blocks| OnDisk(roots.closure_on_disk(row, blocks).exact())),
            alone_disk_size: alone.map(|alone| OnDisk(alone[at].exact())),
            held_by: row.others.first.iter().map(name).collect(),
            held_by_count: row.others.all,
            commands: roots.commands(&[at]),
        }
    }

    fn leftover<'b>(&self, one: &'b Leftover) -> LeftoverBody<'b> {
        LeftoverBody {
            path: format!("{}/{}", self.roots.graph.store_dir(), one.name),
            name: &one.name,
            kind: one.kind.word(),
            disk_size: one.disk_size,
            claimed: one.claimed,
        }
    }
}

fn totals(total: Total) -> Totals {
    Totals::new(total.paths, total.nar_size, total.unknown)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RootsDocument<'a> {
    format: &'static str,
    version: u32,
    store_dir: &'a str,
    totals: Totals,
    alive: Totals,
    all_roots_read: bool,
    roots: Vec<RootBody<'a>>,
    rows: Vec<RowBody<'a>>,
    broken: Vec<BrokenBody<'a>>,
    #[serde(flatten)]
    overlap: overlap::Body<'a>,
    keep_derivations: bool,
    keep_outputs: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    drop: Option<DropBody<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dead_totals: Option<Totals>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dead: Option<Paths<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unregistered: Option<Vec<LeftoverBody<'a>>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RootBody<'a> {
    link: Cow<'a, str>,
    registered: Option<Cow<'a, str>>,
    target: Path<'a>,
    kind: &'static str,
    group: &'static str,
    owner: Option<&'a str>,
    created: Option<i64>,
    profile: Option<Cow<'a, str>>,
    generation: Option<u64>,
    current: Option<bool>,
    process: Option<u32>,
    process_name: Option<&'a str>,
    closure_size: Option<u64>,
    retained_size: Option<u64>,
}

/// Bytes on disk, if they were asked for: `null` where they are unknown.
#[derive(Serialize)]
#[serde(transparent)]
struct OnDisk(Option<u64>);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RowBody<'a> {
    name: String,
    group: &'static str,
    links: Vec<Cow<'a, str>>,
    targets: Paths<'a>,
    closure: Totals,
    alone: Totals,
    #[serde(skip_serializing_if = "Option::is_none")]
    disk_size: Option<OnDisk>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alone_disk_size: Option<OnDisk>,
    held_by: Vec<String>,
    held_by_count: usize,
    commands: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BrokenBody<'a> {
    link: Cow<'a, str>,
    problem: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DropBody<'a> {
    roots: &'a [String],
    freed: Totals,
    #[serde(skip_serializing_if = "Option::is_none")]
    freed_disk_size: Option<OnDisk>,
    leaving: Paths<'a>,
    commands: &'a [String],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LeftoverBody<'a> {
    path: String,
    name: &'a str,
    kind: &'static str,
    disk_size: Option<u64>,
    claimed: bool,
}
