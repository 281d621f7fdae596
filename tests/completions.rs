//! The scripts for shells, as the shells run them. A shell that is not installed is said and left out.

use std::fs;
use std::io::{Read, Write};
use std::process::{Command, Output};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use tempfile::TempDir;

/// What is typed behind the program's name, and what has to be offered.
const OFFERED: &[(&str, &str)] = &[
    ("wh", "what-if"),
    ("li", "list"),
    ("--for", "--format"),
    ("list --so", "--sort"),
    ("why --al", "--all"),
    ("what-if --rem", "--remove"),
    ("what-if --save", "--save-plan"),
    ("export --for", "--format"),
    ("list --format js", "json"),
];

/// A folder with the script; `None` where the shell is not installed.
fn script(shell: &str) -> Option<TempDir> {
    if Command::new(shell).arg("--version").output().is_err() {
        eprintln!("left out: {shell} is not installed");
        return None;
    }
    let output = Command::new(env!("CARGO_BIN_EXE_nix-heft"))
        .args(["completions", shell])
        .output()
        .expect("the program starts");
    assert!(output.status.success());
    let directory = tempfile::tempdir().expect("a temporary folder");
    fs::write(directory.path().join("script"), output.stdout).expect("a file");
    Some(directory)
}

fn offers(shell: &str, output: &Output, typed: &str, wanted: &str) {
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && told.is_empty(), "{told}");
    let text = String::from_utf8_lossy(&output.stdout);
    let mut lines = text
        .lines()
        .map(|line| line.split_whitespace().next().unwrap_or_default());
    assert!(
        lines.any(|offered| offered == wanted),
        "{shell}: {typed:?} offers {text:?}"
    );
}

#[test]
fn bash_completes_behind_every_command() {
    let Some(directory) = script("bash") else {
        return;
    };
    for (typed, wanted) in OFFERED {
        let run = r#"source ./script; COMP_WORDS=(nix-heft $1); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            last=$COMP_CWORD; _nix__heft nix-heft "${COMP_WORDS[last]}" "${COMP_WORDS[last - 1]}"; printf '%s\n' "${COMPREPLY[@]}""#;
        let output = Command::new("bash")
            .args(["--norc", "--noprofile", "-c", run, "bash", typed])
            .current_dir(directory.path())
            .output()
            .expect("bash");
        offers("bash", &output, typed, wanted);
    }
}

#[test]
fn fish_completes_behind_every_command() {
    let Some(directory) = script("fish") else {
        return;
    };
    for (typed, wanted) in OFFERED {
        let run = format!("source ./script; complete -C 'nix-heft {typed}'");
        let output = Command::new("fish")
            .args(["--no-config", "-c", &run])
            .current_dir(directory.path())
            .env("HOME", directory.path())
            .output()
            .expect("fish");
        offers("fish", &output, typed, wanted);
    }
}

/// As [`OFFERED`], with only one way to go on: zsh writes what is offered where that is one thing.
const ONE_OFFERED: &[(&str, &str)] = &[
    ("wha", "what-if"),
    ("dup", "dupes"),
    ("--for", "--format"),
    ("list --format js", "json"),
];

#[test]
fn zsh_completes_behind_every_command() {
    let Some(directory) = script("zsh") else {
        return;
    };
    let pair = native_pty_system()
        .openpty(PtySize {
            rows: 50,
            cols: 200,
            ..PtySize::default()
        })
        .expect("a terminal");
    let mut command = CommandBuilder::new("zsh");
    command.args(["-f", "-i"]);
    command.cwd(directory.path());
    command.env("HOME", directory.path());
    command.env("TERM", "dumb");
    let mut child = pair.slave.spawn_command(command).expect("zsh");
    let mut writer = pair.master.take_writer().expect("a way in");
    let mut reader = pair.master.try_clone_reader().expect("a way out");
    let (send, pieces) = channel();
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(read @ 1..) = reader.read(&mut buffer) {
            if send.send(buffer[..read].to_vec()).is_err() {
                break;
            }
        }
    });
    let mut seen = String::new();
    let mut wait = |wanted: &str| {
        let end = Instant::now() + Duration::from_secs(60);
        while !seen.contains(wanted) {
            match pieces.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(piece) => seen.push_str(&String::from_utf8_lossy(&piece)),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    panic!("zsh does not say {wanted:?}: {seen:?}")
                }
            }
        }
        seen.clear();
    };
    let begin = "PROMPT=; autoload -U compinit; compinit -D -u; source ./script; echo be''gun\n";
    writer.write_all(begin.as_bytes()).expect("zsh reads");
    wait("begun");
    for (typed, wanted) in ONE_OFFERED {
        // The line is echoed as an argument of a function of that name: what tab put there is what is printed.
        let line = format!("nix-heft() {{ print -r -- \"<$*>\" }}\nnix-heft {typed}\t\n");
        writer.write_all(line.as_bytes()).expect("zsh reads");
        let before = typed.rsplit_once(' ').map_or("", |(before, _)| before);
        let gap = if before.is_empty() { "" } else { " " };
        wait(&format!("<{before}{gap}{wanted}>"));
    }
    writer.write_all(b"exit\n").expect("zsh reads");
    child.wait().expect("zsh ends");
}
