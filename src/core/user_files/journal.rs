//! The journal: what closures came to, a line of JSON for each time one was measured.
//!
//! Lines are only ever appended, several at once in one piece, so that two programs can write at the same time and a
//! full disk leaves what was there. A line that cannot be read does not affect the others.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::mem;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use rustix::fs::OFlags;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::UserFileError;
use super::store::is_in_store;
use crate::gate::{Gate, Reader};
use crate::model::{ClosureRecord, StoreDir};
use crate::plain_file;
use crate::text::{seconds_of, timestamp};

const VERSION: u64 = 1;
/// A journal is read up to this many bytes: some hundred thousand lines.
const LONGEST: u64 = 64 << 20;
/// Lines that are longer are none of ours.
const LONGEST_LINE: usize = 64 << 10;
/// How often, and after what time each, a journal is tried that another program is writing to.
const TRIES: u32 = 100;
const PATIENCE: Duration = Duration::from_millis(20);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    version: u64,
    date: String,
    name: String,
    #[serde(default)]
    root: Option<String>,
    #[serde(default)]
    nar_size: Option<u64>,
    paths: u64,
    #[serde(default)]
    label: Option<String>,
}

/// Why a line is no record.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Damage {
    /// It is no JSON, or not all of a record is there.
    #[error("not a record: {0}")]
    Syntax(String),
    /// A later version of this program wrote it.
    #[error("a record of version {0}, this program reads version {VERSION}")]
    Version(u64),
    /// Its date is none.
    #[error("a record without a date such as 2026-11-28T11:02:24Z")]
    Date,
    /// It is longer than any record.
    #[error("too long for a record")]
    TooLong,
}

impl Damage {
    /// Whether the other is wrong in the same way, whatever the details.
    fn is_like(&self, other: &Self) -> bool {
        mem::discriminant(self) == mem::discriminant(other)
    }
}

/// The lines of a journal that are no records for one kind of reason, however many there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damaged {
    /// What is wrong with the first of them.
    pub damage: Damage,
    /// The first of them, counted from 1.
    pub first: usize,
    /// How many there are.
    pub lines: usize,
}

/// What is in a journal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Journal {
    /// The records, in the order of their lines.
    pub records: Vec<ClosureRecord>,
    /// The lines that are no records, by kind of damage.
    pub damaged: Vec<Damaged>,
}

impl Journal {
    /// Reads a journal's lines. Empty ones are passed over.
    pub fn parse(bytes: &[u8]) -> Self {
        let mut journal = Self::default();
        for (at, line) in bytes.split(|&byte| byte == b'\n').enumerate() {
            let line = line.trim_ascii();
            if line.is_empty() {
                continue;
            }
            match record(line) {
                Ok(record) => journal.records.push(record),
                Err(damage) => journal.add_damaged(at + 1, damage),
            }
        }
        journal
    }

    fn add_damaged(&mut self, line: usize, damage: Damage) {
        let mut kinds = self.damaged.iter_mut();
        match kinds.find(|known| known.damage.is_like(&damage)) {
            Some(known) => known.lines += 1,
            None => self.damaged.push(Damaged {
                damage,
                first: line,
                lines: 1,
            }),
        }
    }

    /// How many lines are no records.
    pub fn damaged_lines(&self) -> usize {
        self.damaged.iter().map(|kind| kind.lines).sum()
    }

    /// Reads a journal from a file or a pipe; `-` is standard input. One that is longer than 64 MiB is an error.
    pub fn read(path: &Path) -> Result<Self, UserFileError> {
        let bytes = if path == Path::new("-") {
            plain_file::read_at_most(io::stdin().lock(), LONGEST)
        } else {
            let opened = plain_file::open_or_pipe(path, plain_file::PATIENCE);
            opened.and_then(|opened| plain_file::read_at_most(opened, LONGEST))
        };
        let bytes = bytes.map_err(|source| UserFileError::unread(path, source))?;
        Ok(Self::parse(&bytes))
    }
}

