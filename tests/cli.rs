//! The program as a shell sees it: what it prints, what it says when something is wrong, and how it ends.
//!
//! `fixtures/system.json` is a made-up system in the words of `nix path-info --json`; `fixtures/odd.json` has paths of one
//! name, a path of unknown size, and references without a record.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// The program in a directory of fixtures, with an environment that knows no store.
fn nix_heft(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nix-heft"));
    command
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures"))
        .args(args)
        .env_clear()
        .env("HOME", "/nonexistent")
        .env("NIX_STATE_DIR", "/nonexistent/nix/var/nix")
        .stdin(Stdio::null());
    command
}

fn output(args: &[&str]) -> Output {
    nix_heft(args).output().expect("the program starts")
}

/// Everything a user sees: the command, its output, its errors, its exit status if that is not 0.
fn session(args: &[&str]) -> String {
    let output = output(args);
    let mut text = format!("$ nix-heft {}\n", args.join(" "));
    text.push_str(&String::from_utf8(output.stdout).expect("text"));
    text.push_str(&String::from_utf8(output.stderr).expect("text"));
    let ending = match output.status.code() {
        Some(0) => String::new(),
        Some(status) => format!("[exit status {status}]\n"),
        None => "[killed]\n".to_owned(),
    };
    text + &ending
}

fn json(args: &[&str]) -> Value {
    let output = output(&[args, &["--format", "json"]].concat());
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    serde_json::from_slice(&output.stdout).expect("one JSON document")
}

/// The JSON document with line breaks, for people who read the snapshot.
fn pretty(args: &[&str]) -> String {
    format!("{:#}", json(args))
}

macro_rules! session {
    ($($arg:expr),+ $(,)?) => { insta::assert_snapshot!(session(&[$($arg),+])) };
}

macro_rules! document {
    ($($arg:expr),+ $(,)?) => { insta::assert_snapshot!(pretty(&[$($arg),+])) };
}

const SYSTEM: &str = "--from=system.json";
const ODD: &str = "--from=odd.json";

#[test]
fn list_shows_the_largest_retained_size_first() {
    session!("list", SYSTEM);
}

#[test]
fn list_can_be_cut_and_turned_round() {
    session!(
        "list",
        SYSTEM,
        "--sort",
        "nar",
        "--reverse",
        "--limit",
        "5",
        "--bytes"
    );
}

#[test]
fn what_only_a_comparison_tells_is_said_so() {
    for key in ["delta", "DELTA"] {
        let told = session(&["list", SYSTEM, "--sort", key]);
        assert!(
            told.contains("delta is known only in a comparison"),
            "{told}"
        );
        assert!(told.contains("[exit status 2]"), "{told}");
    }
}

#[test]
fn list_tells_equal_names_apart_and_knows_what_it_does_not_know() {
    session!("list", ODD);
}

#[test]
fn list_as_json() {
    document!("list", ODD);
}

#[test]
fn list_as_csv() {
    session!("list", ODD, "--format", "csv");
}

#[test]
fn list_of_some_roots() {
    session!(
        "list",
        SYSTEM,
        "/nix/store/h05fz3a5c5d1ywfyzpx7clvxqdyyr82w-none"
    );
}

#[test]
fn tree_marks_what_it_has_shown() {
    session!("tree", SYSTEM);
}

#[test]
fn tree_ends_at_a_depth() {
    session!("tree", SYSTEM, "--depth", "1");
}

#[test]
fn tree_grows_upwards_too() {
    session!("tree", SYSTEM, "--referrers", "perl");
}

#[test]
fn tree_as_json() {
    document!("tree", ODD, "--depth", "1");
}

#[test]
fn tree_of_referrers_as_json() {
    document!("tree", ODD, "--referrers", "data");
}

#[test]
fn why_explains_one_path() {
    session!("why", "perl", SYSTEM);
}

#[test]
fn why_explains_each_path_that_matches() {
    session!("why", "source", ODD);
}

