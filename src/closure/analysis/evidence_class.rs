//! Classes of evidence: how strongly an occurrence of a hash part suggests that the reference is needed.
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
    /// A source file's name, a compiler's command line or options of a build, compiled into a program.
    ElfSource,
    /// An entry of an ELF file's search path from which the loader takes no library.
    UnneededRunpath,
}

/// How many classes there are.
pub const CLASSES: usize = 18;

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
        Self::ElfSource,
        Self::UnneededRunpath,
    ];

    /// Whether this is no reason to need the referenced path at run time.
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
            Self::ElfSource => "elfSource",
            Self::UnneededRunpath => "unneededRunpath",
        }
    }

    /// How a package of nixpkgs gets rid of such a reference, if it is a likely accident.
    pub fn remedy(self) -> Option<&'static str> {
        Some(match self {
            Self::LanguageMetadata | Self::BuildMetadata => {
                "removeReferencesTo in postFixup, or nukeReferences on the file; move what only builds need to the dev output"
            }
            Self::Header => "a dev output: outputs = [ \"out\" \"dev\" ]",
            Self::Documentation => "a doc or man output: outputs = [ \"out\" \"doc\" \"man\" ]",
            Self::Debug => "let fixup strip it (no dontStrip), or separateDebugInfo = true",
            Self::ElfSource => {
                "removeReferencesTo in postFixup; Go: -trimpath, Rust: --remap-path-prefix, C: -ffile-prefix-map"
            }
            Self::UnneededRunpath => "patchelf --shrink-rpath (fixup does it without dontPatchELF)",
            _ => return None,
        })
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
            Self::ElfSource => "source or build line in a program",
            Self::UnneededRunpath => "unneeded library search path",
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

    /// Whether something occurs, and nothing that is a reason to need the path at run time.
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
    if is_build_configuration(relative) {
        return Some(Class::BuildMetadata);
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

/// Whether a file holds a build's configuration, as its place tells: Perl's `Config.pm` beside its libraries for one
/// platform, and a kernel's links to where its modules are built.
fn is_build_configuration(relative: &[u8]) -> bool {
    let (directory, name) = split(relative);
    let (above, beside) = split(directory);
    match name {
        b"Config.pm" => {
            memchr::memmem::find(beside, b"-linux").is_some() || beside.ends_with(b"-thread-multi")
        }
        b"build" | b"source" => above == b"lib/modules",
        _ => false,
    }
}

/// What stands before a path on command lines of compilers and of `configure`.
const BUILD_WORDS: &[&[u8]] = &[
    b"CC=",
    b"CXX=",
    b"CPP=",
    b"LD=",
    b"AR=",
    b"CFLAGS",
    b"CXXFLAGS",
    b"CPPFLAGS",
    b"LDFLAGS",
    b"compiler:",
    b"--prefix=",
    b"--libdir=",
    b"--includedir=",
    b"--with-",
    b"--enable-",
    b"-isystem",
];
/// Programs that build.
const COMPILERS: &[&[u8]] = &[
    b"cc",
    b"gcc",
    b"g++",
    b"c++",
    b"cpp",
    b"clang",
    b"clang++",
    b"gfortran",
    b"ld",
    b"ar",
    b"as",
    b"ghc",
    b"rustc",
    b"go",
];
/// How names of source files end.
const SOURCES: &[&[u8]] = &[
    b".go", b".c", b".cc", b".cpp", b".cxx", b".h", b".hh", b".hpp", b".hxx", b".inl", b".ipp",
    b".tcc", b".rs", b".hs", b".ml", b".mli", b".pas", b".d", b".f", b".f90", b".s", b".S", b".y",
    b".vala", b".zig", b".nim", b".swift", b".m", b".mm", b".cu",
];

/// Whether a path in a program's data is only told to people: a source file's name, or part of a command line that built it.
/// `at` is where the hash part begins in the bytes around.
pub fn is_source_or_build_line(bytes: &[u8], at: usize) -> bool {
    let printable = |byte: &u8| (b' '..=b'~').contains(byte);
    let start = bytes[..at]
        .iter()
        .rposition(|byte| !printable(byte))
        .map_or(0, |last| last + 1);
    let length = bytes[at..].iter().position(|byte| !printable(byte));
    let text = &bytes[start..length.map_or(bytes.len(), |length| at + length)];
    let (before, behind) = text.split_at(at - start);
    let ends = |byte: &u8| b" \"'`:;,()<>|&=*".contains(byte);
    let length = behind.iter().position(ends).unwrap_or(behind.len());
    let (path, after) = behind.split_at(length);
    let has = |text: &[u8], word: &[u8]| memchr::memmem::find(text, word).is_some();
    if is_source(path) || has(path, b"/lib/ghc-") || path.ends_with(b"/share/go") {
        return true;
    }
    // Only what belongs to the same line counts.
    let near = &before[before.len().saturating_sub(160)..];
    let options = after.starts_with(b" -") || near.ends_with(b"-I") || near.ends_with(b"-L");
    let is_compiler = COMPILERS.contains(&split(path).1) && has(path, b"/bin/");
    BUILD_WORDS.iter().any(|word| has(near, word)) || (is_compiler && options)
}

/// Whether a path is that of a source file. Rust puts texts behind each other without a mark between.
fn is_source(path: &[u8]) -> bool {
    let name = split(path).1;
    let ends = SOURCES
        .iter()
        .any(|end| name.len() > end.len() && name.ends_with(end));
    let rust = || {
        let inside = memchr::memmem::find(path, b"/src/")
            .or_else(|| memchr::memmem::find(path, b"/library/"));
        inside.is_some_and(|at| memchr::memmem::find(&path[at..], b".rs").is_some())
    };
    ends || rust()
}

/// Whether a script tells builds how something was built or is linked against (`xml2-config`). `head` is how it begins.
pub fn is_config_script(relative: &[u8], head: &[u8]) -> bool {
    const WORDS: [&[u8]; 7] = [
        b"--cflags",
        b"--libs",
        b"libs=",
        b"cflags=",
        b"configure_options",
        b"includedir=",
        b"exec_prefix",
    ];
    let has = |word: &[u8]| memchr::memmem::find(head, word).is_some();
    relative.ends_with(b"-config") && WORDS.into_iter().any(has)
}

/// Whether a link leads to a file of the same place in another path, as environments have it: what it leads to is installed
/// there, whatever it is.
pub fn installs(relative: &[u8], link_target: &[u8]) -> bool {
    let rest = link_target.strip_suffix(relative);
    !relative.is_empty() && rest.is_some_and(|rest| rest.ends_with(b"/"))
}

/// Whether this is a systemd unit, or a file that changes one.
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
        for place in [
            "lib/perl5/5.40.0/x86_64-linux-thread-multi/Config.pm",
            "lib/perl5/5.40.0/x86_64-linux-thread-multi/Config_heavy.pl",
            "lib/R/etc/Makeconf",
            "lib/ghc-9.6/package.conf.d/text-2.0.conf",
            "lib/modules/6.6.32/build",
            "build/config.gypi",
        ] {
            assert_eq!(class(place), Some(Class::BuildMetadata), "{place}");
        }
        assert_eq!(class("lib/perl5/site_perl/My/Config.pm"), None);
        assert_eq!(class("bin/x"), None);
        assert_eq!(class("etc/x.conf"), None);
    }

    #[test]
    fn what_was_built_how_and_from_what_is_no_reason() {
        let yes = [
            "/nix/store/HASH-go-1.23/share/go/src/runtime/proc.go",
            "/nix/store/HASH-go-1.23/share/go",
            "/nix/store/HASH-vendor/registry/serde-1.0/src/de/mod.rscalled `Option::unwrap()`",
            "x\0/nix/store/HASH-boost-dev/include/boost/any.hpp\0",
            "compiler: /nix/store/HASH-gcc/bin/gcc -fPIC -O3",
            "--prefix=/x CC=/nix/store/HASH-gcc-wrapper/bin/gcc",
            "/nix/store/HASH-ghc/lib/ghc-9.6/lib/x86_64-linux-ghc-9.6/text-2.0",
        ];
        let no = [
            "/nix/store/HASH-gcc/bin/gcc",
            "/nix/store/HASH-coreutils/bin/cat",
            "/nix/store/HASH-tzdata/share/zoneinfo",
            "CC=gcc\0/nix/store/HASH-sh/bin/sh",
            "/nix/store/HASH-pandoc/share/x86_64-linux-ghc-9.6/pandoc-3.1",
        ];
        let is = |text: &str| {
            let text = text.replace("HASH", &crate::testing::hash_part(7));
            let at = text.find("/store/").expect("a store path") + 7;
            is_source_or_build_line(text.as_bytes(), at)
        };
        for text in yes {
            assert!(is(text), "{text}");
        }
        for text in no {
            assert!(!is(text), "{text}");
        }
        assert!(is_config_script(
            b"bin/xml2-config",
            b"#!/bin/sh\nlibs=-L/x"
        ));
        assert!(!is_config_script(
            b"bin/nixos-generate-config",
            b"#!/bin/perl\nuse strict;"
        ));
        assert!(
            Class::ALL
                .iter()
                .all(|class| class.is_accidental() == class.remedy().is_some())
        );
    }

    #[test]
    fn environments_install_what_they_link_to() {
        assert!(installs(
            b"share/man/man1/x.1",
            b"/nix/store/a-x-man/share/man/man1/x.1"
        ));
        assert!(!installs(
            b"share/man/man1/y.1",
            b"/nix/store/a-x-man/share/man/man1/x.1"
        ));
        assert!(!installs(b"", b"/nix/store/a-x-man"));
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
