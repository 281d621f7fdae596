//! What keys and clicks do in the tree.

use super::{Mode, Tree};
use crate::app::explore::Explore;
use crate::app::facts::{Facts, Field};
use crate::app::frame::layout::{Columns, Wanted, columns};
use crate::app::frame::signs::indent;
use crate::app::keys::command::Command;
use crate::app::outcome::Outcome;
use crate::app::pane::{Click, Folding, Pane};
use crate::app::shared::Context;
use crate::app::target::{Fold, Target};
use crate::app::views::list::{Cursor, here};
use crate::app::views::{Never, Rows, Tab, ViewSpec};
use crate::job::{Cancelled, Progress};
use crate::model::PathId;
use crate::text::Units;

impl Tree {
    /// The column whose sizes have bars.
    pub fn barred(&self) -> Field {
        match self.mode {
            Mode::Leaving => Field::Retained,
            _ => Field::Closure,
        }
    }

    /// The columns of the tree.
    pub fn columns(&self, width: u16, units: Units) -> Columns {
        let wanted = Wanted {
            fields: &[Field::Name, Field::Nar, Field::Closure, Field::Retained],
            barred: self.barred(),
            sorted: None,
            units,
        };
        columns(width, wanted)
    }

    /// Puts the cursor on a line.
    fn stand_on(&mut self, cx: Context<'_>, at: usize) -> Outcome {
        let len = self.outline.lines().len();
        self.cursor.reveal(at, len, cx.height());
        Outcome::Select
    }

    /// Opens the line of the cursor, or goes into what is open.
    fn go_right(&mut self, cx: Context<'_>) -> Outcome {
        let at = self.cursor.at;
        let to = match self.outline.lines().get(at) {
            Some(line) if line.open => Some(at + 1),
            _ => self.open(cx.facts, at),
        };
        to.map_or(Outcome::None, |to| self.stand_on(cx, to))
    }

    /// Closes the line of the cursor, or goes up; `None` at the top.
    fn go_left(&mut self, cx: Context<'_>) -> Option<Outcome> {
        let at = self.cursor.at;
        let line = self.outline.lines().get(at);
        if line.is_some_and(|line| line.open && line.depth > 0) {
            self.outline.close(at);
            return Some(Outcome::None);
        }
        let up = self.outline.parent_of(at)?;
        Some(self.stand_on(cx, up))
    }

    /// The tree in the next direction, of the same paths.
    fn turn(&mut self, cx: Context<'_>) {
        let selected = cx.shared.selected;
        let (whole, mode) = (self.whole, self.mode.next());
        // A tree of the whole closure has no referrers to show at its top: those of the selection stand in.
        let top = match (whole, mode) {
            (true, Mode::Referrers) => selected,
            (true, _) => None,
            (false, _) => self.top,
        };
        *self = Self::of(cx.facts, mode, top);
        self.whole = whole;
        if let (true, None, Some(id)) = (whole, top, selected)
            && let Some(at) = self.line_of(cx.facts, id)
        {
            self.stand_on(cx, at);
        }
    }
}

impl Pane for Tree {
    fn len(&self, _cx: Context<'_>) -> usize {
        self.outline.lines().len()
    }

    fn cursor(&self) -> &Cursor {
        &self.cursor
    }

    fn cursor_mut(&mut self) -> &mut Cursor {
        &mut self.cursor
    }

    fn target(&self, _cx: Context<'_>, at: usize) -> Option<Target> {
        let line = self.outline.lines().get(at)?;
        let fold = match line {
            line if line.leaf => Fold::None,
            line if line.open => Fold::Open,
            _ => Fold::Closed,
        };
        let target = Target::path(line.id).with_reference(self.edge(at));
        Some(target.with_fold(fold))
    }

    fn reveal(&mut self, cx: Context<'_>, id: PathId) -> bool {
        let found = self.line_of(cx.facts, id).or_else(|| {
            *self = Self::of(cx.facts, Mode::References, None);
            self.line_of(cx.facts, id)
        });
        self.stand_on(cx, found.unwrap_or(0));
        found.is_some()
    }

    fn fold(&mut self, cx: Context<'_>, how: Folding) -> Option<Outcome> {
        let at = self.cursor.at;
        let open = self.outline.lines().get(at).is_some_and(|line| line.open);
        match how {
            Folding::Close => return self.go_left(cx),
            Folding::Turn if open => self.outline.close(at),
            Folding::Open | Folding::Turn => return Some(self.go_right(cx)),
            Folding::OpenAll => self.open_all(cx.facts, at),
            Folding::CloseAll => self.outline.close(at),
        }
        Some(Outcome::None)
    }

    fn enter(&mut self, cx: Context<'_>) -> Outcome {
        match here(self, cx).and_then(|target| target.path) {
            None => Outcome::None,
            Some(id) if self.top == Some(id) => self.go_right(cx),
            Some(id) => Outcome::Tree(self.mode, Some(id)).remembered(),
        }
    }

    fn command(&mut self, cx: Context<'_>, command: Command) -> Outcome {
        if command != Command::TreeMode {
            return Outcome::None;
        }
        self.turn(cx);
        Outcome::All(vec![Outcome::Front, Outcome::Select]).remembered()
    }

    fn shown(&mut self, cx: Context<'_>) -> Outcome {
        if self.outline.lines().is_empty() {
            *self = Self::of(cx.facts, Mode::References, None);
        }
        if let Some(id) = cx.shared.selected {
            self.reveal(cx, id);
        }
        Outcome::Select
    }

    fn sign(&self, cx: Context<'_>) -> Option<u16> {
        let line = self.outline.lines().get(self.cursor.at)?;
        let placed = self.columns(cx.room.0, cx.shared.look.units);
        let room = placed.places.first()?;
        (!line.leaf).then(|| room.x + indent(line.depth, room.width))
    }

    fn click(&mut self, cx: Context<'_>, _x: u16, down: Option<u16>) -> Click {
        // The heading says which way the tree goes.
        let Some(down) = down else {
            return Click::Does(Box::new(Outcome::Give(Command::TreeMode)));
        };
        let at = self.cursor.top + usize::from(down);
        if at < self.len(cx) {
            Click::Row(at)
        } else {
            Click::Nothing
        }
    }
}

impl Tab for Tree {
    const SPEC: ViewSpec = ViewSpec {
        id: "tree",
        title: "Tree",
        place: "the tree",
        command: "tree",
        keys: &["t", "2"],
        help: "Show who references whom, from the roots down to the selected path.",
        head: 1,
        opens: true,
        stands_for: Rows::References,
        own: &[Command::TreeMode],
        hints: &[
            Command::Right,
            Command::TreeMode,
            Command::WHY,
            Command::Mark,
            Command::Cut,
            Command::ExpandAll,
        ],
    };
    type Wanted = Never;
    type Found = Never;

    fn needs(&self, _cx: Context<'_>) -> Option<Never> {
        None
    }

    fn find(
        wanted: Never,
        _facts: &Facts,
        _explore: &Explore,
        _progress: &Progress,
    ) -> Result<Never, Cancelled> {
        Ok(wanted)
    }

    fn fill(&mut self, _cx: Context<'_>, found: Never) -> Outcome {
        match found {}
    }

    fn reload(&mut self, _facts: &Facts, _renewed: &dyn Fn(PathId) -> Option<PathId>) {
        *self = Self::default();
    }
}