#[test]
fn why_shows_everything_on_some_chain() {
    session!("why", "zlib", SYSTEM, "--all");
}

#[test]
fn why_as_json() {
    document!("why", "perl-5.38.2", SYSTEM, "--all");
}

#[test]
fn why_as_json_wants_one_path() {
    session!("why", "source", ODD, "--format", "json");
}

#[test]
fn why_offers_the_nearest_names() {
    session!("why", "pearl", SYSTEM);
}

#[test]
fn cut_finds_both_ends() {
    session!("cut", "perl-5.38.2", SYSTEM);
}

#[test]
fn cut_keeps_what_must_stay() {
    session!(
        "cut",
        "source",
        SYSTEM,
        "--keep",
        "etc-nix-registry.json:source"
    );
}

#[test]
fn cut_as_json() {
    document!("cut", "zlib", SYSTEM);
}

#[test]
fn a_root_cannot_be_cut_off() {
    session!("cut", "nixos-system-worker", SYSTEM);
}

#[test]
fn list_takes_queries() {
    session!("list", SYSTEM, "--filter", "nar>10MiB perl or depth=1");
    session!("list", SYSTEM, "--filter", "nar>>10MiB");
    session!("list", SYSTEM, "--filter", "under:pearl");
}

#[test]
fn list_shows_what_it_is_sorted_by() {
    session!("list", SYSTEM, "--sort", "leverage", "--limit", "5");
    session!("list", SYSTEM, "--sort", "share", "--limit", "8");
    session!("list", SYSTEM, "--sort", "level", "--limit", "3");
    session!("list", ODD, "--sort", "leverage", "--format", "csv");
    session!("list", ODD, "--sort", "name");
}

#[test]
fn what_if_adds_up_step_by_step() {
    session!(
        "what-if",
        SYSTEM,
        "--remove",
        "git",
        "--remove",
        "activate",
        "--replace",
        "systemd-minimal=systemd",
        "--cut",
        "nixos-system-worker:perl",
        "--cut",
        "system-path:perl",
    );
}

#[test]
fn what_if_removes_all_that_a_pattern_means() {
    session!("what-if", SYSTEM, "--remove", "util-linux*");
}

#[test]
fn what_if_as_json() {
    document!(
        "what-if",
        ODD,
        "--remove",
        "22222",
        "--replace",
        "11111=data",
        "--cut",
        "shell:lib"
    );
}

/// Text and document name what stays in one order.
#[test]
fn what_stays_is_told_with_the_largest_retained_size_first() {
    let list = json(&["list", SYSTEM]);
    let retained = |path: &Value| {
        let paths = list["paths"].as_array().expect("paths");
        let one = paths.iter().find(|one| one["path"] == *path);
        one.expect("a path of the closure")["retainedSize"].as_u64()
    };
    let arguments = ["what-if", SYSTEM, "--remove", "git"];
    let document = json(&arguments);
    let held = document["held"].as_array().expect("what stays");
    let sizes: Vec<_> = held.iter().map(|one| retained(&one["path"])).collect();
    assert!(
        sizes.len() > 2 && sizes.is_sorted_by(|a, b| a >= b),
        "{sizes:?}"
    );
    let name = |path: &Value| path.as_str().expect("a path")[44..].to_owned();
    let text = session(&arguments);
    let (_, stays) = text.split_once("still held by").expect("what stays");
    let told: Vec<usize> = held
        .iter()
        .filter_map(|one| stays.find(&name(&one["path"])))
        .collect();
    assert_eq!(told.len(), held.len());
    assert!(told.is_sorted(), "{text}");
}

#[test]
fn what_if_refuses_what_cannot_be() {
    session!("what-if", SYSTEM);
    session!("what-if", SYSTEM, "--cut", "git:source");
    session!("what-if", SYSTEM, "--cut", "git");
    session!("what-if", SYSTEM, "--replace", "git");
    session!("what-if", SYSTEM, "--replace", "glibc=perl-5.38.2");
    session!("what-if", SYSTEM, "--replace", "git=perl");
    session!("what-if", SYSTEM, "--plan", "absent.toml");
    session!("what-if", SYSTEM, "--plan", "system.json");
}

