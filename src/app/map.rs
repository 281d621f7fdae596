//! The map: every path as an area of its size, in the area of what it leaves with.

use std::cmp::Reverse;

use ratatui::layout::Rect;

use crate::model::PathId;

use super::facts::{Base, Facts};

/// A tile is divided further while it has at least this many cells across and half rows down.
const DIVISIBLE: (u16, u16) = (14, 6);
/// Most paths of one parent that get a tile of their own; the rest share the parent's.
const MOST_CHILDREN: usize = 60;

/// The map.
#[derive(Debug, Clone, Copy, Default)]
pub struct Map {
    /// What is mapped; `None`: everything.
    pub top: Option<PathId>,
}

/// A path's own area: what is not taken by those that leave with it and have tiles of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tile {
    /// The path.
    pub id: PathId,
    /// Bytes the area stands for: the path with what leaves with it, or what of that has no tile of its own.
    pub size: u64,
    /// Which of the large areas it lies in, for its colour.
    pub group: usize,
    /// Where it is: cells across, half rows down, from the map's corner.
    pub area: Rect,
}

/// What stands in an area before it is divided.
struct Part {
    id: PathId,
    /// Bytes the area stands for.
    size: u64,
    /// Whether it may be divided further, or is a path without what leaves with it.
    whole: bool,
}

/// The tiles of a map on so many columns and rows.
pub fn tiles(facts: &Facts, map: Map, (columns, rows): (u16, u16)) -> Vec<Tile> {
    let Some(base) = &facts.base else {
        return Vec::new();
    };
    let parts = match map.top {
        Some(id) => parts_of(facts, base, id),
        None => children(base, base.dominator_tree.top()),
    };
    let mut layout = Layout {
        facts,
        base,
        large: parts.iter().map(|part| part.size).sum::<u64>() / 3,
        groups: 0,
        tiles: Vec::new(),
    };
    let area = Rect::new(0, 0, columns, rows.saturating_mul(2));
    layout.fill(&parts, area, None);
    layout.tiles
}

fn parts_of(facts: &Facts, base: &Base, id: PathId) -> Vec<Part> {
    let own = facts.graph().info(id).nar_size.known();
    let mut parts = children(base, base.dominator_tree.children(id));
    if let Some(rest) = parts.iter_mut().find(|part| part.id == id) {
        rest.size += own;
    } else if own > 0 {
        parts.push(Part {
            id,
            size: own,
            whole: false,
        });
    }
    parts.sort_by_key(|part| (Reverse(part.size), part.id));
    parts
}

fn children(base: &Base, ids: &[PathId]) -> Vec<Part> {
    let mut parts: Vec<Part> = ids
        .iter()
        .map(|&id| Part {
            id,
            size: base.dominators.known_retained_size(id),
            whole: true,
        })
        .filter(|part| part.size > 0)
        .collect();
    parts.sort_by_key(|part| (Reverse(part.size), part.id));
    if parts.len() > MOST_CHILDREN {
        let rest: u64 = parts[MOST_CHILDREN..].iter().map(|part| part.size).sum();
        parts.truncate(MOST_CHILDREN);
        // Too small to be seen one by one: they lie in the area of what they leave with.
        if let Some(parent) = parts
            .first()
            .and_then(|first| base.dominators.immediate(first.id))
        {
            parts.push(Part {
                id: parent,
                size: rest,
                whole: false,
            });
        }
    }
    parts
}

/// The tiles there are so far.
struct Layout<'a> {
    facts: &'a Facts,
    base: &'a Base,
    /// What is larger has too much in it for one colour.
    large: u64,
    groups: usize,
    tiles: Vec<Tile>,
}

impl Layout<'_> {
    /// Fills an area with parts, each row or column of them as square as it gets (squarified treemap, after Bruls, Huizing
    /// and van Wijk), then goes into those that have room.
    fn fill(&mut self, parts: &[Part], mut area: Rect, group: Option<usize>) {
        let mut left: u64 = parts.iter().map(|part| part.size).sum();
        let mut next = 0;
        while next < parts.len() && area.area() > 0 && left > 0 {
            let count = strip(&parts[next..], area, left);
            let taken: u64 = parts[next..next + count].iter().map(|part| part.size).sum();
            let (mut along, rest) = cut(area, taken, left);
            let mut strip_left = taken;
            for part in &parts[next..next + count] {
                let (place, remaining) = cut_along(along, area, part.size, strip_left);
                along = remaining;
                strip_left -= part.size;
                if place.area() > 0 {
                    self.place(part, place, group);
                }
            }
            area = rest;
            left -= taken;
            next += count;
        }
    }

    fn place(&mut self, part: &Part, area: Rect, group: Option<usize>) {
        let room = area.width >= DIVISIBLE.0 && area.height >= DIVISIBLE.1;
        let divided = part.whole && room && !self.base.dominator_tree.children(part.id).is_empty();
        let large = part.size > self.large;
        let group = group.or_else(|| {
            self.groups += 1;
            (!divided || !large).then_some(self.groups)
        });
        if divided {
            let inner = parts_of(self.facts, self.base, part.id);
            return self.fill(&inner, area, group);
        }
        self.tiles.push(Tile {
            id: part.id,
            size: part.size,
            group: group.unwrap_or(self.groups),
            area,
        });
    }
}

