//! Reads the rows of a whole table or index straight from the pages of the database file: three times as fast as asking
//! for them one by one.
//!
//! Only for a file that holds everything (no log) and does not change meanwhile. Whatever is not as the file format has
//! it ends the reading with [`Odd`], and the engine is asked instead.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use rusqlite::types::ValueRef;

use crate::source::SourceError;

/// Deepest tree that is believed in: each level multiplies by hundreds.
const MAX_DEPTH: usize = 12;
const INDEX_INTERIOR: u8 = 2;
const TABLE_INTERIOR: u8 = 5;
const INDEX_LEAF: u8 = 10;
const TABLE_LEAF: u8 = 13;

/// Why the rows were not read to their end.
#[derive(Debug)]
pub(super) enum Stop<E> {
    /// Something is not as it should be.
    Odd,
    /// Whoever took the rows wants no more.
    Taker(E),
}

/// Something in the file is not as it should be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Odd;

impl<E> From<Odd> for Stop<E> {
    fn from(_: Odd) -> Self {
        Self::Odd
    }
}

impl From<SourceError> for Stop<SourceError> {
    fn from(error: SourceError) -> Self {
        Self::Taker(error)
    }
}

/// The pages of a database file.
pub(super) struct Pages {
    file: File,
    size: usize,
    /// Bytes of a page that hold content.
    usable: usize,
    count: u64,
}

/// The wanted columns of one record, in the order they were wanted in. A column that the record lacks is NULL.
pub(super) type Values<'r, const COLUMNS: usize> = [ValueRef<'r>; COLUMNS];

/// Takes the rows of a tree, one after another: row number (0 in an index) and wanted columns.
type Take<'t, const COLUMNS: usize, E> = dyn FnMut(i64, &Values<'_, COLUMNS>) -> Result<(), E> + 't;

impl Pages {
    /// Opens a file whose header is sound.
    pub(super) fn open(file: &Path) -> Result<Self, Odd> {
        let file = File::open(file).map_err(|_| Odd)?;
        let mut header = [0; 100];
        file.read_exact_at(&mut header, 0).map_err(|_| Odd)?;
        let size = match u16::from_be_bytes([header[16], header[17]]) {
            1 => 65_536,
            size => usize::from(size),
        };
        let usable = size.saturating_sub(usize::from(header[20]));
        let is_utf8 = header[56..60] == [0, 0, 0, 1];
        let len = file.metadata().map_err(|_| Odd)?.len();
        if !size.is_power_of_two() || size < 512 || usable < 480 || !is_utf8 {
            return Err(Odd);
        }
        Ok(Self {
            file,
            size,
            usable,
            count: len / size as u64,
        })
    }

    /// Hands over every row of the tree that begins at a page, in order, with the columns at some positions.
    pub(super) fn each<const COLUMNS: usize, E>(
        &self,
        root: u32,
        wanted: [usize; COLUMNS],
        take: &mut Take<'_, COLUMNS, E>,
    ) -> Result<(), Stop<E>> {
        let mut walk = Walk {
            pages: self,
            wanted,
            left: self.count,
            spare: Vec::new(),
        };
        walk.tree(root, 0, take)
    }
}

struct Walk<'p, const COLUMNS: usize> {
    pages: &'p Pages,
    wanted: [usize; COLUMNS],
    /// Pages that can still come, none being there twice.
    left: u64,
    spare: Vec<Vec<u8>>,
}

