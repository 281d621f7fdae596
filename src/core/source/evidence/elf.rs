//! What a position in an ELF file belongs to: interpreter, library search path, needed library, debug information.
//!
//! Reads only headers and the dynamic section, and believes none of their numbers: whatever lies outside the file is as
//! if it were not there.

use std::borrow::Cow;
use std::ops::Range;

use crate::analysis::evidence_class::Class;

/// Reads up to a number of bytes at an offset; shorter at the end of the file.
pub(crate) trait ReadAt {
    /// The bytes, empty if there are none or they cannot be read.
    fn read_at(&self, offset: u64, length: usize) -> Cow<'_, [u8]>;
}

impl ReadAt for &[u8] {
    fn read_at(&self, offset: u64, length: usize) -> Cow<'_, [u8]> {
        let start = usize::try_from(offset)
            .unwrap_or(usize::MAX)
            .min(self.len());
        Cow::Borrowed(&self[start..start.saturating_add(length).min(self.len())])
    }
}

/// The parts of an ELF file that hash parts occur in.
#[derive(Debug, Default)]
pub(crate) struct Elf {
    /// Parts with a meaning, the first that holds a position counts.
    parts: Vec<(Range<u64>, Class)>,
    search: LibrarySearch,
}

/// Where a file's libraries are looked for, and which.
#[derive(Debug, Default)]
pub(crate) struct LibrarySearch {
    /// The entries of its RUNPATH, in their order.
    pub(crate) entries: Vec<SearchEntry>,
    /// The names of the libraries it needs.
    pub(crate) needed: Vec<Vec<u8>>,
}

/// One directory of a RUNPATH.
#[derive(Debug)]
pub(crate) struct SearchEntry {
    /// Where it stands in the file.
    pub(crate) range: Range<u64>,
    /// The directory.
    pub(crate) directory: Vec<u8>,
}

/// Longest string, table of headers and dynamic section that is looked at.
const LONGEST_STRING: usize = 1 << 16;
const USUAL_STRING: usize = 512;
const LONGEST_TABLE: u64 = 1 << 22;

const PT_LOAD: u64 = 1;
const PT_DYNAMIC: u64 = 2;
const PT_INTERP: u64 = 3;
const SHT_NULL: u64 = 0;
const SHT_NOBITS: u64 = 8;
const SHF_ALLOC: u64 = 2;
const DT_NULL: u64 = 0;
const DT_NEEDED: u64 = 1;
const DT_STRTAB: u64 = 5;
const DT_RPATH: u64 = 15;
const DT_RUNPATH: u64 = 29;

impl Elf {
    /// Reads the structure of a file; `None` if it is not ELF.
    pub(crate) fn parse(file: &dyn ReadAt) -> Option<Self> {
        let header = Fields::of(file.read_at(0, 64))?;
        let mut elf = Self::default();
        let segments = header.segments(file);
        for segment in segments.iter().filter(|s| s.kind == PT_INTERP) {
            elf.push(segment.offset, segment.size, Class::ElfInterpreter);
        }
        elf.add_dynamic(file, &header, &segments);
        let sections = header.sections(file);
        let names = SectionNames::of(file, &header, &sections);
        for section in sections {
            let in_file = section.kind != SHT_NULL && section.kind != SHT_NOBITS;
            if in_file && section.flags & SHF_ALLOC == 0 {
                elf.push(section.offset, section.size, Class::Debug);
            } else if in_file && names.name(&section) == GO_LINES {
                elf.push(section.offset, section.size, Class::ElfSource);
            }
        }
        Some(elf)
    }

    /// Where the file's libraries are looked for.
    pub(crate) fn search(&self) -> &LibrarySearch {
        &self.search
    }

    /// What a position belongs to.
    pub(crate) fn class(&self, offset: u64) -> Class {
        let part = self.parts.iter().find(|(range, _)| range.contains(&offset));
        part.map_or(Class::ElfData, |(_, class)| *class)
    }

    fn push(&mut self, offset: u64, size: u64, class: Class) {
        self.parts
            .push((offset..offset.saturating_add(size), class));
    }

    fn add_dynamic(&mut self, file: &dyn ReadAt, header: &Fields<'_>, segments: &[Part]) {
        let Some(dynamic) = segments.iter().find(|s| s.kind == PT_DYNAMIC) else {
            return;
        };
        let entries = header.dynamic(file, dynamic);
        let table = entries.iter().find(|(tag, _)| *tag == DT_STRTAB);
        let Some(strings) = table.and_then(|(_, address)| file_offset(segments, *address)) else {
            return;
        };
        for (tag, value) in entries {
            let class = match tag {
                DT_RPATH | DT_RUNPATH => Class::ElfRunpath,
                DT_NEEDED => Class::ElfNeeded,
                _ => continue,
            };
            let offset = strings.saturating_add(value);
            let length = string_length(file, offset);
            self.push(offset, length, class);
            match tag {
                DT_RUNPATH => self.search.add_entries(file, offset, length),
                DT_NEEDED => {
                    let name = file.read_at(offset, length as usize).into_owned();
                    self.search.needed.push(name);
                }
                _ => {}
            }
        }
    }
}

