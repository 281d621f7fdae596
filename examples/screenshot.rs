//! Draws a screen of the explorer on the built-in closure as a picture: the one in the README.
//!
//! `cargo run --example screenshot -- 130x36 '/perl-5.36.0<enter>w' > docs/screenshot-why.svg`

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

use nix_heft::demo;
use nix_heft::source::Request;
use nix_heft::testing::explorer::Session;
use nix_heft::testing::explorer::{ColorChoice, Explore, ThemeChoice};
use nix_heft::text::width;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

/// Size of a cell and of the letters in it, in pixels.
const CELL: (f64, f64) = (8.4, 19.0);
const LETTERS: f64 = 14.0;
/// Space around the screen inside the window, and the height of the window's title bar.
const MARGIN: f64 = 14.0;
const BAR: f64 = 34.0;
/// Space around the window, for its shadow.
const SHADOW: f64 = 18.0;
const BACKGROUND: &str = "#15171e";
const FOREGROUND: &str = "#d6dae4";
const ANSI: [&str; 16] = [
    "#2a2e3a", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#c8ccd4",
    "#6b7280", "#ff7b85", "#b5e890", "#ffd68a", "#82c4ff", "#de9bf0", "#7fd7e0", "#ffffff",
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let picture = match arguments.as_slice() {
        [size] => screenshot(size, ""),
        [size, keys] => screenshot(size, keys),
        _ => Err("usage: screenshot COLUMNSxROWS [KEYS]".to_owned()),
    };
    let (text, code) = match &picture {
        Ok(svg) => (svg.as_str(), ExitCode::SUCCESS),
        Err(problem) => (problem.as_str(), ExitCode::FAILURE),
    };
    let written = if picture.is_ok() {
        std::io::stdout().write_all(text.as_bytes())
    } else {
        writeln!(std::io::stderr(), "{text}")
    };
    written.map_or(ExitCode::FAILURE, |()| code)
}

fn screenshot(size: &str, keys: &str) -> Result<String, String> {
    let size = size
        .split_once('x')
        .and_then(|(columns, rows)| Some((columns.parse().ok()?, rows.parse().ok()?)))
        .ok_or("a size is written 120x34")?;
    let mut explore = Explore::new(
        Box::new(demo::Demo),
        Request {
            details: true,
            ..Request::default()
        },
    );
    explore.color = ColorChoice::Always;
    explore.theme = ThemeChoice::Dark;
    let mut session = Session::open(explore, size);
    session.press(keys).map_err(|error| error.to_string())?;
    Ok(svg(&session.frame(), "nix-heft demo"))
}

/// A screen as a window: title bar, rounded corners, shadow.
fn svg(screen: &Buffer, title: &str) -> String {
    let columns = f64::from(screen.area.width) * CELL.0;
    let rows = f64::from(screen.area.height) * CELL.1;
    let (w, h) = (columns + 2.0 * MARGIN, rows + BAR + MARGIN);
    let (total_w, total_h) = (w + 2.0 * SHADOW, h + 2.0 * SHADOW);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {total_w:.0} {total_h:.0}\" width=\"{total_w:.0}\">\n\
         <title>{title}</title>\n<defs><filter id=\"s\" x=\"-5%\" y=\"-5%\" width=\"110%\" height=\"112%\">\
         <feDropShadow dx=\"0\" dy=\"6\" stdDeviation=\"7\" flood-opacity=\"0.35\"/></filter></defs>\n\
         <style>text{{font-family:'JetBrains Mono','SF Mono',ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;\
         font-size:{LETTERS}px;white-space:pre}}g rect{{shape-rendering:crispEdges}}</style>\n\
         <rect x=\"{SHADOW}\" y=\"{SHADOW}\" width=\"{w:.1}\" height=\"{h:.1}\" rx=\"10\" fill=\"{BACKGROUND}\" filter=\"url(#s)\"/>\n\
         <rect x=\"{SHADOW}\" y=\"{SHADOW}\" width=\"{w:.1}\" height=\"{h:.1}\" rx=\"10\" fill=\"{BACKGROUND}\"/>\n"
    );
    for (at, colour) in ["#ff5f57", "#febc2e", "#28c840"].iter().enumerate() {
        let x = SHADOW + 20.0 + 20.0 * at as f64;
        let _ = writeln!(
            out,
            "<circle cx=\"{x}\" cy=\"{}\" r=\"6\" fill=\"{colour}\"/>",
            SHADOW + BAR / 2.0
        );
    }
    let _ = writeln!(
        out,
        "<text x=\"{:.1}\" y=\"{:.1}\" fill=\"#8a90a0\" text-anchor=\"middle\">{title}</text>\n<g transform=\"translate({},{})\">",
        total_w / 2.0,
        SHADOW + BAR / 2.0 + 5.0,
        SHADOW + MARGIN,
        SHADOW + BAR
    );
    for y in 0..screen.area.height {
        backgrounds(screen, y, &mut out);
        letters(screen, y, &mut out);
    }
    out.push_str("</g>\n</svg>\n");
    out
}

