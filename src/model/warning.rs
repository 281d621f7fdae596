//! Oddities that do not stop a result, but that the user must see.

use std::fmt::{self, Write as _};

/// How many examples of one kind of oddity are kept.
const EXAMPLES: usize = 5;

/// One kind of oddity: how often it occurred, and on what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// What is odd, as a clause without a full stop: `references to paths without a record`.
    pub kind: String,
    /// How often it occurred.
    pub count: usize,
    /// The first few things it occurred on; may be empty.
    pub examples: Vec<String>,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind)?;
        if !self.examples.is_empty() {
            write!(f, ": {}", self.examples.join(", "))?;
        }
        match self.count.saturating_sub(self.examples.len()) {
            0 => Ok(()),
            1 if self.examples.is_empty() => Ok(()),
            times if self.examples.is_empty() => write!(f, " ({times} times)"),
            more => write!(f, " and {more} more"),
        }
    }
}

/// An example, no longer than anybody reads. Nix's own names have 211 characters.
fn clipped(mut example: String) -> String {
    const LONGEST: usize = 500;
    if example.len() > LONGEST {
        let all = example.len();
        example.truncate(example.floor_char_boundary(LONGEST));
        let _ = write!(example, "… ({all} bytes)");
    }
    example
}

/// Warnings collected while loading, grouped by kind so that a million odd rows stay one line.
#[derive(Debug, Clone, Default)]
pub struct Warnings(Vec<Warning>);

impl Warnings {
    /// No warnings yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts one oddity of a kind, with the thing it occurred on.
    pub fn add(&mut self, kind: &str, example: impl fmt::Display) {
        let warning = self.of_kind(kind);
        warning.count += 1;
        if warning.examples.len() < EXAMPLES {
            let example = clipped(example.to_string());
            if !warning.examples.contains(&example) {
                warning.examples.push(example);
            }
        }
    }

    /// Notes a thing that is true of the whole load and needs no example.
    pub fn note(&mut self, kind: &str) {
        self.of_kind(kind).count = 1;
    }

    /// Adds everything of `other`.
    pub fn merge(&mut self, other: Self) {
        for warning in other.0 {
            let mine = self.of_kind(&warning.kind);
            mine.count += warning.count;
            let room = EXAMPLES - mine.examples.len().min(EXAMPLES);
            mine.examples
                .extend(warning.examples.into_iter().take(room));
        }
    }

    /// The warnings, in the order their kinds first occurred.
    pub fn into_vec(self) -> Vec<Warning> {
        self.0
    }

    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn of_kind(&mut self, kind: &str) -> &mut Warning {
        let at = self
            .0
            .iter()
            .position(|w| w.kind == kind)
            .unwrap_or_else(|| {
                self.0.push(Warning {
                    kind: kind.to_owned(),
                    count: 0,
                    examples: Vec::new(),
                });
                self.0.len() - 1
            });
        &mut self.0[at]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_of_a_kind_stay_one_line() {
        let mut warnings = Warnings::new();
        for n in 0..7 {
            warnings.add("rows without a size", n);
        }
        warnings.note("the database is being written");
        warnings.add("long", "ü".repeat(10_000));
        warnings.add("twice", "a");
        warnings.add("twice", "a");
        let long = format!("long: {}… (20000 bytes)", "ü".repeat(250));
        let lines: Vec<String> = warnings
            .into_vec()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            lines,
            [
                "rows without a size: 0, 1, 2, 3, 4 and 2 more",
                "the database is being written",
                &long,
                "twice: a and 1 more"
            ]
        );
    }
}
