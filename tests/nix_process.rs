//! The `nix` that evaluates configurations: one that lies, talks without end or never answers is no danger, and it is ended
//! with the program.
#![cfg(unix)]

#[path = "common/fake.rs"]
mod fake;

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use fake::Fake;

fn fixture() -> String {
    format!(
        "{}/tests/fixtures/formats/real-2.34.8-format2.json",
        env!("CARGO_MANIFEST_DIR")
    )
}

/// A command about the configuration beside a `nix`.
fn heft(fake: &Fake, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nix-heft"));
    command
        .args(arguments)
        .args(["--from", &fixture(), "--config", &fake.config()])
        .envs(fake.environment())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn run(fake: &Fake, arguments: &[&str]) -> Output {
    heft(fake, arguments).output().expect("it runs")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const TRY: &[&str] = &["try", "a.b = 1;"];
const ORIGINS: &[&str] = &["origins", "--by", "option"];

/// Whether a signal ends what is started here: below `nohup`, say, HUP does not, and the program keeps to that.
fn ends_here(signal: &str) -> bool {
    let line = format!("kill -s {signal} $$; exit 7");
    let status = Command::new("sh").args(["-c", &line]).status();
    status.expect("sh runs").code() != Some(7)
}

#[test]
fn a_signal_ends_nix_and_leaves_no_draft() {
    for arguments in [TRY, ORIGINS] {
        for (name, number) in [("INT", 2), ("TERM", 15), ("HUP", 1)] {
            if !ends_here(name) {
                continue;
            }
            let fake = Fake::silent();
            let mut child = heft(&fake, arguments).spawn().expect("it runs");
            let nix = fake.begun(1);
            let id = child.id().to_string();
            let kill = Command::new("kill").args(["-s", name, &id]).status();
            assert!(kill.expect("kill runs").success());
            let status = child.wait().expect("it ends");
            assert_eq!(status.signal(), Some(number), "{arguments:?} {name}");
            fake.all_is_gone(&[&nix]);
        }
    }
}

#[test]
fn a_nix_that_does_not_want_to_end_is_ended() {
    let fake =
        Fake::nix("trap '' TERM INT HUP; echo $$ >> $here/pids; while :; do sleep 0.1; done");
    let mut child = heft(&fake, TRY).spawn().expect("it runs");
    let nix = fake.begun(1);
    let id = child.id().to_string();
    let kill = Command::new("kill").args(["-s", "TERM", &id]).status();
    assert!(kill.expect("kill runs").success());
    assert_eq!(child.wait().expect("it ends").signal(), Some(15));
    fake.all_is_gone(&[&nix]);
}

#[test]
fn what_is_to_be_outlived_is_outlived() {
    let fake =
        Fake::nix("echo $$ >> $here/pids; while ! [ -e $here/go ]; do sleep 0.02; done; exit 1");
    let program = env!("CARGO_BIN_EXE_nix-heft");
    let (from, config) = (fixture(), fake.config());
    let line = format!("trap '' HUP; exec {program} try 'a = 1;' --from {from} --config {config}");
    let mut child = Command::new("sh")
        .args(["-c", &line])
        .envs(fake.environment())
        .stderr(Stdio::null())
        .spawn()
        .expect("it runs");
    let nix = fake.begun(1);
    let kill = Command::new("kill")
        .args(["-s", "HUP", &child.id().to_string()])
        .status();
    assert!(kill.expect("kill runs").success());
    fs::write(fake.file("go"), "").expect("written");
    assert_eq!(child.wait().expect("it ends").code(), Some(1));
    fake.all_is_gone(&[&nix]);
}

#[test]
fn a_nix_that_lies_is_no_more_than_an_error() {
    let huge = "head -c 100000000 /dev/zero | tr '\\0' ' '";
    for (script, expected) in [
        ("exit 0", "nix eval"),
        ("printf '{\"extends\": tr'", "nix eval"),
        ("echo '[1, 2]'", "nix eval"),
        ("echo '{\"extends\": true}'", "extendModules"),
        (
            "echo '{\"extends\": true, \"before\": {\"drv\": \"/x/../../etc/passwd\"}, \"after\": {\"drv\": \"\"}}'",
            "derivation",
        ),
        (huge, "answers without end"),
        ("kill -9 $$", "signal: 9"),
        ("exec 2>&-; exit 3", "exit status: 3"),
        ("printf 'error: half of a' >&2; exit 1", "half of a"),
        (
            "head -c 9000000 /dev/zero | tr '\\0' x >&2; printf '\\nerror: at its end\\n' >&2; exit 1",
            "at its end",
        ),
        (
            "printf 'error: ' >&2; head -c 9000000 /dev/zero | tr '\\0' x >&2; exit 1",
            "xxx",
        ),
        (
            "(for n in 1 2 3 4 5 6 7 8 9; do sleep 0.2; echo more >&2; done) & echo 'error: left behind' >&2; exit 1",
            "left behind",
        ),
    ] {
        let fake = Fake::nix(script);
        let output = run(&fake, TRY);
        let errors = said(&output);
        assert_eq!(output.status.code(), Some(1), "{script}: {errors}");
        assert!(errors.contains(expected), "{script}: {errors}");
        assert!(errors.len() < 20_000, "{script}: {} bytes", errors.len());
        assert!(output.stdout.is_empty(), "{script}");
        let output = run(&fake, ORIGINS);
        assert!(said(&output).len() < 20_000, "{script}");
        assert!(
            output.status.code().is_some_and(|code| code < 2),
            "{script}"
        );
    }
}

#[test]
fn a_pipe_that_is_called_nix_is_no_command() {
    let fake = Fake::nix("exit 0");
    fs::remove_file(fake.file("bin/nix")).expect("removed");
    let status = Command::new("mkfifo")
        .args(["-m", "755"])
        .arg(fake.file("bin/nix"))
        .status();
    assert!(status.expect("mkfifo runs").success());
    let path = fake.file("bin").to_string_lossy().into_owned();
    let output = heft(&fake, TRY)
        .env("PATH", path)
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("`nix` command"), "{}", said(&output));
}

#[test]
fn who_never_answers_is_not_waited_for_beyond_the_limit() {
    let fake = Fake::silent();
    let output = run(&fake, &[TRY, &["--time-limit", "1"]].concat());
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said(&output).contains("took longer than 1 s"),
        "{}",
        said(&output)
    );
    let output = run(
        &fake,
        &[ORIGINS, &["--time-limit", "1", "--format", "json"]].concat(),
    );
    let document: Value = serde_json::from_slice(&output.stdout).expect("a document");
    let left_out = document.to_string();
    assert!(left_out.contains("took longer than 1 s"), "{left_out}");
    fake.all_is_gone(&[&fake.begun(2)]);
}

