//! What an occurrence of a hash part says: how strong a reason it is for the reference to be there.
//!
//! Nix makes a reference of every occurrence, whatever it is for. An interpreter is needed to run; a path that stands in
//! a manual page, a header or a debug string most often is not.

use std::fmt;

use super::file_category::{Categories, Meaning, split};

/// What an occurrence is, the strongest reasons first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// The first line of a script names its interpreter.
    Shebang,
    /// The program loader of an ELF file.
    ElfInterpreter,
    /// Where an ELF file's libraries are looked for (RPATH, RUNPATH).
    ElfRunpath,
    /// A library an ELF file needs by its path.
    ElfNeeded,
    /// A wrapper sets an environment variable to it, or starts it.
    Wrapper,
    /// A systemd unit names it.
    SystemdUnit,
    /// A script names it.
    Script,
    /// A symbolic link points to it.
    Symlink,
    /// Other data that an ELF file loads: paths compiled into a program.
    ElfData,
    /// Any other content.
    Data,
    /// A file's name has it.
    FileName,
    /// Metadata of a Python or Perl package.
    LanguageMetadata,
    /// pkg-config, libtool, `CMake`, and what else tells builds where things are.
    BuildMetadata,
    /// A header for compilers.
    Header,
    /// A manual page, an info page or other documentation.
    Documentation,
    /// Debug information, comments and symbol tables in an ELF file.
    Debug,
}

/// How many classes there are.
pub const CLASSES: usize = 16;

impl Class {
    /// All classes, the strongest reasons first.
    pub const ALL: [Self; CLASSES] = [
        Self::Shebang,
        Self::ElfInterpreter,
        Self::ElfRunpath,
        Self::ElfNeeded,
        Self::Wrapper,
        Self::SystemdUnit,
        Self::Script,
        Self::Symlink,
        Self::ElfData,
        Self::Data,
        Self::FileName,
        Self::LanguageMetadata,
        Self::BuildMetadata,
        Self::Header,
        Self::Documentation,
        Self::Debug,
    ];

    /// Is this no reason to need the referenced path at run time?
    pub fn is_accidental(self) -> bool {
        self >= Self::LanguageMetadata
    }

    /// A stable name for machines.
    pub fn key(self) -> &'static str {
        match self {
            Self::Shebang => "shebang",
            Self::ElfInterpreter => "elfInterpreter",
            Self::ElfRunpath => "elfRunpath",
            Self::ElfNeeded => "elfNeeded",
            Self::Wrapper => "wrapper",
            Self::SystemdUnit => "systemdUnit",
            Self::Script => "script",
            Self::Symlink => "symlink",
            Self::ElfData => "elfData",
            Self::Data => "data",
            Self::FileName => "fileName",
            Self::LanguageMetadata => "languageMetadata",
            Self::BuildMetadata => "buildMetadata",
            Self::Header => "header",
            Self::Documentation => "documentation",
            Self::Debug => "debug",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Shebang => "interpreter of a script",
            Self::ElfInterpreter => "ELF interpreter",
            Self::ElfRunpath => "library search path",
            Self::ElfNeeded => "needed library",
            Self::Wrapper => "wrapper",
            Self::SystemdUnit => "systemd unit",
            Self::Script => "script",
            Self::Symlink => "symbolic link",
            Self::ElfData => "program data",
            Self::Data => "data",
            Self::FileName => "file name",
            Self::LanguageMetadata => "package metadata",
            Self::BuildMetadata => "build metadata",
            Self::Header => "header",
            Self::Documentation => "documentation",
            Self::Debug => "debug information",
        })
    }
}

/// How often each class occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClassCounts([u64; CLASSES]);

impl ClassCounts {
    /// Counts one more.
    pub fn add(&mut self, class: Class) {
        self.0[class as usize] += 1;
    }

    /// Counts some more.
    pub fn add_many(&mut self, class: Class, count: u64) {
        let mine = &mut self.0[class as usize];
        *mine = mine.saturating_add(count);
    }

    /// Adds everything of `other`.
    pub fn merge(&mut self, other: &Self) {
        for (mine, more) in self.0.iter_mut().zip(other.0) {
            *mine += more;
        }
    }

    /// How often a class occurs.
    pub fn get(&self, class: Class) -> u64 {
        self.0[class as usize]
    }

    /// How many occurrences there are.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// The strongest class that occurs.
    pub fn strongest(&self) -> Option<Class> {
        Class::ALL.into_iter().find(|&class| self.get(class) > 0)
    }

    /// Does something occur, and nothing that is a reason to need the path at run time?
    pub fn are_accidental(&self) -> bool {
        self.strongest().is_some_and(Class::is_accidental)
    }
}

