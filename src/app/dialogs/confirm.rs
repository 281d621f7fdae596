//! A box that asks before steps are put into the plan whose effect is larger than what was meant.

use ratatui::crossterm::event::{KeyCode, KeyEvent};

use super::picture::{Picture, PictureRow, Tone, paragraph};
use super::{Dialog, DialogContext, Reply, usual_key};
use crate::app::frame::boxes::{BoxArea, Content};
use crate::app::keys::fixed;
use crate::app::outcome::{Doubt, Outcome};
use crate::text::wrapped;

/// Columns of the box where the screen has them.
const WIDTH: u16 = 72;

/// The box.
#[derive(Debug)]
pub(crate) struct Confirm(pub Doubt);

impl Confirm {
    fn lines(&self, cx: DialogContext<'_>) -> Vec<String> {
        let room = WIDTH.min(cx.shared.size.0).saturating_sub(4);
        wrapped(&self.0.question, usize::from(room).max(1))
    }
}

impl Dialog for Confirm {
    fn room(&self, cx: DialogContext<'_>) -> BoxArea {
        let content = Content {
            width: WIDTH,
            below: self.lines(cx).len() + 2,
            ..Content::default()
        };
        BoxArea::of(cx.shared.size, content)
    }

    fn picture(&self, cx: DialogContext<'_>) -> Picture<'_> {
        let inner = self.room(cx).inner();
        let last = inner.height.saturating_sub(1);
        let mut rows: Vec<PictureRow> = paragraph(0, last, self.lines(cx), Tone::Text).collect();
        let keys = [(fixed::ENTER, "marks"), (fixed::ESC, "leaves it")];
        rows.push(PictureRow::new(last).text(1, fixed::hints(&keys, "   "), Tone::Dim));
        Picture {
            title: self.0.title.clone(),
            rows,
            ..Picture::default()
        }
    }

    fn key(&mut self, cx: DialogContext<'_>, key: KeyEvent) -> Reply {
        if key.code == KeyCode::Enter {
            return Reply::Then(Outcome::Toggle(std::mem::take(&mut self.0.steps)));
        }
        usual_key(self, cx, key).unwrap_or(Reply::Stay)
    }

    fn is_about_paths(&self) -> bool {
        true
    }
}
