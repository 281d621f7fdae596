//! Which colours the terminal has, and whether its background is light.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::time::{Duration, Instant};

use anstyle_query::truecolor;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::app::look::{ColorChoice, Depth, Look, ThemeChoice};
use crate::colour;

/// How long the first frame with colours waits for the answer. Where it takes longer, [`LateAnswer`] takes it.
const PATIENCE: Duration = Duration::from_millis(150);

/// What the environment tells, before the terminal is asked.
pub(super) fn first_look(color: ColorChoice, theme: ThemeChoice) -> Look {
    let variable = |name| std::env::var(name).unwrap_or_default();
    let light = match theme {
        ThemeChoice::Light => true,
        ThemeChoice::Dark => false,
        ThemeChoice::Auto | ThemeChoice::HighContrast | ThemeChoice::Plain => {
            is_light_pair(&variable("COLORFGBG"))
        }
    };
    let refused = color == ColorChoice::Auto && !colour::is_wanted(true);
    let plain = theme == ThemeChoice::Plain || color == ColorChoice::Never;
    let depth = if plain || refused {
        Depth::Plain
    } else {
        depth_of(&variable("TERM"), truecolor())
    };
    Look {
        light,
        depth,
        contrast: theme == ThemeChoice::HighContrast,
        ..Look::default()
    }
}

fn depth_of(term: &str, any: bool) -> Depth {
    match term {
        _ if any || term.contains("direct") => Depth::True,
        _ if term.contains("256") => Depth::Indexed,
        _ => Depth::Ansi,
    }
}

/// Whether the background of `COLORFGBG` is light: it is `foreground;background` in the numbers of the sixteen colours.
fn is_light_pair(pair: &str) -> bool {
    matches!(
        pair.rsplit(';').next(),
        Some("7" | "9" | "10" | "11" | "12" | "13" | "14" | "15")
    )
}

/// Whether it would help to know the background, and the terminal can be asked.
pub(super) fn worth_asking(theme: ThemeChoice, look: Look) -> bool {
    let term = std::env::var("TERM").unwrap_or_default();
    matches!(theme, ThemeChoice::Auto | ThemeChoice::HighContrast)
        && look.depth > Depth::Plain
        && !matches!(&*term, "" | "dumb" | "linux")
}

/// What came back.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Answer {
    /// Whether the background is light, if the terminal said.
    pub(super) light: Option<bool>,
    /// Keys that were typed meanwhile.
    pub(super) keys: Vec<KeyEvent>,
    /// Whether all that was asked has been answered.
    pub(super) complete: bool,
}

/// Asks for the background, and for something that every terminal answers, so that a terminal without the former is not
/// waited for.
pub(super) fn ask() -> Answer {
    let terminal = OpenOptions::new().read(true).write(true).open("/dev/tty");
    let bytes = terminal.ok().and_then(|mut terminal| {
        terminal.write_all(b"\x1b]11;?\x1b\\\x1b[c").ok()?;
        Some(read_answers(&mut terminal))
    });
    understand(&bytes.unwrap_or_default())
}

fn read_answers(terminal: &mut File) -> Vec<u8> {
    let deadline = Instant::now() + PATIENCE;
    let mut bytes = Vec::new();
    let mut piece = [0; 256];
    while device_attributes(&bytes).is_none() {
        let left = deadline.saturating_duration_since(Instant::now());
        let Ok(left) = Timespec::try_from(left) else {
            break;
        };
        let mut waiting = [PollFd::new(terminal, PollFlags::IN)];
        if !matches!(poll(&mut waiting, Some(&left)), Ok(1..)) {
            break;
        }
        match terminal.read(&mut piece) {
            Ok(read @ 1..) => bytes.extend_from_slice(&piece[..read]),
            _ => break,
        }
    }
    bytes
}

/// Where the answer that every terminal gives begins and ends: `ESC [ ? … c`.
fn device_attributes(bytes: &[u8]) -> Option<(usize, usize)> {
    let start = bytes.windows(3).position(|three| three == b"\x1b[?")?;
    let length = bytes[start..].iter().position(|&byte| byte == b'c')?;
    Some((start, start + length + 1))
}

fn understand(bytes: &[u8]) -> Answer {
    let mut rest = bytes.to_vec();
    let attributes = device_attributes(&rest);
    if let Some((start, end)) = attributes {
        rest.drain(start..end);
    }
    let mut light = None;
    if let Some(start) = rest.windows(5).position(|five| five == b"\x1b]11;") {
        let tail = &rest[start + 2..];
        let length = tail
            .iter()
            .position(|byte| matches!(byte, 0x07 | 0x1b))
            .unwrap_or(tail.len());
        light = is_light_color(&String::from_utf8_lossy(&tail[..length]));
        let terminator = if tail.get(length) == Some(&0x1b) {
            2
        } else {
            1
        };
        rest.drain(start..(start + 2 + length + terminator).min(rest.len()));
    }
    // Whatever else came was typed. Longer key sequences are not worth taking apart here.
    let typed = rest.iter().take_while(|&&byte| byte != 0x1b);
    let keys = typed.filter_map(|&byte| match byte {
        b'\r' => Some(KeyCode::Enter.into()),
        b'\t' => Some(KeyCode::Tab.into()),
        0x7f => Some(KeyCode::Backspace.into()),
        b' '..=b'~' => Some(KeyCode::Char(char::from(byte)).into()),
        _ => None,
    });
    Answer {
        light,
        keys: keys.collect(),
        complete: attributes.is_some(),
    }
}

