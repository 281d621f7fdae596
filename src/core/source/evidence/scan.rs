//! Looks through the content of one file at a time, in pieces, and says what each occurrence is.
//!
//! The buffer always holds a margin before and behind the piece that is being searched, so that no occurrence is missed
//! at a border and its surroundings can be shown. Files of any size take the same memory.

use std::io::{self, Read};

use crate::analysis::file_category::Categories;
use crate::job::{Cancelled, Progress};
use crate::model::store_path::HASH_PART_LEN;

use super::elf::ReadAt;
use super::extent::Extent;
use super::file_kind::{FileKind, MARGIN, Occurrence};
use super::loader::Loader;
use super::needles::Needles;

/// How much is read at once unless a test asks for less.
pub(crate) const BUFFER: usize = 128 * 1024;

/// What happens while a file is read.
#[derive(Debug)]
pub(crate) enum ScanError {
    /// The work was cancelled.
    Cancelled(Cancelled),
    /// The file cannot be read further.
    Read(io::Error),
}

impl From<Cancelled> for ScanError {
    fn from(cancelled: Cancelled) -> Self {
        Self::Cancelled(cancelled)
    }
}

impl From<io::Error> for ScanError {
    fn from(error: io::Error) -> Self {
        Self::Read(error)
    }
}

/// Memory and tables that one worker uses for all of its files.
pub(crate) struct Scanner<'a> {
    needles: &'a Needles,
    categories: &'a Categories,
    progress: &'a Progress,
    loader: Option<&'a Loader<'a>>,
    buffer: Vec<u8>,
}

/// What was read of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Scanned {
    /// How many bytes; fewer than expected when the file became shorter.
    pub(crate) bytes: u64,
    /// How the content is packed, when packing may hide hash parts.
    pub(crate) packed: Option<&'static str>,
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(
        needles: &'a Needles,
        categories: &'a Categories,
        progress: &'a Progress,
    ) -> Self {
        Self::with_buffer(needles, categories, progress, BUFFER)
    }

    /// As [`Scanner::new`], with a buffer of another size (at least four margins).
    pub(crate) fn with_buffer(
        needles: &'a Needles,
        categories: &'a Categories,
        progress: &'a Progress,
        size: usize,
    ) -> Self {
        Self {
            needles,
            categories,
            progress,
            loader: None,
            buffer: vec![0; size.max(4 * MARGIN)],
        }
    }

    /// Takes what tells from which directories libraries are taken.
    pub(crate) fn with_loader(self, loader: Option<&'a Loader<'a>>) -> Self {
        Self { loader, ..self }
    }

    /// Looks through a piece of a file. `whole` reads anywhere in the same file, where
    /// that is possible.
    pub(crate) fn scan(
        &mut self,
        relative: &[u8],
        extent: Extent,
        content: &mut impl Read,
        whole: Option<&dyn ReadAt>,
        found: &mut dyn FnMut(&Occurrence<'_>),
    ) -> Result<Scanned, ScanError> {
        let mut file = FileKind::unknown(relative, self.categories, whole);
        file = file.with_loader(self.loader);
        let mut window = Window {
            origin: extent.offset,
            filled: 0,
            searched: 0,
        };
        let mut newlines = 0;
        let mut read = 0;
        loop {
            let more = fill(
                content,
                &mut self.buffer[window.filled..],
                extent.length - read,
            )?;
            self.progress.advance(more as u64)?;
            read += more as u64;
            let first = window.filled == 0;
            window.filled += more;
            let at_end = read >= extent.length || window.filled < self.buffer.len();
            let bytes = &self.buffer[..window.filled];
            if first {
                file.look(bytes, extent);
            }
            let limit = window.limit(at_end);
            let search = &bytes[window.searched..(limit + HASH_PART_LEN - 1).min(bytes.len())];
            let mut counted = window.searched;
            self.needles.find(search, |position, target| {
                let at = window.searched + position;
                newlines += file.newlines(&bytes[counted..at]);
                counted = at;
                found(&file.occurrence(bytes, at, window.origin, target, newlines));
            });
            if at_end {
                return Ok(Scanned {
                    bytes: read,
                    packed: file.packed,
                });
            }
            newlines += file.newlines(&bytes[counted..limit]);
            let keep = limit - MARGIN;
            self.buffer.copy_within(keep..window.filled, 0);
            window = Window {
                origin: window.origin + keep as u64,
                filled: window.filled - keep,
                searched: MARGIN,
            };
        }
    }
}

