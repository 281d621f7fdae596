//! A box with the files of a path, a directory at a time, the largest first; and which of them others name.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use ratatui::crossterm::event::{KeyCode, KeyEvent};

use super::found::FoundForBox;
use super::picture::{Lit, Picture, PictureRow, Tone, What};
use super::{Dialog, DialogContext, Reply, gives, usual_key};
use crate::app::cursor::Cursor;
use crate::app::frame::boxes::{BoxArea, Content, list_rows, text_width};
use crate::app::jobs::work::{JobKind, Work};
use crate::app::keys::command::Command;
use crate::app::keys::fixed;
use crate::app::problem::Problem;
use crate::model::PathId;
use crate::source::evidence::used::{PlaceUse, Use, UsedFiles};
use crate::source::files::tree::{FileTree, Node};
use crate::text::{self, Units};

/// Rows above the list: what there is in all, and a blank one.
const ABOVE: usize = 2;
/// Cells of the column of sizes, and of the one that says what names a file.
const SIZE: u16 = 11;
const USE: u16 = 24;
/// Narrower boxes do not say what names a file.
const WITH_USE: u16 = 66;

/// The box.
#[derive(Debug)]
pub(crate) struct FileBox {
    id: PathId,
    /// The category that alone is shown, by its number, and what it is called.
    category: Option<(usize, String)>,
    /// The files; `None` while they are being listed.
    tree: Option<Result<FileTree, Problem>>,
    /// What others name of them; `None` while that is being found out.
    used: Option<Result<HashMap<PathBuf, PlaceUse>, Problem>>,
    /// The directory that is shown, by its number.
    at: usize,
    /// The cursors of the directories above it.
    above: Vec<Cursor>,
    cursor: Cursor,
}

impl FileBox {
    /// A box for a path, before anything was read.
    pub(crate) fn of(id: PathId, category: Option<(usize, String)>) -> Self {
        Self {
            id,
            category,
            tree: None,
            used: None,
            at: 0,
            above: Vec::new(),
            cursor: Cursor::default(),
        }
    }

    fn tree(&self) -> Option<&FileTree> {
        self.tree.as_ref()?.as_ref().ok()
    }

    /// Whether rows are categories, because the files are elsewhere.
    fn is_by_category(&self) -> bool {
        self.tree().is_some_and(FileTree::is_by_category)
    }

    fn here(&self) -> Option<&Node> {
        self.tree()?.get(self.at)
    }

    fn inside(&self) -> &[usize] {
        self.here().map_or(&[], |node| &node.inside)
    }

    /// Goes into the directory of the cursor.
    fn go_in(&mut self) -> Reply {
        let inside = self.inside().get(self.cursor.at).copied();
        let opens = |at: &usize| {
            let node = self.tree().and_then(|tree| tree.get(*at));
            node.is_some_and(|node| node.directory)
        };
        if let Some(at) = inside.filter(opens) {
            self.above.push(std::mem::take(&mut self.cursor));
            self.at = at;
        }
        Reply::Stay
    }

    /// Goes back to the directory above.
    fn go_out(&mut self) -> Reply {
        if let (Some(cursor), Some(node)) = (self.above.pop(), self.here()) {
            self.at = node.parent;
            self.cursor = cursor;
        }
        Reply::Stay
    }

    fn place_use(&self, at: usize) -> Option<&PlaceUse> {
        let place = self.tree()?.place(at);
        self.used.as_ref()?.as_ref().ok()?.get(Path::new(&place))
    }

    /// What there is in all.
    fn said(&self, units: Units) -> (String, Tone) {
        let node = match &self.tree {
            None => return ("listing the files …".to_owned(), Tone::Dim),
            Some(Err(problem)) => return (format!("–  {}", problem.message), Tone::Hit),
            Some(Ok(tree)) => tree.get(self.at),
        };
        let Some(node) = node else {
            return (String::new(), Tone::Dim);
        };
        let files = text::counted(usize::try_from(node.files).unwrap_or(usize::MAX), "file");
        let mut said = format!("{} in {files}", units.size(node.bytes));
        match &self.used {
            _ if self.is_by_category() => {
                said.push_str(", which are not on this machine; by category");
            }
            _ if self.category.is_some() => {}
            None => said.push_str("; looking for what referrers name …"),
            Some(Err(problem)) => {
                said.push_str("; ");
                said.push_str(&problem.message);
            }
            Some(Ok(_)) => {
                let unnamed = self.place_use(self.at).map_or(0, |place| place.unnamed);
                let size = units.size(unnamed);
                let _ = write!(said, "; nothing names {size} of it");
            }
        }
        (said, Tone::Text)
    }

