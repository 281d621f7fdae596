//! Boxes over the view: help, palette, columns, warnings.

pub mod chooser;
pub mod evidence;
pub mod messages;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use self::chooser::Chooser;
use self::evidence::Evidence;
use super::App;
use super::facts::{Field, Sort};
use super::jobs::external::Guest;
use super::keys::command::{COMMANDS, Command, Group, Spec};
use super::prompt::Line;
use super::views::list::{Cursor, Motion};
use super::views::packages::rows::matcher;

/// A box.
#[derive(Debug)]
pub enum Overlay {
    /// Every command, by group, with a line to find one.
    Help(Finder),
    /// Every command, with a line to find one.
    Palette(Finder),
    /// Every column, with what it means.
    Columns(Cursor),
    /// What was odd about the store.
    Warnings(Cursor),
    /// What was said.
    Messages(Cursor),
    /// What may replace a path.
    Replacement(Chooser),
    /// Why a path references another.
    Evidence(Box<Evidence>),
    /// The main journey, for who is here for the first time.
    Welcome,
}

/// A list of commands narrowed by what is typed.
#[derive(Debug)]
pub struct Finder {
    /// What is typed.
    pub line: Line,
    /// What matches.
    pub entries: Vec<Entry>,
    /// Where the cursor is.
    pub cursor: Cursor,
    /// Do commands stand below the headings of their groups, to be read rather than given?
    pub grouped: bool,
}

/// A row of the list.
#[derive(Debug, Clone, Copy)]
pub enum Entry {
    /// A group begins.
    Heading(Group),
    /// A command.
    Command(&'static Spec),
}

impl Finder {
    /// A list of all commands.
    pub fn new(grouped: bool) -> Self {
        let mut finder = Self {
            line: Line::default(),
            entries: Vec::new(),
            cursor: Cursor::default(),
            grouped,
        };
        finder.narrow();
        finder
    }

    /// The command under the cursor.
    pub fn current(&self) -> Option<Command> {
        match self.entries.get(self.cursor.at)? {
            Entry::Command(spec) => Some(spec.command),
            Entry::Heading(_) => None,
        }
    }

    fn narrow(&mut self) {
        let text = self.line.text().trim();
        self.entries = if text.is_empty() && self.grouped {
            let of = |group| {
                COMMANDS
                    .iter()
                    .filter(move |spec| spec.group == group)
                    .map(Entry::Command)
            };
            Group::ALL
                .into_iter()
                .flat_map(|group| std::iter::once(Entry::Heading(group)).chain(of(group)))
                .collect()
        } else if text.is_empty() {
            // Nobody opens it to go one row up.
            let moves = |spec: &&Spec| spec.group == Group::Move;
            let others = COMMANDS.iter().filter(|spec| !moves(spec));
            let last = COMMANDS.iter().filter(moves);
            others.chain(last).map(Entry::Command).collect()
        } else {
            let mut matcher = matcher(text);
            let mut scored: Vec<_> = COMMANDS
                .iter()
                .filter_map(|spec| {
                    // A match of the title counts more than one somewhere in the sentence.
                    let title = score(&mut matcher, spec.title).map(|score| score + 1000);
                    let help = contains_words(spec.help, text).then_some(1);
                    Some((title.max(help)?, spec))
                })
                .collect();
            scored.sort_by_key(|&(score, _)| std::cmp::Reverse(score));
            scored
                .into_iter()
                .map(|(_, spec)| Entry::Command(spec))
                .collect()
        };
        // In the help that is a heading: who reads has chosen nothing yet.
        self.cursor = Cursor::default();
    }