#[test]
fn a_plan_applies_to_another_closure() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("plan.toml");
    let plan = file.to_str().expect("text");
    let saved = json(&[
        "what-if",
        SYSTEM,
        "--remove",
        "perl",
        "--cut",
        "dbus:expat",
        "--save-plan",
        plan,
    ]);
    let loaded = json(&["what-if", SYSTEM, "--plan", plan]);
    assert_eq!(saved["freed"], loaded["freed"]);
    assert_eq!(saved["leaving"], loaded["leaving"]);
    let other = output(&["what-if", ODD, "--plan", plan]);
    assert!(other.status.success());
    insta::assert_snapshot!(String::from_utf8(other.stderr).expect("text"));
}

#[test]
fn dupes_name_what_to_keep_and_what_to_change() {
    session!("dupes", SYSTEM);
    session!("dupes", ODD);
}

#[test]
fn dupes_as_json() {
    document!("dupes", SYSTEM);
}

#[test]
fn a_snapshot_says_the_same_as_what_it_was_made_of() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("closure.heft");
    let file = file.to_str().expect("text");
    assert!(
        output(&["export", ODD, "--output", file, "--format", "snapshot"])
            .status
            .success()
    );
    assert_eq!(json(&["list", ODD]), json(&["list", "--from", file]));
}

#[test]
fn a_file_that_cannot_be_written_is_named() {
    session!("export", ODD, "--output", "/nonexistent/closure.csv");
}

#[test]
fn export_as_spreadsheet() {
    session!("export", ODD, "--format", "csv");
}

#[test]
fn export_as_graph() {
    session!("export", ODD, "--format", "dot");
}

#[test]
fn export_as_json() {
    document!("export", ODD);
}

#[test]
fn export_wants_a_format() {
    session!("export", ODD);
}

#[test]
fn wrong_usage_is_told_apart() {
    session!("list", "--sort", "weight");
    session!("tree", SYSTEM, "--format", "csv");
    session!("--format", "csv", "tree", SYSTEM);
    session!("./result", "list", SYSTEM);
}

#[test]
fn errors_say_what_to_try() {
    session!("list", "--from", "absent.json");
    session!("list", "--from", "../cli.rs");
    session!("list", "--store", "/nonexistent");
    session!("list");
    session!(SYSTEM);
}

/// What `list` says must follow from nothing but sizes and references: reachability, over and over, by hand.
#[test]
fn list_agrees_with_a_naive_walk() {
    let text = std::fs::read(fixture("system.json")).expect("readable");
    let store: Value = serde_json::from_slice(&text).expect("JSON");
    let store = store.as_object().expect("an object");
    let size = |path: &str| store[path]["narSize"].as_u64().expect("a size");
    let references = |path: &str| -> Vec<String> {
        let all = store[path]["references"].as_array().expect("references");
        let paths = all
            .iter()
            .map(|path| path.as_str().expect("a path").to_owned());
        paths.filter(|reference| reference != path).collect()
    };
    let reachable = |roots: &[String], without: &str| -> Vec<String> {
        let mut seen: Vec<String> = Vec::new();
        let mut open = roots.to_vec();
        while let Some(path) = open.pop() {
            if path != without && !seen.contains(&path) {
                open.extend(references(&path));
                seen.push(path);
            }
        }
        seen
    };
    let sum = |paths: &[String]| -> u64 { paths.iter().map(|path| size(path)).sum() };

    let list = json(&["list", SYSTEM]);
    let roots: Vec<String> = texts(&list["roots"]);
    let everything = reachable(&roots, "");
    assert_eq!(list["totals"]["narSize"], sum(&everything));
    assert_eq!(list["totals"]["paths"], everything.len());
    let rows = list["paths"].as_array().expect("paths");
    assert_eq!(rows.len(), everything.len());
    for row in rows {
        let path = row["path"].as_str().expect("a path").to_owned();
        let left = reachable(&roots, &path);
        let referrers = everything
            .iter()
            .filter(|other| references(other).contains(&path));
        assert_eq!(row["narSize"], size(&path), "{path}");
        assert_eq!(
            row["closureSize"],
            sum(&reachable(std::slice::from_ref(&path), "")),
            "{path}"
        );
        assert_eq!(row["retainedSize"], sum(&everything) - sum(&left), "{path}");
        assert_eq!(
            row["retainedCount"],
            everything.len() - left.len(),
            "{path}"
        );
        assert_eq!(row["references"], references(&path).len(), "{path}");
        assert_eq!(row["referrers"], referrers.count(), "{path}");
    }
    let retained: Vec<_> = rows
        .iter()
        .map(|row| row["retainedSize"].as_u64())
        .collect();
    assert!(retained.is_sorted_by(|a, b| a >= b), "{retained:?}");
}

