//! The version of a store's database, which stands in a file beside it.

use std::io::Read as _;
use std::path::Path;

use crate::plain_file;

/// The newest schema of Nix. Guix stopped at 7; what is older lacks columns, which are looked for one by one.
const NEWEST: u32 = 10;
/// No version is longer.
const LONGEST: u64 = 64;

/// A warning about the version. A database that was copied alone has none.
pub(super) fn oddity(database: &Path) -> Option<String> {
    let file = database.with_file_name("schema");
    let mut bytes = Vec::new();
    let metadata = file.metadata().ok()?;
    if metadata.is_file() {
        let opened = plain_file::open(&file).ok()?;
        opened.take(LONGEST).read_to_end(&mut bytes).ok()?;
    }
    let text = String::from_utf8_lossy(&bytes);
    match text.trim().parse::<u32>() {
        Ok(version) if version <= NEWEST => None,
        Ok(version) => Some(format!(
            "the database is of schema {version}, newer than this program: read as far as it is understood"
        )),
        Err(_) => Some(format!(
            "the version of the database is not a number ({}), Nix would refuse the store",
            file.display()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_versions_that_nix_would_refuse_are_odd() {
        let directory = tempfile::tempdir().expect("a directory");
        let database = directory.path().join("db.sqlite");
        assert_eq!(oddity(&database), None);
        let cases = [
            ("10\n", ""),
            ("7", ""),
            ("99", "schema 99"),
            ("x", "not a number"),
            ("", "not a number"),
            ("-1", "not a number"),
        ];
        for (text, expected) in cases {
            std::fs::write(directory.path().join("schema"), text).expect("written");
            let said = oddity(&database).unwrap_or_default();
            assert_eq!(said.is_empty(), expected.is_empty(), "{text}");
            assert!(said.contains(expected), "{said}");
        }
    }
}
