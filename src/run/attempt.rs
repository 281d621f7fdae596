//! Tries a change of the configuration by evaluating, predicting and comparing. Nothing is built.

use std::process::ExitCode;
use std::sync::Arc;

use crate::analysis::hints::Hints;
use crate::analysis::prediction::{Basis, Prediction};
use crate::analysis::{Analysed, Diff};
use crate::job::Progress;
use crate::report::diff::{Comparison, Guess, NamedClosure, refused};
use crate::source::config::{Attempt, Change, Configuration, Ground, Predicted, Tried, assertions};
use crate::source::evidence::findings::SavedFindings;
use crate::source::open::{caches, open};

use crate::cli::{self, Format, TypedChange};

use super::configured;
use super::failure::Failure;
use super::output::print;
use super::session::{self, Session};

/// `try`
pub(super) fn try_out(session: &Session, options: cli::Try) -> Result<ExitCode, Failure> {
    let format = session.format()?;
    let changes = changes(options.changes.0)?;
    let shown: Vec<String> = changes.iter().map(Change::shown).collect();
    let configuration = configuration(session, &options.config)?;
    let evaluator = configured::evaluator(session, &options.config)?;
    let attempt =
        session.work(move |progress| evaluator.try_out(&configuration, &changes, progress))??;
    match attempt {
        Attempt::Done(tried) => {
            let ground = (options.root, options.ask_caches);
            let predicted = predicted(session, *tried, ground)?;
            told(session, format, &shown, &predicted, options.limit)?;
            Ok(ExitCode::SUCCESS)
        }
        Attempt::Refused { problem, before } if format == Format::Json => {
            let roots = cli::Roots {
                roots: if options.root.is_empty() {
                    before.into_iter().collect()
                } else {
                    options.root
                },
            };
            let subject = session.load(roots, |_| Ok(()))?;
            let told = assertions(&problem);
            print(session.reader(format), |out| {
                refused(&subject, &shown, &told, out)
            })?;
            Ok(ExitCode::FAILURE)
        }
        Attempt::Refused { problem, .. } => Err(refusal(&problem, &shown)),
    }
}

/// The configuration to be changed; that it was only found is said.
pub(super) fn configuration(
    session: &Session,
    config: &cli::Config,
) -> Result<Configuration, Failure> {
    let Some((configuration, is_named)) = configured::meant(session, config, false)? else {
        return Err(Failure::usage(
            "no configuration is known that could be changed",
            "name one: `nix-heft try --config .#nixosConfigurations.HOST 'nix.enable = false;'`",
        ));
    };
    if !is_named {
        let shown = configuration.shown();
        session.note(&format!(
            "evaluating {shown}, which seems to build this machine's system"
        ));
    }
    Ok(configuration)
}

/// The module system's own words.
pub(super) fn refusal(problem: &str, shown: &[String]) -> Failure {
    Failure::because(
        problem.trim_start_matches("error:").trim(),
        format!(
            "this is what Nix said of the configuration with {}",
            shown.join(" and ")
        ),
    )
}

/// Predicts what would be built, compared with some roots; caches are asked if they may be.
pub(super) fn predicted(
    session: &Session,
    tried: Tried,
    (roots, asks): (Vec<String>, bool),
) -> Result<Predicted, Failure> {
    let location = session::location(session.global());
    let predicted = session.work(move |progress| {
        let source = open(&location)?;
        let caches = if asks { caches(&location) } else { Vec::new() };
        let ground = Ground {
            source: &*source,
            named: !roots.is_empty(),
            roots,
            extras: Vec::new(),
            caches,
        };
        tried.predicted(&ground, progress)
    })??;
    for warning in &predicted.warnings {
        session.warn(warning);
    }
    say_basis(session, predicted.prediction.basis);
    Ok(predicted)
}

/// Says where what the configuration makes now is not what is built.
pub(super) fn say_basis(session: &Session, basis: Basis) {
    let said = match basis {
        Basis::Built => return,
        Basis::Earlier | Basis::Named => {
            "the configuration as it is now has not been built: existing paths are matched by name"
        }
        Basis::Evaluated => {
            "the configuration as it is now was never built here: it is predicted as well, and the change is compared with that"
        }
    };
    session.note(&said);
}

/// Compares, and prints.
fn told(
    session: &Session,
    format: Format,
    changes: &[String],
    predicted: &Predicted,
    limit: Option<usize>,
) -> Result<(), Failure> {
    let Prediction {
        graph,
        before,
        after,
        new,
        basis,
    } = &predicted.prediction;
    let diff = Diff::of(graph, before, after, &Progress::new())?;
    let subject = Analysed::new(Arc::new(graph.clone()), Arc::new(before.clone()));
    let typed = before.roots().first().map(|&root| graph.name(root));
    let named = |closure| NamedClosure {
        typed: typed.unwrap_or_default(),
        closure,
    };
    let comparison = Comparison {
        subject: &subject,
        before: named(before),
        after: named(after),
        diff: &diff,
        predicted: false,
        tried: Some(Guess {
            changes,
            new,
            basis: *basis,
        }),
        held: None,
        evidence: [None, None],
        found: &SavedFindings::default(),
        shown: None,
        limit,
    };
    print(session.reader(format), |out| match format {
        Format::Json => comparison.json(out),
        Format::Markdown => comparison.markdown(session.paper().units, out),
        _ => comparison.text(session.paper(), out),
    })
}

/// What was typed, with files found.
fn changes(typed: Vec<TypedChange>) -> Result<Vec<Change>, Failure> {
    if typed.is_empty() {
        return Err(Failure::usage(
            "there is no change to try",
            "write one: `nix-heft try 'documentation.enable = false;'`, a file with a module, --disable, --overlay or --hint",
        ));
    }
    typed.into_iter().map(change).collect()
}

/// One change, with its file found.
pub(super) fn change(typed: TypedChange) -> Result<Change, Failure> {
    Ok(match typed {
        TypedChange::Change(text) => Change::parse(&text)?,
        TypedChange::Disable(module) => Change::without(&module)?,
        TypedChange::Overlay(file) => Change::overlay(&file)?,
        TypedChange::Hint(id) => {
            let hints = Hints::built_in();
            let hint = hints.find(&id).ok_or_else(|| {
                Failure::usage(
                    format!("there is no hint '{id}'"),
                    "`nix-heft advise --config CONFIG` prints the IDs of hints",
                )
            })?;
            Change::Text(hint.how.clone())
        }
    })
}