fn texts(list: &Value) -> Vec<String> {
    let list = list.as_array().expect("a list");
    list.iter()
        .map(|text| text.as_str().expect("a text").to_owned())
        .collect()
}

fn fixture(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

#[test]
fn a_closed_pipe_is_no_error() {
    for format in ["text", "json", "csv"] {
        let mut child = nix_heft(&["list", SYSTEM, "--format", format])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("the program ends");
        assert_eq!(output.status.code(), Some(0), "{format}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{format}");
    }
}

#[test]
fn a_pipe_that_closes_amid_a_long_answer_is_no_error() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("long");
    let record = |at| format!("/nix/store/{at:032}-a-path-with-a-name\n\n0\n");
    std::fs::write(&file, (0..5000).map(record).collect::<String>()).expect("a file");
    let from = format!("--from={}", file.display());
    for command in ["list", "export"] {
        for format in ["csv", "json"] {
            let mut child = nix_heft(&[command, &from, "--format", format])
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .expect("the program starts");
            drop(child.stdout.take());
            let output = child.wait_with_output().expect("the program ends");
            assert_eq!(output.status.code(), Some(0), "{command} {format}");
            assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        }
    }
}

#[test]
fn what_does_not_tell_what_made_its_paths_has_no_build_time_closure() {
    let directory = tempfile::tempdir().expect("a directory");
    let snapshot = directory.path().join("system.heft").display().to_string();
    let written = output(&["export", SYSTEM, "-o", &snapshot]);
    assert_eq!(written.status.code(), Some(0));
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/formats");
    let cache = format!("file://{fixtures}/cache-2.8");
    for (from, named) in [
        (vec![SYSTEM], "system.json"),
        (vec!["--from", &snapshot], &*snapshot),
        (vec!["--store", &cache], &*cache),
    ] {
        let output = output(&[&["list", "--derivation"], &from[..]].concat());
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{errors}");
        assert!(output.stdout.is_empty());
        let told = format!("cannot be told from {named}");
        assert!(errors.contains(&told), "{errors}");
        assert!(errors.contains("leave --derivation out"), "{errors}");
    }
}

#[test]
fn nothing_is_written_into_a_store() {
    let inside = "/nix/store/x.csv";
    for command in [
        vec!["export", SYSTEM, "-o", inside],
        vec![
            "what-if",
            SYSTEM,
            "--remove",
            "perl*",
            "--save-plan",
            inside,
        ],
    ] {
        let output = output(&command);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{errors}");
        assert!(errors.contains("only ever read"), "{errors}");
    }
    assert!(!std::path::Path::new(inside).exists());
}

