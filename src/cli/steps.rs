//! The steps of `what-if`: options that may be mixed and keep the order in which they were typed.

use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches};

/// What-if steps as typed, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Steps(pub(crate) Vec<TypedStep>);

/// One step as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TypedStep {
    /// `--remove SEL`
    Remove(String),
    /// `--cut U:V`
    Cut(String),
    /// `--replace A=B`
    Replace(String),
}

/// An option with its values' name, its help, and the step a value makes.
type Kind = (
    &'static str,
    &'static str,
    &'static str,
    fn(String) -> TypedStep,
);

const KINDS: [Kind; 3] = [
    (
        "remove",
        "SEL",
        "Remove the paths that SEL selects: a store path, hash part, name, package name, or a pattern such as 'perl*'",
        TypedStep::Remove,
    ),
    (
        "cut",
        "U:V",
        "Remove the references from U to V, both selected as for --remove",
        TypedStep::Cut,
    ),
    (
        "replace",
        "A=B",
        "Redirect every reference to A to B; B may be a store path outside the closure",
        TypedStep::Replace,
    ),
];

impl FromArgMatches for Steps {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut steps = Self::default();
        steps.update_from_arg_matches(matches)?;
        Ok(steps)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        let mut typed = Vec::new();
        for (name, _, _, step) in KINDS {
            let places = matches.indices_of(name).into_iter().flatten();
            let values = matches.get_many::<String>(name).into_iter().flatten();
            typed.extend(places.zip(values.map(|value| step(value.clone()))));
        }
        typed.sort_by_key(|&(place, _)| place);
        self.0 = typed.into_iter().map(|(_, step)| step).collect();
        Ok(())
    }
}

impl Args for Steps {
    fn augment_args(command: Command) -> Command {
        let arg = |(name, value, help, _): Kind| {
            Arg::new(name)
                .long(name)
                .value_name(value)
                .action(ArgAction::Append)
                .help(help)
        };
        command.args(KINDS.map(arg))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_keep_the_order_in_which_they_were_typed() {
        let line = "x --remove a --replace b=c --remove d --cut e:f";
        let command = Steps::augment_args(Command::new("x"));
        let matches = command
            .try_get_matches_from(line.split(' '))
            .expect("valid");
        let steps = Steps::from_arg_matches(&matches).expect("valid");
        assert_eq!(
            steps.0,
            [
                TypedStep::Remove("a".to_owned()),
                TypedStep::Replace("b=c".to_owned()),
                TypedStep::Remove("d".to_owned()),
                TypedStep::Cut("e:f".to_owned()),
            ]
        );
    }
}
