//! Programs that are killed while they write: the file is the old one or the new one, and there is nothing beside it.

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Instant;

use nix_heft::source::evidence::findings::SavedFindings;
use nix_heft::source::formats::snapshot;
use nix_heft::testing::store;

const KILLS: u32 = 100;
const OLD: &[u8] = b"what was there before";

fn export(from: &Path, to: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nix-heft"));
    command
        .args(["export", "--format", "json", "--output"])
        .arg(to)
        .arg("--from")
        .arg(from)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

#[test]
fn a_hundred_kills_leave_the_old_file_or_the_new_one_and_nothing_beside_it() {
    let (graph, closure) = store(3000, 6, 3);
    let lab = tempfile::tempdir().expect("a directory");
    let from = lab.path().join("closure.heft");
    let mut bytes = Vec::new();
    snapshot::write(
        &mut bytes,
        &graph,
        closure.roots(),
        "made up",
        &SavedFindings::default(),
    )
    .expect("to memory");
    fs::write(&from, bytes).expect("written");
    let folder = lab.path().join("out");
    fs::create_dir(&folder).expect("a directory");
    let file = folder.join("closure.json");
    fs::write(&file, OLD).expect("written");
    let began = Instant::now();
    assert!(export(&from, &file).status().expect("it runs").success());
    let whole = began.elapsed();
    let new = fs::read(&file).expect("there");
    assert!(
        new.len() > 100_000,
        "{} bytes take a while to write",
        new.len()
    );
    let mut killed = 0;
    for number in 0..KILLS {
        fs::write(&file, OLD).expect("written");
        let mut child = export(&from, &file).spawn().expect("it runs");
        // From the beginning to a bit after the end of a whole run.
        sleep(whole * number / (KILLS - 10));
        let _ = child.kill();
        let status = child.wait().expect("it ends");
        killed += u32::from(status.signal().is_some());
        let found = fs::read(&file).expect("there");
        assert!(
            found == OLD || found == new,
            "half of a file after {number} kills"
        );
        let names: Vec<_> = fs::read_dir(&folder).expect("a directory").collect();
        assert_eq!(names.len(), 1, "{names:?}");
    }
    assert!(
        killed > KILLS / 4,
        "{killed} were killed before they were done"
    );
}
