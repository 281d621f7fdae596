//! Drawing with nothing but ASCII, for fonts and terminals without lines and blocks: every other sign gets a likeness.

use ratatui::buffer::Buffer;

use crate::text;

/// Replaces what is drawn.
pub fn only(buffer: &mut Buffer) {
    let area = buffer.area;
    for y in area.top()..area.bottom() {
        for x in area.left()..area.right() {
            let cell = &mut buffer[(x, y)];
            if cell.symbol().is_ascii() {
                continue;
            }
            // What takes two cells keeps them.
            let likeness = if text::width(cell.symbol()) == 2 {
                "??"
            } else {
                likeness(cell.symbol())
            };
            cell.set_symbol(likeness);
        }
    }
}

fn likeness(symbol: &str) -> &'static str {
    match symbol {
        "█" | "▇" | "▉" | "▊" | "▋" => "#",
        "▍" | "▎" => ":",
        "▏" | "│" | "┃" | "┆" | "▕" => "|",
        "─" | "━" | "–" | "—" | "−" | "▁" | "▔" => "-",
        "╭" | "╮" | "╰" | "╯" | "├" | "┤" | "┌" | "┐" | "└" | "┘" | "┬" | "┴" | "┼" => {
            "+"
        }
        "●" => "*",
        "○" => "o",
        "×" => "x",
        "·" => ".",
        "…" => "~",
        "▌" | "→" | "▸" | "▶" | "›" | "≥" => ">",
        "←" | "◂" | "≤" => "<",
        "✓" | "▼" | "▾" | "↓" => "v",
        "▲" | "▴" | "↑" => "^",
        _ => "?",
    }
}
