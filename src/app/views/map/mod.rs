//! The map, a treemap: the area of a path is its NAR size, inside the area of its immediate dominator, with which it leaves.

mod level;
mod pane;
pub(crate) mod treemap;

use std::cmp::Reverse;
use std::sync::Arc;

use hashbrown::HashMap;
use ratatui::layout::Rect;

use crate::model::PathId;

use self::treemap::squarify;
use crate::analysis::analysed::Core;
use crate::app::facts::Facts;

use self::level::Level;
pub(crate) use self::pane::MapView;

/// A tile is divided further while it has at least this many cells across and half rows down.
const DIVISIBLE: (u16, u16) = (14, 6);
/// A group has a title above its tiles while it has at least this many.
const TITLED: (u16, u16) = (20, 12);

/// What areas stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Measure {
    /// What leaves with what, one within the other.
    #[default]
    Retained,
    /// Every path by itself.
    Nar,
}

/// The many paths of a level that share one area because each alone could not be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SmallPaths {
    /// What the level is in; `None`: everything.
    pub top: Option<PathId>,
    /// How many parts of the level are larger.
    pub skip: usize,
    /// How many there are.
    pub paths: usize,
    /// Whether their area is smaller than in proportion to their bytes, so that others can be seen beside it.
    pub shortened: bool,
}

/// The map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Map {
    /// What is mapped; `None`: everything.
    pub top: Option<PathId>,
    /// Only these of it, if one went into their area.
    pub small: Option<SmallPaths>,
    /// What areas stand for.
    pub measure: Measure,
}

/// A path's own area: what is not taken by those that leave with it and have tiles of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tile {
    /// The path; of several the largest, for nothing but their place and colour.
    id: PathId,
    /// Bytes the area stands for: the path with what leaves with it, or what of that has no tile of its own.
    pub size: u64,
    /// Which paths share it because each alone could not be seen; `None` if it is one path's own.
    pub small: Option<SmallPaths>,
    /// Which of the large areas it lies in, for its colour.
    pub group: usize,
    /// Where it is: cells across, half rows down, from the map's corner.
    pub area: Rect,
}

impl Tile {
    /// The path it stands for; `None` if many share it.
    pub fn path(&self) -> Option<PathId> {
        self.small.is_none().then_some(self.id)
    }
}

/// What stands above the tiles of a group, in a row of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Title {
    /// The path that all of the group would leave with.
    pub id: PathId,
    /// Bytes of the group.
    pub size: u64,
    /// The row: cells across, half rows down, from the map's corner.
    pub area: Rect,
}

/// What stands in an area before it is divided.
#[derive(Debug, Clone, Copy)]
struct MapPart {
    id: PathId,
    /// Bytes the area stands for.
    size: u64,
    /// Whether it may be divided further, or is a path without what leaves with it.
    whole: bool,
    /// Which share it.
    small: Option<SmallPaths>,
}

impl MapPart {
    fn of(id: PathId, size: u64, whole: bool) -> Self {
        Self {
            id,
            size,
            whole,
            small: None,
        }
    }
}

/// The tiles of a map, and what they were laid out for.
#[derive(Debug, Clone)]
pub struct Layout {
    /// The map.
    pub map: Map,
    /// Columns and rows.
    pub size: (u16, u16),
    /// Its tiles.
    pub tiles: Arc<[Tile]>,
    /// The titles of its groups.
    pub titles: Arc<[Title]>,
}

/// The tiles of a map on this many columns and rows, and the titles of its groups.
fn laid_out(facts: &Facts, map: Map, (columns, rows): (u16, u16)) -> (Vec<Tile>, Vec<Title>) {
    let Some(core) = facts.core() else {
        return Default::default();
    };
    let parts = match (map.measure, map.top) {
        (Measure::Nar, top) => alone(facts, core, top),
        (_, Some(id)) => parts_of(facts, core, id),
        (_, None) => children(core, core.dominator_tree.top()),
    };
    let mut layout = Placing {
        facts,
        core,
        map,
        large: parts.iter().map(|part| part.size).sum::<u64>() / 3,
        groups: HashMap::new(),
        tiles: Vec::new(),
        titles: Vec::new(),
    };
    let area = Rect::new(0, 0, columns, rows.saturating_mul(2));
    let level = Level {
        top: map.top,
        small: map.small,
    };
    layout.fill(parts, level, area, None);
    (layout.tiles, layout.titles)
}

