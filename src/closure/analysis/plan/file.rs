//! A plan as text: TOML that names packages, so that a plan made on yesterday's build applies to today's.
//!
//! Each path is written with its package name, name and hash. On another graph the hash counts first, then the exact
//! name, then package name, variant and output, then package name and output alone. A step whose path, or reference, is
//! not there any more is done; one of which a path could be several, or whose replacement is missing, is left out and
//! reported.

use std::fmt::{self, Write as _};
use std::sync::Arc;

use serde::Deserialize;
use thiserror::Error;

use crate::analysis::what_if::Step;
use crate::model::{Closure, PathId, StoreGraph};
use crate::text::sanitise;

use super::found::Finder;
use super::tries::{NamedTry, PlannedTry, TryStep};

const FORMAT: &str = "nix-heft/plan";
const VERSION: i64 = 1;

/// Why a text is not a plan.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The text is not TOML, or does not have the fields of a plan.
    #[error("not a plan: {0}")]
    Syntax(String),
    /// The text is something else, or from a newer version of this program.
    #[error("not a plan of format '{FORMAT}', version {VERSION}")]
    Format,
}

impl PlanError {
    /// What the user can try.
    pub fn hint(&self) -> Option<&'static str> {
        Some("plans are written with --save-plan, or from the explorer")
    }
}

/// A path by what is known about it apart from any graph.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a path: { name = \"…\" }")]
pub(super) struct NamedPath {
    #[serde(default)]
    pub(super) pname: Option<String>,
    #[serde(default)]
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) hash: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(
    rename_all = "lowercase",
    deny_unknown_fields,
    expecting = "remove, cut, replace or try"
)]
enum NamedStep {
    Remove(NamedPath),
    Cut { from: NamedPath, to: NamedPath },
    Replace { old: NamedPath, new: NamedPath },
    Try(NamedTry),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(expecting = "a format and a version")]
struct Head {
    format: String,
    version: i64,
}

#[derive(Debug, Clone, Deserialize)]
struct Body {
    /// Bytes that each step was said to free after those before it.
    #[serde(default)]
    promised: Vec<i64>,
    #[serde(default)]
    step: Vec<NamedStep>,
}

/// A plan that speaks of no graph in particular.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanFile {
    steps: Vec<NamedStep>,
    /// One for each step, or none at all.
    promised: Vec<i64>,
}

/// Why a step does not apply to a graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// No path has the name, nor the package name.
    NoMatch {
        /// The name.
        name: String,
    },
    /// Several paths could be meant.
    Ambiguous {
        /// The name.
        name: String,
        /// The paths, ascending.
        candidates: Arc<[PathId]>,
    },
    /// The reference to cut does not exist.
    NoReference {
        /// The referrer's name.
        from: String,
        /// The name of what it should reference.
        to: String,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoMatch { name } => write!(f, "nothing matches {}", sanitise(name)),
            Self::Ambiguous { name, candidates } => {
                write!(f, "{} paths match {}", candidates.len(), sanitise(name))
            }
            Self::NoReference { from, to } => {
                write!(f, "{} does not reference {}", sanitise(from), sanitise(to))
            }
        }
    }
}

/// A step that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The step's position in the file, from 1.
    pub step: usize,
    /// Why it does not apply.
    pub problem: Problem,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "step {} left out: {}", self.step, self.problem)
    }
}

/// A step that has been carried out: what it takes away is not there any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoneStep {
    /// The step's position in the file, from 1.
    pub step: usize,
    /// What is gone: a name, or both names of a reference.
    pub what: Vec<String>,
    /// Bytes that the step was said to free, if that was written down.
    pub promised: Option<i64>,
}

impl fmt::Display for DoneStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.what.iter().map(|name| sanitise(name)).collect();
        write!(
            f,
            "step {} is done: {} is gone",
            self.step,
            names.join(" → ")
        )
    }
}

/// A plan applied to a graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The steps that apply, in their order.
    pub steps: Vec<Step>,
    /// The steps that were carried out before.
    pub done: Vec<DoneStep>,
    /// The steps that do not.
    pub notes: Vec<Note>,
    /// The changes of the configuration that are to be tried.
    pub tries: Vec<PlannedTry>,
}

