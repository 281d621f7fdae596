//! What a closure would be if other derivations were built than were built before.
//!
//! Outputs that are known stay as they are, exactly. An output that is new is taken to reference what its *counterpart*
//! references, the output of the derivation of the same name before: each reference again if the new derivation can still
//! have it, what stands in for it where that changed, and not at all where neither is to be had; and besides what the new
//! derivation names that the old one did not. A counterpart of the same name lends its size as well. All else that is new
//! has an unknown size. A rebuild says how good that was.

mod pairs;
mod references;

use std::collections::{HashMap, HashSet};

use thiserror::Error;

use crate::job::{Cancelled, Progress};
use crate::model::{Closure, GraphBuilder, PathId, PathInfo, Size, StoreGraph};

use self::pairs::Pairs;
use self::references::References;

/// A derivation, as far as it says what its outputs may reference.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recipe {
    /// The derivation's name without `.drv`.
    pub name: String,
    /// Name and base name of each output whose path is known.
    pub outputs: Vec<(String, String)>,
    /// Base names of the derivations it takes outputs of, each with the names of the outputs.
    pub inputs: Vec<(String, Vec<String>)>,
    /// Base names of the sources it takes.
    pub sources: Vec<String>,
    /// Whether its content is fixed by a hash: under another hash it is something else, whatever it is called.
    pub is_fixed: bool,
    /// Base names of store paths that it names elsewhere than in what is only for building.
    pub named: Vec<String>,
}

/// All derivations that one needs, by base name.
#[derive(Debug, Clone, Default)]
pub struct Recipes {
    /// The derivation asked for.
    pub top: String,
    /// Every derivation below it, itself included.
    pub all: HashMap<String, Recipe>,
}

impl Recipes {
    /// The base name of the first output of what was asked for.
    pub fn output(&self) -> Option<&str> {
        let outputs = &self.all.get(&self.top)?.outputs;
        let out = outputs
            .iter()
            .find(|(name, _)| name == "out")
            .or(outputs.first());
        out.map(|(_, base)| base.as_str())
    }

    /// Base names of the outputs of all derivations.
    pub fn outputs(&self) -> impl Iterator<Item = &str> {
        let outputs = self.all.values().flat_map(|recipe| &recipe.outputs);
        outputs.map(|(_, base)| base.as_str())
    }

    /// The base names of what a derivation takes: outputs of others, and sources.
    fn taken<'a>(&'a self, recipe: &'a Recipe) -> impl Iterator<Item = &'a str> {
        let inputs = recipe.inputs.iter().filter_map(|(drv, names)| {
            let recipe = self.all.get(drv)?;
            let wanted = recipe
                .outputs
                .iter()
                .filter(|(name, _)| names.contains(name));
            Some(wanted.map(|(_, base)| base.as_str()))
        });
        inputs
            .flatten()
            .chain(recipe.sources.iter().map(String::as_str))
    }

    /// The derivations, each after those it takes something of. Without end where they need each other in a cycle: then those
    /// come in any order.
    fn in_order(&self) -> Vec<&str> {
        let mut order = Vec::with_capacity(self.all.len());
        let mut seen: HashSet<&str> = HashSet::new();
        let mut stack: Vec<(&str, bool)> = vec![(&self.top, false)];
        while let Some((drv, is_done)) = stack.pop() {
            if is_done {
                order.push(drv);
                continue;
            }
            let Some((drv, recipe)) = self.all.get_key_value(drv) else {
                continue;
            };
            if seen.insert(drv) {
                stack.push((drv, true));
                stack.extend(
                    recipe
                        .inputs
                        .iter()
                        .map(|(input, _)| (input.as_str(), false)),
                );
            }
        }
        order
    }
}

/// How sure something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// It is known already.
    Exact,
    /// It is taken from its counterpart.
    Predicted,
    /// Its size is not known, its references are what the derivation names.
    Unknown,
}