impl<const COLUMNS: usize> Walk<'_, COLUMNS> {
    fn tree<E>(
        &mut self,
        number: u32,
        depth: usize,
        take: &mut Take<'_, COLUMNS, E>,
    ) -> Result<(), Stop<E>> {
        let page = self.read(number, depth)?;
        let start = if number == 1 { 100 } else { 0 };
        let kind = *page.get(start).ok_or(Odd)?;
        let interior = matches!(kind, INDEX_INTERIOR | TABLE_INTERIOR);
        if !interior && !matches!(kind, INDEX_LEAF | TABLE_LEAF) {
            return Err(Stop::Odd);
        }
        let cells = usize::from(short(&page, start + 3)?);
        let pointers = start + if interior { 12 } else { 8 };
        for cell in 0..cells {
            let mut at = usize::from(short(&page, pointers + 2 * cell)?);
            if interior {
                self.tree(long(&page, at)?, depth + 1, take)?;
                at += 4;
            }
            if kind != TABLE_INTERIOR {
                self.cell(&page, at, kind == TABLE_LEAF, take)?;
            }
        }
        if interior {
            self.tree(long(&page, start + 8)?, depth + 1, take)?;
        }
        self.spare.push(page);
        Ok(())
    }

    fn read(&mut self, number: u32, depth: usize) -> Result<Vec<u8>, Odd> {
        let pages = self.pages;
        if number == 0 || u64::from(number) > pages.count || depth > MAX_DEPTH || self.left == 0 {
            return Err(Odd);
        }
        self.left -= 1;
        let mut page = self.spare.pop().unwrap_or_else(|| vec![0; pages.size]);
        let at = u64::from(number - 1) * pages.size as u64;
        pages.file.read_exact_at(&mut page, at).map_err(|_| Odd)?;
        Ok(page)
    }

    fn cell<E>(
        &self,
        page: &[u8],
        mut at: usize,
        in_table: bool,
        take: &mut Take<'_, COLUMNS, E>,
    ) -> Result<(), Stop<E>> {
        let len = usize::try_from(varint(page, &mut at)?).map_err(|_| Odd)?;
        let row = if in_table {
            varint(page, &mut at)?.cast_signed()
        } else {
            0
        };
        let here = self.local(len, in_table);
        let record = page.get(at..at.saturating_add(here)).ok_or(Odd)?;
        let values = self.values(record)?;
        take(row, &values).map_err(Stop::Taker)
    }

    /// How much of a record of some length stands in its cell; the rest is on other pages.
    fn local(&self, len: usize, in_table: bool) -> usize {
        let usable = self.pages.usable;
        let most = if in_table {
            usable - 35
        } else {
            (usable - 12) * 64 / 255 - 23
        };
        if len <= most {
            return len;
        }
        let least = (usable - 12) * 32 / 255 - 23;
        let fitting = least + (len - least) % (usable - 4);
        if fitting <= most { fitting } else { least }
    }

    fn values<'r>(&self, record: &'r [u8]) -> Result<Values<'r, COLUMNS>, Odd> {
        let mut values = [ValueRef::Null; COLUMNS];
        let last = self.wanted.iter().copied().max().unwrap_or(0);
        let mut head = 0;
        let head_len = usize::try_from(varint(record, &mut head)?).map_err(|_| Odd)?;
        let mut body = head_len;
        let mut column = 0;
        while head < head_len && column <= last {
            let kind = varint(record, &mut head)?;
            let len = value_len(kind)?;
            let next = body.checked_add(len).ok_or(Odd)?;
            for (value, &wanted) in values.iter_mut().zip(&self.wanted) {
                if wanted == column {
                    *value = decode(kind, record.get(body..next).ok_or(Odd)?);
                }
            }
            body = next;
            column += 1;
        }
        Ok(values)
    }
}

/// How many bytes a value of some type takes.
fn value_len(kind: u64) -> Result<usize, Odd> {
    Ok(match kind {
        0 | 8 | 9 => 0,
        1..=4 => kind as usize,
        5 => 6,
        6 | 7 => 8,
        10 | 11 => return Err(Odd),
        _ => usize::try_from((kind - 12) / 2).map_err(|_| Odd)?,
    })
}

fn decode(kind: u64, bytes: &[u8]) -> ValueRef<'_> {
    match kind {
        0 => ValueRef::Null,
        7 => {
            let bits = bytes
                .iter()
                .fold(0, |all, &byte| all << 8 | u64::from(byte));
            ValueRef::Real(f64::from_bits(bits))
        }
        8 => ValueRef::Integer(0),
        9 => ValueRef::Integer(1),
        1..=6 => {
            let sign = if bytes[0] & 0x80 == 0 { 0 } else { -1 };
            let number = bytes
                .iter()
                .fold(sign, |all, &byte| all << 8 | i64::from(byte));
            ValueRef::Integer(number)
        }
        _ if kind.is_multiple_of(2) => ValueRef::Blob(bytes),
        _ => ValueRef::Text(bytes),
    }
}

fn short(page: &[u8], at: usize) -> Result<u16, Odd> {
    let bytes = page.get(at..at + 2).ok_or(Odd)?;
    Ok(u16::from_be_bytes([bytes[0], bytes[1]]))
}

fn long(page: &[u8], at: usize) -> Result<u32, Odd> {
    let bytes = page.get(at..at + 4).ok_or(Odd)?;
    Ok(u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
}

/// A number of one to nine bytes, seven bits each, the ninth with all eight.
#[inline]
fn varint(bytes: &[u8], at: &mut usize) -> Result<u64, Odd> {
    let mut number = 0;
    for count in 1.. {
        let byte = *bytes.get(*at).ok_or(Odd)?;
        *at += 1;
        if count == 9 {
            return Ok(number << 8 | u64::from(byte));
        }
        number = number << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            break;
        }
    }
    Ok(number)
}
