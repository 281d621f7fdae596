//! What kind of machine a closure is for, and of which releases of NixOS it is.

use serde::Deserialize;

use crate::model::{Closure, StoreGraph};

use super::{Pattern, Release};

/// A class of machines: what one of them cannot do without is useless on another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Machine {
    /// It has a graphical session.
    Desktop,
    /// It has a kernel and no graphical session.
    Server,
    /// It has no kernel: a container, an image of one program, a package.
    Container,
}

impl Machine {
    /// A stable name for machines.
    pub fn key(self) -> &'static str {
        match self {
            Self::Desktop => "desktop",
            Self::Server => "server",
            Self::Container => "container",
        }
    }
}

/// What the names in a closure tell of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct System {
    pub(super) machine: Machine,
    /// The releases of its systems, ascending; none if there is no system, or its name does not tell.
    pub(super) releases: Vec<Release>,
}

impl System {
    /// Looks through the names. `desktops` and `kernels` are the packages that tell one.
    pub(super) fn of(
        graph: &StoreGraph,
        closure: &Closure,
        desktops: &[Pattern],
        kernels: &[Pattern],
    ) -> Self {
        let (mut desktop, mut kernel, mut releases) = (false, false, Vec::new());
        for id in closure.members().iter() {
            let name = graph.name(id);
            releases.extend(Release::of_system(name));
            desktop = desktop || desktops.iter().any(|pattern| pattern.matches_name(name));
            kernel = kernel || kernels.iter().any(|pattern| pattern.matches_name(name));
        }
        releases.sort_unstable();
        releases.dedup();
        let machine = match (desktop, kernel) {
            (true, _) => Machine::Desktop,
            (false, true) => Machine::Server,
            (false, false) => Machine::Container,
        };
        Self { machine, releases }
    }
}
