//! How long the parts of a NAR are, in bytes. The sum over a path's files is its NAR size.

/// A text in a NAR: its length in eight bytes, then the text, filled up to a multiple of eight.
const fn text(length: u64) -> u64 {
    8 + length.next_multiple_of(8)
}

/// `(`, `type`, and `)` around every node.
const NODE: u64 = text(1) + text(4) + text(1);

/// What stands in front of the first node.
pub(crate) const HEAD: u64 = text("nix-archive-1".len() as u64);

/// A directory without its entries.
pub(crate) const DIRECTORY: u64 = NODE + text("directory".len() as u64);

/// A regular file.
pub(crate) const fn file(length: u64, executable: bool) -> u64 {
    let mark = if executable {
        text("executable".len() as u64) + text(0)
    } else {
        0
    };
    NODE + text("regular".len() as u64) + mark + text("contents".len() as u64) + text(length)
}

/// A symbolic link with a target of some length.
pub(crate) const fn symlink(target: u64) -> u64 {
    NODE + text("symlink".len() as u64) + text("target".len() as u64) + text(target)
}

/// An entry of a directory with a name of some length, without its node.
pub(crate) const fn entry(name: u64) -> u64 {
    text("entry".len() as u64) + text(1) + text(4) + text(name) + text(4) + text(1)
}

/// Whether the files of a path are not those that the store recorded: what was walked makes a NAR of another length.
/// Where not all could be looked at, only more than was recorded shows it. Without a record nothing does.
pub(crate) fn differs(recorded: Option<u64>, walked: u64, all_seen: bool) -> bool {
    recorded.is_some_and(|size| walked > size || all_seen && walked != size)
}

/// The kind of warning that names such paths.
pub(crate) const DIFFERS: &str = "paths whose files are not what the store recorded";

#[cfg(test)]
mod tests {
    use nix_archive::nar::{CaseHack, encode_path};

    use super::*;

    #[test]
    fn the_sum_is_the_length_of_the_archive() {
        let directory = tempfile::tempdir().expect("a directory");
        let root = directory.path().join("x");
        std::fs::create_dir(&root).expect("a directory");
        std::fs::write(root.join("a"), "123456789").expect("a file");
        std::os::unix::fs::symlink("nowhere", root.join("link")).expect("a link");
        let mut archive = Vec::new();
        encode_path(&mut archive, &root, CaseHack::Disabled).expect("an archive");
        let sum = HEAD + DIRECTORY + entry(1) + file(9, false) + entry(4) + symlink(7);
        assert_eq!(archive.len() as u64, sum);
        // 32 bytes mark an executable.
        assert_eq!(file(9, true) - file(9, false), 32);
    }
}
