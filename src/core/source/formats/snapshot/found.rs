//! What was found in the files: two sections that a snapshot may have, one row for each path in its order.
//!
//! Categories, classes and ways of packing stand there by name, so that their tables may change. A category that is not
//! known any more counts as the rest, and a class as other data: then nothing is called an accident for want of a word.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use super::bytes::{Corrupt, Input, TextsIn, TextsOut, put_number, put_section, put_text};
use super::{Sections, section};
use crate::analysis::evidence_class::{Class, ClassCounts};
use crate::analysis::file_category::Categories;
use crate::model::{Column, PathId, StoreGraph};
use crate::source::evidence::findings::{Referrer, SavedFindings};
use crate::source::evidence::{EdgeEvidence, Hit, HitKind};
use crate::source::files::contents::Contents;
use crate::source::files::contents::Tally;
use crate::text;

/// What the first byte of a row says.
mod row {
    /// Something is known about the path.
    pub(crate) const KNOWN: u8 = 1;
    /// All of it could be looked at.
    pub(crate) const COMPLETE: u8 = 2;
    /// Categories were told by names and modes alone.
    pub(crate) const BY_NAMES: u8 = 4;
}

const HIT_KINDS: [HitKind; 3] = [HitKind::Content, HitKind::Symlink, HitKind::Name];

/// Appends the sections for what is there.
pub(crate) fn put(body: &mut Vec<u8>, graph: &StoreGraph, order: &[PathId], found: &SavedFindings) {
    if !found.contents.is_empty() {
        put_section(body, section::CONTENTS, &contents_bytes(order, found));
    }
    if !found.referrers.is_empty() {
        let mut position = Column::filled(graph.len(), 0_u64);
        for (at, &id) in order.iter().enumerate() {
            position[id] = at as u64;
        }
        let mut out = EvidenceOut::default();
        for &id in order {
            out.row(found.referrers.get(&id), &position);
        }
        put_section(body, section::EVIDENCE, &out.rows);
        put_section(body, section::EVIDENCE_TEXTS, &out.texts.into_bytes());
    }
}

fn put_names<'a>(out: &mut Vec<u8>, names: impl ExactSizeIterator<Item = &'a str>) {
    put_number(out, names.len() as u64);
    for name in names {
        put_text(out, name);
    }
}

fn contents_bytes(order: &[PathId], found: &SavedFindings) -> Vec<u8> {
    let mut out = Vec::new();
    let categories = Categories::built_in();
    let names = categories.as_slice().iter();
    put_names(&mut out, names.map(|category| category.name.as_str()));
    for id in order {
        let Some(contents) = found.contents.get(id) else {
            out.push(0);
            continue;
        };
        let complete = if contents.complete { row::COMPLETE } else { 0 };
        let by_names = if contents.by_names { row::BY_NAMES } else { 0 };
        out.push(row::KNOWN | complete | by_names);
        put_number(&mut out, contents.symlinks);
        put_number(&mut out, contents.directories);
        let some = contents.tallies.iter().enumerate();
        let some: Vec<_> = some.filter(|(_, tally)| tally.files > 0).collect();
        put_number(&mut out, some.len() as u64);
        for (category, tally) in some {
            put_number(&mut out, category as u64);
            put_number(&mut out, tally.files);
            put_number(&mut out, tally.bytes);
        }
    }
    out
}

struct EvidenceOut {
    rows: Vec<u8>,
    texts: TextsOut,
}

impl Default for EvidenceOut {
    fn default() -> Self {
        let mut rows = Vec::new();
        put_names(&mut rows, Class::ALL.iter().map(|class| class.key()));
        Self {
            rows,
            texts: TextsOut::default(),
        }
    }
}

impl EvidenceOut {
    fn number(&mut self, number: u64) {
        put_number(&mut self.rows, number);
    }

