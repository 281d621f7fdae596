//! The inside of a snapshot.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nix_heft::job::Progress;
use nix_heft::source::formats::snapshot::{MAGIC, VERSION};
use nix_heft::source::Request;
use nix_heft::source::formats::load_bytes;

fuzz_target!(|data: &[u8]| {
    let mut file = MAGIC.to_vec();
    file.extend(VERSION.to_le_bytes());
    file.extend(zstd::encode_all(data, 1).expect("to memory"));
    let request = Request {
        details: true,
        ..Request::default()
    };
    let _ = load_bytes(&file, "fuzz", &request, &Progress::new());
});
