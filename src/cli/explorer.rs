//! The options of the explorer, which may come before or after a command.

use std::path::PathBuf;

use clap::Args;

use super::Theme;

const EXPLORER: &str = "Explorer";

/// Options of the explorer.
#[derive(Debug, Clone, Args)]
pub(crate) struct Explorer {
    /// Leave the mouse to the terminal
    #[arg(long, help_heading = EXPLORER)]
    pub(crate) no_mouse: bool,

    /// Colour theme, or none for no colours [default: what suits the terminal]
    #[arg(long, value_name = "THEME", help_heading = EXPLORER)]
    pub(crate) theme: Option<Theme>,

    /// Draw with ASCII characters only
    #[arg(long, help_heading = EXPLORER)]
    pub(crate) ascii: bool,

    /// Start with the steps of a plan file
    #[arg(long = "plan", id = "explorer_plan", value_name = "FILE", help_heading = EXPLORER)]
    pub(crate) plan: Option<PathBuf>,

    /// The configuration that the closure is built from, as for `origins`; `none` evaluates nothing [default: what builds this
    /// machine's system, if that is known]
    #[arg(long = "config", id = "explorer_config", value_name = "CONFIG", help_heading = EXPLORER)]
    pub(crate) config: Option<String>,

    /// Maximum evaluation time in seconds [default: 600]
    #[arg(long = "time-limit", id = "explorer_time_limit", value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400), help_heading = EXPLORER)]
    pub(crate) time_limit: Option<u64>,

    /// Ask Nix's configured binary caches (substituters) for the sizes of paths that a change brings
    #[arg(long = "ask-caches", id = "explorer_ask_caches", help_heading = EXPLORER)]
    pub(crate) ask_caches: bool,

    /// Press KEYS and print the final screen as text; special keys in angle brackets, for example `/perl<enter>w`
    #[arg(long, value_name = "KEYS", help_heading = EXPLORER)]
    pub(crate) keys: Option<String>,

    /// The size of the screen for --keys
    #[arg(long, value_name = "COLSxROWS", default_value = "80x24", value_parser = screen_size, requires = "keys", help_heading = EXPLORER)]
    pub(crate) size: (u16, u16),
}

impl Explorer {
    /// What was typed before and after a command together; what comes after it wins.
    pub(crate) fn and(self, behind: Self) -> Self {
        // A size is only ever given with keys.
        let (keys, size) = match behind.keys {
            Some(keys) => (Some(keys), behind.size),
            None => (self.keys, self.size),
        };
        Self {
            no_mouse: self.no_mouse || behind.no_mouse,
            theme: behind.theme.or(self.theme),
            ascii: self.ascii || behind.ascii,
            plan: behind.plan.or(self.plan),
            config: behind.config.or(self.config),
            time_limit: behind.time_limit.or(self.time_limit),
            ask_caches: self.ask_caches || behind.ask_caches,
            keys,
            size,
        }
    }

    /// An option that was typed, if one was.
    pub(crate) fn given(&self) -> Option<&'static str> {
        let options = [
            (self.no_mouse, "--no-mouse"),
            (self.theme.is_some(), "--theme"),
            (self.ascii, "--ascii"),
            (self.plan.is_some(), "--plan"),
            (self.config.is_some(), "--config"),
            (self.time_limit.is_some(), "--time-limit"),
            (self.ask_caches, "--ask-caches"),
            (self.keys.is_some(), "--keys"),
        ];
        let given = options.iter().find(|(given, _)| *given);
        given.map(|(_, name)| *name)
    }
}

/// Columns and rows, each at most 1000: more is a slip of the finger, and would be a lot of memory.
fn screen_size(text: &str) -> Result<(u16, u16), String> {
    let sizes = text.split_once('x').and_then(|(columns, rows)| {
        let number = |text: &str| text.parse().ok().filter(|n| (1..=1000).contains(n));
        Some((number(columns)?, number(rows)?))
    });
    sizes.ok_or_else(|| "a size is written 80x24, with numbers from 1 to 1000".to_owned())
}
