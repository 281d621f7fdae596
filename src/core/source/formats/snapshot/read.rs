//! Reading: the sections in step, path by path, into a graph builder.

use std::num::NonZeroI64;

use super::bytes::{Corrupt, Input, TextsIn, bit};
use super::{DRV, Sections, SnapshotHead, Stop, deriver_kind, section};
use crate::job::Progress;
use crate::model::graph_builder::Draft;
use crate::model::nar_hash::encode_base32;
use crate::model::{Details, GraphBuilder, NarHash, Output, PathInfo, Size, StoreDir};

/// Bytes of a hash part.
const HASH_BYTES: usize = 20;

/// The sections of a graph.
pub(crate) struct Parts<'b> {
    store_dir: StoreDir,
    count: usize,
    names: NameParts<'b>,
    nar_sizes: Input<'b>,
    download_sizes: Option<Input<'b>>,
    times: Option<Input<'b>>,
    missing: &'b [u8],
    reference_counts: Input<'b>,
    references: Input<'b>,
    self_references: &'b [u8],
    roots: Input<'b>,
    details: Option<DetailParts<'b>>,
    outputs: Option<OutputParts<'b>>,
    /// Whether there is more about the paths, to be read once the graph has given them ids.
    has_found: bool,
}

/// What was put into the builder, and what is left to be done.
pub(crate) struct Built {
    pub(crate) roots: Vec<Draft>,
    /// What derivations make.
    pub(crate) outputs: Option<NamedOutputs>,
    /// The paths' base names in order, if they are needed.
    pub(crate) names: Option<Vec<String>>,
}

/// Outputs of derivations, by base name.
pub(crate) type NamedOutputs = Vec<(String, Vec<Output>)>;

struct OutputParts<'b> {
    counts: Input<'b>,
    sizes: Input<'b>,
    texts: TextsIn<'b>,
}

struct NameParts<'b> {
    hashed: &'b [u8],
    hash_parts: Input<'b>,
    names: TextsIn<'b>,
}

struct DetailParts<'b> {
    has_hash: &'b [u8],
    nar_hashes: Input<'b>,
    ultimate: &'b [u8],
    content_addresses: TextsIn<'b>,
    signatures: TextsIn<'b>,
    deriver_kinds: Input<'b>,
    deriver_hashes: Input<'b>,
    deriver_texts: TextsIn<'b>,
}

impl<'b> Parts<'b> {
    pub(crate) fn read(sections: &Sections<'b>) -> Result<Self, Corrupt> {
        let head = SnapshotHead::read(sections)?;
        let nar_sizes = sections.needed(section::NAR_SIZES)?;
        // Every path has at least one byte for its size, so this bounds all memory that is asked for.
        let count = usize::try_from(head.count).ok();
        let count = count.filter(|&count| count <= nar_sizes.len());
        let count = count.ok_or(Corrupt("the number of paths is larger than the file"))?;
        Ok(Self {
            store_dir: StoreDir::new(head.store_dir)
                .ok_or(Corrupt("the store directory is invalid"))?,
            count,
            names: NameParts {
                hashed: sections.needed(section::HASHED)?,
                hash_parts: Input(sections.needed(section::HASH_PARTS)?),
                names: TextsIn::new(sections.needed(section::NAMES)?)?,
            },
            nar_sizes: Input(nar_sizes),
            download_sizes: sections.optional(section::DOWNLOAD_SIZES).map(Input),
            times: sections.optional(section::TIMES).map(Input),
            missing: sections.needed(section::MISSING)?,
            reference_counts: Input(sections.needed(section::REFERENCE_COUNTS)?),
            references: Input(sections.needed(section::REFERENCES)?),
            self_references: sections.needed(section::SELF_REFERENCES)?,
            roots: Input(sections.needed(section::ROOTS)?),
            details: DetailParts::read(sections, count)?,
            outputs: OutputParts::read(sections)?,
            has_found: [section::CONTENTS, section::EVIDENCE]
                .iter()
                .any(|name| sections.optional(name).is_some()),
        })
    }

    pub(crate) fn store_dir(&self) -> StoreDir {
        self.store_dir.clone()
    }

    /// Puts everything into the builder.
    pub(crate) fn build(
        mut self,
        builder: &mut GraphBuilder,
        details: bool,
        progress: &Progress,
    ) -> Result<Built, Stop> {
        progress.start("reading the snapshot", self.count as u64);
        let mut outputs = self.outputs.is_some().then(Vec::new);
        let mut names = self.has_found.then(Vec::new);
        let mut drafts = Vec::with_capacity(self.count);
        let mut time = 0;
        for at in 0..self.count {
            let base_name = self.names.next(at)?;
            let info = self.info(&mut time)?;
            let draft = builder.intern(&base_name).ok_or(Stop::Full)?;
            if !bit(self.missing, at) {
                builder.record(draft, info);
            }
            if let Some(parts) = self.details.as_mut().filter(|_| details) {
                let name = base_name
                    .get(HASH_BYTES * 8 / 5 + 1..)
                    .unwrap_or(&base_name);
                builder.record_details(draft, &parts.next(at, name)?);
            }
            if let Some(names) = &mut names {
                names.push(base_name.clone());
            }
            if let (Some(parts), Some(all)) = (&mut self.outputs, &mut outputs) {
                let own = parts.next()?;
                if !own.is_empty() {
                    all.push((base_name, own));
                }
            }
            drafts.push(draft);
            progress.advance(1)?;
        }
        self.edges(builder, &drafts)?;
        let mut roots = Vec::new();
        while !self.roots.is_empty() {
            roots.push(path(&drafts, self.roots.number()?)?);
        }
        Ok(Built {
            roots,
            outputs,
            names,
        })
    }

