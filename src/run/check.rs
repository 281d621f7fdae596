//! `check`: reads the rules, loads the closures, checks each, and reports the result.

mod baseline;
mod extras;
mod rules;

use std::path::Path;
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::Arc;

use crate::analysis::Analysed;
use crate::analysis::budget::{Baseline, Budget, Day, Facts, Judgement, judge};
use crate::job::Progress;
use crate::model::ClosureRecord;
use crate::report::check::{Check, Checked};
use crate::source::open::open;
use crate::source::open::sides::joined;
use crate::source::{Loaded, Request};

use crate::cli::{self, Format};

use self::rules::Rules;
use super::clock;
use super::failure::Failure;
use super::files;
use super::output::print;
use super::session::{Session, Subject, dominators, location};

/// `check`: success if every rule is kept.
pub(super) fn check(session: &Session, options: &cli::Check) -> Result<ExitCode, Failure> {
    let format = session.format()?;
    if options.init {
        extras::init(session, options)?;
        return Ok(ExitCode::SUCCESS);
    }
    let now = clock::now();
    let today = day(options.date.as_deref(), now)?;
    let rules = Rules::read(session, options)?;
    let baseline = rules.baseline(session, options)?;
    let loading = Loading {
        roots: &options.roots.roots,
        budget: &rules.budget,
        baseline,
    };
    let (subject, closures, baseline) = load(session, loading)?;
    let judged = judged(session, &closures, &rules.budget, baseline.as_ref(), today)?;
    let check = Check {
        subject: &subject,
        budget: &rules.budget,
        file: rules.file.as_ref().map(|file| file.display().to_string()),
        baseline: baseline.as_ref().map(|baseline| baseline.origin.clone()),
        today,
        closures: shown(session, options, format, &closures, judged),
    };
    for note in check.notes() {
        session.warn(&note);
    }
    show(session, format, &check)?;
    if options.update {
        extras::update(session, &rules, &check)?;
    }
    if let Some(journal) = &options.record {
        let label = options.label.as_deref();
        extras::record(journal, &records(&closures, now, label), &subject)?;
    }
    Ok(if check.passes() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The day on which exceptions have to count.
fn day(typed: Option<&str>, now: i64) -> Result<Day, Failure> {
    let Some(typed) = typed else {
        return Ok(Day::of_unix(now));
    };
    Day::parse(typed).ok_or_else(|| {
        Failure::usage(
            format!("'{typed}' is not a date"),
            "a date is written 2026-11-28",
        )
    })
}

/// What is loaded.
struct Loading<'a> {
    roots: &'a [String],
    budget: &'a Budget,
    /// What growth is measured against, loaded by itself.
    baseline: Option<Loaded>,
}

/// The closure of all roots; those that are judged: of each root that was named, or the one of all roots that were not; and
/// the baseline in the same graph.
fn load(
    session: &Session,
    loading: Loading<'_>,
) -> Result<(Subject, Vec<Subject>, Option<Baseline>), Failure> {
    let Loading {
        roots,
        budget,
        baseline,
    } = loading;
    let request = Request {
        roots: roots.to_vec(),
        details: budget.needs_details(),
        ..Request::default()
    };
    let (subject, baseline) = match baseline {
        None => (session.load_request(request, dominators)?, None),
        Some(before) => {
            let (subject, baseline) = beside(session, before, request)?;
            (subject, Some(baseline))
        }
    };
    let own = |analysed: Analysed| Subject {
        analysed,
        found: Arc::clone(&subject.found),
    };
    let each = subject.closure().roots();
    let mut closures: Vec<Subject> = if roots.is_empty() || each.len() == 1 {
        vec![own(subject.analysed.clone())]
    } else {
        let graph = subject.shared_graph();
        let closure = |&root| Analysed::of(Arc::clone(&graph), &[root], &Progress::new());
        each.iter().map(closure).map(own).collect()
    };
    for one in &mut closures {
        if budget.needs_disk_sizes() {
            files::read_disk_sizes(session, one)?;
        }
        if budget.needs_accidents() {
            files::read_accidents(session, one)?;
        }
    }
    Ok((subject, closures, baseline))
}

/// What is checked and its baseline, in one graph.
fn beside(
    session: &Session,
    before: Loaded,
    request: Request,
) -> Result<(Subject, Baseline), Failure> {
    let place = location(session.global());
    let outcome = session.work(move |progress| {
        let after = open(&place)?.load(&request, progress)?;
        let sides = joined(before, after)?;
        let roots = sides.after.roots();
        let analysed = Analysed::of(Arc::clone(&sides.graph), roots, progress);
        let mut warnings = sides.warnings;
        warnings.extend(analysed.warnings().into_vec());
        analysed.dominators()?;
        let [origin, _] = sides.origins;
        let baseline = Baseline {
            origin,
            roots: sides.before.roots().to_vec(),
        };
        let subject = Subject {
            analysed: analysed.detached(),
            found: sides.found,
        };
        Ok::<_, Failure>((subject, baseline, warnings))
    })?;
    let (subject, baseline, warnings) = outcome?;
    for warning in &warnings {
        session.warn(warning);
    }
    Ok((subject, baseline))
}

fn judged(
    session: &Session,
    closures: &[Subject],
    budget: &Budget,
    baseline: Option<&Baseline>,
    today: Day,
) -> Result<Vec<Judgement>, Failure> {
    let closures: Vec<Analysed> = closures.iter().map(|one| one.analysed.clone()).collect();
    let (budget, baseline) = (budget.clone(), baseline.cloned());
    let judged = session.work(move |progress| {
        let judged = closures.iter().map(|analysed| {
            let facts = Facts {
                analysed: &analysed.attached(progress),
                baseline: baseline.as_ref(),
                today,
            };
            judge(&budget, facts)
        });
        judged.collect::<Result<Vec<_>, _>>()
    })?;
    Ok(judged?)
}

/// The closures with what came of them, and with what the files say of the reasons where that was asked for or is known.
fn shown<'a>(
    session: &Session,
    options: &cli::Check,
    format: Format,
    closures: &'a [Subject],
    judged: Vec<Judgement>,
) -> Vec<Checked<'a>> {
    let checked = closures.iter().zip(judged).map(|(subject, judgement)| {
        let mut checked = Checked {
            analysed: &subject.analysed,
            judgement,
            evidence: None,
        };
        let edges = checked.edges();
        let written_down = !subject.found.referrers.is_empty();
        if (options.precise || written_down) && !edges.is_empty() {
            match files::evidence(session, subject, edges, format) {
                Ok(found) => checked.evidence = Some(Rc::new(found)),
                // The verdict stands without what the files say of it.
                Err(failure) => session.warn(&failure.message()),
            }
        }
        checked
    });
    checked.collect()
}

