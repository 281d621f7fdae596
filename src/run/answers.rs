//! The commands that print an answer about one closure.

use std::collections::HashSet;
use std::iter;
use std::rc::Rc;

use crate::analysis::{Analysed, CutError, Metric, Need};
use crate::model::{PathId, PathSet, Reference};
use crate::report::cut::Cuts;
use crate::report::dupes::Dupes;
use crate::report::list::{Chosen, List, Selection};
use crate::report::tree::{Direction, Tree};
use crate::report::why::Explanation;
use crate::report::{MOST_ANSWERS, several};
use crate::source::Request;
use crate::source::platform::platform;

use crate::cli::{self, Format};

use super::absent;
use super::configured;
use super::failure::Failure;
use super::files;
use super::filter;
use super::output::print;
use super::session::{Session, dominators};
use super::target::{self, Known};

/// `list`
pub(super) fn list(session: &Session, options: cli::List) -> Result<(), Failure> {
    let format = session.format()?;
    let sort = options.sort;
    let text = options.filter.unwrap_or_default();
    let query = filter::parse(&text)?;
    let all = options.limit.is_none() && query.is_empty();
    let mut subject = session.load(options.roots, move |subject| {
        subject.dominators()?;
        if all || sort == Metric::Closure {
            subject.closure_sizes()?;
        }
        Ok(())
    })?;
    let asked = query.metrics().into_iter().chain([sort]);
    if asked
        .flat_map(Metric::needs)
        .any(|&need| need == Need::DiskSizes)
    {
        files::read_disk_sizes(session, &mut subject)?;
    }
    if query.asks_for_accidents() {
        files::read_accidents(session, &mut subject)?;
    }
    let analysed = subject.analysed;
    let (analysed, rows) = session.work(move |progress| {
        let analysed = analysed.attached(progress);
        let matching = if query.is_empty() {
            None
        } else {
            Some(filter::matching(&analysed, &query, &text)?)
        };
        let selection = Selection {
            sort,
            reverse: options.reverse,
            limit: options.limit,
            only: matching.as_ref(),
        };
        let rows = Chosen::of(&analysed, &selection)?;
        Ok::<_, Failure>((analysed.detached(), rows))
    })??;
    let list = List::new(&analysed, rows)?;
    print(session.reader(format), |out| match format {
        Format::Json => list.json(out),
        Format::Csv => list.csv(out),
        _ => list.text(session.paper(), out),
    })
}

/// `tree`
pub(super) fn tree(session: &Session, options: cli::Tree) -> Result<(), Failure> {
    let format = session.format()?;
    let sort = options.sort;
    let mut subject = session.load(options.roots, move |subject| {
        subject.dominators()?;
        let mut needs = sort.needs().iter();
        needs.try_for_each(|&need| subject.prepare(need))
    })?;
    if sort.needs().contains(&Need::DiskSizes) {
        files::read_disk_sizes(session, &mut subject)?;
    }
    let tree = match &options.referrers {
        None => {
            let roots = subject.closure().roots();
            Tree::of(&subject, Direction::References, roots, options.depth)?
        }
        Some(target) => {
            let targets = target::largest_first(&subject, target)?;
            Tree::of(&subject, Direction::Referrers, &targets, options.depth)?
        }
    };
    let tree = tree.sorted_by(sort);
    print(session.reader(format), |out| match format {
        Format::Json => tree.json(out),
        _ => tree.text(session.paper(), out),
    })
}

/// `why`
pub(super) fn why(session: &Session, options: cli::Why) -> Result<(), Failure> {
    let format = session.format()?;
    let roots = options.roots.roots.clone();
    let config = cli::Config {
        config: options.config,
        ..cli::Config::default()
    };
    let found = match config.config {
        Some(_) => configured::found(session, &config, (false, !roots.is_empty()))?,
        None => None,
    };
    let subject = configured::load(session, options.roots, found)?;
    if absent::answer(session, &subject, (&options.target, &roots), "why")? {
        return Ok(());
    }
    let (targets, more) = targets(&subject, format, &options.target)?;
    let mut explanations = Vec::new();
    for target in targets {
        explanations.extend(Explanation::of(&subject, target, options.all)?);
    }
    if options.precise {
        let edges = explanations.iter().flat_map(Explanation::edges).collect();
        let evidence = Rc::new(files::evidence(session, &subject, edges, format)?);
        for explanation in &mut explanations {
            explanation.prove(Rc::clone(&evidence));
        }
    }
    let paper = session.paper();
    print(session.reader(format), |out| {
        match (format, &explanations[..]) {
            (Format::Json, [only]) => only.json(out),
            (_, all) => several(out, all, more, |one, out| one.text(paper, out)),
        }
    })
}

