//! A line of text being typed, with its cursor.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tui_input::{Input, InputRequest};

/// How many characters a line has at most. All of it is looked at for every key, and so is what is drawn.
const LONGEST: usize = 4096;

/// A line of text with a cursor.
#[derive(Debug, Clone, Default)]
pub(crate) struct TypedLine(Input);

impl TypedLine {
    /// A line with a text, the cursor behind it.
    pub(crate) fn new(text: &str) -> Self {
        Self(Input::new(text.to_owned()))
    }

    /// What was typed.
    pub(crate) fn text(&self) -> &str {
        self.0.value()
    }

    /// What stands before the cursor, and what behind it.
    pub(crate) fn split(&self) -> (&str, &str) {
        let text = self.0.value();
        let at = text.char_indices().nth(self.0.cursor());
        text.split_at(at.map_or(text.len(), |(at, _)| at))
    }

    /// Takes a key if it edits text. `Some(true)`: the text changed; `Some(false)`: only the cursor did.
    pub(crate) fn key(&mut self, key: KeyEvent) -> Option<bool> {
        let request = request(key)?;
        let inserts = matches!(request, InputRequest::InsertChar(_));
        if inserts && self.0.value().chars().count() >= LONGEST {
            return Some(false);
        }
        let before = self.0.value().to_owned();
        self.0.handle(request);
        Some(self.0.value() != before)
    }

    /// Takes a pasted text, in one line: white space, be it the end of a line, parts words. Of what would make the line
    /// longer than [`LONGEST`] only the beginning is taken; a sentence then says so.
    pub(crate) fn paste(&mut self, text: &str) -> Option<String> {
        let (before, behind) = self.split();
        let mut whole = before.to_owned();
        let room = LONGEST.saturating_sub(self.text().chars().count());
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut pasted = words.chars().filter(|c| !c.is_control());
        whole.extend(pasted.by_ref().take(room));
        let left_out = pasted.count();
        let cursor = whole.chars().count();
        whole.push_str(behind);
        self.0 = Input::new(whole).with_cursor(cursor);
        (left_out > 0).then(|| {
            let longest = crate::text::count(LONGEST as u64);
            let left_out = crate::text::counted(left_out, "character");
            format!("a line has at most {longest} characters: the last {left_out} were not pasted")
        })
    }
}

fn request(key: KeyEvent) -> Option<InputRequest> {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    let other = key
        .modifiers
        .intersects(KeyModifiers::ALT | KeyModifiers::SUPER);
    Some(match key.code {
        KeyCode::Char('w') | KeyCode::Backspace if control => InputRequest::DeletePrevWord,
        KeyCode::Char('u') if control => InputRequest::DeleteLine,
        KeyCode::Char('k') if control => InputRequest::DeleteTillEnd,
        KeyCode::Char('a') if control => InputRequest::GoToStart,
        KeyCode::Char('e') if control => InputRequest::GoToEnd,
        KeyCode::Left if control => InputRequest::GoToPrevWord,
        KeyCode::Right if control => InputRequest::GoToNextWord,
        KeyCode::Char(character) if !control && !other => InputRequest::InsertChar(character),
        KeyCode::Backspace => InputRequest::DeletePrevChar,
        KeyCode::Delete => InputRequest::DeleteNextChar,
        KeyCode::Left => InputRequest::GoToPrevChar,
        KeyCode::Right => InputRequest::GoToNextChar,
        KeyCode::Home => InputRequest::GoToStart,
        KeyCode::End => InputRequest::GoToEnd,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_edited_as_lines_are() {
        let mut line = TypedLine::new("perl");
        assert_eq!(line.key(KeyCode::Char('6').into()), Some(true));
        assert_eq!(line.key(KeyCode::Home.into()), Some(false));
        assert_eq!(line.key(KeyCode::Delete.into()), Some(true));
        line.paste("x\n\t\u{1b}y ");
        assert_eq!(line.split(), ("x y", "erl6"));
        assert_eq!(line.paste(" "), None);
        let control = |c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL);
        assert_eq!(line.key(control('c')), None);
        line.key(control('u'));
        assert_eq!(line.text(), "");
        assert_eq!(line.key(KeyCode::Enter.into()), None);
    }

    #[test]
    fn a_line_has_an_end_and_says_so() {
        let mut line = TypedLine::new("perl");
        line.key(KeyCode::Home.into());
        let told = line.paste(&"\u{fc}b ".repeat(400_000)).expect("too much");
        assert!(told.contains("4 096 characters"), "{told}");
        assert_eq!(line.text().chars().count(), LONGEST);
        assert!(line.text().ends_with("perl"));
        assert_eq!(line.split().1, "perl");
        let before = line.text().to_owned();
        assert_eq!(line.key(KeyCode::Char('x').into()), Some(false));
        assert_eq!(line.text(), before);
        assert_eq!(line.key(KeyCode::Delete.into()), Some(true));
        assert_eq!(line.paste("y"), None);
        assert!(line.paste("z").is_some());
    }
}
