//! What was typed: the command line, nothing resolved yet.

mod explorer;
#[cfg(test)]
mod reference;
mod steps;

use std::path::PathBuf;

use clap::builder::{
    PossibleValue, PossibleValuesParser, Styles, TypedValueParser, styling::AnsiColor,
};
use clap::{Arg, Args, CommandFactory, Parser, Subcommand, ValueEnum};
use nix_heft::analysis::Metric;
use nix_heft::text::Units;

pub(crate) use self::explorer::Explorer;
pub(crate) use self::steps::{Steps, TypedStep};

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Cyan.on_default().bold())
    .usage(AnsiColor::Cyan.on_default().bold())
    .literal(AnsiColor::White.on_default().bold())
    .placeholder(AnsiColor::White.on_default());

/// Explore a Nix store closure: what is heavy, why it is there, what leaving it out would give.
///
/// Without a command, opens the explorer on the closure of the roots. Every answer of the explorer can also be printed,
/// as text or as JSON. The store is only ever read.
#[derive(Debug, Parser)]
#[command(
    name = "nix-heft",
    version,
    styles = STYLES,
    max_term_width = 100,
    subcommand_help_heading = "Commands (a root of that name is written ./NAME)",
    after_help = "Exit status: 0 done, 1 the command failed, 2 wrong usage."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,

    #[command(flatten)]
    pub(crate) explorer: Explorer,

    #[command(flatten)]
    pub(crate) roots: Roots,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Options of every command.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[expect(
    clippy::doc_markdown,
    reason = "the text is shown by --help, not by rustdoc"
)]
#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// Store to read: auto, a directory, local?root=DIR, file:///DIR, https://…, or what else Nix knows
    ///
    /// A directory is a chroot store (DIR/nix/var/nix/db). Binary caches are file:///DIR, http://… and https://….
    /// Anything else (ssh-ng://host, daemon, s3://…) is asked for through the nix command.
    #[arg(long, value_name = "URL", global = true, help_heading = SOURCE)]
    pub(crate) store: Option<String>,

    /// Read the closure from a file instead of a store (- is standard input)
    ///
    /// The format is found out: JSON of `nix path-info --json -r`, a registration (closureInfo, `nix-store --dump-db`),
    /// the JSON of exportReferencesGraph, or a snapshot. Roots default to the paths nothing else refers to.
    /// A store named as well (--store) fills in what the file lacks.
    #[arg(long, value_name = "FILE", global = true, help_heading = SOURCE)]
    pub(crate) from: Option<String>,

    /// The build-time closure: the derivations of the roots, with the sizes of what each makes
    #[arg(long, global = true, help_heading = SOURCE)]
    pub(crate) derivation: bool,

    /// Take installables from a file of Nix expressions
    #[arg(long, value_name = "FILE", global = true, help_heading = SOURCE)]
    pub(crate) file: Option<String>,

    /// Take installables from a Nix expression
    #[arg(long, value_name = "EXPR", global = true, conflicts_with = "file", help_heading = SOURCE)]
    pub(crate) expr: Option<String>,

    /// Let Nix expressions look at the environment
    #[arg(long, global = true, help_heading = SOURCE)]
    pub(crate) impure: bool,

    /// Set a Nix option for every call of the nix command; ssl-cert-file is also honoured without it
    #[arg(long, num_args = 2, value_names = ["NAME", "VALUE"], action = clap::ArgAction::Append, global = true, help_heading = SOURCE)]
    pub(crate) option: Vec<String>,

    /// Name the records of binary caches that this key has not signed
    ///
    /// They are shown all the same: nothing is installed here. May be given several times, for any of several keys.
    #[arg(long, value_name = "KEY", global = true, help_heading = SOURCE)]
    pub(crate) trusted_public_key: Vec<String>,

    /// Never reach for the network: what would have to fails
    #[arg(long, global = true, help_heading = SOURCE)]
    pub(crate) offline: bool,

    /// How to print: text, json; some commands have more
    #[arg(long, value_name = "FORMAT", global = true, value_parser = formats(Format::ALL), hide_possible_values = true, help_heading = OUTPUT)]
    pub(crate) format: Option<Format>,

    /// Sizes in bytes instead of KiB, MiB, GiB
    #[arg(long, global = true, help_heading = OUTPUT)]
    pub(crate) bytes: bool,

    /// When to use colour
    #[arg(long, value_name = "WHEN", global = true, default_value = "auto", help_heading = OUTPUT)]
    pub(crate) color: Color,

    /// No warnings, no progress
    #[arg(long, short, global = true, help_heading = OUTPUT)]
    pub(crate) quiet: bool,
}

impl Global {
    /// In which units sizes are written, if the command line says so.
    pub(crate) fn units(&self) -> Option<Units> {
        self.bytes.then_some(Units::Bytes)
    }
}

const SOURCE: &str = "What to read";
const OUTPUT: &str = "How to print";

