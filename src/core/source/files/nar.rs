//! Reads a NAR as a stream, entry by entry, without unpacking it anywhere and without believing any of its lengths.

use std::ffi::OsStr;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// What every NAR begins with.
const MAGIC: &[u8] = b"nix-archive-1";
/// The longest name and the longest link target that file systems take, in bytes.
const LONGEST_NAME: usize = 255;
const LONGEST_TARGET: usize = 4096;
/// Deeper than any path can be.
const DEEPEST: usize = 2048;

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

/// Reads one NAR. What is behind its end is left alone.
pub(crate) fn read<V: NarVisitor>(archive: &mut dyn Read, visitor: &mut V) -> Result<(), V::Error> {
    let mut nar = Nar { archive };
    nar.expect(MAGIC)?;
    let mut relative = PathBuf::new();
    // The name of the last entry of each open directory.
    let mut open: Vec<Vec<u8>> = Vec::new();
    if nar.node(&relative, visitor)? {
        open.push(Vec::new());
    }
    while let Some(last) = open.last_mut() {
        let Some(name) = nar.entry(last)? else {
            open.pop();
            relative.pop();
            if !open.is_empty() {
                nar.expect(b")")?;
            }
            continue;
        };
        relative.push(OsStr::from_bytes(&name));
        *last = name;
        if nar.node(&relative, visitor)? {
            if open.len() == DEEPEST {
                return Err(broken("directories are nested too deeply").into());
            }
            open.push(Vec::new());
        } else {
            nar.expect(b")")?;
            relative.pop();
        }
    }
    Ok(())
}

fn broken(problem: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem.into())
}

struct Nar<'a> {
    archive: &'a mut dyn Read,
}

impl Nar<'_> {
    /// Reads a node; of a directory only its beginning, which is told by `true`.
    fn node<V: NarVisitor>(&mut self, relative: &Path, visitor: &mut V) -> Result<bool, V::Error> {
        self.expect(b"(")?;
        self.expect(b"type")?;
        match &self.text(LONGEST_NAME)?[..] {
            b"directory" => {
                visitor.other(relative, None)?;
                return Ok(true);
            }
            b"symlink" => {
                self.expect(b"target")?;
                let target = self.text(LONGEST_TARGET)?;
                visitor.other(relative, Some(&target))?;
            }
            b"regular" => self.regular(relative, visitor)?,
            _ => return Err(broken("an entry of unknown type").into()),
        }
        self.expect(b")")?;
        Ok(false)
    }

    fn regular<V: NarVisitor>(&mut self, relative: &Path, visitor: &mut V) -> Result<(), V::Error> {
        let mut mark = self.text(LONGEST_NAME)?;
        let executable = mark == b"executable";
        if executable {
            self.expect(b"")?;
            mark = self.text(LONGEST_NAME)?;
        }
        if mark != b"contents" {
            return Err(broken("a file without contents").into());
        }
        let length = self.number()?;
        let mut content = self.archive.take(length);
        visitor.file(relative, length, executable, &mut content)?;
        io::copy(&mut content, &mut io::sink())?;
        if content.limit() > 0 {
            return Err(ends_early().into());
        }
        Ok(self.padding(length)?)
    }

    /// The name of the next entry of a directory, or `None` at its end. Names come in ascending order.
    fn entry(&mut self, last: &[u8]) -> io::Result<Option<Vec<u8>>> {
        match &self.text(LONGEST_NAME)?[..] {
            b")" => return Ok(None),
            b"entry" => {}
            _ => return Err(broken("something between the entries of a directory")),
        }
        self.expect(b"(")?;
        self.expect(b"name")?;
        let name = self.text(LONGEST_NAME)?;
        let no_name = matches!(&name[..], b"" | b"." | b"..");
        if no_name || name.iter().any(|byte| matches!(byte, b'/' | 0)) {
            return Err(broken("a file name that no file can have"));
        }
        if !last.is_empty() && *last >= *name {
            return Err(broken("names that are not in order"));
        }
        self.expect(b"node")?;
        Ok(Some(name))
    }

    fn expect(&mut self, text: &[u8]) -> io::Result<()> {
        if self.text(LONGEST_NAME)? == text {
            return Ok(());
        }
        let text = String::from_utf8_lossy(text);
        Err(broken(format!("'{text}' is missing")))
    }

    fn text(&mut self, longest: usize) -> io::Result<Vec<u8>> {
        let length = self.number()?;
        let fitting = usize::try_from(length).ok().filter(|&len| len <= longest);
        let mut text = vec![0; fitting.ok_or_else(|| broken("a text that is too long"))?];
        self.exactly(&mut text)?;
        self.padding(length)?;
        Ok(text)
    }

    fn number(&mut self) -> io::Result<u64> {
        let mut bytes = [0; 8];
        self.exactly(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    /// Texts and contents are filled up to a multiple of eight bytes with zeros.
    fn padding(&mut self, length: u64) -> io::Result<()> {
        let mut zeros = [0; 8];
        let zeros = &mut zeros[..((8 - length % 8) % 8) as usize];
        self.exactly(zeros)?;
        if zeros.iter().any(|&byte| byte != 0) {
            return Err(broken("padding that is not zero"));
        }
        Ok(())
    }

    fn exactly(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        let early = |error: io::Error| match error.kind() {
            io::ErrorKind::UnexpectedEof => ends_early(),
            _ => error,
        };
        self.archive.read_exact(bytes).map_err(early)
    }
}

fn ends_early() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "it ends too early")
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use nix_archive::nar::{CaseHack, encode_path};

    use super::*;

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
            let error = names(&whole[..cut]).expect_err("cut off");
            assert_eq!(error.to_string(), "it ends too early", "at {cut}");
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
}
