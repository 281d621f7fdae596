//! `origins`: which option, in which file, brings a path; and what each option or file brings.
//!
//! ```text
//! What brings fuse-2.9.9 here?
//!   2.0 MiB itself · 2.0 MiB leave with it
//!
//!   definitions of ./default.nix that bring it
//!     environment.systemPackages    nixpkgs: nixos/modules/programs/fuse.nix:5 (likely)
//!       on by programs.fuse.enable = true, nixpkgs: nixos/modules/security/wrappers.nix:10 (likely)
//! ```

mod document;

use std::io::{self, Write};

use crate::analysis::Analysed;
use crate::analysis::metric::Metric;
use crate::analysis::origin::{Brought, By, Definition, DefinitionPlace, League, Standing};
use crate::model::PathId;
use crate::text;

use super::json::{self};
use super::paper::{Ink, Paper, pad};

pub(crate) use self::document::{DefinitionBody, definitions};
use self::document::{LeagueBody, OriginsBody};

/// Definitions that are listed for people; the rest is counted.
const MOST: usize = 12;
/// Rows of the league that are listed for people.
const MOST_STANDINGS: usize = 40;

/// What brings one path.
#[derive(Debug)]
pub struct Bringing<'a> {
    subject: &'a Analysed,
    target: PathId,
}

impl<'a> Bringing<'a> {
    /// Of a member of the closure.
    pub fn of(subject: &'a Analysed, target: PathId) -> Self {
        Self { subject, target }
    }

    /// Writes the answer for people.
    pub fn text(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        let label = self.subject.label(self.target);
        writeln!(
            out,
            "What brings {} here?",
            paper.paint(Ink::Strong, &label)
        )?;
        let nar = paper.size(self.subject.graph().nar_size(self.target));
        let retained = paper.size(self.subject.retained_size(self.target));
        writeln!(out, "  {nar} itself · {retained} leave with it")?;
        definitions_text(self.subject, self.target, paper, out)
    }

    /// Writes the JSON document.
    pub fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        json::write(
            out,
            self.subject,
            "origins",
            OriginsBody::of(self.subject, &[self.target]),
        )
    }
}

/// Writes the definitions that bring a path, under a heading; nothing where nothing is known.
pub(super) fn definitions_text(
    subject: &Analysed,
    target: PathId,
    paper: Paper,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (graph, closure) = (subject.graph(), subject.closure());
    let origins = subject.origins();
    let found = origins.bringing(graph, closure, target);
    if found.is_empty() {
        return Ok(());
    }
    let inferred = found.iter().all(|brought| brought.definition.is_inferred);
    let heading = match (inferred, origins.config()) {
        (true, None) => {
            "the configuration names it in (inferred from the names of generated paths)".to_owned()
        }
        (true, Some(_)) => {
            "no definition that was evaluated names it; inferred from the names of generated paths"
                .to_owned()
        }
        (false, Some(config)) => format!("definitions of {} that bring it", text::sanitise(config)),
        (false, None) => "definitions that bring it".to_owned(),
    };
    paper.heading(out, &heading)?;
    let shown = &found[..found.len().min(MOST)];
    let width = shown
        .iter()
        .map(|one| text::width(&one.definition.option))
        .max();
    let width = width.unwrap_or(0).min(60);
    for brought in shown {
        definition(subject, brought, (inferred, width), paper, out)?;
    }
    if let Some(more @ 1..) = found.len().checked_sub(shown.len()) {
        let more = format!("    and {} more", text::count(more as u64));
        writeln!(out, "{}", paper.paint(Ink::Faint, &more))?;
    }
    Ok(())
}

fn definition(
    subject: &Analysed,
    brought: &Brought<'_>,
    (all_inferred, width): (bool, usize),
    paper: Paper,
    out: &mut dyn Write,
) -> io::Result<()> {
    let definition = brought.definition;
    let option = text::sanitise(&definition.option).into_owned();
    write!(out, "    {}", paper.paint(Ink::Strong, &option))?;
    let notes = notes(subject, brought, all_inferred);
    if !notes.is_empty() {
        let notes = notes.join(" · ");
        let used = 4 + width.max(text::width(&option)) + 2;
        let notes = paper.fit(&notes, used);
        write!(
            out,
            "{}  {}",
            pad(&option, width),
            paper.paint(Ink::Faint, &notes)
        )?;
    }
    writeln!(out)?;
    for switch in &definition.switches {
        let how = if switch.by_default {
            "on by default:"
        } else {
            "on by"
        };
        let line = format!(
            "      {how} {} = {}, {}",
            text::sanitise(&switch.option),
            text::sanitise(&switch.value),
            switch.place.shown()
        );
        writeln!(out, "{}", paper.paint(Ink::Faint, &paper.fit(&line, 0)))?;
    }
    Ok(())
}

