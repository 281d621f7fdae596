//! `why`: what brings a path in, and what it takes to get it out.
//!
//! ```text
//! Why is source here?
//!   50.2 MiB itself · 50.2 MiB leave with it · 1 chain · 1 referrer · 1 reference to cut
//!
//!   shortest chain
//!      6.5 KiB     1.5 GiB  debian-system-12
//!     13.8 KiB   245.5 MiB  └─ etc
//!        280 B    50.2 MiB     └─ etc-nix-registry.json
//!     50.2 MiB    50.2 MiB        └─ source
//! ```

use std::cmp::Reverse;
use std::io::{self, Write};
use std::rc::Rc;

use num_bigint::BigUint;
use serde::Serialize;

use crate::analysis::CutError;
use crate::analysis::cut::{BestCut, Cutter, cut_size};
use crate::analysis::why::{ChainCount, Why};
use crate::job::Cancelled;
use crate::model::PathId;
use crate::source::evidence::Evidence;
use crate::text;

use super::cut::CutAnswer;
use super::evidence::Edge;
use super::json::{self, Each, Path, Paths, Shown};
use super::lines::Lines;
use super::origins::{DefinitionBody, definitions};
use super::paper::{Ink, Paper};
use super::tree::{Direction, Tree};
use crate::analysis::Analysed;

/// Referrers that are listed unless all are asked for.
const REFERRERS: usize = 20;
/// Decimal digits up to which a number of chains is written out.
const DIGITS: usize = 15;

/// One explanation, ready to be printed.
#[derive(Debug)]
pub struct Explanation<'a> {
    subject: &'a Analysed,
    why: Why,
    retained: (Option<u64>, u32),
    cut_size: Option<u32>,
    /// The best cut with the trade-off around it; `None` for a root.
    best: Option<BestCut>,
    /// The tree of everything on some chain, from the target up, if it was asked for.
    all: Option<Tree<'a>>,
    /// What holds the references shown, if it was looked for.
    proof: Option<Proof>,
}

/// References with what was found in files.
#[derive(Debug)]
struct Proof {
    edges: Vec<Edge>,
    evidence: Rc<Evidence>,
}

impl<'a> Explanation<'a> {
    /// Explains a member of the closure; with `all`, by every reference on some chain. `None` outside the closure.
    pub fn of(subject: &'a Analysed, target: PathId, all: bool) -> Result<Option<Self>, Cancelled> {
        let (graph, closure) = (subject.graph(), subject.closure());
        let dominators = subject.dominators()?;
        let Some(why) = Why::of(graph, closure, subject.order(), dominators, target) else {
            return Ok(None);
        };
        let tree = || Tree::of(subject, Direction::Referrers, &[target], None);
        let cutter = Cutter::new(graph, closure, dominators);
        let best = match cutter.best(target, &|_, _| false, subject.progress()) {
            Err(CutError::Cancelled(cancelled)) => return Err(cancelled),
            found => found.ok(),
        };
        Ok(Some(Self {
            subject,
            why,
            retained: (
                dominators.retained_size(target),
                dominators.retained_count(target),
            ),
            cut_size: cut_size(graph, closure, target, subject.progress())?,
            best,
            all: if all { Some(tree()?) } else { None },
            proof: None,
        }))
    }

    /// The references that are shown: the shortest chain's, those of all referrers, and with `all` those on any chain.
    pub fn edges(&self) -> Vec<Edge> {
        let target = self.why.target;
        let chain = self.why.shortest_chain.windows(2);
        let mut edges: Vec<Edge> = chain.map(|pair| (pair[0], pair[1])).collect();
        let mut more: Vec<Edge> = match self.all {
            Some(_) => self.why.edges(self.subject.graph()).collect(),
            None => self
                .why
                .referrers
                .iter()
                .map(|&from| (from, target))
                .collect(),
        };
        let dominators = self.subject.dominators().ok();
        more.retain(|edge| !edges.contains(edge));
        // As the referrers are listed: largest retained size first.
        more.sort_by_key(|&(from, _)| {
            Reverse(dominators.and_then(|dominators| dominators.retained_size(from)))
        });
        edges.extend(more);
        edges
    }

    /// Adds what was found for [`Explanation::edges`].
    pub fn prove(&mut self, evidence: Rc<Evidence>) {
        let edges = self.edges();
        self.proof = Some(Proof { edges, evidence });
    }

