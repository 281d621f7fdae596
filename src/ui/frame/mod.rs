//! What surrounds the view: header, tabs, footer, and the line being typed.

pub(crate) mod badges;
pub(crate) mod chrome;
pub(crate) mod footer;
pub(crate) mod prompt;
