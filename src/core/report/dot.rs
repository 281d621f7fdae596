//! `export --format dot`: the closure as a graph for Graphviz, the area of a node showing its NAR size.
//!
//! Paths of one level (longest chain from a root) share a rank. Nodes are told apart by base name, so equal names stay
//! different nodes.

use std::fmt;
use std::io::{self, Write};

use crate::model::PathId;
use crate::text::{self, Units};

use crate::analysis::Analysed;

/// Diameter of the largest node, in inches.
const LARGEST: f64 = 4.0;
/// Diameter below which a node cannot be seen, in inches.
const SMALLEST: f64 = 0.08;

/// Writes the graph, sizes in these units.
pub fn write(subject: &Analysed, units: Units, out: &mut dyn Write) -> io::Result<()> {
    let (graph, closure) = (subject.graph(), subject.closure());
    writeln!(out, "digraph closure {{")?;
    writeln!(
        out,
        "  rankdir=TB; node [shape=circle, fixedsize=true, fontsize=8, style=filled, fillcolor=\"#9ecae1\"]; edge [color=\"#00000040\"];"
    )?;
    let sizes = closure.members().iter().filter_map(|id| graph.nar_size(id));
    let largest = sizes.max().unwrap_or(0);
    for id in closure.members().iter() {
        node(subject, units, out, id, largest)?;
    }
    ranks(subject, out)?;
    for from in closure.members().iter() {
        for &to in graph.references(from) {
            let (from, to) = (graph.base_name(from), graph.base_name(to));
            writeln!(out, "  {} -> {};", Quoted(from), Quoted(to))?;
        }
    }
    writeln!(out, "}}")
}

fn node(
    subject: &Analysed,
    units: Units,
    out: &mut dyn Write,
    id: PathId,
    largest: u64,
) -> io::Result<()> {
    let graph = subject.graph();
    let size = graph.nar_size(id);
    // The area grows with the size, so the diameter with its root.
    let part = size.unwrap_or(0) as f64 / largest.max(1) as f64;
    let diameter = (part.sqrt() * LARGEST).max(SMALLEST);
    let known = match size {
        Some(_) => "",
        None => ", style=dashed",
    };
    let bytes = size.map_or_else(|| units.known(None), |bytes| units.in_words(bytes));
    let label = format!("{}\n{bytes}", subject.label(id));
    let tooltip = format!("{}\n{bytes}", graph.path(id));
    writeln!(
        out,
        "  {} [width={diameter:.3}, label={}, tooltip={}{known}];",
        Quoted(graph.base_name(id)),
        Quoted(&label),
        Quoted(&tooltip)
    )
}

fn ranks(subject: &Analysed, out: &mut dyn Write) -> io::Result<()> {
    let level = &subject.distances().level;
    let mut ids: Vec<PathId> = subject.closure().members().iter().collect();
    ids.sort_by_key(|&id| level[id]);
    for rank in ids.chunk_by(|&a, &b| level[a] == level[b]) {
        write!(out, "  {{ rank=same;")?;
        for &id in rank {
            write!(out, " {};", Quoted(subject.graph().base_name(id)))?;
        }
        writeln!(out, " }}")?;
    }
    Ok(())
}

/// A string as Graphviz reads it: in quotes, with quotes, backslashes and everything unprintable made harmless.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for (at, line) in self.0.split('\n').enumerate() {
            f.write_str(if at == 0 { "" } else { "\\n" })?;
            for character in text::sanitise(line).chars() {
                if matches!(character, '"' | '\\') {
                    f.write_str("\\")?;
                }
                write!(f, "{character}")?;
            }
        }
        f.write_str("\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_name_ends_a_string() {
        assert_eq!(Quoted("a\"];b\\\u{1b}").to_string(), r#""a\"];b\\\\u{1b}""#);
    }
}
