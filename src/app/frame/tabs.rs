//! Where the tabs of the views stand. Shared by drawing and the mouse, so that they cannot disagree.

use std::ops::Range;

use crate::app::View;

/// From this many columns on, tabs stand apart.
const WIDE: u16 = 100;

/// A tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tab {
    /// Which of the views it is for, from 0.
    pub at: usize,
    /// Its first cell.
    pub from: u16,
    /// The cell after its last.
    pub to: u16,
    /// Whether it has room for its title, and not only for its number.
    pub named: bool,
}

/// The tabs of the views on a screen of this many columns.
pub(crate) fn tabs(columns: u16, current: View) -> Vec<Tab> {
    let titles: Vec<&str> = View::ALL.iter().map(|view| view.title()).collect();
    let current = View::ALL.iter().position(|&view| view == current);
    of_titles(&titles, current.unwrap_or(0), columns)
}

/// Of all tabs the keys, with the title of the current one, and of the others from the first on as many titles as have
/// room; else as many of these as have room round the current one.
fn of_titles(titles: &[&str], current: usize, columns: u16) -> Vec<Tab> {
    let all = 0..titles.len();
    let width = |range: Range<usize>, named: &dyn Fn(usize) -> bool| -> u16 {
        let cells = range.map(|at| cells(titles, at, named(at)));
        // One cell stays free at the left.
        cells.fold(1, |sum: u16, cells| sum.saturating_add(cells))
    };
    let fits = |most: usize| width(all.clone(), &|at| at < most || at == current) <= columns;
    let most = (0..=titles.len())
        .rev()
        .find(|&most| fits(most))
        .unwrap_or(0);
    let named: &dyn Fn(usize) -> bool = &|at| at < most || at == current;
    // Where there is much room, tabs stand apart by two cells.
    let apart = width(all.clone(), named).saturating_add(2 * titles.len() as u16);
    let gap = u16::from(columns >= WIDE && apart <= columns);
    let mut shown = all;
    while width(shown.clone(), named) > columns && shown.len() > 1 {
        if current - shown.start > shown.end - 1 - current {
            shown.start += 1;
        } else {
            shown.end -= 1;
        }
    }
    let mut x = 1;
    let place = |at| {
        let from = x;
        let to = from + cells(titles, at, named(at)) + gap;
        x = to + gap;
        let named = named(at);
        Tab {
            at,
            from,
            to,
            named,
        }
    };
    shown.map(place).collect()
}

/// The key that stands before a title: a digit, where the view has one.
pub(crate) fn key(at: usize) -> String {
    let keys = View::ALL.get(at).map_or(&[][..], |view| view.spec().keys);
    let is_digit = |key: &&&str| key.starts_with(|c: char| c.is_ascii_digit());
    let key = keys.iter().find(is_digit).or(keys.first());
    key.map_or_else(|| (at + 1).to_string(), |&key| key.to_owned())
}

/// Cells of a tab: its key, its title, and one on both sides.
fn cells(titles: &[&str], at: usize, named: bool) -> u16 {
    let number = key(at).len();
    let title = titles
        .get(at)
        .filter(|_| named)
        .map_or(0, |title| title.len());
    (number + title + 2) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEXT: [&str; 9] = [
        "Packages", "Tree", "Why", "Plan", "Advice", "Map", "Files", "Roots", "Diff",
    ];

    fn shown(titles: &[&str], current: usize, columns: u16) -> String {
        let tabs = of_titles(titles, current, columns);
        let text = |tab: &Tab| {
            if tab.named {
                format!("{} {}", tab.at + 1, titles[tab.at])
            } else {
                (tab.at + 1).to_string()
            }
        };
        tabs.iter().map(text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn titles_stand_where_all_have_room_and_else_the_current_one_does() {
        let all = "1 Packages 2 Tree 3 Why 4 Plan 5 Advice 6 Map 7 Files 8 Roots 9 Diff";
        assert_eq!(shown(&NEXT, 0, 80), all);
        assert_eq!(shown(&NEXT, 0, 70), all);
        let fewer = "1 Packages 2 Tree 3 Why 4 Plan 5 Advice 6 Map 7 Files 8 Roots 9";
        assert_eq!(shown(&NEXT, 4, 69), fewer);
        assert_eq!(
            shown(&NEXT, 8, 50),
            "1 Packages 2 Tree 3 Why 4 5 6 7 8 9 Diff"
        );
        assert_eq!(shown(&NEXT, 4, 24), "3 4 5 Advice 6 7");
        assert_eq!(shown(&NEXT, 0, 24), "1 Packages 2 3 4 5");
        assert_eq!(shown(&NEXT, 8, 24), "4 5 6 7 8 9 Diff");
    }

    #[test]
    fn every_tab_is_on_the_screen_and_the_current_one_is_there() {
        let many: Vec<String> = (0..14).map(|at| "x".repeat(at % 9 + 3)).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        for columns in 24..200 {
            for current in 0..many.len() {
                let tabs = of_titles(&many, current, columns);
                assert!(tabs.iter().any(|tab| tab.at == current && tab.named));
                for pair in tabs.windows(2) {
                    assert_eq!(pair[0].at + 1, pair[1].at);
                    assert!(pair[0].to <= pair[1].from);
                }
                assert!(tabs.last().expect("the current one").to <= columns);
            }
        }
    }
}
