//! The rules of a check: those of a budget file, and options that override them.

use std::io;
use std::path::{Path, PathBuf};

use crate::analysis::budget::{Budget, Choice, Few, Rule, RuleKind, Which, amount, percent};
use crate::source::Loaded;
use crate::user_files;

use crate::cli;
use crate::run::failure::Failure;
use crate::run::session::Session;

use super::{baseline, directory};

/// What is checked.
pub(super) struct Rules {
    /// The rules.
    pub(super) budget: Budget,
    /// The file they stand in, and its text.
    pub(super) file: Option<PathBuf>,
    pub(super) text: String,
}

impl Rules {
    /// Reads the file and the options.
    pub(super) fn read(session: &Session, options: &cli::Check) -> Result<Self, Failure> {
        only_one_input(session, options)?;
        let (mut budget, text) = match &options.budget {
            Some(file) => read(file)?,
            None => (Budget::default(), String::new()),
        };
        for rule in typed(options)? {
            if let Some(given_way) = budget.set(rule) {
                let line = given_way.place.map_or(0, |place| place.line);
                session.warn(&format_args!(
                    "an option overrides line {line} of the budget ({})",
                    given_way.kind.key()
                ));
            }
        }
        if budget.rules.is_empty() && options.record.is_none() {
            return Err(Failure::usage(
                "there is no rule to check",
                "give --budget FILE, --max-closure SIZE, --forbid SEL …, or create a budget with \
                 `nix-heft check --init --budget FILE`",
            ));
        }
        if options.update && options.budget.as_deref() == Some(Path::new("-")) {
            return Err(Failure::usage(
                "what is read from standard input cannot be written back",
                "name the file with --budget",
            ));
        }
        Ok(Self {
            budget,
            file: options
                .budget
                .clone()
                .filter(|file| *file != Path::new("-")),
            text,
        })
    }

    /// Loads what growth is measured against, if a rule asks for it.
    pub(super) fn baseline(
        &self,
        session: &Session,
        options: &cli::Check,
    ) -> Result<Option<Loaded>, Failure> {
        if !self.budget.needs_baseline() {
            if options.baseline.is_some() {
                session
                    .warn(&"a baseline is of no use without a limit on growth: add --max-growth");
            }
            return Ok(None);
        }
        let named = match (&options.baseline, &self.budget.baseline) {
            (Some(typed), _) => typed.clone(),
            (None, Some(written)) => beside(self.file.as_deref(), written),
            (None, None) => {
                return Err(Failure::usage(
                    "growth is limited, but there is no baseline",
                    "name a snapshot, a file or a root with --baseline, or as baseline = \"…\" in [growth]",
                ));
            }
        };
        baseline::open(session, &named, self.budget.needs_details()).map(Some)
    }
}

/// Standard input can be read only once.
fn only_one_input(session: &Session, options: &cli::Check) -> Result<(), Failure> {
    let input = Path::new("-");
    let reading = [
        ("--budget", options.budget.as_deref() == Some(input)),
        ("--from", session.global().from.as_deref() == Some("-")),
        ("--baseline", options.baseline.as_deref() == Some("-")),
    ];
    let mut reading = reading.into_iter().filter(|(_, reads)| *reads);
    match (reading.next(), reading.next()) {
        (Some((one, _)), Some((other, _))) => Err(Failure::usage(
            format!("{one} and {other} cannot both read standard input"),
            "write one of them to a file",
        )),
        _ => Ok(()),
    }
}

/// What a budget file names: a file beside it, if there is one of that name.
fn beside(file: Option<&Path>, written: &str) -> String {
    let beside = file.map(|file| directory(file).join(written));
    match beside.filter(|path| path.exists()) {
        Some(path) => path.to_string_lossy().into_owned(),
        None => written.to_owned(),
    }
}

fn read(file: &Path) -> Result<(Budget, String), Failure> {
    let text = if file == Path::new("-") {
        user_files::read_text(io::stdin().lock(), file)
    } else {
        user_files::read(file)
    };
    let text = text.map_err(|error| {
        Failure::because(error, "`nix-heft check --init --budget FILE` creates one")
    })?;
    let budget = Budget::parse(&text).map_err(|error| {
        let lines = error.to_string().replace('\n', "\n  ");
        Failure::because(
            format!("{} is not a budget:\n  {lines}", file.display()),
            "docs/ci.md describes the format; `nix-heft check --init` prints an example",
        )
    })?;
    Ok((budget, text))
}

/// The rules of the options.
fn typed(options: &cli::Check) -> Result<Vec<Rule>, Failure> {
    let mut rules = Vec::new();
    if let Some(size) = &options.max_closure {
        rules.push(Rule::new(RuleKind::Closure, bytes("--max-closure", size)?));
    }
    if let Some(paths) = options.max_paths {
        rules.push(Rule::new(RuleKind::Paths, i64::from(paths)));
    }
    for growth in &options.max_growth {
        rules.push(grown(growth)?);
    }
    for text in &options.max_size {
        rules.push(sized(text)?);
    }
    for text in &options.forbid {
        rules.push(Rule::new(RuleKind::Forbid(chosen("--forbid", text)?), 0));
    }
    let few = [
        (options.no_dev, Few::Dev),
        (options.no_compilers, Few::Compilers),
        (options.no_duplicates, Few::Duplicates),
        (options.no_accidents, Few::Accidents),
    ];
    let few = few.into_iter().filter(|(given, _)| *given);
    rules.extend(few.map(|(_, few)| Rule::new(RuleKind::AtMost(few), 0)));
    Ok(rules)
}

fn bytes(option: &str, text: &str) -> Result<i64, Failure> {
    amount(text).ok_or_else(|| {
        Failure::usage(
            format!("{option}: '{text}' is not a size"),
            "a size is written 900MiB, 1.5G or 1048576",
        )
    })
}

fn grown(text: &str) -> Result<Rule, Failure> {
    if !text.trim().ends_with('%') {
        return Ok(Rule::new(RuleKind::Growth, bytes("--max-growth", text)?));
    }
    let limit = percent(text).ok_or_else(|| {
        Failure::usage(
            format!("--max-growth: '{text}' is not a percentage"),
            "a percentage is written 5% or 2.5%",
        )
    })?;
    Ok(Rule::new(RuleKind::GrowthPercent, limit))
}

/// `SEL=SIZE`: queries have such signs of their own, so the last one counts.
fn sized(text: &str) -> Result<Rule, Failure> {
    let Some((selector, size)) = text.rsplit_once('=') else {
        return Err(Failure::usage(
            format!("--max-size: '{text}' is not a size limit"),
            "it is written SEL=SIZE, for example perl=20MiB",
        ));
    };
    let size = bytes("--max-size", size)?;
    Ok(Rule::new(
        RuleKind::Size(chosen("--max-size", selector)?),
        size,
    ))
}

fn chosen(option: &str, text: &str) -> Result<Choice, Failure> {
    let which = Which::typed(text).map_err(|error| {
        let pointed_at = error.pointed_at(text).replace('\n', "\n  ");
        Failure::usage(
            format!("{option} cannot be read: {error}\n  {pointed_at}"),
            "paths are named by a package name, a pattern over names such as 'perl*', or a query with keys: \
             'pname:perl', 'output:dev', 'under:gcc nar>1MiB'",
        )
    })?;
    Ok(Choice::of(which))
}
