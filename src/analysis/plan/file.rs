//! A plan as text: TOML that names packages, so that a plan made on yesterday's build applies to today's.
//!
//! Each path is written with its package name, name and hash. On another graph the hash counts first, then the exact name,
//! then package name, variant and output, then package
//! name and output alone; a step of which a path is missing or could be several is left out and reported.

use std::fmt::{self, Write as _};

use serde::Deserialize;
use thiserror::Error;

use crate::model::{Closure, PackageName, PathId, StoreGraph};
use crate::text::sanitise;

use crate::analysis::versions::Build;
use crate::analysis::what_if::Step;

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
struct Named {
    #[serde(default)]
    pname: Option<String>,
    name: String,
    #[serde(default)]
    hash: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(
    rename_all = "lowercase",
    deny_unknown_fields,
    expecting = "remove, cut or replace"
)]
enum NamedStep {
    Remove(Named),
    Cut { from: Named, to: Named },
    Replace { old: Named, new: Named },
}

#[derive(Debug, Clone, Deserialize)]
#[serde(expecting = "a format and a version")]
struct Head {
    format: String,
    version: i64,
}

#[derive(Debug, Clone, Deserialize)]
struct Body {
    #[serde(default)]
    step: Vec<NamedStep>,
}

/// A plan that speaks of no graph in particular.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanFile {
    steps: Vec<NamedStep>,
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
        candidates: Vec<PathId>,
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
                write!(
                    f,
                    "{} paths could be meant by {}",
                    candidates.len(),
                    sanitise(name)
                )
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

/// A plan applied to a graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The steps that apply, in their order.
    pub steps: Vec<Step>,
    /// The steps that do not.
    pub notes: Vec<Note>,
}

impl PlanFile {
    /// Names the paths of some steps.
    pub fn of(graph: &StoreGraph, steps: &[Step]) -> Self {
        let named = |id: PathId| Named {
            pname: Some(graph.package(id).pname.to_owned()),
            name: graph.name(id).to_owned(),
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
        }
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
        Ok(Self { steps: body.step })
    }

    /// The plan's text.
    pub fn to_text(&self) -> String {
        let mut text = format!(
            "# What to leave out, in this order. A path is found by its hash, else by its name, else by its pname.\n\
             format = \"{FORMAT}\"\nversion = {VERSION}\n"
        );
        for step in &self.steps {
            text.push_str("\n[[step]]\n");
            let parts = match step {
                NamedStep::Remove(named) => vec![("remove", named)],
                NamedStep::Cut { from, to } => vec![("cut.from", from), ("cut.to", to)],
                NamedStep::Replace { old, new } => {
                    vec![("replace.old", old), ("replace.new", new)]
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
            notes: Vec::new(),
        };
        for (at, step) in self.steps.iter().enumerate() {
            match step.find(graph, closure) {
                Ok(step) => applied.steps.push(step),
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
    fn find(&self, graph: &StoreGraph, closure: &Closure) -> Result<Step, Problem> {
        let member = |named: &Named| named.find(graph, &|id| closure.contains(id));
        match self {
            Self::Remove(named) => member(named).map(Step::Remove),
            Self::Cut { from, to } => {
                let (from, to) = (member(from)?, member(to)?);
                if graph.references(from).contains(&to) {
                    Ok(Step::Cut { from, to })
                } else {
                    Err(Problem::NoReference {
                        from: graph.name(from).to_owned(),
                        to: graph.name(to).to_owned(),
                    })
                }
            }
            Self::Replace { old, new } => Ok(Step::Replace {
                old: member(old)?,
                new: member(new).or_else(|_| new.find(graph, &|_| true))?,
            }),
        }
    }
}

impl Named {
    fn fields(&self) -> String {
        let quoted = |text: &str| toml::Value::from(text).to_string();
        let mut fields = Vec::new();
        if let Some(pname) = &self.pname {
            fields.push(format!("pname = {}", quoted(pname)));
        }
        fields.push(format!("name = {}", quoted(&self.name)));
        if let Some(hash) = &self.hash {
            fields.push(format!("hash = {}", quoted(hash)));
        }
        fields.join(", ")
    }

    fn find(
        &self,
        graph: &StoreGraph,
        contains: &dyn Fn(PathId) -> bool,
    ) -> Result<PathId, Problem> {
        if let Some(hash) = &self.hash {
            let exact = graph.find(&format!("{hash}-{}", self.name));
            if let Some(id) = exact.filter(|&id| contains(id)) {
                return Ok(id);
            }
        }
        let wanted = PackageName::parse(&self.name);
        let pname = self.pname.as_deref().unwrap_or(wanted.pname);
        let all = |matches: &dyn Fn(PathId) -> bool| -> Vec<PathId> {
            let paths = graph.ids().filter(|&id| contains(id));
            paths.filter(|&id| matches(id)).collect()
        };
        // `perl-5.40-env` has the package name of `perl-5.40`, but is another build of it.
        let same_build = |a: PackageName, b: PackageName| {
            let (a, b) = (Build::of(a), Build::of(b));
            (a.package, a.variant, a.suffix, a.output) == (b.package, b.variant, b.suffix, b.output)
        };
        let same_package =
            |id| graph.name(id).starts_with(pname) && graph.package(id).pname == pname;
        let mut found = all(&|id| graph.name(id) == self.name);
        if found.is_empty() {
            found = all(&|id| same_package(id) && same_build(graph.package(id), wanted));
        }
        if found.is_empty() {
            found = all(&|id| same_package(id) && graph.package(id).output == wanted.output);
        }
        match found[..] {
            [only] => Ok(only),
            [] => Err(Problem::NoMatch {
                name: self.name.clone(),
            }),
            _ => Err(Problem::Ambiguous {
                name: self.name.clone(),
                candidates: found,
            }),
        }
    }
}

/// Every line made harmless, the line breaks kept.
fn sanitise_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(sanitise).collect();
    lines.join("\n")
}
