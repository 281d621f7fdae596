//! What keys and clicks do in the map, and how it is laid out: by a job, for the room it has.

use std::cmp::Reverse;

use super::{Layout, Map, Measure, SmallPaths, Tile, Title, laid_out, neighbour};
use crate::app::cursor::{Cursor, Motion};
use crate::app::explore::Explore;
use crate::app::facts::Facts;
use crate::app::keys::command::Command;
use crate::app::obstacle::Obstacle;
use crate::app::outcome::Outcome;
use crate::app::pane::{self, Click, Folding, Pane, here};
use crate::app::shared::Context;
use crate::app::target::{Many, Target};
use crate::app::views::tab::{Reloaded, Tab};
use crate::job::{Cancelled, Progress};
use crate::model::PathId;

/// The view of the map.
#[derive(Debug, Clone, Default)]
pub struct MapView {
    /// What is mapped.
    pub map: Map,
    /// Where the cursor is, in the tiles.
    cursor: Cursor,
    /// The tiles as they were last laid out, perhaps for another map or another screen.
    layout: Option<Layout>,
    /// Whether the cursor is where it belongs in them.
    placed: bool,
    /// The many paths that the cursor is on together, to be found in another layout.
    small: Option<SmallPaths>,
    /// Whether the user cancelled laying them out.
    cancelled: bool,
}

impl MapView {
    /// The tiles, if they were laid out for an area of this size.
    pub fn tiles_on(&self, size: (u16, u16)) -> Option<&[Tile]> {
        let layout = self.layout.as_ref().filter(|layout| layout.size == size);
        layout.map(|layout| &*layout.tiles)
    }

    /// The titles of its groups.
    pub fn titles(&self) -> &[Title] {
        self.layout.as_ref().map_or(&[], |layout| &layout.titles)
    }

    fn tiles(&self) -> &[Tile] {
        self.layout.as_ref().map_or(&[], |layout| &layout.tiles)
    }

    fn is_current(&self, cx: Context<'_>) -> bool {
        let layout = self.layout.as_ref();
        layout.is_some_and(|layout| (layout.map, layout.size) == (self.map, cx.room))
    }

    /// What the map is zoomed into, from the outside in.
    pub fn trail(&self, facts: &Facts) -> Vec<PathId> {
        let (Some(core), Some(top)) = (facts.core(), self.map.top) else {
            return Vec::new();
        };
        let mut trail = core.dominators.strict(top);
        trail.push(top);
        trail
    }

    /// Puts the cursor on the tile of the selection, or on the area of small paths it was on.
    fn place(&mut self, cx: Context<'_>) -> Outcome {
        self.placed = true;
        self.cursor.top = 0;
        let selected = cx.shared.selected;
        let small = self.small.filter(|_| selected.is_none());
        let again = |small: SmallPaths| {
            let same = |other: SmallPaths| other.top == small.top;
            let mut tiles = self.tiles().iter();
            tiles.position(|tile| tile.small.is_some_and(same))
        };
        if let Some(at) = small
            .and_then(again)
            .or_else(|| self.tile_of(cx, selected?))
        {
            self.cursor.at = at;
            return Outcome::None;
        }
        // The selection holds everything that is mapped, or is one of many in one area.
        let tiles = self.tiles();
        let real = (0..tiles.len()).filter(|&at| tiles[at].small.is_none());
        let largest = real.max_by_key(|&at| (tiles[at].size, Reverse(at)));
        self.cursor.at = largest.unwrap_or(0);
        Outcome::Select
    }

    /// The tile of a path, or of the nearest one that holds it.
    fn tile_of(&self, cx: Context<'_>, id: PathId) -> Option<usize> {
        let holding = |&id: &PathId| cx.facts.core()?.dominators.immediate(id);
        let of = |id: PathId| {
            let mut tiles = self.tiles().iter();
            tiles.position(|tile| tile.path() == Some(id))
        };
        std::iter::successors(Some(id), holding).find_map(of)
    }

    /// Another map is wanted.
    fn changed(&mut self) {
        (self.placed, self.cancelled) = (false, false);
    }

    /// Goes to the next tile in a direction.
    fn step(&mut self, direction: (i32, i32)) -> Outcome {
        match neighbour(self.tiles(), self.cursor.at, direction) {
            Some(at) => {
                self.cursor.at = at;
                Outcome::Select
            }
            None => Outcome::None,
        }
    }

    /// Makes what a tile lies in the whole map.
    fn zoom(&mut self, facts: &Facts, id: PathId) -> Outcome {
        let Some(core) = facts.core() else {
            return Outcome::None;
        };
        let mut chain = core.dominators.strict(id);
        chain.push(id);
        let above = match self.map.top {
            Some(top) => chain.iter().position(|&up| up == top),
            None => (core.dominator_tree.top().len() == 1).then_some(0),
        };
        let into = chain.get(above.map_or(0, |at| at + 1)).copied();
        let opens = |&into: &PathId| !core.dominator_tree.children(into).is_empty();
        let Some(into) = into.filter(opens) else {
            return Outcome::None;
        };
        self.map.top = Some(into);
        self.map.small = None;
        self.changed();
        Outcome::None.remembered()
    }

    /// Shows what shares an area as a level of its own.
    fn zoom_into(&mut self, small: SmallPaths) -> Outcome {
        self.map.top = small.top;
        self.map.small = Some(small);
        self.small = None;
        self.changed();
        Outcome::None.remembered()
    }
}

