//! The command line as typed, before anything is resolved.

mod advise;
mod changes;
mod check;
mod diff;
mod explorer;
mod origins;
#[cfg(test)]
mod reference;
mod roots;
mod steps;

use std::path::PathBuf;

use crate::analysis::Metric;
use crate::text::Units;
use clap::builder::{
    PossibleValue, PossibleValuesParser, Styles, TypedValueParser, styling::AnsiColor,
};
use clap::{Arg, Args, CommandFactory, Parser, Subcommand, ValueEnum};

pub(crate) use self::advise::Advise;
pub(crate) use self::changes::{Try, TypedChange};
pub(crate) use self::check::{Check, History};
pub(crate) use self::diff::Diff;
pub(crate) use self::explorer::Explorer;
pub(crate) use self::origins::{Config, LeagueBy, Origins};
pub(crate) use self::roots::{GcRoots, Generations, When};
pub(crate) use self::steps::{Steps, TypedStep};

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Cyan.on_default().bold())
    .usage(AnsiColor::Cyan.on_default().bold())
    .literal(AnsiColor::White.on_default().bold())
    .placeholder(AnsiColor::White.on_default());

/// Explore a Nix store closure: what takes space, why it is there, and what removing it would free
///
/// Without a command, nix-heft opens the explorer on the closure of the roots. Everything the explorer shows can also be
/// printed, as text or as JSON. The store is never written to.
#[derive(Debug, Parser)]
#[command(
    name = "nix-heft",
    version,
    styles = STYLES,
    max_term_width = 100,
    subcommand_help_heading = "Commands (for a root with such a name, write ./NAME)",
    after_help = "Exit status: 0 success, 1 failure or a broken rule, 2 wrong usage."
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
    /// The store to read: auto, a directory, local?root=DIR, file:///DIR, https://…, or any other store URL that Nix accepts
    ///
    /// A directory is a chroot store (DIR/nix/var/nix/db). Binary caches are file:///DIR, http://… and https://….
    /// All others (ssh-ng://host, daemon, s3://…) are queried through the nix command.
    #[arg(long, value_name = "URL", global = true, help_heading = SOURCE)]
    pub(crate) store: Option<String>,

    /// Read the closure from a file instead of a store (- is standard input)
    ///
    /// The format is detected: JSON of `nix path-info --json -r`, a registration (closureInfo, `nix-store --dump-db`), the
    /// JSON of exportReferencesGraph, or a snapshot. Without ROOTs, the paths without referrers are the roots. With --store,
    /// that store supplies what the file lacks.
    #[arg(long, value_name = "FILE", global = true, help_heading = SOURCE)]
    pub(crate) from: Option<String>,

    /// Explore the build-time closure: the derivations of the roots, with the size of their outputs
    #[arg(long, global = true, help_heading = SOURCE)]
    pub(crate) derivation: bool,

    /// Interpret installables as attribute paths in the Nix expression in FILE
    #[arg(long, value_name = "FILE", global = true, help_heading = SOURCE)]
    pub(crate) file: Option<String>,

    /// Interpret installables as attribute paths in the Nix expression EXPR
    #[arg(long, value_name = "EXPR", global = true, conflicts_with = "file", help_heading = SOURCE)]
    pub(crate) expr: Option<String>,

    /// Allow Nix expressions to access mutable paths and the environment
    #[arg(long, global = true, help_heading = SOURCE)]
    pub(crate) impure: bool,

    /// Set a Nix configuration option for every call of the nix command; ssl-cert-file also applies to downloads
    #[arg(long, num_args = 2, value_names = ["NAME", "VALUE"], action = clap::ArgAction::Append, global = true, help_heading = SOURCE)]
    pub(crate) option: Vec<String>,

    /// Warn about narinfo records that are not signed by this key
    ///
    /// Their paths are still shown, since nothing is installed. May be given several times; a signature by any of the keys is
    /// enough.
    #[arg(long, value_name = "KEY", global = true, help_heading = SOURCE)]
    pub(crate) trusted_public_key: Vec<String>,

    /// Ask binary caches again instead of using remembered answers
    #[arg(long, global = true, conflicts_with = "offline", help_heading = SOURCE)]
    pub(crate) refresh: bool,

    /// Read at most this many MiB of records and listings from a binary cache [default: 512]
    #[arg(long, value_name = "MIB", global = true, value_parser = clap::value_parser!(u64).range(1..), help_heading = SOURCE)]
    pub(crate) cache_limit: Option<u64>,

    /// Never use the network; whatever needs it fails
    #[arg(long, global = true, help_heading = SOURCE)]
    pub(crate) offline: bool,

    /// Output format: text, json; some commands have more
    #[arg(long, value_name = "FORMAT", global = true, value_parser = formats(Format::ALL), hide_possible_values = true, help_heading = OUTPUT)]
    pub(crate) format: Option<Format>,

    /// Print sizes in bytes instead of KiB, MiB, GiB
    #[arg(long, global = true, help_heading = OUTPUT)]
    pub(crate) bytes: bool,

    /// When to use colours
    #[arg(long, value_name = "WHEN", global = true, default_value = "auto", help_heading = OUTPUT)]
    pub(crate) color: Color,

    /// Print neither warnings nor progress
    #[arg(long, short, global = true, help_heading = OUTPUT)]
    pub(crate) quiet: bool,
}