/// What leaves with a path, and the path itself.
fn parts_of(facts: &Facts, core: Core<'_>, id: PathId) -> Vec<MapPart> {
    let mut parts = children(core, core.dominator_tree.children(id));
    let own = facts.graph().info(id).nar_size.known();
    parts.push(MapPart::of(id, own, false));
    parts
}

fn children(core: Core<'_>, ids: &[PathId]) -> Vec<MapPart> {
    let retained = |&id: &PathId| MapPart::of(id, core.dominators.known_retained_size(id), true);
    ids.iter().map(retained).collect()
}

/// Each path below a path, or of the closure, by itself.
fn alone(facts: &Facts, core: Core<'_>, top: Option<PathId>) -> Vec<MapPart> {
    let own = |id: PathId| MapPart::of(id, facts.graph().info(id).nar_size.known(), false);
    let Some(top) = top else {
        return facts.closure().members().iter().map(own).collect();
    };
    let mut below = vec![top];
    let mut at = 0;
    while let Some(&id) = below.get(at) {
        at += 1;
        below.extend(core.dominator_tree.children(id));
    }
    below.into_iter().map(own).collect()
}

/// The tiles there are so far.
struct Placing<'a> {
    facts: &'a Facts,
    core: Core<'a>,
    map: Map,
    /// What is larger has too much in it for one colour.
    large: u64,
    /// The number of the colour of each large area.
    groups: HashMap<PathId, usize>,
    tiles: Vec<Tile>,
    titles: Vec<Title>,
}

impl Placing<'_> {
    /// Fills an area with parts, then goes into those that have room.
    fn fill(&mut self, parts: Vec<MapPart>, level: Level, area: Rect, group: Option<PathId>) {
        let mut parts = level.visible(parts, area.area());
        let weights = level.weights(&mut parts);
        let mut weighed: Vec<(MapPart, u64)> = parts.into_iter().zip(weights).collect();
        weighed.sort_by_key(|&(_, weight)| Reverse(weight));
        let (parts, weights): (Vec<MapPart>, Vec<u64>) = weighed.into_iter().unzip();
        for (part, place) in parts.iter().zip(squarify(&weights, area)) {
            if !place.is_empty() {
                self.place(part, place, group);
            }
        }
    }

    fn place(&mut self, part: &MapPart, area: Rect, group: Option<PathId>) {
        let room = area.width >= DIVISIBLE.0 && area.height >= DIVISIBLE.1;
        let divided = part.whole && room && !self.core.dominator_tree.children(part.id).is_empty();
        if divided {
            let large = part.size > self.large;
            let begins = group.is_none() && !large;
            let area = if begins {
                self.titled(part, area)
            } else {
                area
            };
            let group = group.or_else(|| (!large).then_some(part.id));
            let inner = parts_of(self.facts, self.core, part.id);
            let level = Level {
                top: Some(part.id),
                small: None,
            };
            return self.fill(inner, level, area, group);
        }
        let group = group.unwrap_or_else(|| self.group_of(part.id));
        let next = self.groups.len() + 1;
        self.tiles.push(Tile {
            id: part.id,
            size: part.size,
            small: part.small,
            group: *self.groups.entry(group).or_insert(next),
            area,
        });
    }

    /// Writes a title into the first row of an area, if there is room for one; gives what is left.
    fn titled(&mut self, part: &MapPart, area: Rect) -> Rect {
        if area.width < TITLED.0 || area.height < TITLED.1 {
            return area;
        }
        // A row has two halves, and the title needs both.
        let above = area.y % 2;
        let row = Rect::new(area.x, area.y + above, area.width, 2);
        self.titles.push(Title {
            id: part.id,
            size: part.size,
            area: row,
        });
        Rect {
            y: row.bottom(),
            height: area.height - above - 2,
            ..area
        }
    }

    /// By itself, a path has the colour of the largest thing it leaves with that is not too large for one.
    fn group_of(&self, id: PathId) -> PathId {
        if self.map.measure == Measure::Retained {
            return id;
        }
        let small = |id: &PathId| self.core.dominators.known_retained_size(*id) <= self.large;
        let up = |&id: &PathId| self.core.dominators.immediate(id).filter(small);
        std::iter::successors(Some(id), up).last().unwrap_or(id)
    }
}