fn record(line: &[u8]) -> Result<ClosureRecord, Damage> {
    #[derive(Deserialize)]
    struct Head {
        version: u64,
    }
    if line.len() > LONGEST_LINE {
        return Err(Damage::TooLong);
    }
    let syntax = |error: serde_json::Error| Damage::Syntax(error.to_string());
    let head: Head = serde_json::from_slice(line).map_err(syntax)?;
    if head.version != VERSION {
        return Err(Damage::Version(head.version));
    }
    let line: Line = serde_json::from_slice(line).map_err(syntax)?;
    Ok(ClosureRecord {
        at: seconds_of(&line.date).ok_or(Damage::Date)?,
        name: line.name,
        root: line.root,
        nar_size: line.nar_size,
        paths: line.paths,
        label: line.label,
    })
}

/// Appends records to a journal, all or none, and begins it if it is not there. Never in a store.
pub fn append(
    path: &Path,
    store_dir: &StoreDir,
    records: &[ClosureRecord],
) -> Result<(), UserFileError> {
    if is_in_store(path, store_dir) {
        return Err(UserFileError::InStore(path.to_owned()));
    }
    written(path, records).map_err(|source| UserFileError::Write {
        path: path.to_owned(),
        source,
    })
}

fn written(path: &Path, records: &[ClosureRecord]) -> io::Result<()> {
    let mut lines = Gate::new(Vec::new(), Reader::Json);
    for record in records {
        let line = Line {
            version: VERSION,
            date: timestamp(record.at),
            name: record.name.clone(),
            root: record.root.clone(),
            nar_size: record.nar_size,
            paths: record.paths,
            label: record.label.clone(),
        };
        serde_json::to_writer(&mut lines, &line)?;
        lines.write_all(b"\n")?;
    }
    let mut lines = lines.finish()?;
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    let mut file = OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is not a plain file"));
    }
    lock(&file)?;
    let before = file.metadata()?.len();
    // A line that was cut off stays a line of its own.
    if ends_within_a_line(&mut file, before)? {
        lines.insert(0, b'\n');
    }
    let outcome = file.write_all(&lines).and_then(|()| file.sync_data());
    if outcome.is_err() {
        file.set_len(before)?;
    }
    outcome
}

/// Waits a while for another program that appends.
fn lock(file: &File) -> io::Result<()> {
    for _ in 0..TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) => std::thread::sleep(PATIENCE),
            // Some file systems have no locks: what is appended in one piece stays in one piece there, too.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                return Ok(());
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Err(io::Error::new(
        io::ErrorKind::ResourceBusy,
        "another program is writing to it",
    ))
}