impl Pane for MapView {
    fn len(&self, _cx: Context<'_>) -> usize {
        self.tiles().len()
    }

    fn cursor(&self) -> &Cursor {
        &self.cursor
    }

    fn cursor_mut(&mut self) -> &mut Cursor {
        &mut self.cursor
    }

    fn target(&self, _cx: Context<'_>, at: usize) -> Option<Target> {
        let tile = self.tiles().get(at)?;
        let many = tile.small.map(|small| Many {
            paths: small.paths,
            bytes: tile.size,
        });
        Some(Target {
            many,
            instead: many.map(|_| Obstacle::MANY_PATHS),
            ..Target::perhaps(tile.path())
        })
    }

    fn reveal(&mut self, cx: Context<'_>, id: PathId) -> bool {
        match self.tile_of(cx, id) {
            Some(at) => {
                self.cursor.at = at;
                self.tiles()[at].path() == Some(id)
            }
            None => false,
        }
    }

    fn go(&mut self, cx: Context<'_>, motion: Motion) -> Outcome {
        match motion {
            Motion::By(rows) => self.step((0, if rows < 0 { -1 } else { 1 })),
            Motion::Wheel(rows) if rows < 0 => Outcome::Give(Command::Enter),
            Motion::Wheel(_) if self.map.top.is_some() || self.map.small.is_some() => {
                Outcome::Give(Command::Back)
            }
            Motion::Wheel(_) => Outcome::None,
            _ => {
                pane::go(self, cx, motion);
                Outcome::Select
            }
        }
    }

    fn fold(&mut self, _cx: Context<'_>, how: Folding) -> Option<Outcome> {
        match how {
            Folding::Open => Some(self.step((1, 0))),
            Folding::Close => Some(self.step((-1, 0))),
            Folding::Turn | Folding::OpenAll | Folding::CloseAll => None,
        }
    }

    fn enter(&mut self, cx: Context<'_>) -> Outcome {
        if let Some(small) = self.tiles().get(self.cursor.at).and_then(|tile| tile.small) {
            return self.zoom_into(small);
        }
        match here(self, cx).and_then(|target| target.path) {
            Some(id) => self.zoom(cx.facts, id),
            None => Outcome::None,
        }
    }

    fn command(&mut self, _cx: Context<'_>, command: Command) -> Outcome {
        if command == Command::Measure {
            self.map.measure = match self.map.measure {
                Measure::Retained => Measure::Nar,
                Measure::Nar => Measure::Retained,
            };
            // What is too small by one measure need not be by the other.
            self.map.small = None;
            self.changed();
        }
        Outcome::None
    }

    fn shown(&mut self, _cx: Context<'_>) -> Outcome {
        self.placed = false;
        Outcome::None
    }

    fn settle(&mut self, cx: Context<'_>) -> Outcome {
        let outcome = if self.is_current(cx) && !self.placed {
            self.place(cx)
        } else {
            Outcome::None
        };
        pane::settle(self, cx);
        if self.placed {
            self.small = self.tiles().get(self.cursor.at).and_then(|tile| tile.small);
        }
        outcome
    }

    fn click(&mut self, _cx: Context<'_>, x: u16, down: Option<u16>) -> Click {
        let Some(down) = down else {
            return Click::Nothing;
        };
        let mut tiles = self.tiles().iter();
        let clicked = tiles.position(|tile| tile.area.contains((x, down * 2).into()));
        clicked.map_or(Click::Nothing, Click::Row)
    }
}

impl Tab for MapView {
    /// A map, and the columns and rows it has.
    type Wanted = (Map, (u16, u16));
    type Found = Layout;

    fn needs(&self, cx: Context<'_>) -> Option<Self::Wanted> {
        let missing = cx.facts.core().is_some() && cx.room.0 > 0 && !self.is_current(cx);
        (missing && !self.cancelled).then_some((self.map, cx.room))
    }

    fn find(
        (map, size): Self::Wanted,
        facts: &Facts,
        _explore: &Explore,
        progress: &Progress,
    ) -> Result<Layout, Cancelled> {
        progress.start("laying out the map", 0);
        let (tiles, headings) = laid_out(facts, map, size);
        progress.check()?;
        Ok(Layout {
            map,
            size,
            tiles: tiles.into(),
            titles: headings.into(),
        })
    }

    fn fill(&mut self, _cx: Context<'_>, layout: Layout) -> Outcome {
        self.layout = Some(layout);
        self.placed = false;
        Outcome::None
    }

    fn cancel(&mut self, cancelled: bool) {
        self.cancelled = cancelled;
    }

    fn restore(&mut self, _cx: Context<'_>, before: Self) -> Outcome {
        (self.map, self.small) = (before.map, before.small);
        self.placed = false;
        Outcome::None
    }

    fn reload(&mut self, reloaded: &Reloaded<'_>) {
        let renewed = |top: Option<PathId>| top.and_then(reloaded.renewed);
        let again = |small: SmallPaths| SmallPaths {
            top: renewed(small.top),
            ..small
        };
        *self = Self {
            map: Map {
                top: renewed(self.map.top),
                // How many are small may be another number now.
                small: None,
                measure: self.map.measure,
            },
            small: self.small.map(again),
            ..Self::default()
        };
    }
}
