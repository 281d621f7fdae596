//! What is looked at, in a few words: nothing needs to be said of the system's own store.

use super::Facts;
use crate::source::address::redacted;
use crate::source::db::BELOW_ROOT;

impl Facts {
    /// The store's directory, the address or the file that was read, unless it is the system's own store.
    pub fn named_source(&self) -> Option<String> {
        let origin = self.snapshot.origin.as_str();
        let place = origin.strip_suffix(BELOW_ROOT).unwrap_or(origin);
        (!place.is_empty()).then(|| redacted(place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::facts::Snapshot;
    use crate::testing::graph;

    #[test]
    fn a_source_is_named_unless_it_is_the_own_store() {
        let named = |origin: &str| {
            let (graph, closure) = graph("app 1");
            let snapshot = Snapshot {
                graph: graph.into(),
                closure: closure.into(),
                warnings: Vec::new(),
                origin: origin.to_owned(),
                found: std::sync::Arc::default(),
                before: None,
                guess: None,
            };
            Facts::of(snapshot).named_source()
        };
        for (origin, expected) in [
            ("/nix/var/nix/db/db.sqlite", None),
            ("/mnt/nix/var/nix/db/db.sqlite", Some("/mnt")),
            ("https://a:secret@cache.org/x", Some("https://cache.org/x")),
            ("ssh-ng://me@host", Some("ssh-ng://host")),
            ("a.heft", Some("a.heft")),
        ] {
            assert_eq!(named(origin).as_deref(), expected, "{origin}");
        }
    }
}
