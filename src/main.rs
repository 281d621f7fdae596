//! nix-heft: what is heavy in a Nix store closure, why it is there, and what leaving it out would give.

mod cli;
mod run;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser;

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

/// Help, the version, or what is wrong with the command line. Help that cannot be written is an error, not silence.
fn tell(told: &clap::Error) -> ExitCode {
    let status = u8::try_from(told.exit_code()).unwrap_or(2);
    match told.print().and_then(|()| io::stdout().flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => ExitCode::from(status.max(1)),
        _ => ExitCode::from(status),
    }
}