impl Global {
    /// In which units sizes are written, if the command line says so.
    pub(crate) fn units(&self) -> Option<Units> {
        self.bytes.then_some(Units::Bytes)
    }
}

const SOURCE: &str = "Source";
const OUTPUT: &str = "Output";

/// What the closure is of.
#[derive(Debug, Clone, Args, Default)]
pub(crate) struct Roots {
    /// Store paths, symlinks or profiles that lead to one, or installables [default: the system and the user's profiles]
    #[arg(value_name = "ROOT")]
    pub(crate) roots: Vec<String>,
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Command {
    /// List every path of the closure with its sizes
    ///
    /// To rank the options or files of a configuration by what they bring in, use `nix-heft origins --by option` or
    /// `--by file`.
    #[command(arg = format(Command::LISTS))]
    List(List),
    /// Print the dependency tree
    ///
    /// The references of a path are printed once; where the path occurs again, it is marked as repeated.
    #[command(arg = format(Command::ANSWERS))]
    Tree(Tree),
    /// Explain why a path is in the closure: referrers, a shortest chain, dominators, minimum cut
    ///
    /// The dominators are the choke points that every chain passes through; the minimum cut is the fewest references to
    /// remove so that the path leaves the closure. If several paths match TARGET, text output explains the ten with the
    /// largest retained size, and JSON output is refused.
    #[command(arg = format(Command::ANSWERS))]
    Why(Why),
    /// Find which references to cut so that a path leaves the closure: the fewest, the best, and all direct ones
    ///
    /// Cutting only a few references often takes other paths along; cutting all direct references takes none along. The best
    /// cut is the smallest that takes along no more than the path itself frees.
    #[command(arg = format(Command::ANSWERS))]
    Cut(Cut),
    /// Predict the closure without some paths or references, or with replacements
    ///
    /// Steps apply in the order given, those of --plan first. The result is a prediction: a rebuild may add other paths.
    #[command(arg = format(Command::ANSWERS))]
    WhatIf(WhatIf),
    /// Find duplicates: packages that occur more than once, and what keeping one of each would free
    #[command(arg = format(Command::ANSWERS))]
    Dupes(Dupes),
    /// Analyse the files: categories of content, identical files, likely accidental references
    ///
    /// Reads the files of the whole closure. For paths that only a binary cache has, it reads the cache's listings.
    #[command(arg = format(Command::ANSWERS))]
    Files(Files),
    /// List the GC roots: the size of each closure, what only that root keeps alive, and what several share
    #[command(arg = format(Command::ANSWERS))]
    Roots(GcRoots),
    /// Compare two closures: which packages came, left or changed, what brought them in, and how a plan turned out
    ///
    /// Each side is a store path, a link to one, an installable, a generation (system-42-link), or a file with a closure, as
    /// for --from (- is standard input). from:FILE#ROOT and store:URL#ROOT name a root in a file or in another store. AFTER may
    /// also be plan:FILE: BEFORE as a plan is predicted to leave it. Sizes are exact: the differences of all packages add up to
    /// the difference of the totals.
    #[command(arg = format(Command::DIFFS))]
    Diff(Diff),
    /// Suggest what to remove and how: options, duplicates, accidents, heavy paths behind few references
    ///
    /// A single list with the largest savings first. The savings of a suggestion are exactly what leaves when its references
    /// are cut; a rebuild may add other paths. Each suggestion also says how much it saves on top of those above it, so that
    /// nothing is counted twice. Options are NixOS options that are known to bring in paths.
    #[command(arg = format(Command::PAGES))]
    Advise(Advise),
    /// Show which option of the configuration brings in a path, or what each option brings in
    ///
    /// The configuration is evaluated. Where that is not possible, options are inferred from the names of generated paths.
    /// Without TARGET, options are ranked by what would leave with them.
    #[command(arg = format(Command::ANSWERS))]
    Origins(Origins),
    /// Predict the effect of a change to the configuration before anything is built
    ///
    /// The configuration is evaluated twice, as it is and with the changes in the order given. Paths that stay are exact;
    /// generated paths are predicted from built ones of the same name. The size of new paths is unknown unless binary caches
    /// may be asked (--ask-caches).
    #[command(arg = format(Command::PAGES))]
    Try(Box<Try>),
    /// Show the generations of a profile: the size of each, what came with it and what left
    ///
    /// With --older-than or --keep-last, also shows what deleting generations would free. As with
    /// `nix-env --delete-generations`, the current generation always stays, and so does the one that was current at that time.
    /// Nothing is ever deleted.
    #[command(arg = format(Command::ANSWERS))]
    Generations(Generations),
    /// Find the generation of a profile that first had a package, and the one that dropped it
    #[command(arg = format(Command::ANSWERS))]
    When(When),
    /// Check closures against a budget (sizes, growth, forbidden packages), and say why it fails
    ///
    /// Each ROOT is checked by itself. The rules come from a budget file and from options; an option overrides the same rule of
    /// the file, and rules in a table [roots."NAME"] of the file override both for roots of that name. For each broken
    /// rule, the paths that break it are listed, with the shortest chain to each and the references to cut. The exit
    /// status is 1 if a rule is broken or cannot be decided.
    #[command(arg = format(Command::CHECKS))]
    Check(Box<Check>),
    /// Print and plot the sizes that `check --record` has recorded
    #[command(arg = format(Command::LISTS))]
    History(History),
    /// Export the closure as CSV, JSON, a Graphviz graph or a snapshot
    #[command(arg = format(Command::EXPORTS))]
    Export(Export),
    /// Open the explorer on the built-in demo closure
    Demo(Explorer),
    /// Print a shell completion script
    Completions(Completions),
    /// Print the manual page
    Man(Man),
    /// Print a commented configuration file with the default of every setting
    ///
    /// The configuration is read from $XDG_CONFIG_HOME/nix-heft/config.toml, or ~/.config/nix-heft/config.toml.
    Config,
}

impl Command {
    const ANSWERS: &[Format] = &[Format::Text, Format::Json];
    const LISTS: &[Format] = &[Format::Text, Format::Json, Format::Csv];
    const DIFFS: &[Format] = &[Format::Text, Format::Json, Format::Markdown, Format::Csv];
    const PAGES: &[Format] = &[Format::Text, Format::Json, Format::Markdown];
    const CHECKS: &[Format] = &[
        Format::Text,
        Format::Json,
        Format::Markdown,
        Format::Junit,
        Format::Sarif,
        Format::Github,
        Format::Gitlab,
    ];
    const EXPORTS: &[Format] = &[Format::Csv, Format::Json, Format::Dot, Format::Snapshot];