/// What the closure is of.
#[derive(Debug, Clone, Args, Default)]
pub(crate) struct Roots {
    /// Store paths, links or profiles that lead to one, or installables [default: the system and the user's profiles]
    #[arg(value_name = "ROOT")]
    pub(crate) roots: Vec<String>,
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Command {
    /// Print every path of the closure with its sizes
    #[command(arg = format(Command::LISTS))]
    List(List),
    /// Print the dependency tree
    ///
    /// The references of a path are printed once; where it occurs again, it is marked.
    #[command(arg = format(Command::ANSWERS))]
    Tree(Tree),
    /// Explain why a path is there: referrers, shortest chain, choke points, edges from gone
    ///
    /// Where several paths match TARGET, text explains the ten with the largest retained size; JSON wants exactly one.
    #[command(arg = format(Command::ANSWERS))]
    Why(Why),
    /// Find the fewest references to break so that a path leaves
    #[command(arg = format(Command::ANSWERS))]
    Cut(Cut),
    /// Predict what leaving out, cutting and replacing would give
    ///
    /// Steps are carried out in the order in which they are given, those of --plan first. What is printed is a
    /// prediction: a rebuild may bring paths of its own.
    #[command(arg = format(Command::ANSWERS))]
    WhatIf(WhatIf),
    /// Find packages that are there more than once, and what keeping one of each frees
    #[command(arg = format(Command::ANSWERS))]
    Dupes(Dupes),
    /// Look into the files: what the bytes are, what is identical, which references are likely accidents
    ///
    /// Reads the files of the whole closure. Of a binary cache it reads the listings of what is not on this machine.
    #[command(arg = format(Command::ANSWERS))]
    Files(Files),
    /// List what holds the paths of the store, with what each root costs, and what several share
    #[command(arg = format(Command::ANSWERS))]
    Roots(GcRoots),
    /// Write the closure in another format
    #[command(arg = format(Command::EXPORTS))]
    Export(Export),
    /// Open the explorer on the closure that is built into the program
    Demo(Explorer),
    /// Print a completion script for a shell
    Completions(Completions),
    /// Print the manual page
    Man(Man),
    /// Print a configuration file in which everything is explained and nothing changed
    ///
    /// It is read from $XDG_CONFIG_HOME/nix-heft/config.toml, or ~/.config/nix-heft/config.toml.
    Config,
}

impl Command {
    const ANSWERS: &[Format] = &[Format::Text, Format::Json];
    const LISTS: &[Format] = &[Format::Text, Format::Json, Format::Csv];
    const EXPORTS: &[Format] = &[Format::Csv, Format::Json, Format::Dot, Format::Snapshot];

    /// What the command can print.
    pub(crate) fn formats(&self) -> &'static [Format] {
        match self {
            Self::List(_) => Self::LISTS,
            Self::Export(_) => Self::EXPORTS,
            Self::Tree(_)
            | Self::Why(_)
            | Self::Cut(_)
            | Self::WhatIf(_)
            | Self::Dupes(_)
            | Self::Files(_)
            | Self::Roots(_) => Self::ANSWERS,
            Self::Demo(_) | Self::Completions(_) | Self::Man(_) | Self::Config => &[Format::Text],
        }
    }
}

#[derive(Debug, Clone, Args)]
pub(crate) struct List {
    #[command(flatten)]
    pub(crate) roots: Roots,

    /// What to sort by: sizes and counts with the largest first, names in alphabetical order
    #[arg(long, value_name = "KEY", default_value = "retained", value_parser = metrics(), ignore_case = true)]
    pub(crate) sort: Metric,

    /// Sort the other way round
    #[arg(long, short)]
    pub(crate) reverse: bool,

    /// Print only the first N paths
    #[arg(long, short = 'n', value_name = "N", allow_negative_numbers = true)]
    pub(crate) limit: Option<usize>,

    /// Print only what matches, for instance 'perl nar>1MiB' or 'refs<2 under:systemd'
    ///
    /// The word 'accidental' keeps what only documentation, build metadata, headers or debug information holds: the
    /// files of the whole closure are read to find out.
    #[arg(long, short, value_name = "QUERY")]
    pub(crate) filter: Option<String>,
}