impl LibrarySearch {
    fn add_entries(&mut self, file: &dyn ReadAt, mut offset: u64, length: u64) {
        let text = file.read_at(offset, length as usize);
        for directory in text.split(|&byte| byte == b':') {
            let end = offset + directory.len() as u64;
            self.entries.push(SearchEntry {
                range: offset..end,
                directory: directory.to_vec(),
            });
            offset = end + 1;
        }
    }
}

/// The section in which Go keeps the names of source files.
const GO_LINES: &[u8] = b".gopclntab";

/// The table of the names of sections.
struct SectionNames<'a>(Cow<'a, [u8]>);

impl<'a> SectionNames<'a> {
    fn of(file: &'a dyn ReadAt, header: &Fields<'_>, sections: &[Part]) -> Self {
        let at = if header.wide { 62 } else { 50 };
        let index = header.number(&header.bytes, at, 2) as usize;
        let table = sections.get(index).filter(|part| part.kind != SHT_NOBITS);
        let bytes =
            table.map(|part| file.read_at(part.offset, part.size.min(LONGEST_TABLE) as usize));
        Self(bytes.unwrap_or_default())
    }

    /// The name of a section, without its end.
    fn name(&self, section: &Part) -> &[u8] {
        let rest = self.0.get(section.name as usize..).unwrap_or_default();
        &rest[..memchr::memchr(0, rest).unwrap_or(rest.len())]
    }
}

/// How long the string at an offset is, in bytes. Most are short.
fn string_length(file: &dyn ReadAt, offset: u64) -> u64 {
    let text = file.read_at(offset, USUAL_STRING);
    if let Some(length) = memchr::memchr(0, &text) {
        return length as u64;
    }
    let text = file.read_at(offset, LONGEST_STRING);
    memchr::memchr(0, &text).unwrap_or(text.len()) as u64
}

/// Where a loaded address is in the file.
fn file_offset(segments: &[Part], address: u64) -> Option<u64> {
    segments
        .iter()
        .filter(|s| s.kind == PT_LOAD)
        .find_map(|segment| {
            let inside = address.checked_sub(segment.address)?;
            (inside < segment.size).then(|| segment.offset.saturating_add(inside))
        })
}

/// A table of headers or entries.
struct Table<'a> {
    bytes: Cow<'a, [u8]>,
    /// The length of a row, at least 1.
    row: usize,
}

impl<'a> Table<'a> {
    fn read(file: &'a dyn ReadAt, start: u64, row: u64, rows: u64) -> Self {
        let length = row.saturating_mul(rows).min(LONGEST_TABLE);
        Self {
            bytes: file.read_at(start, length as usize),
            row: usize::try_from(row).unwrap_or(usize::MAX).max(1),
        }
    }

    fn rows(&self) -> impl Iterator<Item = &[u8]> {
        self.bytes.chunks_exact(self.row)
    }
}

/// A segment or a section.
#[derive(Debug, Clone, Copy)]
struct Part {
    /// Of a section, where its name is in the table of names.
    name: u64,
    kind: u64,
    flags: u64,
    address: u64,
    offset: u64,
    size: u64,
}

/// The fields of a header, read in the file's own word size and byte order.
struct Fields<'a> {
    bytes: Cow<'a, [u8]>,
    wide: bool,
    big_endian: bool,
}

impl<'a> Fields<'a> {
    fn of(bytes: Cow<'a, [u8]>) -> Option<Self> {
        let known = bytes.len() >= 16 && bytes.starts_with(b"\x7fELF") && matches!(bytes[4], 1 | 2);
        known.then(|| Self {
            wide: bytes[4] == 2,
            big_endian: bytes[5] == 2,
            bytes,
        })
    }

    /// A number of `size` bytes, at most 8; 0 if it lies outside.
    fn number(&self, bytes: &[u8], at: usize, size: usize) -> u64 {
        let Some(field) = bytes.get(at..at + size) else {
            return 0;
        };
        let mut number = [0; 8];
        number[..size].copy_from_slice(field);
        if self.big_endian {
            number[..size].reverse();
        }
        u64::from_le_bytes(number)
    }

    fn word(&self, bytes: &[u8], narrow: usize, wide: usize) -> u64 {
        if self.wide {
            self.number(bytes, wide, 8)
        } else {
            self.number(bytes, narrow, 4)
        }
    }

