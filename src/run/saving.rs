//! Files that answers go to: written beside their place and moved there when they are whole, so that what fails midway
//! leaves nothing behind and spoils nothing that was there.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Writes a whole file or none. What is no plain file (a pipe, a terminal) is written into as it stands.
pub(super) fn whole(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let before = fs::metadata(path).ok();
    // Whoever has a link there wants the file it leads to.
    let place = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let is_plain = before.as_ref().is_none_or(fs::Metadata::is_file);
    let beside = is_plain.then(|| beside(&place)).and_then(Result::ok);
    let Some((file, draft)) = beside else {
        return fill(File::create(path)?, write);
    };
    let moved = || {
        if let Some(before) = before {
            fs::set_permissions(&draft, before.permissions())?;
        }
        fs::rename(&draft, &place)
    };
    let outcome = fill(file, write).and_then(|()| moved());
    if outcome.is_err() {
        // There is nothing more that could be done about a draft that cannot be removed.
        let _ = fs::remove_file(&draft);
    }
    outcome
}

fn fill(file: File, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, file);
    let outcome = write(&mut out).and_then(|()| out.flush());
    if outcome.is_err() {
        // What is left in the buffer would only fail once more.
        let _ = out.into_parts();
    }
    outcome
}

/// A new file in the directory of another. It fails where a directory may not be written to, but perhaps a file in it.
fn beside(path: &Path) -> io::Result<(File, PathBuf)> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let draft = path.with_file_name(format!(".{name}.{}.part", std::process::id()));
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&draft)?;
    Ok((file, draft))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn what_fails_midway_leaves_everything_as_it_was() {
        let directory = tempfile::tempdir().expect("a directory");
        let at = |name: &str| directory.path().join(name);
        let good = |out: &mut dyn Write| out.write_all(b"good");
        let bad = |out: &mut dyn Write| {
            out.write_all(&b"x".repeat(1 << 20))?;
            Err(io::Error::other("full"))
        };
        whole(&at("new"), good).expect("written");
        fs::set_permissions(at("new"), fs::Permissions::from_mode(0o600)).expect("a mode");
        symlink("new", at("link")).expect("a link");
        for name in ["new", "link", "none"] {
            assert!(whole(&at(name), bad).is_err());
        }
        let mut names: Vec<_> = fs::read_dir(directory.path())
            .expect("a directory")
            .map(|entry| entry.expect("an entry").file_name())
            .collect();
        names.sort();
        assert_eq!(names, ["link", "new"]);
        assert_eq!(fs::read(at("new")).expect("there"), b"good");
        whole(&at("link"), |out| out.write_all(b"better")).expect("written");
        assert_eq!(fs::read(at("new")).expect("there"), b"better");
        let mode = fs::metadata(at("new")).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        whole(Path::new("/dev/null"), good).expect("no plain file");
    }
}
