//! The one way files are written: whole or not at all.
//!
//! The content goes into a draft on the same file system, and the draft takes the file's place when it is complete. What
//! fails midway, a full disk or a killed program leaves the old file as it was. On Linux the draft has no name until then,
//! so nothing is left of it whatever ends the program; elsewhere it has one until it is dropped.
//!
//! Where a file cannot be exchanged (its directory may not be written to, it is another user's, it is all that a container
//! sees of a directory) it is filled from the complete draft instead, which only a crash in that moment can interrupt.

use std::fs::{self, File, Metadata, Permissions};
use std::io::{self, BufWriter, Seek as _, Write};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::{
    FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown,
};
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, CWD, access, linkat};
use tempfile::{Builder, NamedTempFile};

use crate::plain_file;

/// What is done where there is something of that name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// It is left alone: [`io::ErrorKind::AlreadyExists`].
    Nothing,
    /// A plain file is replaced.
    Files,
    /// A plain file is replaced; a pipe, a terminal or another device is written into as it stands.
    Anything,
}

/// Who may read a file that was not there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// Whom the user's mask lets.
    Usual,
    /// The user alone.
    Owner,
}

/// Writes a whole file or none.
///
/// A file that was there keeps its permissions, its owner and its group; one that is read-only, or of another user, is
/// refused. A link is followed, and refused where it leads nowhere. Of several hard links only the one named changes.
pub fn whole(
    path: &Path,
    over: Over,
    readers: Readers,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let Some(before) = there(path)? else {
        let draft = Draft::beside(path, readers)?.filled(content)?;
        return draft.place(path, over != Over::Nothing);
    };
    if over == Over::Nothing {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    if !before.is_file() {
        if over == Over::Anything && !before.is_dir() {
            let file = if before.file_type().is_fifo() {
                plain_file::open_pipe_to(path, plain_file::PATIENCE)?
            } else {
                File::options().write(true).open(path)?
            };
            return fill(&file, content);
        }
        return Err(io::Error::other("it is not a plain file"));
    }
    if before.mode() & 0o222 == 0 || access(path, Access::WRITE_OK).is_err() {
        let problem = "it is there and may not be written to";
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, problem));
    }
    // Who has a link there wants the file it leads to.
    let place = fs::canonicalize(path)?;
    let draft = Draft::beside(&place, Readers::Owner).or_else(|_| Draft::elsewhere())?;
    draft.filled(content)?.replace(&place, &before)
}

/// What is at a path, links followed. A link that leads nowhere, or to itself, is an error.
fn there(path: &Path) -> io::Result<Option<Metadata>> {
    match fs::metadata(path) {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Err(_) if fs::symlink_metadata(path).is_ok() => {
            Err(io::Error::other("it is a link that leads nowhere"))
        }
        Err(_) => Ok(None),
    }
}

/// What is being written, open for writing and reading.
enum Draft {
    /// In the directory of the file to be, without a name.
    Nameless(File),
    /// In the directory of the file to be.
    Named(NamedTempFile),
    /// Somewhere else.
    Elsewhere(File),
}

impl Draft {
    fn beside(path: &Path, readers: Readers) -> io::Result<Self> {
        let mode = match readers {
            Readers::Usual => 0o666,
            Readers::Owner => 0o600,
        };
        let directory = directory(path);
        if let Some(file) = nameless(directory, mode)? {
            return Ok(Self::Nameless(file));
        }
        let permissions = Permissions::from_mode(mode);
        let named = named().permissions(permissions).tempfile_in(directory);
        named.map(Self::Named)
    }

    fn elsewhere() -> io::Result<Self> {
        tempfile::tempfile().map(Self::Elsewhere)
    }

    fn file(&self) -> &File {
        match self {
            Self::Nameless(file) | Self::Elsewhere(file) => file,
            Self::Named(named) => named.as_file(),
        }
    }

