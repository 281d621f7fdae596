//! Programs and libraries, in whose parts evidence is looked for. The first bytes are the position asked about.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nix_heft::testing::parsers;

fuzz_target!(|data: (u16, &[u8])| {
    let (position, bytes) = data;
    let _ = parsers::elf(bytes, u64::from(position));
});
