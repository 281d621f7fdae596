//! What comes out of a process, collected beside the work and bounded.

use std::io::Read;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::job::{self, JobHandle, Progress};
use crate::source::SourceError;

const TICK: Duration = Duration::from_millis(5);
/// How long a pipe may stay open after the end of the process: a connection kept for later can hold it.
const LINGER: Duration = Duration::from_millis(500);
/// The same while something still comes: what was left behind can write for ever.
const LONGEST_LINGER: Duration = Duration::from_secs(5);

/// What is kept of a pipe.
#[derive(Debug)]
pub(super) struct KeptOutput {
    /// The first of it, or the last of what is no answer.
    pub(super) bytes: Vec<u8>,
    /// Lines that begin in a certain way, without that.
    pub(super) answers: Vec<String>,
    wanted: Wanted,
    /// A line that has begun.
    line: Vec<u8>,
    /// Whether the line that has begun is so long that it is none, and its beginning is kept already.
    is_long: bool,
    /// Bytes of answers.
    answered: usize,
}

/// What of a pipe is wanted.
#[derive(Debug, Clone, Copy)]
enum Wanted {
    /// This many of its first bytes.
    First(usize),
    /// Its last bytes, apart from answers.
    Said {
        /// How the lines that are answers begin, and how many bytes of them there may be.
        answers: Option<(&'static str, usize)>,
        /// How many of the last bytes.
        last: usize,
    },
}

/// A line that is no answer is kept in pieces from this length on.
const LONG: usize = 1 << 16;

impl KeptOutput {
    /// The first bytes.
    pub(super) fn first(most: usize) -> Self {
        Self::of(Wanted::First(most))
    }

    /// Lines that begin as answers do, up to this many bytes of them; and the last bytes of everything else.
    pub(super) fn said(answers: Option<(&'static str, usize)>, last: usize) -> Self {
        Self::of(Wanted::Said { answers, last })
    }

    fn of(wanted: Wanted) -> Self {
        Self {
            bytes: Vec::new(),
            answers: Vec::new(),
            wanted,
            line: Vec::new(),
            is_long: false,
            answered: 0,
        }
    }

    /// Whether there was more than is kept of what is wanted whole.
    fn is_full(&self) -> bool {
        match self.wanted {
            Wanted::First(most) => self.bytes.len() >= most,
            Wanted::Said { answers, .. } => {
                answers.is_some_and(|(_, most)| self.answered + self.line.len() > most)
            }
        }
    }

    fn take(&mut self, piece: &[u8]) {
        if let Wanted::First(most) = self.wanted {
            let room = most - self.bytes.len().min(most);
            self.bytes
                .extend_from_slice(&piece[..piece.len().min(room)]);
            return;
        }
        for part in piece.split_inclusive(|&byte| byte == b'\n') {
            if self.is_full() {
                return;
            }
            self.line.extend_from_slice(part);
            let ends = part.ends_with(b"\n");
            if ends || (self.line.len() > LONG && self.answer().is_none()) {
                self.end_line(ends);
            }
        }
    }

    /// The answer in the line that has begun.
    fn answer(&self) -> Option<&[u8]> {
        let Wanted::Said { answers, .. } = self.wanted else {
            return None;
        };
        let (start, _) = answers.filter(|_| !self.is_long)?;
        self.line.strip_prefix(start.as_bytes())
    }

    fn end_line(&mut self, ends: bool) {
        match self.answer() {
            Some(answer) if ends => {
                let answer = String::from_utf8_lossy(answer).trim_end().to_owned();
                self.answered += self.line.len();
                self.answers.push(answer);
            }
            _ => {
                self.bytes.extend_from_slice(&self.line);
                if let Wanted::Said { last, .. } = self.wanted
                    && self.bytes.len() > 2 * last
                {
                    self.bytes.drain(..self.bytes.len() - last);
                }
            }
        }
        self.line.clear();
        self.is_long = !ends;
    }

    /// Nothing more comes: a line without an end is half of one, and no answer.
    fn end(&mut self) {
        if !self.line.is_empty() {
            self.end_line(false);
        }
    }
}

/// What comes out of a pipe.
pub(super) struct Collected {
    kept: Arc<Mutex<KeptOutput>>,
    reader: JobHandle<()>,
}

impl Collected {
    pub(super) fn of(pipe: Option<impl Read + Send + 'static>, kept: KeptOutput) -> Self {
        let kept = Arc::new(Mutex::new(kept));
        let collected = Arc::clone(&kept);
        let read = move |progress: &Progress| {
            let Some(mut pipe) = pipe else { return };
            let mut piece = vec![0; 1 << 16];
            // An error ends the pipe: the exit status tells whether all was well.
            while progress.check().is_ok()
                && let Ok(count @ 1..) = pipe.read(&mut piece)
            {
                let mut kept = collected.lock().unwrap_or_else(PoisonError::into_inner);
                kept.take(&piece[..count]);
            }
        };
        Self {
            kept,
            reader: job::spawn(read, || {}),
        }
    }

