//! What surrounds the view: header, tabs, footer, and the line being typed.

pub mod badges;
pub mod chrome;
pub mod footer;
pub mod prompt;
