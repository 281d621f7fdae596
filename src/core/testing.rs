//! Graphs in words, sources that deliver them, and what parsers of hostile input are tried with.

#[cfg(test)]
#[expect(dead_code, reason = "no source needs a graph without cycles")]
#[path = "../closure/testing/any_graph.rs"]
mod any_graph;
pub mod database;
pub mod fuzz;
pub mod parsers;

use std::collections::BTreeSet;
use std::sync::Arc;

use nix_heft_closure::testing;

use crate::job::Progress;
use crate::model::{Closure, StoreGraph};
use crate::source::{Loaded, Request, Source, SourceError};

#[cfg(test)]
pub(crate) use any_graph::any_graph;
pub use testing::{Random, graph, hash_part, id, names, plain_graph, store};

/// The keys of all objects in a JSON document.
pub fn json_keys(document: &serde_json::Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut left = vec![document];
    while let Some(value) = left.pop() {
        match value {
            serde_json::Value::Object(map) => {
                found.extend(map.keys().cloned());
                left.extend(map.values());
            }
            serde_json::Value::Array(values) => left.extend(values),
            _ => {}
        }
    }
    found
}

/// A source that delivers what it was given.
pub struct Given(pub Loaded);

impl Given {
    /// Delivers a graph made by [`graph`] or [`store`].
    pub fn of((graph, closure): (StoreGraph, Closure)) -> Self {
        Self(Loaded {
            graph: Arc::new(graph),
            roots: closure.roots().to_vec(),
            warnings: Vec::new(),
            origin: String::new(),
            found: Arc::default(),
        })
    }
}

impl Source for Given {
    fn load(&self, _: &Request, _: &Progress) -> Result<Loaded, SourceError> {
        Ok(self.0.clone())
    }
}
