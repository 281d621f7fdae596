//! What to call a path on screen: its name, and where several paths share it, as much of the hash part as tells them apart.

use std::fmt;
use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

use crate::model::{Column, PathId, PathSet, StoreGraph};

/// How many characters of the hash part tell each path from all others of its name. One byte a path.
#[derive(Debug, Clone)]
pub struct Labels {
    shown: Column<u8>,
}

impl Labels {
    /// Looks for equal names among some paths. One pass: ids ascend with hash parts, so of all paths of one name only
    /// the previous one needs to be compared.
    pub fn of(graph: &StoreGraph, paths: &PathSet) -> Self {
        let mut shown = Column::filled(graph.len(), 0_u8);
        let seed = RandomState::new().hash_one(0);
        let mut last_of_name: HashTable<PathId> = HashTable::with_capacity(paths.len());
        for id in paths.iter() {
            let name = graph.name(id);
            let hash = quick_hash(seed, name.as_bytes());
            let entry = last_of_name.entry(
                hash,
                |&other| graph.name(other) == name,
                |&other| quick_hash(seed, graph.name(other).as_bytes()),
            );
            let mut entry = match entry {
                hashbrown::hash_table::Entry::Vacant(vacant) => {
                    vacant.insert(id);
                    continue;
                }
                hashbrown::hash_table::Entry::Occupied(entry) => entry,
            };
            let previous = std::mem::replace(entry.get_mut(), id);
            let needed = apart(graph.hash_part(previous), graph.hash_part(id));
            shown[previous] = shown[previous].max(needed);
            shown[id] = needed;
        }
        Self { shown }
    }

    /// The first characters of the hash part that tell this path from others of its name; empty where no other has it.
    pub fn hash_prefix<'a>(&self, graph: &'a StoreGraph, id: PathId) -> &'a str {
        let hash = graph.hash_part(id);
        &hash[..usize::from(self.shown[id]).min(hash.len())]
    }

    /// What to call the path. Names come from the store: pass the text through [`crate::text::sanitise`].
    pub fn label<'a>(&self, graph: &'a StoreGraph, id: PathId) -> Label<'a> {
        Label {
            name: graph.name(id),
            hash_prefix: self.hash_prefix(graph, id),
        }
    }
}

/// Hashes a name several times faster than the standard library does. The seed is chosen again each time, so that no store
/// can be made of names that collide.
fn quick_hash(seed: u64, name: &[u8]) -> u64 {
    let mix = |hash: u64, word: u64| {
        let product = u128::from(hash ^ word) * u128::from(0x9E37_79B9_7F4A_7C15_u64);
        (product >> 64) as u64 ^ product as u64
    };
    let mut hash = mix(seed, name.len() as u64);
    for chunk in name.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        hash = mix(hash, u64::from_le_bytes(word));
    }
    hash
}

/// Fewer characters of a hash part are not recognised, and cannot be searched for.
const FEWEST: usize = 4;

/// How many characters tell two different hash parts apart.
fn apart(a: &str, b: &str) -> u8 {
    let common = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    (common + 1).max(FEWEST).min(a.len()) as u8
}

/// A path's name, and the part of its hash that tells it from others. Displays as `name`, or as `name (hash…)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Label<'a> {
    /// The name behind the hash part.
    pub name: &'a str,
    /// As much of the hash part as it takes; empty for a unique name.
    pub hash_prefix: &'a str,
}

impl fmt::Display for Label<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        if self.hash_prefix.is_empty() {
            Ok(())
        } else {
            write!(f, " ({}…)", self.hash_prefix)
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::model::{Closure, GraphBuilder, PathInfo, StoreDir};

    use super::*;

    fn labels(base_names: &[&str]) -> Vec<String> {
        let mut builder = GraphBuilder::new(StoreDir::default(), false);
        let drafts: Vec<_> = base_names
            .iter()
            .filter_map(|base| builder.add(base, PathInfo::default()))
            .collect();
        let built = builder.finish(&drafts);
        let closure = Closure::of(&built.graph, &built.roots);
        let labels = Labels::of(&built.graph, closure.members());
        let ids = built.graph.ids();
        ids.map(|id| labels.label(&built.graph, id).to_string())
            .collect()
    }

    #[test]
    fn equal_names_show_as_much_hash_as_it_takes() {
        assert_eq!(
            labels(&[
                "11111111111111111111111111111111-source",
                "11122222222222222222222222222222-source",
                "12222222222222222222222222222222-other",
                "13333333333333333333333333333333-source",
                "44444444444444444444444444444444-source",
                "odd",
            ]),
            [
                "source (1111…)",
                "source (1112…)",
                "other",
                "source (1333…)",
                "source (4444…)",
                "odd"
            ]
        );
    }
}
