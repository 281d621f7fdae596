//! The scripts for shells, as the shells run them. A shell that is not installed is said and left out, unless
//! `NIX_HEFT_REQUIRE_NIX` asks for everything.

use std::fs;
use std::io::{Read as _, Write as _};
use std::process::{Command, Output};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use tempfile::TempDir;

/// What is typed behind the program's name, and what has to be offered.
const OFFERED: &[(&str, &str)] = &[
    ("wha", "what-if"),
    ("li", "list"),
    ("che", "check"),
    ("hist", "history"),
    ("--for", "--format"),
    ("list --so", "--sort"),
    ("why --prec", "--precise"),
    ("what-if --remov", "--remove"),
    ("what-if --save", "--save-plan"),
    ("export --for", "--format"),
    ("check --max-cl", "--max-closure"),
    ("check --format sa", "sarif"),
    ("list --format js", "json"),
];

/// A folder with the script; `None` where the shell is not installed.
#[expect(clippy::print_stderr, reason = "what is left out is said")]
fn script(shell: &str) -> Option<TempDir> {
    if Command::new(shell).arg("--version").output().is_err() {
        assert!(
            std::env::var_os("NIX_HEFT_REQUIRE_NIX").is_none(),
            "{shell} is not installed"
        );
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

/// What zsh says on its terminal.
struct Said {
    pieces: Receiver<Vec<u8>>,
    seen: String,
}

impl Said {
    /// Waits for a text and forgets all up to there.
    fn wait(&mut self, wanted: &str) {
        let end = Instant::now() + Duration::from_mins(1);
        while !self.seen.contains(wanted) {
            let left = end.saturating_duration_since(Instant::now());
            match self.pieces.recv_timeout(left) {
                Ok(piece) => self.seen.push_str(&String::from_utf8_lossy(&piece)),
                Err(error) => panic!("zsh does not say {wanted:?} ({error}): {:?}", self.seen),
            }
        }
        self.seen.clear();
    }
}

/// Only on a terminal does zsh complete.
#[test]
fn zsh_completes_behind_every_command() {
    let Some(directory) = script("zsh") else {
        return;
    };
    let size = PtySize {
        rows: 50,
        cols: 200,
        ..PtySize::default()
    };
    let pair = native_pty_system().openpty(size).expect("a terminal");
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
    let mut said = Said {
        pieces,
        seen: String::new(),
    };
    // What tab made of the line is what the function of the program's name is called with.
    let begin = "PROMPT=; autoload -U compinit; compinit -D -u; source ./script\n\
                 nix-heft() { print -r -- \"<$*>\" }; echo be''gun\n";
    writer.write_all(begin.as_bytes()).expect("zsh reads");
    said.wait("begun");
    // A root stands where a command does, and behind any other root.
    let roots = [("scr", "script"), ("./other scr", "script")];
    for (typed, wanted) in OFFERED.iter().chain(&roots) {
        let line = format!("nix-heft {typed}\t\n");
        writer.write_all(line.as_bytes()).expect("zsh reads");
        let before = typed.rfind(' ').map_or("", |at| &typed[..=at]);
        said.wait(&format!("<{before}{wanted}"));
    }
    writer.write_all(b"exit\n").expect("zsh reads");
    child.wait().expect("zsh ends");
}