    fn segments(&self, file: &dyn ReadAt) -> Vec<Part> {
        let (row, rows) = if self.wide { (54, 56) } else { (42, 44) };
        let start = self.word(&self.bytes, 28, 32);
        let row = self.number(&self.bytes, row, 2);
        let rows = self.number(&self.bytes, rows, 2);
        let table = Table::read(file, start, row, rows);
        let part = |bytes: &[u8]| Part {
            name: 0,
            kind: self.number(bytes, 0, 4),
            flags: 0,
            offset: self.word(bytes, 4, 8),
            address: self.word(bytes, 8, 16),
            size: self.word(bytes, 16, 32),
        };
        table.rows().map(part).collect()
    }

    fn sections(&self, file: &dyn ReadAt) -> Vec<Part> {
        let (row, rows) = if self.wide { (58, 60) } else { (46, 48) };
        let start = self.word(&self.bytes, 32, 40);
        let row = self.number(&self.bytes, row, 2);
        let rows = self.number(&self.bytes, rows, 2);
        let table = Table::read(file, start, row, rows);
        let part = |bytes: &[u8]| Part {
            name: self.number(bytes, 0, 4),
            kind: self.number(bytes, 4, 4),
            flags: self.word(bytes, 8, 8),
            address: self.word(bytes, 12, 16),
            offset: self.word(bytes, 16, 24),
            size: self.word(bytes, 20, 32),
        };
        table.rows().map(part).collect()
    }

    fn dynamic(&self, file: &dyn ReadAt, part: &Part) -> Vec<(u64, u64)> {
        let row = if self.wide { 16 } else { 8 };
        let table = Table::read(file, part.offset, row, part.size / row);
        table
            .rows()
            .map(|row| (self.word(row, 0, 0), self.word(row, 4, 8)))
            .take_while(|(tag, _)| *tag != DT_NULL)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn put(bytes: &mut Vec<u8>, at: usize, field: &[u8]) {
        bytes.resize(bytes.len().max(at + field.len()), 0);
        bytes[at..at + field.len()].copy_from_slice(field);
    }

    fn put_numbers(bytes: &mut Vec<u8>, at: usize, numbers: &[u64]) {
        for (index, number) in numbers.iter().enumerate() {
            put(bytes, at + 8 * index, &number.to_le_bytes());
        }
    }

    /// A 64-bit file: interpreter at 0x200, strings at 0x300 (a search path at 1, a library at 9), comment at 0x400.
    fn sample() -> Vec<u8> {
        let mut file = b"\x7fELF\x02\x01\x01".to_vec();
        put_numbers(&mut file, 32, &[64, 0x500]);
        for (at, number) in [(54, 56_u16), (56, 3), (58, 64), (60, 2)] {
            put(&mut file, at, &number.to_le_bytes());
        }
        for (row, [kind, offset, address, size]) in [
            [PT_LOAD, 0, 0x1000, 0x400],
            [PT_INTERP, 0x200, 0x1200, 0x20],
            [PT_DYNAMIC, 0x280, 0x1280, 0x40],
        ]
        .into_iter()
        .enumerate()
        {
            put_numbers(&mut file, 64 + 56 * row, &[kind, offset, address, 0, size]);
        }
        put_numbers(
            &mut file,
            0x280,
            &[DT_RUNPATH, 1, DT_NEEDED, 9, DT_STRTAB, 0x1300, DT_NULL, 0],
        );
        put(&mut file, 0x300, b"\0runpath\0needed\0");
        put_numbers(&mut file, 0x540, &[1 << 32, 0, 0, 0x400, 0x10]);
        put(&mut file, 0x57f, b"\0");
        file
    }

    #[test]
    fn positions_are_told_by_what_they_belong_to() {
        let file = sample();
        let elf = Elf::parse(&file.as_slice()).expect("an ELF file");
        let cases = [
            (0x200, Class::ElfInterpreter),
            (0x220, Class::ElfData),
            (0x301, Class::ElfRunpath),
            (0x307, Class::ElfRunpath),
            (0x308, Class::ElfData),
            (0x309, Class::ElfNeeded),
            (0x400, Class::Debug),
            (0x410, Class::ElfData),
        ];
        for (offset, class) in cases {
            assert_eq!(elf.class(offset), class, "{offset:#x}");
        }
        assert!(Elf::parse(&b"#!/bin/sh".as_slice()).is_none());
    }

    proptest! {
        #[test]
        fn no_bytes_break_it(changes in proptest::collection::vec((0..0x580_usize, any::<u8>()), 0..40), length in 0..0x580_usize) {
            let mut file = sample();
            for (at, byte) in changes {
                file[at] = byte;
            }
            file.truncate(length);
            if let Some(elf) = Elf::parse(&file.as_slice()) {
                elf.class(0x301);
            }
        }
    }
}