    /// What the command can print.
    pub(crate) fn formats(&self) -> &'static [Format] {
        match self {
            Self::Advise(_) | Self::Try(_) => Self::PAGES,
            Self::List(_) | Self::History(_) => Self::LISTS,
            Self::Check(_) => Self::CHECKS,
            Self::Diff(_) => Self::DIFFS,
            Self::Export(_) => Self::EXPORTS,
            Self::Tree(_)
            | Self::Why(_)
            | Self::Cut(_)
            | Self::WhatIf(_)
            | Self::Dupes(_)
            | Self::Files(_)
            | Self::Roots(_)
            | Self::Origins(_)
            | Self::Generations(_)
            | Self::When(_) => Self::ANSWERS,
            Self::Demo(_) | Self::Completions(_) | Self::Man(_) | Self::Config => &[Format::Text],
        }
    }
}

#[derive(Debug, Clone, Args)]
pub(crate) struct List {
    #[command(flatten)]
    pub(crate) roots: Roots,

    /// Sort by this column: sizes and counts largest first, names alphabetically
    #[arg(long, value_name = "KEY", default_value = "retained", value_parser = metrics(), ignore_case = true)]
    pub(crate) sort: Metric,

    /// Reverse the order
    #[arg(long, short)]
    pub(crate) reverse: bool,

    /// Print at most N paths
    #[arg(long, short = 'n', value_name = "N", allow_negative_numbers = true)]
    pub(crate) limit: Option<usize>,

    /// Print only paths that match a query, for example 'perl nar>1MiB' or 'refs<2 under:systemd'
    ///
    /// The word 'accidental' selects paths that are in the closure only because of likely accidents: references from
    /// documentation, build metadata, headers or debug information. It reads the files of the whole closure.
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

    /// Print at most N levels below the top
    #[arg(long, short, value_name = "N", allow_negative_numbers = true)]
    pub(crate) depth: Option<usize>,

