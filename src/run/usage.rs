//! Mistakes on the command line: options that exclude each other, words that are neither command nor root.

use std::path::Path;

use crate::analysis::select::nearest;
use clap::CommandFactory as _;

use crate::cli::{Cli, Command, Global};

use super::failure::Failure;

/// Options of which one would be passed over in silence.
pub(super) fn check_options(global: &Global, command: Option<&Command>) -> Result<(), Failure> {
    let evaluated = global
        .expr
        .as_ref()
        .map(|_| "--expr")
        .or(global.file.as_ref().map(|_| "--file"));
    if let (Some(_), Some(option)) = (&global.from, evaluated) {
        return Err(Failure::usage(
            format!("--from reads a closure that is there already, and {option} evaluates one"),
            format!("leave --from or {option} out"),
        ));
    }
    let source = global
        .from
        .as_ref()
        .map(|_| "--from")
        .or(global.store.as_ref().map(|_| "--store"));
    match (command, source) {
        (Some(Command::Demo(_)), Some(option)) => Err(Failure::usage(
            format!("the demo shows its own closure and reads nothing from {option}"),
            format!("leave {option} out, or leave `demo` out"),
        )),
        (
            Some(Command::Demo(_) | Command::Completions(_) | Command::Man(_) | Command::Config),
            _,
        ) => match of_sources(global) {
            Some(option) => Err(Failure::usage(
                format!("{option} has no use where no store is read"),
                format!("leave {option} out"),
            )),
            None => Ok(()),
        },
        (Some(Command::Generations(_) | Command::When(_)), Some("--from")) => Err(Failure::usage(
            "a file has no generations of a profile",
            "leave --from out",
        )),
        (Some(Command::Why(why)), Some("--from")) if why.alive => Err(Failure::usage(
            "--alive needs a store: a file does not list GC roots",
            "leave --from out, or --alive",
        )),
        (Some(Command::History(_)), Some(option)) => Err(Failure::usage(
            format!("history reads a journal and nothing from {option}"),
            format!("leave {option} out"),
        )),
        (Some(Command::Roots(roots)), Some("--from")) if roots.dead => Err(Failure::usage(
            "--dead needs a store: a file does not list GC roots",
            "leave --from out, or --dead",
        )),
        (Some(Command::Roots(roots)), Some("--from")) if roots.disk || !roots.drop.is_empty() => {
            Err(Failure::usage(
                "--disk and --drop need a store: a file does not list GC roots",
                "leave --from out, or --disk and --drop",
            ))
        }
        _ => Ok(()),
    }
}

/// The first option given that says what is read, how, or in what form it is printed.
fn of_sources(global: &Global) -> Option<&'static str> {
    let options = [
        ("--store", global.store.is_some()),
        ("--from", global.from.is_some()),
        ("--derivation", global.derivation),
        ("--file", global.file.is_some()),
        ("--expr", global.expr.is_some()),
        ("--impure", global.impure),
        ("--option", !global.option.is_empty()),
        (
            "--trusted-public-key",
            !global.trusted_public_key.is_empty(),
        ),
        ("--offline", global.offline),
        ("--format", global.format.is_some()),
    ];
    let given = options.into_iter().find(|(_, given)| *given);
    given.map(|(option, _)| option)
}

/// The first root, if it can only be a mistyped command. With `--from`, a root may be any name that is in the file.
pub(super) fn check_root(roots: &[String], global: &Global) -> Result<(), Failure> {
    let Some(word) = roots.first() else {
        return Ok(());
    };
    let is_word = !word.is_empty()
        && word
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    let may_be_root = global.from.is_some() || global.expr.is_some() || global.file.is_some();
    if !is_word || may_be_root || Path::new(word).symlink_metadata().is_ok() {
        return Ok(());
    }
    Err(Failure::usage(
        format!("there is no command '{word}', and no root of that name"),
        near(word),
    ))
}

/// The command that is written most like a word.
fn near(word: &str) -> String {
    let program = Cli::command();
    let names = program.get_subcommands().map(clap::Command::get_name);
    let looked_for = format!("to look for a package: `nix-heft why {word}`");
    match nearest(names, word).first() {
        Some(name) => format!("did you mean `nix-heft {name}`? {looked_for}"),
        None => looked_for,
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    fn complaint(line: &str) -> Option<String> {
        let cli = Cli::try_parse_from(line.split(' ')).expect("valid");
        let options = check_options(&cli.global, cli.command.as_ref());
        let outcome = options.and_then(|()| check_root(&cli.roots.roots, &cli.global));
        outcome.err().map(|failure| format!("{failure:?}"))
    }

    #[test]
    fn nothing_typed_is_passed_over() {
        let cases = [
            ("nix-heft lst /nix/store/x", "no command 'lst'"),
            ("nix-heft lst", "`nix-heft list`"),
            ("nix-heft list --from x --expr y", "--expr evaluates"),
            ("nix-heft --from x --file y", "--file evaluates"),
            ("nix-heft demo --from x", "from --from"),
            ("nix-heft demo --store x", "from --store"),
            ("nix-heft demo --format json", "--format has no use"),
            ("nix-heft demo --derivation", "where no store is read"),
            ("nix-heft config --from x", "--from has no use"),
            ("nix-heft man --offline", "--offline has no use"),
            ("nix-heft completions bash --store x", "--store has no use"),
            ("nix-heft roots --dead --from x", "--dead needs a store"),
        ];
        for (line, expected) in cases {
            let told = complaint(line).expect(line);
            assert!(told.contains(expected), "{line}: {told}");
        }
        for line in [
            "nix-heft ./lst",
            "nix-heft src",
            "nix-heft nixpkgs#hello",
            "nix-heft lst --from x",
            "nix-heft hello --expr x",
            "nix-heft list --from x --store y",
            "nix-heft roots --from x",
        ] {
            assert_eq!(complaint(line), None, "{line}");
        }
    }
}
