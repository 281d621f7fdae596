//! Carries out the command line: one `match` over the commands. Each command opens its source, loads, and prints.

mod absent;
mod advise;
mod alive;
mod answers;
mod attempt;
mod check;
mod clock;
mod complete;
#[cfg(feature = "tui")]
mod config;
mod configured;
mod diff;
mod ending;
mod explore;
mod export;
mod failure;
mod files;
mod filter;
mod generations;
mod history;
mod meter;
mod origins;
mod output;
mod roots;
mod screen;
mod session;
mod target;
mod tries;
mod usage;
mod what_if;

use std::ffi::OsString;
use std::io::{self, IsTerminal as _, Write};
use std::process::ExitCode;

use clap::Parser as _;

use crate::analysis::kept::Keep;
use crate::colour;
use crate::demo::{self, Demo};
use crate::gate::{Gate, Reader};
use crate::source::Request;
use crate::source::open::{archives, files_root, has_store, open};
use crate::source::roots::settings;

use crate::cli::{self, Cli, Command};

use self::explore::Opening;

pub(crate) use self::failure::Failure;
pub(crate) use self::screen::Screen;
use self::session::Session;

/// The whole program: reads the command line and does what it says.
pub(crate) fn main() -> ExitCode {
    if asks_for_version(std::env::args_os().skip(1)) {
        return status(say_version(io::stdout()), 0);
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(told) => return tell(&told),
    };
    let screen = Screen::of(&cli.global);
    match run(cli, screen) {
        Ok(code) => code,
        Err(failure) => failure.report(screen),
    }
}

/// Writes what the parser has to say: to standard error if something is wrong. It repeats what was typed, so it passes the
/// gate.
fn said(told: &clap::Error) -> io::Result<()> {
    if told.use_stderr() {
        let stream = io::stderr();
        let terminal = stream.is_terminal();
        return through_gate(told, stream, terminal);
    }
    let stream = io::stdout();
    let terminal = stream.is_terminal();
    through_gate(told, stream, terminal)
}

fn through_gate(told: &clap::Error, stream: impl Write, terminal: bool) -> io::Result<()> {
    let colour = colour::is_wanted(terminal);
    let mut gate = Gate::new(stream, Reader::Text { colour });
    let text = told.render();
    if colour {
        write!(gate, "{}", text.ansi())?;
    } else {
        write!(gate, "{text}")?;
    }
    gate.finish().map(drop)
}

/// Whether the version is all that is asked for. That is answered without a parser: to build one with all commands and their
/// options takes most of the time of an answer that short.
fn asks_for_version(mut arguments: impl Iterator<Item = OsString>) -> bool {
    let first = arguments.next();
    first.is_some_and(|word| word == "--version" || word == "-V") && arguments.next().is_none()
}

fn say_version(stream: impl Write) -> io::Result<()> {
    let mut gate = Gate::new(stream, Reader::Text { colour: false });
    writeln!(
        gate,
        "{} {}",
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_VERSION")
    )?;
    gate.finish().map(drop)
}

/// Help, the version, or what is wrong with the command line.
fn tell(told: &clap::Error) -> ExitCode {
    status(said(told), u8::try_from(told.exit_code()).unwrap_or(2))
}

/// The exit status once something was said. Silence is no help.
fn status(said: io::Result<()>, status: u8) -> ExitCode {
    match said {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => ExitCode::from(status.max(1)),
        _ => ExitCode::from(status),
    }
}

/// Does what was typed.
fn run(cli: Cli, screen: Screen) -> Result<ExitCode, Failure> {
    usage::check_options(&cli.global, cli.command.as_ref())?;
    let Some(command) = cli.command else {
        let opens = cli.explorer.keys.is_some() || cli.explorer.plan.is_some();
        return if screen.is_terminal && explore::is_dumb() && !opens {
            list_instead(cli, screen)
        } else {
            explore(cli, screen)
        };
    };
    let command = with_options(cli.explorer, command)?;
    let session = Session::new(cli.global, screen, &command);
    match command {
        Command::List(options) => answers::list(&session, options),
        Command::Tree(options) => answers::tree(&session, options),
        Command::Why(options) if options.alive => alive::alive(&session, &options),
        Command::Why(options) => answers::why(&session, options),
        Command::Cut(options) => answers::cut(&session, options),
        Command::WhatIf(options) => what_if::what_if(&session, &options),
        Command::Dupes(options) => answers::dupes(&session, options),
        Command::Files(options) => files::files(&session, options),
        Command::Roots(options) => roots::roots(&session, &options),
        Command::Diff(options) => diff::diff(&session, &options),
        Command::Advise(options) => advise::advise(&session, options),
        Command::Origins(options) => origins::origins(&session, options),
        Command::Try(options) => return attempt::try_out(&session, *options),
        Command::Generations(options) => generations::generations(&session, &options),
        Command::When(options) => generations::when(&session, &options),
        Command::Check(options) => return check::check(&session, &options),
        Command::History(options) => history::history(&session, &options),
        Command::Export(options) => export::export(&session, options),
        Command::Demo(options) => {
            let notice = format!("the built-in demo: {}", demo::TITLE);
            return open_demo(notice, options, session.global(), screen);
        }
        Command::Completions(options) => complete::script(options.shell),
        Command::Config => complete::configuration(),
        Command::Man(options) => complete::manual(options.command.as_deref()),
    }?;
    Ok(ExitCode::SUCCESS)
}

