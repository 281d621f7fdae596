//! Which version is newer, by Nix's rules, and what a name contains beyond its version.

use crate::model::{PackageName, PathId, StoreGraph};
use std::cmp::Ordering;

/// Compares versions as `builtins.compareVersions` does: by parts of digits or of other characters, `pre` before
/// everything.
pub fn compare(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (parts(a), parts(b));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (x, y) => compare_parts(x.unwrap_or(""), y.unwrap_or("")),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

fn parts(version: &str) -> impl Iterator<Item = &str> {
    version.split(['.', '-']).flat_map(|piece| {
        let mut rest = piece;
        std::iter::from_fn(move || {
            let digit = rest.chars().next()?.is_ascii_digit();
            let length = rest
                .find(|character: char| character.is_ascii_digit() != digit)
                .unwrap_or(rest.len());
            let (part, behind) = rest.split_at(length);
            rest = behind;
            Some(part)
        })
    })
}

fn compare_parts(a: &str, b: &str) -> Ordering {
    let number = |part: &str| part.bytes().all(|b| b.is_ascii_digit()) && !part.is_empty();
    let rank = |part: &str| match part {
        "pre" => 0,
        "" => 1,
        _ if number(part) => 3,
        _ => 2,
    };
    match (number(a), number(b)) {
        (true, true) => {
            let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
            a.len().cmp(&b.len()).then_with(|| a.cmp(b))
        }
        _ => rank(a).cmp(&rank(b)).then_with(|| a.cmp(b)),
    }
}

/// A name taken apart further than package name and version: which build of the package it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build<'a> {
    /// The package's name without variant words: `systemd` for `systemd-minimal-257`.
    pub package: &'a str,
    /// The variant words, empty for the plain package.
    pub variant: &'a str,
    /// The version alone, without what else stands behind it; empty if the name has none.
    pub version: &'a str,
    /// What stands behind the version, `env` in `perl-5.38.2-env`, or between name and version, `100dpi` in
    /// `font-adobe-100dpi-1.0.4`; empty for the package itself.
    pub suffix: &'a str,
    /// The output, if it is not `out`.
    pub output: Option<&'a str>,
}

/// Words that name a variant of a package rather than another package.
const VARIANTS: &[&str] = &[
    "minimal",
    "full",
    "headless",
    "static",
    "libs",
    "lite",
    "small",
    "nox",
    "unwrapped",
    "wrapped",
];

impl<'a> Build<'a> {
    /// Takes a name apart.
    pub fn of(package: PackageName<'a>) -> Self {
        let (name, mut variant) = split_variant(package.pname);
        let (version, mut suffix) = split_suffix(package.version);
        if let Some((kind, rest)) = split_kind(version) {
            return Self {
                package: name,
                variant,
                version: rest,
                suffix: kind,
                output: package.output,
            };
        }
        if variant.is_empty() && is_variant(suffix) {
            (variant, suffix) = (suffix, "");
        }
        Self {
            package: name,
            variant,
            version,
            suffix,
            output: package.output,
        }
    }
}

fn is_variant(word: &str) -> bool {
    VARIANTS.contains(&word) || word.starts_with("with-")
}

/// Splits a name before its first variant word.
fn split_variant(name: &str) -> (&str, &str) {
    let starts = name.match_indices('-').map(|(at, _)| at);
    for at in starts.filter(|&at| at > 0) {
        let rest = &name[at + 1..];
        let all = rest.starts_with("with-") || rest.split('-').all(|word| VARIANTS.contains(&word));
        if all && !rest.is_empty() {
            return (&name[..at], rest);
        }
    }
    (name, "")
}

/// Splits off what stands before a version and belongs to the name, `100dpi` in `font-adobe-100dpi-1.0.4`: a number with a
/// word.
fn split_kind(version: &str) -> Option<(&str, &str)> {
    let (kind, rest) = version.split_once('-')?;
    let word = kind.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_word = word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_lowercase());
    (is_word && rest.starts_with(|c: char| c.is_ascii_digit())).then_some((kind, rest))
}

/// Splits a version before its first part that begins with a letter.
fn split_suffix(version: &str) -> (&str, &str) {
    let bytes = version.as_bytes();
    let split = bytes
        .windows(2)
        .position(|pair| pair[0] == b'-' && pair[1].is_ascii_alphabetic());
    match split {
        Some(at) => (&version[..at], &version[at + 1..]),
        None => (version, ""),
    }
}

/// Whether all of some paths have the same version in their names: they are builds of it then, not versions.
pub fn same_version(graph: &StoreGraph, paths: &[PathId]) -> bool {
    let mut versions = paths.iter().map(|&id| graph.package(id).version);
    let first = versions.next();
    versions.all(|version| Some(version) == first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_in_nix() {
        // The table of the Nix manual.
        for (older, newer) in [
            ("1.0", "2.3"),
            ("2.1", "2.3"),
            ("2.3", "2.5"),
            ("2.5", "3.1"),
            ("2.3", "2.3.1"),
            ("2.3a", "2.3.1"),
            ("2.3pre1", "2.3"),
            ("2.3pre3", "2.3pre12"),
            ("2.3a", "2.3c"),
            ("2.3pre1", "2.3c"),
            ("2.3pre1", "2.3q"),
            ("9", "18446744073709551616"),
        ] {
            assert_eq!(compare(older, newer), Ordering::Less, "{older} {newer}");
            assert_eq!(compare(newer, older), Ordering::Greater, "{newer} {older}");
        }
        assert_eq!(compare("2.3", "2.3"), Ordering::Equal);
        assert_eq!(compare("2.03", "2.3"), Ordering::Equal);
    }

    #[test]
    fn variants_are_told_from_packages() {
        let cases = [
            ("systemd-minimal-257.9", ("systemd", "minimal", "257.9", "")),
            (
                "systemd-minimal-libs-257.9",
                ("systemd", "minimal-libs", "257.9", ""),
            ),
            ("ffmpeg-headless-7.1-lib", ("ffmpeg", "headless", "7.1", "")),
            ("git-with-svn-2.50", ("git", "with-svn", "2.50", "")),
            ("util-linux-2.41", ("util-linux", "", "2.41", "")),
            ("perl-5.38.2-env", ("perl", "", "5.38.2", "env")),
            ("vim-9.1-full", ("vim", "full", "9.1", "")),
            ("minimal-1", ("minimal", "", "1", "")),
            ("font-75dpi-1.0.4", ("font", "", "1.0.4", "75dpi")),
        ];
        for (name, expected) in cases {
            let build = Build::of(PackageName::parse(name));
            assert_eq!(
                (build.package, build.variant, build.version, build.suffix),
                expected,
                "{name}"
            );
        }
    }
}
