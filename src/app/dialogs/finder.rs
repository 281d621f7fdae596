//! Every command with a line to find one: as help, by group and to be read, or as palette, to be given.

use ratatui::crossterm::event::{KeyCode, KeyEvent};

use super::picture::{Lit, Picture, PictureRow, Tone, What, paragraph};
use super::{Dialog, DialogContext, Reply, usual_key};
use crate::analysis::name_matcher::NameMatcher;
use crate::app::cursor::{Cursor, Motion};
use crate::app::frame::boxes::{BoxArea, sentence_rows};
use crate::app::keys::command::{COMMANDS, Command, CommandGroup, Spec};
use crate::app::keys::fixed;
use crate::app::outcome::Outcome;
use crate::app::prompt::line::TypedLine;
use crate::text;

/// Cells of the longest sentence about a command.
const LONGEST_HELP: u16 = 90;
/// Cells of a row before the sentence about its command.
const BEFORE: u16 = 38;

/// A list of commands narrowed by what is typed.
#[derive(Debug)]
pub(crate) struct Finder {
    line: TypedLine,
    entries: Vec<FinderEntry>,
    cursor: Cursor,
    /// Whether commands stand below the headings of their groups, to be read rather than given.
    grouped: bool,
}

/// A row of the list.
#[derive(Debug, Clone, Copy)]
enum FinderEntry {
    /// A group begins.
    Heading(CommandGroup),
    /// A command.
    Command(&'static Spec),
}

impl Finder {
    /// All commands by group, with what they are for.
    pub(crate) fn help() -> Self {
        Self::new(true)
    }

    /// All commands, with what is in the way of giving them.
    pub(crate) fn palette() -> Self {
        Self::new(false)
    }

    fn new(grouped: bool) -> Self {
        let mut finder = Self {
            line: TypedLine::default(),
            entries: Vec::new(),
            cursor: Cursor::default(),
            grouped,
        };
        finder.narrow();
        finder
    }

    /// The command under the cursor.
    fn current(&self) -> Option<&'static Spec> {
        match self.entries.get(self.cursor.at)? {
            FinderEntry::Command(spec) => Some(spec),
            FinderEntry::Heading(_) => None,
        }
    }

    fn narrow(&mut self) {
        let text = self.line.text().trim();
        self.entries = match (text, self.grouped) {
            ("", true) => by_group(),
            ("", false) => motions_last(),
            (text, _) => matching(text),
        };
        // In the help that is a heading: nothing is chosen yet.
        self.cursor = Cursor::default();
    }

    /// What the box says of a command: the help what it is for, the palette why it cannot be given.
    fn sentence(&self, cx: DialogContext<'_>, spec: &Spec) -> (String, bool) {
        match cx.host.why_not(spec.command).filter(|_| !self.grouped) {
            Some(obstacle) => (obstacle, true),
            None => (spec.help.to_owned(), false),
        }
    }

    fn row(&self, cx: DialogContext<'_>, down: u16, at: usize) -> PictureRow {
        let current = at == self.cursor.at;
        let spec = match self.entries[at] {
            FinderEntry::Heading(group) => {
                return PictureRow::new(down).text(1, group.title(), Tone::Title);
            }
            FinderEntry::Command(spec) => spec,
        };
        let able = cx.host.why_not(spec.command).is_none();
        let title = if able { Tone::Text } else { Tone::Dim };
        let mut keys = cx.shared.keys.keys(spec.command);
        keys.truncate(2);
        let (what, hindered) = self.sentence(cx, spec);
        // Why a key does nothing matters on the row one stands on.
        let tone = if hindered && current {
            Tone::Hit
        } else {
            Tone::Dim
        };
        PictureRow::new(down)
            .pointed(current)
            .put(3, 12, What::Text(keys.join(" ")), Tone::Key, Lit::No)
            .put(16, 22, What::Text(spec.title.into()), title, Lit::Typed)
            .text(BEFORE, what, tone)
    }

    /// The sentence about the selected command where its row has no room for it.
    fn in_full(&self, cx: DialogContext<'_>, place: BoxArea) -> Vec<PictureRow> {
        let Some(spec) = self.current() else {
            return Vec::new();
        };
        let (what, _) = self.sentence(cx, spec);
        let width = place.inner().width;
        if text::width(&what) <= usize::from(width.saturating_sub(BEFORE)) {
            return Vec::new();
        }
        let lines = text::wrapped(&what, usize::from(width.saturating_sub(2)));
        paragraph(1, place.down(0).saturating_sub(1), lines, Tone::Text).collect()
    }
}

impl Dialog for Finder {
    fn room(&self, cx: DialogContext<'_>) -> BoxArea {
        let width = width(cx.shared.size.0);
        let sentence = sentence_rows((width, cx.shared.size.1), LONGEST_HELP);
        BoxArea::narrowed(cx.shared.size, width, 1 + sentence, self.entries.len())
    }

