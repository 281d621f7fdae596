//! What the last word of a query may become: columns, keys, kinds, and the words that join.

use crate::analysis::metric::Metric;
use crate::analysis::query;

/// A text, the place of its last word, and what may stand there instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Completion {
    /// What stands before the word.
    before: String,
    /// What may stand in place of it; never empty.
    pub options: Vec<String>,
    /// Which of them does.
    pub at: usize,
}

impl Completion {
    /// The first of what the last word of a text may become; `None` if that is nothing.
    pub(crate) fn of(text: &str) -> Option<Self> {
        if text.matches('"').count() % 2 == 1 {
            return None;
        }
        let parts = |character: char| character.is_whitespace() || "()!".contains(character);
        let from = text.rfind(parts).map_or(0, |at| {
            at + text[at..].chars().next().map_or(1, char::len_utf8)
        });
        let (before, word) = text.split_at(from);
        let options = options(word);
        (!options.is_empty()).then(|| Self {
            before: before.to_owned(),
            options,
            at: 0,
        })
    }

    /// The text with the option in it.
    pub(crate) fn text(&self) -> String {
        let option = self.options.get(self.at).map_or("", String::as_str);
        format!("{}{option}", self.before)
    }

    /// The next option, or the one before, round the end.
    #[must_use]
    pub(crate) fn turned(mut self, onward: bool) -> Self {
        let len = self.options.len().max(1);
        self.at = (self.at + if onward { 1 } else { len - 1 }) % len;
        self
    }
}

fn options(word: &str) -> Vec<String> {
    let word = word.to_ascii_lowercase();
    if let Some((key, _)) = word.split_once(':') {
        let values = query::values(key).into_iter();
        let fitting = values.map(|value| format!("{key}:{value} "));
        return fitting.filter(|whole| begins(whole, &word)).collect();
    }
    let metrics = Metric::ALL.into_iter().filter(|metric| metric.is_number());
    let columns = metrics.map(|metric| format!("{}>", metric.key()));
    let keys = query::keys().map(|key| format!("{key}:"));
    let states = query::states().map(str::to_owned);
    let joints = query::joints().map(|joint| format!("{joint} "));
    let all = columns.chain(keys).chain(states).chain(joints);
    all.filter(|whole| begins(whole, &word)).collect()
}

/// Whether a word begins with what was typed and is longer.
fn begins(whole: &str, typed: &str) -> bool {
    whole.starts_with(typed) && whole.trim_end() != typed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::path_change::PathChange;

    #[test]
    fn the_last_word_becomes_what_begins_like_it() {
        let table = [
            ("ret", "retained>"),
            ("perl RE", "perl retained> perl referrers> perl references>"),
            ("perl (no", "perl (not"),
            ("!un", "!under:"),
            ("kind:", "kind:drv kind:source kind:output"),
            ("kind:s", "kind:source"),
            (
                "change:",
                "change:came change:arrived change:left change:replaced change:stayed",
            ),
            ("retained>1", ""),
            ("name:", ""),
            ("\"re", ""),
            ("é re", "é retained> é referrers> é references>"),
            ("zz", ""),
        ];
        for (typed, wanted) in table {
            let mut all = Vec::new();
            let mut next = Completion::of(typed);
            while let Some(completion) = next.take() {
                all.push(completion.text().trim_end().to_owned());
                next =
                    (completion.at + 1 < completion.options.len()).then(|| completion.turned(true));
            }
            assert_eq!(all.join(" "), wanted, "{typed}");
        }
    }

    #[test]
    fn every_column_is_offered_and_every_offer_reads_as_what_it_is() {
        for metric in Metric::ALL.into_iter().filter(|metric| metric.is_number()) {
            let name = metric.key();
            let found = Completion::of(name).expect("a column");
            assert!(found.options.contains(&format!("{name}>")), "{name}");
        }
        let words = PathChange::WORDS.map(|(word, _)| format!("change:{word} "));
        assert_eq!(
            Completion::of("change:").map(|found| found.options),
            Some(words.to_vec())
        );
        let back = Completion::of("").expect("everything").turned(false);
        assert_eq!(back.text(), "or ");
    }
}
