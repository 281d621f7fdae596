//! The settings behind the `?` of a store's address. Each is known or refused: one that is passed over could lead to
//! another store than the one that was named.

use crate::source::SourceError;
use crate::source::address::decoded;

/// What says where a store on this machine is.
pub(super) const PLACES: [&str; 3] = ["root", "state", "store"];
/// What changes nothing about which paths a store on this machine has, nor where.
const HARMLESS: [&str; 10] = [
    "build-dir",
    "log",
    "path-info-cache-size",
    "priority",
    "read-only",
    "require-sigs",
    "system-features",
    "trusted",
    "want-mass-query",
    "use-roots-daemon",
];
/// What changes how a binary cache is written or preferred, not what is in it.
const OF_CACHES: [&str; 17] = [
    "compression",
    "compression-level",
    "index-debug-info",
    "local-nar-cache",
    "log-compression",
    "ls-compression",
    "narinfo-compression",
    "parallel-compression",
    "path-info-cache-size",
    "priority",
    "secret-key",
    "secret-keys",
    "system-features",
    "trusted",
    "tls-certificate",
    "want-mass-query",
    "write-nar-listing",
];

/// The settings of one address that say where a store is.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Settings(Vec<(&'static str, String)>);

impl Settings {
    /// Those of a store on this machine.
    pub(crate) fn of_local(text: &str) -> Result<Self, SourceError> {
        Self::parse(text, &PLACES, &HARMLESS, "a store on this machine")
    }

    /// Looks whether those of a binary cache can be passed over.
    pub(crate) fn check_cache(text: &str) -> Result<(), SourceError> {
        Self::parse(text, &[], &OF_CACHES, "a binary cache").map(drop)
    }

    fn parse(
        text: &str,
        known: &[&'static str],
        harmless: &[&str],
        kind: &str,
    ) -> Result<Self, SourceError> {
        let mut settings = Self::default();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decoded(name), decoded(value));
            if harmless.contains(&name.as_str()) {
                continue;
            }
            let wrong = |problem: &str| {
                let known = match known {
                    [] => format!("leave it out: {kind} has no setting that says where it is"),
                    known => format!("the settings of {kind} are {}", known.join(", ")),
                };
                Err(SourceError::Usage {
                    message: format!("the setting '{name}' of the store {problem}"),
                    hint: known,
                })
            };
            let Some(&known) = known.iter().find(|known| **known == name) else {
                return wrong("is not known");
            };
            if value.is_empty() {
                return wrong("is empty");
            }
            if settings.get(known).is_some() {
                return wrong("is given twice");
            }
            if known != "root" && !value.starts_with('/') {
                return wrong("is not an absolute path");
            }
            settings.0.push((known, value));
        }
        Ok(settings)
    }

    /// The value of a setting.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let mut all = self.0.iter();
        all.find(|(known, _)| *known == name)
            .map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_known_or_refused_with_those_that_are() {
        let read = |text: &str| Settings::of_local(text).map_err(|error| error.to_string());
        let settings = read("root=%2Fa%20b&state=/s&trusted=1&").expect("known");
        assert_eq!(
            (settings.get("root"), settings.get("state")),
            (Some("/a b"), Some("/s"))
        );
        assert_eq!(settings.get("store"), None);
        assert_eq!(read(""), Ok(Settings::default()));
        for (text, problem) in [
            ("rot=/x", "'rot' of the store is not known"),
            ("ROOT=/x", "'ROOT' of the store is not known"),
            ("real=/x", "'real' of the store is not known"),
            ("root=", "is empty"),
            ("root", "is empty"),
            ("root=/a&root=/b", "is given twice"),
            ("store=relative", "is not an absolute path"),
        ] {
            let error = Settings::of_local(text).expect_err(text);
            assert!(error.to_string().contains(problem), "{error}");
            assert!(
                error
                    .hint()
                    .is_some_and(|hint| hint.contains("root, state, store"))
            );
        }
        assert!(Settings::check_cache("priority=3&trusted=true").is_ok());
        let error = Settings::check_cache("root=/x").expect_err("no cache has it");
        assert!(error.to_string().contains("'root'"), "{error}");
    }
}
