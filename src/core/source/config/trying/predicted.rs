//! What a try gives: what is known of both sides is loaded, the rest predicted, and caches are asked for what stays unknown.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Tried;
use crate::analysis::prediction::{Certainty, Prediction, PredictionError, Recipes, predict};
use crate::job::Progress;
use crate::model::{Closure, Warning};
use crate::source::open::sides::joined;
use crate::source::{BoxedSource, Loaded, Request, Source, SourceError};

/// What is known without building.
pub struct Ground<'a> {
    /// Where what is built is read from.
    pub source: &'a dyn Source,
    /// The roots it is compared with. None: what the configuration makes as it is, or where that is not built the source's
    /// default.
    pub roots: Vec<String>,
    /// Paths that are wanted besides, for instance to replace others with.
    pub extras: Vec<String>,
    /// Binary caches that may be asked for what is new.
    pub caches: Vec<BoxedSource>,
}

/// What a try is predicted to give.
#[derive(Debug)]
pub struct Predicted {
    /// Both closures.
    pub prediction: Prediction,
    /// Whether the closure it is compared with is not what the configuration makes as it is: paths are matched by name.
    pub is_by_name: bool,
    /// What was unexpected.
    pub warnings: Vec<Warning>,
}

impl Tried {
    /// Whether the changes change nothing: the same derivation is built with them and without.
    pub fn is_idle(&self) -> bool {
        self.before.top == self.after.top
    }

    /// Predicts what the changes give.
    pub fn predicted(
        &self,
        ground: &Ground<'_>,
        progress: &Progress,
    ) -> Result<Predicted, SourceError> {
        let mut loaded = self.loaded(ground, progress)?;
        let mut prediction = self.predict(&loaded, progress)?;
        if !ground.caches.is_empty() {
            loaded = ask(ground, loaded, &prediction, progress)?;
            prediction = self.predict(&loaded, progress)?;
        }
        let built = self.before.output();
        let built = built.and_then(|base| prediction.graph.find(base));
        Ok(Predicted {
            is_by_name: !built.is_some_and(|id| prediction.before.contains(id)),
            prediction,
            warnings: loaded.warnings,
        })
    }

    fn predict(&self, loaded: &Loaded, progress: &Progress) -> Result<Prediction, SourceError> {
        let closure = Closure::of(&loaded.graph, &loaded.roots);
        let recipes = (&self.before, &self.after);
        predict(&loaded.graph, &closure, recipes, progress).map_err(|error| match error {
            PredictionError::Cancelled(cancelled) => cancelled.into(),
            error => SourceError::Other {
                message: format!("nothing can be predicted: {error}"),
                hint: "build it, and compare with `nix-heft diff`".to_owned(),
            },
        })
    }

    /// What it is compared with, and all that may be known of what is new.
    fn loaded(&self, ground: &Ground<'_>, progress: &Progress) -> Result<Loaded, SourceError> {
        let full = |base: &str| format!("{}/{base}", self.store_dir);
        let mut wanted: Vec<String> = self.wanted().iter().map(|base| full(base)).collect();
        wanted.extend(ground.extras.iter().cloned());
        let request = |roots: Vec<String>| Request {
            roots,
            extras: wanted.clone(),
            lenient: true,
            ..Request::default()
        };
        let is_named = !ground.roots.is_empty();
        let roots = if is_named {
            ground.roots.clone()
        } else {
            self.before.output().map(full).into_iter().collect()
        };
        // Whether they are there is asked by itself: what is not is left out of the rest.
        let alone = Request {
            roots: roots.clone(),
            ..Request::default()
        };
        match ground.source.load(&alone, progress) {
            Ok(_) => ground.source.load(&request(roots), progress),
            // It has not been built as it is: the source's own system is as near as one comes.
            Err(SourceError::UnknownRoot { .. }) if !is_named => {
                ground.source.load(&request(Vec::new()), progress)
            }
            Err(error) => Err(error),
        }
    }

    /// What may be known of what is new: outputs of new derivations, and what those take.
    fn wanted(&self) -> BTreeSet<String> {
        let mut wanted = BTreeSet::new();
        let outputs = |recipes: &Recipes, drv: &str| -> Vec<String> {
            let recipe = recipes.all.get(drv);
            let outputs = recipe.into_iter().flat_map(|recipe| &recipe.outputs);
            outputs.map(|(_, base)| base.clone()).collect()
        };
        for (drv, recipe) in &self.after.all {
            if self.before.all.contains_key(drv) {
                continue;
            }
            wanted.extend(outputs(&self.after, drv));
            wanted.extend(recipe.sources.iter().cloned());
            for (input, _) in &recipe.inputs {
                wanted.extend(outputs(&self.after, input));
            }
        }
        wanted
    }
}

/// Asks caches for what is of unknown size, one after the other until all is known.
fn ask(
    ground: &Ground<'_>,
    mut loaded: Loaded,
    prediction: &Prediction,
    progress: &Progress,
) -> Result<Loaded, SourceError> {
    let unknown = prediction.new.iter();
    let unknown = unknown.filter(|&(_, &sure)| sure == Certainty::Unknown);
    let graph = &prediction.graph;
    let unknown: BTreeSet<&str> = unknown.map(|(&id, _)| graph.base_name(id)).collect();
    for cache in &ground.caches {
        let is_known = |base: &str| {
            let found = loaded.graph.find(base);
            found.is_some_and(|id| !loaded.graph.is_missing(id))
        };
        let dir = graph.store_dir();
        let missing = unknown.iter().filter(|base| !is_known(base));
        let roots: Vec<String> = missing.map(|base| format!("{dir}/{base}")).collect();
        if roots.is_empty() {
            break;
        }
        let request = Request {
            roots,
            lenient: true,
            ..Request::default()
        };
        match cache.load(&request, progress) {
            Ok(more) if more.roots.is_empty() => {}
            Ok(more) => loaded = with(loaded, more)?,
            Err(SourceError::Cancelled(cancelled)) => return Err(cancelled.into()),
            Err(error) => loaded.warnings.push(Warning {
                kind: "a binary cache that could not be asked".to_owned(),
                count: 1,
                examples: vec![error.to_string()],
            }),
        }
    }
    Ok(loaded)
}

/// What was loaded, with what a cache knows.
fn with(loaded: Loaded, more: Loaded) -> Result<Loaded, SourceError> {
    let mut warnings = loaded.warnings.clone();
    warnings.extend(more.warnings.clone());
    let origin = loaded.origin.clone();
    let sides = joined(loaded, more)?;
    Ok(Loaded {
        roots: sides.before.roots().to_vec(),
        graph: Arc::clone(&sides.graph),
        warnings,
        origin,
        found: sides.found,
    })
}
