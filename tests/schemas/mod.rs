//! What the formats of `check` have to be for their readers: the structure of each written down and checked, strictly.

pub mod github;
pub mod gitlab;
pub mod junit;
pub mod sarif;
pub mod xml;
