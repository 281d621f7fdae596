//! nix-heft: what is heavy in a Nix store closure, why it is there, and what leaving it out would give.

mod cli;
mod run;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    if let Err(error) = color_eyre::install() {
        // Without the handler a panic is only less pretty.
        drop(error);
    }
    let cli = cli::Cli::parse();
    let screen = run::Screen::of(&cli.global);
    match run::run(cli, screen) {
        Ok(code) => code,
        Err(failure) => failure.report(screen),
    }
}
