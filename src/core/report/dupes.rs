//! `dupes`: packages that occur more than once, and what keeping one of each frees.
//!
//! ```text
//! systemd  2 variants, 14.6 MiB; with one of them 6.4 MiB less, predicted
//!      keep     8.2 MiB  systemd-252.39
//!   replace     6.4 MiB  systemd-minimal-252.39
//!   change  dbus-1.14.10
//! ```

use std::io::{self, Write};

use serde::Serialize;

use crate::analysis::duplicates::{Aside, AsideKind, Brought, DuplicateGroup, Duplicates};
use crate::analysis::what_if::Difference;
use crate::job::Cancelled;
use crate::model::PathId;
use crate::text;

use super::json::{self, Edge, Freed, Path, Paths};
use super::paper::{Ink, Paper, pad};
use crate::analysis::Analysed;

/// Referrers that are named for people.
const NAMED: usize = 5;

/// All groups, ready to be printed.
#[derive(Debug)]
pub struct Dupes<'a> {
    subject: &'a Analysed,
    groups: Vec<DuplicateGroup>,
    brought: Vec<Brought>,
    aside: Vec<Aside>,
}

impl<'a> Dupes<'a> {
    /// Finds the groups, largest savings first. `known` tells for what platform a C library was made, if that is known.
    pub fn of(
        subject: &'a Analysed,
        known: &dyn Fn(PathId) -> Option<String>,
    ) -> Result<Self, Cancelled> {
        let found = Duplicates::of(
            subject.graph(),
            subject.closure(),
            subject.order(),
            subject.dominators()?,
            known,
            subject.progress(),
        )?;
        Ok(Self {
            subject,
            groups: found.groups,
            brought: found.brought,
            aside: found.aside,
        })
    }

