//! The other tasks of `check`: beginning a budget, lowering its limits, recording sizes.

use std::path::Path;

use crate::analysis::Analysed;
use crate::analysis::budget::{Budget, Few, Rule, RuleKind, Verdict, lowered, sample};
use crate::gate::Reader;
use crate::model::ClosureRecord;
use crate::report::check::Check;
use crate::text;
use crate::user_files::{self, Over, UserFileError, journal};

use crate::cli;
use crate::run::failure::Failure;
use crate::run::output::{print, refused};
use crate::run::session::{Session, Subject};

use super::rules::Rules;
use super::{Loading, load};

/// Prints a budget that is kept by what is there, or begins a file with it.
pub(super) fn init(session: &Session, options: &cli::Check) -> Result<(), Failure> {
    if session.given_format()?.is_some() {
        return Err(Failure::usage(
            "--init writes a budget, which is TOML",
            "leave --format out",
        ));
    }
    // What is counted as duplicates is told by details.
    let everything = Budget {
        rules: vec![Rule::new(RuleKind::AtMost(Few::Duplicates), 0)],
        ..Budget::default()
    };
    let loading = Loading {
        roots: &options.roots.roots,
        budget: &everything,
        baseline: None,
    };
    let (subject, closures, _) = load(session, loading)?;
    let closures: Vec<Analysed> = closures.into_iter().map(|one| one.analysed).collect();
    let text = session.work(move |progress| {
        let closures: Vec<Analysed> = closures.iter().map(|one| one.attached(progress)).collect();
        sample(&closures.iter().collect::<Vec<_>>())
    })??;
    match options
        .budget
        .as_deref()
        .filter(|file| *file != Path::new("-"))
    {
        None => print(Reader::Toml, |out| out.write_all(text.as_bytes())),
        Some(file) => write(file, Over::Nothing, &subject, &text),
    }
}

fn write(file: &Path, over: Over, subject: &Subject, text: &str) -> Result<(), Failure> {
    let store_dir = subject.graph().store_dir();
    let written = user_files::write(file, over, store_dir, Reader::Toml, |out| {
        out.write_all(text.as_bytes())
    });
    written.map_err(|error| match error {
        UserFileError::Exists(path) => Failure::because(
            format!("{} already exists", path.display()),
            "`nix-heft check --update --budget FILE` lowers its limits; or name another file",
        ),
        other => refused(other),
    })
}

/// Lowers the limits of the budget to the most that any closure has.
pub(super) fn update(session: &Session, rules: &Rules, check: &Check<'_>) -> Result<(), Failure> {
    let Some(file) = &rules.file else {
        return Ok(());
    };
    let most = |at: usize| {
        let verdicts = check
            .closures
            .iter()
            .flat_map(|one| &one.judgement.verdicts);
        let own = verdicts.filter(|verdict| verdict.rule == at);
        let actual = own.map(Verdict::actual);
        actual.collect::<Option<Vec<i64>>>()?.into_iter().max()
    };
    let actual: Vec<Option<i64>> = (0..rules.budget.rules.len()).map(most).collect();
    let (text, lowered) = lowered(&rules.text, &rules.budget, &actual);
    if lowered.is_empty() {
        session.note(&"no limit can be lowered");
        return Ok(());
    }
    let written = user_files::write(
        file,
        Over::Files,
        check.subject.graph().store_dir(),
        // It is the user's own text, tabs and all.
        Reader::Bytes,
        |out| out.write_all(text.as_bytes()),
    );
    written.map_err(refused)?;
    for one in lowered {
        let rule = &rules.budget.rules[one.rule];
        let line = rule.place.as_ref().map_or(0, |place| place.line);
        let what = match rule.kind.choice() {
            Some(choice) => format!("{} of {choice}", rule.kind.key()),
            None => rule.kind.key().to_owned(),
        };
        let (from, to) = (text::sanitise(&one.from), text::sanitise(&one.to));
        session.note(&format_args!("lowered line {line}, {what}: {from} → {to}"));
    }
    Ok(())
}

/// Appends records to a journal.
pub(super) fn record(
    file: &Path,
    records: &[ClosureRecord],
    subject: &Subject,
) -> Result<(), Failure> {
    journal::append(file, subject.graph().store_dir(), records).map_err(refused)
}
