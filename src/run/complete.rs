//! Shell completions and the manual page, made from the definition of the command line.

use crate::gate::Reader;
use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;

use crate::cli::Cli;

use super::failure::Failure;
use super::output::print;

/// Prints a completion script.
pub(super) fn script(shell: Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "nix-heft", &mut script);
    if shell == Shell::Bash {
        script = with_one_name(&script);
    }
    print(Reader::Bytes, |out| out.write_all(&script))
}

/// The script for bash with one name for the state of standing behind the program's name. The generator (`clap_complete` 4.6)
/// writes a hyphen in the names of commands as another word than in the program's own, so that what it goes to is nowhere.
fn with_one_name(script: &[u8]) -> Vec<u8> {
    let script = String::from_utf8_lossy(script);
    script
        .replace("nix__subcmd__heft", "nix__heft")
        .into_bytes()
}

/// Prints the sample of a configuration file.
pub(super) fn configuration() -> Result<(), Failure> {
    print(Reader::Bytes, |out| {
        out.write_all(include_bytes!("../../assets/config.toml"))
    })
}

/// Prints the manual page of the program, or of one of its commands.
pub(super) fn manual(command: Option<&str>) -> Result<(), Failure> {
    let mut program = Cli::command();
    program.build();
    let Some(name) = command else {
        return print(Reader::Bytes, |out| Man::new(program).render(out));
    };
    let page = program.find_subcommand(name).cloned();
    let page = page.ok_or_else(|| {
        Failure::usage(
            format!("there is no command '{name}'"),
            "`nix-heft --help` lists the commands",
        )
    })?;
    print(Reader::Bytes, |out| Man::new(page).render(out))
}