    /// Writes the groups for people.
    pub fn text(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        let groups = &self.groups;
        if groups.is_empty() {
            writeln!(out, "No package occurs more than once.")?;
            return self.aside_text(paper, out);
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
        self.brought_text(paper, out)?;
        self.aside_text(paper, out)
    }

    fn brought_text(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        if self.brought.is_empty() {
            return Ok(());
        }
        writeln!(out, "\ngroups brought in by a single package")?;
        for one in &self.brought {
            let names: Vec<&str> = one
                .groups
                .iter()
                .map(|&at| &*self.groups[at].package)
                .collect();
            let count = text::counted(names.len(), "group");
            writeln!(
                out,
                "\n{}  brings {count}; {}",
                paper.paint(Ink::Strong, &self.subject.label(one.by)),
                savings(paper, &one.savings, "with one of each"),
            )?;
            let line = format!("  {}", text::sanitise(&names.join(", ")));
            writeln!(out, "{}", paper.paint(Ink::Faint, &paper.fit(&line, 0)))?;
        }
        Ok(())
    }

    fn aside_text(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        let mut last = None;
        for aside in &self.aside {
            if last != Some(aside.kind) {
                writeln!(out, "\n{}", paper.paint(Ink::Faint, heading(aside.kind)))?;
                last = Some(aside.kind);
            }
            let count = text::counted(aside.paths.len(), "path");
            let total = paper.total(aside.total.nar_size, aside.total.unknown);
            let name = text::sanitise(&aside.name).into_owned();
            writeln!(
                out,
                "  {}  {count}, {total}",
                paper.paint(Ink::Strong, &name)
            )?;
            self.aside_rows(paper, out, aside)?;
        }
        Ok(())
    }

    fn aside_rows(&self, paper: Paper, out: &mut dyn Write, aside: &Aside) -> io::Result<()> {
        let label = |id| self.subject.label(id);
        let faint = |line: String| paper.fit(&line, 0).into_owned();
        for &(from, to) in aside.brings.iter().take(NAMED) {
            writeln!(out, "    brought by {} → {}", label(from), label(to))?;
        }
        if let Some(more @ 1..) = aside.brings.len().checked_sub(NAMED) {
            writeln!(out, "    and {} more", text::counted(more, "reference"))?;
        }
        if let Some(freed) = &aside.freed {
            writeln!(
                out,
                "    without it {} less, predicted",
                freed_in_words(paper, freed)
            )?;
        }
        for member in &aside.members {
            let freed = freed_in_words(paper, &member.freed);
            let line = format!(
                "    {}  {freed} leave with it; held by {}",
                label(member.path),
                self.names(&member.referrers)
            );
            writeln!(out, "{}", faint(line))?;
        }
        if aside.brings.is_empty() && aside.members.is_empty() {
            let line = format!("    {}", self.names(&aside.paths));
            writeln!(out, "{}", paper.paint(Ink::Faint, &faint(line)))?;
        }
        Ok(())
    }

    fn group(&self, paper: Paper, out: &mut dyn Write, group: &DuplicateGroup) -> io::Result<()> {
        let package = text::sanitise(&group.package).into_owned();
        let what = group.word(self.subject.graph());
        let count = text::count(group.paths.len() as u64);
        let total = paper.total(group.total.nar_size, group.total.unknown);
        writeln!(
            out,
            "{}  {count} {what}, {total}; {}",
            paper.paint(Ink::Strong, &package),
            savings(paper, &group.savings, "with one of them"),
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
        group: &DuplicateGroup,
        id: PathId,
        width: usize,
    ) -> io::Result<()> {
        let refused = group.refused.iter().any(|&(member, _)| member == id);
        let (verdict, ink, note) = if id == group.keep {
            ("keep", Ink::Plain, "")
        } else if refused {
            ("stays", Ink::Warn, "  (replacing it would close a cycle)")
        } else if self.subject.closure().is_root(id) {
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
        let graph = self.subject.graph();
        let groups = self.groups.iter().map(|group| self.body(group));
        let aside = self.aside.iter().map(|aside| self.aside_body(aside));
        let brought = self.brought.iter().map(|brought| BroughtBody {
            by: Path(graph, brought.by),
            groups: &brought.groups,
            savings: brought.savings.exact(),
        });
        let body = Body {
            groups: groups.chain(aside).collect(),
            brought: brought.collect(),
        };
        json::write(out, self.subject, "dupes", body)
    }

    fn body<'b>(&'b self, group: &'b DuplicateGroup) -> Group<'b> {
        let graph = self.subject.graph();
        let refused = group.refused.iter().map(|(path, cycle)| Refused {
            path: Path(graph, *path),
            cycle: Paths(graph, cycle),
        });
        Group {
            pname: &group.package,
            kind: group.kind.key(),
            paths: Paths(graph, &group.paths),
            nar_size: group.total.exact(),
            savings: group.savings.exact(),
            keep: Some(Path(graph, group.keep)),
            replaced: Paths(graph, &group.replaced),
            refused: refused.collect(),
            roots: Paths(graph, &group.roots),
            referrers: Paths(graph, &group.referrers),
            brings: None,
            freed: None,
            members: None,
        }
    }

    fn aside_body<'b>(&'b self, aside: &'b Aside) -> Group<'b> {
        let graph = self.subject.graph();
        let members = aside.members.iter().map(|member| MemberBody {
            path: Path(graph, member.path),
            referrers: Paths(graph, &member.referrers),
            freed: Freed::of(&member.freed),
        });
        let brings = aside.brings.iter().map(|&edge| Edge::new(graph, edge));
        let kind = aside.kind;
        Group {
            pname: &aside.name,
            kind: kind.key(),
            paths: Paths(graph, &aside.paths),
            nar_size: aside.total.exact(),
            savings: None,
            keep: None,
            replaced: Paths(graph, &[]),
            refused: Vec::new(),
            roots: Paths(graph, &[]),
            referrers: Paths(graph, &[]),
            brings: (kind == AsideKind::Platforms).then(|| brings.collect()),
            freed: aside.freed.as_ref().map(Freed::of),
            members: (kind == AsideKind::Alternatives).then(|| members.collect()),
        }
    }
}

fn heading(kind: AsideKind) -> &'static str {
    match kind {
        AsideKind::Platforms => "for another platform: not duplicates, but all brought in by this",
        AsideKind::Coexisting => "several major versions: what needs one cannot use another",
        AsideKind::Stages => "bootstrap stages: one builds the next",
        AsideKind::Alternatives => "different packages for the same job",
    }
}

fn freed_in_words(paper: Paper, freed: &Difference) -> String {
    let bound = if freed.known { "" } else { "at least " };
    let bytes = paper.size_in_words(freed.nar_size.unsigned_abs());
    format!("{bound}{bytes}")
}

fn savings(paper: Paper, freed: &Difference, with: &str) -> String {
    let which = if freed.nar_size < 0 { "more" } else { "less" };
    let words = format!("{} {which}", freed_in_words(paper, freed));
    format!("{with} {}, predicted", paper.paint(Ink::Good, &words))
}

#[derive(Serialize)]
struct Body<'a> {
    groups: Vec<Group<'a>>,
    brought: Vec<BroughtBody<'a>>,
}

#[derive(Serialize)]
struct BroughtBody<'a> {
    by: Path<'a>,
    groups: &'a [usize],
    savings: Option<i64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Group<'a> {
    pname: &'a str,
    kind: &'static str,
    paths: Paths<'a>,
    nar_size: Option<u64>,
    savings: Option<i64>,
    keep: Option<Path<'a>>,
    replaced: Paths<'a>,
    refused: Vec<Refused<'a>>,
    roots: Paths<'a>,
    referrers: Paths<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    brings: Option<Vec<Edge<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    freed: Option<Freed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    members: Option<Vec<MemberBody<'a>>>,
}

#[derive(Serialize)]
struct MemberBody<'a> {
    path: Path<'a>,
    referrers: Paths<'a>,
    freed: Freed,
}

#[derive(Serialize)]
struct Refused<'a> {
    path: Path<'a>,
    cycle: Paths<'a>,
}
