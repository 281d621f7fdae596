//! What the explorer remembers from one session to the next: what was searched for, and that the user was welcomed.
//!
//! One file, one search a line, the oldest first. That it is there says that the user was welcomed. Nothing depends on it:
//! where it cannot be read or written, nothing is remembered.

use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use super::UserFileError;
use super::whole::{Over, Readers, whole};
use crate::text::is_harmless;

/// Searches that are kept.
const MOST: usize = 100;
/// Longer ones are not kept.
const LONGEST: usize = 500;

/// What is remembered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Memory {
    /// What was searched for, the oldest first.
    pub searches: Vec<String>,
    /// Whether this is the first session of all.
    pub first: bool,
}

/// Where it is kept: below `$XDG_STATE_HOME`, or `~/.local/state`. `None` if neither is known.
pub fn file(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let absolute = |name| variable(name).filter(|path| path.is_absolute());
    let home = || Some(absolute("HOME")?.join(".local/state"));
    let state = absolute("XDG_STATE_HOME").or_else(home)?;
    Some(state.join("nix-heft/searches"))
}

/// What the file says. Where there is none it is begun; only if that succeeds is this the first session.
pub fn recall(file: &Path) -> Memory {
    match super::read_bytes(file) {
        Ok(bytes) => Memory {
            searches: searches(&bytes),
            first: false,
        },
        Err(UserFileError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            Memory {
                searches: Vec::new(),
                first: begin(file).is_ok(),
            }
        }
        Err(_) => Memory::default(),
    }
}

/// Adds a search to the file.
pub fn remember(file: &Path, search: &str) -> io::Result<()> {
    let mut all = match super::read_bytes(file) {
        Ok(bytes) => searches(&bytes),
        Err(UserFileError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            Vec::new()
        }
        // What cannot be read may hold more than is known here.
        Err(error) => return Err(io::Error::other(error.to_string())),
    };
    all.retain(|other| other != search);
    all.push(search.to_owned());
    let kept = searches(all.join("\n").as_bytes()).join("\n");
    whole(file, Over::Files, Readers::Owner, |out| {
        out.write_all(kept.as_bytes())?;
        out.write_all(b"\n")
    })
}

fn begin(file: &Path) -> io::Result<()> {
    // What is searched for is private.
    let folder = file.parent().unwrap_or(Path::new("."));
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    whole(file, Over::Nothing, Readers::Owner, |_| Ok(()))
}

/// The newest of the lines that can be searches, without those that would do harm where the file is shown. A damaged line
/// costs none of the others.
pub(crate) fn searches(bytes: &[u8]) -> Vec<String> {
    let sound = |line: &&str| {
        !line.trim().is_empty() && line.len() <= LONGEST && line.chars().all(is_harmless)
    };
    let lines = bytes.split(|&byte| byte == b'\n');
    let texts = lines.filter_map(|line| std::str::from_utf8(line).ok());
    let mut lines: Vec<String> = texts.filter(sound).map(str::to_owned).collect();
    lines.drain(..lines.len().saturating_sub(MOST));
    lines
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

    use super::*;

    #[test]
    fn the_first_session_is_the_first_only_once_and_searches_are_kept() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("state/nix-heft/searches");
        assert!(recall(&file).first);
        assert_eq!(recall(&file), Memory::default());
        for search in ["perl", "nar>1M", "perl"] {
            remember(&file, search).expect("written");
        }
        assert_eq!(recall(&file).searches, ["nar>1M", "perl"]);
        for number in 0..2 * MOST {
            remember(&file, &format!("search {number}")).expect("written");
        }
        let searches = recall(&file).searches;
        assert_eq!((searches.len(), &*searches[0]), (MOST, "search 100"));
        let mode = |file: &Path| fs::metadata(file).expect("there").mode() & 0o777;
        assert_eq!(mode(&file), 0o600);
        let state = directory.path().join("state");
        assert_eq!(
            (mode(&state), mode(&state.join("nix-heft"))),
            (0o700, 0o700)
        );
        remember(&file, "a\u{202e}b\u{9b}c").expect("written");
        assert!(
            !recall(&file)
                .searches
                .iter()
                .any(|search| search.contains('b'))
        );
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("a mode");
        remember(&file, "kept").expect("written");
        assert_eq!(mode(&file), 0o640, "who may read it is the user's choice");
        let beside = fs::read_dir(file.parent().expect("a parent")).expect("there");
        assert_eq!(beside.count(), 1, "nothing else is left");
    }

    #[test]
    fn what_cannot_be_kept_or_read_is_no_trouble() {
        let directory = tempfile::tempdir().expect("a directory");
        let blocked = directory.path().join("file");
        fs::write(&blocked, b"perl\n\x1b[2J\n\nb\xffd\ngcc\n").expect("written");
        assert_eq!(recall(&blocked).searches, ["perl", "gcc"]);
        let below = blocked.join("nix-heft/searches");
        assert_eq!(recall(&below), Memory::default(), "it cannot be begun");
        assert!(remember(&below, "perl").is_err());
        assert!(
            remember(directory.path(), "perl").is_err(),
            "it is left as it is"
        );
        assert_eq!(recall(directory.path()), Memory::default());
    }

    #[test]
    fn it_is_below_the_state_directory() {
        let of = |state: Option<&str>, home: Option<&str>| {
            let variable = |name: &str| match name {
                "XDG_STATE_HOME" => state.map(PathBuf::from),
                _ => home.map(PathBuf::from),
            };
            file(variable).map(|file| file.display().to_string())
        };
        assert_eq!(of(None, None), None);
        let below_home = Some("/home/me/.local/state/nix-heft/searches".to_owned());
        assert_eq!(of(Some("relative"), Some("/home/me")), below_home);
        let named = Some("/state/nix-heft/searches".to_owned());
        assert_eq!(of(Some("/state"), Some("/home/me")), named);
    }
}
