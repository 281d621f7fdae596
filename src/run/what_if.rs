//! `what-if`: from typed steps and a plan file to paths, and back to a plan file.

use crate::gate::Reader;
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::analysis::hints::Hints;
use crate::analysis::plan::{DoneStep, PlanFile};
use crate::analysis::remedies::{Remedy, Seen, by_packages, remedies};
use crate::analysis::{Analysed, Step, WhatIfError, what_if};
use crate::model::{Closure, PathId};
use crate::plain_file;
use crate::report::what_if::{Prediction, Wish};
use crate::source::Request;
use crate::source::config::Predicted;
use crate::user_files::{self, UserFileError};

use crate::cli::{self, Format, TypedStep};

use super::failure::Failure;
use super::files;
use super::output::{print, save};
use super::session::{Session, Subject, dominators, location};
use super::target::Known;
use super::tries::{EvaluatedTries, From, evaluated, records};

/// `what-if`
pub(super) fn what_if(session: &Session, options: &cli::WhatIf) -> Result<(), Failure> {
    let format = session.format()?;
    let plan = options.plan.as_deref().map(read_plan).transpose()?;
    if plan.is_none() && options.steps.0.is_empty() {
        return Err(Failure::usage(
            "no steps were given",
            "give --remove SEL, --cut U:V or --replace A=B, as often as you like, or --plan FILE",
        ));
    }
    if options.save_plan.as_deref() == Some(Path::new("-")) {
        return Err(Failure::usage(
            "the plan and the prediction cannot both go to standard output",
            "name a file with --save-plan",
        ));
    }
    let base = location(session.global());
    let from = From {
        location: &base,
        roots: &options.roots.roots,
        extras: replacements(&options.steps.0),
    };
    let tried = plan.as_ref();
    let tried = tried.map(|plan| evaluated(session, &options.config, plan, &from));
    let EvaluatedTries { all, effects } = tried.transpose()?.unwrap_or_default();
    let (before, subject) = subject(session, all, from)?;
    let (mut wishes, done) = match &plan {
        Some(plan) => planned(session, &subject, plan),
        None => (Vec::new(), None),
    };
    let typed_steps = || options.steps.0.iter();
    let known = Known::of(
        &subject,
        typed_steps().flat_map(selectors),
        typed_steps().filter_map(replacement),
    );
    for step in &options.steps.0 {
        wishes.extend(typed(&subject, &known, step)?);
    }
    if let Some(file) = &options.save_plan {
        let steps: Vec<Step> = wishes.iter().flat_map(Wish::steps).collect();
        let plan = PlanFile::of(subject.graph(), &steps).trying(records(&effects));
        let tried = effects.iter().map(|effect| effect.freed?.exact());
        let tried: Option<Vec<i64>> = tried.collect();
        let mut all = tried.unwrap_or_default();
        all.extend(promised(&subject, &steps));
        let text = plan.promising(all).to_text();
        save(
            Some(file),
            subject.graph().store_dir(),
            Reader::Toml,
            |out| out.write_all(text.as_bytes()),
        )?;
    }
    let steps: Vec<Step> = wishes.iter().flat_map(Wish::steps).collect();
    let remedies = if options.remedies {
        Some(remedied(session, &subject, &steps, options.precise)?)
    } else {
        None
    };
    let prediction = Prediction::of(&subject, wishes).map_err(failure)?;
    let prediction = prediction
        .with_done(done)
        .with_tries(effects, before.as_ref())
        .with_remedies(remedies);
    print(session.reader(format), |out| match format {
        Format::Json => prediction.json(out),
        _ => prediction.text(session.paper(), out),
    })
}

/// What the steps are about, and if tries come before them the closure before those.
fn subject(
    session: &Session,
    tried: Option<Predicted>,
    from: From<'_>,
) -> Result<(Option<Closure>, Subject), Failure> {
    let Some(Predicted { prediction, .. }) = tried else {
        let request = Request {
            roots: from.roots.to_vec(),
            extras: from.extras,
            ..Request::default()
        };
        return Ok((None, session.load_request(request, dominators)?));
    };
    let analysed = Analysed::new(prediction.graph.into(), prediction.after.into());
    dominators(&analysed)?;
    let found = Arc::default();
    Ok((Some(prediction.before), Subject { analysed, found }))
}

/// Lines of Nix for some steps; what references stand in is looked for first if it is asked for.
fn remedied(
    session: &Session,
    subject: &Subject,
    steps: &[Step],
    precise: bool,
) -> Result<Vec<Remedy>, Failure> {
    let references = by_packages(subject, steps);
    let seen = if precise && !references.is_empty() {
        files::evidence(session, subject, references.clone(), Format::Json)?.told(&references)
    } else {
        Seen::new()
    };
    Ok(remedies(subject, &Hints::built_in(), steps, &seen)?)
}

