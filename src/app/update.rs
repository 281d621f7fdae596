//! What boxes and lines being typed want done: the explorer's side of [`Dialog`].

use ratatui::crossterm::event::KeyEvent;

use super::commands::OF_ROOT;
use super::dialogs::{self, Dialog, DialogContext, Found, Host, Reply};
use super::facts::Field;
use super::jobs::files::{FileResult, Writing};
use super::jobs::work::{Kind, Work};
use super::keys::command::Command;
use super::keys::fixed;
use super::outcome::Outcome;
use super::prompt::Prompt;
use super::prompt::question::{FileQuestion, Question};
use super::prompt::search::{Search, Searches};
use super::{App, Focus, View};
use crate::analysis::plan::{Plan, PlanFile};
use crate::analysis::what_if::Step;
use crate::model::Warning;
use crate::text;

impl Host for App {
    fn why_not(&self, command: Command) -> Option<String> {
        self.obstacle(command).map(str::to_owned)
    }

    fn columns(&self) -> (&[Field], Vec<Field>) {
        let width = self.areas().map_or(0, |areas| areas.main.width);
        let columns = self.views.packages.columns(width, self.shared.look.units);
        let placed = columns.places.iter().map(|place| place.field);
        (&self.views.packages.fields, placed.collect())
    }

    fn warnings(&self) -> Vec<String> {
        let warnings = self.warnings();
        warnings.into_iter().map(ToString::to_string).collect()
    }

    fn messages(&self) -> Vec<String> {
        self.messages.iter().map(str::to_owned).collect()
    }

    fn searches(&self) -> &Searches {
        &self.searches
    }

    fn trouble(&self) -> Option<&str> {
        self.views.packages.trouble()
    }
}

