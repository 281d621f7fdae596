//! What the screen is to look like: colours, signs, units.

use crate::text::Units;

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ColorChoice {
    /// As the environment says.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never: marks, bold and reversed text carry the meaning.
    Never,
}

/// Which colours to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ThemeChoice {
    /// Those that suit the terminal's background, as far as it tells.
    #[default]
    Auto,
    /// For a dark background.
    Dark,
    /// For a light background.
    Light,
    /// Nothing that stands back, the cursor reversed.
    HighContrast,
    /// No colours: weight and reversal carry the meaning.
    Plain,
}

/// How many colours a screen has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Depth {
    /// None at all.
    Plain,
    /// The sixteen of every terminal, in its own palette.
    #[default]
    Ansi,
    /// 256.
    Indexed,
    /// Any.
    True,
}

/// What the screen looks like: colours and background.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Look {
    /// Whether the background is light.
    pub light: bool,
    /// The colours there are.
    pub depth: Depth,
    /// Whether nothing is drawn faintly.
    pub contrast: bool,
    /// Whether only ASCII is drawn.
    pub ascii: bool,
    /// In which units sizes are written.
    pub units: Units,
}
