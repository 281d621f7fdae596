//! Reads a NAR as a stream, entry by entry, without unpacking it anywhere and without believing any of its lengths.

use std::ffi::OsStr;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use nix_archive::nar::{Error, Event, ReadEvent, decode_events_reader};

/// The longest name and the longest link target that file systems take, in bytes.
const LONGEST_NAME: usize = 255;
const LONGEST_TARGET: usize = 4096;

/// Sees the entries of a NAR in its order: a directory before what is in it.
pub(crate) trait NarVisitor {
    /// Why the visitor does not go on; reading errors are among the reasons.
    type Error: From<io::Error>;
    /// An entry that is not a regular file; a link has its target with it.
    fn other(&mut self, relative: &Path, target: Option<&[u8]>) -> Result<(), Self::Error>;
    /// A regular file. What the visitor leaves of the content is passed over.
    fn file(
        &mut self,
        relative: &Path,
        length: u64,
        executable: bool,
        content: &mut dyn Read,
    ) -> Result<(), Self::Error>;
}

/// Reads a stream that is one NAR and nothing else.
pub(crate) fn read<V: NarVisitor>(archive: &mut dyn Read, visitor: &mut V) -> Result<(), V::Error> {
    let (mut relative, mut refused) = (PathBuf::new(), None);
    let outcome = decode_events_reader(archive, |event| {
        seen(event, &mut relative, visitor).map_err(|error| {
            refused = Some(error);
            Error::Io(io::Error::other("the visitor does not go on"))
        })
    });
    match refused {
        Some(error) => Err(error),
        None => outcome.map_err(|error| told(error).into()),
    }
}

/// Hands an entry to the visitor; `relative` is the directory that it is in.
fn seen<V: NarVisitor>(
    event: ReadEvent<'_, dyn Read + '_>,
    relative: &mut PathBuf,
    visitor: &mut V,
) -> Result<(), V::Error> {
    let (Event::DirectoryStart { name }
    | Event::DirectoryEnd { name }
    | Event::Symlink { name, .. }
    | Event::Regular { name, .. }) = event;
    if let Event::DirectoryEnd { .. } = event {
        if name.is_some() {
            relative.pop();
        }
        return Ok(());
    }
    if let Some(name) = name {
        fits(name, LONGEST_NAME)?;
        relative.push(OsStr::from_bytes(name));
    }
    match event {
        // What is in it comes next.
        Event::DirectoryStart { .. } => return visitor.other(relative, None),
        Event::DirectoryEnd { .. } => {}
        Event::Symlink { target, .. } => {
            fits(target, LONGEST_TARGET)?;
            visitor.other(relative, Some(target))?;
        }
        Event::Regular {
            executable,
            mut contents,
            ..
        } => visitor.file(relative, contents.size(), executable, &mut contents)?,
    }
    if name.is_some() {
        relative.pop();
    }
    Ok(())
}

fn fits(text: &[u8], longest: usize) -> io::Result<()> {
    let broken = || io::Error::new(io::ErrorKind::InvalidData, "a name that is too long");
    (text.len() <= longest).then_some(()).ok_or_else(broken)
}

