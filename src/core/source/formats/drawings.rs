//! What Nix draws for people: `nix-store --query --tree` and `--graph`. Both tell all references and no sizes.

use hashbrown::HashMap;

use super::records::{Record, Records, too_large};
use super::registration::check_last_line;
use crate::job::Progress;
use crate::source::SourceError;

const HINT: &str = "expected is what `nix-store --query --tree`, or --graph, prints; sizes are in `nix path-info --json --recursive PATH`";
/// Characters before a path for each level of a tree.
const LEVEL: usize = 4;

/// Whether content begins like a graph of Nix. Others draw their arrows the other way.
pub(super) fn is_graph(bytes: &[u8]) -> bool {
    bytes.starts_with(b"digraph G {")
}

/// Whether content begins like a tree: paths, and then one that stands below another.
pub(super) fn is_tree(bytes: &[u8]) -> bool {
    let mut lines = bytes.split(|&byte| byte == b'\n');
    let first = lines.next().is_some_and(|line| line.starts_with(b"/"));
    let below = lines.find(|line| !line.starts_with(b"/"));
    let signs = ["├", "└", "│", "+", "|"];
    first && below.is_some_and(|line| signs.iter().any(|sign| line.starts_with(sign.as_bytes())))
}

/// Paths in the order they come, each with its references.
#[derive(Default)]
struct Drawn<'t> {
    places: HashMap<&'t str, usize>,
    paths: Vec<(&'t str, Vec<&'t str>)>,
}

impl<'t> Drawn<'t> {
    fn place(&mut self, path: &'t str) -> usize {
        let next = self.paths.len();
        let place = *self.places.entry(path).or_insert(next);
        if place == next {
            self.paths.push((path, Vec::new()));
        }
        place
    }

    fn refer(&mut self, from: &'t str, to: &'t str) {
        self.place(to);
        let from = self.place(from);
        self.paths[from].1.push(to);
    }

    fn records(
        self,
        details: bool,
        origin: &str,
        progress: &Progress,
    ) -> Result<Records, SourceError> {
        let mut records = Records::new(details);
        records.infer_store_dir_from(self.paths.iter().map(|(path, _)| *path));
        for (path, references) in self.paths {
            let record = Record {
                path,
                ..Record::default()
            };
            records
                .add(&record, references, Vec::new())
                .map_err(|_| too_large(origin))?;
            progress.advance(1)?;
        }
        Ok(records)
    }
}

fn wrong(origin: &str, number: usize, line: &str) -> SourceError {
    let found: String = line.chars().take(60).collect();
    SourceError::Format {
        path: origin.to_owned(),
        problem: format!(
            "line {}: a path of the drawing should stand here, not '{found}'",
            number + 1
        ),
        hint: HINT,
    }
}

/// Reads a tree, or several. What is drawn once is left out where it comes again (`[...]`).
pub(super) fn parse_tree(
    text: &str,
    origin: &str,
    details: bool,
    progress: &Progress,
) -> Result<Records, SourceError> {
    progress.start("reading a drawing", 0);
    let mut drawn = Drawn::default();
    let mut above: Vec<&str> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        progress.check()?;
        if line.trim().is_empty() {
            continue;
        }
        let start = line.find('/').ok_or_else(|| wrong(origin, number, line))?;
        let (signs, path) = line.split_at(start);
        let count = signs.chars().count();
        let level = count / LEVEL;
        let is_drawn = signs.chars().all(|sign| " ├└│─+|-`\u{a0}".contains(sign));
        if !is_drawn || count % LEVEL != 0 || level > above.len() {
            return Err(wrong(origin, number, line));
        }
        let path = path.trim_end();
        let path = path.strip_suffix("[...]").map_or(path, str::trim_end);
        above.truncate(level);
        match above.last() {
            Some(from) => drawn.refer(from, path),
            None => {
                drawn.place(path);
            }
        }
        above.push(path);
    }
    let mut records = drawn.records(details, origin, progress)?;
    if !text.ends_with('\n') {
        check_last_line(text, &mut records).map_err(|problem| SourceError::Format {
            path: origin.to_owned(),
            problem,
            hint: HINT,
        })?;
    }
    Ok(records)
}

