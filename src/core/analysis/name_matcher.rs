//! Fuzzy matching of names: all of the letters typed, in their order.

use frizbee::{CaseMatching, Config, Matcher, Matching, SortStrategy};

/// Matches names with one text. Upper case counts if the text has some; words parted by spaces must all match.
#[derive(Debug)]
pub struct NameMatcher(Matcher);

impl NameMatcher {
    /// For a text; an empty one matches everything.
    pub fn of(text: &str) -> Self {
        let config = Config {
            max_typos: Some(0),
            casing: CaseMatching::Smart,
            matching: Matching::Fuzzy,
            sort: SortStrategy::IndexAsc,
            ..Config::default()
        };
        Self(Matcher::from_query(text, &config))
    }

    /// How well a name matches, better ones with more points; `None` if it does not.
    pub fn score(&mut self, name: &str) -> Option<u16> {
        let hits = self.0.match_list(&[name]);
        hits.first().map(|hit| hit.score)
    }

    /// The points of the names that match, each with the name's position, in the order given.
    pub fn scores(&mut self, names: &[&str]) -> Vec<(u16, usize)> {
        let hits = self.0.match_list(names);
        let hits = hits.iter().map(|hit| (hit.score, hit.index as usize));
        hits.collect()
    }

    /// Which bytes of a name match, in no order; none if it does not.
    pub fn letters(&mut self, name: &str) -> Vec<usize> {
        let found = self.0.match_one_indices(name, 0);
        let indices = found.map(|hit| hit.indices).unwrap_or_default();
        indices.into_iter().map(|at| at as usize).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_match_in_their_order() {
        let mut matcher = NameMatcher::of("pl");
        let points = matcher.scores(&["perl", "lp", "pl-1"]);
        let positions: Vec<usize> = points.iter().map(|(_, at)| *at).collect();
        assert_eq!(positions, [0, 2]);
        assert!(points[1].0 > points[0].0, "letters side by side are better");
        assert_eq!(matcher.score("perl"), Some(points[0].0));
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