fn ends_within_a_line(file: &mut File, length: u64) -> io::Result<bool> {
    if length == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::Start(length - 1))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::*;

    fn record_of(at: i64, label: Option<&str>) -> ClosureRecord {
        ClosureRecord {
            at,
            name: "nixos-system-web".to_owned(),
            root: Some(
                "/nix/store/00000000000000000000000000000000-nixos-system-web-24.05".to_owned(),
            ),
            nar_size: Some(1000),
            paths: 10,
            label: label.map(str::to_owned),
        }
    }

    #[test]
    fn what_is_appended_is_read_and_what_was_there_stays() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("sizes.jsonl");
        let (one, two) = (record_of(0, None), record_of(60, Some("two\n\u{1b}[2J")));
        append(&file, &StoreDir::default(), std::slice::from_ref(&one)).expect("written");
        fs::write(
            &file,
            [fs::read(&file).expect("there"), b"{\"cut off".to_vec()].concat(),
        )
        .expect("written");
        append(&file, &StoreDir::default(), &[two.clone(), one.clone()]).expect("written");
        let journal = Journal::read(&file).expect("read");
        assert_eq!(journal.records, [one.clone(), two, one]);
        assert_eq!(journal.damaged_lines(), 1);
        assert_eq!(journal.damaged[0].first, 2);
        let text = fs::read_to_string(&file).expect("text");
        assert!(!text.contains('\u{1b}') && text.ends_with("}\n"), "{text}");
    }

    #[test]
    fn each_kind_of_damage_is_told_and_costs_its_line() {
        let good =
            r#"{"version":1,"date":"2026-11-28T11:02:24Z","name":"a","paths":1,"later":true}"#;
        let lines = [
            good,
            "",
            "{}",
            "[1]",
            r#"{"version":2,"date":"2026-11-28T11:02:24Z"}"#,
            r#"{"version":1,"date":"today","name":"a","paths":1}"#,
            r#"{"version":1,"date":"2026-11-28T11:02:24Z","name":"a","paths":-1}"#,
            &format!(
                "{{\"version\":1,\"name\":\"{}\"}}",
                "x".repeat(LONGEST_LINE)
            ),
            good,
        ];
        let journal = Journal::parse(lines.join("\r\n").as_bytes());
        assert_eq!(journal.records.len(), 2);
        assert_eq!(journal.records[0].nar_size, None);
        let kinds = journal.damaged.iter().map(|kind| (kind.first, kind.lines));
        assert_eq!(kinds.collect::<Vec<_>>(), [(3, 3), (5, 1), (6, 1), (8, 1)]);
        assert_eq!(journal.damaged_lines(), 6);
        assert!(matches!(journal.damaged[0].damage, Damage::Syntax(_)));
        assert_eq!(journal.damaged[1].damage, Damage::Version(2));
        assert_eq!(journal.damaged[2].damage, Damage::Date);
        assert_eq!(journal.damaged[3].damage, Damage::TooLong);
    }

    #[test]
    fn damage_takes_no_more_room_for_more_lines() {
        let mut bytes = Vec::new();
        for version in 2..50_000 {
            bytes.extend(format!("\u{0}\n{{\"version\":{version}}}\n").bytes());
        }
        let journal = Journal::parse(&bytes);
        assert_eq!(
            (journal.damaged.len(), journal.damaged_lines()),
            (2, 99_996)
        );
    }

    #[test]
    fn nothing_is_appended_to_a_store_or_to_what_is_no_file() {
        let directory = tempfile::tempdir().expect("a directory");
        let store = StoreDir::new(directory.path().to_str().expect("text")).expect("absolute");
        let file = directory.path().join("x");
        assert!(matches!(
            append(&file, &store, &[record_of(0, None)]),
            Err(UserFileError::InStore(_))
        ));
        assert!(!file.exists());
        for other in [directory.path(), Path::new("/dev/null")] {
            let outcome = append(other, &StoreDir::default(), &[record_of(0, None)]);
            assert!(
                matches!(outcome, Err(UserFileError::Write { .. })),
                "{outcome:?}"
            );
        }
    }

    #[test]
    fn writers_at_the_same_time_lose_nothing() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("sizes.jsonl");
        let all = crate::job::parallel(8, |writer| {
            for at in 0..20 {
                let record = record_of(at + 100 * writer.cast_signed() as i64, None);
                append(&file, &StoreDir::default(), &[record.clone(), record]).expect("written");
            }
            Ok::<_, crate::job::Cancelled>(())
        });
        assert!(all.is_ok());
        let journal = Journal::read(&file).expect("read");
        assert_eq!((journal.records.len(), journal.damaged_lines()), (320, 0));
        assert!(
            journal.records.chunks(2).all(|pair| pair[0] == pair[1]),
            "in one piece"
        );
    }

    proptest! {
        #[test]
        fn whatever_is_said_is_read_as_it_was_meant(name in any::<String>(), label in any::<Option<String>>(), paths in any::<u64>(), nar_size in any::<Option<u64>>()) {
            let directory = tempfile::tempdir().expect("a directory");
            let file = directory.path().join("sizes.jsonl");
            let record = ClosureRecord { name, label, paths, nar_size, root: None, ..record_of(1_700_000_000, None) };
            append(&file, &StoreDir::default(), std::slice::from_ref(&record)).expect("written");
            prop_assert_eq!(Journal::read(&file).expect("read").records, [record]);
        }
    }
}