/// Reads until the buffer is full, `limit` bytes are there, or the end is reached.
fn fill(content: &mut impl Read, buffer: &mut [u8], limit: u64) -> io::Result<usize> {
    let wanted = buffer
        .len()
        .min(usize::try_from(limit).unwrap_or(usize::MAX));
    let mut filled = 0;
    while filled < wanted {
        match content.read(&mut buffer[filled..wanted]) {
            Ok(0) => break,
            Ok(more) => filled += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// What part of the file is in the buffer.
struct Window {
    /// The offset in the file of the buffer's first byte.
    origin: u64,
    filled: usize,
    /// Occurrences that begin before this position have been found.
    searched: usize,
}

impl Window {
    /// The position up to which occurrences may begin in this round.
    fn limit(&self, at_end: bool) -> usize {
        if at_end {
            self.filled
        } else {
            self.filled - HASH_PART_LEN - MARGIN
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::analysis::evidence_class::Class;
    use crate::testing::{graph, hash_part, id};

    /// Looks through `content` with a small buffer and gives offsets, lines and contexts.
    fn scan(
        relative: &str,
        content: &[u8],
        buffer: usize,
    ) -> Vec<(u64, Class, Option<u64>, String)> {
        let (graph, _) = graph("a -> b");
        let needles = Needles::of(&graph, [id(&graph, "b")]);
        let (categories, progress) = (Categories::built_in(), Progress::new());
        let mut scanner = Scanner::with_buffer(&needles, &categories, &progress, buffer);
        let mut all = Vec::new();
        let extent = Extent {
            offset: 0,
            length: content.len() as u64,
            partial: false,
        };
        let whole = Some(&content as &dyn ReadAt);
        let mut found = |f: &Occurrence<'_>| all.push((f.offset, f.class, f.line, f.context()));
        let report = scanner
            .scan(
                relative.as_bytes(),
                extent,
                &mut &*content,
                whole,
                &mut found,
            )
            .expect("memory can be read");
        assert_eq!(report.bytes, content.len() as u64);
        all
    }

    #[test]
    fn nothing_is_missed_at_any_offset_around_a_border() {
        let hash = hash_part(1);
        let size = 4 * MARGIN;
        for at in 0..3 * size {
            let mut content = vec![b'.'; 3 * size + 40];
            content[at..at + HASH_PART_LEN].copy_from_slice(hash.as_bytes());
            let found = scan("x", &content, size);
            assert_eq!(found.len(), 1, "at {at}");
            assert_eq!((found[0].0, found[0].2), (at as u64, Some(1)));
            assert!(found[0].3.contains(&hash), "at {at}");
        }
    }

    #[test]
    fn lines_and_classes_are_told() {
        let hash = hash_part(1);
        let script = format!("#!/nix/store/{hash}-b/bin/sh\n\necho {hash}\n");
        let found = scan("bin/x", script.as_bytes(), BUFFER);
        let told: Vec<_> = found
            .iter()
            .map(|(_, class, line, _)| (*class, *line))
            .collect();
        assert_eq!(told, [(Class::Shebang, Some(1)), (Class::Script, Some(3))]);
        assert_eq!(found[1].3, format!("echo {hash}"));
        let class = |relative: &str, text: &str| scan(relative, text.as_bytes(), BUFFER)[0].1;
        assert_eq!(
            class("x.service", &format!("ExecStart={hash}")),
            Class::SystemdUnit
        );
        assert_eq!(class("share/man/man1/x.1", &hash), Class::Documentation);
        assert_eq!(class("etc/x", &hash), Class::Data);
        let wrapper = format!("#! /bin/sh\nexport PATH={hash}\nexec -a \"$0\" \".x-wrapped\"");
        assert_eq!(class("bin/x", &wrapper), Class::Wrapper);
        let compiled = format!("\x7fELF\0{hash}\0\nmakeCWrapper '/x/bin/y'\n");
        assert_eq!(class("bin/x", &compiled), Class::Wrapper);
        assert_eq!(class("bin/x", &format!("\x7fELF\0{hash}")), Class::ElfData);
    }

    proptest! {
        #[test]
        fn pieces_give_what_the_whole_gives(
            parts in proptest::collection::vec(prop_oneof!["0{31}1", "0{20,40}", "[a-z\n]{1,400}"], 0..40)
        ) {
            let text = parts.concat();
            let strip = |found: Vec<(u64, Class, Option<u64>, String)>| {
                found.into_iter().map(|(offset, class, line, _)| (offset, class, line)).collect::<Vec<_>>()
            };
            prop_assert_eq!(
                strip(scan("x", text.as_bytes(), 4 * MARGIN)),
                strip(scan("x", text.as_bytes(), BUFFER))
            );
        }
    }
}