/// An answer that comes when the loop reads already, as over a slow line: without this its letters would be keys.
#[derive(Debug, Default)]
pub(super) struct LateAnswer {
    expected: bool,
    /// What came of it.
    text: Option<String>,
}

/// What an event was to a late answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// Nothing: something else happened.
    Other,
    /// A part of it.
    Part,
    /// Its end: whether the background is light, if it says so.
    End(Option<bool>),
}

impl LateAnswer {
    /// Cells of the longest answer there is: `11;rgba:ffff/ffff/ffff/ffff`.
    const LONGEST: usize = 32;

    /// One that may come, unless what was asked has been answered.
    pub(super) fn after(answer: &Answer) -> Self {
        Self {
            expected: !answer.complete,
            text: None,
        }
    }

    /// Looks at a key. What begins an answer, `ESC ]`, reads as a key with Alt; so does what ends it, `ESC \\`.
    pub(super) fn see(&mut self, key: KeyEvent) -> Seen {
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match (&mut self.text, key.code) {
            (None, KeyCode::Char(']')) if alt && self.expected => {
                self.text = Some(String::new());
                Seen::Part
            }
            (Some(_), KeyCode::Char('\\')) if alt => self.end(),
            (Some(_), KeyCode::Char('g')) if control => self.end(),
            (Some(text), KeyCode::Char(letter)) if !alt && text.len() < Self::LONGEST => {
                text.push(letter);
                Seen::Part
            }
            _ => {
                self.text = None;
                Seen::Other
            }
        }
    }

    fn end(&mut self) -> Seen {
        self.expected = false;
        let text = self.text.take().unwrap_or_default();
        Seen::End(is_light_color(&text))
    }
}

/// Whether an answer like `11;rgb:fafa/fafa/f7f7` is lighter than the middle grey.
fn is_light_color(answer: &str) -> Option<bool> {
    let parts = answer
        .split_once("rgb:")
        .or_else(|| answer.split_once("rgba:"))?
        .1;
    let mut sum = 0.0;
    for (part, weight) in parts.split('/').zip([0.299, 0.587, 0.114]) {
        let most = f64::from((1_u32 << (4 * part.len().clamp(1, 4))) - 1);
        sum += weight * f64::from(u16::from_str_radix(part, 16).ok()?) / most;
    }
    Some(sum > 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_told_from_keys() {
        let light = understand(b"j\x1b]11;rgb:fafa/fafa/f7f7\x1b\\\x1b[?62;22ck\r");
        assert_eq!(light.light, Some(true));
        let keys: Vec<KeyCode> = light.keys.iter().map(|key| key.code).collect();
        assert_eq!(
            keys,
            [KeyCode::Char('j'), KeyCode::Char('k'), KeyCode::Enter]
        );
        assert_eq!(
            understand(b"\x1b]11;rgb:18/18/1b\x07\x1b[?6c").light,
            Some(false)
        );
        let unknown = understand(b"\x1b[?6c");
        assert!(unknown.complete && unknown.light.is_none() && unknown.keys.is_empty());
        assert_eq!(understand(b"\x1b]11;rgb:zz"), Answer::default());
    }

    #[test]
    fn a_late_answer_is_no_keys() {
        let key = |text: &str| {
            crate::app::keys::keymap::Key::parse(text)
                .expect("a key")
                .event()
        };
        let alt = |letter| KeyEvent::new(KeyCode::Char(letter), KeyModifiers::ALT);
        for end in [alt('\\'), key("ctrl-g")] {
            let mut late = LateAnswer::after(&Answer::default());
            assert_eq!(late.see(key("j")), Seen::Other);
            assert_eq!(late.see(alt(']')), Seen::Part);
            for letter in "11;rgb:ffff/ffff/ffff".chars() {
                assert_eq!(late.see(key(&letter.to_string())), Seen::Part);
            }
            assert_eq!(late.see(end), Seen::End(Some(true)));
            assert_eq!(late.see(key("j")), Seen::Other);
        }
        // It is no trap for keys that only look like one.
        let mut late = LateAnswer::after(&Answer::default());
        late.see(alt(']'));
        assert_eq!(late.see(key("enter")), Seen::Other);
        assert_eq!(late.see(key("j")), Seen::Other);
        late.see(alt(']'));
        let ends = (0..=LateAnswer::LONGEST).any(|_| late.see(key("j")) == Seen::Other);
        assert!(ends);
    }

    #[test]
    fn colours_are_as_many_as_the_terminal_says() {
        assert_eq!(depth_of("xterm-256color", true), Depth::True);
        assert_eq!(depth_of("xterm-256color", false), Depth::Indexed);
        assert_eq!(depth_of("xterm-direct", false), Depth::True);
        assert_eq!(depth_of("vt220", false), Depth::Ansi);
        assert!(is_light_pair("0;15") && !is_light_pair("15;0") && !is_light_pair(""));
    }
}
