//! Frames as they are kept in snapshots: without the row of tabs, which says the same in every one of them.
//!
//! One more view changes that row in every frame. `frames.rs` keeps a picture of the row by itself.

use nix_heft::testing::explorer::screen_text;
use nix_heft::testing::explorer::{Areas, Side};
use ratatui::buffer::Buffer;

/// The row the tabs are in; `None` if the screen is too low for them, or a box covers them.
pub(crate) fn tab_row(frame: &Buffer) -> Option<u16> {
    let area = frame.area;
    let tabs = Areas::of((area.width, area.height), Side::Hidden, false)?.tabs;
    let covered = |x| matches!(frame[(x, tabs.y)].symbol(), "╭" | "╮" | "│" | "╰" | "╯");
    (tabs.height > 0 && !(tabs.left()..tabs.right()).any(covered)).then_some(tabs.y)
}

/// A frame as text, without the row of tabs.
pub(crate) fn picture(frame: &Buffer) -> String {
    without_row(&screen_text(frame), tab_row(frame))
}

/// A text of one line for each row of the screen, without one of them.
pub(crate) fn without_row(text: &str, row: Option<u16>) -> String {
    let rows = text.split_inclusive('\n').enumerate();
    rows.filter(|&(at, _)| row.map(usize::from) != Some(at))
        .map(|(_, line)| line)
        .collect()
}