/// Whether a byte of a text can do something to a terminal.
fn is_odd(byte: u8) -> bool {
    (byte < 0x20 && byte != b'\n') || byte == 0x7f
}

#[test]
fn nothing_that_a_configuration_says_reaches_the_terminal_as_it_is() {
    let odd = "a\u{1b}[31m\u{7}\r\u{9b}b\u{202e}\n|`<script>";
    let path = fs::read_to_string(fixture()).expect("a closure");
    let graph: Value = serde_json::from_str(&path).expect("JSON");
    let info = graph["info"].as_object().expect("paths");
    let mut lines = Vec::new();
    for base in info.keys() {
        let path = format!("/nix/store/{}", base.trim_start_matches("/nix/store/"));
        lines.push(json!({"k": "o", "o": [odd, "b"], "g": false, "d": [
            {"f": format!("/etc/{odd}.nix"), "t": [{"a": [odd], "p": {"f": odd, "l": 3}, "t": path}]},
            {"f": format!("/nix/store/{odd}/module.nix"), "t": [{"a": [], "p": null, "t": path}]},
        ]}));
    }
    lines.push(json!({"k": "s", "o": [odd, "enable"], "n": [format!("/nix/store/{odd}/module.nix")], "l": [null],
        "d": [{"f": format!("/etc/{odd}"), "v": odd}]}));
    lines.push(json!({"k": "a", "n": "top", "v": odd}));
    lines.push(json!({"k": "n", "n": odd, "v": odd}));
    lines.push(json!({"k": "x", "o": [odd]}));
    lines.push(json!({"k": "b", "o": [odd, odd]}));
    let fake = Fake::nix("cat $here/said >&2; printf 'error: \\033[31mred\\007\\r\\n' >&2; exit 1");
    let lines = lines.iter().map(|line| format!("trace: nix-heft:{line}\n"));
    fs::write(fake.file("said"), lines.collect::<String>()).expect("written");
    let first = info
        .keys()
        .next()
        .expect("a path")
        .trim_start_matches("/nix/store/");
    let hash = first.split('-').next().expect("a hash part");
    for arguments in [
        ORIGINS,
        &["origins", "--by", "file"],
        &["origins", hash],
        TRY,
    ] {
        let output = run(&fake, arguments);
        assert!(
            output.status.code().is_some_and(|code| code < 2),
            "{arguments:?}"
        );
        for bytes in [&output.stdout, &output.stderr] {
            let text = String::from_utf8_lossy(bytes);
            let odd =
                bytes.iter().any(|&byte| is_odd(byte)) || text.contains(['\u{9b}', '\u{202e}']);
            assert!(!odd, "{arguments:?}: {text:?}");
        }
        let output = run(&fake, &[arguments, &["--format", "json"]].concat());
        assert!(
            !output.stdout.iter().any(|&byte| is_odd(byte)),
            "{arguments:?}"
        );
    }
}