/// What a cell looks like once reversed video is worked out.
#[derive(PartialEq, Clone)]
struct Look {
    front: String,
    back: String,
    modifier: Modifier,
}

fn look(cell: &Cell) -> Look {
    let (mut front, mut back) = (colour(cell.fg, FOREGROUND), colour(cell.bg, BACKGROUND));
    if cell.modifier.contains(Modifier::REVERSED) {
        std::mem::swap(&mut front, &mut back);
    }
    Look {
        front,
        back,
        modifier: cell.modifier - Modifier::REVERSED,
    }
}

fn colour(colour: Color, reset: &str) -> String {
    let indexed = |index: u8| match index {
        0..16 => ANSI[usize::from(index)].to_owned(),
        16..232 => {
            let cube = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
            let n = index - 16;
            format!(
                "#{:02x}{:02x}{:02x}",
                cube(n / 36),
                cube(n / 6 % 6),
                cube(n % 6)
            )
        }
        _ => {
            let grey = 8 + 10 * (index - 232);
            format!("#{grey:02x}{grey:02x}{grey:02x}")
        }
    };
    match colour {
        Color::Reset => reset.to_owned(),
        Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
        Color::Indexed(index) => indexed(index),
        named => indexed(ansi_index(named)),
    }
}

fn ansi_index(named: Color) -> u8 {
    match named {
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
        _ => 7,
    }
}

fn place(x: u16, y: u16) -> (f64, f64) {
    (f64::from(x) * CELL.0, f64::from(y) * CELL.1)
}

fn backgrounds(screen: &Buffer, y: u16, out: &mut String) {
    let mut x = 0;
    while x < screen.area.width {
        let back = look(&screen[(x, y)]).back;
        let end = (x..screen.area.width)
            .find(|&next| look(&screen[(next, y)]).back != back)
            .unwrap_or(screen.area.width);
        if back != BACKGROUND {
            let (left, top) = place(x, y);
            let across = f64::from(end - x) * CELL.0;
            let _ = writeln!(
                out,
                "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{across:.1}\" height=\"{:.1}\" fill=\"{back}\"/>",
                CELL.1
            );
        }
        x = end;
    }
}

/// Letters in runs of one look, held to the grid; everything that is a shape is drawn as one.
fn letters(screen: &Buffer, y: u16, out: &mut String) {
    let mut run: Option<(u16, String, Look)> = None;
    let mut x = 0;
    while x < screen.area.width {
        let cell = &screen[(x, y)];
        let symbol = cell.symbol();
        let look = look(cell);
        let plain = symbol.len() == 1 && symbol != " ";
        let single_space = symbol == " "
            && run
                .as_ref()
                .is_some_and(|(_, text, _)| !text.ends_with(' '));
        let goes_on = run
            .as_ref()
            .is_some_and(|(_, _, of)| *of == look || single_space);
        if !(goes_on && (plain || single_space)) {
            finish(run.take(), y, out);
        }
        if plain || single_space && run.is_some() {
            run.get_or_insert_with(|| (x, String::new(), look))
                .1
                .push_str(symbol);
        } else if symbol != " " {
            shape_or_glyph(symbol, &look, (x, y), out);
        }
        x += (width(symbol) as u16).max(1);
    }
    finish(run, y, out);
}

