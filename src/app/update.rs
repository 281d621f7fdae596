//! What the mouse does, and what views, boxes and lines being typed want done.

use ratatui::crossterm::event::{KeyCode, KeyEvent, MouseButton, MouseEventKind};

use crate::analysis::plan::{Plan, PlanFile};
use crate::text;

use super::dialogs::{self, Dialog, DialogContext, Found, Reply};
use super::event::Mouse;
use super::facts::{Field, Sort};
use super::frame::mouse::{self, Spot};
use super::frame::signs;
use super::jobs::files::{FileResult, Writing};
use super::jobs::work::{Kind, Work};
use super::keys::command::Command;
use super::keys::fixed;
use super::outcome::Outcome;
use super::pane::{Click, Folding};
use super::prompt::Prompt;
use super::prompt::question::{FileQuestion, Question};
use super::prompt::search::Search;
use super::target::Fold;
use super::views::Wanted;
use super::views::list::Motion;
use super::{App, Place, planning};

/// Rows a notch of the wheel scrolls.
const NOTCH: isize = 3;

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
        let mut told = None;
        let open = self.in_dialog(|dialog, cx| match dialog.line() {
            Some(line) => {
                told = line.paste(text);
                dialog.typed(cx)
            }
            None => Reply::Stay,
        });
        if told.is_some() {
            self.message = told;
        }
        open
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
        self.carry_out_from(outcome, None);
    }

    /// The same; `place` is where one was before, if it is to be remembered as it was.
    pub(super) fn carry_out_from(&mut self, outcome: Outcome, place: Option<Place>) {
        match outcome {
            Outcome::None => {}
            Outcome::Select => self.select_current(),
            Outcome::Front => self.bring_to_front(self.view),
            Outcome::Reveal => self.reveal(),
            Outcome::Remembered(outcome) => {
                let place = place.unwrap_or_else(|| self.place());
                self.remember(place);
                self.carry_out(*outcome);
            }
            Outcome::Back => self.back(),
            Outcome::Tree(mode, top) => self.show_tree(mode, top),
            Outcome::Why(id, reference) => self.explain_path(id, reference),
            Outcome::GoTo(id) => self.go_to(id),
            Outcome::Files(id, category) => self.show_files(Some(id), category),
            Outcome::Give(command) => self.act(command),
            Outcome::Toggle(steps) => self.toggle_all(&steps),
            Outcome::Find(text) => self.find(text),
            Outcome::Refresh => self.refresh_rows(),
            Outcome::RetryColumns => {
                self.jobs.retry(Kind::Extra);
            }
            Outcome::Sort(sort) => self.sort(sort),
            Outcome::Column(field) => {
                self.jobs.retry(Kind::Extra);
                self.views.packages.turn_column(field);
            }
            Outcome::KeepSearch(text) => self.keep_search(text),
            Outcome::Write {
                question,
                over,
                path,
            } => self.write(question, over, path),
            Outcome::Say(message) => self.message = Some(message),
            Outcome::Shares(shares) => {
                if let Some(facts) = &mut self.facts {
                    facts.take_shares(shares);
                    self.refresh_rows();
                }
            }
            Outcome::Evidence(evidence, paths) => {
                if let Some(facts) = &mut self.facts {
                    facts.take_evidence(evidence, paths);
                }
            }
            Outcome::Start(work) => self.start(*work),
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
        self.jobs.retry(Kind::Extra);
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
        self.saved.writing = (question == Question::SavePlan).then(|| steps.clone());
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
                self.saved.written();
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
                let read = format!("{path}: {}", text::counted(plan.len(), "step"));
                self.message = Some(match self.take_plan(&plan) {
                    Some(more) => format!("{read}, {more}"),
                    None => read,
                });
            }
        }
    }

    /// Puts the steps of a plan that apply here into the plan. Says of others that they are done, or left out, if there
    /// are some.
    pub(super) fn take_plan(&mut self, plan: &PlanFile) -> Option<String> {
        let facts = self.facts.as_ref()?;
        let planning::Applied { steps, done, notes } =
            planning::applied(plan, facts, &self.shared.keys);
        self.plan_notes = notes;
        let others = done.len() + self.plan_notes.len();
        self.shared.done.extend(done);
        let alone = self.shared.plan.is_empty() && others == 0;
        self.change_plan(|plan: &mut Plan| plan.extend(steps));
        if alone {
            self.saved.note(self.shared.plan.steps());
        }
        let done = others - self.plan_notes.len();
        let done = (done > 0).then(|| format!("{} done already", text::count(done as u64)));
        let left_out = (!self.plan_notes.is_empty()).then(|| {
            let count = text::count(self.plan_notes.len() as u64);
            let warnings = self.shared.keys.named(Command::Warnings);
            format!("{count} left out: see {warnings}")
        });
        let said: Vec<String> = done.into_iter().chain(left_out).collect();
        (!said.is_empty()).then(|| said.join(", "))
    }

    /// The table shows what matches a text.
    pub(crate) fn find(&mut self, text: String) {
        if self.views.packages.set_text(text) {
            self.jobs.retry(Kind::Extra);
            self.refresh_rows();
        }
    }

    /// Sorts the table. Closure sizes that were cancelled are computed if they are what is sorted by.
    fn sort(&mut self, sort: Sort) {
        self.views.packages.sort_by(sort);
        if sort.field == Field::Closure
            && self.jobs.retry(Kind::Sizes)
            && let Some(facts) = self
                .facts
                .clone()
                .filter(|facts| !facts.is_ready(Field::Closure))
        {
            self.start(Work::Sizes(facts));
        }
        self.refresh_rows();
    }

    /// Asks for the rows of the table that are wanted now.
    pub(crate) fn refresh_rows(&mut self) {
        if let Some(facts) = self.facts.clone() {
            let steps = self.shared.plan.steps();
            let query = self.views.packages.query(&facts, steps);
            self.start(Work::Fill(facts, Wanted::Packages(Box::new(query))));
        }
    }
}