pub(super) fn failure(error: WhatIfError) -> Failure {
    let hint = error.hint().map(str::to_owned);
    Failure::new(error, hint)
}

pub(super) fn read_plan(path: &Path) -> Result<PlanFile, Failure> {
    let text = if path == Path::new("-") {
        user_files::read_text(io::stdin().lock(), path)
    } else {
        let opened = plain_file::open_or_pipe(path, plain_file::PATIENCE);
        let opened = opened.map_err(|source| UserFileError::unread(path, source));
        opened.and_then(|file| user_files::read_text(file, path))
    };
    let text =
        text.map_err(|error| Failure::because(error, "a plan is written with --save-plan"))?;
    PlanFile::parse(&text).map_err(|error| {
        let hint = error.hint().unwrap_or_default();
        Failure::because(format!("{}: {error}", path.display()), hint)
    })
}

/// What each step frees after those before it, in bytes; nothing where steps close a cycle or a size is unknown.
fn promised(subject: &Analysed, steps: &[Step]) -> Vec<i64> {
    let outcome = what_if::what_if(
        subject.graph(),
        subject.closure(),
        steps,
        subject.progress(),
    );
    outcome.map_or_else(|_| Vec::new(), |outcome| outcome.promised())
}

/// The plan's steps that apply here, and those that are done; what does not apply is said.
fn planned(
    session: &Session,
    subject: &Analysed,
    plan: &PlanFile,
) -> (Vec<Wish>, Option<Vec<DoneStep>>) {
    let applied = plan.apply(subject.graph(), subject.closure());
    for note in &applied.notes {
        session.warn(note);
    }
    let wishes = applied.steps.into_iter().map(Wish::of).collect();
    (wishes, Some(applied.done))
}

/// Replacements that may be outside the closure: the source is asked for them.
fn replacements(steps: &[TypedStep]) -> Vec<String> {
    let paths = steps
        .iter()
        .filter_map(replacement)
        .filter(|new| new.contains('/'));
    paths.map(str::to_owned).collect()
}

/// The selectors in a typed step, as it is parted first.
fn selectors(step: &TypedStep) -> impl Iterator<Item = &str> {
    let (first, second) = match step {
        TypedStep::Remove(selector) => (Some(selector.as_str()), None),
        TypedStep::Cut(text) => text.split_once(':').unzip(),
        TypedStep::Replace(text) => (sides(text).map(|(old, _)| old), None),
    };
    first.into_iter().chain(second)
}

/// What a typed step replaces others with, as it is parted first.
fn replacement(step: &TypedStep) -> Option<&str> {
    match step {
        TypedStep::Replace(text) => sides(text).map(|(_, new)| new),
        _ => None,
    }
}

/// What a typed step means here.
fn typed(subject: &Analysed, known: &Known, step: &TypedStep) -> Result<Vec<Wish>, Failure> {
    match step {
        TypedStep::Remove(selector) => Ok(vec![Wish::Remove(known.selected(subject, selector)?)]),
        TypedStep::Cut(text) => {
            let references = known.references(subject, text)?;
            let wishes = references.into_iter().map(|(from, to)| Wish::Cut(from, to));
            Ok(wishes.collect())
        }
        TypedStep::Replace(text) => replaced(subject, known, text).map(|wish| vec![wish]),
    }
}

/// The two sides of `A=B`. Names may have a `=` of their own; a path on the right shows where it begins.
fn sides(text: &str) -> Option<(&str, &str)> {
    let path = ["=/", "=./", "=../"]
        .iter()
        .find_map(|begin| text.find(begin));
    match path {
        Some(at) => Some((&text[..at], &text[at + 1..])),
        None => text.split_once('='),
    }
}

/// What `A=B` means here: the first way to part it in which both sides are something.
fn replaced(subject: &Analysed, known: &Known, text: &str) -> Result<Wish, Failure> {
    let Some((old, new)) = sides(text) else {
        return Err(Failure::usage(
            format!("'{text}' is not a replacement"),
            "a replacement is written A=B, for example perl-5.36.0=perl-5.38.2",
        ));
    };
    let select = |old, new| {
        let new = known.only_anywhere(subject, new)?;
        Ok::<_, Failure>((known.selected(subject, old)?, new))
    };
    let first = select(old, new);
    let mut others = text.match_indices('=').map(|(at, _)| at);
    let (mut old, new) = match first {
        Ok(found) => found,
        Err(failure) => others
            .find_map(|at| select(&text[..at], &text[at + 1..]).ok())
            .ok_or(failure)?,
    };
    old.retain(|&id: &PathId| id != new);
    if old.is_empty() {
        return Err(Failure::because(
            format!("'{text}' replaces a path with itself"),
            "name another path on the right",
        ));
    }
    Ok(Wish::Replace(old, new))
}
