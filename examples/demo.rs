//! Makes the snapshot that is built into the program, see `assets/demo/recipe/README.md`.
//!
//! `cargo run --example demo -- closure.json assets/demo/closure.heft`

use std::error::Error;
use std::fs::File;
use std::io::BufWriter;

use nix_heft::demo;
use nix_heft::job::Progress;
use nix_heft::source::Request;
use nix_heft::source::formats::open_file;
use nix_heft::source::formats::snapshot;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [from, to] = arguments.as_slice() else {
        return Err("usage: demo CLOSURE.json SNAPSHOT".into());
    };
    let request = Request {
        details: true,
        ..Request::default()
    };
    let loaded = open_file(from)?.load(&request, &Progress::new())?;
    if let Some(warning) = loaded.warnings.first() {
        return Err(format!("the closure is not sound: {warning}").into());
    }
    let mut out = BufWriter::new(File::create(to)?);
    snapshot::write(&mut out, &loaded.graph, &loaded.roots, demo::TITLE, &[])?;
    Ok(())
}
