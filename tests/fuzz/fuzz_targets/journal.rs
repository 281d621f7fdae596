//! Journals of sizes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nix_heft::user_files::journal::Journal;

fuzz_target!(|bytes: &[u8]| {
    let journal = Journal::parse(bytes);
    let lines = bytes.split(|&byte| byte == b'\n').count();
    assert!(journal.records.len() + journal.damaged.len() <= lines);
});
