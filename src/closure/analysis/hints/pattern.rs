//! Patterns over the two ends of a reference: `system-path:nano`, `*systemd-boot:python3`.

use crate::analysis::glob;
use crate::model::PackageName;

/// One end of a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pattern {
    /// Any path.
    Any,
    /// A whole name, or the name of a package, whatever its version and output.
    Word(String),
    /// A whole name with a place for any text.
    Glob(String),
}

impl Pattern {
    pub(super) fn of(text: &str) -> Self {
        match text {
            "*" => Self::Any,
            _ if glob::is_pattern(text) => Self::Glob(text.to_owned()),
            _ => Self::Word(text.to_owned()),
        }
    }

    /// Whether a path of this name, and package, is meant.
    pub(super) fn matches(&self, name: &str, package: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Word(word) => word == package || word == name,
            Self::Glob(text) => glob::matches(text, name),
        }
    }

    /// Whether it matches a name whose package is not known yet, as [`Pattern::matches`] tells.
    pub(super) fn matches_name(&self, name: &str) -> bool {
        match self {
            Self::Word(word) => {
                name.starts_with(word.as_str())
                    && self.matches(name, PackageName::parse(name).pname)
            }
            _ => self.matches(name, name),
        }
    }
}

/// A reference that an entry takes away: `REFERRER:REFERENCE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) from: Pattern,
    pub(super) to: Pattern,
}

impl Pair {
    /// Reads a pair; `None` if it is not two ends that say something, with one colon between.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.split_once(':')?;
        let whole = |end: &str| !end.is_empty() && !end.contains([':', '/']) && end.trim() == end;
        let says = from != "*" || to != "*";
        (whole(from) && whole(to) && says).then(|| Self {
            from: Pattern::of(from),
            to: Pattern::of(to),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_a_package_and_a_glob_is_a_name() {
        let cases = [
            ("nano", "nano-8.0", true),
            ("nano", "nano-8.0-info", true),
            ("nano", "nano", true),
            ("nano", "etc-nanorc", false),
            ("fuse", "fuse3-1", false),
            ("perl-[0-9]*-env", "perl-5.38.2-env", true),
            ("perl-[0-9]*-env", "perl-5.38.2", false),
            ("*systemd-boot", "bza6dmx1-systemd-boot", true),
            ("*[0-9]-info", "gnused-4.9-info", true),
            ("*[0-9]-info", "media-player-info", false),
            ("*", "anything", true),
        ];
        for (pattern, name, matches) in cases {
            let pattern = Pattern::of(pattern);
            assert_eq!(pattern.matches_name(name), matches, "{pattern:?} {name}");
        }
    }

    #[test]
    fn a_pair_has_two_ends() {
        for text in ["a", "a:", ":b", "a:b:c", "*:*", "a: b", "/nix/store:b"] {
            assert_eq!(Pair::parse(text), None, "{text}");
        }
        assert!(Pair::parse("*:b").is_some() && Pair::parse("a:*").is_some());
    }
}
