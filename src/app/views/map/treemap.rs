//! The geometry of a treemap: areas in proportion to weights, as square as they can be, on a grid of pixels.
//!
//! Squarified treemaps after Bruls, Huizing and van Wijk (2000). Edges are rounded, not sizes, so tiles neither overlap
//! nor leave gaps; a tile too small for the grid comes out empty.

use ratatui::layout::Rect;

/// A rectangle before rounding.
#[derive(Debug, Clone, Copy)]
struct Area {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

/// Divides `whole` among `weights`, which must descend; one tile for each weight, in the same order. Weights of 0 get
/// empty tiles, and so do those that are too small to be seen.
pub(crate) fn squarify(weights: &[u64], whole: Rect) -> Vec<Rect> {
    let total: f64 = weights.iter().map(|&weight| weight as f64).sum();
    if total <= 0.0 || whole.is_empty() {
        return vec![Rect::new(whole.x, whole.y, 0, 0); weights.len()];
    }
    let scale = f64::from(whole.width) * f64::from(whole.height) / total;
    let areas: Vec<f64> = weights
        .iter()
        .map(|&weight| weight as f64 * scale)
        .collect();
    let mut free = Area {
        x: f64::from(whole.x),
        y: f64::from(whole.y),
        width: f64::from(whole.width),
        height: f64::from(whole.height),
    };
    let mut tiles = Vec::with_capacity(weights.len());
    let mut next = 0;
    while next < areas.len() {
        let row = row_length(&areas[next..], free.width.min(free.height));
        free = lay_row(&areas[next..next + row], free, &mut tiles);
        next += row;
    }
    tiles
}

/// How many of the areas go into one row along a side of this length: as long as the worst aspect ratio gets better.
fn row_length(areas: &[f64], side: f64) -> usize {
    let mut sum = 0.0;
    let mut worst = f64::INFINITY;
    for (at, &area) in areas.iter().enumerate() {
        sum += area;
        let thickness = sum / side;
        let ratio = |area: f64| (thickness * thickness / area).max(area / (thickness * thickness));
        let now = ratio(areas[0]).max(ratio(area));
        if at > 0 && (now > worst || now.is_nan()) {
            return at;
        }
        worst = now;
    }
    areas.len()
}

/// Places one row along the shorter side and gives what stays free.
fn lay_row(areas: &[f64], free: Area, tiles: &mut Vec<Rect>) -> Area {
    let sum: f64 = areas.iter().sum();
    let across = free.width >= free.height;
    let side = if across { free.height } else { free.width };
    let thickness = if side > 0.0 { sum / side } else { 0.0 };
    let mut offset = 0.0;
    for &area in areas {
        let length = if thickness > 0.0 {
            area / thickness
        } else {
            0.0
        };
        tiles.push(rounded(if across {
            Area {
                x: free.x,
                y: free.y + offset,
                width: thickness,
                height: length,
            }
        } else {
            Area {
                x: free.x + offset,
                y: free.y,
                width: length,
                height: thickness,
            }
        }));
        offset += length;
    }
    if across {
        Area {
            x: free.x + thickness,
            width: (free.width - thickness).max(0.0),
            ..free
        }
    } else {
        Area {
            y: free.y + thickness,
            height: (free.height - thickness).max(0.0),
            ..free
        }
    }
}

#[expect(
    clippy::cast_sign_loss,
    reason = "edges lie inside a tile, whose coordinates are not negative"
)]
fn rounded(area: Area) -> Rect {
    let edge = |value: f64| value.round() as u16;
    let (x, y) = (edge(area.x), edge(area.y));
    Rect {
        x,
        y,
        width: edge(area.x + area.width) - x,
        height: edge(area.y + area.height) - y,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GRID: Rect = Rect {
        x: 3,
        y: 2,
        width: 60,
        height: 40,
    };

    fn holds(tile: Rect, x: u16, y: u16) -> bool {
        let (right, bottom) = (tile.x + tile.width, tile.y + tile.height);
        (tile.x..right).contains(&x) && (tile.y..bottom).contains(&y)
    }

    proptest! {
        #[test]
        fn tiles_fill_the_grid_without_overlap(mut weights in prop::collection::vec(0_u64..1_000_000, 1..60)) {
            weights.sort_unstable_by(|a, b| b.cmp(a));
            let tiles = squarify(&weights, GRID);
            prop_assert_eq!(tiles.len(), weights.len());
            let covered = |x, y| tiles.iter().filter(|tile| holds(**tile, x, y)).count();
            let expected = usize::from(weights[0] > 0);
            for x in GRID.x..GRID.x + GRID.width {
                for y in GRID.y..GRID.y + GRID.height {
                    prop_assert_eq!(covered(x, y), expected);
                }
            }
            let outside = tiles.iter().any(|tile| tile.x + tile.width > 63 || tile.y + tile.height > 42);
            prop_assert!(!outside);
        }

        #[test]
        fn areas_follow_the_weights(mut weights in prop::collection::vec(1000_u64..2000, 1..12)) {
            weights.sort_unstable_by(|a, b| b.cmp(a));
            let total: u64 = weights.iter().sum();
            for (tile, weight) in squarify(&weights, GRID).iter().zip(&weights) {
                let share = *weight as f64 / total as f64 * 2400.0;
                let area = f64::from(tile.width) * f64::from(tile.height);
                // Rounding moves each of four edges by half a pixel at most.
                let slack = f64::from(tile.width) + f64::from(tile.height) + 1.0;
                prop_assert!((area - share).abs() <= slack, "{area} for {share}");
            }
        }
    }

    #[test]
    fn one_weight_takes_all_and_none_take_nothing() {
        assert_eq!(squarify(&[5], GRID), [GRID]);
        assert!(squarify(&[0, 0], GRID).iter().all(|tile| tile.is_empty()));
        assert!(
            squarify(&[1, 1], Rect::default())
                .iter()
                .all(|tile| tile.is_empty())
        );
        assert!(squarify(&[], GRID).is_empty());
    }
}