#[test]
fn colour_is_for_terminals_or_on_demand() {
    let with = |args: &[&str], variables: &[(&str, &str)]| {
        let mut command = nix_heft(args);
        for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
            command.env_remove(name);
        }
        let output = command.envs(variables.iter().copied()).output();
        output.expect("starts").stdout.contains(&0x1b)
    };
    let coloured = |args: &[&str], variable: &str| with(args, &[(variable, "1")]);
    let always = ["list", SYSTEM, "--color", "always"];
    assert!(!coloured(&["list", SYSTEM], "OTHER"));
    assert!(coloured(&always, "OTHER"));
    // Who asks for colour on the command line gets it.
    assert!(coloured(&always, "NO_COLOR"));
    assert!(!coloured(&["list", SYSTEM, "--color", "never"], "OTHER"));
    // The same goes for the environment, where `NO_COLOR` comes first.
    assert!(coloured(&["list", SYSTEM], "CLICOLOR_FORCE"));
    assert!(!coloured(&["list", SYSTEM], "CLICOLOR"));
    assert!(!coloured(
        &["list", SYSTEM, "--color", "never"],
        "CLICOLOR_FORCE"
    ));
    let both = [("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")];
    assert!(!with(&["list", SYSTEM], &both));
}

#[test]
fn standard_input_is_a_source() {
    let mut child = nix_heft(&["list", "--from", "-", "--limit", "1"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let closure = std::fs::read(fixture("system.json")).expect("readable");
    let mut stdin = child.stdin.take().expect("piped");
    stdin.write_all(&closure).expect("the program reads");
    drop(stdin);
    let mut text = String::new();
    let mut stdout = child.stdout.take().expect("piped");
    stdout.read_to_string(&mut text).expect("text");
    assert!(child.wait().expect("ends").success());
    assert!(text.starts_with("30 paths, "), "{text}");
}

#[test]
fn nothing_in_a_name_reaches_the_terminal() {
    let hostile = "/nix/store/00000000000000000000000000000000-a\u{1b}[2J\nb\u{202e}c";
    let text = serde_json::json!([{ "path": hostile, "narSize": 1, "references": [] }]).to_string();
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("hostile.json");
    std::fs::write(&file, text).expect("written");
    let from = format!("--from={}", file.display());
    for args in [
        &["list", &from][..],
        &["tree", &from],
        &["why", "a*", &from],
        &["why", "\u{1b}[31mx", &from],
        &["list", "\u{1b}[31mx", &from],
        &["export", "--format=dot", &from],
    ] {
        let output = output(args);
        let seen = [output.stdout, output.stderr].concat();
        let seen = String::from_utf8(seen).expect("text");
        let disturbing = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!seen.contains(disturbing), "{args:?}: {seen:?}");
    }
}

#[test]
fn completions_and_manual_know_every_command() {
    for args in [
        &["completions", "bash"][..],
        &["completions", "fish"],
        &["man"],
    ] {
        let output = output(args);
        assert!(output.status.success());
        // A manual page escapes its hyphens.
        let text = String::from_utf8(output.stdout)
            .expect("text")
            .replace('\\', "");
        for command in [
            "list", "tree", "why", "cut", "what-if", "dupes", "export", "demo",
        ] {
            assert!(text.contains(command), "{args:?} lacks {command}");
        }
    }
    let page = output(&["man", "list"]).stdout;
    assert!(
        String::from_utf8(page)
            .expect("text")
            .contains("nix\\-heft\\-list")
    );
}

#[test]
fn on_a_terminal_reports_are_fitted_coloured_and_complete() {
    use portable_pty::{CommandBuilder, PtySize, native_pty_system};
    let size = PtySize {
        rows: 24,
        cols: 60,
        ..PtySize::default()
    };
    for arguments in [
        &["list", SYSTEM, "--limit", "3"][..],
        &["why", "perl-5.38.2", SYSTEM],
        &["what-if", SYSTEM, "--remove", "git"],
        &["cut", "zlib", SYSTEM],
        &["dupes", SYSTEM],
    ] {
        let pair = native_pty_system().openpty(size).expect("a terminal");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_nix-heft"));
        command.cwd(fixture(""));
        command.args(arguments);
        command.env_clear();
        command.env("TERM", "xterm-256color");
        let mut child = pair
            .slave
            .spawn_command(command)
            .expect("the program starts");
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let mut seen = Vec::new();
        // Linux ends a terminal whose last writer is gone with an error.
        let _ = reader.read_to_end(&mut seen);
        let status = child.wait().expect("it ends");
        let seen = String::from_utf8_lossy(&seen);
        assert!(status.success(), "{arguments:?}: {seen}");
        assert!(
            seen.contains('\u{1b}'),
            "{arguments:?} has no colour: {seen}"
        );
    }
}

#[cfg(feature = "tui")]
#[test]
fn keys_are_replayed_without_a_terminal() {
    let args = ["demo", "--keys", "/perl-base<enter>w", "--size", "100x30"];
    let screen = session(&args);
    // The command itself stands above the screen.
    assert_eq!(screen.lines().count(), 31, "{screen}");
    assert!(
        screen.contains("every chain") || screen.contains("chains"),
        "{screen}"
    );
    assert_eq!(screen, session(&args), "the same keys, the same screen");
    for (args, complaint) in [
        (vec!["demo", "--keys", "<hyper>"], "'hyper' is not a key"),
        (vec!["demo", "--keys", "j", "--size", "80"], "80x24"),
        (vec!["demo", "--keys", "j", "--size", "0x9999"], "80x24"),
    ] {
        let refused = session(&args);
        assert!(refused.contains("[exit status 2]"), "{refused}");
        assert!(refused.contains(complaint), "{refused}");
    }
}

#[test]
fn cycles_in_the_input_are_warned_about() {
    let (a, b) = (
        "/nix/store/00000000000000000000000000000000-a",
        "/nix/store/11111111111111111111111111111111-b",
    );
    let directory = tempfile::tempdir().expect("a temporary directory");
    let file = directory.path().join("circle.json");
    let text = format!(
        r#"[{{"path":"{a}","narSize":1,"references":["{b}"]}},{{"path":"{b}","narSize":2,"references":["{a}"]}}]"#
    );
    std::fs::write(&file, text).expect("a file");
    let output = output(&["list", a, "--from", &file.to_string_lossy()]);
    assert!(output.status.success());
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        errors.contains("paths that reference each other in a cycle: 0"),
        "{errors}"
    );
    assert!(errors.contains("-a and 1 other"), "{errors}");
}

