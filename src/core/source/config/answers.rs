//! What the evaluated expression prints as it goes: a line of JSON for each step.

use serde::{Deserialize, Serialize};

/// A line.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "k")]
pub(super) enum Said {
    /// How many questions there are.
    #[serde(rename = "c")]
    Count {
        /// Their number.
        n: u64,
    },
    /// The next question is about this option.
    #[serde(rename = "b")]
    Begins {
        /// The option's names.
        o: Vec<String>,
    },
    /// The definitions of an option.
    #[serde(rename = "o")]
    Option {
        /// The option's names.
        o: Vec<String>,
        /// Those definitions whose values hold store paths.
        d: Vec<SaidDefinition>,
        /// Whether the option is for the module system's own use.
        g: bool,
    },
    /// An option whose value throws.
    #[serde(rename = "x")]
    Thrown {
        /// The option's names.
        o: Vec<String>,
    },
    /// A boolean option that is on.
    #[serde(rename = "s")]
    Switch {
        /// The option's names.
        o: Vec<String>,
        /// The files that declare it.
        n: Vec<String>,
        /// The lines it is declared in.
        l: Vec<Option<u32>>,
        /// Its definitions; none: the default turns it on.
        d: Vec<SaidValue>,
    },
    /// Something about the configuration.
    #[serde(rename = "a")]
    About {
        /// What.
        n: String,
        /// The answer.
        v: String,
    },
    /// Whether an option is there.
    #[serde(rename = "e")]
    Exists {
        /// The option's names.
        o: Vec<String>,
        /// The answer.
        v: bool,
    },
    /// An input of a flake.
    #[serde(rename = "n")]
    Input {
        /// Its name.
        n: String,
        /// Where it is.
        v: String,
    },
    /// Nothing worth telling.
    #[serde(rename = "-")]
    Nothing,
}

/// A definition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct SaidDefinition {
    /// The file.
    pub(super) f: String,
    /// The store paths in its value.
    pub(super) t: Vec<SaidPath>,
}

/// A store path in a value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct SaidPath {
    /// The attributes that lead to it.
    pub(super) a: Vec<String>,
    /// Where the last of them stands.
    pub(super) p: Option<SaidPosition>,
    /// The path.
    pub(super) t: String,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct SaidPosition {
    /// The file.
    pub(super) f: String,
    /// The line, from 1 on.
    pub(super) l: u32,
}

/// A definition of a switch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct SaidValue {
    /// The file.
    pub(super) f: String,
    /// The value, as Nix writes it.
    pub(super) v: String,
}

impl Said {
    /// A line that the question said; `None` of what another expression said.
    pub(super) fn parse(line: &str) -> Option<Self> {
        serde_json::from_str(line).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_and_others_passed_over() {
        let line = r#"{"d":[{"f":"/a.nix","t":[{"a":["x"],"p":null,"t":"/nix/store/y"}]}],"g":false,"k":"o","o":["a","b"]}"#;
        assert!(matches!(
            Said::parse(line),
            Some(Said::Option { g: false, .. })
        ));
        assert_eq!(Said::parse(r#"{"k":"-"}"#), Some(Said::Nothing));
        for other in ["", "{", "evaluating", r#"{"k":"z"}"#, r#"{"k":"b","o":3}"#] {
            assert_eq!(Said::parse(other), None, "{other}");
        }
    }
}
