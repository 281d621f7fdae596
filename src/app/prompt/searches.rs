//! Earlier searches.

use crate::analysis::query::Query;

/// What was searched for before.
#[derive(Debug, Clone, Default)]
pub struct Searches(pub(super) Vec<String>);

impl Searches {
    /// Those of earlier sessions, the oldest first; what cannot be read is left out.
    pub(crate) fn recalled(mut texts: Vec<String>) -> Self {
        texts.retain(|text| Query::parse(text).is_ok());
        Self(texts)
    }

    /// Notes a search; the same one is not kept twice.
    pub(crate) fn note(&mut self, text: &str) {
        self.0.retain(|other| other != text);
        self.0.push(text.to_owned());
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