/// How many of the parts to put into the next strip along the shorter side, so that the worst of them is least oblong.
fn strip(parts: &[Part], area: Rect, left: u64) -> usize {
    let cells = f64::from(area.width) * f64::from(area.height) / left as f64;
    let side = f64::from(area.width.min(area.height)).max(1.0);
    let (mut sum, mut best) = (0.0, f64::INFINITY);
    let largest = parts[0].size as f64 * cells;
    for (at, part) in parts.iter().enumerate() {
        let smallest = part.size as f64 * cells;
        sum += smallest;
        let thickness = sum / side;
        let oblong = |cells: f64| {
            let length = cells / thickness;
            (length / thickness).max(thickness / length.max(1e-9))
        };
        let worst = oblong(largest).max(oblong(smallest));
        if worst > best {
            return at;
        }
        best = worst;
    }
    parts.len()
}

/// The part of a length that `size` of `left` takes.
fn share(length: u16, size: u64, left: u64) -> u16 {
    if size >= left {
        return length;
    }
    let exact = u128::from(length) * u128::from(size) * 2 / u128::from(left.max(1));
    (exact.div_ceil(2) as u16).min(length)
}

/// Cuts a strip off the longer side.
fn cut(area: Rect, taken: u64, left: u64) -> (Rect, Rect) {
    if area.width >= area.height {
        let width = share(area.width, taken, left);
        let rest = Rect {
            x: area.x + width,
            width: area.width - width,
            ..area
        };
        (Rect { width, ..area }, rest)
    } else {
        let height = share(area.height, taken, left);
        let rest = Rect {
            y: area.y + height,
            height: area.height - height,
            ..area
        };
        (Rect { height, ..area }, rest)
    }
}

/// Cuts the next part off a strip, across the way the strip was cut.
fn cut_along(along: Rect, from: Rect, size: u64, left: u64) -> (Rect, Rect) {
    if from.width >= from.height {
        let height = share(along.height, size, left);
        let rest = Rect {
            y: along.y + height,
            height: along.height - height,
            ..along
        };
        (Rect { height, ..along }, rest)
    } else {
        let width = share(along.width, size, left);
        let rest = Rect {
            x: along.x + width,
            width: along.width - width,
            ..along
        };
        (Rect { width, ..along }, rest)
    }
}

/// The nearest tile in a direction from one of them.
pub fn neighbour(tiles: &[Tile], at: usize, (dx, dy): (i32, i32)) -> Option<usize> {
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

    use super::super::facts::Snapshot;
    use super::*;
    use crate::job::Progress;
    use crate::testing::{any_graph, graph};

    fn facts((graph, closure): (crate::model::StoreGraph, crate::model::Closure)) -> Facts {
        let snapshot = Snapshot {
            graph: graph.into(),
            closure,
            warnings: Vec::new(),
            origin: String::new(),
        };
        let base = Base::of(&snapshot, &Progress::new()).expect("not cancelled");
        Facts {
            base: Some(base.into()),
            ..Facts::of(snapshot)
        }
    }

    #[test]
    fn areas_are_as_large_as_what_they_stand_for() {
        let facts = facts(graph("app 0 -> big small\nbig 750\nsmall 250"));
        let tiles = tiles(&facts, Map::default(), (40, 10));
        let table: Vec<_> = tiles
            .iter()
            .map(|t| (facts.graph().name(t.id), t.area.area()))
            .collect();
        assert_eq!(table, [("big", 600), ("small", 200)]);
        assert_eq!(neighbour(&tiles, 0, (1, 0)), Some(1));
        assert_eq!(neighbour(&tiles, 1, (1, 0)), None);
    }

    proptest! {
        #[test]
        fn tiles_lie_inside_and_apart(made in any_graph(14), columns in 0_u16..80, rows in 0_u16..40) {
            let facts = facts(made);
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
