//! Small graphs in words, for tests and benchmarks.
//!
//! A line is `name [size] [-> reference …]`; a name that stands only behind an arrow gets size 1. The first line's name
//! is the root, unless lines begin with `*`: those are then the roots. Hash parts count up in order of appearance, so ids
//! follow the text from top to bottom. A size `?` is unknown.

#[cfg(test)]
mod any_graph;
mod store;

use std::fmt::Write as _;

use crate::model::store_path::{HASH_PART_LEN, NIX_BASE32};
use crate::model::{Closure, GraphBuilder, PathId, PathInfo, Size, StoreDir, StoreGraph};

#[cfg(test)]
pub(crate) use any_graph::{any_dag, any_graph};
pub use store::store;

/// Builds the graph a text describes, with the closure of its roots.
///
/// # Panics
/// If the text is not in the notation.
pub fn graph(text: &str) -> (StoreGraph, Closure) {
    let mut builder = GraphBuilder::new(StoreDir::default(), false);
    let mut known: Vec<(String, crate::model::graph_builder::Draft)> = Vec::new();
    let mut starred = Vec::new();
    let mut all = Vec::new();
    let mut edges = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (head, references) = line.split_once("->").unwrap_or((line, ""));
        let (star, head) = head
            .trim()
            .strip_prefix('*')
            .map_or((false, head.trim()), |rest| (true, rest.trim()));
        let mut words = head.split_whitespace();
        let name = words.next().expect("a line begins with a name");
        let draft = intern(&mut builder, &mut known, name);
        let size = match words.next() {
            None => Size::bytes(1),
            Some("?") => Size::UNKNOWN,
            Some(number) => Size::bytes(number.parse().expect("a size is a number")),
        };
        builder.record(draft, PathInfo::with_nar_size(size));
        all.push(draft);
        if star {
            starred.push(draft);
        }
        for reference in references.split_whitespace() {
            edges.push((draft, intern(&mut builder, &mut known, reference)));
        }
    }
    for (from, to) in edges {
        builder.reference(from, to);
    }
    for (_, draft) in &known {
        if !builder.is_recorded(*draft) {
            builder.record(*draft, PathInfo::with_nar_size(Size::bytes(1)));
        }
    }
    let roots = if starred.is_empty() {
        all.into_iter().take(1).collect()
    } else {
        starred
    };
    let built = builder.finish(&roots);
    let closure = Closure::of(&built.graph, &built.roots);
    (built.graph, closure)
}

fn intern(
    builder: &mut GraphBuilder,
    known: &mut Vec<(String, crate::model::graph_builder::Draft)>,
    name: &str,
) -> crate::model::graph_builder::Draft {
    if let Some((_, draft)) = known.iter().find(|(other, _)| other == name) {
        return *draft;
    }
    let draft = builder
        .intern(&format!("{}-{name}", hash_part(known.len() as u64)))
        .expect("room for a name");
    known.push((name.to_owned(), draft));
    draft
}

/// A hash part that spells a number, so that hash parts ascend with numbers.
pub fn hash_part(mut number: u64) -> String {
    let mut digits = [b'0'; HASH_PART_LEN];
    for digit in digits.iter_mut().rev() {
        *digit = NIX_BASE32[(number % 32) as usize];
        number /= 32;
    }
    String::from_utf8_lossy(&digits).into_owned()
}

/// The path with this name.
///
/// # Panics
/// If there is none.
pub fn id(graph: &StoreGraph, name: &str) -> PathId {
    graph
        .ids()
        .find(|&id| graph.name(id) == name)
        .expect("a path of that name")
}

/// The names of some paths, parted by spaces.
pub fn names(graph: &StoreGraph, ids: &[PathId]) -> String {
    let mut text = String::new();
    for (index, &id) in ids.iter().enumerate() {
        let _ = write!(
            text,
            "{}{}",
            if index == 0 { "" } else { " " },
            graph.name(id)
        );
    }
    text
}

/// Numbers that look random and are the same on every run (splitmix64).
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// Begins at a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `limit` (at least 1).
    pub fn below(&mut self, limit: usize) -> usize {
        (self.number() % limit.max(1) as u64) as usize
    }
}

/// A graph from positions: path `n` is named `n`, and its id is its position.
pub fn plain_graph(
    sizes: &[Option<u64>],
    edges: &[(usize, usize)],
    roots: &[usize],
) -> (StoreGraph, Closure) {
    let mut builder = GraphBuilder::new(StoreDir::default(), false);
    let drafts: Vec<_> = sizes
        .iter()
        .enumerate()
        .filter_map(|(at, &size)| {
            let name = format!("{}-{at}", hash_part(at as u64));
            builder.add(&name, PathInfo::with_nar_size(size))
        })
        .collect();
    for &(from, to) in edges {
        builder.reference(drafts[from], drafts[to]);
    }
    let roots: Vec<_> = roots.iter().map(|&root| drafts[root]).collect();
    let built = builder.finish(&roots);
    let closure = Closure::of(&built.graph, &built.roots);
    (built.graph, closure)
}
