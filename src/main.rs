//! nix-heft: what is heavy in a Nix store closure, why it is there, and what removing it would free.

fn main() -> std::process::ExitCode {
    nix_heft::main()
}
