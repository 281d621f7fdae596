//! nix-heft: what is heavy in a Nix store closure, why it is there, and what leaving it out would give.

mod cli;
mod run;

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;
use nix_heft::colour;
use nix_heft::gate::{Gate, Reader};

fn main() -> ExitCode {
    if let Err(error) = color_eyre::install() {
        // Without the handler a panic is only less pretty.
        drop(error);
    }
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(told) => return tell(&told),
    };
    let screen = run::Screen::of(&cli.global);
    match run::run(cli, screen) {
        Ok(code) => code,
        Err(failure) => failure.report(screen),
    }
}

/// Writes what the parser has to say: to standard error if something is wrong. It repeats what was typed, so it passes the
/// gate.
fn said(told: &clap::Error) -> io::Result<()> {
    let (stream, terminal): (Box<dyn Write>, bool) = if told.use_stderr() {
        let stream = io::stderr();
        let terminal = stream.is_terminal();
        (Box::new(stream), terminal)
    } else {
        let stream = io::stdout();
        let terminal = stream.is_terminal();
        (Box::new(stream), terminal)
    };
    let colour = colour::is_wanted(terminal);
    let text = told.render();
    let mut gate = Gate::new(stream, Reader::Text { colour });
    if colour {
        write!(gate, "{}", text.ansi())?;
    } else {
        write!(gate, "{text}")?;
    }
    gate.finish().map(drop)
}

/// Help, the version, or what is wrong with the command line. Nobody who asked for help should take silence for it.
fn tell(told: &clap::Error) -> ExitCode {
    let status = u8::try_from(told.exit_code()).unwrap_or(2);
    match said(told) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => ExitCode::from(status.max(1)),
        _ => ExitCode::from(status),
    }
}