/// The command with the explorer's options before it. Only the demo has a use for them.
fn with_options(before: cli::Explorer, command: Command) -> Result<Command, Failure> {
    match (command, before.given()) {
        (Command::Demo(behind), _) => Ok(Command::Demo(before.and(behind))),
        (command, None) => Ok(command),
        (_, Some(option)) => Err(Failure::usage(
            format!("{option} before a command is an option of the explorer, which is not opened"),
            "options of a command come after the subcommand: `nix-heft what-if --plan FILE`",
        )),
    }
}

/// The list, where the explorer cannot be shown.
fn list_instead(cli: Cli, screen: Screen) -> Result<ExitCode, Failure> {
    screen.note(&"TERM=dumb: the explorer needs a terminal whose cursor can be moved. This is `nix-heft list` instead.");
    let options = cli::List::of(cli.roots);
    let session = Session::new(cli.global, screen, &Command::List(options.clone()));
    answers::list(&session, options)?;
    Ok(ExitCode::SUCCESS)
}

/// The explorer on what was named.
fn explore(cli: Cli, screen: Screen) -> Result<ExitCode, Failure> {
    let Cli {
        global,
        explorer,
        roots,
        ..
    } = cli;
    if let Some(format) = global.format {
        return Err(Failure::usage(
            format!("the explorer does not print {}", format.name()),
            "say what to print, for example `nix-heft list --format json`",
        ));
    }
    if let Some(command) = roots.roots.iter().find(|root| cli::is_command(root)) {
        return Err(Failure::usage(
            format!("'{command}' comes after a root, where no command is expected"),
            format!("write `nix-heft {command} ROOT`; a root of that name is written ./{command}"),
        ));
    }
    usage::check_root(&roots.roots, &global)?;
    let location = session::location(&global);
    if roots.roots.is_empty() && !has_store(&location) {
        let notice = format!(
            "no Nix store on this machine: this is the built-in demo, {}",
            demo::TITLE
        );
        return open_demo(notice, explorer, &global, screen);
    }
    let opening = Opening {
        source: open(&location)?,
        request: Request {
            roots: roots.roots,
            details: true,
            ..Request::default()
        },
        takes_default_roots: !(location.from.is_some()
            || location.file.is_some()
            || location.expr.is_some()),
        keep: settings::keep(&location.nix_options),
        files_root: files_root(&location),
        archives: archives(&location)?,
        store: Some(location.clone()),
        location,
        notice: None,
        options: explorer,
        color: global.color,
        units: global.units(),
    };
    explore::explore(opening, screen)
}

/// The explorer on the closure that is built into the program.
fn open_demo(
    notice: String,
    options: cli::Explorer,
    global: &cli::Global,
    screen: Screen,
) -> Result<ExitCode, Failure> {
    let opening = Opening {
        source: Box::new(Demo),
        request: Request {
            details: true,
            ..Request::default()
        },
        store: None,
        takes_default_roots: false,
        keep: Keep::default(),
        files_root: None,
        archives: None,
        location: session::location(global),
        notice: Some(notice),
        options,
        color: global.color,
        units: global.units(),
    };
    explore::explore(opening, screen)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_version_is_what_the_parser_would_say() {
        let mut said = Vec::new();
        say_version(&mut said).expect("memory can be written to");
        let parser = Cli::command().render_version();
        assert_eq!(String::from_utf8(said).expect("text"), parser);
        let asks = |words: &[&str]| asks_for_version(words.iter().map(OsString::from));
        assert!(asks(&["--version"]) && asks(&["-V"]));
        assert!(!asks(&[]) && !asks(&["list"]) && !asks(&["--version", "list"]));
        let told = Cli::try_parse_from(["nix-heft", "-V"]).expect_err("the version");
        assert_eq!(told.kind(), clap::error::ErrorKind::DisplayVersion);
    }
}
