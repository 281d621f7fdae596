//! `dupes`: packages that are there more than once, and what keeping one of each frees.
//!
//! ```text
//! systemd  2 variants, 50.1 MiB; with one of them 15.2 MiB less, predicted
//!     keep   36.1 MiB  systemd-254.6
//!     drop   14.0 MiB  systemd-minimal-254.6
//!   change  dbus-1.14.10
//! ```

use std::io::{self, Write};

use serde::Serialize;

use crate::analysis::duplicates::{TwinGroup, TwinKind, twins};
use crate::analysis::versions::same_version;
use crate::job::Cancelled;
use crate::model::PathId;
use crate::text;

use super::json::{self, Path, Paths};
use super::paper::{Ink, Paper, pad};
use crate::analysis::Analysed;

/// Referrers that are named for people.
const NAMED: usize = 5;

/// All groups, ready to be printed.
#[derive(Debug)]
pub struct Dupes<'a> {
    subject: &'a Analysed,
    groups: Vec<TwinGroup>,
}

impl<'a> Dupes<'a> {
    /// Finds the groups, largest savings first.
    pub fn of(subject: &'a Analysed) -> Result<Self, Cancelled> {
        let (graph, closure) = (subject.graph(), subject.closure());
        let groups = twins(graph, closure, subject.order(), subject.progress())?;
        Ok(Self { subject, groups })
    }

    /// Writes the groups for people.
    pub fn text(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        let groups = &self.groups;
        if groups.is_empty() {
            return writeln!(out, "No package is there more than once.");
        }
        let count = text::counted(groups.len(), "group");
        writeln!(
            out,
            "{count} of paths that could be one, largest savings first"
        )?;
        for group in groups {
            writeln!(out)?;
            self.group(paper, out, group)?;
        }
        Ok(())
    }

    fn group(&self, paper: Paper, out: &mut dyn Write, group: &TwinGroup) -> io::Result<()> {
        let package = text::sanitise(&group.package).into_owned();
        let what = match group.kind {
            TwinKind::Versions if same_version(self.subject.graph(), &group.paths) => "builds",
            TwinKind::Versions => "versions",
            TwinKind::Variants => "variants",
            TwinKind::SameContent => "paths of equal content",
        };
        let count = text::count(group.paths.len() as u64);
        let total = paper.total(group.total.nar_size, group.total.unknown);
        writeln!(
            out,
            "{}  {count} {what}, {total}; {}",
            paper.paint(Ink::Strong, &package),
            savings(paper, group),
        )?;
        let width = paper.size_column(self.subject.closure().known_nar_size());
        let mut members = group.paths.clone();
        members.sort_by_key(|&id| (id != group.keep, id));
        for id in members {
            self.member(paper, out, group, id, width)?;
        }
        if !group.referrers.is_empty() {
            let names = self.names(&group.referrers);
            let line = format!("  change  {names}");
            writeln!(out, "{}", paper.paint(Ink::Faint, &paper.fit(&line, 0)))?;
        }
        Ok(())
    }

    fn member(
        &self,
        paper: Paper,
        out: &mut dyn Write,
        group: &TwinGroup,
        id: PathId,
        width: usize,
    ) -> io::Result<()> {
        let refused = group.refused.iter().any(|&(member, _)| member == id);
        let (verdict, ink, note) = if id == group.keep {
            ("keep", Ink::Plain, "")
        } else if refused {
            ("stays", Ink::Warn, "  (replacing it would close a cycle)")
        } else if group.roots.contains(&id) {
            ("stays", Ink::Warn, "  (a root)")
        } else {
            ("replace", Ink::Good, "")
        };
        let size = paper.size(self.subject.graph().nar_size(id));
        let label = self.subject.label(id);
        let label = paper.fit(&label, width + 12 + note.len());
        writeln!(
            out,
            "  {}{}  {}{size}  {label}{}",
            pad(verdict, 7),
            paper.paint(ink, verdict),
            pad(&size, width),
            paper.paint(Ink::Faint, note)
        )
    }

    fn names(&self, ids: &[PathId]) -> String {
        let shown = ids.iter().take(NAMED);
        let names: Vec<String> = shown.map(|&id| self.subject.label(id)).collect();
        match ids.len().saturating_sub(NAMED) {
            0 => names.join(", "),
            more => format!("{} and {} more", names.join(", "), text::count(more as u64)),
        }
    }

    /// Writes the JSON document.
    pub fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        let groups: Vec<Group> = self.groups.iter().map(|group| self.body(group)).collect();
        json::write(out, self.subject, "dupes", Body { groups })
    }

    fn body<'b>(&'b self, group: &'b TwinGroup) -> Group<'b> {
        let graph = self.subject.graph();
        let refused = group.refused.iter().map(|(path, cycle)| Refused {
            path: Path(graph, *path),
            cycle: Paths(graph, cycle),
        });
        Group {
            pname: &group.package,
            kind: match group.kind {
                TwinKind::Versions => "versions",
                TwinKind::Variants => "variants",
                TwinKind::SameContent => "sameContent",
            },
            paths: Paths(graph, &group.paths),
            nar_size: group.total.exact(),
            savings: group.savings.exact(),
            keep: Path(graph, group.keep),
            replaced: Paths(graph, &group.replaced),
            refused: refused.collect(),
            roots: Paths(graph, &group.roots),
            referrers: Paths(graph, &group.referrers),
        }
    }
}

fn savings(paper: Paper, group: &TwinGroup) -> String {
    let freed = &group.savings;
    let bound = if freed.known { "" } else { "at least " };
    let bytes = paper.size_in_words(freed.nar_size.unsigned_abs());
    let which = if freed.nar_size < 0 { "more" } else { "less" };
    let words = format!("{bound}{bytes} {which}");
    format!(
        "with one of them {}, predicted",
        paper.paint(Ink::Good, &words)
    )
}

#[derive(Serialize)]
struct Body<'a> {
    groups: Vec<Group<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Group<'a> {
    pname: &'a str,
    kind: &'static str,
    paths: Paths<'a>,
    nar_size: Option<u64>,
    savings: Option<i64>,
    keep: Path<'a>,
    replaced: Paths<'a>,
    refused: Vec<Refused<'a>>,
    roots: Paths<'a>,
    referrers: Paths<'a>,
}

#[derive(Serialize)]
struct Refused<'a> {
    path: Path<'a>,
    cycle: Paths<'a>,
}