    fn picture(&self, cx: DialogContext<'_>) -> Picture<'_> {
        let place = self.room(cx);
        let window = self.cursor.window(self.entries.len(), self.shown(cx));
        let mut rows: Vec<PictureRow> = window
            .enumerate()
            .map(|(row, at)| self.row(cx, place.down(row), at))
            .collect();
        rows.extend(self.in_full(cx, place));
        if self.entries.is_empty() {
            rows.push(PictureRow::new(place.down(0)).text(3, "no such command", Tone::Dim));
        }
        let title = if self.grouped { "Help" } else { "Commands" };
        Picture {
            title: title.to_owned(),
            typed: Some((&self.line, hint(place.inner().width))),
            top: self.cursor.top,
            rows,
            foot: String::new(),
        }
    }

    fn key(&mut self, cx: DialogContext<'_>, key: KeyEvent) -> Reply {
        if let Some(reply) = usual_key(self, cx, key) {
            return reply;
        }
        match (key.code, self.current()) {
            (KeyCode::Enter, Some(spec)) => Reply::Then(Outcome::Give(spec.command)),
            (KeyCode::Enter, None) => Reply::Close,
            _ => Reply::Stay,
        }
    }

    fn opener(&self) -> Option<Command> {
        Some(if self.grouped {
            Command::Help
        } else {
            Command::Palette
        })
    }

    fn rows(&self, _: DialogContext<'_>) -> usize {
        self.entries.len()
    }

    fn cursor(&mut self) -> Option<&mut Cursor> {
        Some(&mut self.cursor)
    }

    /// Headings are not to be stood on: goes on in the same direction.
    fn moved(&mut self, before: usize, height: usize) {
        if matches!(
            self.entries.get(self.cursor.at),
            Some(FinderEntry::Heading(_))
        ) {
            let onward = if self.cursor.at > before || self.cursor.at == 0 {
                1
            } else {
                -1
            };
            self.cursor
                .go(Motion::By(onward), self.entries.len(), height);
            if self.cursor.at == 1 {
                self.cursor.top = 0;
            }
        }
    }

    fn line(&mut self) -> Option<&mut TypedLine> {
        Some(&mut self.line)
    }

    fn typed(&mut self, _: DialogContext<'_>) -> Reply {
        self.narrow();
        Reply::Stay
    }
}

fn by_group() -> Vec<FinderEntry> {
    let of = |group| COMMANDS.iter().filter(move |spec| spec.group == group);
    let below = |group| of(group).map(FinderEntry::Command);
    let groups = CommandGroup::ALL.into_iter();
    groups
        .flat_map(|group| std::iter::once(FinderEntry::Heading(group)).chain(below(group)))
        .collect()
}

/// The palette is not opened to go one row up.
fn motions_last() -> Vec<FinderEntry> {
    let moves = |spec: &&Spec| spec.group == CommandGroup::Move;
    let others = COMMANDS.iter().filter(|spec| !moves(spec));
    let last = COMMANDS.iter().filter(moves);
    others.chain(last).map(FinderEntry::Command).collect()
}

/// The commands a text may mean, the likeliest first.
fn matching(text: &str) -> Vec<FinderEntry> {
    let mut matcher = NameMatcher::of(text);
    let mut scored: Vec<_> = COMMANDS
        .iter()
        .filter_map(|spec| {
            // A match of the title counts more than one somewhere in the sentence.
            let title = score(&mut matcher, spec.title).map(|score| score + 1000);
            let help = contains_words(spec.help, text).then_some(1);
            // The words that others use for it are as good as its own, if they are those.
            let words = spec
                .also
                .iter()
                .copied()
                .filter(|word| begins_with(word, text));
            let other = words.map(|word| if word.len() == text.len() { 2000 } else { 500 });
            Some((title.max(help).max(other.max())?, spec))
        })
        .collect();
    scored.sort_by_key(|&(score, _)| std::cmp::Reverse(score));
    let specs = scored.into_iter().map(|(_, spec)| spec);
    specs.map(FinderEntry::Command).collect()
}

/// Whether a word begins with a text, upper and lower case alike.
fn begins_with(word: &str, text: &str) -> bool {
    let begin = word.get(..text.len());
    begin.is_some_and(|begin| begin.eq_ignore_ascii_case(text))
}

/// Whether a sentence contains all words as they are, upper and lower case alike. Scattered letters are in every sentence.
fn contains_words(sentence: &str, words: &str) -> bool {
    let sentence = sentence.to_lowercase();
    let words = words.to_lowercase();
    words.split_whitespace().all(|word| sentence.contains(word))
}

/// How well a text matches, if it does.
fn score(matcher: &mut NameMatcher, text: &str) -> Option<u32> {
    matcher.score(text).map(u32::from)
}

/// What can be done, after the empty line.
fn hint(width: u16) -> String {
    let ends = fixed::hints(&[(fixed::ENTER, "runs"), (fixed::ESC, "closes")], ", ");
    let all = format!("type to search, {ends}");
    // The sign of the line and its cursor come before it.
    if text::width(&all) + 4 > usize::from(width) {
        format!("type, {ends}")
    } else {
        all
    }
}

/// On a narrow screen the box takes all of it: its sentences are long.
fn width(columns: u16) -> u16 {
    if columns < 100 {
        columns
    } else {
        (columns - 8).min(132)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_found_by_the_words_people_use() {
        let first = |text| match matching(text).first() {
            Some(FinderEntry::Command(spec)) => spec.id,
            _ => "nothing",
        };
        let table = [
            ("twins", "duplicates"),
            ("dupes", "duplicates"),
            ("dependencies", "tree"),
            ("parents", "tree"),
            ("unmark", "mark"),
            ("refresh", "reload"),
            ("gc", "roots"),
            ("filter", "search"),
            ("yank", "copy-path"),
            ("exit", "quit"),
        ];
        for (word, expected) in table {
            let found = first(word);
            let as_good = matches!((word, found), ("parents", "tree-mode") | ("unmark", "plan"));
            assert!(found == expected || as_good, "{word}: {found}");
        }
    }
}
