//! Writing: what a graph knows, taken apart into sections of one kind of data each, which shrink well.

use std::io::{self, Write};

use super::bytes::{TextsOut, bits, put_number, put_section, put_text, set_bits};
use super::found;
use super::{DRV, MAGIC, VERSION, deriver_kind, section};
use crate::model::nar_hash::decode_base32;
use crate::model::store_path::split_base_name;
use crate::model::{Column, Details, PathId, Size, StoreGraph};
use crate::source::evidence::findings::SavedFindings;

/// Up to this many bytes the slowest and smallest compression is used.
const SMALL: usize = 2 << 20;

/// Writes a graph with its roots, and what was found in the files. `title` says in a few words what it is.
pub fn write(
    out: &mut dyn Write,
    graph: &StoreGraph,
    roots: &[PathId],
    title: &str,
    found: &SavedFindings,
) -> io::Result<()> {
    let order = order(graph);
    let mut body = Vec::new();
    let mut head = Vec::new();
    put_text(&mut head, title);
    put_text(&mut head, graph.store_dir().as_str());
    put_number(&mut head, order.len() as u64);
    put_section(&mut body, section::HEAD, &head);
    put_names(&mut body, graph, &order);
    put_infos(&mut body, graph, &order);
    put_edges(&mut body, graph, &order, roots);
    put_details(&mut body, graph, &order);
    put_outputs(&mut body, graph, &order);
    found::put(&mut body, graph, &order, found);
    let level = if body.len() <= SMALL { 19 } else { 6 };
    out.write_all(MAGIC)?;
    out.write_all(&VERSION.to_le_bytes())?;
    let mut encoder = zstd::Encoder::new(out, level)?;
    encoder.include_checksum(true)?;
    encoder.set_pledged_src_size(Some(body.len() as u64))?;
    encoder.write_all(&body)?;
    encoder.finish()?.flush()
}

/// The order paths are written in. The builder sorts them again, so any will do: by name, related packages stand
/// together, and their names and references shrink best.
fn order(graph: &StoreGraph) -> Vec<PathId> {
    let mut order: Vec<PathId> = graph.ids().collect();
    order.sort_by_key(|&id| (graph.name(id), id));
    order
}

fn put_names(body: &mut Vec<u8>, graph: &StoreGraph, order: &[PathId]) {
    let mut hash_parts = Vec::with_capacity(order.len() * 20);
    let mut names = TextsOut::default();
    let mut hashed = vec![false; order.len()];
    for (at, &id) in order.iter().enumerate() {
        match decode_base32(graph.hash_part(id)) {
            Some(bytes) if bytes.len() == 20 => {
                hashed[at] = true;
                hash_parts.extend(bytes);
                names.push(graph.name(id));
            }
            _ => names.push(graph.base_name(id)),
        }
    }
    put_section(body, section::HASHED, &bits(order.len(), |at| hashed[at]));
    put_section(body, section::HASH_PARTS, &hash_parts);
    put_section(body, section::NAMES, &names.into_bytes());
}

fn put_infos(body: &mut Vec<u8>, graph: &StoreGraph, order: &[PathId]) {
    let (mut nar_sizes, mut download_sizes, mut times) = (Vec::new(), Vec::new(), Vec::new());
    let (mut any_download, mut any_time) = (false, false);
    let mut last = 0_i64;
    for &id in order {
        let info = graph.info(id);
        put_size(&mut nar_sizes, info.nar_size);
        put_size(&mut download_sizes, info.download_size);
        any_download |= info.download_size.get().is_some();
        let time = info.registered.map_or(0, std::num::NonZero::get);
        put_number(&mut times, zigzag(time.wrapping_sub(last)));
        any_time |= time != 0;
        last = time;
    }
    put_section(body, section::NAR_SIZES, &nar_sizes);
    if any_download {
        put_section(body, section::DOWNLOAD_SIZES, &download_sizes);
    }
    if any_time {
        put_section(body, section::TIMES, &times);
    }
    put_section(body, section::MISSING, &set_bits(graph.missing(), order));
}

/// A number with its sign in the lowest bit, so that small ones stay short.
fn zigzag(number: i64) -> u64 {
    (number << 1 ^ number >> 63).cast_unsigned()
}

