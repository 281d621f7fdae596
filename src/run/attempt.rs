//! Tries a change of the configuration by evaluating, predicting and comparing. Nothing is built.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::analysis::Analysed;
use crate::analysis::prediction::{Recipes, predict};
use crate::job::Progress;
use crate::report::attempt::{Attempted, refused};
use crate::source::config::{Attempt, Change, Tried, assertions};
use crate::source::location::UserEnvironment;
use crate::source::open::open;
use crate::source::{Loaded, Request, SourceError};

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
    let Some((configuration, is_named)) = configured::meant(session, &options.config, false)?
    else {
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
    let evaluator = configured::evaluator(session, &options.config)?;
    let attempt =
        session.work(move |progress| evaluator.try_out(&configuration, &changes, progress))??;
    match attempt {
        Attempt::Done(tried) => {
            let attempted = attempted(session, (*tried, shown), options.root)?;
            let paper = session.paper();
            print(session.reader(format), |out| match format {
                Format::Json => attempted.json(out),
                _ => attempted.text(paper, out),
            })?;
            Ok(ExitCode::SUCCESS)
        }
        Attempt::Refused { problem, before } if format == Format::Json => {
            let roots = cli::Roots {
                roots: options.root.or(before).into_iter().collect(),
            };
            let subject = session.load(roots, |_| Ok(()))?;
            let told = assertions(&problem);
            print(session.reader(format), |out| {
                refused(&subject, &shown, &told, out)
            })?;
            Ok(ExitCode::FAILURE)
        }
        Attempt::Refused { problem, .. } => Err(Failure::because(
            problem.trim_start_matches("error:").trim(),
            format!(
                "this is what Nix said of the configuration with {}",
                shown.join(" and ")
            ),
        )),
    }
}

/// Predicts what would be built, and compares.
fn attempted(
    session: &Session,
    (tried, shown): (Tried, Vec<String>),
    root: Option<String>,
) -> Result<Attempted, Failure> {
    let location = session::location(session.global());
    let loaded = session.work(move |progress| {
        let source = open(&location)?;
        let dir = tried.store_dir.clone();
        let full = |base: &str| format!("{dir}/{base}");
        let own = tried.before.output().map(full);
        let extras: Vec<String> = wanted(&tried).iter().map(|base| full(base)).collect();
        let request = |root: Option<String>| Request {
            roots: root.into_iter().collect(),
            extras: extras.clone(),
            lenient: true,
            ..Request::default()
        };
        // Whether it is there is asked by itself: what is not is left out of the rest.
        let alone = |root: &Option<String>| Request {
            roots: root.iter().cloned().collect(),
            ..Request::default()
        };
        let is_named = root.is_some();
        let root = root.or(own);
        let (loaded, is_other) = match source.load(&alone(&root), progress) {
            Ok(_) => (source.load(&request(root), progress)?, false),
            // It has not been built as it is: the machine's own system is as near as one comes.
            Err(SourceError::UnknownRoot { .. }) if !is_named => {
                (source.load(&request(None), progress)?, true)
            }
            Err(error) => return Err(error.into()),
        };
        Ok::<_, Failure>((loaded, tried, is_other))
    })?;
    let (loaded, tried, is_other) = loaded?;
    let Loaded { graph, roots, .. } = loaded;
    let subject = Analysed::of(graph, &roots, &Progress::new());
    let is_of_it = tried
        .before
        .output()
        .and_then(|base| subject.graph().find(base));
    if is_other || !is_of_it.is_some_and(|id| subject.closure().contains(id)) {
        session.note(
            &"what the configuration makes now has not been built: paths of what is here are matched by name",
        );
    }
    session.work(move |progress| {
        let (graph, closure) = (subject.graph(), subject.closure());
        let prediction = predict(graph, closure, (&tried.before, &tried.after), progress)
            .map_err(|error| Failure::new(error, None))?;
        Ok(Attempted::of(shown, prediction, progress)?)
    })?
}

/// What may be known of what is new: outputs of new derivations, and what those take.
fn wanted(tried: &Tried) -> BTreeSet<String> {
    let mut wanted = BTreeSet::new();
    let outputs = |recipes: &Recipes, drv: &str| -> Vec<String> {
        let recipe = recipes.all.get(drv);
        let outputs = recipe.into_iter().flat_map(|recipe| &recipe.outputs);
        outputs.map(|(_, base)| base.clone()).collect()
    };
    for (drv, recipe) in &tried.after.all {
        if tried.before.all.contains_key(drv) {
            continue;
        }
        wanted.extend(outputs(&tried.after, drv));
        wanted.extend(recipe.sources.iter().cloned());
        for (input, _) in &recipe.inputs {
            wanted.extend(outputs(&tried.after, input));
        }
    }
    wanted
}

/// What was typed, with files found.
fn changes(typed: Vec<TypedChange>) -> Result<Vec<Change>, Failure> {
    if typed.is_empty() {
        return Err(Failure::usage(
            "there is no change to try",
            "write one: `nix-heft try 'documentation.enable = false;'`, a file with a module, --disable or --overlay",
        ));
    }
    let user = UserEnvironment::of_process();
    let found = |text: &str| fs::canonicalize(user.current_dir.join(text));
    let file = |text: &str| -> Result<PathBuf, Failure> {
        found(text).map_err(|error| {
            Failure::because(format!("cannot read {text}: {error}"), "check the path")
        })
    };
    let change = |typed: TypedChange| {
        Ok(match typed {
            TypedChange::Change(text) if is_file(&text) => Change::Module(file(&text)?),
            TypedChange::Change(text) => Change::Text(text),
            TypedChange::Disable(module) if module.starts_with(['.', '/']) => {
                Change::Disable(file(&module)?.to_string_lossy().into_owned())
            }
            TypedChange::Disable(module) => Change::Disable(module),
            TypedChange::Overlay(text) => Change::Overlay(file(&text)?),
        })
    };
    typed.into_iter().map(change).collect()
}

/// Whether a word is the name of a file rather than the text of a module.
fn is_file(text: &str) -> bool {
    let is_name = Path::new(text)
        .extension()
        .is_some_and(|ending| ending == "nix");
    is_name && !text.contains(['=', ';', '\n'])
}