/// The mouse.
impl App {
    /// Takes notice of what the mouse did.
    pub(super) fn mouse(&mut self, Mouse { event, double }: Mouse) {
        if let MouseEventKind::Drag(MouseButton::Left) = event.kind {
            if self.side.dragged {
                self.side.width = Some((self.shared.size.0 + 1).saturating_sub(event.column));
            }
            return;
        }
        self.side.dragged = false;
        let rows = match event.kind {
            MouseEventKind::Down(MouseButton::Left) => 0,
            MouseEventKind::ScrollUp => -NOTCH,
            MouseEventKind::ScrollDown => NOTCH,
            _ => return,
        };
        let at = (event.column, event.row);
        if self.dialog_mouse(at, rows, double) {
            return;
        }
        let spot = mouse::spot(self, at);
        if rows != 0 {
            self.wheel(spot, rows);
        } else {
            self.click(spot, double);
        }
    }

    fn wheel(&mut self, spot: Spot, rows: isize) {
        if let Spot::Pane { focus, .. } = spot {
            self.focus = focus;
            self.go(Motion::Wheel(rows));
        }
    }

    fn click(&mut self, spot: Spot, double: bool) {
        let in_footer = matches!(spot, Spot::Footer(_));
        if self.message.take().is_some() && in_footer {
            // It stood in place of what can be done.
            return;
        }
        let asks = |prompt: &mut Prompt| !prompt.is_search();
        if !in_footer && self.prompt.take_if(asks).is_some() {
            // It is a box of one row.
            return;
        }
        match spot {
            Spot::Footer(command) => {
                if let Some(command) = command.filter(|_| self.prompt.is_none()) {
                    self.act(command);
                }
            }
            Spot::Command(command) => self.act(command),
            Spot::Tab(view) => {
                // What is typed holds from now on.
                self.prompt_key(KeyCode::Enter.into());
                self.act(view.command());
            }
            Spot::Part(at) => {
                let outcome = self.views.packages.drop_part(Some(at));
                if let (Outcome::Find(text), Some(Prompt::Search(search))) =
                    (&outcome, &mut self.prompt)
                {
                    search.set(text);
                }
                self.carry_out(outcome);
            }
            Spot::Border => self.side.dragged = true,
            Spot::Pane { focus, x, down } => {
                self.focus = focus;
                self.click_on_pane((x, down), double);
            }
            Spot::Nothing => {}
        }
    }

    /// A click on the pane that has the keys, so many cells from its left and so many rows below its first.
    fn click_on_pane(&mut self, (x, down): (u16, Option<u16>), double: bool) {
        let clicked = self.in_pane(self.focus, |pane, cx| pane.click(cx, x, down));
        match clicked {
            Some(Click::Row(at)) => {
                self.in_pane(self.focus, |pane, _| pane.cursor_mut().at = at);
                self.select_current();
                // A sign is for opening, however often it is clicked.
                if self.is_on_sign(x) {
                    self.ask_pane(self.focus, |pane, cx| {
                        pane.fold(cx, Folding::Turn).unwrap_or_default()
                    });
                } else if double || self.stands_for_more() {
                    self.act(Command::Enter);
                }
            }
            Some(Click::Does(outcome)) => self.carry_out(*outcome),
            Some(Click::Nothing) | None => {}
        }
    }

    fn is_on_sign(&self, x: u16) -> bool {
        let pane = self.pane(self.focus);
        let sign = pane.and_then(|(pane, cx)| pane.sign(cx));
        sign.is_some_and(|from| (from..from + signs::SIGN).contains(&x))
    }

    /// Whether the row of the cursor is there to bring more rows.
    fn stands_for_more(&self) -> bool {
        let target = self.target(self.focus);
        target.is_some_and(|target| target.fold == Fold::More)
    }
}
