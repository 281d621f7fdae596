//! Noticing that what was read has changed since: a look at the files' sizes and times every few seconds.
//!
//! No inotify: it is not there on every system and file system, and a database behind a write-ahead log is written far more
//! often than is useful to know. Two calls of `stat` every two seconds cost nothing that could be measured.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use crate::job::{Cancelled, Progress};

/// How long between two looks.
const PAUSE: Duration = Duration::from_secs(2);

/// What files looked like at a moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stamp(Vec<(PathBuf, Option<FileState>)>);

/// Length, time of the last change in seconds and nanoseconds, and which file it is.
type FileState = (u64, i64, i64, u64);

impl Stamp {
    /// What they look like now.
    pub fn of(files: Vec<PathBuf>) -> Self {
        // An empty log says the same as none.
        let look = |file: PathBuf| {
            let found = fs::metadata(&file).ok().filter(|found| found.len() > 0);
            let look = found.map(|f| (f.len(), f.mtime(), f.mtime_nsec(), f.ino()));
            (file, look)
        };
        Self(files.into_iter().map(look).collect())
    }

    /// Whether there is nothing to watch.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether they have changed.
    pub fn is_outdated(&self) -> bool {
        let files = self.0.iter().map(|(file, _)| file.clone()).collect();
        Self::of(files) != *self
    }

    /// Waits until they do.
    pub fn wait(&self, progress: &Progress) -> Result<(), Cancelled> {
        while !self.is_outdated() {
            thread::sleep(PAUSE);
            progress.check()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_any_file_is_noticed() {
        let directory = tempfile::tempdir().expect("a directory");
        let (file, log) = (directory.path().join("db"), directory.path().join("db-wal"));
        fs::write(&file, "one").expect("written");
        let stamp = || Stamp::of(vec![file.clone(), log.clone()]);
        let before = stamp();
        assert!(!before.is_outdated());
        fs::write(&log, "").expect("written");
        assert!(!before.is_outdated(), "an empty log holds nothing");
        fs::write(&log, "more").expect("written");
        assert!(before.is_outdated());
        let before = stamp();
        fs::remove_file(&log).expect("removed");
        assert!(before.is_outdated());
        let before = stamp();
        fs::write(directory.path().join("new"), "one").expect("written");
        fs::rename(directory.path().join("new"), &file).expect("renamed");
        assert!(before.is_outdated(), "another file of the same name");
        assert!(Stamp::default().is_empty() && !Stamp::default().is_outdated());
    }
}
