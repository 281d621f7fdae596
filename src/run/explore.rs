//! Opens the explorer, and prints what is left to say when it has closed.

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;
#[cfg(feature = "tui")]
use std::sync::Arc;
#[cfg(feature = "tui")]
use std::time::Duration;

use crate::analysis::kept::Keep;
#[cfg(feature = "tui")]
use crate::app::evaluation::Configured;
#[cfg(feature = "tui")]
use crate::app::explore::Explore;
#[cfg(feature = "tui")]
use crate::app::look::{ColorChoice, ThemeChoice};
#[cfg(feature = "tui")]
use crate::gate::Reader;
#[cfg(feature = "tui")]
use crate::replay;
use crate::source::BoxedSource;
use crate::source::Request;
use crate::source::cache::archive::Archives;
#[cfg(feature = "tui")]
use crate::source::config::{Configuration, Evaluator};
use crate::source::location::Location;
#[cfg(feature = "tui")]
use crate::source::location::UserEnvironment;
#[cfg(feature = "tui")]
use crate::source::open::sides::others;
use crate::text::Units;
#[cfg(feature = "tui")]
use crate::tui;
#[cfg(feature = "tui")]
use crate::user_files::memory;

#[cfg(feature = "tui")]
use crate::cli::Theme;
use crate::cli::{self, Color};

use super::failure::Failure;
#[cfg(feature = "tui")]
use super::output::print;
use super::screen::Screen;
#[cfg(feature = "tui")]
use super::what_if::read_plan;

/// What the explorer is opened with.
#[cfg_attr(
    not(feature = "tui"),
    expect(dead_code, reason = "there is no explorer to open")
)]
pub(super) struct Opening {
    /// What is read.
    pub(super) source: BoxedSource,
    /// Which closure.
    pub(super) request: Request,
    /// What was named to be read, if the rest of its store can be asked.
    pub(super) store: Option<Location>,
    /// Whether the roots of the configuration are meant where none are named.
    pub(super) takes_default_roots: bool,
    /// By which rules Nix collects garbage there.
    pub(super) keep: Keep,
    /// Where other closures are read from, to be compared with.
    pub(super) location: Location,
    /// Below which directory the files of the store are, if not where the names of the paths say.
    pub(super) files_root: Option<PathBuf>,
    /// The binary cache that has the files of what is not on this machine.
    pub(super) archives: Option<Archives>,
    /// A line that stays on screen.
    pub(super) notice: Option<String>,
    /// What was typed about the explorer.
    pub(super) options: cli::Explorer,
    /// When to use colour.
    pub(super) color: Color,
    /// In which units sizes are written, if that was typed.
    pub(super) units: Option<Units>,
}

/// Opens the explorer and waits until the user quits.
pub(super) fn explore(opening: Opening, screen: Screen) -> Result<ExitCode, Failure> {
    if opening.options.keys.is_none() && !screen.is_terminal {
        return Err(Failure::because(
            "the explorer needs a terminal, and standard output is not one",
            "`nix-heft list` prints the closure, `nix-heft list --format json` for programs",
        ));
    }
    if opening.options.keys.is_none() && is_dumb() {
        return Err(Failure::because(
            "TERM=dumb: the explorer needs a terminal whose cursor can be moved",
            "`nix-heft list` prints the closure",
        ));
    }
    on_terminal(opening)
}

/// Whether the terminal says of itself that it can do nothing but write line after line.
pub(super) fn is_dumb() -> bool {
    env::var_os("TERM").is_some_and(|term| term == "dumb")
}

#[cfg(not(feature = "tui"))]
fn on_terminal(_: Opening) -> Result<ExitCode, Failure> {
    Err(Failure::because(
        "this program was built without the explorer",
        "`nix-heft list` prints the closure; build with the feature `tui` to explore it",
    ))
}

