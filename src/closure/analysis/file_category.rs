//! The category of a file, judged by its location, name, mode and first bytes.
//!
//! The rules are one table, `assets/file-categories.toml`; [`Categories::parse`] reads another one in its place.

use memchr::memmem::Finder;
use serde::Deserialize;
use thiserror::Error;

/// The table that is used unless another one is given.
const TABLE: &str = include_str!("../assets/file-categories.toml");

/// The categories that programs do not need to run.
const IDLE: [&str; 9] = [
    "debug",
    "man",
    "info",
    "doc",
    "locale",
    "tests",
    "pkg-config",
    "headers",
    "static-libraries",
];

/// How many of a file's first bytes [`Categories::by_magic`] looks at, at most.
pub const HEAD: usize = 16;

/// A category's position in its table.
pub type CategoryId = usize;

/// Why a table of categories cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CategoriesError {
    /// The text is not TOML, or not of the right shape.
    #[error("the table of file categories cannot be read: {0}")]
    Syntax(String),
    /// There is no category that takes what is left.
    #[error("the last file category must have no rules, so that it takes what is left")]
    NoRest,
    /// A magic number is not hexadecimal, empty or too long.
    #[error(
        "the magic number '{magic}' of file category '{category}' is not 1 to {HEAD} bytes in hexadecimal"
    )]
    Magic {
        /// The category.
        category: String,
        /// The magic number as it stands there.
        magic: String,
    },
}

impl CategoriesError {
    /// What to try.
    pub fn hint(&self) -> &'static str {
        "compare it with assets/file-categories.toml in the source of nix-heft"
    }
}