impl List {
    /// What `list` prints of some roots without any option.
    pub(crate) fn of(roots: Roots) -> Self {
        Self {
            roots,
            sort: Metric::Retained,
            reverse: false,
            limit: None,
            filter: None,
        }
    }
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Tree {
    #[command(flatten)]
    pub(crate) roots: Roots,

    /// Print only N levels below the top
    #[arg(long, short, value_name = "N", allow_negative_numbers = true)]
    pub(crate) depth: Option<usize>,

    /// The reverse tree: what refers to TARGET, up to the roots
    #[arg(long, value_name = "TARGET")]
    pub(crate) referrers: Option<String>,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Why {
    /// The path in question: store path, hash, name, package name, or a pattern such as 'perl*'
    pub(crate) target: String,

    #[command(flatten)]
    pub(crate) roots: Roots,

    /// Every reference that lies on some chain
    #[arg(long, short)]
    pub(crate) all: bool,

    /// The files that hold each reference shown, with line and surroundings (reads the files)
    #[arg(long, short)]
    pub(crate) precise: bool,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Cut {
    /// The path that shall leave: store path, hash, name, package name, or a pattern such as 'perl*'
    pub(crate) target: String,

    #[command(flatten)]
    pub(crate) roots: Roots,

    /// A reference that must stay: from U to V, both selected as TARGET is; * stands for any path
    #[arg(long, value_name = "U:V")]
    pub(crate) keep: Vec<String>,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct WhatIf {
    #[command(flatten)]
    pub(crate) roots: Roots,

    #[command(flatten)]
    pub(crate) steps: Steps,

    /// Begin with the steps of a plan
    #[arg(long, value_name = "FILE")]
    pub(crate) plan: Option<PathBuf>,

    /// Write all steps as a plan, which names packages and so applies to the next build too
    #[arg(long, value_name = "FILE")]
    pub(crate) save_plan: Option<PathBuf>,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Dupes {
    #[command(flatten)]
    pub(crate) roots: Roots,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Files {
    #[command(flatten)]
    pub(crate) roots: Roots,

    /// Of a binary cache, read the archives instead of the listings: what the first bytes tell, and likely accidents
    #[arg(long, short)]
    pub(crate) precise: bool,

    /// Say instead which files of TARGET its referrers name, and which nothing names (reads the referrers' files)
    #[arg(long, value_name = "TARGET", conflicts_with = "precise")]
    pub(crate) used: Option<String>,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct GcRoots {
    /// Compare these instead of what holds the paths of the store: store paths, links, profiles or installables
    #[arg(value_name = "ROOT", conflicts_with = "dead")]
    pub(crate) roots: Vec<String>,

    /// Also what nothing holds
    #[arg(long)]
    pub(crate) dead: bool,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Export {
    #[command(flatten)]
    pub(crate) roots: Roots,

    /// Write to a file instead of standard output; its ending tells the format
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// What else to put into a snapshot: files (what the bytes are), evidence (what in the files makes each reference)
    ///
    /// Reads the files of the whole closure. Whoever opens the snapshot needs them no more for `files`, `why --precise`
    /// and `list --filter accidental`. Evidence of what only a binary cache has is looked for in its archives.
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    pub(crate) with: Vec<Inside>,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Completions {
    /// The shell to complete for
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Man {
    /// The command to describe [default: all of nix-heft]
    #[arg(value_name = "COMMAND")]
    pub(crate) command: Option<String>,
}

/// What was found in the files and can be put into a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Inside {
    /// What the bytes are, by path and category
    Files,
    /// What makes each reference
    Evidence,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Theme {
    #[default]
    Auto,
    Dark,
    Light,
    HighContrast,
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Text,
    Json,
    Csv,
    Dot,
    Snapshot,
}

impl Format {
    const ALL: &[Self] = &[Self::Text, Self::Json, Self::Csv, Self::Dot, Self::Snapshot];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Dot => "dot",
            Self::Snapshot => "snapshot",
        }
    }
}

/// Is this the name of a command?
pub(crate) fn is_command(word: &str) -> bool {
    Cli::command().find_subcommand(word).is_some()
}

/// Takes every metric by all of its names.
fn metrics() -> impl TypedValueParser<Value = Metric> {
    let value = |metric: Metric| PossibleValue::new(metric.key()).aliases(metric.other_names());
    let all: Vec<PossibleValue> = Metric::ALL.into_iter().map(value).collect();
    PossibleValuesParser::new(all).map(|name| Metric::named(&name).unwrap_or(Metric::Retained))
}

/// Takes some of the formats only.
fn formats(some: &'static [Format]) -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(some.iter().map(|format| format.name())).map(|name| {
        let found = Format::ALL.iter().find(|format| format.name() == name);
        *found.unwrap_or(&Format::Text)
    })
}

/// The global `--format`, narrowed to what a command can print.
fn format(some: &'static [Format]) -> Arg {
    let names: Vec<&str> = some.iter().map(|format| format.name()).collect();
    Arg::new("format")
        .long("format")
        .value_name("FORMAT")
        .value_parser(formats(some))
        .hide_possible_values(true)
        .help_heading(OUTPUT)
        .help(format!("How to print: {}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn global_options_stand_before_or_behind_the_command() {
        for line in [
            "nix-heft --format json --store /x list ./r",
            "nix-heft list ./r --store /x --format json",
        ] {
            let cli = Cli::try_parse_from(line.split(' ')).expect("valid");
            assert_eq!(cli.global.format, Some(Format::Json), "{line}");
            assert_eq!(cli.global.store.as_deref(), Some("/x"), "{line}");
        }
        assert!(Cli::try_parse_from(["nix-heft", "tree", "--format", "csv"]).is_err());
    }
}
