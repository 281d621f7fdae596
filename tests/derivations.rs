//! Build-time closures as a shell sees them: what derivations make stands beside them, wherever they are read from.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use nix_heft::testing::database::{Schema, create, write};
use nix_heft::testing::{graph, id};
use serde_json::{Value, json};

/// `app.drv` makes `app` and a manual that is not there, `lib.drv` makes `lib`.
fn store(root: &Path) {
    let (graph, _) =
        graph("app.drv 1 -> lib.drv\nlib.drv 2 -> source\nsource 4\napp 300 -> lib\nlib 70");
    let file = root.join("nix/var/nix/db/db.sqlite");
    let mut connection = create(&file, Schema::Nix).expect("a database");
    write(&mut connection, &graph, 1).expect("rows");
    let path = |name: &str| format!("/nix/store/{}", graph.base_name(id(&graph, name)));
    for (drv, output, path) in [
        (
            "app.drv",
            "man",
            "/nix/store/zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz-app-man".to_owned(),
        ),
        ("app.drv", "out", path("app")),
        ("lib.drv", "out", path("lib")),
    ] {
        let insert = "INSERT INTO DerivationOutputs SELECT id, ?, ? FROM ValidPaths WHERE path LIKE '%-' || ?";
        let done = connection.execute(insert, [output, &path, drv]);
        assert_eq!(done, Ok(1));
    }
}

fn run(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut program = Command::new(env!("CARGO_BIN_EXE_nix-heft"))
        .args(arguments)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut pipe = program.stdin.take().expect("a pipe");
    pipe.write_all(input).expect("the program reads");
    drop(pipe);
    let output = program.wait_with_output().expect("the program ends");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {errors}");
    output.stdout
}

fn text(arguments: &[&str], input: &[u8]) -> String {
    String::from_utf8(run(arguments, input)).expect("text")
}

fn document(arguments: &[&str], input: &[u8]) -> Value {
    let arguments = [arguments, &["--format", "json"]].concat();
    serde_json::from_slice(&run(&arguments, input)).expect("one document")
}

/// Name, validity and size of each output, of one path of a document.
fn outputs(path: &Value) -> Vec<Value> {
    let outputs = path["outputs"].as_array();
    let told = outputs.into_iter().flatten();
    told.map(|output| json!([output["name"], output["valid"], output["narSize"]]))
        .collect()
}

#[test]
fn outputs_stand_beside_their_derivations_in_every_format() {
    let directory = tempfile::tempdir().expect("a directory");
    store(directory.path());
    let root = directory.path().to_str().expect("a name");
    let app = format!("/nix/store/{}", {
        let (graph, _) = graph("app.drv 1");
        graph.base_name(id(&graph, "app.drv")).to_owned()
    });
    let from = ["--store", root, "--derivation", app.as_str()];
    let with = |command: &'static str| [&[command], &from[..]].concat();

    let list = document(&with("list"), b"");
    let made = [json!(["man", false, null]), json!(["out", true, 300])];
    assert_eq!(list["paths"].as_array().map(Vec::len), Some(3));
    let of = |paths: &Value, name: &str| {
        let all = paths.as_array().expect("paths").clone();
        all.into_iter()
            .find(|path| path["name"] == name)
            .expect("a path")
    };
    assert_eq!(outputs(&of(&list["paths"], "app.drv")), made);
    assert_eq!(of(&list["paths"], "source").get("outputs"), None);

    let tree = document(&with("tree"), b"");
    assert_eq!(outputs(&tree["tree"][0]), made);
    assert_eq!(
        outputs(&tree["tree"][0]["references"][0]),
        [json!(["out", true, 70])]
    );

    for command in ["list", "tree"] {
        let printed = text(&with(command), b"");
        let heading = printed.lines().find(|line| line.contains("retained"));
        assert!(
            heading.is_some_and(|line| line.contains("outputs")),
            "{printed}"
        );
        let line = printed.lines().find(|line| line.contains("app.drv"));
        assert!(line.is_some_and(|line| line.contains("300 B")), "{printed}");
    }

    let csv = text(
        &[&with("list"), &["--format", "csv", "--sort", "name"][..]].concat(),
        b"",
    );
    let column = csv
        .lines()
        .next()
        .and_then(|line| line.split(',').position(|key| key == "outputsSize"));
    let column = column.expect("a column");
    let cells: Vec<&str> = csv
        .lines()
        .skip(1)
        .filter_map(|line| line.split(',').nth(column))
        .collect();
    assert_eq!(cells, ["300", "70", ""]);
}

#[test]
fn outputs_survive_in_snapshots_and_beside_other_sources() {
    let directory = tempfile::tempdir().expect("a directory");
    store(directory.path());
    let root = directory.path().to_str().expect("a name");
    let (graph, _) = graph("app.drv 1");
    let app = graph.base_name(id(&graph, "app.drv"));
    let from = ["--store", root, "--derivation", app];
    let live = document(&[&["list"], &from[..]].concat(), b"");
    let snapshot = run(
        &[&["export", "--format", "snapshot"], &from[..]].concat(),
        b"",
    );
    let read = document(&["list", "--from", "-"], &snapshot);
    assert_eq!(read["paths"], live["paths"]);
    // Only a part of what is in it.
    let lib = live["paths"].as_array().expect("paths").iter();
    let lib = lib
        .map(|path| path["path"].as_str().expect("a text"))
        .find(|path| path.ends_with("-lib.drv"));
    let part = document(&["list", "--from", "-", lib.expect("a path")], &snapshot);
    let paths = part["paths"].as_array().expect("paths");
    assert_eq!(paths.len(), 2);
    assert!(
        paths
            .iter()
            .any(|path| outputs(path) == [json!(["out", true, 70])])
    );

    // A list that knows nothing of outputs, with the store to fill it in.
    let plain: Vec<Value> = live["paths"]
        .as_array()
        .expect("paths")
        .iter()
        .map(|path| json!({ "path": path["path"], "narSize": path["narSize"], "references": [] }))
        .collect();
    let file = directory.path().join("plain.json");
    fs::write(&file, serde_json::to_vec(&plain).expect("JSON")).expect("a file");
    let merged = document(
        &[
            "list",
            "--from",
            file.to_str().expect("a name"),
            "--store",
            root,
            "--derivation",
        ],
        b"",
    );
    let of = |document: &Value| -> Vec<Vec<Value>> {
        document["paths"]
            .as_array()
            .expect("paths")
            .iter()
            .map(outputs)
            .collect()
    };
    let mut expected = of(&live);
    let mut found = of(&merged);
    for all in [&mut expected, &mut found] {
        all.sort_by_key(|outputs| format!("{outputs:?}"));
    }
    assert_eq!(found, expected);
}
