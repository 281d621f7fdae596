//! Many texts and patterns matched at once: three letters of each decide which of thousands a name may match.
//!
//! Of every pattern three neighbouring letters that it cannot do without are noted, the rarest among some names. A name is
//! then held only against the patterns whose letters it has. Sooner than an automaton over all patterns this is built, and
//! patterns with stars are no exception.

use hashbrown::HashMap;
use memchr::memchr2_iter;

use super::glob;

/// From this many patterns on looking for all at once is faster than for one after the other.
pub(super) const MANY: usize = 8;
/// Letters by which a pattern is found, at most.
const LETTERS: usize = 3;
/// Names in which it is counted how rare letters are.
pub(super) const SAMPLE: usize = 2048;

/// How a text is looked for in another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum How {
    /// Somewhere, upper and lower case alike.
    Contained,
    /// As a pattern of the whole.
    Pattern,
    /// At the beginning.
    Begins,
}

impl How {
    /// Whether a text is found so in another.
    pub(super) fn holds(self, looked_for: &str, text: &str) -> bool {
        match self {
            Self::Contained => contains_ignoring_case(text, looked_for),
            Self::Pattern => glob::matches(looked_for, text),
            Self::Begins => text.starts_with(looked_for),
        }
    }
}

/// Whether a part occurs in a text, upper and lower case alike.
pub(super) fn contains_ignoring_case(text: &str, part: &str) -> bool {
    let (text, part) = (text.as_bytes(), part.as_bytes());
    let Some((first, rest)) = part.split_first() else {
        return true;
    };
    let Some(last) = text.len().checked_sub(part.len()) else {
        return false;
    };
    let (lower, upper) = (first.to_ascii_lowercase(), first.to_ascii_uppercase());
    memchr2_iter(lower, upper, &text[..=last])
        .any(|at| text[at + 1..at + part.len()].eq_ignore_ascii_case(rest))
}

/// Patterns by the letters that they cannot do without.
#[derive(Debug, Clone, Default)]
pub(super) struct Patterns {
    list: Vec<(How, Box<str>)>,
    /// Neighbouring letters, and the patterns noted under them.
    by_letters: HashMap<Letters, Vec<u32>>,
    /// Patterns without any letter of their own.
    others: Vec<u32>,
    /// Whether patterns are noted under one, two, three letters.
    lengths: [bool; LETTERS],
}

/// Up to three neighbouring letters in lower case, and how many they are.
type Letters = u32;

impl Patterns {
    /// Notes each pattern under the letters of it that are rarest in some of the texts to come.
    pub(super) fn of<'t>(
        list: impl IntoIterator<Item = (How, &'t str)>,
        texts: impl IntoIterator<Item = &'t str>,
    ) -> Self {
        let mut counts: HashMap<Letters, u32> = HashMap::new();
        for text in texts.into_iter().take(SAMPLE) {
            for length in 1..=LETTERS {
                for letters in text.as_bytes().windows(length).map(folded) {
                    *counts.entry(letters).or_default() += 1;
                }
            }
        }
        let mut patterns = Self::default();
        for (how, text) in list {
            let at = patterns.list.len() as u32;
            patterns.list.push((how, text.into()));
            match rarest(how, text, &counts) {
                Some((length, letters)) => {
                    patterns.lengths[length - 1] = true;
                    patterns.by_letters.entry(letters).or_default().push(at);
                }
                None => patterns.others.push(at),
            }
        }
        patterns
    }

    /// Whether the text matches any of them.
    pub(super) fn any(&self, text: &str) -> bool {
        let mut found = false;
        self.each(text, &mut |_| {
            found = true;
            false
        });
        found
    }

    /// Tells the positions of the patterns that a text matches, each once and in no order, as long as more are wanted.
    pub(super) fn each(&self, text: &str, wants_more: &mut dyn FnMut(usize) -> bool) {
        let mut tell = |at: &u32| !self.matches(*at as usize, text) || wants_more(*at as usize);
        if !self.others.iter().all(&mut tell) {
            return;
        }
        let mut all: Vec<Letters> = Vec::with_capacity(text.len());
        for length in (1..=LETTERS).filter(|&length| self.lengths[length - 1]) {
            let windows = text.as_bytes().windows(length).map(folded);
            all.extend(windows.filter(|letters| self.by_letters.contains_key(letters)));
        }
        all.sort_unstable();
        all.dedup();
        for letters in all {
            let mut noted = self.by_letters.get(&letters).into_iter().flatten();
            if !noted.all(&mut tell) {
                return;
            }
        }
    }

    fn matches(&self, at: usize, text: &str) -> bool {
        let (how, looked_for) = &self.list[at];
        how.holds(looked_for, text)
    }
}

fn folded(letters: &[u8]) -> Letters {
    let digits = letters
        .iter()
        .map(|letter| u32::from(letter.to_ascii_lowercase()));
    digits.fold(letters.len() as u32, |all, letter| all << 8 | letter)
}

/// How many and which letters of a pattern are to be looked for: as many as there are side by side, the rarest of these.
fn rarest(how: How, text: &str, counts: &HashMap<Letters, u32>) -> Option<(usize, Letters)> {
    let runs = match how {
        How::Pattern => glob::fixed_parts(text),
        How::Contained | How::Begins => vec![text.as_bytes()],
    };
    let length = runs.iter().map(|run| run.len()).max()?.min(LETTERS);
    if length == 0 {
        return None;
    }
    let windows = runs.iter().flat_map(|run| run.windows(length)).map(folded);
    let count = |letters: &Letters| counts.get(letters).copied().unwrap_or(0);
    windows.min_by_key(count).map(|letters| (length, letters))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_part_is_found_in_any_case(text in "[aAbB-]{0,9}é?[aAbB-]{0,4}", part in "[aAbB-]{0,3}é?") {
            let expected = text.to_ascii_lowercase().contains(&part.to_ascii_lowercase());
            prop_assert_eq!(contains_ignoring_case(&text, &part), expected);
        }

        #[test]
        fn all_at_once_find_what_each_finds(
            patterns in prop::collection::vec((0..3_u8, "[aAb*?\\[\\]-]{0,7}"), 0..20),
            texts in prop::collection::vec("[aAbB-]{0,9}", 1..20)
        ) {
            let list: Vec<(How, &str)> = patterns.iter().map(|(how, text)| {
                let how = [How::Contained, How::Pattern, How::Begins][usize::from(*how)];
                (how, text.as_str())
            }).collect();
            let found = Patterns::of(list.iter().copied(), texts.iter().map(String::as_str));
            for text in &texts {
                let mut told = Vec::new();
                found.each(text, &mut |at| {
                    told.push(at);
                    true
                });
                told.sort_unstable();
                let each = (0..list.len()).filter(|&at| found.matches(at, text));
                let each: Vec<usize> = each.collect();
                prop_assert_eq!(found.any(text), !each.is_empty());
                prop_assert_eq!(told, each);
            }
        }
    }
}
