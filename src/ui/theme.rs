//! The few styles everything is drawn in, for dark and light backgrounds and for as many colours as there are.

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};

use crate::app::dialogs::picture::Tone;
use crate::app::look::{Depth, Look};

/// The styles, named after what they mean.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Theme {
    /// Ordinary text.
    pub text: Style,
    /// What stands back: headings, units, guides.
    pub dim: Style,
    /// Lines between panes and the empty part of bars.
    pub line: Style,
    /// What leads the eye: the active tab, the program's name.
    pub accent: Style,
    /// A heading.
    pub title: Style,
    /// The full part of a bar.
    pub bar: Style,
    /// What is marked to go.
    pub mark: Style,
    /// What is gained.
    pub gain: Style,
    /// What is to be noticed: choke points, notices.
    pub hit: Style,
    /// Letters that match a search.
    pub letters: Style,
    /// Something is wrong.
    pub alarm: Style,
    /// Keys in hints.
    pub key: Style,
    /// Added to the row the cursor is on.
    pub cursor: Style,
    /// Added to the row the cursor is on in a pane that does not have the keys.
    pub faint_cursor: Style,
}

/// A colour for each number of colours a terminal may have.
#[derive(Clone, Copy)]
struct Shade {
    rgb: (u8, u8, u8),
    indexed: u8,
    ansi: Color,
}

const fn shade(rgb: (u8, u8, u8), indexed: u8, ansi: Color) -> Shade {
    Shade { rgb, indexed, ansi }
}

struct Palette {
    dim: Shade,
    line: Shade,
    accent: Shade,
    bar: Shade,
    mark: Shade,
    gain: Shade,
    hit: Shade,
    alarm: Shade,
    cursor: Shade,
    faint: Shade,
}

const DARK: Palette = Palette {
    dim: shade((139, 146, 158), 246, Color::Gray),
    line: shade((70, 76, 88), 239, Color::DarkGray),
    accent: shade((126, 186, 228), 110, Color::Cyan),
    bar: shade((94, 142, 198), 67, Color::Blue),
    mark: shade((240, 128, 112), 209, Color::LightRed),
    gain: shade((142, 196, 124), 114, Color::Green),
    hit: shade((232, 190, 106), 221, Color::Yellow),
    alarm: shade((240, 100, 100), 203, Color::LightRed),
    cursor: shade((44, 54, 70), 237, Color::Reset),
    faint: shade((35, 39, 47), 235, Color::Reset),
};

const LIGHT: Palette = Palette {
    dim: shade((104, 110, 120), 242, Color::DarkGray),
    line: shade((196, 200, 206), 251, Color::Gray),
    accent: shade((36, 88, 164), 25, Color::Blue),
    bar: shade((98, 144, 204), 68, Color::Blue),
    mark: shade((190, 62, 44), 160, Color::Red),
    gain: shade((46, 122, 56), 28, Color::Green),
    hit: shade((164, 98, 0), 130, Color::Magenta),
    alarm: shade((190, 30, 45), 160, Color::Red),
    cursor: shade((218, 229, 243), 189, Color::Reset),
    faint: shade((235, 238, 242), 255, Color::Reset),
};

impl Theme {
    /// How a text is written that is this to the reader.
    pub(crate) fn tone(&self, tone: Tone) -> Style {
        match tone {
            Tone::Text => self.text,
            Tone::Dim => self.dim,
            Tone::Title => self.title,
            Tone::Key => self.key,
            Tone::Hit => self.hit,
            Tone::Gain => self.gain,
            Tone::Alarm => self.alarm,
            Tone::Accent => self.accent,
        }
    }

