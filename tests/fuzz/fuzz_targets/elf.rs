//! Programs in whose parts evidence is looked for; the first bytes are the position asked about.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    nix_heft::testing::fuzz::elf(data);
});