impl PlanFile {
    /// Names the paths of some steps.
    pub fn of(graph: &StoreGraph, steps: &[Step]) -> Self {
        let named = |id: PathId| NamedPath {
            pname: Some(graph.package(id).pname.to_owned()),
            name: Some(graph.name(id).to_owned()),
            hash: Some(graph.hash_part(id).to_owned()).filter(|hash| !hash.is_empty()),
        };
        let steps = steps.iter().map(|&step| match step {
            Step::Remove(id) => NamedStep::Remove(named(id)),
            Step::Cut { from, to } => NamedStep::Cut {
                from: named(from),
                to: named(to),
            },
            Step::Replace { old, new } => NamedStep::Replace {
                old: named(old),
                new: named(new),
            },
        });
        Self {
            steps: steps.collect(),
            promised: Vec::new(),
        }
    }

    /// Puts changes of the configuration that are to be tried before all other steps.
    #[must_use]
    pub fn trying(self, tries: impl IntoIterator<Item = TryStep>) -> Self {
        let tries = tries
            .into_iter()
            .map(TryStep::into_named)
            .map(NamedStep::Try);
        Self {
            steps: tries.chain(self.steps).collect(),
            ..self
        }
    }

    /// The changes of the configuration that are to be tried, each with its position from 1.
    pub fn tries(&self) -> impl Iterator<Item = (usize, &str)> {
        let steps = self.steps.iter().enumerate();
        steps.filter_map(|(at, step)| match step {
            NamedStep::Try(one) => Some((at + 1, one.change())),
            _ => None,
        })
    }

    /// The changes of the configuration that are to be tried, as steps of a plan at hand.
    pub fn try_steps(&self) -> Vec<TryStep> {
        let steps = self.steps.iter().enumerate();
        let tries = steps.filter_map(|(at, step)| match step {
            NamedStep::Try(one) => Some(TryStep::written(one, self.promised(at))),
            _ => None,
        });
        tries.collect()
    }

    /// What the step at a position was said to free, if that was written down: of each step, or of each that is no try.
    fn promised(&self, at: usize) -> Option<i64> {
        if self.promised.len() == self.steps.len() {
            return self.promised.get(at).copied();
        }
        let is_plain = |step: &&NamedStep| !matches!(step, NamedStep::Try(_));
        let plain = |steps: &[NamedStep]| steps.iter().filter(is_plain).count();
        let is_whole = self.promised.len() == plain(&self.steps);
        self.steps.get(at).filter(is_plain).filter(|_| is_whole)?;
        self.promised.get(plain(&self.steps[..at])).copied()
    }

    /// Writes down what each step is said to free after those before it, in bytes: each, or each that is no try.
    #[must_use]
    pub fn promising(self, promised: Vec<i64>) -> Self {
        Self { promised, ..self }
    }

    /// Reads a plan's text.
    pub fn parse(text: &str) -> Result<Self, PlanError> {
        // TOML's messages quote the text.
        let syntax =
            |error: toml::de::Error| PlanError::Syntax(sanitise_lines(error.to_string().trim()));
        if text.trim().is_empty() {
            return Err(PlanError::Syntax("there is nothing in it".to_owned()));
        }
        let head: Head = toml::from_str(text).map_err(syntax)?;
        if head.format != FORMAT || head.version != VERSION {
            return Err(PlanError::Format);
        }
        let body: Body = toml::from_str(text).map_err(syntax)?;
        let nameless = body
            .step
            .iter()
            .any(|step| step.paths().iter().any(|named| named.is_nameless()));
        if nameless {
            return Err(PlanError::Syntax(
                "a path needs a name, a pname or a hash".to_owned(),
            ));
        }
        let plan = Self {
            steps: body.step,
            promised: body.promised,
        };
        if plan.tries().any(|(_, change)| change.trim().is_empty()) {
            return Err(PlanError::Syntax("a try needs a change".to_owned()));
        }
        Ok(plan)
    }

    /// The plan's text.
    pub fn to_text(&self) -> String {
        let mut text = format!(
            "# What to leave out, in this order. A path is found by its hash, else by its name, else by its pname.\n\
             format = \"{FORMAT}\"\nversion = {VERSION}\n"
        );
        if !self.promised.is_empty() {
            let _ = writeln!(
                text,
                "# What each step was predicted to free, in bytes.\npromised = {:?}",
                self.promised
            );
        }
        for step in &self.steps {
            text.push_str("\n[[step]]\n");
            let parts = match step {
                NamedStep::Remove(named) => vec![("remove", named)],
                NamedStep::Cut { from, to } => vec![("cut.from", from), ("cut.to", to)],
                NamedStep::Replace { old, new } => {
                    vec![("replace.old", old), ("replace.new", new)]
                }
                NamedStep::Try(one) => {
                    text.push_str(&one.to_text());
                    Vec::new()
                }
            };
            for (key, named) in parts {
                let _ = writeln!(text, "{key} = {{ {} }}", named.fields());
            }
        }
        text
    }

