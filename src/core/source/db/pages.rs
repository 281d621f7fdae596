//! Reads the rows of a whole table or index straight from the pages of the database file: three times as fast as asking
//! for them one by one.
//!
//! Only for a file that holds everything (no log) and does not change meanwhile. Whatever is not as the file format has
//! it ends the reading with [`Invalid`], and the engine is asked instead.

use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

use crate::plain_file;

use rusqlite::types::ValueRef;

use crate::job::in_order;
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
    Invalid,
    /// The caller wants no more rows.
    Taker(E),
}

/// Something in the file is not as it should be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Invalid;

impl<E> From<Invalid> for Stop<E> {
    fn from(_: Invalid) -> Self {
        Self::Invalid
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
type Take<'t, const COLUMNS: usize> = dyn FnMut(i64, &Values<'_, COLUMNS>) + 't;

/// A page is divided into this many parts, if it has that many subtrees.
const PARTS: usize = 16;

/// Neighbouring cells of one page, with what is below them: what one thread reads at a time.
struct PagePart {
    page: u32,
    depth: usize,
    /// The cell after the last one stands for the last subtree, which has no cell.
    cells: Range<usize>,
    /// Whether the subtrees left of the cells are part of it.
    below: bool,
}

impl Pages {
    /// Opens a file whose header is sound.
    pub(super) fn open(file: &Path) -> Result<Self, Invalid> {
        let file = plain_file::open(file).map_err(|_| Invalid)?;
        let mut header = [0; 100];
        file.read_exact_at(&mut header, 0).map_err(|_| Invalid)?;
        let size = match u16::from_be_bytes([header[16], header[17]]) {
            1 => 65_536,
            size => usize::from(size),
        };
        let usable = size.saturating_sub(usize::from(header[20]));
        let is_utf8 = header[56..60] == [0, 0, 0, 1];
        let len = file.metadata().map_err(|_| Invalid)?.len();
        if !size.is_power_of_two() || size < 512 || usable < 480 || !is_utf8 {
            return Err(Invalid);
        }
        Ok(Self {
            file,
            size,
            usable,
            count: len / size as u64,
        })
    }

    /// Reads every row of the tree that begins at a page, with the columns at some positions: on all processors, and some
    /// hundreds or thousands of neighbouring rows into one `T`. `take` gets them in order.
    pub(super) fn each<const COLUMNS: usize, T: Send, E>(
        &self,
        root: u32,
        wanted: [usize; COLUMNS],
        new: impl Fn() -> T + Sync,
        read: impl Fn(&mut T, i64, &Values<'_, COLUMNS>) + Sync,
        mut take: impl FnMut(T) -> Result<(), E>,
    ) -> Result<(), Stop<E>> {
        let left = AtomicI64::new(self.count.cast_signed());
        let walk = || PageWalk {
            pages: self,
            wanted,
            left: &left,
            spare: Vec::new(),
        };
        let mut parts = Vec::new();
        walk().split(root, 0, &mut parts)?;
        // Each part begins with a page that was read already.
        left.fetch_add(parts.len().cast_signed() as i64, Relaxed);
        let rows_of = |at: usize| {
            let mut rows = new();
            let mut walk = walk();
            let outcome = walk.part(&parts[at], &mut |id, values| read(&mut rows, id, values));
            outcome.map(|()| rows)
        };
        in_order(parts.len(), rows_of, |rows| {
            take(rows?).map_err(Stop::Taker)
        })
    }
}

struct PageWalk<'p, const COLUMNS: usize> {
    pages: &'p Pages,
    wanted: [usize; COLUMNS],
    /// Pages that can still come, none being there twice.
    left: &'p AtomicI64,
    spare: Vec<Vec<u8>>,
}

/// How a page is laid out.
#[derive(Clone, Copy)]
struct Shape {
    kind: u8,
    cells: usize,
    /// Where the cells' positions stand.
    pointers: usize,
}

impl Shape {
    fn of(page: &[u8], number: u32) -> Result<Self, Invalid> {
        let start = if number == 1 { 100 } else { 0 };
        let kind = *page.get(start).ok_or(Invalid)?;
        let header = match kind {
            INDEX_INTERIOR | TABLE_INTERIOR => 12,
            INDEX_LEAF | TABLE_LEAF => 8,
            _ => return Err(Invalid),
        };
        Ok(Self {
            kind,
            cells: usize::from(short(page, start + 3)?),
            pointers: start + header,
        })
    }

    fn is_interior(self) -> bool {
        matches!(self.kind, INDEX_INTERIOR | TABLE_INTERIOR)
    }

    /// Where a cell begins.
    fn cell(self, page: &[u8], cell: usize) -> Result<usize, Invalid> {
        Ok(usize::from(short(page, self.pointers + 2 * cell)?))
    }