/// Reads a graph. Its arrows lead from what is referenced to what references it.
pub(super) fn parse_graph(
    text: &str,
    origin: &str,
    details: bool,
    progress: &Progress,
) -> Result<Records, SourceError> {
    progress.start("reading a drawing", 0);
    let mut drawn = Drawn::default();
    let mut is_closed = false;
    for (number, line) in text.lines().enumerate().skip(1) {
        progress.check()?;
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        if is_closed || line == "}" {
            is_closed = line == "}";
            continue;
        }
        let (name, behind) = quoted(line).ok_or_else(|| wrong(origin, number, line))?;
        match behind.trim_start().strip_prefix("->") {
            Some(other) => {
                let other = quoted(other.trim_start());
                let (from, _) = other.ok_or_else(|| wrong(origin, number, line))?;
                drawn.refer(from, name);
            }
            None => {
                drawn.place(name);
            }
        }
    }
    if !is_closed {
        return Err(SourceError::Format {
            path: origin.to_owned(),
            problem: "cut off: the graph has no end".to_owned(),
            hint: HINT,
        });
    }
    drawn.records(details, origin, progress)
}

/// The text in quotes that a line begins with, and what stands behind it.
fn quoted(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix('"')?.split_once('"')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Request;
    use crate::source::formats::load_bytes;

    const APP: &str = "00000000000000000000000000000000-app";
    const LIB: &str = "11111111111111111111111111111111-lib";
    const END: &str = "22222222222222222222222222222222-end";

    fn read(text: &str) -> Result<String, String> {
        let text = text
            .replace("@app", APP)
            .replace("@lib", LIB)
            .replace("@end", END);
        let loaded = load_bytes(
            text.as_bytes(),
            "drawing",
            &Request::default(),
            &Progress::new(),
        );
        let loaded = loaded.map_err(|error| error.to_string())?;
        let graph = &loaded.graph;
        let lines = graph.ids().map(|id| {
            let names: Vec<&str> = graph
                .references(id)
                .iter()
                .map(|&to| graph.name(to))
                .collect();
            assert_eq!(graph.nar_size(id), None);
            let own = if graph.references_itself(id) {
                " itself"
            } else {
                ""
            };
            format!("{}{own} -> {}", graph.name(id), names.join(" "))
        });
        Ok(lines.collect::<Vec<_>>().join("; "))
    }

    const EXPECTED: &str = "app itself -> lib end; lib -> end; end -> ";

    #[test]
    fn trees_are_read_with_what_is_drawn_once() {
        let new = "/nix/store/@app\n├───/nix/store/@lib\n│   └───/nix/store/@end\n├───/nix/store/@end [...]\n└───/nix/store/@app [...]\n";
        assert_eq!(read(new).as_deref(), Ok(EXPECTED));
        let old = new
            .replace(['├', '└'], "+")
            .replace('─', "-")
            .replace('│', "|");
        assert_eq!(read(&old).as_deref(), Ok(EXPECTED));
        for broken in [
            "/nix/store/@app\n├───/nix/store/@lib\n│       └───/nix/store/@end\n",
            "/nix/store/@app\n├──/nix/store/@lib\n",
        ] {
            assert!(
                read(broken).is_err_and(|error| error.contains("line ")),
                "{broken}"
            );
        }
    }

    #[test]
    fn graphs_are_read_against_their_arrows() {
        let graph = "digraph G {\n\"@app\" [label = \"app\", shape = box];\n\"@lib\" -> \"@app\" [color = \"red\"];\n\"@end\" -> \"@app\";\n\
            \"@app\" -> \"@app\";\n\"@lib\" [label = \"lib\"];\n\"@end\" -> \"@lib\" [color = \"blue\"];\n\"@end\" [];\n}\n";
        assert_eq!(read(graph).as_deref(), Ok(EXPECTED));
        let cut = &graph[..graph.len() - 3];
        assert!(read(cut).is_err_and(|error| error.contains("cut off")));
        assert!(read("digraph G {\nnode [shape=box];\n}\n").is_err());
        assert!(read("digraph closure {\n\"a\" -> \"b\";\n}\n").is_err());
    }
}