    /// Finds the steps' paths in a graph: members of the closure, and for what replaces them any path of the graph.
    pub fn apply(&self, graph: &StoreGraph, closure: &Closure) -> Applied {
        let mut applied = Applied {
            steps: Vec::new(),
            done: Vec::new(),
            notes: Vec::new(),
            tries: Vec::new(),
        };
        let promised = |at: usize| self.promised(at);
        let paths = self.steps.iter().flat_map(NamedStep::paths).collect();
        let finder = Finder::new(graph, closure, paths);
        for (at, step) in self.steps.iter().enumerate() {
            if let NamedStep::Try(one) = step {
                applied
                    .tries
                    .push(one.planned(&finder, at + 1, promised(at)));
                continue;
            }
            match step.find(graph, &finder) {
                Ok(Some(step)) => applied.steps.push(step),
                Ok(None) => {}
                Err(problem) if step.is_done(&finder, &problem) => {
                    applied.done.push(DoneStep {
                        step: at + 1,
                        what: step
                            .paths()
                            .iter()
                            .take(step.gone())
                            .map(|named| named.title())
                            .collect(),
                        promised: promised(at),
                    });
                }
                Err(problem) => applied.notes.push(Note {
                    step: at + 1,
                    problem,
                }),
            }
        }
        applied
    }

    /// How many steps the plan has.
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Whether the plan has no step.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}

impl NamedStep {
    /// The paths it speaks of.
    fn paths(&self) -> Vec<&NamedPath> {
        match self {
            Self::Remove(named) => vec![named],
            Self::Cut { from, to } => vec![from, to],
            Self::Replace { old, new } => vec![old, new],
            Self::Try(one) => one.leaves().iter().collect(),
        }
    }

    /// How many of its paths, the first ones, are gone once it is done.
    fn gone(&self) -> usize {
        match self {
            Self::Remove(_) | Self::Replace { .. } => 1,
            Self::Cut { .. } => 2,
            Self::Try(_) => 0,
        }
    }

    /// Whether a problem means that the step has been carried out: what it takes away is not there.
    fn is_done(&self, finder: &Finder, problem: &Problem) -> bool {
        let gone = |named: &NamedPath| matches!(finder.member(named), Err(Problem::NoMatch { .. }));
        match (self, problem) {
            (_, Problem::NoReference { .. }) => true,
            (_, Problem::Ambiguous { .. }) | (Self::Try(_), _) => false,
            (Self::Remove(named) | Self::Replace { old: named, .. }, _) => gone(named),
            (Self::Cut { from, to }, _) => gone(from) || gone(to),
        }
    }

    /// The step on paths; none of a try.
    fn find(&self, graph: &StoreGraph, finder: &Finder) -> Result<Option<Step>, Problem> {
        let member = |named: &NamedPath| finder.member(named);
        let step = match self {
            Self::Try(_) => return Ok(None),
            Self::Remove(named) => Step::Remove(member(named)?),
            Self::Cut { from, to } => {
                let (from, to) = (member(from)?, member(to)?);
                if graph.references(from).binary_search(&to).is_err() {
                    return Err(Problem::NoReference {
                        from: graph.name(from).to_owned(),
                        to: graph.name(to).to_owned(),
                    });
                }
                Step::Cut { from, to }
            }
            Self::Replace { old, new } => Step::Replace {
                old: member(old)?,
                new: member(new).or_else(|_| finder.any(new))?,
            },
        };
        Ok(Some(step))
    }
}

impl NamedPath {
    pub(super) fn fields(&self) -> String {
        let quoted = |text: &str| toml::Value::from(text).to_string();
        let mut fields = Vec::new();
        if let Some(pname) = &self.pname {
            fields.push(format!("pname = {}", quoted(pname)));
        }
        if let Some(name) = &self.name {
            fields.push(format!("name = {}", quoted(name)));
        }
        if let Some(hash) = &self.hash {
            fields.push(format!("hash = {}", quoted(hash)));
        }
        fields.join(", ")
    }

    fn is_nameless(&self) -> bool {
        self.name.is_none() && self.pname.is_none() && self.hash.is_none()
    }

    /// What it is called where it is not found.
    pub(super) fn title(&self) -> String {
        let known = self
            .name
            .as_ref()
            .or(self.pname.as_ref())
            .or(self.hash.as_ref());
        known.cloned().unwrap_or_default()
    }
}

/// Every line made harmless, the line breaks kept.
fn sanitise_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(sanitise).collect();
    lines.join("\n")
}
