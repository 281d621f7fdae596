//! What is known about NixOS: which line of configuration, or which smaller build, takes which references away.
//!
//! The knowledge is a table, `assets/hints.toml`. An entry speaks of references, not of paths: its price is what leaves
//! without exactly these. What holds a path besides them makes the price smaller, or nothing.

mod held;
mod machine;
mod pattern;
mod release;
mod table;

pub use held::{HeldHint, held};
pub use machine::Machine;
pub use release::Release;
pub use table::{Confidence, Hint, Hints, HintsError, Risk};

use self::machine::System;
use self::pattern::{Pair, Pattern};