    fn row(&self, down: u16, current: bool, at: usize, (width, units): (u16, Units)) -> PictureRow {
        let row = PictureRow::new(down).pointed(current);
        let Some(node) = self.tree().and_then(|tree| tree.get(at)) else {
            return row;
        };
        let size = units.size(node.bytes);
        let from = SIZE.saturating_sub(text::width(&size) as u16);
        let slash = if node.directory { "/" } else { "" };
        let name = format!("{}{slash}", text::sanitise(&node.name));
        let with_use = width >= WITH_USE && (self.category.is_none() || self.is_by_category());
        let room = width.saturating_sub(SIZE + 3 + if with_use { USE + 1 } else { 1 });
        let row = row.text(from, size, Tone::Text).put(
            SIZE + 2,
            room,
            What::Text(name),
            Tone::Text,
            Lit::No,
        );
        let beside = if self.is_by_category() {
            let files = usize::try_from(node.files).unwrap_or(usize::MAX);
            Some((text::counted(files, "file"), Tone::Dim))
        } else {
            let place = self.place_use(at);
            place.map(|place| used_in_words(node, place, units))
        };
        match beside.filter(|_| with_use) {
            Some((what, tone)) => {
                let from = width.saturating_sub(text::width(&what) as u16 + 1);
                row.text(from, what, tone)
            }
            None => row,
        }
    }
}

/// What names a file, or how much of a directory nothing does.
fn used_in_words(node: &Node, place: &PlaceUse, units: Units) -> (String, Tone) {
    let unnamed = |tone| (format!("{} unnamed", units.size(place.unnamed)), tone);
    match place.how {
        Use::Nothing if node.directory => unnamed(Tone::Hit),
        Use::Nothing => ("named by nothing".to_owned(), Tone::Hit),
        _ if node.directory => unnamed(Tone::Dim),
        Use::Path => ("named by path".to_owned(), Tone::Gain),
        Use::Loader => ("taken by a loader".to_owned(), Tone::Gain),
        Use::Directory => ("in a named directory".to_owned(), Tone::Dim),
    }
}

impl Dialog for FileBox {
    fn room(&self, cx: DialogContext<'_>) -> BoxArea {
        let content = Content {
            width: text_width(cx.shared.size.0).min(110),
            above: ABOVE,
            list: list_rows(cx.shared.size),
            step: 1,
            below: 0,
        };
        BoxArea::of(cx.shared.size, content)
    }

    fn picture(&self, cx: DialogContext<'_>) -> Picture<'_> {
        let (place, units) = (self.room(cx), cx.shared.look.units);
        let width = place.inner().width;
        let (said, tone) = self.said(units);
        let inside = self.inside();
        let window = self.cursor.window(inside.len(), self.shown(cx));
        let rows = window.enumerate().map(|(row, at)| {
            let current = at == self.cursor.at;
            self.row(place.down(row), current, inside[at], (width, units))
        });
        let said = text::fit(&said, usize::from(width.saturating_sub(2))).into_owned();
        let rows = [PictureRow::new(0).text(1, said, tone)]
            .into_iter()
            .chain(rows);
        let label = cx
            .facts
            .map(|facts| facts.label(self.id))
            .unwrap_or_default();
        let below = self
            .tree()
            .map(|tree| tree.place(self.at))
            .unwrap_or_default();
        let what = match &self.category {
            Some((_, title)) => format!("{title} of {label}"),
            None => format!("Files of {label}"),
        };
        let back = cx.shared.keys.shown(Command::Back);
        let keys = [
            (fixed::ENTER, "goes in"),
            (&back, "goes up"),
            (fixed::ESC, "closes"),
        ];
        Picture {
            title: match &*below {
                "" => what,
                below => format!("{what}: {}", text::sanitise(below)),
            },
            typed: None,
            top: self.cursor.top,
            rows: rows.collect(),
            foot: format!(" {} ", fixed::hints(&keys, "  ")),
        }
    }

    fn key(&mut self, cx: DialogContext<'_>, key: KeyEvent) -> Reply {
        if gives(cx, Command::Back, key) || gives(cx, Command::Left, key) {
            return self.go_out();
        }
        if key.code == KeyCode::Enter || gives(cx, Command::Right, key) {
            return self.go_in();
        }
        usual_key(self, cx, key).unwrap_or(Reply::Stay)
    }

    fn opener(&self) -> Option<Command> {
        Some(Command::FileTree)
    }

    fn rows(&self, _cx: DialogContext<'_>) -> usize {
        self.inside().len()
    }

    fn cursor(&mut self) -> Option<&mut Cursor> {
        Some(&mut self.cursor)
    }

    fn begins_with(&self, cx: DialogContext<'_>) -> Option<Work> {
        let category = self.category.as_ref().map(|(number, _)| *number);
        Some(Work::FileTree(cx.facts?.clone(), self.id, category))
    }

    fn waits_for(&self) -> Option<JobKind> {
        match self.tree {
            None => Some(JobKind::FileTree),
            Some(_) => Some(JobKind::UsedFiles),
        }
    }

    fn take(&mut self, cx: DialogContext<'_>, found: FoundForBox) -> Reply {
        match found {
            FoundForBox::Files(id, tree) if id == self.id => {
                self.tree = Some(*tree);
                let read = self.tree().is_some() && !self.is_by_category();
                match cx.facts.filter(|_| read && self.category.is_none()) {
                    Some(facts) => {
                        let work = Work::UsedFiles(facts.clone(), self.id);
                        Reply::Start(work.into())
                    }
                    None => Reply::Stay,
                }
            }
            FoundForBox::Used(id, used) if id == self.id => {
                self.used = Some(used.map(|used| places(&used)));
                Reply::Stay
            }
            _ => Reply::Stay,
        }
    }

    fn is_about_paths(&self) -> bool {
        true
    }
}

fn places(used: &UsedFiles) -> HashMap<PathBuf, PlaceUse> {
    used.places().into_iter().collect()
}
