//! References that are likely accidents, and what they drag into a closure.
//!
//! A reference is a likely accident when the target's hash part stands only in documentation, build metadata, headers or
//! debug information of the referrer: Nix keeps the target alive, though nothing needs it to run.

use crate::job::{Cancelled, Progress};
use crate::model::{Closure, PathId, PathSet, StoreGraph};

use super::analysed::Analysed;
use super::dominators::Dominators;
use super::evidence_class::{Class, ClassCounts};
use super::what_if::{Difference, Step, after};

/// A reference that nothing but accidents hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccidentalReference {
    /// The referrer.
    pub from: PathId,
    /// The referenced path.
    pub to: PathId,
    /// The strongest class of evidence there is for it.
    pub class: Class,
    /// What cutting this reference alone frees.
    pub freed: Difference,
}

/// A path that only accidents hold: every reference to it is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccidentalPath {
    /// The path.
    pub path: PathId,
    /// How many accidental references lead to it.
    pub references: usize,
    /// What cutting all references to it frees: its retained size.
    pub freed: Difference,
}

/// What the accidents in a closure cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waste {
    /// The accidental references, those that free most first.
    pub references: Vec<AccidentalReference>,
    /// The paths that accidents alone hold, those that free most first.
    pub paths: Vec<AccidentalPath>,
    /// What cutting all accidental references at once frees.
    pub freed: Difference,
}

/// Finds the accidental references of a closure and what cutting them frees. `evidence` names each reference that
/// something was found for; of a referrer that could not be read in full (`incomplete`, ascending) nothing is called an
/// accident.
pub fn accidental(
    analysed: &Analysed,
    evidence: impl IntoIterator<Item = (PathId, PathId, ClassCounts)>,
    incomplete: &[PathId],
) -> Result<Waste, Cancelled> {
    let (graph, closure, progress) = (analysed.graph(), analysed.closure(), analysed.progress());
    let dominators = analysed.dominators()?;
    let mut edges = Vec::new();
    for (from, to, counts) in evidence {
        let in_closure =
            closure.contains(from) && graph.references(from).binary_search(&to).is_ok();
        if in_closure && counts.are_accidental() && incomplete.binary_search(&from).is_err() {
            edges.extend(counts.strongest().map(|class| (from, to, class)));
        }
    }
    edges.sort_unstable();
    progress.start("weighing accidents", edges.len() as u64);
    let measure = Measure {
        graph,
        closure,
        dominators,
    };
    let mut references = Vec::with_capacity(edges.len());
    for &(from, to, class) in &edges {
        let freed = measure.freed(&[(from, to)]);
        references.push(AccidentalReference {
            from,
            to,
            class,
            freed,
        });
        progress.advance(1)?;
    }
    let pairs: Vec<_> = edges.iter().map(|&(from, to, _)| (from, to)).collect();
    let mut waste = Waste {
        paths: measure.paths(&pairs, progress)?,
        freed: measure.freed(&pairs),
        references,
    };
    waste
        .references
        .sort_by_key(|edge| (-edge.freed.nar_size, edge.from, edge.to));
    waste
        .paths
        .sort_by_key(|path| (-path.freed.nar_size, path.path));
    Ok(waste)
}

struct Measure<'a> {
    graph: &'a StoreGraph,
    closure: &'a Closure,
    dominators: &'a Dominators,
}

