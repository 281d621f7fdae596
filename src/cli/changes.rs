//! The changes of `try`: words and options that may be mixed and keep the order in which they were typed.

use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches};

use super::Config;

/// What `try` takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct Try {
    #[command(flatten)]
    pub(crate) changes: Changes,

    #[command(flatten)]
    pub(crate) config: Config,

    /// The built system to compare with: a store path, a link to one, or a profile. If several are given, the one that the
    /// configuration produces is replaced and the others stay [default: what the configuration produces now]
    #[arg(long, value_name = "ROOT")]
    pub(crate) root: Vec<String>,

    /// Ask Nix's configured binary caches (substituters) for the sizes of new paths
    #[arg(long)]
    pub(crate) ask_caches: bool,

    /// Print at most N packages and N causes [default: 20, in JSON all]
    #[arg(long, short = 'n', value_name = "N", allow_negative_numbers = true)]
    pub(crate) limit: Option<usize>,
}

/// Changes as typed, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Changes(pub(crate) Vec<TypedChange>);

/// One change as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TypedChange {
    /// A text or a file.
    Change(String),
    /// `--disable MODULE`
    Disable(String),
    /// `--overlay FILE`
    Overlay(String),
    /// `--hint ID`
    Hint(String),
}

/// The words' name.
const CHANGE: &str = "change";

/// An option with its values' name, its help, and the change a value makes.
type Kind = (
    &'static str,
    &'static str,
    &'static str,
    fn(String) -> TypedChange,
);

const KINDS: [Kind; 3] = [
    (
        "disable",
        "MODULE",
        "Leave out a module: a path below nixos/modules in nixpkgs, such as services/misc/x.nix, or a file",
        TypedChange::Disable,
    ),
    (
        "overlay",
        "FILE",
        "Apply the overlay in FILE to the packages",
        TypedChange::Overlay,
    ),
    (
        "hint",
        "ID",
        "Apply the option that `advise` suggests under this hint ID",
        TypedChange::Hint,
    ),
];

impl FromArgMatches for Changes {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut changes = Self::default();
        changes.update_from_arg_matches(matches)?;
        Ok(changes)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        let mut typed = Vec::new();
        let words: (&str, fn(String) -> TypedChange) = (CHANGE, TypedChange::Change);
        let options = KINDS.iter().map(|&(name, _, _, change)| (name, change));
        for (name, change) in options.chain([words]) {
            let places = matches.indices_of(name).into_iter().flatten();
            let values = matches.get_many::<String>(name).into_iter().flatten();
            typed.extend(places.zip(values.map(|value| change(value.clone()))));
        }
        typed.sort_by_key(|&(place, _)| place);
        self.0 = typed.into_iter().map(|(_, change)| change).collect();
        Ok(())
    }
}

impl Args for Changes {
    fn augment_args(command: Command) -> Command {
        let word = Arg::new(CHANGE)
            .value_name("CHANGE")
            .action(ArgAction::Append)
            .num_args(0..)
            .help("The body of a module, such as 'services.web.enable = false;', with config, lib and pkgs in scope; or a file with a module");
        let option = |(name, value, help, _): Kind| {
            Arg::new(name)
                .long(name)
                .value_name(value)
                .action(ArgAction::Append)
                .help(help)
        };
        command.arg(word).args(KINDS.map(option))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_keep_the_order_in_which_they_were_typed() {
        let command = Changes::augment_args(Command::new("x"));
        let line = [
            "x",
            "a = 1;",
            "--disable",
            "m.nix",
            "b.nix",
            "--overlay",
            "o.nix",
        ];
        let matches = command.try_get_matches_from(line).expect("valid");
        let changes = Changes::from_arg_matches(&matches).expect("valid");
        assert_eq!(
            changes.0,
            [
                TypedChange::Change("a = 1;".to_owned()),
                TypedChange::Disable("m.nix".to_owned()),
                TypedChange::Change("b.nix".to_owned()),
                TypedChange::Overlay("o.nix".to_owned()),
            ]
        );
    }
}
