//! What a file is, told by its first bytes, and what therefore an occurrence of a hash part in it is.

use std::cell::OnceCell;

use crate::analysis::evidence_class::{
    Class, by_place, in_script, is_config_script, is_source_or_build_line, is_systemd_unit,
};
use crate::analysis::file_category::Categories;
use crate::model::PathId;
use crate::model::store_path::HASH_PART_LEN;

use super::context::{line_around, printable_around};
use super::elf::{Elf, ReadAt};
use super::extent::Extent;
use super::loader::Loader;

/// Bytes of context that are looked at on either side of an occurrence.
pub(crate) const MARGIN: usize = 256;
/// Bytes at the beginning of a file that tell whether it is text.
const TEXT_TEST: usize = 8 * 1024;
/// What a compiled wrapper says of itself: the command that made it.
const COMPILED_WRAPPER: &[u8] = b"makeCWrapper '";

/// An occurrence of a hash part in a file's content.
#[derive(Debug)]
pub(crate) struct Occurrence<'a> {
    pub(crate) target: PathId,
    pub(crate) offset: u64,
    pub(crate) class: Class,
    /// Counted from 1; `None` in a file that is not text.
    pub(crate) line: Option<u64>,
    /// The bytes around, and where in them the hash part begins.
    around: (&'a [u8], usize),
}

impl Occurrence<'_> {
    /// The printable text around the occurrence.
    pub(crate) fn context(&self) -> String {
        let (bytes, at) = self.around;
        if self.line.is_some() {
            line_around(bytes, at)
        } else {
            printable_around(bytes, at)
        }
    }
}

/// What a file's first bytes say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Binary,
    Elf,
    Text,
    Script,
    /// A script that sets up the environment of another program and starts it.
    Wrapper,
}

/// What is known about the file being read; most of it is found out only once something occurs in it.
pub(crate) struct FileKind<'a> {
    relative: &'a [u8],
    categories: &'a Categories,
    whole: Option<&'a dyn ReadAt>,
    loader: Option<&'a Loader<'a>>,
    form: Form,
    /// Whether it is a script that tells builds how to link.
    for_builds: bool,
    /// Whether all of it is in memory.
    held: bool,
    pub(crate) packed: Option<&'static str>,
    place: OnceCell<Option<Class>>,
    structure: OnceCell<Option<Elf>>,
    wraps: OnceCell<bool>,
}

impl<'a> FileKind<'a> {
    pub(crate) fn unknown(
        relative: &'a [u8],
        categories: &'a Categories,
        whole: Option<&'a dyn ReadAt>,
    ) -> Self {
        Self {
            relative,
            categories,
            whole,
            loader: None,
            form: Form::Binary,
            for_builds: false,
            held: false,
            packed: None,
            place: OnceCell::new(),
            structure: OnceCell::new(),
            wraps: OnceCell::new(),
        }
    }

    /// Takes what tells from which directories libraries are taken.
    pub(crate) fn with_loader(self, loader: Option<&'a Loader<'a>>) -> Self {
        Self { loader, ..self }
    }

    pub(crate) fn look(&mut self, bytes: &[u8], extent: Extent) {
        if extent.offset == 0 {
            self.packed = packing(bytes);
        }
        self.held = extent.offset == 0 && bytes.len() as u64 == extent.length;
        let head = &bytes[..bytes.len().min(TEXT_TEST)];
        self.form = if extent.offset == 0 && head.starts_with(b"\x7fELF") {
            Form::Elf
        } else if extent.partial || memchr::memchr(0, head).is_some() {
            Form::Binary
        } else if !head.starts_with(b"#!") && !has_script_name(self.relative) {
            Form::Text
        } else if is_wrapper(head, extent.length) {
            Form::Wrapper
        } else {
            Form::Script
        };
        self.for_builds = self.form == Form::Script && is_config_script(self.relative, head);
    }

    fn is_text(&self) -> bool {
        !matches!(self.form, Form::Binary | Form::Elf)
    }

    pub(crate) fn newlines(&self, bytes: &[u8]) -> u64 {
        if self.is_text() {
            memchr::memchr_iter(b'\n', bytes).count() as u64
        } else {
            0
        }
    }

    pub(crate) fn occurrence<'b>(
        &self,
        bytes: &'b [u8],
        at: usize,
        origin: u64,
        target: PathId,
        newlines: u64,
    ) -> Occurrence<'b> {
        let start = at.saturating_sub(MARGIN);
        let end = (at + HASH_PART_LEN + MARGIN).min(bytes.len());
        let around = (&bytes[start..end], at - start);
        let offset = origin + at as u64;
        Occurrence {
            target,
            offset,
            class: match self.class(bytes, offset, around, newlines == 0) {
                Class::ElfData if origin == 0 && self.is_compiled_wrapper(bytes) => Class::Wrapper,
                class => class,
            },
            line: self.is_text().then_some(newlines + 1),
            around,
        }
    }

    /// Whether it is one, by the first `bytes` of the file: such wrappers are small.
    fn is_compiled_wrapper(&self, bytes: &[u8]) -> bool {
        let says_so = || memchr::memmem::find(bytes, COMPILED_WRAPPER).is_some();
        *self.wraps.get_or_init(says_so)
    }

    fn class(
        &self,
        buffer: &[u8],
        offset: u64,
        (bytes, at): (&[u8], usize),
        first_line: bool,
    ) -> Class {
        let place = || by_place(self.categories, self.relative);
        if let Some(class) = *self.place.get_or_init(place) {
            return class;
        }
        if self.form == Form::Elf {
            let structure = || match self.whole {
                _ if self.held => Elf::parse(&buffer),
                whole => whole.and_then(Elf::parse),
            };
            let structure = self.structure.get_or_init(structure).as_ref();
            let class = structure.map_or(Class::ElfData, |elf| elf.class(offset));
            return match (class, structure) {
                (Class::ElfData, _) if is_source_or_build_line(bytes, at) => Class::ElfSource,
                (Class::ElfRunpath, Some(elf)) if self.is_unneeded(elf, offset, buffer) => {
                    Class::UnneededRunpath
                }
                _ => class,
            };
        }
        if is_systemd_unit(self.relative) {
            return Class::SystemdUnit;
        }
        if matches!(self.form, Form::Script | Form::Wrapper) {
            let start = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |newline| newline + 1);
            if self.for_builds && !(first_line && bytes[start..].starts_with(b"#!")) {
                return Class::BuildMetadata;
            }
            return in_script(first_line, &bytes[start..], self.form == Form::Wrapper);
        }
        Class::Data
    }
}