fn put_edges(body: &mut Vec<u8>, graph: &StoreGraph, order: &[PathId], roots: &[PathId]) {
    let mut position = Column::filled(graph.len(), 0_u32);
    for (at, &id) in order.iter().enumerate() {
        position[id] = at as u32;
    }
    let (mut counts, mut targets) = (Vec::new(), Vec::new());
    let mut row = Vec::new();
    for &id in order {
        row.clear();
        row.extend(graph.references(id).iter().map(|&to| position[to]));
        row.sort_unstable();
        put_number(&mut counts, row.len() as u64);
        let mut last = 0;
        for &to in &row {
            put_number(&mut targets, u64::from(to - last));
            last = to;
        }
    }
    put_section(body, section::REFERENCE_COUNTS, &counts);
    put_section(body, section::REFERENCES, &targets);
    let selves = bits(order.len(), |at| graph.references_itself(order[at]));
    put_section(body, section::SELF_REFERENCES, &selves);
    let mut root_bytes = Vec::new();
    for &root in roots {
        put_number(&mut root_bytes, u64::from(position[root]));
    }
    put_section(body, section::ROOTS, &root_bytes);
}

fn put_outputs(body: &mut Vec<u8>, graph: &StoreGraph, order: &[PathId]) {
    if !graph.knows_outputs() {
        return;
    }
    let (mut counts, mut sizes) = (Vec::new(), Vec::new());
    let mut texts = TextsOut::default();
    for &id in order {
        let outputs = graph.outputs(id).unwrap_or_default();
        put_number(&mut counts, outputs.len() as u64);
        for output in outputs {
            sizes.push(u8::from(output.valid));
            put_size(&mut sizes, output.nar_size);
            texts.push(&output.name);
            texts.push(&output.path);
        }
    }
    put_section(body, section::OUTPUT_COUNTS, &counts);
    put_section(body, section::OUTPUT_SIZES, &sizes);
    put_section(body, section::OUTPUT_TEXTS, &texts.into_bytes());
}

/// One more than the size, so that 0 is free for unknown.
fn put_size(out: &mut Vec<u8>, size: Size) {
    put_number(out, size.get().map_or(0, |bytes| bytes.saturating_add(1)));
}

fn put_details(body: &mut Vec<u8>, graph: &StoreGraph, order: &[PathId]) {
    let all: Option<Vec<Details>> = order.iter().map(|&id| graph.details(id)).collect();
    let Some(all) = all.filter(|all| all.iter().any(|one| *one != Details::default())) else {
        return;
    };
    let has_hash = bits(all.len(), |at| all[at].nar_hash.is_some());
    let hashes = all.iter().filter_map(|one| one.nar_hash);
    let nar_hashes: Vec<u8> = has_hash
        .into_iter()
        .chain(hashes.flat_map(|hash| hash.0))
        .collect();
    put_section(body, section::NAR_HASHES, &nar_hashes);
    put_section(
        body,
        section::ULTIMATE,
        &bits(all.len(), |at| all[at].ultimate),
    );
    let (mut addresses, mut signatures) = (TextsOut::default(), TextsOut::default());
    for one in &all {
        addresses.push(one.content_address.as_deref().unwrap_or_default());
        signatures.push(one.signatures.join(" "));
    }
    put_section(body, section::CONTENT_ADDRESSES, &addresses.into_bytes());
    put_section(body, section::SIGNATURES, &signatures.into_bytes());
    put_derivers(body, graph, order, &all);
}

/// Most derivers are called like the path with `.drv` behind, so mostly the hash part is all there is to write.
fn put_derivers(body: &mut Vec<u8>, graph: &StoreGraph, order: &[PathId], all: &[Details]) {
    let (mut kinds, mut hashes, mut texts) = (Vec::new(), Vec::new(), TextsOut::default());
    for (&id, one) in order.iter().zip(all) {
        let Some(deriver) = &one.deriver else {
            kinds.push(deriver_kind::NONE);
            continue;
        };
        let parts = split_base_name(deriver).ok();
        let parts = parts.and_then(|(hash, name)| Some((decode_base32(hash)?, name)));
        let Some((hash, name)) = parts else {
            kinds.push(deriver_kind::TEXT);
            texts.push(deriver);
            continue;
        };
        hashes.extend(hash);
        if name.strip_suffix(DRV) == Some(graph.name(id)) {
            kinds.push(deriver_kind::SAME_NAME);
        } else {
            kinds.push(deriver_kind::OTHER_NAME);
            texts.push(name);
        }
    }
    put_section(body, section::DERIVER_KINDS, &kinds);
    put_section(body, section::DERIVER_HASHES, &hashes);
    put_section(body, section::DERIVER_TEXTS, &texts.into_bytes());
}
