//! What the formats of `check` have to be for their readers: the structure of each written down and checked, strictly.

pub(crate) mod github;
pub(crate) mod gitlab;
pub(crate) mod junit;
pub(crate) mod sarif;
pub(crate) mod xml;
