//! Makes the snapshot that is built into the program, see `assets/demo/recipe/README.md`.
//!
//! `cargo run --example demo -- closure.json found.heft assets/demo/closure.heft`

use std::error::Error;
use std::fs::File;
use std::io::BufWriter;

use nix_heft::demo;
use nix_heft::job::Progress;
use nix_heft::source::Request;
use nix_heft::source::evidence::EdgeEvidence;
use nix_heft::source::formats::open_file;
use nix_heft::source::formats::snapshot;

/// Places that are kept of a reference: one of the strongest class tells why it is there.
const PLACES: usize = 2;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [from, found, to] = arguments.as_slice() else {
        return Err("usage: demo CLOSURE.json FOUND.heft SNAPSHOT".into());
    };
    let request = Request {
        details: true,
        ..Request::default()
    };
    let loaded = open_file(from)?.load(&request, &Progress::new())?;
    if let Some(warning) = loaded.warnings.first() {
        return Err(format!("the closure is not sound: {warning}").into());
    }
    let looked = open_file(found)?.load(&Request::default(), &Progress::new())?;
    let found = (*looked.found).clone();
    let mut found = found.rebased(&looked.graph, &loaded.graph);
    for referrer in found.referrers.values_mut() {
        for EdgeEvidence { hits, .. } in &mut referrer.edges {
            hits.truncate(PLACES);
        }
    }
    let mut out = BufWriter::new(File::create(to)?);
    let (graph, roots) = (&loaded.graph, &loaded.roots);
    snapshot::write(&mut out, graph, roots, demo::TITLE, &found)?;
    Ok(())
}