/// What a reference in a file of some category says about the need for the referenced path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Meaning {
    /// It documents.
    #[serde(rename = "documentation")]
    Documentation,
    /// It declares, for a compiler.
    #[serde(rename = "header")]
    Header,
    /// It tells builds where things are.
    #[serde(rename = "build metadata")]
    BuildMetadata,
    /// It tells debuggers where things were.
    #[serde(rename = "debug")]
    Debug,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CategoriesTable {
    category: Vec<CategoryEntry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CategoryEntry {
    name: String,
    title: String,
    #[serde(default)]
    under: Vec<String>,
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    executable: bool,
    #[serde(default)]
    magic: Vec<String>,
    evidence: Option<Meaning>,
}

/// A kind of bytes.
#[derive(Debug)]
pub struct Category {
    /// Short and stable: `man`.
    pub name: String,
    /// For people: `manual pages`.
    pub title: String,
    /// What a reference in such a file means, where that is clear from the category alone.
    pub meaning: Option<Meaning>,
    under: Vec<Finder<'static>>,
    names: Vec<Pattern>,
    executable: bool,
    magic: Vec<Vec<u8>>,
}

impl Category {
    /// Whether programs do without such files when they run.
    pub fn is_idle(&self) -> bool {
        IDLE.contains(&&*self.name)
    }
}

/// A table of categories, the first match wins.
#[derive(Debug)]
pub struct Categories(Vec<Category>);

impl Categories {
    /// The built-in table.
    pub fn built_in() -> Self {
        // A test parses the table, so the fallback is never taken.
        Self::parse(TABLE).unwrap_or(Self(Vec::new()))
    }

    /// Reads a table.
    pub fn parse(text: &str) -> Result<Self, CategoriesError> {
        let table: CategoriesTable =
            toml::from_str(text).map_err(|error| CategoriesError::Syntax(error.to_string()))?;
        let rows = table.category.into_iter().map(Category::of);
        let categories = rows.collect::<Result<Vec<_>, _>>()?;
        let rest = categories.last().ok_or(CategoriesError::NoRest)?;
        let rules = !rest.under.is_empty()
            || !rest.names.is_empty()
            || rest.executable
            || !rest.magic.is_empty();
        if rules {
            return Err(CategoriesError::NoRest);
        }
        Ok(Self(categories))
    }

    /// The categories, in the order of the table.
    pub fn as_slice(&self) -> &[Category] {
        &self.0
    }

    /// The category of everything that no rule matches.
    pub fn rest(&self) -> CategoryId {
        self.0.len().saturating_sub(1)
    }

    /// The category that takes everything in a directory, given relative to its store path. Worth computing once for all
    /// the files in it.
    pub fn of_directory(&self, relative: &[u8]) -> Option<CategoryId> {
        let mut framed = Vec::with_capacity(relative.len() + 2);
        framed.push(b'/');
        framed.extend_from_slice(relative);
        framed.push(b'/');
        let inside = |under: &Finder<'_>| under.find(&framed).is_some();
        self.0
            .iter()
            .position(|category| category.under.iter().any(inside))
    }

    /// The category of a file by what `of_directory` said of its directory, its name and its mode. [`Categories::rest`] if
    /// only its first bytes can tell.
    pub fn of_file(
        &self,
        directory: Option<CategoryId>,
        name: &[u8],
        executable: bool,
    ) -> CategoryId {
        let matches = |(at, category): (usize, &Category)| {
            directory == Some(at)
                || (executable && category.executable)
                || category.names.iter().any(|pattern| pattern.matches(name))
        };
        let position = self.0.iter().enumerate().position(matches);
        position.unwrap_or_else(|| self.rest())
    }

    /// As [`Categories::of_directory`] and [`Categories::of_file`] in one.
    pub fn of_path(&self, relative: &[u8], executable: bool) -> CategoryId {
        let (directory, name) = split(relative);
        self.of_file(self.of_directory(directory), name, executable)
    }

    /// The category that a file's first bytes tell, for files that nothing else tells about.
    pub fn by_magic(&self, head: &[u8]) -> CategoryId {
        let known = |category: &Category| category.magic.iter().any(|m| head.starts_with(m));
        self.0.iter().position(known).unwrap_or_else(|| self.rest())
    }

    /// What a reference in the file means, where its category tells.
    pub fn meaning(&self, relative: &[u8]) -> Option<Meaning> {
        self.0.get(self.of_path(relative, false))?.meaning
    }
}

/// A relative path's directory (empty at the top) and name.
pub fn split(relative: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memrchr(b'/', relative) {
        Some(at) => (&relative[..at], &relative[at + 1..]),
        None => (&[], relative),
    }
}

impl Category {
    fn of(row: CategoryEntry) -> Result<Self, CategoriesError> {
        let magic = row.magic.iter().map(|magic| {
            bytes_of_hex(magic).ok_or_else(|| CategoriesError::Magic {
                category: row.name.clone(),
                magic: magic.clone(),
            })
        });
        let magic = magic.collect::<Result<_, _>>()?;
        let frame = |under: &String| {
            let framed = format!("/{}/", under.trim_matches('/'));
            Finder::new(framed.as_bytes()).into_owned()
        };
        Ok(Self {
            under: row.under.iter().map(frame).collect(),
            names: row.names.iter().map(|name| Pattern::of(name)).collect(),
            executable: row.executable,
            magic,
            name: row.name,
            title: row.title,
            meaning: row.evidence,
        })
    }
}

fn bytes_of_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(16)).collect();
    let digits = digits.filter(|d| !d.is_empty() && d.len() % 2 == 0 && d.len() <= 2 * HEAD)?;
    let byte = |pair: &[u32]| u8::try_from(pair[0] * 16 + pair[1]).ok();
    digits.chunks(2).map(byte).collect()
}

/// A file name with `*` for any characters: the parts between the stars.
#[derive(Debug)]
struct Pattern {
    parts: Vec<Vec<u8>>,
    /// What names must begin and end with: one byte tells most names apart, without a call.
    begin: Option<u8>,
    end: Option<u8>,
}

impl Pattern {
    fn of(text: &str) -> Self {
        let of_part = |part: &str| part.as_bytes().to_vec();
        let parts: Vec<_> = text.split('*').map(of_part).collect();
        Self {
            begin: parts.first().and_then(|first| first.first().copied()),
            end: parts.last().and_then(|last| last.last().copied()),
            parts,
        }
    }

    fn matches(&self, name: &[u8]) -> bool {
        let is =
            |byte: Option<&u8>, wanted: Option<u8>| wanted.is_none() || byte.copied() == wanted;
        is(name.last(), self.end) && is(name.first(), self.begin) && self.matches_all(name)
    }

