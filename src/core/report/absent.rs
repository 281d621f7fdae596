//! `why` for a path that is not in the closure: where it is instead.

use std::io::{self, Write};

use serde::Serialize;

use crate::analysis::Analysed;
use crate::analysis::absent::Absent;
use crate::model::{PathId, StoreDir};
use crate::text;

use super::json::{self, Path, Paths};
use super::paper::{Ink, Paper};

/// Referrers that are named for people.
const NAMED: usize = 3;

/// Writes it for people.
pub fn text(
    subject: &Analysed,
    absent: &Absent,
    paper: Paper,
    out: &mut dyn Write,
) -> io::Result<()> {
    let asked = text::sanitise(&absent.selector).into_owned();
    writeln!(
        out,
        "{} is not in this closure.",
        paper.paint(Ink::Strong, &asked)
    )?;
    match absent.in_store.as_deref() {
        Some([]) => writeln!(out, "  The store does not have it either.")?,
        Some(found) => {
            let it = if absent.is_path {
                "it"
            } else {
                "what is called so"
            };
            writeln!(
                out,
                "  The store has {it}; nothing that the roots reach references it."
            )?;
            if !absent.is_path {
                list(found, out)?;
            }
        }
        None => writeln!(
            out,
            "  Whether the store has it is not known: its database cannot be searched here."
        )?,
    }
    if !absent.others.is_empty() {
        writeln!(out, "  Other builds are in the closure:")?;
        for other in &absent.others {
            let base = text::sanitise(subject.graph().base_name(other.path)).into_owned();
            let held = held(subject, &other.referrers);
            writeln!(out, "    {base}  {}", paper.paint(Ink::Faint, &held))?;
        }
    }
    match absent.build_time.as_deref() {
        None | Some([]) => Ok(()),
        Some(found) => {
            writeln!(out, "  Building needs it; --derivation shows why:")?;
            list(found, out)
        }
    }
}

fn list(found: &[String], out: &mut dyn Write) -> io::Result<()> {
    found
        .iter()
        .try_for_each(|base| writeln!(out, "    {}", text::sanitise(base)))
}

fn held(subject: &Analysed, referrers: &[PathId]) -> String {
    let names: Vec<String> = referrers
        .iter()
        .take(NAMED)
        .map(|&id| subject.label(id))
        .collect();
    match referrers.len().saturating_sub(NAMED) {
        0 if names.is_empty() => "a root".to_owned(),
        0 => format!("held by {}", names.join(", ")),
        more => format!(
            "held by {} and {} more",
            names.join(", "),
            text::count(more as u64)
        ),
    }
}

/// Writes the JSON document of a command that was asked about it.
pub fn json(
    subject: &Analysed,
    absent: &Absent,
    command: &'static str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let graph = subject.graph();
    let dir = graph.store_dir();
    let paths = |found: &Option<Vec<String>>| found.as_ref().map(|found| full(dir, found));
    let others = absent.others.iter().map(|other| Other {
        path: Path(graph, other.path),
        referrers: Paths(graph, &other.referrers),
    });
    let body = Body {
        target: None,
        absent: AbsentBody {
            asked: &absent.selector,
            in_store: paths(&absent.in_store),
            other_builds: others.collect(),
            build_time: paths(&absent.build_time),
        },
    };
    json::write(out, subject, command, body)
}

fn full(dir: &StoreDir, found: &[String]) -> Vec<String> {
    found
        .iter()
        .map(|base| format!("{}/{base}", dir.as_str()))
        .collect()
}

#[derive(Serialize)]
struct Body<'a> {
    target: Option<&'a str>,
    absent: AbsentBody<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AbsentBody<'a> {
    asked: &'a str,
    in_store: Option<Vec<String>>,
    other_builds: Vec<Other<'a>>,
    build_time: Option<Vec<String>>,
}

#[derive(Serialize)]
struct Other<'a> {
    path: Path<'a>,
    referrers: Paths<'a>,
}
