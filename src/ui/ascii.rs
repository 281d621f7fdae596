//! Drawing with nothing but ASCII, for fonts and terminals without lines and blocks: every other sign gets a likeness.

use ratatui::buffer::Buffer;

use crate::text;

/// Replaces what is drawn.
pub(crate) fn only(buffer: &mut Buffer) {
    let area = buffer.area;
    for y in area.top()..area.bottom() {
        for x in area.left()..area.right() {
            let symbol = buffer[(x, y)].symbol();
            if symbol.is_ascii() {
                continue;
            }
            if symbol == "…" && dots(buffer, (x, y)) {
                continue;
            }
            let symbol = buffer[(x, y)].symbol();
            // What takes two cells keeps them.
            let likeness = if text::width(symbol) == 2 {
                "??"
            } else {
                likeness(symbol).unwrap_or("?")
            };
            buffer[(x, y)].set_symbol(likeness);
        }
    }
}

/// Writes an ellipsis in full where it stands free: three dots, with blanks on both sides of them. Tells whether it did.
fn dots(buffer: &mut Buffer, (x, y): (u16, u16)) -> bool {
    let area = buffer.area;
    let blank = |at: u16| {
        let inside = (area.left()..area.right()).contains(&at);
        at == x || !inside || buffer[(at, y)].symbol() == " "
    };
    let free = |from: u16| {
        let inside = from >= area.left() && from + 3 <= area.right();
        let before = from.checked_sub(1).is_none_or(blank);
        inside && before && (from..from + 4).all(blank)
    };
    let mut starts = [0, 2, 1].into_iter().filter_map(|back| x.checked_sub(back));
    let Some(from) = starts.find(|&from| free(from)) else {
        return false;
    };
    for at in from..from + 3 {
        buffer[(at, y)].set_symbol(".");
    }
    true
}

/// What of ASCII looks most like a sign.
fn likeness(symbol: &str) -> Option<&'static str> {
    Some(match symbol {
        "█" | "▇" | "▆" | "▅" | "▉" | "▊" | "▋" | "▀" | "▄" => "#",
        "▍" | "▎" | "┊" | "┆" => ":",
        "▏" | "│" | "┃" | "▕" => "|",
        "━" | "▂" | "▃" => "=",
        "─" | "╸" | "–" | "—" | "−" | "▁" | "▔" => "-",
        "╭" | "╮" | "╰" | "╯" | "├" | "┤" | "┌" | "┐" | "└" | "┘" | "┬" | "┴" | "┼" => {
            "+"
        }
        "●" => "*",
        "◆" => "@",
        "○" => "o",
        "×" => "x",
        "·" => ".",
        "…" | "⋯" => "~",
        "“" | "”" => "\"",
        "⚠" => "!",
        "▌" | "→" | "▸" | "▶" | "›" | "≥" => ">",
        "←" | "◂" | "≤" => "<",
        "╱" => "/",
        "✓" | "▼" | "▾" | "↓" => "v",
        "▲" | "▴" | "↑" => "^",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    fn drawn(what: &str) -> String {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 24, 1));
        buffer.set_string(0, 0, what, Style::new());
        only(&mut buffer);
        let text: String = buffer
            .content()
            .iter()
            .map(ratatui::buffer::Cell::symbol)
            .collect();
        text.trim_end().to_owned()
    }

    #[test]
    fn an_ellipsis_is_three_dots_where_it_stands_free() {
        assert_eq!(drawn("libg…22.3"), "libg~22.3");
        assert_eq!(drawn("     … and 4 more"), "   ... and 4 more");
        assert_eq!(drawn("reading …"), "reading ...");
        assert_eq!(drawn("…"), "...");
        assert_eq!(drawn("a … b"), "a ~ b");
    }

    fn files_below(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("our own source") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                files_below(&path, files);
            } else {
                files.push(path);
            }
        }
    }

    #[test]
    fn every_sign_the_program_draws_has_a_likeness() {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut files = vec![source.join("closure/text.rs")];
        for folder in ["ui", "app", "closure/analysis", "closure/model"] {
            files_below(&source.join(folder), &mut files);
        }
        assert!(
            files
                .iter()
                .any(|file| file.ends_with("ui/views/map/mod.rs")),
            "folders in folders are looked into"
        );
        let mut missing = Vec::new();
        for path in files {
            let source = fs::read_to_string(&path).expect("our own source");
            let code = source.split("#[cfg(test)]").next().unwrap_or_default();
            let lines = code.lines().filter(|line| !line.trim().starts_with("//"));
            for sign in lines.flat_map(str::chars).filter(|sign| !sign.is_ascii()) {
                if likeness(sign.encode_utf8(&mut [0; 4])).is_none() {
                    missing.push((sign, path.clone()));
                }
            }
        }
        assert_eq!(missing, []);
    }
}
