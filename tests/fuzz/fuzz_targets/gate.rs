//! Everything that leaves the program, for each kind of reader, however the pieces come.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    nix_heft::testing::fuzz::gate(data);
});
