//! Fuzzy matching of names: all of the letters typed, in their order.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// Matches names with one text. Upper case counts if the text has some; words parted by spaces must all match.
#[derive(Debug)]
pub struct NameMatcher {
    pattern: Pattern,
    matcher: Matcher,
    /// Room for a name that is not ASCII.
    letters: Vec<char>,
}

impl NameMatcher {
    /// For a text; an empty one matches everything.
    pub fn of(text: &str) -> Self {
        Self {
            pattern: Pattern::parse(text, CaseMatching::Smart, Normalization::Never),
            matcher: Matcher::new(Config::DEFAULT),
            letters: Vec::new(),
        }
    }

    /// How well a name matches, better ones with more points; `None` if it does not.
    pub fn score(&mut self, name: &str) -> Option<u16> {
        let name = Utf32Str::new(name, &mut self.letters);
        let points = self.pattern.score(name, &mut self.matcher)?;
        Some(u16::try_from(points).unwrap_or(u16::MAX))
    }

    /// Which letters of a name match, in no order; none if it does not.
    pub fn letters(&mut self, name: &str) -> Vec<usize> {
        let (mut found, name) = (Vec::new(), Utf32Str::new(name, &mut self.letters));
        self.pattern.indices(name, &mut self.matcher, &mut found);
        found.into_iter().map(|at| at as usize).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_match_in_their_order() {
        let mut matcher = NameMatcher::of("pl");
        let apart = matcher.score("perl").expect("a match");
        let together = matcher.score("pl-1").expect("a match");
        assert!(together > apart, "letters side by side are better");
        assert_eq!(matcher.score("lp"), None);
        let mut letters = matcher.letters("perl");
        letters.sort_unstable();
        assert_eq!(letters, [0, 3]);
        assert!(matcher.letters("lp").is_empty());
    }

    #[test]
    fn upper_case_counts_where_it_was_typed() {
        assert!(NameMatcher::of("Nix").score("nix").is_none());
        assert!(NameMatcher::of("nix").score("Nix").is_some());
    }
}
