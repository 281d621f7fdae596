//! The scripts for shells, as the shells run them. A shell that is not installed is said and left out.

use std::fs;
use std::process::{Command, Output};

use tempfile::TempDir;

/// What is typed behind the program's name, and what has to be offered.
const OFFERED: &[(&str, &str)] = &[
    ("wh", "what-if"),
    ("li", "list"),
    ("che", "check"),
    ("hist", "history"),
    ("--for", "--format"),
    ("list --so", "--sort"),
    ("why --al", "--all"),
    ("what-if --rem", "--remove"),
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