impl Measure<'_> {
    /// What cutting some references frees.
    fn freed(&self, edges: &[(PathId, PathId)]) -> Difference {
        let nothing = edges.iter().all(|&(from, to)| self.stays_without(from, to));
        if nothing && edges.len() <= 1 {
            let empty = PathSet::empty(self.graph.len());
            return Difference::between(self.graph, &empty, &empty);
        }
        let cut = |&(from, to): &(PathId, PathId)| Step::Cut { from, to };
        let steps: Vec<Step> = edges.iter().map(cut).collect();
        let left = after(self.graph, self.closure, &steps);
        Difference::between(self.graph, self.closure.members(), &left)
    }

    /// Whether a path is certain to stay when one reference to it is cut. A path whose immediate dominator is not that
    /// referrer can be reached without it.
    fn stays_without(&self, from: PathId, to: PathId) -> bool {
        self.closure.is_root(to) || self.dominators.immediate(to) != Some(from)
    }

    /// The paths all of whose references are among the given ones.
    fn paths(
        &self,
        edges: &[(PathId, PathId)],
        progress: &Progress,
    ) -> Result<Vec<AccidentalPath>, Cancelled> {
        let mut by_target = edges.to_vec();
        by_target.sort_unstable_by_key(|&(from, to)| (to, from));
        let mut paths = Vec::new();
        for group in by_target.chunk_by(|a, b| a.1 == b.1) {
            progress.check()?;
            let path = group[0].1;
            let held = self.closure.referrers(self.graph, path).count();
            if held == group.len() && !self.closure.is_root(path) {
                let freed = self.freed(group);
                paths.push(AccidentalPath {
                    path,
                    references: held,
                    freed,
                });
            }
        }
        Ok(paths)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{graph, id};

    /// References of the notation `from:to` that are accidents; all others have real evidence.
    fn waste(
        text: &str,
        accidents: &[&str],
        incomplete: &[&str],
    ) -> (Vec<String>, Vec<String>, i64) {
        let (graph, closure) = graph(text);
        let analysed = Analysed::of(graph.into(), closure.roots(), &Progress::new());
        let graph = analysed.graph();
        let mut evidence = Vec::new();
        for from in closure.members().iter() {
            for &to in graph.references(from) {
                let mut counts = ClassCounts::default();
                let name = format!("{}:{}", graph.name(from), graph.name(to));
                let accident = accidents.contains(&name.as_str());
                counts.add(if accident {
                    Class::Documentation
                } else {
                    Class::ElfRunpath
                });
                counts.add(Class::Debug);
                evidence.push((from, to, counts));
            }
        }
        let incomplete: Vec<PathId> = incomplete.iter().map(|name| id(graph, name)).collect();
        let waste = accidental(&analysed, evidence, &incomplete).expect("not cancelled");
        let edge = |edge: &AccidentalReference| {
            format!(
                "{}:{} {}",
                graph.name(edge.from),
                graph.name(edge.to),
                edge.freed.nar_size
            )
        };
        let path = |path: &AccidentalPath| {
            format!(
                "{} {} {}",
                graph.name(path.path),
                path.references,
                path.freed.nar_size
            )
        };
        (
            waste.references.iter().map(edge).collect(),
            waste.paths.iter().map(path).collect(),
            waste.freed.nar_size,
        )
    }

    const TEXT: &str =
        "app 1 -> lib tool man\nlib 10 -> gcc tool\ntool 100 -> gcc\ngcc 1000\nman 5";

    #[test]
    fn a_single_holder_drags_in_what_it_alone_holds() {
        let (references, paths, freed) = waste(TEXT, &["app:man"], &[]);
        assert_eq!(
            (references, paths, freed),
            (vec!["app:man 5".into()], vec!["man 1 5".into()], 5)
        );
    }

    #[test]
    fn several_accidents_free_more_together_than_alone() {
        let (references, paths, freed) = waste(TEXT, &["lib:gcc", "tool:gcc", "lib:tool"], &[]);
        assert_eq!(references, ["lib:tool 0", "lib:gcc 0", "tool:gcc 0"]);
        assert_eq!((paths, freed), (vec!["gcc 2 1000".to_owned()], 1000));
    }

    #[test]
    fn nothing_is_called_an_accident_where_not_all_could_be_read() {
        let (references, _, freed) = waste(TEXT, &["app:man"], &["app"]);
        assert!(references.is_empty() && freed == 0);
    }
}