fn show(session: &Session, format: Format, check: &Check<'_>) -> Result<(), Failure> {
    let paper = session.paper();
    print(session.reader(format), |out| match format {
        Format::Json => check.json(out),
        Format::Markdown => check.markdown(paper, out),
        Format::Junit => check.junit(paper, out),
        Format::Sarif => check.sarif(paper, out),
        Format::Github => check.github(paper, out),
        Format::Gitlab => check.gitlab(paper, out),
        _ => check.text(paper, out),
    })
}

/// What a journal keeps of the closures.
fn records(closures: &[Subject], now: i64, label: Option<&str>) -> Vec<ClosureRecord> {
    let records = closures.iter().map(|one| record_of(one, now, label));
    records.collect()
}

/// What a journal keeps of a closure.
pub(super) fn record_of(analysed: &Analysed, now: i64, label: Option<&str>) -> ClosureRecord {
    let (graph, closure) = (analysed.graph(), analysed.closure());
    let names = closure.roots().iter();
    let names: Vec<&str> = names.map(|&root| graph.package(root).pname).collect();
    let root = match closure.roots() {
        [only] => Some(graph.path(*only).to_string()),
        _ => None,
    };
    ClosureRecord {
        at: now,
        name: names.join(", "),
        root,
        nar_size: closure.nar_size(),
        paths: closure.len() as u64,
        label: label.map(str::to_owned),
    }
}

/// The directory of a file, from which what the file names is looked for.
fn directory(file: &Path) -> &Path {
    file.parent().unwrap_or(Path::new(""))
}
