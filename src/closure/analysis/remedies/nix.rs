//! Nix syntax: names as attributes, any text as a string or a comment.

use crate::model::{PathId, StoreGraph};
use crate::text::sanitise;

/// Words that are no names of attributes without quotes.
const KEYWORDS: [&str; 10] = [
    "if", "then", "else", "assert", "with", "let", "in", "rec", "inherit", "or",
];

/// A name as an attribute: quoted where it is no identifier.
pub(super) fn attribute(name: &str) -> String {
    let first = name.bytes().next();
    let begins = first.is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if begins && name.bytes().all(plain) && !KEYWORDS.contains(&name) {
        return name.to_owned();
    }
    string(name)
}

/// A text as a string.
pub(super) fn string(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in sanitise(text).chars() {
        if matches!(character, '"' | '\\' | '$') {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted.push('"');
    quoted
}

/// A text in a comment to the end of the line.
pub(super) fn comment(text: &str) -> String {
    sanitise(text).into_owned()
}

/// What nixpkgs is likely to call a package: `systemdMinimal` for `systemd-minimal`.
pub(super) fn nixpkgs_attribute(pname: &str) -> String {
    match pname.strip_suffix("-minimal") {
        Some(stem) if !stem.is_empty() => attribute(&format!("{stem}Minimal")),
        _ => attribute(pname),
    }
}

/// The package of a path in a set of packages, with its output: `final.openssl.dev`.
pub(super) fn package_set(graph: &StoreGraph, set: &str, id: PathId) -> String {
    let package = graph.package(id);
    let output = package
        .output
        .map(|output| format!(".{}", attribute(output)));
    format!(
        "{set}.{}{}",
        nixpkgs_attribute(package.pname),
        output.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_code() {
        assert_eq!(attribute("libfoo-2"), "libfoo-2");
        assert_eq!(attribute("7zip"), "\"7zip\"");
        assert_eq!(attribute("gtk+"), "\"gtk+\"");
        assert_eq!(attribute("with"), "\"with\"");
        assert_eq!(attribute("a\"${b}\\"), "\"a\\\"\\${b}\\\\\"");
    }
}
