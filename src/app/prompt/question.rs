//! Questions answered in the footer: which file to write or to read. The files themselves are touched by jobs.

use std::io;
use std::path::Path;
use std::sync::Arc;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::analysis::plan::{Plan, PlanFile};
use crate::analysis::what_if::{Outcome, Step, what_if};
use crate::job::{Cancelled, Progress};
use crate::model::Warning;
use crate::report::{Subject, csv::Spreadsheet, markdown};
use crate::source::formats::snapshot;
use crate::text::{self, Units};
use crate::user_files::{self, UserFileError};

use super::Line;
use super::filenames::Filenames;
use crate::app::App;
use crate::app::commands::OF_ROOT;
use crate::app::facts::Facts;
use crate::app::jobs::work::Work;
use crate::app::views::plan;

/// What a file is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// Write the plan.
    SavePlan,
    /// Read a plan.
    LoadPlan,
    /// Write a report: what it is, the file's ending tells.
    Export,
}

impl Question {
    /// What stands before the line.
    pub fn title(self) -> &'static str {
        match self {
            Self::SavePlan => "save the plan to",
            Self::LoadPlan => "load a plan from",
            Self::Export => "export to",
        }
    }

    /// What its answer has to be like, if that is not plain.
    pub fn wants(self) -> &'static str {
        match self {
            Self::SavePlan | Self::LoadPlan => "",
            Self::Export => ".md, .csv or .heft  ",
        }
    }

    fn proposal(self) -> &'static str {
        match self {
            Self::SavePlan | Self::LoadPlan => "nix-heft-plan.toml",
            Self::Export => "nix-heft-plan.md",
        }
    }
}

/// A question, and what was typed so far.
#[derive(Debug, Clone)]
pub struct Ask {
    /// What is asked.
    pub question: Question,
    /// The answer.
    pub line: Line,
    /// The file that is there already: to give its name again is to write over it.
    pub over: Option<String>,
    /// What tab found.
    pub names: Option<Filenames>,
}

/// A file to be written.
#[derive(Debug, Clone)]
pub struct Writing {
    /// As typed.
    pub path: String,
    /// May a file of that name be written over?
    pub over: bool,
    /// What was asked.
    pub question: Question,
    /// What it is about.
    pub facts: Facts,
    /// The plan.
    pub steps: Vec<Step>,
}

/// What became of a file.
#[derive(Debug)]
pub enum Filed {
    /// It was written.
    Written(String),
    /// There is a file of that name.
    Exists(Question, String),
    /// A plan was read from it.
    Read(String, PlanFile),
    /// It could not be written or read.
    Failed(String),
}

/// What a file's ending asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Markdown,
    Csv,
    Snapshot,
}

impl Ending {
    fn of(path: &str) -> Option<Self> {
        let (name, ending) = path.rsplit_once('.')?;
        let named = !name.is_empty() && !name.ends_with('/');
        match ending {
            "md" if named => Some(Self::Markdown),
            "csv" if named => Some(Self::Csv),
            "heft" if named => Some(Self::Snapshot),
            _ => None,
        }
    }
}

impl Writing {
    /// Writes it, sizes in `units` where it is a page to read.
    pub fn run(self, units: Units, progress: &Progress) -> Result<Filed, Cancelled> {
        progress.start("writing", 0);
        let graph = self.facts.graph();
        let closure = self.facts.closure();
        let ending = match self.question {
            Question::Export => Ending::of(&self.path),
            _ => None,
        };
        let written = match ending {
            None => {
                let text = PlanFile::of(graph, &self.steps).to_text();
                self.put(|out| out.write_all(text.as_bytes()))
            }
            Some(Ending::Markdown) => match self.outcome(progress)? {
                Ok(mut outcome) => {
                    plan::heaviest_first(&self.facts, &mut outcome.held);
                    self.put(|out| markdown::plan(graph, closure, &outcome, units, out))
                }
                Err(message) => return Ok(Filed::Failed(message)),
            },
            Some(Ending::Csv) => {
                let shared = Arc::clone(&self.facts.snapshot.graph);
                let subject = Subject::new(shared, closure.roots(), progress.clone());
                let sheet = Spreadsheet::of(&subject)?;
                self.put(|out| sheet.write(out))
            }
            Some(Ending::Snapshot) => {
                let roots = closure.roots();
                let title: Vec<&str> = roots.iter().map(|&root| graph.name(root)).collect();
                let mut found = Arc::clone(&self.facts.snapshot.found);
                if let Some(evidence) = self.facts.extras.evidence() {
                    Arc::make_mut(&mut found).add_evidence(graph, closure, evidence);
                }
                self.put(|out| {
                    snapshot::write_found(out, graph, roots, &title.join(", "), &[], &found)
                })
            }
        };
        Ok(match written {
            Ok(()) => Filed::Written(self.path),
            Err(UserFileError::Exists(_)) => Filed::Exists(self.question, self.path),
            Err(error) => Filed::Failed(error.to_string()),
        })
    }

    fn outcome(&self, progress: &Progress) -> Result<Result<Outcome, String>, Cancelled> {
        let outcome = what_if(
            self.facts.graph(),
            self.facts.closure(),
            &self.steps,
            progress,
        );
        progress.check()?;
        Ok(outcome.map_err(|error| error.to_string()))
    }