/// What is said behind an option.
fn notes(subject: &Analysed, brought: &Brought<'_>, all_inferred: bool) -> Vec<String> {
    let definition = brought.definition;
    let mut notes = Vec::new();
    notes.extend(definition.place.as_ref().map(DefinitionPlace::shown));
    if let Some(via) = brought.via {
        notes.push(format!("by way of {}", subject.label(via)));
    }
    notes.extend(definition.also.map(|also| format!("or {also}")));
    if definition.is_generated {
        notes.push("made from other options".to_owned());
    }
    if definition.is_by_name {
        notes.push("matched by name".to_owned());
    }
    if definition.is_inferred && !all_inferred {
        notes.push("inferred from the name".to_owned());
    }
    notes
}

/// The league table.
#[derive(Debug)]
pub struct Leagues<'a> {
    subject: &'a Analysed,
    league: League,
    by: By,
}

impl<'a> Leagues<'a> {
    /// A league of the subject's origins.
    pub fn of(subject: &'a Analysed, league: League, by: By) -> Self {
        Self {
            subject,
            league,
            by,
        }
    }

    /// Writes the table for people.
    pub fn text(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        let origins = self.subject.origins();
        match origins.config() {
            Some(config) => writeln!(out, "What {} brings", text::sanitise(config))?,
            None => writeln!(
                out,
                "What the configuration brings, inferred from the names of generated paths"
            )?,
        }
        if self.league.0.is_empty() {
            return writeln!(out, "  no path of this closure is named by an option");
        }
        let noun = match self.by {
            By::Option => "option",
            By::File => "file",
        };
        let width = paper.size_column(self.subject.closure().known_nar_size());
        let heading = format!(
            "  {:>width$}  {:>width$}  {:>width$}  {:>5}  {noun}",
            Metric::Retained.title(),
            Metric::Closure.title(),
            Metric::Share.title(),
            Metric::Count.title()
        );
        writeln!(out, "{}", paper.paint(Ink::Faint, &heading))?;
        for one in self.league.0.iter().take(MOST_STANDINGS) {
            self.standing(one, width, paper, out)?;
        }
        if let Some(more @ 1..) = self.league.0.len().checked_sub(MOST_STANDINGS) {
            let more = format!("  and {} more", text::count(more as u64));
            writeln!(out, "{}", paper.paint(Ink::Faint, &more))?;
        }
        not_evaluated(origins.not_evaluated(), paper, out)
    }

    fn standing(
        &self,
        one: &Standing,
        width: usize,
        paper: Paper,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let total = |total: crate::analysis::Total| {
            let least = if total.unknown == 0 { "" } else { "≥" };
            format!("{least}{}", paper.size(Some(total.nar_size)))
        };
        let (retained, needs) = (total(one.retained), total(one.needs));
        let share = paper.size(Some(one.share));
        for size in [&retained, &needs, &share] {
            write!(out, "  {}{size}", pad(size, width))?;
        }
        let key = match (&one.key, one.own) {
            (Some(key), _) => text::sanitise(key).into_owned(),
            (None, _) => "not known: inferred from names".to_owned(),
        };
        let note = match (one.own, one.is_inferred && self.by == By::Option) {
            (_, true) if self.subject.origins().config().is_some() => "  inferred from the name",
            (Some(true), _) => "  your own",
            _ => "",
        };
        let used = 3 * (width + 2) + 9 + text::width(note);
        let key = paper.fit(&key, used);
        writeln!(
            out,
            "  {:>5}  {key}{}",
            text::count(one.paths.len() as u64),
            paper.paint(Ink::Faint, note)
        )
    }

    /// Writes the JSON document.
    pub fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        let body = LeagueBody::of(self.subject, &self.league, self.by);
        json::write(out, self.subject, "origins", body)
    }
}

/// Says which options could not be evaluated.
fn not_evaluated(
    options: &[(String, String)],
    paper: Paper,
    out: &mut dyn Write,
) -> io::Result<()> {
    if options.is_empty() {
        return Ok(());
    }
    paper.heading(out, "could not be evaluated")?;
    for (option, said) in options {
        let line = format!("    {}: {}", text::sanitise(option), text::sanitise(said));
        writeln!(out, "{}", paper.fit(&line, 0))?;
    }
    Ok(())
}

/// Whether a definition stands in the user's own files; unknown of what is inferred from a name.
pub(super) fn is_own(definition: &Definition) -> Option<bool> {
    definition.place.as_ref().map(|place| place.own)
}