impl Certainty {
    /// Its word on screen and in documents.
    pub fn word(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Predicted => "predicted",
            Self::Unknown => "unknown",
        }
    }
}

/// A predicted closure beside the one it is compared with.
#[derive(Debug, Clone)]
pub struct Prediction {
    /// Everything known, and the new outputs.
    pub graph: StoreGraph,
    /// The closure as it is.
    pub before: Closure,
    /// The closure as it would be.
    pub after: Closure,
    /// The new outputs in the closure as it would be, each with how sure it is; all else is exact.
    pub new: HashMap<PathId, Certainty>,
}

/// Why nothing can be predicted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PredictionError {
    /// A derivation does not say which path it will have.
    #[error("which path {0} will have is known only after it is built")]
    NoOutput(String),
    /// More paths than a graph can hold.
    #[error("there are more paths than fit")]
    TooLarge,
    /// The work was cancelled.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// A new output.
struct New {
    base: String,
    size: Size,
    certainty: Certainty,
    references: Vec<String>,
}

/// Predicts the closure of the derivations `after`, compared with what was built of `before`. The graph holds the closure
/// as it is, and may hold more of what is known.
pub fn predict(
    graph: &StoreGraph,
    closure: &Closure,
    (before, after): (&Recipes, &Recipes),
    progress: &Progress,
) -> Result<Prediction, PredictionError> {
    let no_output = || PredictionError::NoOutput(after.top.clone());
    let root = after.output().ok_or_else(no_output)?;
    let pairs = Pairs::of(before, after);
    let mut references = References::new(graph, closure, (before, after), &pairs);
    let mut new = Vec::new();
    for drv in after.in_order() {
        progress.check()?;
        let Some(recipe) = after.all.get(drv) else {
            continue;
        };
        for (output, base) in &recipe.outputs {
            if references.known(base).is_none() {
                let one = references.predict((drv, recipe), output, base);
                new.push(one);
            }
        }
    }
    let root = references
        .known(root)
        .map_or_else(|| root.to_owned(), |id| graph.base_name(id).to_owned());
    assemble(graph, closure, &root, &new)
}

/// Puts what is known and what is new into one graph.
fn assemble(
    graph: &StoreGraph,
    closure: &Closure,
    root: &str,
    new: &[New],
) -> Result<Prediction, PredictionError> {
    let too_large = || PredictionError::TooLarge;
    let mut builder = GraphBuilder::new(graph.store_dir().clone(), false);
    let mut drafts = Vec::with_capacity(graph.len());
    for id in graph.ids() {
        let draft = builder.intern(graph.base_name(id)).ok_or_else(too_large)?;
        if !graph.is_missing(id) {
            builder.record(draft, graph.info(id));
        }
        drafts.push(draft);
    }
    for id in graph.ids() {
        for &to in graph.references(id) {
            builder.reference(drafts[id.index()], drafts[to.index()]);
        }
    }
    for one in new {
        let from = builder.intern(&one.base).ok_or_else(too_large)?;
        builder.record(from, PathInfo::with_nar_size(one.size));
        for reference in &one.references {
            let to = builder.intern(reference).ok_or_else(too_large)?;
            builder.reference(from, to);
        }
    }
    let after_root = builder.intern(root).ok_or_else(too_large)?;
    let built = builder.finish(&[after_root]);
    let again = |&id: &PathId| built.graph.find(graph.base_name(id));
    let before: Vec<PathId> = closure.roots().iter().filter_map(again).collect();
    let before = Closure::of(&built.graph, &before);
    let after = Closure::of(&built.graph, &built.roots);
    let mut certain = HashMap::new();
    for one in new {
        if let Some(id) = built.graph.find(&one.base)
            && after.contains(id)
        {
            certain.insert(id, one.certainty);
        }
    }
    Ok(Prediction {
        before,
        after,
        new: certain,
        graph: built.graph,
    })
}

#[cfg(test)]
mod tests;
