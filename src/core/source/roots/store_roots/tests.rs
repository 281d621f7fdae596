//! Rows of made-up roots.

use super::*;
use crate::source::roots::gc::{Generation, RootKind};
use crate::testing::{graph, id, names};

fn link(graph: &StoreGraph, link: &str, name: &str, kind: RootKind) -> GcRoot {
    GcRoot {
        link: link.into(),
        registered: None,
        target: graph.base_name(id(graph, name)).to_owned(),
        kind,
        owner: None,
        created: None,
        generation: None,
        process: None,
    }
}

fn process(graph: &StoreGraph, number: u32, name: &str) -> GcRoot {
    GcRoot {
        process: Some(Process { number, name: None }),
        ..link(
            graph,
            &format!("/proc/{number}/exe"),
            name,
            RootKind::Process,
        )
    }
}

fn generation(graph: &StoreGraph, number: u64, name: &str) -> GcRoot {
    let profile = "/p/system";
    GcRoot {
        generation: Some(Generation {
            profile: profile.into(),
            number,
            current: number == 2,
            has_manifest: false,
        }),
        ..link(
            graph,
            &format!("{profile}-{number}-link"),
            name,
            RootKind::Profile,
        )
    }
}

#[test]
fn there_is_a_row_for_each_thing_that_can_be_dropped() {
    let (graph, _) =
        graph("new 1 -> lib\nold 2 -> lib perl\nlib 30\nperl 50\nlost 7\ntool 9 -> perl");
    let roots = vec![
        generation(&graph, 1, "old"),
        generation(&graph, 2, "new"),
        link(&graph, "/a/result", "old", RootKind::Result),
        link(&graph, "/b/result", "old", RootKind::Result),
        link(&graph, "/run/booted-system", "old", RootKind::System),
        process(&graph, 7, "tool"),
        process(&graph, 7, "lib"),
        process(&graph, 8, "lib"),
    ];
    let listed = GcRoots {
        roots,
        ..GcRoots::default()
    };
    let found = StoreRoots::of(Arc::new(graph), listed, Keep::default(), &Progress::new());
    let found = found.expect("not cancelled");
    let table: Vec<_> = found
        .rows
        .iter()
        .map(|row| {
            let (closure, alone) = (row.closure.nar_size, row.alone.nar_size);
            let targets = names(&found.graph, &row.targets);
            let others = (row.others.all, row.others.first.clone());
            format!("{} {targets} {closure} {alone} {others:?}", found.name(row))
        })
        .collect();
    assert_eq!(
        table,
        [
            "/run/booted-system old 82 0 (2, [2, 3])",
            "/p/system-2-link new 31 1 (0, [])",
            "/p/system-1-link old 82 0 (2, [0, 3])",
            "/a/result and 1 more old 82 0 (2, [0, 2])",
            "process 7 tool lib 89 9 (0, [])",
            "process 8 lib 30 0 (5, [0, 1, 2, 3, 4])",
        ]
    );
    assert_eq!(found.alive.nar_size, 92);
    assert_eq!(names(&found.graph, &found.dead), "lost");
    let freed = |rows: &[usize]| {
        let freed = found.freed(rows);
        let paths: Vec<_> = freed.paths.iter().collect();
        assert_eq!(freed.total, Total::of(&found.graph, &freed.paths));
        names(&found.graph, &paths)
    };
    assert_eq!(freed(&[0, 2]), "");
    assert_eq!(freed(&[0, 2, 3]), "old");
    assert_eq!(freed(&[0, 2, 3, 4]), "old perl tool");
    assert_eq!(
        found.commands(&[0, 3]),
        [
            "rm /a/result",
            "rm /b/result",
            "# /run/booted-system: held until the next boot",
            "nix-collect-garbage"
        ]
    );
    let perl = id(&found.graph, "perl");
    assert_eq!(found.rows_of(perl), [0, 2, 3, 4]);
    let way = found.way(4, perl).expect("a way");
    assert_eq!(names(&found.graph, &way), "tool perl");
}