    fn row(&mut self, referrer: Option<&Referrer>, position: &Column<u64>) {
        let Some(referrer) = referrer else {
            self.rows.push(0);
            return;
        };
        let complete = if referrer.complete { row::COMPLETE } else { 0 };
        self.rows.push(row::KNOWN | complete);
        self.number(referrer.packed.len() as u64);
        for (kind, files) in &referrer.packed {
            self.texts.push(kind.as_bytes());
            self.number(*files);
        }
        self.number(referrer.edges.len() as u64);
        for edge in &referrer.edges {
            self.number(position[edge.to]);
            self.edge(edge);
        }
    }

    fn edge(&mut self, edge: &EdgeEvidence) {
        let counts = Class::ALL.map(|class| edge.counts.get(class));
        self.number(counts.iter().filter(|&&count| count > 0).count() as u64);
        for (class, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            self.number(class as u64);
            self.number(count);
        }
        self.number(edge.hits.len() as u64);
        for hit in &edge.hits {
            self.number(hit.class as u64);
            let kind = HIT_KINDS.iter().position(|&kind| kind == hit.kind);
            self.rows.push(kind.unwrap_or(0) as u8);
            self.number(hit.offset);
            self.number(hit.line.unwrap_or(0));
            self.texts.push(hit.file.as_os_str().as_bytes());
            self.texts.push(hit.context.as_bytes());
        }
    }
}

/// Reads what was found for each path of a snapshot, whose ids the graph gave (`None` for those it left out).
pub(crate) fn read(
    sections: &Sections<'_>,
    ids: &[Option<PathId>],
) -> Result<SavedFindings, Corrupt> {
    let mut found = SavedFindings::default();
    let mut sums = Sums::default();
    if let Some(bytes) = sections.optional(section::CONTENTS) {
        let mut input = Input(bytes);
        let categories = CategoryNumbers::read(&mut input)?;
        for &id in ids {
            let contents = read_contents(&mut input, &categories, &mut sums)?;
            if let (Some(id), Some(contents)) = (id, contents) {
                found.contents.insert(id, contents);
            }
        }
    }
    if let Some(bytes) = sections.optional(section::EVIDENCE) {
        let mut rows = Input(bytes);
        let mut input = EvidenceIn {
            classes: read_classes(&mut rows)?,
            rows,
            texts: TextsIn::new(sections.needed(section::EVIDENCE_TEXTS)?)?,
            ids,
            sums,
        };
        for &id in ids {
            let referrer = input.row(id)?;
            if let (Some(id), Some(referrer)) = (id, referrer) {
                found.referrers.insert(id, referrer);
            }
        }
    }
    Ok(found)
}

/// Keeps sums over everything within what can be counted, so that its readers need not check.
#[derive(Default)]
struct Sums(u64);

impl Sums {
    fn number(&mut self, input: &mut Input<'_>) -> Result<u64, Corrupt> {
        const MOST: u64 = 1 << 62;
        let number = input.number()?;
        self.0 = self.0.saturating_add(number);
        if self.0 > MOST {
            return Err(Corrupt("files are larger than anything can be"));
        }
        Ok(number)
    }
}

/// Our categories' numbers, by the numbers that the snapshot has for them.
struct CategoryNumbers {
    numbers: Vec<usize>,
    count: usize,
}

impl CategoryNumbers {
    fn read(input: &mut Input<'_>) -> Result<Self, Corrupt> {
        let ours = Categories::built_in();
        let number = |name: &str| {
            let mut names = ours.as_slice().iter();
            names
                .position(|category| category.name == name)
                .unwrap_or_else(|| ours.rest())
        };
        let numbers = (0..input.count()?).map(|_| input.text().map(number));
        Ok(Self {
            numbers: numbers.collect::<Result<_, _>>()?,
            count: ours.as_slice().len(),
        })
    }
}

