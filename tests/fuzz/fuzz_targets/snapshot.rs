//! The inside of a snapshot: compression and version are put around it.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    nix_heft::testing::fuzz::snapshot(data);
});
