//! The outputs of derivations, as far as a source was asked for them and knows them.

use super::graph::StoreGraph;
use super::output::{Output, Outputs};
use super::path_id::PathId;

impl StoreGraph {
    /// The outputs of a derivation, by name. `None` if the graph was loaded without them.
    pub fn outputs(&self, id: PathId) -> Option<&[Output]> {
        let outputs = self.outputs.as_ref()?;
        Some(outputs.get(&id).map(Vec::as_slice).unwrap_or_default())
    }

    /// NAR size of the outputs that are in the store, in bytes; `None` if there are none or one's size is unknown.
    pub fn outputs_size(&self, id: PathId) -> Option<u64> {
        let valid = self.outputs(id)?.iter().filter(|output| output.valid);
        valid
            .map(|output| output.nar_size.get())
            .try_fold(None, |sum, size| {
                let sum: u64 = sum.unwrap_or(0);
                sum.checked_add(size?).map(Some)
            })?
    }

    /// Derivations with what they make, by base name. `None` if the graph was loaded without them.
    pub fn known_outputs(&self) -> Option<impl Iterator<Item = (&str, &[Output])>> {
        let outputs = self.outputs.as_ref()?.iter();
        Some(outputs.map(|(&id, own)| (self.base_name(id), own.as_slice())))
    }

    /// Takes over what is known elsewhere of derivations of this graph. What is known here stays.
    pub fn add_outputs<'o>(&mut self, known: impl IntoIterator<Item = (&'o str, &'o [Output])>) {
        let mut all = self.outputs.take().unwrap_or_default();
        for (name, own) in known {
            if let Some(id) = self.find(name) {
                all.entry(id).or_insert_with(|| own.to_vec());
            }
        }
        self.outputs = Some(all);
    }

    /// Takes what is known of the derivations of this graph, in place of what was.
    pub fn set_outputs(&mut self, outputs: Option<Outputs>) {
        self.outputs = outputs;
    }

    /// Whether the graph was loaded with the outputs of its derivations.
    pub fn knows_outputs(&self) -> bool {
        self.outputs.is_some()
    }
}