    fn info(&mut self, time: &mut i64) -> Result<PathInfo, Corrupt> {
        let nar_size = size(self.nar_sizes.number()?);
        let download_size = match &mut self.download_sizes {
            Some(sizes) => size(sizes.number()?),
            None => Size::UNKNOWN,
        };
        if let Some(times) = &mut self.times {
            *time = time.wrapping_add(unzigzag(times.number()?));
        }
        Ok(PathInfo {
            nar_size,
            download_size,
            registered: NonZeroI64::new(*time),
        })
    }

    fn edges(&mut self, builder: &mut GraphBuilder, drafts: &[Draft]) -> Result<(), Corrupt> {
        for (at, &from) in drafts.iter().enumerate() {
            if bit(self.self_references, at) {
                builder.reference(from, from);
            }
            let mut to = 0_u64;
            for _ in 0..self.reference_counts.number()? {
                to = to.saturating_add(self.references.number()?);
                builder.reference(from, path(drafts, to)?);
            }
        }
        Ok(())
    }
}

/// The size of a number that is one more, 0 where it is unknown.
fn size(number: u64) -> Size {
    Size::from(number.checked_sub(1))
}

impl<'b> OutputParts<'b> {
    fn read(sections: &Sections<'b>) -> Result<Option<Self>, Corrupt> {
        let Some(counts) = sections.optional(section::OUTPUT_COUNTS) else {
            return Ok(None);
        };
        Ok(Some(Self {
            counts: Input(counts),
            sizes: Input(sections.needed(section::OUTPUT_SIZES)?),
            texts: TextsIn::new(sections.needed(section::OUTPUT_TEXTS)?)?,
        }))
    }

    /// The outputs of the next path.
    fn next(&mut self) -> Result<Vec<Output>, Corrupt> {
        let mut outputs = Vec::new();
        for _ in 0..self.counts.number()? {
            outputs.push(Output {
                valid: self.sizes.take(1)? == [1],
                nar_size: size(self.sizes.number()?),
                name: self.texts.next()?.to_owned(),
                path: self.texts.next()?.to_owned(),
            });
        }
        Ok(outputs)
    }
}

impl NameParts<'_> {
    fn next(&mut self, at: usize) -> Result<String, Corrupt> {
        let name = self.names.next()?;
        if !bit(self.hashed, at) {
            return Ok(name.to_owned());
        }
        let hash = encode_base32(self.hash_parts.take(HASH_BYTES)?);
        Ok(format!("{hash}-{name}"))
    }
}

impl<'b> DetailParts<'b> {
    fn read(sections: &Sections<'b>, count: usize) -> Result<Option<Self>, Corrupt> {
        let Some(nar_hashes) = sections.optional(section::NAR_HASHES) else {
            return Ok(None);
        };
        let mut nar_hashes = Input(nar_hashes);
        let has_hash = nar_hashes.take(count.div_ceil(8))?;
        let texts = |name| sections.needed(name).and_then(TextsIn::new);
        Ok(Some(Self {
            has_hash,
            nar_hashes,
            ultimate: sections.needed(section::ULTIMATE)?,
            content_addresses: texts(section::CONTENT_ADDRESSES)?,
            signatures: texts(section::SIGNATURES)?,
            deriver_kinds: Input(sections.needed(section::DERIVER_KINDS)?),
            deriver_hashes: Input(sections.needed(section::DERIVER_HASHES)?),
            deriver_texts: texts(section::DERIVER_TEXTS)?,
        }))
    }

    /// The details of the next path, which is called `name` behind its hash part.
    fn next(&mut self, at: usize, name: &str) -> Result<Details, Corrupt> {
        let nar_hash = if bit(self.has_hash, at) {
            self.nar_hashes.take(32)?.try_into().ok().map(NarHash)
        } else {
            None
        };
        let content_address = self.content_addresses.next()?;
        let signatures = self.signatures.next()?.split(' ');
        Ok(Details {
            nar_hash,
            deriver: self.deriver(name)?,
            content_address: Some(content_address.to_owned()).filter(|text| !text.is_empty()),
            signatures: signatures
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
                .collect(),
            ultimate: bit(self.ultimate, at),
        })
    }

    fn deriver(&mut self, name: &str) -> Result<Option<String>, Corrupt> {
        let mut hash = || self.deriver_hashes.take(HASH_BYTES).map(encode_base32);
        Ok(match self.deriver_kinds.take(1)? {
            [deriver_kind::NONE] => None,
            [deriver_kind::SAME_NAME] => Some(format!("{}-{name}{DRV}", hash()?)),
            [deriver_kind::OTHER_NAME] => {
                Some(format!("{}-{}", hash()?, self.deriver_texts.next()?))
            }
            [deriver_kind::TEXT] => Some(self.deriver_texts.next()?.to_owned()),
            _ => return Err(Corrupt("a deriver of an unknown kind")),
        })
    }
}

fn path(drafts: &[Draft], at: u64) -> Result<Draft, Corrupt> {
    let at = usize::try_from(at).ok();
    at.and_then(|at| drafts.get(at))
        .copied()
        .ok_or(Corrupt("a reference leads to no path"))
}

fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -((number & 1).cast_signed())
}