    /// Writes the explanation for people.
    pub fn text(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        let label = self.subject.label(self.why.target);
        writeln!(out, "Why is {} here?", paper.paint(Ink::Strong, &label))?;
        writeln!(out, "  {}", self.facts(paper).join(" · "))?;
        let lines = Lines::new(self.subject, paper);
        paper.heading(out, "shortest chain")?;
        lines.chain(out, &self.why.shortest_chain)?;
        super::origins::definitions_text(self.subject, self.why.target, paper, out)?;
        if !self.why.choke_points.is_empty() {
            paper.heading(out, "every chain passes through")?;
            lines.plain(out, Ink::Key, &self.why.choke_points)?;
        }
        if !self.why.referrers.is_empty() {
            let most = self.all.as_ref().map_or(REFERRERS, |_| usize::MAX);
            let count = text::count(self.why.referrers.len() as u64);
            paper.heading(out, &format!("referrers ({count})"))?;
            lines.largest(out, &self.why.referrers, most)?;
        }
        if let Some(best) = &self.best {
            super::cut::front(paper, out, best)?;
        }
        if let Some(tree) = &self.all {
            paper.heading(out, "everything that holds it, from here up")?;
            tree.body(paper, out)?;
        }
        if let Some(Proof { edges, evidence }) = &self.proof {
            let most = if self.all.is_some() {
                usize::MAX
            } else {
                REFERRERS
            };
            let shown = &edges[..edges.len().min(most)];
            super::evidence::text(self.subject, evidence, shown, paper, out)?;
        }
        Ok(())
    }

    fn facts(&self, paper: Paper) -> Vec<String> {
        let (retained, count) = self.retained;
        let nar = self.subject.graph().nar_size(self.why.target);
        let size = |bytes: Option<u64>| {
            bytes.map_or("unknown size".to_owned(), |bytes| {
                paper.size_in_words(bytes)
            })
        };
        let leave = match count {
            1 => format!("{} leave with it", size(retained)),
            _ => format!(
                "{} leave with it ({})",
                size(retained),
                text::counted(count as usize, "path")
            ),
        };
        let mut facts = vec![format!("{} itself", size(nar)), leave];
        facts.push(chains(&self.why.chains));
        facts.push(text::counted(self.why.referrers.len(), "referrer"));
        facts.push(match &self.best {
            Some(cut) => {
                let size = text::counted(cut.best.references.len(), "reference");
                format!("{size} to cut")
            }
            None => "a root: it is there because it was asked for".to_owned(),
        });
        facts
    }

    /// Writes the JSON document.
    pub fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        let graph = self.subject.graph();
        let edges = Each(|| {
            self.why
                .edges(graph)
                .map(|edge| json::Edge::new(graph, edge))
        });
        let proof = self
            .proof
            .as_ref()
            .map(|proof| Each(|| super::evidence::rows(graph, &proof.evidence, &proof.edges)));
        let totals = self
            .proof
            .as_ref()
            .map(|proof| Each(|| super::evidence::totals(graph, &proof.evidence, &proof.edges)));
        let body = Body {
            target: Path(graph, self.why.target),
            nar_size: graph.nar_size(self.why.target),
            retained_size: self.retained.0,
            referrers: Paths(graph, &self.why.referrers),
            shortest_chain: Paths(graph, &self.why.shortest_chain),
            chains: Shown(self.why.chains.value()),
            chains_exact: matches!(self.why.chains, ChainCount::Exactly(_)),
            choke_points: Paths(graph, &self.why.choke_points),
            cut_size: self.cut_size,
            best: self
                .best
                .as_ref()
                .map(|cut| CutAnswer::of(graph, &cut.best)),
            edges: self.all.as_ref().map(|_| edges),
            origins: definitions(self.subject, self.why.target),
            evidence: proof,
            evidence_totals: totals,
        };
        json::write(out, self.subject, "why", body)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a, E, P, T> {
    target: Path<'a>,
    nar_size: Option<u64>,
    retained_size: Option<u64>,
    referrers: Paths<'a>,
    shortest_chain: Paths<'a>,
    chains: Shown<&'a BigUint>,
    chains_exact: bool,
    choke_points: Paths<'a>,
    cut_size: Option<u32>,
    best: Option<CutAnswer<'a>>,
    origins: Vec<DefinitionBody<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    edges: Option<E>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<P>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence_totals: Option<T>,
}

/// A number of chains in words: with too many digits to be read, the first ones and the magnitude.
fn chains(chains: &ChainCount) -> String {
    let digits = chains.value().to_string();
    let bound = match chains {
        ChainCount::Exactly(_) => "",
        ChainCount::AtLeast(_) => "at least ",
    };
    if digits == "1" {
        return "1 chain".to_owned();
    }
    if digits.len() <= DIGITS {
        let count: u64 = digits.parse().unwrap_or(u64::MAX);
        return format!("{bound}{} chains", text::count(count));
    }
    let about = if bound.is_empty() { "about " } else { bound };
    let (first, magnitude) = (&digits[..1], digits.len() - 1);
    format!("{about}{first}.{} × 10^{magnitude} chains", &digits[1..2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_of_chains_are_told_by_magnitude() {
        let words = |count: BigUint| chains(&ChainCount::Exactly(count));
        assert_eq!(words(1_u8.into()), "1 chain");
        assert_eq!(words(1444_u32.into()), "1 444 chains");
        assert_eq!(
            words(BigUint::from(1_u8) << 100),
            "about 1.2 × 10^30 chains"
        );
        assert_eq!(
            chains(&ChainCount::AtLeast(BigUint::from(1_u8) << 64)),
            "at least 1.8 × 10^19 chains"
        );
    }
}