/// `cut`
pub(super) fn cut(session: &Session, options: cli::Cut) -> Result<(), Failure> {
    let format = session.format()?;
    let roots = options.roots.roots.clone();
    let subject = session.load(options.roots, dominators)?;
    if absent::answer(session, &subject, (&options.target, &roots), "cut")? {
        return Ok(());
    }
    let (targets, more) = targets(&subject, format, &options.target)?;
    let kept = MustStay::of(&subject, &options.keep)?;
    let cuts = targets.into_iter().map(|target| {
        let cuts = Cuts::of(&subject, target, &|from, to| kept.holds(target, (from, to)));
        cuts.map_err(|error| uncut(&subject, target, &error))
    });
    let cuts = cuts.collect::<Result<Vec<_>, Failure>>()?;
    let paper = session.paper();
    print(session.reader(format), |out| match (format, &cuts[..]) {
        (Format::Json, [only]) => only.json(out),
        (_, all) => several(out, all, more, |one, out| one.text(paper, out)),
    })
}

/// `dupes`
pub(super) fn dupes(session: &Session, options: cli::Dupes) -> Result<(), Failure> {
    let format = session.format()?;
    let request = Request {
        roots: options.roots.roots,
        // Equal content is told by the hashes of the paths.
        details: true,
        ..Request::default()
    };
    let subject = session.load_request(request, dominators)?;
    let files = session.files(&subject);
    let known = |id| platform(&files, subject.graph(), id);
    let dupes = Dupes::of(&subject, &known)?;
    print(session.reader(format), |out| match format {
        Format::Json => dupes.json(out),
        _ => dupes.text(session.paper(), out),
    })
}

/// The targets to speak about, and how many more match: JSON wants exactly one.
pub(super) fn targets(
    subject: &Analysed,
    format: Format,
    selector: &str,
) -> Result<(Vec<PathId>, usize), Failure> {
    if format == Format::Json {
        return Ok((vec![target::only(subject, selector)?], 0));
    }
    let mut found = target::largest_first(subject, selector)?;
    let more = found.len().saturating_sub(MOST_ANSWERS);
    found.truncate(MOST_ANSWERS);
    Ok((found, more))
}

/// What must stay.
struct MustStay {
    /// References.
    references: HashSet<Reference>,
    /// Paths of which no reference goes.
    paths: PathSet,
}

impl MustStay {
    fn of(subject: &Analysed, texts: &[String]) -> Result<Self, Failure> {
        let sides = texts.iter().filter_map(|text| text.split_once(':'));
        let sides = sides.flat_map(|(from, to)| [from, to]);
        let known = Known::of(subject, sides, iter::empty());
        let mut kept = Self {
            references: HashSet::new(),
            paths: PathSet::empty(subject.graph().len()),
        };
        for text in texts {
            let references = if text.contains(':') {
                known.references(subject, text)
            } else {
                target::selected(subject, text).map(|paths| kept.keep(paths))
            };
            match references {
                Ok(references) => kept.references.extend(references),
                // Queries have colons too.
                Err(failure) => {
                    let paths = target::selected(subject, text).map_err(|_| failure)?;
                    kept.keep(paths);
                }
            }
        }
        Ok(kept)
    }

    /// Keeps all references of some paths; none of them has to be named.
    fn keep(&mut self, paths: Vec<PathId>) -> Vec<Reference> {
        self.paths.extend(paths);
        Vec::new()
    }

    /// Whether a reference stays though `target` should leave. A reference to the target itself stays only if that was said
    /// of the reference, or of what has it.
    fn holds(&self, target: PathId, (from, to): Reference) -> bool {
        self.paths.contains(from)
            || (to != target && self.paths.contains(to))
            || self.references.contains(&(from, to))
    }
}

fn uncut(subject: &Analysed, target: PathId, error: &CutError) -> Failure {
    let hint = error.hint().unwrap_or_default();
    let mut message = format!("{} cannot be cut off: {error}", subject.label(target));
    if let CutError::Pinned { chain } = error {
        let names: Vec<String> = chain.iter().map(|&id| subject.label(id)).collect();
        message = format!("{message}: {}", names.join(" → "));
    }
    Failure::because(message, hint)
}
