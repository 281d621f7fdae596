//! What a closure would be if other derivations were built than were built before.
//!
//! Outputs that are known stay as they are, exactly. An output that is new is taken to reference what its *counterpart*
//! references, the output of the derivation of the same name before: each reference again if the new derivation can still
//! have it, what stands in for it where that changed, and not at all where neither is to be had; and besides what the new
//! derivation names that the old one did not. A counterpart of the same name lends its size as well. All else that is new
//! has an unknown size. A rebuild says how good that was.

mod gives;
mod pairs;
mod references;

use std::collections::{HashMap, HashSet};

use thiserror::Error;

use crate::job::{Cancelled, Progress};
use crate::model::{Closure, GraphBuilder, PathId, PathInfo, Size, StoreGraph};

pub use self::gives::Gives;
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

/// What a predicted closure is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// What was built of the derivations before.
    Built,
    /// Another build of them, matched by name.
    Earlier,
    /// What was named, which is no build of them: what is known by name of both is the same.
    Named,
    /// What the derivations before would give. They were never built, so that it is predicted, too.
    Evaluated,
}

impl Basis {
    /// Its word in documents.
    pub fn word(self) -> &'static str {
        match self {
            Self::Built => "built",
            Self::Earlier => "earlier",
            Self::Named => "named",
            Self::Evaluated => "evaluated",
        }
    }
}

/// A predicted closure beside the one it is compared with.
#[derive(Debug, Clone)]
pub struct Prediction {
    /// Everything known, and the new outputs.
    pub graph: StoreGraph,
    /// The closure as it is; if that was never built, as it would be.
    pub before: Closure,
    /// What that is.
    pub basis: Basis,
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
    /// None of several roots that were named is a build of the derivations before: which of them to replace is not known.
    #[error("none of {} is a build of it", .0.join(", "))]
    NoRoot(Vec<String>),
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
/// as it is, and may hold more of what is known. Of several roots of the closure the one that was built of `before` is
/// replaced, all others stay. Where there is none, roots that were `named` are compared as a whole if it is one, and are an
/// error if they are several; without names the closure only lends what it knows, and both sides are predicted.
pub fn predict(
    graph: &StoreGraph,
    (closure, named): (&Closure, bool),
    (before, after): (&Recipes, &Recipes),
    progress: &Progress,
) -> Result<Prediction, PredictionError> {
    let pairs = Pairs::of(before, after);
    let mut references = References::new(graph, closure, (before, after), &pairs);
    let mut new = fresh(after, &mut references, progress)?;
    let root = root_of(after, &references)?;
    let (sides, basis) = match basis(closure, named, before, &references) {
        (Some(old), basis) => (sides(graph, closure, old, &root), basis),
        (None, Basis::Named) => {
            let roots = bases(graph, closure.roots());
            if roots.len() > 1 {
                return Err(PredictionError::NoRoot(roots));
            }
            ((roots, vec![root]), Basis::Named)
        }
        (None, basis) => {
            let none = Pairs::of(before, before);
            let mut references = References::new(graph, closure, (before, before), &none);
            new.extend(fresh(before, &mut references, progress)?);
            ((vec![root_of(before, &references)?], vec![root]), basis)
        }
    };
    assemble(graph, sides, basis, &new)
}

/// The outputs of derivations that are not known, each predicted after those it takes.
fn fresh(
    recipes: &Recipes,
    references: &mut References<'_>,
    progress: &Progress,
) -> Result<Vec<New>, PredictionError> {
    let mut new = Vec::new();
    for drv in recipes.in_order() {
        progress.check()?;
        let Some(recipe) = recipes.all.get(drv) else {
            continue;
        };
        for (output, base) in &recipe.outputs {
            if references.known(base).is_none() {
                new.push(references.predict((drv, recipe), output, base));
            }
        }
    }
    Ok(new)
}

/// The base name under which what derivations give as a whole is in the graph.
fn root_of(recipes: &Recipes, references: &References<'_>) -> Result<String, PredictionError> {
    let no_output = || PredictionError::NoOutput(recipes.top.clone());
    let base = recipes.output().ok_or_else(no_output)?;
    Ok(references.resolved(base))
}

/// What is to be compared, and the path that was built of the derivations before, if it is there.
fn basis(
    closure: &Closure,
    named: bool,
    before: &Recipes,
    references: &References<'_>,
) -> (Option<PathId>, Basis) {
    let base = before.output();
    let old = base.and_then(|base| references.known(base));
    // Of one root that was named the whole is meant, whatever it holds.
    let is_meant = |id: &PathId| {
        let is_part = !named && closure.contains(*id);
        is_part || closure.is_root(*id)
    };
    match old.filter(is_meant) {
        Some(old) if base.is_some_and(|base| references.is_exact(base)) => {
            (Some(old), Basis::Built)
        }
        Some(old) => (Some(old), Basis::Earlier),
        None if named => (None, Basis::Named),
        None => (None, Basis::Evaluated),
    }
}

/// The base names of the roots before and after: one of them is replaced.
fn sides(
    graph: &StoreGraph,
    closure: &Closure,
    old: PathId,
    root: &str,
) -> (Vec<String>, Vec<String>) {
    if !closure.is_root(old) {
        return (bases(graph, &[old]), vec![root.to_owned()]);
    }
    let before = bases(graph, closure.roots());
    let replaced = graph.base_name(old);
    let after = before
        .iter()
        .map(|base| if base == replaced { root } else { base });
    let after = after.map(str::to_owned).collect();
    (before, after)
}

fn bases(graph: &StoreGraph, ids: &[PathId]) -> Vec<String> {
    let bases = ids.iter().map(|&id| graph.base_name(id).to_owned());
    bases.collect()
}

/// Puts what is known and what is new into one graph.
fn assemble(
    graph: &StoreGraph,
    (before, after): (Vec<String>, Vec<String>),
    basis: Basis,
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
    let mut roots = Vec::with_capacity(after.len());
    for base in &after {
        roots.push(builder.intern(base).ok_or_else(too_large)?);
    }
    let built = builder.finish(&roots);
    let before: Vec<PathId> = before
        .iter()
        .filter_map(|base| built.graph.find(base))
        .collect();
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
        basis,
        after,
        new: certain,
        graph: built.graph,
    })
}

#[cfg(test)]
mod tests;