    fn put(
        &self,
        content: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
    ) -> Result<(), UserFileError> {
        let store_dir = self.facts.graph().store_dir();
        user_files::write(
            &user_files::expand_home(&self.path),
            self.over,
            store_dir,
            content,
        )
    }
}

/// Reads a plan.
pub fn read_plan(path: String) -> Filed {
    let read = user_files::read(&user_files::expand_home(&path)).map_err(|error| error.to_string());
    let parsed = read.and_then(|text| {
        PlanFile::parse(&text).map_err(|error| {
            let message = error.to_string();
            format!("{path}: {}", message.lines().next().unwrap_or_default())
        })
    });
    match parsed {
        Ok(plan) => Filed::Read(path, plan),
        Err(message) => Filed::Failed(message),
    }
}

impl App {
    /// Asks for a file.
    pub(crate) fn ask(&mut self, question: Question) {
        self.ask = Some(Ask {
            question,
            line: Line::new(question.proposal()),
            over: None,
            names: None,
        });
    }

    /// A key while a question is asked.
    pub(crate) fn ask_key(&mut self, key: KeyEvent) {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Esc => self.ask = None,
            KeyCode::Char('c') if control => self.ask = None,
            KeyCode::Enter => self.answer(),
            KeyCode::Tab => self.complete_file(true),
            KeyCode::BackTab => self.complete_file(false),
            _ => {
                if let Some(ask) = &mut self.ask {
                    ask.names = None;
                    ask.line.key(key);
                }
            }
        }
    }

    fn answer(&mut self) {
        let (Some(ask), Some(facts)) = (self.ask.take(), &self.facts) else {
            return;
        };
        let path = ask.line.text().trim().to_owned();
        if path.is_empty() {
            return;
        }
        if ask.question == Question::LoadPlan {
            return self.start(Work::ReadPlan(path));
        }
        if ask.question == Question::Export && Ending::of(&path).is_none() {
            self.message = Some("the name must end in .md, .csv or .heft".to_owned());
            self.ask = Some(ask);
            return;
        }
        let of_plan = ask.question == Question::SavePlan;
        if of_plan && ends_like_another_format(&path) {
            self.message =
                Some("a plan is TOML: its name must not end in another format".to_owned());
            self.ask = Some(ask);
            return;
        }
        self.kept.writing = of_plan.then(|| self.shared.plan.steps().to_vec());
        let writing = Writing {
            over: ask.over.as_ref() == Some(&path),
            question: ask.question,
            facts: facts.clone(),
            steps: self.shared.plan.steps().to_vec(),
            path,
        };
        self.start(Work::Write(Box::new(writing)));
    }

    /// What became of a file.
    pub(crate) fn filed(&mut self, filed: Filed) {
        match filed {
            Filed::Written(path) => {
                self.kept();
                self.message = Some(format!("wrote {path}"));
            }
            Filed::Failed(message) => self.message = Some(message),
            Filed::Exists(question, path) => {
                self.message = Some(format!("{path} is there already: enter writes over it"));
                // Who is busy with another question by now is not to be surprised.
                if self.ask.is_none() && self.search.is_none() && self.overlay.is_none() {
                    self.ask = Some(Ask {
                        question,
                        line: Line::new(&path),
                        over: Some(path),
                        names: None,
                    });
                }
            }
            Filed::Read(path, plan) => {
                let notes = self.take_plan(&plan);
                let read = format!("{path}: {}", text::counted(plan.len(), "step"));
                self.message = Some(match notes {
                    0 => read,
                    _ => format!("{read}, {notes} left out: see warnings (!)"),
                });
            }
        }
    }

    /// Puts the steps of a plan that apply here into the plan; says of the others why they do not. Gives their number.
    pub(crate) fn take_plan(&mut self, plan: &PlanFile) -> usize {
        let Some(facts) = &self.facts else { return 0 };
        let applied = plan.apply(facts.graph(), facts.closure());
        let of_root = |step: &Step| matches!(*step, Step::Replace { old, .. } if self.is_root(old));
        let (refused, steps): (Vec<Step>, Vec<Step>) = applied.steps.into_iter().partition(of_root);
        let refused = refused.iter().filter_map(|step| match *step {
            Step::Replace { old, .. } => Some(format!("replace {}: {OF_ROOT}", facts.label(old))),
            _ => None,
        });
        let notes = applied.notes.iter().map(ToString::to_string);
        let warning = |note: String| Warning {
            kind: "left out of the plan".to_owned(),
            count: 1,
            examples: vec![note],
        };
        self.plan_notes = notes.chain(refused).map(warning).collect();
        let alone = self.shared.plan.is_empty() && self.plan_notes.is_empty();
        self.change_plan(|plan: &mut Plan| plan.extend(steps));
        if alone {
            self.keep_plan();
        }
        self.plan_notes.len()
    }
}

/// Would a plan of this name be taken for something else?
fn ends_like_another_format(path: &str) -> bool {
    let ending = Path::new(path)
        .extension()
        .and_then(|ending| ending.to_str());
    let others = ["json", "md", "csv", "heft", "dot"];
    ending.is_some_and(|ending| {
        others
            .iter()
            .any(|other| ending.eq_ignore_ascii_case(other))
    })
}