    /// The page of a subtree: left of a cell, or behind the last one.
    fn child(self, page: &[u8], cell: usize) -> Result<u32, Invalid> {
        if cell == self.cells {
            long(page, self.pointers - 4)
        } else {
            long(page, self.cell(page, cell)?)
        }
    }
}

impl<const COLUMNS: usize> PageWalk<'_, COLUMNS> {
    /// Divides the tree below a page. One that has few subtrees at its top is divided one level deeper.
    fn split(
        &mut self,
        number: u32,
        depth: usize,
        parts: &mut Vec<PagePart>,
    ) -> Result<(), Invalid> {
        let page = self.read(number, depth)?;
        let shape = Shape::of(&page, number)?;
        let part = |cells, below| PagePart {
            page: number,
            depth,
            cells,
            below,
        };
        if !shape.is_interior() {
            parts.push(part(0..shape.cells, false));
        } else if shape.cells < PARTS && depth == 0 {
            for cell in 0..=shape.cells {
                self.split(shape.child(&page, cell)?, depth + 1, parts)?;
                parts.push(part(cell..cell + 1, false));
            }
        } else {
            let subtrees = shape.cells + 1;
            let each = subtrees.div_ceil(PARTS);
            let starts = (0..subtrees).step_by(each);
            parts.extend(starts.map(|at| part(at..subtrees.min(at + each), true)));
        }
        self.spare.push(page);
        Ok(())
    }

    fn part(&mut self, part: &PagePart, take: &mut Take<'_, COLUMNS>) -> Result<(), Invalid> {
        let page = self.read(part.page, part.depth)?;
        let shape = Shape::of(&page, part.page)?;
        for cell in part.cells.clone() {
            if part.below {
                self.tree(shape.child(&page, cell)?, part.depth + 1, take)?;
            }
            self.cell(&page, shape, cell, take)?;
        }
        self.spare.push(page);
        Ok(())
    }

    fn tree(
        &mut self,
        number: u32,
        depth: usize,
        take: &mut Take<'_, COLUMNS>,
    ) -> Result<(), Invalid> {
        let page = self.read(number, depth)?;
        let shape = Shape::of(&page, number)?;
        for cell in 0..shape.cells {
            if shape.is_interior() {
                self.tree(shape.child(&page, cell)?, depth + 1, take)?;
            }
            self.cell(&page, shape, cell, take)?;
        }
        if shape.is_interior() {
            self.tree(shape.child(&page, shape.cells)?, depth + 1, take)?;
        }
        self.spare.push(page);
        Ok(())
    }

    fn read(&mut self, number: u32, depth: usize) -> Result<Vec<u8>, Invalid> {
        let pages = self.pages;
        if number == 0 || u64::from(number) > pages.count || depth > MAX_DEPTH {
            return Err(Invalid);
        }
        if self.left.fetch_sub(1, Relaxed) <= 0 {
            return Err(Invalid);
        }
        let mut page = self.spare.pop().unwrap_or_else(|| vec![0; pages.size]);
        let at = u64::from(number - 1) * pages.size as u64;
        pages
            .file
            .read_exact_at(&mut page, at)
            .map_err(|_| Invalid)?;
        Ok(page)
    }

    /// Hands over the row of a cell, if it has one.
    fn cell(
        &self,
        page: &[u8],
        shape: Shape,
        cell: usize,
        take: &mut Take<'_, COLUMNS>,
    ) -> Result<(), Invalid> {
        if shape.kind == TABLE_INTERIOR || cell == shape.cells {
            return Ok(());
        }
        let mut at = shape.cell(page, cell)?;
        if shape.is_interior() {
            at += 4;
        }
        let in_table = shape.kind == TABLE_LEAF;
        let len = usize::try_from(varint(page, &mut at)?).map_err(|_| Invalid)?;
        let row = if in_table {
            varint(page, &mut at)?.cast_signed()
        } else {
            0
        };
        let here = self.local(len, in_table);
        let record = page.get(at..at.saturating_add(here)).ok_or(Invalid)?;
        take(row, &self.values(record)?);
        Ok(())
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

    fn values<'r>(&self, record: &'r [u8]) -> Result<Values<'r, COLUMNS>, Invalid> {
        let mut values = [ValueRef::Null; COLUMNS];
        let last = self.wanted.iter().copied().max().unwrap_or(0);
        let mut head = 0;
        let head_len = usize::try_from(varint(record, &mut head)?).map_err(|_| Invalid)?;
        let mut body = head_len;
        let mut column = 0;
        while head < head_len && column <= last {
            let kind = varint(record, &mut head)?;
            let len = value_len(kind)?;
            let next = body.checked_add(len).ok_or(Invalid)?;
            for (value, &wanted) in values.iter_mut().zip(&self.wanted) {
                if wanted == column {
                    *value = decode(kind, record.get(body..next).ok_or(Invalid)?);
                }
            }
            body = next;
            column += 1;
        }
        Ok(values)
    }
}

/// How many bytes a value of some type takes.
fn value_len(kind: u64) -> Result<usize, Invalid> {
    Ok(match kind {
        0 | 8 | 9 => 0,
        1..=4 => kind as usize,
        5 => 6,
        6 | 7 => 8,
        10 | 11 => return Err(Invalid),
        _ => usize::try_from((kind - 12) / 2).map_err(|_| Invalid)?,
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

fn short(page: &[u8], at: usize) -> Result<u16, Invalid> {
    let bytes = page.get(at..at + 2).ok_or(Invalid)?;
    Ok(u16::from_be_bytes([bytes[0], bytes[1]]))
}

fn long(page: &[u8], at: usize) -> Result<u32, Invalid> {
    let bytes = page.get(at..at + 4).ok_or(Invalid)?;
    Ok(u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
}

/// A number of one to nine bytes, seven bits each, the ninth with all eight.
#[inline]
fn varint(bytes: &[u8], at: &mut usize) -> Result<u64, Invalid> {
    let mut number = 0;
    for count in 1.. {
        let byte = *bytes.get(*at).ok_or(Invalid)?;
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
