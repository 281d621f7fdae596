//! Shapes, oddities and mistakes.

use super::*;
use crate::model::{NarHash, StoreGraph};
use crate::source::{Loaded, Request};

const A: &str = "6mgh6x89bas54rsx29h7xpy8h66ls285-app-1";
const B: &str = "899952n1nwb3c2p68h5gjxhy21qdasfv-lib-2";

const DERIVATIONS: &str = "error: a.json: derivations as `nix derivation show` prints them, which tell neither sizes nor references";

fn load(json: &str) -> Result<Loaded, SourceError> {
    let progress = Progress::new();
    parse_json(json.as_bytes(), "a.json", true, &progress)?.finish(
        &Request {
            details: true,
            ..Request::default()
        },
        "a.json",
    )
}

/// `$A` and `$B` stand for base names, `@A` and `@B` for full paths.
fn expand(json: &str) -> String {
    json.replace("$A", A)
        .replace("$B", B)
        .replace("@A", &format!("/nix/store/{A}"))
        .replace("@B", &format!("/nix/store/{B}"))
}

fn describe(graph: &StoreGraph) -> String {
    let lines = graph.ids().map(|id| {
        let size = graph.nar_size(id).map_or("?".to_owned(), |s| s.to_string());
        let to: Vec<&str> = graph
            .references(id)
            .iter()
            .map(|&to| graph.name(to))
            .collect();
        format!("{} {size} -> {}", graph.name(id), to.join(" "))
    });
    lines.collect::<Vec<_>>().join("; ")
}

fn outcome(json: &str) -> String {
    match load(&expand(json)) {
        Ok(loaded) => {
            let warnings = loaded.warnings.iter().map(ToString::to_string);
            let warnings = warnings.collect::<Vec<_>>().join("; ");
            let graph = describe(&loaded.graph);
            let dir = loaded.graph.store_dir();
            format!("{dir}: {graph} | {warnings}")
        }
        Err(error) => format!("error: {error}"),
    }
}

#[test]
fn every_shape_gives_the_same_graph() {
    let shapes = [
        r#"[{"path":"@A","narSize":2,"references":["@A","@B"]},{"path":"@B","narSize":1,"references":[]}]"#,
        r#"[{"references":["@B","@A"],"valid":true,"narSize":2,"path":"@A"},{"narSize":1,"references":[],"path":"@B"}]"#,
        r#"{"@A":{"narSize":2,"references":["@B"],"ca":null},"@B":{"narSize":1,"references":[],"extra":{"x":[1]}}}"#,
        r#"{"info":{"$A":{"narSize":2,"references":["$B"]},"$B":{"narSize":1,"references":[]}},"storeDir":"/nix/store","version":2}"#,
        r#"{"version":3,"storeDir":"/nix/store","info":{"$A":{"narSize":2,"references":["$B"]},"$B":{"narSize":1,"references":[]}}}"#,
        r#"{"$A":{"narSize":2,"references":["$B"],"storeDir":"/nix/store"},"$B":{"narSize":1,"references":[]}}"#,
        r#"{"name":"x","closure":[{"path":"@A","narSize":2,"references":["@B"]},{"path":"@B","narSize":1,"references":[]}],"args":["-e",{"a":1},null,[2]]}"#,
        r#" [{"path":"\/nix/store/$A","narSize":2,"references":["\u002fnix/store/$B"]},{"path":"@B","narSize":1,"references":[]}] "#,
    ];
    for shape in shapes {
        assert_eq!(
            outcome(shape),
            "/nix/store: app-1 2 -> lib-2; lib-2 1 ->  | ",
            "{shape}"
        );
    }
}

