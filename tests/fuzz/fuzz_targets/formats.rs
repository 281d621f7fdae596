//! Every format of the table by itself, whatever the bytes begin like.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    nix_heft::testing::fuzz::formats(data);
});
