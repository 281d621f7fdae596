//! Different packages for the same purpose, by a small table: `assets/alternatives.toml`.

use hashbrown::HashMap;
use serde::Deserialize;

use crate::model::{Closure, PathId, StoreGraph};

use super::aside::{Aside, AsideKind, Member};
use crate::analysis::dominators::Dominators;
use crate::analysis::what_if::{Difference, Step, after};

const TABLE: &str = include_str!("../../assets/alternatives.toml");

/// What home-manager and NixOS make out of manuals for a shell: called after a package, and none.
const COMPLETIONS: &str = "fish-completions";

#[derive(Debug, Deserialize)]
struct AlternativesTable {
    alternatives: Vec<AlternativeRow>,
}

#[derive(Debug, Deserialize)]
struct AlternativeRow {
    /// What they are for.
    purpose: String,
    /// Package names.
    packages: Vec<String>,
}

/// The purposes that several packages of the closure serve, those of the largest total first.
pub(super) fn found(graph: &StoreGraph, closure: &Closure, dominators: &Dominators) -> Vec<Aside> {
    let Ok(table) = toml::from_str::<AlternativesTable>(TABLE) else {
        return Vec::new();
    };
    let mut places: HashMap<&str, Vec<(usize, usize)>> = HashMap::new();
    for (at, row) in table.alternatives.iter().enumerate() {
        for (which, name) in row.packages.iter().enumerate() {
            places.entry(name).or_default().push((at, which));
        }
    }
    let mut packages: Vec<Vec<(usize, PathId)>> = vec![Vec::new(); table.alternatives.len()];
    for id in closure.members().iter() {
        let package = graph.package(id);
        let Some(places) = places.get(package.pname) else {
            continue;
        };
        let for_others = package.output.is_some_and(|output| output != "lib");
        if graph.is_derivation(id) || for_others || graph.name(id).ends_with(COMPLETIONS) {
            continue;
        }
        for &(at, which) in places {
            packages[at].push((which, id));
        }
    }
    let mut found = Vec::new();
    for (row, members) in table.alternatives.iter().zip(packages) {
        if members.iter().all(|member| member.0 == members[0].0) {
            continue;
        }
        let paths: Vec<PathId> = members.iter().map(|member| member.1).collect();
        let members = paths
            .iter()
            .map(|&path| member(graph, closure, dominators, path));
        found.push(Aside {
            members: members.collect(),
            ..Aside::of(graph, AsideKind::Alternatives, row.purpose.clone(), paths)
        });
    }
    found.sort_by_key(|aside| std::cmp::Reverse(aside.total.nar_size));
    found
}

fn member(graph: &StoreGraph, closure: &Closure, dominators: &Dominators, path: PathId) -> Member {
    let known = dominators.retained_size(path);
    let left = || after(graph, closure, &[Step::Remove(path)]);
    Member {
        path,
        referrers: closure.referrers(graph, path).collect(),
        freed: match known {
            Some(bytes) => Difference {
                paths: i64::from(dominators.retained_count(path)),
                nar_size: bytes.cast_signed(),
                known: true,
            },
            None => Difference::between(graph, closure.members(), &left()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_can_be_read_and_names_no_package_twice() {
        let table: AlternativesTable = toml::from_str(TABLE).expect("a table");
        let mut names: Vec<&String> = table
            .alternatives
            .iter()
            .flat_map(|row| &row.packages)
            .collect();
        assert!(table.alternatives.iter().all(|row| row.packages.len() > 1));
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
