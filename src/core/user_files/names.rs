//! What a typed path may become. To be read in a job: a directory may have millions of files, or never answer.

use std::fs::{self, DirEntry};
use std::io;

use crate::job::{Cancelled, Progress};

/// A directory is read no further.
const MOST_READ: usize = 20_000;
/// This many names are told: who has more of them types more.
const MOST_TOLD: usize = 200;

/// The names that begin as what was typed does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileNames {
    /// The typed path with each of them at its end, in order; directories end in `/`.
    pub paths: Vec<String>,
    /// Whether there are or may be more.
    pub more: bool,
}

impl FileNames {
    /// As much as all of them have in common.
    pub fn common(&self) -> &str {
        let Some(first) = self.paths.first().filter(|_| !self.more) else {
            return "";
        };
        let same = |other: &String| {
            let pairs = first.char_indices().zip(other.chars());
            let differs = |&((_, a), b): &((usize, char), char)| a != b;
            let end = first.len().min(other.len());
            pairs
                .into_iter()
                .find(differs)
                .map_or(end, |((at, _), _)| at)
        };
        let end = self.paths.iter().map(same).min().unwrap_or(0);
        &first[..end]
    }
}

/// Where the last part of a typed path begins.
pub fn last_part(typed: &str) -> usize {
    typed.rfind('/').map_or(0, |at| at + 1)
}

/// Looks for them.
pub fn names(typed: &str, progress: &Progress) -> Result<io::Result<FileNames>, Cancelled> {
    progress.start("reading names", 0);
    let (before, stem) = typed.split_at(last_part(typed));
    let directory = super::expand_home(if before.is_empty() { "./" } else { before });
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) => return Ok(Err(error)),
    };
    let mut found = FileNames::default();
    for (at, entry) in entries.enumerate() {
        progress.advance(1)?;
        if at == MOST_READ || found.paths.len() > MOST_TOLD {
            found.more = true;
            break;
        }
        let named = entry.ok().and_then(|entry| named(&entry, stem));
        found
            .paths
            .extend(named.map(|name| before.to_owned() + &name));
    }
    found.paths.sort();
    found.paths.truncate(MOST_TOLD);
    Ok(Ok(found))
}

/// The name of a file that begins like this and can be typed; hidden ones only if asked for.
fn named(entry: &DirEntry, stem: &str) -> Option<String> {
    let mut name = entry.file_name().into_string().ok()?;
    let hidden = name.starts_with('.') && !stem.starts_with('.');
    if hidden || !name.starts_with(stem) || name.chars().any(char::is_control) {
        return None;
    }
    let kind = entry.file_type().ok();
    // Only what begins like this is followed: links may lead to what does not answer.
    let is_directory = match kind {
        Some(kind) if kind.is_symlink() => fs::metadata(entry.path()).is_ok_and(|to| to.is_dir()),
        other => other.is_some_and(|kind| kind.is_dir()),
    };
    if is_directory {
        name.push('/');
    }
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(typed: &str) -> FileNames {
        let found = names(typed, &Progress::new()).expect("not cancelled");
        found.expect("the directory is there")
    }

    #[test]
    fn names_that_begin_alike_are_told_with_what_they_share() {
        let directory = tempfile::tempdir().expect("a directory");
        for name in [
            "plan-größe.toml",
            "plan-grün.md",
            "other",
            ".hidden",
            "bad\nname",
        ] {
            fs::write(directory.path().join(name), "").expect("a file");
        }
        fs::create_dir(directory.path().join("plans")).expect("a directory");
        let base = format!("{}/", directory.path().display());
        let told = |stem: &str| {
            let names = found(&format!("{base}{stem}"));
            let parts = |path: &String| path[base.len()..].to_owned();
            let common = names
                .common()
                .get(base.len()..)
                .unwrap_or_default()
                .to_owned();
            (
                names.paths.iter().map(parts).collect::<Vec<_>>().join(" "),
                common,
            )
        };
        let table = [
            ("", "other plan-größe.toml plan-grün.md plans/", ""),
            ("p", "plan-größe.toml plan-grün.md plans/", "plan"),
            ("plan-", "plan-größe.toml plan-grün.md", "plan-gr"),
            ("plans", "plans/", "plans/"),
            (".", ".hidden", ".hidden"),
            ("x", "", ""),
        ];
        for (stem, all, common) in table {
            assert_eq!(told(stem), (all.to_owned(), common.to_owned()), "{stem}");
        }
        let missing = names(&format!("{base}none/x"), &Progress::new());
        assert!(missing.expect("not cancelled").is_err());
    }

    #[test]
    fn a_directory_without_end_is_not_read_to_it() {
        let directory = tempfile::tempdir().expect("a directory");
        for at in 0..MOST_TOLD + 50 {
            fs::write(directory.path().join(format!("file-{at:04}")), "").expect("a file");
        }
        let names = found(&format!("{}/f", directory.path().display()));
        assert_eq!((names.paths.len(), names.more), (MOST_TOLD, true));
        assert_eq!(names.common(), "", "those not told may share less");
    }
}