    fn kept(&self) -> MutexGuard<'_, KeptOutput> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many bytes are kept.
    pub(super) fn len(&self) -> usize {
        self.kept().bytes.len()
    }

    /// How many answers have come.
    pub(super) fn answers(&self) -> usize {
        self.kept().answers.len()
    }

    /// Whether more has come than is kept of what is wanted whole.
    pub(super) fn is_full(&self) -> bool {
        self.kept().is_full()
    }

    /// Everything, once the pipe is closed, or nothing more is waited for.
    pub(super) fn finish(self, progress: &Progress) -> Result<KeptOutput, SourceError> {
        let size = || {
            let kept = self.kept();
            (kept.bytes.len(), kept.answered, kept.line.len())
        };
        let (mut last, began) = (size(), Instant::now());
        let mut since = began;
        while self.reader.poll().is_none() {
            progress.check()?;
            let now = size();
            if now != last {
                (last, since) = (now, Instant::now());
            }
            if since.elapsed() > LINGER || began.elapsed() > LONGEST_LINGER {
                break;
            }
            sleep(TICK);
        }
        let nothing = KeptOutput::first(0);
        let mut kept = std::mem::replace(&mut *self.kept(), nothing);
        kept.end();
        Ok(kept)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn answers_are_whole_lines_however_they_come(
            lines in prop::collection::vec("(a:|b)[xy]{0,9}", 0..12),
            sizes in prop::collection::vec(1..9_usize, 1..40),
            ended in any::<bool>(),
        ) {
            let text = lines.join("\n") + if ended { "\n" } else { "" };
            let mut kept = KeptOutput::said(Some(("a:", 1000)), 1000);
            let (mut rest, mut sizes) = (text.as_bytes(), sizes.iter().cycle());
            while !rest.is_empty() {
                let (piece, behind) = rest.split_at((*sizes.next().expect("a size")).min(rest.len()));
                kept.take(piece);
                rest = behind;
            }
            kept.end();
            let whole = if ended || lines.is_empty() { &lines[..] } else { &lines[..lines.len() - 1] };
            let answers: Vec<&str> = whole.iter().filter_map(|line| line.strip_prefix("a:")).collect();
            prop_assert_eq!(&kept.answers, &answers);
            let others: Vec<&str> = text
                .split_inclusive('\n')
                .filter(|line| !(line.starts_with("a:") && line.ends_with('\n')))
                .collect();
            prop_assert_eq!(String::from_utf8_lossy(&kept.bytes), others.concat());
        }
    }

    #[test]
    fn the_first_is_kept_of_output_and_the_last_of_what_is_said() {
        let mut first = KeptOutput::first(4);
        first.take(b"abc");
        assert!(!first.is_full());
        first.take(b"def");
        assert!(first.is_full());
        assert_eq!(first.bytes, b"abcd");

        let mut said = KeptOutput::said(Some(("a:", 20)), 10);
        for number in 0..1000 {
            said.take(format!("noise {number}\n").as_bytes());
        }
        assert!(said.bytes.len() <= 20 && said.bytes.ends_with(b"\nnoise 999\n"));
        said.take(&vec![b'x'; 3 * LONG]);
        said.take(b"a:half of a line\n");
        assert_eq!(said.answers, [""; 0]);
        said.take(b"a:an answer\na:that is too much");
        assert!(said.is_full());
        assert_eq!(said.answers, ["an answer"]);
    }
}