fn finish(run: Option<(u16, String, Look)>, y: u16, out: &mut String) {
    let Some((x, text, look)) = run else { return };
    let text = text.trim_end();
    let across = text.len() as f64 * CELL.0;
    let (left, top) = place(x, y);
    let _ = writeln!(
        out,
        "<text x=\"{left:.1}\" y=\"{:.1}\" textLength=\"{across:.1}\" lengthAdjust=\"spacingAndGlyphs\"{}>{}</text>",
        top + CELL.1 * 0.73,
        style(&look),
        escaped(text)
    );
}

fn style(look: &Look) -> String {
    let mut style = format!(" fill=\"{}\"", look.front);
    if look.modifier.contains(Modifier::BOLD) {
        style.push_str(" font-weight=\"bold\"");
    }
    if look.modifier.contains(Modifier::DIM) {
        style.push_str(" opacity=\"0.6\"");
    }
    if look.modifier.contains(Modifier::ITALIC) {
        style.push_str(" font-style=\"italic\"");
    }
    if look.modifier.contains(Modifier::UNDERLINED) {
        style.push_str(" text-decoration=\"underline\"");
    }
    style
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn shape_or_glyph(symbol: &str, look: &Look, (x, y): (u16, u16), out: &mut String) {
    let (left, top) = place(x, y);
    let character = symbol.chars().next().unwrap_or(' ');
    if let Some((dx, dy, w, h)) = block(character) {
        let _ = writeln!(
            out,
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\"{}/>",
            left + dx * CELL.0,
            top + dy * CELL.1,
            w * CELL.0,
            h * CELL.1,
            style(look)
        );
    } else if let Some(arms) = arms(character) {
        lines(arms, (left, top), &look.front, out);
    } else {
        let cells = width(symbol).max(1) as f64;
        let _ = writeln!(
            out,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\"{}>{}</text>",
            left + cells * CELL.0 / 2.0,
            top + CELL.1 * 0.73,
            style(look),
            escaped(symbol)
        );
    }
}

/// Where in its cell a block element lies: left, top, width, height as parts of the cell.
fn block(character: char) -> Option<(f64, f64, f64, f64)> {
    let eighths = |n: u32| f64::from(n) / 8.0;
    Some(match character {
        '▀' => (0.0, 0.0, 1.0, 0.5),
        '▁'..='█' => {
            let h = eighths(character as u32 - 0x2580);
            (0.0, 1.0 - h, 1.0, h)
        }
        '▉'..='▏' => (0.0, 0.0, eighths(0x2590 - character as u32), 1.0),
        '▐' => (0.5, 0.0, 0.5, 1.0),
        _ => return None,
    })
}

/// Which of left, right, up and down a box drawing character's lines go to.
fn arms(character: char) -> Option<[bool; 4]> {
    let to = match character {
        '─' | '━' | '╌' | '┄' => "lr",
        '│' | '┃' | '┊' | '┆' => "ud",
        '┌' | '╭' => "rd",
        '┐' | '╮' => "ld",
        '└' | '╰' => "ru",
        '┘' | '╯' => "lu",
        '├' => "rud",
        '┤' => "lud",
        '┬' => "lrd",
        '┴' => "lru",
        '┼' => "lrud",
        '╴' => "l",
        '╶' => "r",
        _ => return None,
    };
    Some(['l', 'r', 'u', 'd'].map(|arm| to.contains(arm)))
}

fn lines(arms: [bool; 4], (left, top): (f64, f64), colour: &str, out: &mut String) {
    let (x, y) = (left + CELL.0 / 2.0, top + CELL.1 / 2.0);
    let ends = [(left, y), (left + CELL.0, y), (x, top), (x, top + CELL.1)];
    let mut path = String::new();
    for ((end_x, end_y), _) in ends.iter().zip(arms).filter(|(_, there)| *there) {
        let _ = write!(path, "M{x:.1} {y:.1}L{end_x:.1} {end_y:.1}");
    }
    let _ = writeln!(
        out,
        "<path d=\"{path}\" stroke=\"{colour}\" stroke-width=\"1.2\"/>"
    );
}
