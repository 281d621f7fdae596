//! Roots that come and go: running processes, and what a running Nix has claimed.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use memchr::memmem;

use super::{RootKind, Search};
use crate::job::Cancelled;
use crate::model::store_path::{HASH_PART_LEN, MAX_NAME_LEN, split_base_name};

/// Most of a file below `/proc` that is read, in bytes.
const MOST: u64 = 16 << 20;

impl Search<'_> {
    /// What running Nix processes are about to use.
    pub(crate) fn temporary(&mut self) -> Result<(), Cancelled> {
        let dir = self.place.state_dir.join("temproots");
        let Ok(entries) = fs::read_dir(&dir) else {
            return Ok(());
        };
        for entry in entries.filter_map(Result::ok) {
            self.progress.check()?;
            let path = entry.path();
            let alive = Path::new("/proc").join(entry.file_name());
            // What a process that is gone has left holds nothing.
            if !alive.exists() {
                continue;
            }
            match read(&path) {
                Ok(bytes) => {
                    for base in self.mentioned(&bytes) {
                        self.hold(path.clone(), base, RootKind::Temporary);
                    }
                }
                Err(error) => self.unreadable(&path, &error),
            }
        }
        Ok(())
    }

    /// What running processes execute, have open or mapped, work in, or name in their environment. A path that several
    /// hold is listed once, with the process that has the lowest number.
    pub(crate) fn processes(&mut self, proc: &Path) -> Result<(), Cancelled> {
        let Ok(entries) = fs::read_dir(proc) else {
            return Ok(());
        };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut numbers: Vec<u32> = names.filter_map(|name| name.parse().ok()).collect();
        numbers.sort_unstable();
        let mut held = HashSet::new();
        for number in numbers {
            self.progress.advance(1)?;
            self.process(&proc.join(number.to_string()), &mut held);
        }
        Ok(())
    }

    fn process(&mut self, dir: &Path, held: &mut HashSet<String>) {
        let mut denied = false;
        let mut note = |outcome: &io::Result<()>| {
            let kind = outcome.as_ref().err().map(io::Error::kind);
            denied |= kind == Some(io::ErrorKind::PermissionDenied);
        };
        let mut links = vec![dir.join("exe"), dir.join("cwd")];
        let open = fs::read_dir(dir.join("fd"));
        note(
            &open
                .as_ref()
                .map(|_| ())
                .map_err(|error| error.kind().into()),
        );
        links.extend(
            open.into_iter()
                .flatten()
                .filter_map(|entry| Some(entry.ok()?.path())),
        );
        for link in links {
            let target = fs::read_link(&link);
            note(
                &target
                    .as_ref()
                    .map(|_| ())
                    .map_err(|error| error.kind().into()),
            );
            if let Some(base) = target.ok().and_then(|target| self.in_store(&target))
                && split_base_name(&base).is_ok()
                && held.insert(base.clone())
            {
                self.hold(link, base, RootKind::Process);
            }
        }
        for file in [dir.join("maps"), dir.join("environ")] {
            let bytes = read(&file);
            note(
                &bytes
                    .as_ref()
                    .map(|_| ())
                    .map_err(|error| error.kind().into()),
            );
            for base in self.mentioned(&bytes.unwrap_or_default()) {
                if held.insert(base.clone()) {
                    self.hold(file.clone(), base, RootKind::Process);
                }
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

/// The base name that bytes begin with.
fn base_name(bytes: &[u8]) -> Option<String> {
    let longest = &bytes[..bytes.len().min(HASH_PART_LEN + 1 + MAX_NAME_LEN)];
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-._?=".contains(byte);
    let len = longest.iter().position(|byte| !is_part(byte));
    let text = std::str::from_utf8(&longest[..len.unwrap_or(longest.len())]).ok()?;
    split_base_name(text).ok()?;
    Some(text.to_owned())
}

fn read(file: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(file)?.take(MOST).read_to_end(&mut bytes)?;
    Ok(bytes)
}