#[cfg(feature = "tui")]
#[test]
fn a_mistake_in_the_configuration_is_a_warning() {
    let home = tempfile::tempdir().expect("a directory");
    let directory = home.path().join("nix-heft");
    std::fs::create_dir(&directory).expect("made");
    std::fs::write(directory.join("config.toml"), "\nthem = \"dark\"\n").expect("written");
    let output = nix_heft(&["demo", "--keys", "!", "--size", "200x30"])
        .env("XDG_CONFIG_HOME", home.path())
        .output()
        .expect("the program starts");
    let screen = String::from_utf8(output.stdout).expect("text");
    assert!(output.status.success(), "{screen}");
    assert!(
        screen.contains("line 2: there is no setting 'them', did you mean 'theme'?"),
        "{screen}"
    );
}

#[cfg(feature = "tui")]
#[test]
fn options_of_the_explorer_hold_before_a_command_too() {
    let directory = tempfile::tempdir().expect("a directory");
    let plan = directory.path().join("plan.toml");
    let name = plan.to_string_lossy();
    let before = ["--plan", &*name, "--keys", "m", "--size", "100x30", "demo"];
    let behind = ["demo", "--plan", &*name, "--keys", "m", "--size", "100x30"];
    for args in [before, behind] {
        let refused = session(&args);
        assert!(refused.contains("[exit status 1]"), "{refused}");
    }
    let step = "[[step]]\nremove = { name = \"perl-base-5.36.0\" }\n";
    std::fs::write(
        &plan,
        format!("format = \"nix-heft/plan\"\nversion = 1\n{step}"),
    )
    .expect("written");
    let screen = |args: &[&str]| String::from_utf8(output(args).stdout).expect("text");
    assert_eq!(screen(&before), screen(&behind));
    assert_eq!(screen(&before).lines().count(), 30);
    let refused = session(&["--ascii", "list", "--from", "system.json"]);
    assert!(
        refused.contains("--ascii before a command") && refused.contains("[exit status 2]"),
        "{refused}"
    );
}

