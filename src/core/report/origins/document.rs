//! The JSON of `origins`, and the key `origins` of other documents.

use serde::Serialize;

use super::is_own;
use crate::analysis::Analysed;
use crate::analysis::origin::{Brought, By, League, Switch};
use crate::model::PathId;
use crate::report::json::{Path, Paths, Totals};

/// One definition.
#[expect(clippy::struct_excessive_bools, reason = "each is a key of its own")]
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DefinitionBody<'a> {
    option: &'a str,
    file: Option<&'a str>,
    line: Option<u32>,
    likely_line: bool,
    own: Option<bool>,
    generated: bool,
    read_off_name: bool,
    matched_by_name: bool,
    alternative: Option<&'a str>,
    via: Option<Path<'a>>,
    switches: Vec<SwitchBody<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SwitchBody<'a> {
    option: &'a str,
    file: &'a str,
    line: Option<u32>,
    likely_line: bool,
    own: bool,
    by_default: bool,
    value: &'a str,
}

impl<'a> SwitchBody<'a> {
    fn of(switch: &'a Switch) -> Self {
        Self {
            option: &switch.option,
            file: &switch.place.file,
            line: switch.place.line,
            likely_line: switch.place.is_likely,
            own: switch.place.own,
            by_default: switch.by_default,
            value: &switch.value,
        }
    }
}

impl<'a> DefinitionBody<'a> {
    fn of(subject: &'a Analysed, brought: &Brought<'a>) -> Self {
        let definition = brought.definition;
        let place = definition.place.as_ref();
        Self {
            option: &definition.option,
            file: place.map(|place| place.file.as_str()),
            line: place.and_then(|place| place.line),
            likely_line: place.is_some_and(|place| place.is_likely),
            own: is_own(definition),
            generated: definition.is_generated,
            read_off_name: definition.is_inferred,
            matched_by_name: definition.is_by_name,
            alternative: definition.also,
            via: brought.via.map(|via| Path(subject.graph(), via)),
            switches: definition.switches.iter().map(SwitchBody::of).collect(),
        }
    }
}

/// The definitions that bring a path.
pub(crate) fn definitions(subject: &Analysed, path: PathId) -> Vec<DefinitionBody<'_>> {
    let (graph, closure) = (subject.graph(), subject.closure());
    let found = subject.origins().bringing(graph, closure, path);
    found
        .iter()
        .map(|brought| DefinitionBody::of(subject, brought))
        .collect()
}

#[derive(Debug, Serialize)]
struct Origin<'a> {
    path: Path<'a>,
    definitions: Vec<DefinitionBody<'a>>,
}

#[derive(Debug, Serialize)]
struct NotEvaluated<'a> {
    option: &'a str,
    error: &'a str,
}

/// The body of a document about some paths.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OriginsBody<'a> {
    config: Option<&'a str>,
    origins: Vec<Origin<'a>>,
    not_evaluated: Vec<NotEvaluated<'a>>,
}

impl<'a> OriginsBody<'a> {
    /// What brings each of some paths.
    pub(super) fn of(subject: &'a Analysed, paths: &[PathId]) -> Self {
        let origins = subject.origins();
        let each = |&path: &PathId| Origin {
            path: Path(subject.graph(), path),
            definitions: definitions(subject, path),
        };
        let left_out = origins.not_evaluated().iter();
        Self {
            config: origins.config(),
            origins: paths.iter().map(each).collect(),
            not_evaluated: left_out
                .map(|(option, error)| NotEvaluated { option, error })
                .collect(),
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Standing<'a> {
    option: Option<&'a str>,
    file: Option<&'a str>,
    own: Option<bool>,
    read_off_name: bool,
    paths: Paths<'a>,
    needs: Totals,
    retained: Totals,
    share: u64,
}

/// The body of a document about a whole configuration.
#[derive(Debug, Serialize)]
pub(super) struct LeagueBody<'a> {
    by: &'static str,
    standings: Vec<Standing<'a>>,
    #[serde(flatten)]
    origins: OriginsBody<'a>,
}

impl<'a> LeagueBody<'a> {
    /// The league, and what brings each path that a definition names.
    pub(super) fn of(subject: &'a Analysed, league: &'a League, by: By) -> Self {
        let graph = subject.graph();
        let mut named = subject.origins().named();
        named.retain(|&path| subject.closure().contains(path));
        let standing = |one: &'a crate::analysis::origin::Standing| {
            let key = one.key.as_deref();
            let total = |total: crate::analysis::Total| {
                Totals::new(total.paths, total.nar_size, total.unknown)
            };
            Standing {
                option: key.filter(|_| by == By::Option),
                file: key.filter(|_| by == By::File),
                own: one.own,
                read_off_name: one.is_inferred,
                paths: Paths(graph, &one.paths),
                needs: total(one.needs),
                retained: total(one.retained),
                share: one.share,
            }
        };
        Self {
            by: match by {
                By::Option => "option",
                By::File => "file",
            },
            standings: league.0.iter().map(standing).collect(),
            origins: OriginsBody::of(subject, &named),
        }
    }
}