    fn filled(self, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<Self> {
        fill(self.file(), content)?;
        Ok(self)
    }

    /// Takes the place of a file, or of none.
    fn place(self, path: &Path, over: bool) -> io::Result<()> {
        match self {
            Self::Named(named) if over => named.persist(path).map(drop).map_err(|e| e.error),
            Self::Named(named) => named.persist_noclobber(path).map(drop).map_err(|e| e.error),
            Self::Nameless(file) if over => exchange(&file, path),
            Self::Nameless(file) => link(&file, path),
            Self::Elsewhere(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// Takes the place of a plain file that is there.
    fn replace(self, path: &Path, before: &Metadata) -> io::Result<()> {
        let mut content = self.file().try_clone()?;
        let exchanged = resemble(&content, before)
            .and_then(|()| content.sync_data())
            .and_then(|()| self.place(path, true));
        if exchanged.is_ok() {
            return Ok(());
        }
        content.rewind()?;
        let file = File::options().write(true).truncate(true).open(path)?;
        fill(&file, |out| io::copy(&mut content, out).map(drop))
    }
}

/// Gives a draft the owner, the group and the permissions of the file it is to replace.
fn resemble(draft: &File, before: &Metadata) -> io::Result<()> {
    let own = draft.metadata()?;
    let differs = |own: u32, other: u32| (own != other).then_some(other);
    let (user, group) = (
        differs(own.uid(), before.uid()),
        differs(own.gid(), before.gid()),
    );
    if user.is_some() || group.is_some() {
        fchown(draft, user, group)?;
    }
    draft.set_permissions(before.permissions())
}

/// A file without a name, where the system and the file system can give it one later.
#[cfg(target_os = "linux")]
fn nameless(directory: &Path, mode: u32) -> io::Result<Option<File>> {
    use io::ErrorKind::{NotFound, PermissionDenied, ReadOnlyFilesystem, StorageFull};
    let file = File::options()
        .read(true)
        .write(true)
        .mode(mode)
        .custom_flags(rustix::fs::OFlags::TMPFILE.bits().cast_signed())
        .open(directory);
    match file {
        Ok(file) => Ok(Some(file).filter(|file| by_number(file).exists())),
        Err(error) => match error.kind() {
            // A file with a name would fare no better.
            NotFound | PermissionDenied | ReadOnlyFilesystem | StorageFull => Err(error),
            _ => Ok(None),
        },
    }
}

/// No such file elsewhere.
#[cfg(not(target_os = "linux"))]
fn nameless(_: &Path, _: u32) -> io::Result<Option<File>> {
    Ok(None)
}

/// Gives a file without a name one that is free.
fn link(file: &File, path: &Path) -> io::Result<()> {
    let linked = linkat(CWD, by_number(file), CWD, path, AtFlags::SYMLINK_FOLLOW);
    linked.map_err(io::Error::from)
}

/// Gives a file without a name one that is taken.
fn exchange(file: &File, path: &Path) -> io::Result<()> {
    let named = named().make_in(directory(path), |name| link(file, name))?;
    named.persist(path).map(drop).map_err(|error| error.error)
}

fn by_number(file: &File) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
}

fn named() -> Builder<'static, 'static> {
    let mut builder = Builder::new();
    builder.prefix(".nix-heft-").suffix(".part");
    builder
}

fn directory(path: &Path) -> &Path {
    let parent = path.parent().filter(|parent| *parent != Path::new(""));
    parent.unwrap_or(Path::new("."))
}

fn fill(file: &File, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, file);
    let outcome = content(&mut out).and_then(|()| out.flush());
    if outcome.is_err() {
        // What is left in the buffer would only fail once more.
        let _ = out.into_parts();
    }
    outcome
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn put(path: &Path, over: Over, text: &str) -> io::Result<()> {
        whole(path, over, Readers::Usual, |out| {
            out.write_all(text.as_bytes())
        })
    }

    fn fails(out: &mut dyn Write) -> io::Result<()> {
        out.write_all(&b"x".repeat(1 << 20))?;
        Err(io::Error::other("full"))
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("there").mode() & 0o7777
    }

    fn names(directory: &Path) -> Vec<String> {
        let entries = fs::read_dir(directory).expect("a directory");
        let names = entries.map(|entry| entry.expect("an entry").file_name());
        let mut names: Vec<_> = names
            .map(|name| name.to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn what_fails_midway_leaves_everything_as_it_was() {
        let directory = tempfile::tempdir().expect("a directory");
        let at = |name: &str| directory.path().join(name);
        put(&at("new"), Over::Nothing, "good").expect("written");
        fs::set_permissions(at("new"), Permissions::from_mode(0o640)).expect("a mode");
        symlink("new", at("link")).expect("a link");
        for name in ["new", "link", "none"] {
            let outcome = whole(&at(name), Over::Files, Readers::Usual, fails);
            assert_eq!(outcome.expect_err("full").to_string(), "full");
        }
        assert_eq!(names(directory.path()), ["link", "new"]);
        assert_eq!(fs::read(at("new")).expect("there"), b"good");
        put(&at("link"), Over::Files, "better").expect("written");
        assert_eq!(fs::read(at("new")).expect("there"), b"better");
        assert_eq!(mode(&at("new")), 0o640);
        assert!(
            fs::symlink_metadata(at("link"))
                .expect("there")
                .is_symlink()
        );
        assert_eq!(names(directory.path()), ["link", "new"]);
    }

    #[test]
    fn what_may_not_be_replaced_is_refused_and_stays() {
        let directory = tempfile::tempdir().expect("a directory");
        let at = |name: &str| directory.path().join(name);
        fs::write(at("read-only"), "old").expect("a file");
        fs::set_permissions(at("read-only"), Permissions::from_mode(0o444)).expect("a mode");
        symlink("nowhere", at("dangling")).expect("a link");
        symlink("loop", at("loop")).expect("a link");
        fs::create_dir(at("directory")).expect("a directory");
        for name in ["read-only", "dangling", "loop", "directory"] {
            for over in [Over::Nothing, Over::Files, Over::Anything] {
                assert!(put(&at(name), over, "new").is_err(), "{name} {over:?}");
            }
        }
        assert_eq!(fs::read(at("read-only")).expect("there"), b"old");
        assert_eq!(
            names(directory.path()),
            ["dangling", "directory", "loop", "read-only"]
        );
        put(Path::new("/dev/null"), Over::Anything, "gone").expect("a device");
        assert!(put(Path::new("/dev/null"), Over::Files, "gone").is_err());
    }

    #[test]
    fn files_of_one_s_own_are_read_by_nobody_else() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("own");
        whole(&file, Over::Files, Readers::Owner, |out| {
            out.write_all(b"x")
        })
        .expect("written");
        assert_eq!(mode(&file), 0o600);
        let usual = directory.path().join("usual");
        fs::write(directory.path().join("made"), "").expect("a file");
        put(&usual, Over::Nothing, "x").expect("written");
        assert_eq!(
            mode(&usual),
            mode(&directory.path().join("made")),
            "as the mask says"
        );
    }

    #[test]
    fn each_kind_of_draft_ends_in_the_same_file() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("file");
        for over in [false, true] {
            let named = || named().tempfile_in(directory.path()).map(Draft::Named);
            let nameless = || Draft::beside(&file, Readers::Usual);
            for draft in [named(), nameless()] {
                if !over {
                    let _ = fs::remove_file(&file);
                }
                let draft = draft
                    .expect("a draft")
                    .filled(|out| out.write_all(b"whole"));
                draft.expect("filled").place(&file, over).expect("placed");
                assert_eq!(fs::read(&file).expect("there"), b"whole");
                assert_eq!(names(directory.path()), ["file"]);
            }
        }
        let before = fs::metadata(&file).expect("there");
        let draft = Draft::elsewhere().expect("a draft");
        let draft = draft.filled(|out| out.write_all(b"new")).expect("filled");
        draft.replace(&file, &before).expect("filled in place");
        assert_eq!(fs::read(&file).expect("there"), b"new");
        assert_eq!(fs::metadata(&file).expect("there").ino(), before.ino());
    }
}
