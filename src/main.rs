//! nix-heft: what is heavy in a Nix store closure, why it is there, and what leaving it out would give.

fn main() -> std::process::ExitCode {
    nix_heft::main()
}
