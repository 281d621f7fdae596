//! What stands around an occurrence of a hash part. The first bytes are the position.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nix_heft::testing::parsers;

fuzz_target!(|data: (u16, &[u8])| {
    let (at, bytes) = data;
    let _ = parsers::context(bytes, usize::from(at));
});
