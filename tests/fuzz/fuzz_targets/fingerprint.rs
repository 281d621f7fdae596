//! What signatures of records are made over.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    nix_heft::testing::fuzz::fingerprint(data);
});