#[test]
fn oddities_are_warnings() {
    let cases = [
        (
            r#"[{"path":"/gnu/store/$A","narSize":-5,"references":[]}]"#,
            "/gnu/store: app-1 ? ->  | an invalid NAR size, treated as unknown: $A",
        ),
        (
            r#"[{"path":"@A","narSize":null,"references":[]}]"#,
            "/nix/store: app-1 ? ->  | ",
        ),
        (
            r#"[{"path":"@A","narSize":18446744073709551615,"references":[]}]"#,
            "/nix/store: app-1 ? ->  | NAR size beyond anything possible, treated as unknown: $A (18446744073709551615 bytes)",
        ),
        (
            r#"[{"path":"@A","narSize":0,"references":[]}]"#,
            "/nix/store: app-1 ? ->  | NAR size 0, which stands for unknown: $A",
        ),
        (
            r#"[{"path":"@A","narSize":1e400,"references":["@B"]},{"path":"@B","narSize":"7"}]"#,
            "error: a.json: number out of range at line 1 column 76",
        ),
        (
            r#"[{"path":"@A","narSize":1.5,"references":"@B"},{"path":"@A","narSize":3,"references":[null,7]}]"#,
            "/nix/store: app-1 3 ->  | an invalid NAR size, treated as unknown: $A; references that are not a list, ignored: $A; a reference that is not a string, ignored: $A; listed more than once, merged: $A",
        ),
        (
            r#"[{"path":"@B","valid":false},null,{"path":"@A","narSize":3,"references":[]}]"#,
            "/nix/store: app-1 3 ->  | asked for, but not valid in the store, left out: @B, an entry without a path",
        ),
        (
            r#"{"@A":{"narSize":3,"references":["@B"]},"@B":null}"#,
            "/nix/store: app-1 3 -> lib-2; lib-2 ? ->  | asked for, but not valid in the store, left out: @B; referenced, but without a record of its own: $B",
        ),
        (
            r#"{"info":{"$A":{"narSize":3,"references":[]}},"version":9}"#,
            "/nix/store: app-1 3 ->  | a version of the format newer than this program, read as far as it is understood: 9; no store directory named, taken for: /nix/store",
        ),
        (
            r#"{"version":2,"storeDir":"/gnu/store","info":{"$A":{"narSize":3,"references":["$B"]},"$B":{"narSize":3,"references":[]},"/nix/store/cccccccccccccccccccccccccccccccc-c-3":{"narSize":1,"references":[]}}}"#,
            "/gnu/store: app-1 3 -> lib-2; lib-2 3 -> ; c-3 1 ->  | paths in another store directory than the file's, kept by name: /nix/store",
        ),
        (
            r#"{"@A":{"narSize":3,"references":["/gnu/store/$B"]}}"#,
            "/nix/store: app-1 3 ->  | not directly in the store directory, left out: '/gnu/store/$B'",
        ),
        (
            r#"[{"path":"@A","narSize":3,"references":[],"narSize":4,"x":1,"x":2}]"#,
            "/nix/store: app-1 4 ->  | a record that gives one key twice, the last one counts: $A",
        ),
        (
            r#"[{"path":"@A","narSize":3},{"path":"@B","narSize":3,"references":null}]"#,
            "/nix/store: app-1 3 -> ; lib-2 3 ->  | a record without references, taken to have none: $A, $B",
        ),
        (
            r#"[{"path":"@A/","narSize":3,"references":["@B"]},{"path":"/etc/passwd","references":[]},{"path":"/nix/store/../store/$B","references":[]},{"path":"@A/bin/x","references":[]},{"path":"@B","narSize":3,"references":["@A/","@B"]}]"#,
            "/nix/store: lib-2 3 ->  | not directly in the store directory, left out: '@A/', '/etc/passwd', '/nix/store/../store/$B', '@A/bin/x' and 1 more",
        ),
    ];
    for (json, expected) in cases {
        assert_eq!(outcome(json), expand(expected), "{json}");
    }
}

