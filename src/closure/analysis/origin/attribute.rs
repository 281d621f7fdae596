//! Attribute paths as Nix writes them.

/// Words that are no attribute names without quotes.
const KEYWORDS: &[&str] = &[
    "assert", "else", "if", "in", "inherit", "let", "or", "rec", "then", "with",
];

/// An attribute's name, in quotes where Nix wants them.
pub fn quoted(name: &str) -> String {
    let first = |c: char| c.is_ascii_alphabetic() || c == '_';
    let rest = |c: char| c.is_ascii_alphanumeric() || "_'-".contains(c);
    let is_plain = name.starts_with(first) && name.chars().all(rest) && !KEYWORDS.contains(&name);
    if is_plain {
        return name.to_owned();
    }
    let escaped = name.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", escaped.replace("${", "\\${"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_where_nix_wants_it() {
        for (name, expected) in [
            ("nginx", "nginx"),
            ("nix-daemon", "nix-daemon"),
            ("nix/nix.conf", "\"nix/nix.conf\""),
            ("getty@", "\"getty@\""),
            ("1password", "\"1password\""),
            ("with", "\"with\""),
            ("", "\"\""),
            ("a\"${b}\\", "\"a\\\"\\${b}\\\\\""),
        ] {
            assert_eq!(quoted(name), expected, "{name}");
        }
    }
}