/// What a file's place and name say about everything in it; `None` where the content decides.
pub fn by_place(categories: &Categories, relative: &[u8]) -> Option<Class> {
    if is_language_metadata(relative) {
        return Some(Class::LanguageMetadata);
    }
    // What a package wants to have beside it wherever it is installed is meant.
    if relative == b"nix-support/propagated-user-env-packages" {
        return Some(Class::Data);
    }
    match categories.meaning(relative)? {
        Meaning::Documentation => Some(Class::Documentation),
        Meaning::Header => Some(Class::Header),
        Meaning::BuildMetadata => Some(Class::BuildMetadata),
        Meaning::Debug => Some(Class::Debug),
    }
}

fn is_language_metadata(relative: &[u8]) -> bool {
    let (directory, name) = split(relative);
    let mut parts = directory.split(|&byte| byte == b'/');
    parts.any(|part| part.ends_with(b".dist-info") || part.ends_with(b".egg-info"))
        || matches!(name, b".packlist" | b"perllocal.pod")
        || name.ends_with(b".egg-info")
}

/// Is this a systemd unit, or a file that changes one?
pub fn is_systemd_unit(relative: &[u8]) -> bool {
    const SUFFIXES: [&str; 10] = [
        "service",
        "socket",
        "timer",
        "mount",
        "automount",
        "path",
        "target",
        "slice",
        "swap",
        "device",
    ];
    let is_unit = |name: &[u8]| {
        let suffix = memchr::memrchr(b'.', name).map(|dot| &name[dot + 1..]);
        suffix.is_some_and(|suffix| SUFFIXES.iter().any(|unit| unit.as_bytes() == suffix))
    };
    let (directory, name) = split(relative);
    let drop_in = || split(directory).1.strip_suffix(b".d").is_some_and(is_unit);
    is_unit(name) || (name.ends_with(b".conf") && drop_in())
}

/// What an occurrence in a text with a shebang is, told by its line and where in the line it begins.
pub fn in_script(first_line: bool, line: &[u8], is_wrapper: bool) -> Class {
    if first_line && line.starts_with(b"#!") {
        return Class::Shebang;
    }
    let line = line.trim_ascii_start();
    let assigns =
        |name: &[u8]| !name.is_empty() && name.iter().all(|&b| b == b'_' || b.is_ascii_uppercase());
    let starts_or_sets = line.starts_with(b"export ")
        || line.starts_with(b"exec ")
        || memchr::memchr(b'=', line).is_some_and(|at| assigns(&line[..at]));
    if is_wrapper && starts_or_sets {
        return Class::Wrapper;
    }
    Class::Script
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_listed_in_their_order() {
        for (at, class) in Class::ALL.into_iter().enumerate() {
            assert_eq!(class as usize, at);
        }
        assert!(Class::ALL.is_sorted());
    }

    #[test]
    fn places_tell_what_is_no_reason() {
        let categories = Categories::built_in();
        let class = |relative: &str| by_place(&categories, relative.as_bytes());
        assert_eq!(class("share/man/man1/x.1"), Some(Class::Documentation));
        assert_eq!(class("include/x.h"), Some(Class::Header));
        assert_eq!(class("lib/x.la"), Some(Class::BuildMetadata));
        assert_eq!(
            class("lib/python3.11/site-packages/x.dist-info/RECORD"),
            Some(Class::LanguageMetadata)
        );
        assert_eq!(class("bin/x"), None);
        assert_eq!(class("etc/x.conf"), None);
    }

    #[test]
    fn units_are_known_by_their_names() {
        for yes in [
            "etc/systemd/system/x.service",
            "x.timer",
            "sshd@.service.d/overrides.conf",
        ] {
            assert!(is_systemd_unit(yes.as_bytes()), "{yes}");
        }
        for no in ["x.conf", "service", "bin/x.sh", "nginx.d/x.conf"] {
            assert!(!is_systemd_unit(no.as_bytes()), "{no}");
        }
    }

    #[test]
    fn lines_of_scripts_are_told_apart() {
        assert_eq!(
            in_script(true, b"#!/nix/store/x/bin/sh", false),
            Class::Shebang
        );
        assert_eq!(
            in_script(false, b"#!/nix/store/x/bin/sh", false),
            Class::Script
        );
        assert_eq!(
            in_script(false, b"export PATH=/nix/store/x", true),
            Class::Wrapper
        );
        assert_eq!(
            in_script(false, b"  PATH=/nix/store/x", true),
            Class::Wrapper
        );
        assert_eq!(
            in_script(false, b"exec -a \"$0\" /nix/store/x", true),
            Class::Wrapper
        );
        assert_eq!(
            in_script(false, b"export PATH=/nix/store/x", false),
            Class::Script
        );
    }

    #[test]
    fn one_real_reason_is_enough() {
        let mut counts = ClassCounts::default();
        assert!(!counts.are_accidental());
        counts.add(Class::Documentation);
        counts.add(Class::Debug);
        assert!(counts.are_accidental());
        counts.add(Class::Symlink);
        assert!(!counts.are_accidental());
        assert_eq!(
            (counts.total(), counts.strongest()),
            (3, Some(Class::Symlink))
        );
    }
}