#[test]
fn mistakes_are_errors_that_say_what_and_where() {
    let cases = [
        ("[]", "error: a.json: there are no store paths in this JSON"),
        (
            r#"{"a":{"b":1}}"#,
            "error: a.json: there are no store paths in this JSON",
        ),
        (
            r#"[{"path":"@A","narSi"#,
            "error: a.json: cut off in the middle of the JSON (EOF while parsing a string at line 1 column 67)",
        ),
        (
            "[{\"path\":\"@A\",\n}]",
            "error: a.json: trailing comma at line 2 column 1",
        ),
        (
            r#"["@A"]"#,
            "error: a.json: invalid type: string \"@A\", expected the path info of one path at line 1 column 52",
        ),
        (
            r#"{"narHash":"sha256-BlwNjj/aoZM26GTe/XiJd1wAZ/vplhgrMRQ41TylmXE=","narSize":5,"references":[]}"#,
            "error: a.json: an entry without its path, of which no closure can be made",
        ),
        (
            r#"{"@A":null}"#,
            "error: a.json: none of the paths it lists is valid in the store it came from",
        ),
        (
            r#"{"format":"nix-heft/list","paths":[{"path":"@A","references":3}]}"#,
            "error: a.json: a report (nix-heft/list), which lacks the references",
        ),
        (
            r#"[{"path":"/etc/passwd/","references":[]},{"path":"/x/../y","references":[]}]"#,
            "error: a.json: none of the paths in it is one of a store",
        ),
        (
            r#"{"@A.drv":{"outputs":{},"inputSrcs":[],"inputDrvs":{"@B.drv":["out"]},"builder":"@B/x","env":{"path":"@A"}}}"#,
            DERIVATIONS,
        ),
        (
            r#"{"$A.drv":{"inputDrvs":{},"inputSrcs":[],"version":3,"outputs":{}}}"#,
            DERIVATIONS,
        ),
        (
            r#"{"derivations":{"$A.drv":{"inputs":{"drvs":{},"srcs":[]},"name":"x","outputs":{}}},"version":4}"#,
            DERIVATIONS,
        ),
        (
            "[] []",
            "error: a.json: trailing characters at line 1 column 4",
        ),
    ];
    for (json, expected) in cases {
        assert_eq!(outcome(json), expand(expected), "{json}");
    }
    let deep = format!("{{\"a\":{}", "[".repeat(100_000));
    assert!(
        outcome(&deep).starts_with("error: a.json: recursion limit exceeded"),
        "{}",
        outcome(&deep)
    );
    assert!(load("\u{0}").is_err());
}

#[test]
fn details_are_brought_into_one_form() {
    let old = r#"[{"path":"@A","narSize":5,"references":[],"narHash":"sha256:0wcrllydaf0l64mii5p9zdkh0p3pi5wgvpk4x0v978fs7y70sp06",
        "deriver":"@B","registrationTime":23423,"ultimate":true,"downloadSize":4,
        "ca":"fixed:r:sha256:1lr187v6dck1rjh2j6svpikcfz53wyl3qrlcbb405zlh13x0khhh","signatures":["k:AAAA"]}]"#;
    let new = r#"{"version":3,"storeDir":"/nix/store","info":{"$A":{"narSize":5,"references":[],
        "narHash":"sha256-BlwNjj/aoZM26GTe/XiJd1wAZ/vplhgrMRQ41TylmXE=",
        "deriver":"$B","registrationTime":23423,"ultimate":true,"downloadSize":4,
        "ca":{"method":"nar","hash":"sha256-EMIJ+giQ/gLIWoxmPKjno3zHZrxbGymgzGGyZvZBIdM="},
        "signatures":[{"keyName":"k","sig":"AAAA"}]}}}"#;
    for json in [old, new] {
        let loaded = load(&expand(json)).expect("valid");
        assert_eq!(loaded.warnings, []);
        let id = loaded.roots[0];
        let details = loaded.graph.details(id).expect("asked for");
        assert_eq!(
            details.nar_hash,
            NarHash::parse("sha256-BlwNjj/aoZM26GTe/XiJd1wAZ/vplhgrMRQ41TylmXE=").ok()
        );
        assert_eq!(details.deriver.as_deref(), Some(B));
        assert_eq!(
            details.content_address.as_deref(),
            Some("fixed:r:sha256:1lr187v6dck1rjh2j6svpikcfz53wyl3qrlcbb405zlh13x0khhh")
        );
        assert_eq!(details.signatures, ["k:AAAA"]);
        assert!(details.ultimate);
        let info = loaded.graph.info(id);
        assert_eq!(info.download_size.get(), Some(4));
        assert_eq!(info.registered.map(std::num::NonZero::get), Some(23423));
    }
}

#[test]
fn any_number_of_cycles_gives_a_root_each() {
    const CYCLES: u64 = 50_000;
    let path = |n| format!("/nix/store/{}-x", crate::testing::hash_part(n));
    let entries: Vec<String> = (0..2 * CYCLES)
        .map(|n| {
            format!(
                r#"{{"path":"{}","references":["{}"]}}"#,
                path(n),
                path(n ^ 1)
            )
        })
        .collect();
    let loaded = load(&format!("[{}]", entries.join(","))).expect("a closure");
    assert_eq!(loaded.roots.len() as u64, CYCLES);
    assert_eq!(loaded.graph.len() as u64, 2 * CYCLES);
    let line = loaded.warnings[0].to_string();
    assert!(line.ends_with(" and 49995 more"), "{line}");
}