fn read_contents(
    input: &mut Input<'_>,
    categories: &CategoryNumbers,
    sums: &mut Sums,
) -> Result<Option<Contents>, Corrupt> {
    let &[flags] = input.take(1)? else {
        return Err(Corrupt("a row is cut off"));
    };
    if flags & row::KNOWN == 0 {
        return Ok(None);
    }
    let mut contents = Contents {
        tallies: vec![Tally::default(); categories.count],
        symlinks: sums.number(input)?,
        directories: sums.number(input)?,
        by_names: flags & row::BY_NAMES != 0,
        complete: flags & row::COMPLETE != 0,
    };
    for _ in 0..input.count()? {
        let category = pick(&categories.numbers, input.number()?);
        let category = category.ok_or(Corrupt("a category of files without a name"))?;
        let tally = Tally {
            files: sums.number(input)?,
            bytes: sums.number(input)?,
        };
        if let Some(sum) = contents.tallies.get_mut(category) {
            sum.add(tally);
        }
    }
    Ok(Some(contents))
}

fn pick<T: Copy>(all: &[T], at: u64) -> Option<T> {
    all.get(usize::try_from(at).ok()?).copied()
}

fn read_classes(input: &mut Input<'_>) -> Result<Vec<Class>, Corrupt> {
    let class = |key: &str| {
        let mut all = Class::ALL.into_iter();
        all.find(|class| class.key() == key).unwrap_or(Class::Data)
    };
    let classes = (0..input.count()?).map(|_| input.text().map(class));
    classes.collect()
}

struct EvidenceIn<'a> {
    classes: Vec<Class>,
    rows: Input<'a>,
    texts: TextsIn<'a>,
    ids: &'a [Option<PathId>],
    sums: Sums,
}

impl EvidenceIn<'_> {
    /// The next path's row. It is read to its end whether the path is wanted or not.
    fn row(&mut self, from: Option<PathId>) -> Result<Option<Referrer>, Corrupt> {
        let &[flags] = self.rows.take(1)? else {
            return Err(Corrupt("a row is cut off"));
        };
        if flags & row::KNOWN == 0 {
            return Ok(None);
        }
        let mut referrer = Referrer {
            complete: flags & row::COMPLETE != 0,
            ..Referrer::default()
        };
        for _ in 0..self.rows.count()? {
            let kind = text::sanitise(self.texts.next()?).into_owned();
            referrer
                .packed
                .push((kind, self.sums.number(&mut self.rows)?));
        }
        for _ in 0..self.rows.count()? {
            let to = pick(self.ids, self.rows.number()?);
            let to = to.ok_or(Corrupt("evidence for a reference that leads to no path"))?;
            let (counts, hits) = self.edge()?;
            if let (Some(from), Some(to)) = (from, to) {
                referrer.edges.push(EdgeEvidence {
                    from,
                    to,
                    counts,
                    hits,
                });
            }
        }
        // One entry for each reference, in order, as the lookup expects.
        referrer.edges.sort_by_key(|edge| edge.to);
        referrer.edges.dedup_by_key(|edge| edge.to);
        Ok(Some(referrer))
    }

    fn edge(&mut self) -> Result<(ClassCounts, Vec<Hit>), Corrupt> {
        let mut counts = ClassCounts::default();
        for _ in 0..self.rows.count()? {
            let class = self.class()?;
            counts.add_many(class, self.sums.number(&mut self.rows)?);
        }
        let mut hits = Vec::new();
        for _ in 0..self.rows.count()? {
            hits.push(self.hit()?);
        }
        hits.sort();
        Ok((counts, hits))
    }

    fn class(&mut self) -> Result<Class, Corrupt> {
        let class = pick(&self.classes, self.rows.number()?);
        class.ok_or(Corrupt("a class of evidence without a name"))
    }

    fn hit(&mut self) -> Result<Hit, Corrupt> {
        let class = self.class()?;
        let kind = match self.rows.take(1)? {
            &[kind] => pick(&HIT_KINDS, kind.into()),
            _ => None,
        };
        let offset = self.rows.number()?;
        let line = Some(self.rows.number()?).filter(|&line| line > 0);
        let file = PathBuf::from(OsStr::from_bytes(self.texts.next_bytes()?));
        Ok(Hit {
            class,
            file,
            kind: kind.ok_or(Corrupt("evidence of an unknown kind"))?,
            offset,
            line,
            context: text::sanitise(self.texts.next()?).into_owned(),
        })
    }
}
