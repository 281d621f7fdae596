//! What derivations make, and what they need where the database does not say.

use super::*;

fn loaded(lab: &Lab, root: &str) -> Loaded {
    let database = lab.database().for_derivations(true);
    let loaded = database.load(&roots(&[root]), &Progress::new());
    loaded.expect("a build-time closure")
}

fn insert_output(lab: &Lab, row: u64, output: &str, path: &str) {
    lab.execute(&format!(
        "INSERT INTO DerivationOutputs VALUES ({row}, '{output}', '/nix/store/{path}')"
    ));
}

#[test]
fn outputs_stand_beside_their_derivations() {
    let lab = Lab::of("x.drv 1 -> y.drv\ny.drv 2 -> sh\nsh 1\nx 300\nx-dev 40\ny ?");
    insert_output(&lab, 1, "out", &base(3, "x"));
    insert_output(&lab, 1, "dev", &base(4, "x-dev"));
    insert_output(&lab, 1, "man", &base(99, "x-man"));
    insert_output(&lab, 2, "out", &base(5, "y"));
    let loaded = loaded(&lab, &base(0, "x.drv"));
    let graph = &loaded.graph;
    let id = |n, name: &str| graph.find(&base(n, name)).expect("a path");
    let told = |id| {
        let outputs = graph.outputs(id).expect("known").iter();
        let line = |o: &crate::model::Output| (o.name.clone(), o.valid, o.nar_size.get());
        outputs.map(line).collect::<Vec<_>>()
    };
    assert_eq!(
        told(id(0, "x.drv")),
        [
            ("dev".to_owned(), true, Some(40)),
            ("man".to_owned(), false, None),
            ("out".to_owned(), true, Some(300)),
        ]
    );
    assert_eq!(graph.outputs_size(id(0, "x.drv")), Some(340));
    assert_eq!(told(id(1, "y.drv")), [("out".to_owned(), true, None)]);
    assert_eq!(graph.outputs_size(id(1, "y.drv")), None);
    assert_eq!(told(id(2, "sh")), []);
    assert!(!lab.whole().graph.knows_outputs(), "not asked for");
}

#[test]
fn without_a_table_of_outputs_the_closure_is_read_all_the_same() {
    let lab = Lab::of("x.drv 1 -> sh\nsh 1");
    lab.execute("DROP TABLE DerivationOutputs");
    let loaded = loaded(&lab, &base(0, "x.drv"));
    assert_eq!(loaded.graph.len(), 2);
    assert!(!loaded.graph.knows_outputs());
    let lines = lines(&loaded);
    assert!(
        lines[0].starts_with("the outputs of derivations are not known"),
        "{lines:?}"
    );
}