    /// The styles for a screen.
    pub(crate) fn of(look: Look) -> Self {
        if look.depth == Depth::Plain {
            return Self::plain();
        }
        let palette = if look.light { &LIGHT } else { &DARK };
        let color = |shade: Shade| match look.depth {
            Depth::True => Color::Rgb(shade.rgb.0, shade.rgb.1, shade.rgb.2),
            Depth::Indexed => Color::Indexed(shade.indexed),
            _ => shade.ansi,
        };
        let fore = |shade| Style::new().fg(color(shade));
        let bold = Modifier::BOLD;
        let few = look.depth == Depth::Ansi;
        // Sixteen colours have no shade that is only slightly off the background.
        let behind = |shade| {
            if few {
                Style::new().add_modifier(Modifier::REVERSED)
            } else {
                Style::new().bg(color(shade))
            }
        };
        let theme = Self {
            text: Style::new(),
            dim: fore(palette.dim),
            line: fore(palette.line),
            accent: fore(palette.accent).add_modifier(bold),
            title: Style::new().add_modifier(bold),
            bar: fore(palette.bar),
            mark: fore(palette.mark),
            gain: fore(palette.gain),
            hit: fore(palette.hit).add_modifier(bold),
            letters: if few {
                // A reversed row has no colours.
                fore(palette.hit).add_modifier(bold | Modifier::UNDERLINED)
            } else {
                fore(palette.hit).add_modifier(bold)
            },
            alarm: fore(palette.alarm).add_modifier(bold),
            key: fore(palette.accent),
            cursor: behind(palette.cursor),
            faint_cursor: if few {
                Style::new().add_modifier(Modifier::UNDERLINED)
            } else {
                behind(palette.faint)
            },
        };
        if look.contrast { theme.strong() } else { theme }
    }

    /// Nothing stands back, and the cursor cannot be missed.
    fn strong(self) -> Self {
        Self {
            dim: self.text,
            line: self.dim,
            bar: self.accent,
            mark: self.mark.add_modifier(Modifier::BOLD),
            gain: self.gain.add_modifier(Modifier::BOLD),
            cursor: Style::new().add_modifier(Modifier::REVERSED),
            faint_cursor: Style::new().add_modifier(Modifier::UNDERLINED),
            ..self
        }
    }

    /// Gives every row of a cursor one style. What is reversed has no colours of its own: each would be a patch. What has
    /// a ground of ours has ink of ours: the terminal's may be made for another one.
    pub(crate) fn settle_cursors(&self, light: bool, buffer: &mut Buffer) {
        let ink = if light { Color::Black } else { Color::White };
        let grounds = [self.cursor.bg, self.faint_cursor.bg];
        for cell in &mut buffer.content {
            if cell.modifier.contains(Modifier::REVERSED) {
                (cell.fg, cell.bg) = (Color::Reset, Color::Reset);
            } else if cell.fg == Color::Reset && grounds.contains(&Some(cell.bg)) {
                cell.fg = ink;
            }
        }
    }

    /// Without any colour: weight and reversal carry the meaning.
    fn plain() -> Self {
        let with = |modifier| Style::new().add_modifier(modifier);
        Self {
            text: Style::new(),
            dim: Style::new(),
            line: Style::new(),
            accent: with(Modifier::BOLD),
            title: with(Modifier::BOLD),
            bar: Style::new(),
            mark: with(Modifier::BOLD),
            gain: with(Modifier::BOLD),
            hit: with(Modifier::BOLD),
            // In a name that is bold itself weight alone would not tell them.
            letters: with(Modifier::BOLD | Modifier::UNDERLINED),
            alarm: with(Modifier::BOLD),
            key: with(Modifier::BOLD),
            cursor: with(Modifier::REVERSED),
            faint_cursor: with(Modifier::UNDERLINED),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Rect;

    fn row(look: Look, style: impl Fn(&Theme) -> Style) -> Style {
        let theme = Theme::of(look);
        let mut buffer = Buffer::empty(Rect::new(0, 0, 4, 1));
        buffer.set_style(buffer.area, theme.cursor);
        buffer.set_string(0, 0, "name", style(&theme));
        theme.settle_cursors(look.light, &mut buffer);
        buffer[(0, 0)].style()
    }

    #[test]
    fn the_selected_row_can_be_read_on_every_ground() {
        for depth in [Depth::Plain, Depth::Ansi, Depth::Indexed, Depth::True] {
            for (light, contrast) in [(false, false), (true, false), (false, true), (true, true)] {
                let look = Look {
                    light,
                    depth,
                    contrast,
                    ..Look::default()
                };
                let plain = row(look, |theme| theme.text);
                let marked = row(look, |theme| theme.mark);
                if plain.add_modifier.contains(Modifier::REVERSED) {
                    let colours = |style: Style| (style.fg, style.bg);
                    assert_eq!(colours(plain), colours(marked), "no patches: {look:?}");
                } else {
                    let both = [plain.fg, plain.bg];
                    assert!(!both.contains(&Some(Color::Reset)), "{look:?}");
                }
            }
        }
    }
}