impl FileKind<'_> {
    /// Whether the loader takes no library from the entry of the search path at an offset.
    fn is_unneeded(&self, elf: &Elf, offset: u64, buffer: &[u8]) -> bool {
        let Some(loader) = self.loader else {
            return false;
        };
        match self.whole {
            _ if self.held => loader.takes_nothing(elf.search(), offset, &buffer),
            Some(whole) => loader.takes_nothing(elf.search(), offset, whole),
            None => false,
        }
    }
}

/// Whether a script does nothing but set up and start something else. `length` is that of the whole file.
fn is_wrapper(head: &[u8], length: u64) -> bool {
    let last = || {
        let text = head.trim_ascii_end();
        let start = memchr::memrchr(b'\n', text).map_or(0, |newline| newline + 1);
        text[start..].trim_ascii_start()
    };
    let ends_in_start = || last().starts_with(b"exec ") && last().ends_with(b"\"$@\"");
    memchr::memmem::find(head, b"-wrapped\"").is_some()
        || (head.len() as u64 == length && ends_in_start())
}

fn has_script_name(relative: &[u8]) -> bool {
    const SUFFIXES: [&[u8]; 11] = [
        b".sh", b".bash", b".zsh", b".fish", b".py", b".pl", b".pm", b".rb", b".lua", b".tcl",
        b".awk",
    ];
    let same_end = |suffix: &&&[u8]| relative.last() == suffix.last();
    let mut suffixes = SUFFIXES.iter().filter(same_end);
    suffixes.any(|suffix| relative.ends_with(suffix))
}

/// How a file with this beginning is packed.
fn packing(head: &[u8]) -> Option<&'static str> {
    const PACKINGS: [(&[u8], &str); 12] = [
        (b"\x1f\x8b", "gzip"),
        (b"\xfd7zXZ\0", "xz"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
        (b"BZh", "bzip2"),
        (b"PK\x03\x04", "zip"),
        (b"\x04\x22\x4d\x18", "lz4"),
        (b"LZIP", "lzip"),
        (b"7z\xbc\xaf\x27\x1c", "7z"),
        (b"Rar!", "rar"),
        (b"hsqs", "squashfs"),
        (b"QFI\xfb", "qcow2"),
        // Early microcode stands uncompressed in front of a compressed image.
        (b"07070", "initrd"),
    ];
    // The first byte decides nearly always, and needs no call.
    let known = PACKINGS
        .iter()
        .find(|(magic, _)| head.first() == magic.first() && head.starts_with(magic));
    if let Some((_, name)) = known {
        return Some(name);
    }
    let has = |at: usize, magic: &[u8]| head.get(at..).is_some_and(|rest| rest.starts_with(magic));
    if has(0x202, b"HdrS") {
        Some("kernel")
    } else if has(8, b"AI\x02") {
        Some("AppImage")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_that_only_start_something_are_wrappers() {
        let is = |text: &str| is_wrapper(text.as_bytes(), text.len() as u64);
        assert!(is("#!/bin/sh\nexport A=b\nexec \"/x/bin/y\"  \"$@\" \n"));
        assert!(is("#!/bin/sh\nexec -a \"$0\" \"/x/.y-wrapped\"\n# end"));
        assert!(!is("#!/bin/sh\nexec /x/bin/y \"$@\"\necho no\n"));
        assert!(!is("#!/bin/sh\n/x/bin/y \"$@\"\n"));
        assert!(!is_wrapper(b"#!/bin/sh\nexec x \"$@\"", 10_000));
    }

    #[test]
    fn packed_files_are_known_by_their_first_bytes() {
        assert_eq!(packing(b"\x1f\x8b\x08"), Some("gzip"));
        assert_eq!(packing(b"\x28\xb5\x2f\xfd"), Some("zstd"));
        assert_eq!(packing(b"070701"), Some("initrd"));
        assert_eq!(packing(b"PK\x03\x04 of a jar"), Some("zip"));
        assert_eq!(packing(b"hsqs"), Some("squashfs"));
        assert_eq!(packing(b"\x7fELF\x02\x01\x01\0AI\x02"), Some("AppImage"));
        assert_eq!(packing(b"plain"), None);
        assert_eq!(packing(b""), None);
    }
}