/// The nearest tile in a direction from one of them.
fn neighbour(tiles: &[Tile], at: usize, (dx, dy): (i32, i32)) -> Option<usize> {
    let centre = |tile: &Tile| {
        let area = tile.area;
        (
            i32::from(area.x) * 2 + i32::from(area.width),
            i32::from(area.y) * 2 + i32::from(area.height),
        )
    };
    let (x, y) = centre(tiles.get(at)?);
    let distance = |tile: &Tile| {
        let (tx, ty) = centre(tile);
        let (ahead, aside) = if dx == 0 {
            ((ty - y) * dy, (tx - x).abs())
        } else {
            ((tx - x) * dx, (ty - y).abs())
        };
        (ahead > 0).then_some(ahead + 2 * aside)
    };
    let candidates = tiles
        .iter()
        .enumerate()
        .filter_map(|(at, tile)| Some((distance(tile)?, at)));
    candidates.min().map(|(_, at)| at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{any_graph, graph};

    fn tiles(facts: &Facts, map: Map, size: (u16, u16)) -> Vec<Tile> {
        laid_out(facts, map, size).0
    }

    #[test]
    fn a_group_has_a_title_above_its_tiles() {
        let facts = Facts::in_test(graph(
            "app 0 -> a b c d\na 10 -> a1 a2\na1 300\na2 290\nb 500\nc 400\nd 450",
        ));
        let (tiles, headings) = laid_out(&facts, Map::default(), (80, 24));
        let named: Vec<_> = headings
            .iter()
            .map(|title| (facts.graph().name(title.id), title.size))
            .collect();
        assert_eq!(named, [("a", 600)]);
        let row = headings[0].area;
        assert!(tiles.iter().all(|tile| !tile.area.intersects(row)));
    }

    #[test]
    fn areas_are_as_large_as_what_they_stand_for() {
        let facts = Facts::in_test(graph("app 0 -> big small\nbig 750\nsmall 250"));
        let tiles = tiles(&facts, Map::default(), (40, 10));
        let table: Vec<_> = tiles
            .iter()
            .map(|t| (facts.graph().name(t.id), t.area.area()))
            .collect();
        assert_eq!(table, [("big", 600), ("small", 200)]);
        assert_eq!(neighbour(&tiles, 0, (1, 0)), Some(1));
        assert_eq!(neighbour(&tiles, 1, (1, 0)), None);
    }

    #[test]
    fn what_is_too_small_shares_an_area() {
        let many: Vec<String> = (0..50).map(|at| format!("small{at}")).collect();
        let text = format!("app 10 -> big {}\nbig 9000\n", many.join(" "));
        let text = many.iter().fold(text, |text, name| text + name + " 5\n");
        let facts = Facts::in_test(graph(&text));
        for measure in [Measure::Retained, Measure::Nar] {
            let map = Map {
                measure,
                ..Map::default()
            };
            let tiles = tiles(&facts, map, (20, 10));
            let big = facts.graph().name(tiles[0].id);
            let sharing = |tile: &Tile| tile.small.map_or(0, |small| small.paths);
            let shared: Vec<_> = tiles
                .iter()
                .map(|tile| (sharing(tile), tile.size))
                .collect();
            assert_eq!(
                (big, shared),
                ("big", vec![(0, 9000), (51, 260)]),
                "{measure:?}"
            );
        }
    }

    #[test]
    fn by_itself_each_path_is_as_large_as_its_own_size() {
        let facts = Facts::in_test(graph(
            "app 100 -> a b\na 300 -> c\nb 200 -> d\nc 250\nd 150",
        ));
        let names = |top| {
            let map = Map {
                top,
                measure: Measure::Nar,
                ..Map::default()
            };
            let tiles = tiles(&facts, map, (40, 20));
            let name = |tile: &Tile| (facts.graph().name(tile.id).to_owned(), tile.size);
            tiles.iter().map(name).collect::<Vec<_>>()
        };
        let all = [("a", 300), ("c", 250), ("b", 200), ("d", 150), ("app", 100)];
        assert_eq!(names(None), all.map(|(name, size)| (name.to_owned(), size)));
        let b = crate::testing::id(facts.graph(), "b");
        assert_eq!(
            names(Some(b)),
            [("b".to_owned(), 200), ("d".to_owned(), 150)]
        );
    }

    proptest! {
        #[test]
        fn tiles_lie_inside_and_apart(made in any_graph(14), columns in 0_u16..80, rows in 0_u16..40) {
            let facts = Facts::in_test(made);
            let tiles = tiles(&facts, Map::default(), (columns, rows));
            let whole = Rect::new(0, 0, columns, rows * 2);
            for (at, tile) in tiles.iter().enumerate() {
                prop_assert_eq!(tile.area.intersection(whole), tile.area);
                for other in &tiles[at + 1..] {
                    prop_assert_eq!(tile.area.intersection(other.area).area(), 0);
                }
            }
        }
    }
}
