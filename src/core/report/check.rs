//! `check`: whether closures meet a budget, and why not. One file for each format; this one has what they share.

mod github;
mod gitlab;
mod json;
mod junit;
mod markdown;
mod sarif;
mod text;
mod words;

use std::io::{self, Write};
use std::rc::Rc;

use crate::analysis::Analysed;
use crate::analysis::budget::{Budget, Culprit, Day, Judgement, Rule, Verdict};
use crate::model::PathId;
use crate::source::evidence::Evidence;

use super::evidence::Edge;
use super::paper::Paper;

/// A budget, and what came of it for each closure.
#[derive(Debug)]
pub struct Check<'a> {
    /// The closure of all roots.
    pub subject: &'a Analysed,
    /// The budget.
    pub budget: &'a Budget,
    /// Where it stands, as it was named; `None` if it is made of options alone.
    pub file: Option<String>,
    /// What growth was measured against.
    pub baseline: Option<String>,
    /// The day exceptions had to count on.
    pub today: Day,
    /// The closures, each judged by itself.
    pub closures: Vec<Checked<'a>>,
}

/// One closure that was judged.
#[derive(Debug)]
pub struct Checked<'a> {
    /// The closure.
    pub analysed: &'a Analysed,
    /// What came of it.
    pub judgement: Judgement,
    /// What in the files makes the references that are shown, if that was looked for.
    pub evidence: Option<Rc<Evidence>>,
}

impl Check<'_> {
    /// Whether every closure may be as it is.
    pub fn passes(&self) -> bool {
        self.closures.iter().all(|one| one.judgement.passes())
    }

    /// Writes it for people.
    pub fn text(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        text::write(self, paper, out)
    }

    /// Writes the JSON document.
    pub fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        json::write(self, out)
    }

    /// Writes a comment of Markdown.
    pub fn markdown(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        markdown::write(self, paper.units, out)
    }

    /// Writes `JUnit`'s XML: a suite for each closure, a case for each rule.
    pub fn junit(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        junit::write(self, paper.units, out)
    }

    /// Writes SARIF 2.1.0: a result for each path that breaks a rule.
    pub fn sarif(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        sarif::write(self, paper.units, out)
    }

    /// Writes commands that GitHub's runners make annotations of.
    pub fn github(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        github::write(self, paper.units, out)
    }

    /// Writes a report of code quality as GitLab reads it.
    pub fn gitlab(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        gitlab::write(self, paper.units, out)
    }

    /// The rule of a verdict.
    fn rule(&self, verdict: &Verdict) -> &Rule {
        &self.budget.rules[verdict.rule]
    }

    /// Every rule that is not kept, with all paths that make it so.
    fn rules_broken(&self) -> Vec<Finding<'_>> {
        let closures = self.closures.iter();
        let broken = closures.flat_map(|checked| {
            checked.failing().map(|verdict| Finding {
                checked,
                rule: self.rule(verdict),
                verdict,
                culprit: None,
            })
        });
        broken.collect()
    }

    /// As [`Check::rules_broken`], with a finding for each path where a rule is about single paths.
    fn findings(&self) -> Vec<Finding<'_>> {
        self.parted(|rule| rule.kind.takes_exceptions())
    }

    /// As [`Check::rules_broken`], with a finding for each path.
    fn of_each_path(&self) -> Vec<Finding<'_>> {
        self.parted(|_| true)
    }

    fn parted(&self, parts: impl Fn(&Rule) -> bool) -> Vec<Finding<'_>> {
        let mut findings = Vec::new();
        for whole in self.rules_broken() {
            let culprits = &whole.verdict.culprits;
            if culprits.is_empty() || !parts(whole.rule) {
                findings.push(whole);
                continue;
            }
            findings.extend(culprits.iter().map(|culprit| Finding {
                culprit: Some(culprit),
                ..whole
            }));
        }
        findings
    }
}

impl Checked<'_> {
    /// The verdicts that do not pass.
    fn failing(&self) -> impl Iterator<Item = &Verdict> {
        let verdicts = self.judgement.verdicts.iter();
        verdicts.filter(|verdict| verdict.outcome.fails())
    }

    /// What the closure is called: its roots, in a few words.
    fn title(&self) -> String {
        let roots = self.analysed.closure().roots();
        let names = roots.iter().take(3).map(|&root| self.analysed.label(root));
        let names: Vec<String> = names.collect();
        match roots.len().saturating_sub(3) {
            0 => names.join(", "),
            more => format!("{} and {more} more", names.join(", ")),
        }
    }

    /// The references of the reasons that are told in full: those to cut, and those of the shortest chain.
    pub fn edges(&self) -> Vec<Edge> {
        let mut edges = Vec::new();
        for verdict in self.failing() {
            for culprit in verdict.culprits.iter().take(REASONS) {
                edges.extend(edges_of(culprit));
            }
        }
        edges.sort_unstable();
        edges.dedup();
        edges
    }
}

/// The references that a path's reasons name: those to cut first, then those of the chain.
fn edges_of(culprit: &Culprit) -> Vec<Edge> {
    let cut = culprit
        .cut
        .iter()
        .flat_map(|cut| cut.references.iter().copied());
    let mut edges: Vec<(PathId, PathId)> = cut.take(REFERENCES).collect();
    let chain = culprit.chain.windows(2).map(|pair| (pair[0], pair[1]));
    for edge in chain {
        if !edges.contains(&edge) {
            edges.push(edge);
        }
    }
    edges
}

/// One reason why a check does not pass.
#[derive(Clone, Copy)]
struct Finding<'a> {
    checked: &'a Checked<'a>,
    rule: &'a Rule,
    verdict: &'a Verdict,
    /// The path that it is about; `None` if it is about all that break the rule.
    culprit: Option<&'a Culprit>,
}

impl<'a> Finding<'a> {
    /// The paths that it is about.
    fn culprits(&self) -> &'a [Culprit] {
        match self.culprit {
            Some(one) => std::slice::from_ref(one),
            None => &self.verdict.culprits,
        }
    }
}

/// Paths of a rule whose reasons are told for people.
const REASONS: usize = 10;
/// References to cut that are told for people.
const REFERENCES: usize = 10;
