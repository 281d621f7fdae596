//! Which paths a rule applies to: by package, name, output or query, never by a part of a name.

use std::fmt;

use crate::analysis::analysed::{Analysed, Need};
use crate::analysis::glob;
use crate::analysis::query::{MatchError, Query, QueryError, matching};
use crate::job::Cancelled;
use crate::model::{PathId, PathSet};

/// One way to name paths. Patterns are matched against the whole of what they are about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// By the package name.
    Package(String),
    /// By the name behind the hash part.
    Name(String),
    /// By the output; `out` is that of names without one.
    Output(String),
    /// By a query, as it was written.
    Query(String, Box<Query>),
}

impl Which {
    /// What a query means. One that asks for a piece of a name is refused: it would match what it does not mean.
    pub fn query(text: &str) -> Result<Self, QueryError> {
        let refused = |message: &str| QueryError {
            at: 0,
            message: message.to_owned(),
        };
        let query = Query::parse(text)?;
        if query.is_empty() {
            return Err(refused("it matches every path"));
        }
        if query.asks_for_pieces_of_names() {
            return Err(refused(
                "a bare word, or name: without a pattern, matches any name that contains it: write pname:perl, or name:perl-*",
            ));
        }
        if query.asks_for_marks() {
            return Err(refused("only the explorer knows what is marked"));
        }
        Ok(Self::Query(text.to_owned(), Box::new(query)))
    }

    /// What an option of the command line means: a query if it has a key or a comparison, a pattern over names, or a package.
    pub fn typed(text: &str) -> Result<Self, QueryError> {
        let text = text.trim();
        if text.contains([':', '<', '>', '=', ' ', '(']) {
            return Self::query(text);
        }
        if text.is_empty() {
            return Err(QueryError {
                at: 0,
                message: "it names nothing".to_owned(),
            });
        }
        Ok(if glob::is_pattern(text) {
            Self::Name(text.to_owned())
        } else {
            Self::Package(text.to_owned())
        })
    }

    fn key(&self) -> &'static str {
        match self {
            Self::Package(_) => "package",
            Self::Name(_) => "name",
            Self::Output(_) => "output",
            Self::Query(..) => "query",
        }
    }

    fn text(&self) -> &str {
        match self {
            Self::Package(text) | Self::Name(text) | Self::Output(text) | Self::Query(text, _) => {
                text
            }
        }
    }

    fn members(&self, analysed: &Analysed) -> Result<PathSet, Cancelled> {
        let graph = analysed.graph();
        let fits: &dyn Fn(PathId) -> bool = match self {
            Self::Package(pattern) => &|id| glob::matches(pattern, graph.package(id).pname),
            Self::Name(pattern) => &|id| glob::matches(pattern, graph.name(id)),
            Self::Output(pattern) => {
                &|id| glob::matches(pattern, graph.package(id).output.unwrap_or("out"))
            }
            Self::Query(_, query) => {
                return match matching(analysed, query) {
                    Ok(found) => Ok(found),
                    Err(MatchError::Cancelled(cancelled)) => Err(cancelled),
                    // What is under a path that is not there is nothing.
                    Err(MatchError::Query(_)) => Ok(PathSet::empty(graph.len())),
                };
            }
        };
        let members = analysed.closure().members().iter();
        Ok(PathSet::of(graph.len(), members.filter(|&id| fits(id))))
    }
}

/// Some paths: all that one of several ways means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What they are called together.
    pub group: Option<String>,
    /// The ways; at least one.
    pub any: Vec<Which>,
}

impl Choice {
    /// What one way means.
    pub fn of(which: Which) -> Self {
        Self {
            group: None,
            any: vec![which],
        }
    }

    /// The members of the closure that are meant.
    pub fn members(&self, analysed: &Analysed) -> Result<PathSet, Cancelled> {
        let mut all = PathSet::empty(analysed.graph().len());
        for which in &self.any {
            all.extend(which.members(analysed)?.iter());
        }
        Ok(all)
    }

    /// Whether it means the same paths in the same words, whatever the group is called.
    pub fn is_same(&self, other: &Self) -> bool {
        self.any == other.any
    }

    pub(super) fn asks_for_accidents(&self) -> bool {
        self.queries().any(Query::asks_for_accidents)
    }

    pub(super) fn asks_for_disk_sizes(&self) -> bool {
        let on_disk = |query: &Query| {
            let metrics = query.metrics().into_iter();
            metrics
                .flat_map(|metric| metric.needs().to_vec())
                .any(|need| need == Need::DiskSizes)
        };
        self.queries().any(on_disk)
    }

    pub(super) fn is_query(&self) -> bool {
        self.queries().next().is_some()
    }

    fn queries(&self) -> impl Iterator<Item = &Query> {
        self.any.iter().filter_map(|which| match which {
            Which::Query(_, query) => Some(&**query),
            _ => None,
        })
    }
}

/// As it is called, or as it was written: `package perl, name perl-*`.
impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(group) = &self.group {
            return f.write_str(&crate::text::sanitise(group));
        }
        let mut last = "";
        for (at, which) in self.any.iter().enumerate() {
            if at > 0 {
                f.write_str(", ")?;
            }
            if which.key() != last {
                last = which.key();
                write!(f, "{last} ")?;
            }
            f.write_str(&crate::text::sanitise(which.text()))?;
        }
        Ok(())
    }
}
