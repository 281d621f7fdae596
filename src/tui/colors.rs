//! Which colours the terminal has, and whether its background is light.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::time::{Duration, Instant};

use ratatui::crossterm::event::{KeyCode, KeyEvent};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::app::explore::{ColorChoice, Depth, Look, ThemeChoice};

/// A terminal that has not answered by then does not know the question.
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
    let refused = color == ColorChoice::Auto && !variable("NO_COLOR").is_empty();
    let plain = theme == ThemeChoice::Plain || color == ColorChoice::Never;
    let depth = if plain || refused {
        Depth::Plain
    } else {
        depth_of(&variable("TERM"), &variable("COLORTERM"), color)
    };
    Look {
        light,
        depth,
        contrast: theme == ThemeChoice::HighContrast,
        ..Look::default()
    }
}

fn depth_of(term: &str, colorterm: &str, color: ColorChoice) -> Depth {
    match (term, colorterm) {
        (_, "truecolor" | "24bit") => Depth::True,
        ("dumb" | "", _) if color == ColorChoice::Auto => Depth::Plain,
        _ if term.contains("direct") => Depth::True,
        _ if term.contains("256") => Depth::Indexed,
        _ => Depth::Ansi,
    }
}

/// `COLORFGBG` is `foreground;background` in the numbers of the sixteen colours.
fn is_light_pair(pair: &str) -> bool {
    matches!(
        pair.rsplit(';').next(),
        Some("7" | "9" | "10" | "11" | "12" | "13" | "14" | "15")
    )
}

/// Would it help to know the background, and can the terminal be asked?
pub(super) fn worth_asking(theme: ThemeChoice, look: Look) -> bool {
    let term = std::env::var("TERM").unwrap_or_default();
    matches!(theme, ThemeChoice::Auto | ThemeChoice::HighContrast)
        && look.depth > Depth::Plain
        && !matches!(&*term, "" | "dumb" | "linux")
}

/// What came back.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Answer {
    /// Is the background light, if the terminal said.
    pub(super) light: Option<bool>,
    /// Keys that were typed meanwhile.
    pub(super) keys: Vec<KeyEvent>,
}

/// Asks for the background, and for something every terminal answers, so that nobody waits for those who do not know.
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
    if let Some((start, end)) = device_attributes(&rest) {
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
    }
}

/// `11;rgb:fafa/fafa/f7f7`: lighter than the middle grey?
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
        assert_eq!(understand(b"\x1b[?6c"), Answer::default());
        assert_eq!(understand(b"\x1b]11;rgb:zz"), Answer::default());
    }

    #[test]
    fn colours_are_as_many_as_the_terminal_says() {
        let auto = ColorChoice::Auto;
        assert_eq!(depth_of("xterm-256color", "truecolor", auto), Depth::True);
        assert_eq!(depth_of("xterm-256color", "", auto), Depth::Indexed);
        assert_eq!(depth_of("vt220", "", auto), Depth::Ansi);
        assert_eq!(depth_of("dumb", "", auto), Depth::Plain);
        assert_eq!(depth_of("dumb", "", ColorChoice::Always), Depth::Ansi);
        assert!(is_light_pair("0;15") && !is_light_pair("15;0") && !is_light_pair(""));
    }
}
