//! Advice as text for people and as JSON for programs.

use crate::analysis::advice::FromFiles;
use crate::analysis::hints::Hints;
use crate::job::Progress;
use crate::testing::graph;

use super::*;

const SYSTEM: &str = "nixos-system-web-24.05.1 -> system-path etc linux-6.6\n\
    system-path -> nano-8.0 heavy-1\netc -> etc-nix-registry.json\n\
    etc-nix-registry.json -> source\nsource 178257920\nnano-8.0 3145728\nheavy-1 52428800 -> part-1\n\
    part-1 9437184\nlinux-6.6 104857600";

fn written(write: impl FnOnce(&Advised, &mut Vec<u8>) -> io::Result<()>) -> String {
    let (graph, closure) = graph(SYSTEM);
    let analysed = Analysed::of(graph.into(), closure.roots(), &Progress::new());
    let advice =
        Advice::of(&analysed, &Hints::built_in(), &FromFiles::default()).expect("not cancelled");
    let mut out = Vec::new();
    write(&Advised::new(&analysed, &advice, None), &mut out).expect("written");
    String::from_utf8(out).expect("text")
}

#[test]
fn people_read_what_frees_most_first_and_at_most_so_many() {
    let text = written(|advised, out| advised.text(Paper::default(), 2, out));
    for line in [
        "if all are followed, predicted (server, NixOS 24.05)",
        "  1   170.0 MiB  Whole nixpkgs tree pinned by the flake registry",
        "  2    59.0 MiB  heavy-1 behind 1 reference",
        "best cut · feature · unsure · 2 paths",
        "remove heavy-1 from environment.systemPackages",
        "more: --all",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
}

#[test]
fn markdown_has_lines_to_paste() {
    let page = written(|advised, out| advised.markdown(Units::Binary, 10, out));
    for line in [
        "# What could go",
        "| 1 | 170.0 MiB | 170.0 MiB | Whole nixpkgs tree",
        "```nix\nprograms.nano.enable = false;",
    ] {
        assert!(page.contains(line), "{line} in {page}");
    }
}

#[test]
fn programs_get_all_of_it() {
    let text = written(|advised, out| advised.json(out));
    let document: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(document["format"], "nix-heft/advise");
    assert_eq!(document["machine"], "server");
    let first = &document["advice"][0];
    assert_eq!(first["freed"]["narSize"], 178_257_920);
    assert_eq!(first["steps"][0]["kind"], "cut");
    assert_eq!(document["advice"][0]["hint"], "flake-registry-source");
}