    /// Print the reverse tree: the referrers of TARGET, up to the roots
    #[arg(long, value_name = "TARGET")]
    pub(crate) referrers: Option<String>,

    /// Sort the references of each path by this column: sizes and counts largest first, names alphabetically
    #[arg(long, value_name = "KEY", default_value = "retained", value_parser = metrics(), ignore_case = true)]
    pub(crate) sort: Metric,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Why {
    /// The path to explain: a store path, hash part, name, package name, or a pattern such as 'perl*'
    pub(crate) target: String,

    #[command(flatten)]
    pub(crate) roots: Roots,

    /// Print every reference that lies on some chain
    #[arg(long, short)]
    pub(crate) all: bool,

    /// For each reference shown, print the files that contain it, with line and context (reads the files)
    #[arg(long, short)]
    pub(crate) precise: bool,

    /// Show instead which GC roots keep TARGET in the store, and what to remove before it can be collected
    #[arg(long, conflicts_with_all = ["roots", "all", "precise"])]
    pub(crate) alive: bool,

    /// Evaluate a configuration and show which of its definitions bring in TARGET, as `origins` does
    #[arg(long, value_name = "CONFIG")]
    pub(crate) config: Option<String>,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Cut {
    /// The path to remove: a store path, hash part, name, package name, or a pattern such as 'perl*'
    pub(crate) target: String,

    #[command(flatten)]
    pub(crate) roots: Roots,

    /// Never cut references from U to V, or any reference from or to PATH (each selected like TARGET; * selects every path)
    #[arg(long, value_name = "U:V|PATH")]
    pub(crate) keep: Vec<String>,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct WhatIf {
    #[command(flatten)]
    pub(crate) roots: Roots,

    #[command(flatten)]
    pub(crate) steps: Steps,

    /// Start with the steps of a plan file
    #[arg(long, value_name = "FILE")]
    pub(crate) plan: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) config: Config,

    /// Also print Nix code: for the steps (options, overlays, replaceDependencies), and guards that keep what left from coming
    /// back
    #[arg(long)]
    pub(crate) remedies: bool,

    /// With --remedies: choose how to remove a reference by the files that contain it (reads the files)
    #[arg(long, short, requires = "remedies")]
    pub(crate) precise: bool,

    /// Save all steps as a plan file; it names packages rather than store paths, so it also applies to the next build
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

    /// Read the archives of a binary cache instead of its listings: categories by content, and likely accidental references
    #[arg(long, short)]
    pub(crate) precise: bool,

    /// Show instead which files of TARGET its referrers name, and which files none of them names (reads the referrers' files)
    #[arg(long, value_name = "TARGET", conflicts_with = "precise")]
    pub(crate) used: Option<String>,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Export {
    #[command(flatten)]
    pub(crate) roots: Roots,

    /// Write to FILE instead of standard output; without --format, its extension decides the format
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// Add to a snapshot: files (sizes by category), evidence (where each reference occurs in the files)
    ///
    /// Reads the files of the whole closure. `files`, `why --precise` and `list --filter accidental` then work with the
    /// snapshot alone. For paths that only a binary cache has, evidence comes from its archives.
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
    /// The command to document [default: nix-heft itself]
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
    Markdown,
    Junit,
    Sarif,
    Github,
    Gitlab,
}

impl Format {
    const ALL: &[Self] = &[
        Self::Text,
        Self::Json,
        Self::Csv,
        Self::Dot,
        Self::Snapshot,
        Self::Markdown,
        Self::Junit,
        Self::Sarif,
        Self::Github,
        Self::Gitlab,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Dot => "dot",
            Self::Snapshot => "snapshot",
            Self::Markdown => "markdown",
            Self::Junit => "junit",
            Self::Sarif => "sarif",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
        }
    }
}

/// Whether this is the name of a command.
pub(crate) fn is_command(word: &str) -> bool {
    Cli::command().find_subcommand(word).is_some()
}

/// Takes every metric by all of its names.
fn metrics() -> impl TypedValueParser<Value = Metric> {
    let value = |metric: Metric| {
        let value = PossibleValue::new(metric.key()).aliases(metric.other_names());
        value.hide(metric.compares())
    };
    let all: Vec<PossibleValue> = Metric::ALL.into_iter().map(value).collect();
    PossibleValuesParser::new(all).try_map(|name| {
        let metric = Metric::named(&name).unwrap_or(Metric::Retained);
        if metric.compares() {
            let key = metric.key();
            return Err(format!(
                "{key} is known only in a comparison: `nix-heft diff` and the explorer have it"
            ));
        }
        Ok(metric)
    })
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
        .help(format!("Output format: {}", names.join(", ")))
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
