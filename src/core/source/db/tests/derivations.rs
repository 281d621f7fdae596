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

/// A derivation with two outputs, built from another one and a source.
fn drv_file(lab: &Lab, base_name: &str, needs: &str, source: &str) {
    let quoted = |name: &str| format!("\"/nix/store/{name}\"");
    let (dev, out) = (base(4, "x-dev"), base(3, "x"));
    let inputs = if needs.is_empty() {
        String::new()
    } else {
        format!("({},[\"out\"])", quoted(needs))
    };
    let text = format!(
        "Derive([(\"dev\",{},\"\",\"\"),(\"out\",{},\"\",\"\")],[{inputs}],[{}],\"x\",\"sh\",[],[])",
        quoted(&dev),
        quoted(&out),
        quoted(source),
    );
    let folder = lab.dir.path().join("nix/store");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join(base_name), text).expect("a file");
}

#[test]
fn files_of_derivations_go_on_where_the_database_ends() {
    let lab = Lab::of("x.drv 1\nz.drv 2 -> sh\nsh 1\nx 300");
    let unrecorded = base(50, "y.drv");
    drv_file(
        &lab,
        &base(0, "x.drv"),
        &unrecorded,
        &base(60, "builder.sh"),
    );
    drv_file(&lab, &unrecorded, &base(1, "z.drv"), &base(2, "sh"));
    let loaded = loaded(&lab, &base(0, "x.drv"));
    let graph = &loaded.graph;
    assert_eq!(
        names(graph, &graph.ids().collect::<Vec<_>>()),
        "x.drv z.drv sh y.drv builder.sh"
    );
    let id = |n, name: &str| graph.find(&base(n, name)).expect("a path");
    assert_eq!(graph.nar_size(id(0, "x.drv")), Some(1), "as recorded");
    let file = fs::read(lab.dir.path().join("nix/store").join(&unrecorded)).expect("a file");
    let nar = 112 + file.len().next_multiple_of(8);
    assert_eq!(graph.nar_size(id(50, "y.drv")), Some(nar as u64));
    assert!(graph.is_missing(id(60, "builder.sh")));
    assert_eq!(graph.outputs_size(id(0, "x.drv")), Some(300));
    let told = lines(&loaded);
    let from_files =
        "derivations whose references are not in the database, read from their files: ";
    assert!(
        told.iter().any(|line| line.contains("builder.sh")),
        "{told:?}"
    );
    assert!(
        told.iter().any(|line| line.starts_with(from_files)),
        "{told:?}"
    );
}

#[test]
fn a_derivation_that_needs_nothing_is_no_news() {
    let lab = Lab::of("x.drv 1");
    let text = "Derive([],[],[],\"x\",\"sh\",[],[])";
    let folder = lab.dir.path().join("nix/store");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join(base(0, "x.drv")), text).expect("a file");
    let known = loaded(&lab, &base(0, "x.drv"));
    assert_eq!((known.graph.len(), lines(&known)), (1, vec![]));
    // A folder of that name is no derivation.
    fs::remove_file(folder.join(base(0, "x.drv"))).expect("a file");
    fs::create_dir(folder.join(base(0, "x.drv"))).expect("a folder");
    let odd = lines(&loaded(&lab, &base(0, "x.drv")));
    assert!(odd[0].contains("(not a regular file)"), "{odd:?}");
}
