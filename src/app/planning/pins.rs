//! What is never to be offered for cutting: references that must stay, and paths that are not to be touched.

use std::sync::Arc;

use crate::model::{PathId, Reference};

/// One thing that stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pin {
    /// No reference from or to this path is offered.
    Path(PathId),
    /// This reference is not offered.
    Reference(Reference),
}

/// All of them, in the order they were pinned. Cheap to copy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pins(Arc<[Pin]>);

impl Pins {
    /// The pins, the oldest first.
    pub fn list(&self) -> &[Pin] {
        &self.0
    }

    /// Pins something, or takes the pin out if it is there. Tells whether it is pinned now.
    pub fn toggle(&mut self, pin: Pin) -> bool {
        let mut pins = self.0.to_vec();
        pins.retain(|&other| other != pin);
        let added = pins.len() == self.0.len();
        if added {
            pins.push(pin);
        }
        self.0 = pins.into();
        added
    }

    /// Whether a reference is not to be offered to make `target` leave. References to the target itself are held by their
    /// own pins only: its leaving was asked for.
    pub fn hold(&self, target: PathId, from: PathId, to: PathId) -> bool {
        self.0.iter().any(|&pin| match pin {
            Pin::Path(id) => id == from || (id == to && id != target),
            Pin::Reference(reference) => reference == (from, to),
        })
    }

    /// The same pins in another reading of the store; those about what is gone are left out.
    #[must_use]
    pub fn renewed(&self, renewed: impl Fn(PathId) -> Option<PathId>) -> Self {
        let pin = |pin: &Pin| {
            Some(match *pin {
                Pin::Path(id) => Pin::Path(renewed(id)?),
                Pin::Reference((from, to)) => Pin::Reference((renewed(from)?, renewed(to)?)),
            })
        };
        Self(self.0.iter().filter_map(pin).collect())
    }
}
