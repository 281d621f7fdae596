//! Keys, and the commands they give.

pub mod command;
pub mod fixed;
pub mod gestures;
pub mod keymap;
pub mod table;
