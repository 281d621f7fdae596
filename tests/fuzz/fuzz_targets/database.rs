//! A whole database file, by its pages and by the engine; the first byte says how it is asked.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    nix_heft::testing::fuzz::database(data);
});