#[test]
fn the_ending_of_a_file_tells_the_format() {
    let directory = tempfile::tempdir().expect("a directory");
    for (name, beginning) in [
        ("a.heft", "nix-heft"),
        ("a.CSV", "pos,"),
        ("a.dot", "digraph"),
    ] {
        let file = directory.path().join(name);
        let told = output(&["export", ODD, "--output", file.to_str().expect("text")]);
        assert!(told.status.success(), "{name}");
        let written = std::fs::read(&file).expect("a file");
        assert!(written.starts_with(beginning.as_bytes()), "{name}");
    }
}

#[test]
fn links_and_names_are_roots_and_targets_of_a_file_too() {
    // Whether this machine has the store or not.
    for dir in ["/nix/store", "/nowhere/on/this/machine/store"] {
        let directory = tempfile::tempdir().expect("a directory");
        let path = |name: &str| format!("{dir}/{}-{name}", "a".repeat(31) + &name[..1]);
        let (app, lib) = (path("app-1"), path("lib-2"));
        let file = directory.path().join("a.json");
        let records = serde_json::json!([
            {"path": app, "narSize": 1, "references": [lib]},
            {"path": lib, "narSize": 2, "references": []},
        ]);
        std::fs::write(&file, records.to_string()).expect("a file");
        let link = directory.path().join("link");
        std::os::unix::fs::symlink(format!("{lib}/share"), &link).expect("a link");
        let (from, link) = (format!("--from={}", file.display()), link.to_string_lossy());
        for root in [&*link, "lib", "li*", &lib, &format!("{lib}/share/x")] {
            assert_eq!(json(&["list", root, &from])["roots"][0], lib, "{root}");
        }
        for target in [&*link, "lib", &format!("{lib}/share/x")] {
            assert_eq!(json(&["why", target, &from])["target"], lib, "{target}");
        }
        let refused = output(&["list", "lip", &from]);
        let errors = String::from_utf8_lossy(&refused.stderr);
        assert_eq!(refused.status.code(), Some(1));
        assert!(errors.contains("did you mean lib?"), "{errors}");
    }
}

#[test]
fn words_that_are_nothing_are_told_from_a_missing_terminal() {
    session!("lst", "/nix/store");
    session!("diff", "a", "b");
    session!("demo", SYSTEM);
    session!("list", SYSTEM, "--expr", "x");
    session!("list", SYSTEM, "--limit", "-1");
}

#[test]
fn steps_that_would_do_nothing_are_refused() {
    session!("cut", "perl", SYSTEM, "--keep", "git:source");
    session!("what-if", SYSTEM, "--replace", "glibc=glibc");
    session!("what-if", SYSTEM, "--remove", "git", "--save-plan", "-");
    session!("what-if", SYSTEM, "--plan", "-");
}

#[test]
fn a_name_with_an_equals_sign_can_be_replaced() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = |hash: &str, name: &str| format!("/nix/store/{}-{name}", hash.repeat(32));
    let (app, odd, lib) = (path("a", "app"), path("b", "x?y=1=2"), path("c", "lib"));
    let file = directory.path().join("a.json");
    let records = serde_json::json!([
        {"path": app, "narSize": 1, "references": [odd, lib]},
        {"path": odd, "narSize": 2, "references": []},
        {"path": lib, "narSize": 4, "references": []},
    ]);
    std::fs::write(&file, records.to_string()).expect("a file");
    let from = format!("--from={}", file.display());
    for step in [
        "x?y=1=2=lib".to_owned(),
        format!("x?y=1=2={lib}"),
        format!("{odd}=lib"),
    ] {
        let document = json(&["what-if", &from, "--replace", &step]);
        assert_eq!(document["freed"]["narSize"], 2, "{step}");
        assert_eq!(document["steps"][0]["with"], lib, "{step}");
    }
}
