//! nix-heft: what is heavy in a Nix store closure, why it is there, and what leaving it out would give.

use std::process::ExitCode;

fn main() -> ExitCode {
    if let Err(error) = color_eyre::install() {
        // Without the handler a panic is only less pretty.
        drop(error);
    }
    nix_heft::main()
}
