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
    match shell {
        Shell::Bash => script = with_one_name(&script),
        Shell::Zsh => script = with_command_first(&script),
        _ => {}
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

/// The script for zsh with the command as the first word, or a root in its place. The generator takes the first word for a
/// root always, and looks for the command behind it, so that nothing behind a command is completed.
fn with_command_first(script: &[u8]) -> Vec<u8> {
    const COMMANDS: &str = "(( $+functions[_nix-heft_commands] )) ||\n";
    const FIRST: &str = "(( $+functions[_nix-heft_first] )) ||\n_nix-heft_first() {\n    \
        _alternative 'commands:command:_nix-heft_commands' 'roots:root:_files'\n}\n";
    let script = String::from_utf8_lossy(script);
    let is_root = |line: &&str| line.starts_with("'::roots -- ");
    // That of the explorer comes first: the commands have lines of the same kind.
    let root = script
        .split_inclusive('\n')
        .find(is_root)
        .unwrap_or_default();
    script
        .replacen(root, "", 1)
        .replacen(
            "\":: :_nix-heft_commands\"",
            "\"::command or root:_nix-heft_first\"",
            1,
        )
        .replacen("words=($line[2] ", "words=($line[1] ", 1)
        .replacen(
            "-command-$line[2]:\"\n",
            "-command-$line[1]:\"\n        \
             (( $+functions[_nix-heft__subcmd__$line[1]_commands] )) || _files && ret=0\n",
            1,
        )
        .replacen("case $line[2] in", "case $line[1] in", 1)
        .replacen(COMMANDS, &format!("{FIRST}{COMMANDS}"), 1)
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
