//! Keys, and the commands they give.

pub(crate) mod command;
pub(crate) mod fixed;
pub(crate) mod gestures;
pub(crate) mod keymap;
pub(crate) mod table;
