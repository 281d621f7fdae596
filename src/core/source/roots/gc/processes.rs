//! Roots that come and go: running processes, and what a running Nix has claimed.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use memchr::memmem;

use super::{GcRoot, Process, RootKind, RootSearch};
use crate::job::Cancelled;
use crate::model::store_path::{HASH_PART_LEN, MAX_NAME_LEN, split_base_name};
use crate::plain_file;

/// The longest file of a process that is read, in bytes.
const MOST: u64 = 16 << 20;

impl RootSearch<'_> {
    /// What running Nix processes are about to use.
    pub(crate) fn temporary(&mut self) -> Result<(), Cancelled> {
        let dir = self.place.state_dir.join("temproots");
        let entries = match fs::read_dir(&dir) {
            Ok(entries) => entries,
            Err(error) => {
                self.unreadable(&dir, &error);
                return Ok(());
            }
        };
        for entry in entries.filter_map(Result::ok) {
            self.progress.check()?;
            let path = entry.path();
            let number = entry
                .file_name()
                .to_str()
                .and_then(|name| name.parse().ok());
            let Some(number) = number else { continue };
            // What a process that is gone has left holds nothing.
            let alive = Path::new("/proc").join(entry.file_name());
            if !alive.exists() {
                continue;
            }
            match plain_file::read(&path, MOST) {
                Ok(bytes) => {
                    let mut by = Holding::of(self, number, &alive, RootKind::Temporary);
                    for base in self.mentioned(&bytes) {
                        by.hold(self, &path, base);
                    }
                }
                Err(error) => self.unreadable(&path, &error),
            }
        }
        Ok(())
    }

    /// What running processes execute, have open or mapped, work in, or name in their environment.
    pub(crate) fn processes(&mut self, proc: &Path) -> Result<(), Cancelled> {
        let Ok(entries) = fs::read_dir(proc) else {
            return Ok(());
        };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut numbers: Vec<u32> = names.filter_map(|name| name.parse().ok()).collect();
        numbers.sort_unstable();
        for number in numbers {
            self.progress.advance(1)?;
            self.process(&proc.join(number.to_string()), number);
        }
        Ok(())
    }

    fn process(&mut self, dir: &Path, number: u32) {
        let mut denied = false;
        let mut note = |error: Option<io::ErrorKind>| {
            denied |= error == Some(io::ErrorKind::PermissionDenied);
        };
        let mut by = Holding::of(self, number, dir, RootKind::Process);
        let mut links = vec![dir.join("exe"), dir.join("cwd")];
        let open = fs::read_dir(dir.join("fd"));
        note(open.as_ref().err().map(io::Error::kind));
        let open = open.into_iter().flatten();
        links.extend(open.filter_map(|entry| Some(entry.ok()?.path())));
        for link in links {
            let target = fs::read_link(&link);
            note(target.as_ref().err().map(io::Error::kind));
            let base = target.ok().and_then(|target| self.in_store(&target));
            if let Some(base) = base.filter(|base| split_base_name(base).is_ok()) {
                by.hold(self, &link, base);
            }
        }
        for file in [dir.join("maps"), dir.join("environ")] {
            let bytes = plain_file::read(&file, MOST);
            let kind = bytes.as_ref().err().map(io::Error::kind);
            // What was not read to its end may name more.
            note(kind.map(|kind| match kind {
                io::ErrorKind::FileTooLarge => io::ErrorKind::PermissionDenied,
                kind => kind,
            }));
            for base in self.mentioned(&bytes.unwrap_or_default()) {
                by.hold(self, &file, base);
            }
        }
        if denied {
            let kind = "processes of other users, which may hold more paths than are listed";
            self.warnings.add(kind, dir.display());
        }
    }

    /// The store paths that a text names.
    fn mentioned(&self, bytes: &[u8]) -> Vec<String> {
        let prefix = format!("{}/", self.store_dir);
        let after =
            memmem::find_iter(bytes, prefix.as_bytes()).map(|at| &bytes[at + prefix.len()..]);
        after.filter_map(base_name).collect()
    }
}

/// What one process holds: each path once, by the first thing of it that names the path.
struct Holding {
    process: Process,
    owner: Option<String>,
    kind: RootKind,
    held: HashSet<String>,
}

impl Holding {
    fn of(search: &RootSearch<'_>, number: u32, dir: &Path, kind: RootKind) -> Self {
        let name = plain_file::read(&dir.join("comm"), MOST).ok();
        let name = name.map(|name| String::from_utf8_lossy(&name).trim_end().to_owned());
        let owner = fs::symlink_metadata(dir).ok();
        Self {
            process: Process {
                number,
                name: name.filter(|name| !name.is_empty()),
            },
            owner: owner.map(|meta| search.user(meta.uid())),
            kind,
            held: HashSet::new(),
        }
    }

    fn hold(&mut self, search: &mut RootSearch<'_>, link: &Path, target: String) {
        if !self.held.insert(target.clone()) {
            return;
        }
        search.roots.push(GcRoot {
            link: link.to_owned(),
            registered: None,
            target,
            kind: self.kind,
            owner: self.owner.clone(),
            created: None,
            generation: None,
            process: Some(self.process.clone()),
        });
    }
}

/// The base name that bytes begin with.
fn base_name(bytes: &[u8]) -> Option<String> {
    let longest = &bytes[..bytes.len().min(HASH_PART_LEN + 1 + MAX_NAME_LEN)];
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-._?=".contains(byte);
    let len = longest.iter().position(|byte| !is_part(byte));
    let text = std::str::from_utf8(&longest[..len.unwrap_or(longest.len())]).ok()?;
    split_base_name(text).ok()?;
    Some(text.to_owned())
}
