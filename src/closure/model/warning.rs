//! Warnings: what does not prevent a result, but should be seen by the user.

use std::fmt::{self, Write as _};

/// How many examples of one kind of warning are kept.
const EXAMPLES: usize = 5;

/// One kind of warning: how often it occurred, and on what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// What is wrong, as a clause without a full stop: `references to paths without a record`.
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

/// An example, cut to a length that can be read. Nix's own names have 211 characters.
fn clipped(mut example: String) -> String {
    const LONGEST: usize = 500;
    if example.len() > LONGEST {
        let all = example.len();
        example.truncate(example.floor_char_boundary(LONGEST));
        let _ = write!(example, "… ({all} bytes)");
    }
    example
}

/// Warnings collected while something is read, grouped by kind so that a million invalid rows stay one line.
#[derive(Debug, Clone, Default)]
pub struct Warnings {
    all: Vec<Warning>,
    sorted: bool,
}

impl Warnings {
    /// No warnings yet. Kinds and examples stay in the order they come in.
    pub fn new() -> Self {
        Self::default()
    }

    /// No warnings yet, of work that several threads share: kinds are in alphabetical order and the examples are the
    /// smallest ones, whichever thread came first.
    pub fn sorted() -> Self {
        Self {
            all: Vec::new(),
            sorted: true,
        }
    }

    /// Counts one warning of a kind, with the thing it occurred on.
    pub fn add(&mut self, kind: &str, example: impl fmt::Display) {
        let sorted = self.sorted;
        let warning = self.of_kind(kind);
        warning.count += 1;
        if sorted || warning.examples.len() < EXAMPLES {
            warning.keep(clipped(example.to_string()), sorted);
        }
    }

    /// Notes a thing that is true of the whole load and needs no example.
    pub fn note(&mut self, kind: &str) {
        self.of_kind(kind).count = 1;
    }

    /// Adds everything of `other`.
    pub fn merge(&mut self, other: Self) {
        let sorted = self.sorted;
        for warning in other.all {
            let mine = self.of_kind(&warning.kind);
            mine.count += warning.count;
            for example in warning.examples {
                mine.keep(example, sorted);
            }
        }
    }

    /// The warnings, each kind once.
    pub fn into_vec(self) -> Vec<Warning> {
        let mut all = self.all;
        if self.sorted {
            all.sort_by(|a, b| a.kind.cmp(&b.kind));
        }
        all
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    fn of_kind(&mut self, kind: &str) -> &mut Warning {
        let known = self.all.iter().position(|w| w.kind == kind);
        let at = known.unwrap_or_else(|| {
            self.all.push(Warning {
                kind: kind.to_owned(),
                count: 0,
                examples: Vec::new(),
            });
            self.all.len() - 1
        });
        &mut self.all[at]
    }
}

impl Warning {
    /// Keeps an example if it is new and there is room: for the first ones, or for the smallest.
    fn keep(&mut self, example: String, sorted: bool) {
        if !sorted {
            if self.examples.len() < EXAMPLES && !self.examples.contains(&example) {
                self.examples.push(example);
            }
        } else if let Err(at) = self.examples.binary_search(&example)
            && at < EXAMPLES
        {
            self.examples.insert(at, example);
            self.examples.truncate(EXAMPLES);
        }
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

    #[test]
    fn of_several_threads_the_smallest_examples_stay_whoever_came_first() {
        let of = |numbers: &[u32]| {
            let mut warnings = Warnings::sorted();
            for number in numbers {
                warnings.add("z", format_args!("{number:02}"));
                warnings.add("a", "same");
            }
            warnings
        };
        let (mut one, mut other) = (of(&[9, 3, 7, 1]), of(&[8, 2, 3, 11]));
        let (first, second) = (one.clone(), other.clone());
        one.merge(second);
        other.merge(first);
        let lines = |warnings: Warnings| {
            let warnings = warnings.into_vec();
            warnings.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let told = lines(one);
        assert_eq!(told, lines(other));
        assert_eq!(
            told,
            ["a: same and 7 more", "z: 01, 02, 03, 07, 08 and 3 more"]
        );
    }
}