    /// Headings are not to be stood on: goes on in the same direction.
    fn skip_heading(&mut self, before: usize, height: usize) {
        if matches!(self.entries.get(self.cursor.at), Some(Entry::Heading(_))) {
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
}

impl App {
    /// A key while a box is open.
    pub(crate) fn overlay_key(&mut self, key: KeyEvent) {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let motion = match key.code {
            KeyCode::Up => Some(Motion::By(-1)),
            KeyCode::Down => Some(Motion::By(1)),
            KeyCode::Char('p') if control => Some(Motion::By(-1)),
            KeyCode::Char('n') if control => Some(Motion::By(1)),
            KeyCode::PageUp => Some(Motion::Pages(-1)),
            KeyCode::PageDown => Some(Motion::Pages(1)),
            _ => None,
        };
        if let Some(motion) = motion {
            return self.overlay_go(motion);
        }
        if key.code == KeyCode::Esc || (control && key.code == KeyCode::Char('c')) {
            self.overlay = None;
            return;
        }
        match &mut self.overlay {
            Some(Overlay::Help(finder) | Overlay::Palette(finder)) => {
                if key.code == KeyCode::Enter {
                    let command = finder.current();
                    self.overlay = None;
                    if let Some(command) = command {
                        self.act(command);
                    }
                } else if finder.line.key(key) == Some(true) {
                    finder.narrow();
                }
            }
            Some(Overlay::Replacement(_)) => self.chooser_key(key),
            Some(Overlay::Columns(_)) => self.columns_key(key),
            Some(Overlay::Warnings(_) | Overlay::Messages(_) | Overlay::Evidence(_)) => {
                self.plain_key(key);
            }
            Some(Overlay::Welcome) | None => {}
        }
    }

    /// Moves the cursor of the open box.
    pub(crate) fn overlay_go(&mut self, motion: Motion) {
        self.move_in_box(|cursor, len, height| cursor.go(motion, len, height));
    }

    /// Moves the cursor of the open box or its window, past headings.
    pub(crate) fn move_in_box(&mut self, change: impl FnOnce(&mut Cursor, usize, usize)) {
        let height = self.overlay_height();
        let Some((len, cursor)) = self.box_list() else {
            return;
        };
        let before = cursor.at;
        change(cursor, len, height);
        if let Some(Overlay::Help(finder) | Overlay::Palette(finder)) = &mut self.overlay {
            finder.skip_heading(before, height);
        }
    }

    /// Pasted text while a box is open.
    pub(crate) fn overlay_paste(&mut self, text: &str) {
        if let Some(Overlay::Help(finder) | Overlay::Palette(finder)) = &mut self.overlay {
            finder.line.paste(text);
            finder.narrow();
        } else {
            self.chooser_paste(text);
        }
    }

    /// In boxes without a line to type in, letters are keys.
    fn plain_key(&mut self, key: KeyEvent) {
        match key.code {
            KeyCode::Char('q' | '!' | 'c' | 'e' | 'M') => self.overlay = None,
            KeyCode::Enter if self.accept_offer() => {}
            KeyCode::Char('p') | KeyCode::Enter => self.visit_evidence(Guest::Pager),
            KeyCode::Char('O') => self.visit_evidence(Guest::Editor),
            KeyCode::Char('j') => self.overlay_go(Motion::By(1)),
            KeyCode::Char('k') => self.overlay_go(Motion::By(-1)),
            KeyCode::Char('g') | KeyCode::Home => self.overlay_go(Motion::First),
            KeyCode::Char('G') | KeyCode::End => self.overlay_go(Motion::Last),
            _ => {}
        }
    }

    fn columns_key(&mut self, key: KeyEvent) {
        let Some(Overlay::Columns(cursor)) = &self.overlay else {
            return;
        };
        let field = Field::ALL[cursor.at.min(Field::ALL.len() - 1)];
        match key.code {
            KeyCode::Char(' ') if field != Field::Name => {
                self.forgive_extra();
                let fields = &mut self.views.packages.fields;
                if fields.contains(&field) {
                    fields.retain(|&other| other != field);
                } else {
                    fields.push(field);
                    fields.sort_by_key(|field| Field::ALL.iter().position(|other| other == field));
                }
            }
            KeyCode::Enter => {
                self.overlay = None;
                self.sort(Sort::by(field));
            }
            _ => self.plain_key(key),
        }
    }
}

/// Does a sentence contain all words as they are, upper and lower case alike? Scattered letters are in every sentence.
fn contains_words(sentence: &str, words: &str) -> bool {
    let sentence = sentence.to_lowercase();
    let words = words.to_lowercase();
    words.split_whitespace().all(|word| sentence.contains(word))
}

/// How well a text matches, if it does.
fn score(matcher: &mut frizbee::Matcher, text: &str) -> Option<u32> {
    let hits = matcher.match_list(&[text]);
    hits.first().map(|hit| u32::from(hit.score))
}