/// What is wrong, in our words where it is told often.
fn told(error: Error) -> io::Error {
    match error {
        Error::Io(error) => error,
        Error::UnexpectedEof => io::Error::new(io::ErrorKind::UnexpectedEof, "it ends too early"),
        Error::TrailingBytes => io::Error::other("there is something after its end"),
        other => io::Error::new(io::ErrorKind::InvalidData, other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use nix_archive::nar::{CaseHack, encode_path};

    use super::*;
    use crate::source::files::nar_size;

    #[derive(Default)]
    struct Names(Vec<String>);

    impl NarVisitor for Names {
        type Error = io::Error;

        fn other(&mut self, relative: &Path, target: Option<&[u8]>) -> io::Result<()> {
            let target = target.map(String::from_utf8_lossy);
            self.0.push(format!("{} {target:?}", relative.display()));
            Ok(())
        }

        fn file(
            &mut self,
            relative: &Path,
            length: u64,
            executable: bool,
            content: &mut dyn Read,
        ) -> io::Result<()> {
            let mut first = [0];
            let read = content.read(&mut first)?;
            let first = &first[..read];
            self.0.push(format!(
                "{} {length} {first:?}{}",
                relative.display(),
                if executable { " x" } else { "" }
            ));
            Ok(())
        }
    }

    fn names(mut archive: &[u8]) -> io::Result<Vec<String>> {
        let mut names = Names::default();
        read(&mut archive, &mut names)?;
        assert!(archive.is_empty());
        Ok(names.0)
    }

    fn archive() -> Vec<u8> {
        let directory = tempfile::tempdir().expect("a directory");
        let root = directory.path().join("x");
        fs::create_dir_all(root.join("bin/deep/empty")).expect("a directory");
        fs::write(root.join("bin/run"), "123456789").expect("a file");
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(root.join("bin/run"), executable).expect("a mode");
        fs::write(root.join("zero"), "").expect("a file");
        symlink("bin/run", root.join("link")).expect("a link");
        let mut archive = Vec::new();
        encode_path(&mut archive, &root, CaseHack::Disabled).expect("an archive");
        archive
    }

    #[test]
    fn every_entry_is_seen_in_order() {
        let expected = [
            " None",
            "bin None",
            "bin/deep None",
            "bin/deep/empty None",
            "bin/run 9 [49] x",
            "link Some(\"bin/run\")",
            "zero 0 []",
        ];
        assert_eq!(names(&archive()).expect("valid"), expected);
    }

    #[test]
    fn no_cut_and_no_changed_byte_does_harm() {
        let whole = archive();
        for cut in 0..whole.len() {
            let error = names(&whole[..cut]).expect_err("cut off").to_string();
            let in_magic = cut < nar_size::HEAD as usize && error.contains("bad magic");
            assert!(in_magic || error == "it ends too early", "{error} at {cut}");
        }
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 0x41;
            let mut rest = &changed[..];
            // Content and names may change; everything else must be noticed, and nothing may take memory or time.
            let _ = read(&mut rest, &mut Names::default());
        }
    }

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        let whole = archive();
        let at = whole.windows(4).position(|w| w == b"zero").expect("there");
        for name in [b"../x", b"a\0bc", b"aaaa"] {
            let mut changed = whole.clone();
            changed[at..at + 4].copy_from_slice(name);
            assert!(names(&changed).is_err(), "{name:?}");
        }
    }

    /// A text as NARs have it; its length may be a lie.
    fn text(told: u64, bytes: &[u8]) -> Vec<u8> {
        let padding = vec![0; bytes.len().next_multiple_of(8) - bytes.len()];
        [&told.to_le_bytes()[..], bytes, &padding].concat()
    }

    fn texts(all: &[&[u8]]) -> Vec<u8> {
        let all = all.iter().map(|bytes| text(bytes.len() as u64, bytes));
        all.collect::<Vec<_>>().concat()
    }

    #[test]
    fn what_claims_too_much_is_refused_without_memory() {
        let link = texts(&[b"nix-archive-1", b"(", b"type", b"symlink", b"target"]);
        let huge = [&link[..], &text(u64::MAX - 7, b"x")].concat();
        assert!(names(&huge).is_err());
        let long = [&link[..], &texts(&[&[b'x'; 5000], b")"])].concat();
        let error = names(&long).expect_err("no link is so long");
        assert!(error.to_string().contains("too long"), "{error}");
        let file = texts(&[b"nix-archive-1", b"(", b"type", b"regular", b"contents"]);
        let huge = [&file[..], &text(u64::MAX, b"x")].concat();
        assert_eq!(
            names(&huge).expect_err("cut off").to_string(),
            "it ends too early"
        );
        let mut deep = texts(&[b"nix-archive-1"]);
        for _ in 0..100_000 {
            deep.extend(texts(&[
                b"(",
                b"type",
                b"directory",
                b"entry",
                b"(",
                b"name",
                b"a",
                b"node",
            ]));
        }
        let error = names(&deep).expect_err("no path is so deep");
        assert!(error.to_string().contains("depth"), "{error}");
    }

    #[test]
    fn nothing_may_follow_it() {
        let mut longer = archive();
        longer.push(0);
        let error = names(&longer).expect_err("a byte too many");
        assert_eq!(error.to_string(), "there is something after its end");
    }

    /// Stops at the first entry.
    struct Stops;

    #[derive(Debug, PartialEq)]
    enum Stopped {
        Read(io::ErrorKind),
        Cancelled,
    }

    impl From<io::Error> for Stopped {
        fn from(error: io::Error) -> Self {
            Self::Read(error.kind())
        }
    }

    impl NarVisitor for Stops {
        type Error = Stopped;

        fn other(&mut self, _: &Path, _: Option<&[u8]>) -> Result<(), Stopped> {
            Err(Stopped::Cancelled)
        }

        fn file(&mut self, _: &Path, _: u64, _: bool, _: &mut dyn Read) -> Result<(), Stopped> {
            Err(Stopped::Cancelled)
        }
    }

    #[test]
    fn a_visitor_stops_with_its_own_reason() {
        let stopped = read(&mut &archive()[..], &mut Stops);
        assert_eq!(stopped, Err(Stopped::Cancelled));
        let broken = read(&mut &b"no archive"[..], &mut Stops);
        assert!(matches!(broken, Err(Stopped::Read(_))), "{broken:?}");
    }
}
