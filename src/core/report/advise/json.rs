//! Advice as JSON.

use std::io::{self, Write};

use serde::Serialize;

use crate::analysis::advice::Suggestion;

use super::Advised;
use crate::report::json::{self, Freed, Paths};
use crate::report::what_if::WishBody;

impl Advised<'_> {
    /// Writes the JSON document, with all of the advice.
    pub fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        let releases = self.advice.releases.iter().map(ToString::to_string);
        let body = Body {
            config: self.config,
            machine: self.advice.machine.key(),
            releases: releases.collect(),
            together: Freed::of(&self.advice.together),
            advice: self.advice.list.iter().map(|one| self.entry(one)).collect(),
        };
        json::write(out, self.subject, "advise", body)
    }

    fn entry<'b>(&'b self, advice: &'b Suggestion) -> SuggestionBody<'b> {
        let graph = self.subject.graph();
        SuggestionBody {
            kind: advice.kind.key(),
            title: &advice.title,
            hint: advice.hint.as_deref(),
            about: Paths(graph, &advice.about),
            freed: Freed::of(&advice.freed),
            beyond: Freed::of(&advice.beyond),
            inside: advice.inside,
            confidence: advice.confidence.key(),
            risk: advice.risk.key(),
            steps: advice
                .steps
                .iter()
                .map(|step| WishBody::of(graph, step))
                .collect(),
            how: &advice.how,
            effect: advice.effect.as_deref(),
            condition: advice.condition.as_deref(),
            held_by: Paths(graph, &advice.holders),
            shares: &advice.shares,
            instead: advice.instead,
            source: advice.source.as_deref(),
        }
    }
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    config: Option<&'a str>,
    machine: &'static str,
    releases: Vec<String>,
    together: Freed,
    advice: Vec<SuggestionBody<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SuggestionBody<'a> {
    kind: &'static str,
    title: &'a str,
    hint: Option<&'a str>,
    about: Paths<'a>,
    freed: Freed,
    beyond: Freed,
    inside: Option<u64>,
    confidence: &'static str,
    risk: &'static str,
    steps: Vec<WishBody<'a>>,
    how: &'a str,
    effect: Option<&'a str>,
    condition: Option<&'a str>,
    held_by: Paths<'a>,
    shares: &'a [usize],
    instead: bool,
    source: Option<&'a str>,
}