    fn matches_all(&self, name: &[u8]) -> bool {
        let Some((first, others)) = self.parts.split_first() else {
            return false;
        };
        let Some((last, middle)) = others.split_last() else {
            return name == first.as_slice();
        };
        if name.len() < first.len() + last.len()
            || !(first.is_empty() || name.starts_with(first))
            || !name.ends_with(last)
        {
            return false;
        }
        let mut rest = &name[first.len()..name.len() - last.len()];
        middle.iter().all(|part| {
            let found = memchr::memmem::find(rest, part);
            rest = found.map_or(&[][..], |at| &rest[at + part.len()..]);
            found.is_some()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn category(relative: &str, executable: bool) -> String {
        let categories = Categories::built_in();
        let id = categories.of_path(relative.as_bytes(), executable);
        categories.as_slice()[id].name.clone()
    }

    #[test]
    fn the_built_in_table_tells_what_files_are() {
        let cases = [
            ("share/man/man1/perl.1.gz", false, "man"),
            ("share/info/dir", false, "info"),
            ("share/doc/x/tests/y.py", false, "doc"),
            ("share/locale/de/LC_MESSAGES/x.mo", false, "locale"),
            ("include/x/y", false, "headers"),
            ("lib/pkgconfig/zlib.pc", false, "pkg-config"),
            ("nix-support/propagated-build-inputs", false, "pkg-config"),
            ("lib/libz.a", false, "static-libraries"),
            ("lib/libz.so.1.2.13", true, "shared-libraries"),
            ("bin/perl", true, "executables"),
            ("etc/run-me", true, "executables"),
            (
                "lib/python3.11/__pycache__/os.cpython-311.pyc",
                false,
                "bytecode",
            ),
            ("lib/python3.11/test/support.py", false, "tests"),
            ("lib/python3.11/os.py", false, "source"),
            ("share/fonts/a", false, "fonts"),
            ("share/icons/hicolor/index.theme", false, "icons"),
            ("lib/firmware/amd/a.bin", false, "firmware"),
            ("lib/modules/6.1/kernel/a.ko.xz", false, "kernel-modules"),
            ("lib/debug/.build-id/ab/cd.debug", false, "debug"),
            ("initrd", false, "archives"),
            ("share/xlib/man", false, "data"),
            ("myshare/man/x", false, "data"),
            ("", false, "data"),
            ("", true, "executables"),
        ];
        for (relative, executable, name) in cases {
            assert_eq!(category(relative, executable), name, "{relative}");
        }
    }

    #[test]
    fn first_bytes_tell_where_names_do_not() {
        let categories = Categories::built_in();
        let name = |head: &[u8]| {
            categories.as_slice()[categories.by_magic(head)]
                .name
                .as_str()
        };
        assert_eq!(name(b"\x7fELF\x02\x01"), "executables");
        assert_eq!(name(b"\x1f\x8b\x08"), "archives");
        assert_eq!(name(b"plain"), "data");
        assert_eq!(name(b""), "data");
    }

    #[test]
    fn stars_stand_for_any_characters() {
        let cases = [
            ("*.so.*", "libz.so.1", true),
            ("*.so.*", "libz.so", false),
            ("a*a", "a", false),
            ("a*b*c", "a--b--c", true),
            ("a*b*c", "a--c--b", false),
            ("x", "x", true),
            ("x", "xx", false),
            ("*", "", true),
        ];
        for (pattern, name, matches) in cases {
            assert_eq!(
                Pattern::of(pattern).matches(name.as_bytes()),
                matches,
                "{pattern} {name}"
            );
        }
    }

    #[test]
    fn a_table_that_cannot_be_used_is_refused_with_the_reason() {
        assert!(matches!(
            Categories::parse("x"),
            Err(CategoriesError::Syntax(_))
        ));
        assert_eq!(
            Categories::parse("category = []").err(),
            Some(CategoriesError::NoRest)
        );
        let rules = "[[category]]\nname='a'\ntitle='a'\nnames=['x']";
        assert_eq!(
            Categories::parse(rules).err(),
            Some(CategoriesError::NoRest)
        );
        let magic =
            "[[category]]\nname='a'\ntitle='a'\nmagic=['xy']\n[[category]]\nname='b'\ntitle='b'";
        let refused = Categories::parse(magic).err();
        assert!(refused.is_some_and(|error| error.to_string().contains("'xy'")));
    }
}