#[cfg(feature = "tui")]
fn on_terminal(opening: Opening) -> Result<ExitCode, Failure> {
    let (keys, size) = (opening.options.keys.clone(), opening.options.size);
    let mut explore = session(opening)?;
    if let Some(keys) = keys {
        // What is printed depends on the keys alone.
        explore.memory = None;
        return replayed(explore, &keys, size);
    }
    let exit = tui::run(explore).map_err(|error| {
        let hint = error.hint();
        Failure::new(error, hint)
    })?;
    if let Some(text) = exit.print {
        print(Reader::Text { colour: false }, |out| {
            writeln!(out, "{}", text.trim_end())
        })?;
    }
    match exit.failure {
        None => Ok(ExitCode::SUCCESS),
        Some(problem) => {
            let hint = problem.hint.clone();
            Err(Failure::new(problem, hint))
        }
    }
}

#[cfg(feature = "tui")]
fn session(opening: Opening) -> Result<Explore, Failure> {
    let configured = configured(&opening)?;
    let plan = opening.options.plan.as_deref();
    let (config, notes) = super::config::read();
    let mut request = opening.request;
    if request.roots.is_empty() && opening.takes_default_roots {
        request.roots.clone_from(&config.roots);
    }
    let theme = opening.options.theme.map(|theme| match theme {
        Theme::Auto => ThemeChoice::Auto,
        Theme::Dark => ThemeChoice::Dark,
        Theme::Light => ThemeChoice::Light,
        Theme::HighContrast => ThemeChoice::HighContrast,
        Theme::None => ThemeChoice::Plain,
    });
    Ok(Explore {
        plan: plan.map(read_plan).transpose()?,
        memory: memory::file(|name| env::var_os(name).map(PathBuf::from)),
        source: opening.source,
        request,
        location: opening.store,
        keep: opening.keep,
        other: others(opening.location),
        files_root: opening.files_root,
        archives: opening.archives.map(Arc::new),
        configured,
        notice: opening.notice,
        read_only: false,
        mouse: !opening.options.no_mouse && config.mouse != Some(false),
        units: opening.units.or(config.units).unwrap_or_default(),
        ascii: opening.options.ascii || config.ascii == Some(true),
        color: match opening.color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        },
        theme: theme.or(config.theme).unwrap_or_default(),
        config,
        notes,
    })
}

/// The configuration that is named; else what builds this machine's system, if nothing else is looked at.
#[cfg(feature = "tui")]
fn configured(opening: &Opening) -> Result<Option<Configured>, Failure> {
    let location = &opening.location;
    let is_own = opening.store.is_some() && location.store.is_none() && location.from.is_none();
    let configuration = match opening.options.config.as_deref() {
        Some("none") => None,
        Some(text) => {
            let user = UserEnvironment::of_process();
            Some(Configuration::parse(text, &user)?)
        }
        None if is_own && opening.request.roots.is_empty() => Configuration::of_machine(),
        None => None,
    };
    let Some(configuration) = configuration else {
        return Ok(None);
    };
    let time = Duration::from_secs(
        opening
            .options
            .time_limit
            .unwrap_or_else(|| cli::Config::default().time_limit),
    );
    Ok(Some(Configured {
        configuration,
        evaluator: Evaluator::new(location, time)?,
        refresh: location.refresh,
        asks_caches: opening.options.ask_caches,
    }))
}

/// Presses keys without a terminal and prints the screen after them.
#[cfg(feature = "tui")]
fn replayed(explore: Explore, keys: &str, size: (u16, u16)) -> Result<ExitCode, Failure> {
    let frame = replay::run(explore, keys, size).map_err(|error| {
        Failure::usage(
            error.to_string(),
            "every character is a key, names stand in angle brackets: '/perl<enter>w', '<ctrl-d>'",
        )
    })?;
    print(Reader::Text { colour: false }, |out| {
        out.write_all(frame.as_bytes())
    })?;
    Ok(ExitCode::SUCCESS)
}