impl App {
    /// What a box may read.
    pub(crate) fn dialog_context(&self) -> DialogContext<'_> {
        DialogContext {
            facts: self.facts.as_ref(),
            shared: &self.shared,
            host: self,
        }
    }

    /// Opens a box, in place of one that is open.
    pub(crate) fn open_dialog(&mut self, dialog: impl Dialog + 'static) {
        let work = dialog.begins_with(self.dialog_context());
        self.dialog = Some(Box::new(dialog));
        if let Some(work) = work {
            self.start(work);
        }
    }

    /// Lets the open box do something, and does what it wants done. Tells whether there is a box and it took the event.
    fn in_dialog(&mut self, act: impl FnOnce(&mut dyn Dialog, DialogContext<'_>) -> Reply) -> bool {
        let Some(mut dialog) = self.dialog.take() else {
            return false;
        };
        let reply = act(&mut *dialog, self.dialog_context());
        if matches!(reply, Reply::Stay | Reply::Do(_)) {
            self.dialog = Some(dialog);
        }
        self.follow(reply)
    }

    fn follow(&mut self, reply: Reply) -> bool {
        match reply {
            Reply::Stay | Reply::Close => {}
            Reply::Pass => return false,
            Reply::Do(outcome) | Reply::Then(outcome) => self.carry_out(outcome),
        }
        true
    }

    pub(super) fn dialog_key(&mut self, event: KeyEvent) -> bool {
        self.in_dialog(|dialog, cx| dialog.key(cx, event))
    }

    /// A click at a cell, or a notch of the wheel if there are rows.
    pub(super) fn dialog_mouse(&mut self, at: (u16, u16), rows: isize, double: bool) -> bool {
        self.in_dialog(|dialog, cx| {
            if rows == 0 {
                return dialogs::click(dialog, cx, at, double);
            }
            dialogs::go(dialog, cx, |cursor, len, height| {
                cursor.scroll(rows, len, height);
            });
            Reply::Stay
        })
    }

    /// Text that was pasted.
    pub(super) fn dialog_paste(&mut self, text: &str) -> bool {
        self.in_dialog(|dialog, cx| match dialog.line() {
            Some(line) => {
                line.paste(text);
                dialog.typed(cx)
            }
            None => Reply::Stay,
        })
    }

    /// What a job found for a box or a line that may be closed by now.
    pub(super) fn dialog_takes(&mut self, found: Found) {
        match found {
            Found::Names(..) => self.in_prompt(|prompt, _| prompt.take(found)),
            _ => self.in_dialog(|dialog, cx| dialog.take(cx, found)),
        };
    }

    /// Jobs whose results only a box or a line takes end with it.
    pub(super) fn drop_jobs_of_dialogs(&mut self) {
        let of_dialog = self.dialog.as_ref().and_then(|dialog| dialog.waits_for());
        let of_prompt = self.prompt.as_ref().and_then(Prompt::waits_for);
        let wanted = [of_dialog, of_prompt];
        for kind in Kind::OF_DIALOGS {
            if !wanted.contains(&Some(kind)) && self.jobs.runs(kind) {
                let effect = self.jobs.cancel(kind);
                self.effects.push(effect);
            }
        }
    }

    /// Does what a view, a box or a line wants done.
    pub(crate) fn carry_out(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::None => {}
            Outcome::Select => self.select_current(),
            Outcome::Selected(id) => self.shared.selected = id,
            Outcome::Remembered(outcome) => {
                self.remember();
                self.carry_out(*outcome);
            }
            Outcome::Back => self.back(),
            Outcome::Tree(mode, top) => self.root_tree_at(mode, top),
            Outcome::Why(id, reference) => {
                self.shared.selected = Some(id);
                self.show(View::Why);
                if let Some(reference) = reference {
                    self.views.why.seek(reference);
                }
            }
            Outcome::Give(command) => self.act(command),
            Outcome::Toggle(steps) => self.toggle_all(steps),
            Outcome::Find(text) => self.find(text),
            Outcome::Sort(sort) => self.sort(sort),
            Outcome::Column(field) => self.toggle_column(field),
            Outcome::KeepSearch(text) => self.keep_search(text),
            Outcome::Write {
                question,
                over,
                path,
            } => self.write(question, over, path),
            Outcome::Say(message) => self.message = Some(message),
            Outcome::Start(work) => self.start(work),
            Outcome::Effect(effect) => self.effects.push(effect),
            Outcome::All(outcomes) => {
                for outcome in outcomes {
                    self.carry_out(outcome);
                }
            }
        }
    }

    /// Whether a box is open or a line is typed.
    pub(super) fn is_busy(&self) -> bool {
        self.dialog.is_some() || self.prompt.is_some()
    }

    /// Lets the line being typed do something, as [`App::in_dialog`] does with a box.
    fn in_prompt(&mut self, act: impl FnOnce(&mut Prompt, DialogContext<'_>) -> Reply) -> bool {
        let Some(mut prompt) = self.prompt.take() else {
            return false;
        };
        let reply = act(&mut prompt, self.dialog_context());
        if matches!(reply, Reply::Stay | Reply::Do(_)) {
            self.prompt = Some(prompt);
        }
        self.follow(reply)
    }

    pub(super) fn prompt_key(&mut self, event: KeyEvent) -> bool {
        self.in_prompt(|prompt, cx| prompt.key(cx, event))
    }

    /// Opens the line of a search.
    pub(super) fn open_search(&mut self) {
        if self.view != View::Packages || self.focus != Focus::Main {
            self.show(View::Packages);
        }
        let search = Search::narrowing(&self.views.packages.text);
        self.prompt = Some(Prompt::Search(search));
    }

    /// Asks for a file.
    pub(super) fn ask_for_file(&mut self, question: Question) {
        self.prompt = Some(Prompt::File(FileQuestion::new(question)));
    }

    /// Text that was pasted: into a box or the line being typed. A store path is searched for even where no line is open.
    pub(super) fn paste(&mut self, text: &str) {
        if self.dialog_paste(text) || self.in_prompt(|prompt, _| prompt.paste(text)) {
            return;
        }
        let Some(facts) = &self.facts else { return };
        if facts.graph().store_dir().containing(text.trim()).is_some() {
            self.open_search();
            self.prompt = Some(Prompt::Search(Search::default()));
            self.in_prompt(|prompt, _| prompt.paste(text));
        } else {
            let search = self.shared.keys.shown(Command::Search);
            self.message = Some(format!(
                "no store path was pasted; {search} searches for text"
            ));
        }
    }

    /// What is searched for holds once the line is gone.
    fn keep_search(&mut self, text: String) {
        // Why something could not be found out is to be read then.
        self.forgive_extra();
        self.views.packages.text.clone_from(&text);
        if !text.is_empty() {
            self.searches.note(&text);
            self.start(Work::Remember(text));
        }
    }

    fn write(&mut self, question: Question, over: bool, path: String) {
        let Some(facts) = self.facts.clone() else {
            return;
        };
        let steps = self.shared.plan.steps().to_vec();
        self.kept.writing = (question == Question::SavePlan).then(|| steps.clone());
        self.start(Work::Write(Box::new(Writing {
            path,
            over,
            question,
            facts,
            steps,
        })));
    }

    /// What became of a file.
    pub(crate) fn filed(&mut self, filed: FileResult) {
        match filed {
            FileResult::Written(path) => {
                self.kept();
                self.message = Some(format!("wrote {path}"));
            }
            FileResult::Failed(message) => self.message = Some(message),
            FileResult::Exists(question, path) => {
                self.message = Some(format!(
                    "{path} is there already: {} writes over it",
                    fixed::ENTER
                ));
                // A question asked meanwhile is not taken away.
                if !self.is_busy() {
                    let question = FileQuestion::again(question, path);
                    self.prompt = Some(Prompt::File(question));
                }
            }
            FileResult::Read(path, plan) => {
                let notes = self.take_plan(&plan);
                let read = format!("{path}: {}", text::counted(plan.len(), "step"));
                let warnings = self.shared.keys.named(Command::Warnings);
                self.message = Some(match notes {
                    0 => read,
                    _ => format!("{read}, {notes} left out: see {warnings}"),
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

    fn toggle_column(&mut self, field: Field) {
        self.forgive_extra();
        let fields = &mut self.views.packages.fields;
        if fields.contains(&field) {
            fields.retain(|&other| other != field);
        } else {
            fields.push(field);
            fields.sort_by_key(|field| Field::ALL.iter().position(|other| other == field));
        }
    }
}
