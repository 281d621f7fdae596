//! Roots that are links: every entry below `gcroots` and `profiles`, and the link that such an entry may lead to.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rustix::io::Errno;

use super::{LinkProblem, RootKind, Search};
use crate::job::Cancelled;
use crate::model::store_path::split_base_name;
use crate::source::roots::base_below;

impl Search<'_> {
    /// Looks at everything below a directory, as deep as paths can be; links to other directories are not followed.
    pub(super) fn directory(
        &mut self,
        dir: &Path,
        kind: RootKind,
        depth: usize,
    ) -> Result<(), Cancelled> {
        let entries = match fs::read_dir(dir) {
            Ok(entries) => entries,
            Err(error) => {
                self.unreadable(dir, &error);
                return Ok(());
            }
        };
        for entry in entries {
            self.progress.advance(1)?;
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.unreadable(dir, &error);
                    continue;
                }
            };
            let path = entry.path();
            match entry.file_type() {
                Ok(kind_of_file) if kind_of_file.is_dir() => {
                    let auto = depth == 0 && kind == RootKind::Link && entry.file_name() == "auto";
                    let kind = if auto { RootKind::Result } else { kind };
                    self.directory(&path, kind, depth + 1)?;
                }
                Ok(kind_of_file) if kind_of_file.is_symlink() => self.link(&path, kind),
                Ok(_) => self.file(path, kind),
                Err(error) => self.unreadable(&path, &error),
            }
        }
        Ok(())
    }

    /// A file may stand for the path whose name it has.
    fn file(&mut self, path: PathBuf, kind: RootKind) {
        let base = path.file_name().and_then(|name| name.to_str());
        if let Some(base) = base.filter(|base| split_base_name(base).is_ok()) {
            let base = base.to_owned();
            self.hold(path, None, base, kind);
        }
    }

    /// A link to a store path, or to a link to one: Nix goes no further.
    fn link(&mut self, link: &Path, kind: RootKind) {
        let Some(target) = self.read_link(link) else {
            return;
        };
        if let Some(base) = self.in_store(&target) {
            return self.hold(link.to_owned(), None, base, kind);
        }
        let second = self.meant(link, &target);
        match fs::read_link(&second) {
            Ok(target) => match self.in_store(&target) {
                Some(base) => self.hold(second, Some(link), base, kind),
                None => self.leads_on(link, &second, &target),
            },
            // It is there, and no link.
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => {}
            Err(error) => self.leads_nowhere(link, &second, &error),
        }
    }

    /// A link that leads on to a third thing: only whether it leads anywhere is of interest.
    fn leads_on(&mut self, link: &Path, second: &Path, target: &Path) {
        let third = self.meant(second, target);
        let error = match fs::symlink_metadata(&third) {
            Err(error) => return self.leads_nowhere(link, &third, &error),
            Ok(_) => fs::metadata(second).err(),
        };
        if error.is_some_and(|error| is_circle(&error)) {
            self.broken(link, LinkProblem::Circular);
        }
    }

    fn leads_nowhere(&mut self, link: &Path, to: &Path, error: &io::Error) {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
                // A link that has been taken away meanwhile is no broken one.
                if fs::symlink_metadata(link).is_ok() {
                    self.broken(link, LinkProblem::Dangling);
                }
            }
            _ if is_circle(error) => self.broken(link, LinkProblem::Circular),
            _ => self.unreadable(to, error),
        }
    }

    fn read_link(&mut self, link: &Path) -> Option<PathBuf> {
        match fs::read_link(link) {
            Ok(target) => Some(target),
            Err(error) => {
                self.unreadable(link, &error);
                None
            }
        }
    }

    /// Where a link's target is: in a chroot store below its root, if there is something.
    fn meant(&self, link: &Path, target: &Path) -> PathBuf {
        let beside = link.parent().unwrap_or(Path::new("/")).join(target);
        let inside = self.place.inside(&beside);
        inside
            .filter(|inside| fs::symlink_metadata(inside).is_ok())
            .unwrap_or(beside)
    }

    pub(super) fn in_store(&self, target: &Path) -> Option<String> {
        self.stores
            .iter()
            .find_map(|store| base_below(store, target))
    }
}

fn is_circle(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::LOOP.raw_os_error())
}
