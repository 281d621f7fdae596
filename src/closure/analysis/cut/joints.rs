//! The references that no advice should name: those from a root, or from one generated joint, to a generated joint.
//!
//! A joint is a path the system's own machinery puts together out of what the configuration names: `system-path` and
//! `etc`, folders of units, the environments of users, and whole generations that a generation keeps. Without such a
//! reference a system is no system: to cut it is an answer, and a useless one.

use crate::model::{Closure, PathId, PathSet, StoreGraph};

/// Names of joints that are always the same.
const NAMES: &[&str] = &[
    "system-path",
    "etc",
    "system-units",
    "user-units",
    "user-environment",
    "home-manager-path",
    "home-manager-files",
    "home-manager-generation",
];
/// What whole generations are called, before their version.
const GENERATIONS: &[&str] = &["nixos-system-", "darwin-system-"];

/// Whether a name is that of a generated joint.
pub fn is_joint(name: &str) -> bool {
    let generation = |prefix: &&str| name.starts_with(*prefix);
    NAMES.contains(&name) || name.ends_with("-units") || GENERATIONS.iter().any(generation)
}

/// The joints of one closure.
#[derive(Debug, Clone)]
pub(super) struct Joints {
    joints: PathSet,
    /// The joints and the roots.
    tops: PathSet,
}

impl Joints {
    /// Finds them by their names.
    pub(super) fn of(graph: &StoreGraph, closure: &Closure) -> Self {
        let members = closure.members().iter();
        let named = members.filter(|&id| is_joint(graph.name(id)));
        let joints = PathSet::of(graph.len(), named);
        let mut tops = joints.clone();
        tops.extend(closure.roots().iter().copied());
        Self { joints, tops }
    }

    /// Whether a reference is not offered as a way to make `target` leave. All are offered if that is a joint itself.
    #[inline]
    pub(super) fn withhold(&self, target: PathId, from: PathId, to: PathId) -> bool {
        self.joints.contains(to) && self.tops.contains(from) && !self.joints.contains(target)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{graph, id};

    use super::*;

    #[test]
    fn what_a_system_is_put_together_of_is_a_joint() {
        for name in [
            "system-path",
            "etc",
            "user-units",
            "initrd-units",
            "nixos-system-heft-24.05",
        ] {
            assert!(is_joint(name), "{name}");
        }
        for name in [
            "etc-hosts",
            "unit-nginx.service",
            "units-2.22",
            "nixos-rebuild",
        ] {
            assert!(!is_joint(name), "{name}");
        }
    }

    #[test]
    fn joints_are_withheld_from_all_but_themselves() {
        let (graph, closure) = graph(
            "top -> etc system-path\netc -> system-units\nsystem-units -> perl\nsystem-path -> perl",
        );
        let joints = Joints::of(&graph, &closure);
        let id = |name| id(&graph, name);
        let withheld = |target, from, to| joints.withhold(id(target), id(from), id(to));
        assert!(withheld("perl", "top", "etc") && withheld("perl", "etc", "system-units"));
        assert!(!withheld("perl", "system-path", "perl"));
        assert!(!withheld("etc", "top", "etc") && !withheld("system-units", "top", "etc"));
    }
}
