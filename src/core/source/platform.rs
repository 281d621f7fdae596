//! For which platform a C library was made: as its own file says, else as its derivation does.

use super::drv::{DrvFiles, is_derivation};
use super::files::machine;
use super::files::places::StoreFiles;
use crate::model::{PathId, StoreGraph};

/// The platform, as Nix calls it where it has a name; `None` where neither file is on this machine.
///
/// The file counts first: what a cross compiler makes is for another platform than its derivation is carried out on.
pub fn platform(files: &StoreFiles, graph: &StoreGraph, id: PathId) -> Option<String> {
    let base_name = graph.base_name(id);
    if is_derivation(base_name) {
        return system(files, graph, base_name);
    }
    machine::platform(files, base_name).or_else(|| {
        let deriver = graph.details(id)?.deriver?;
        system(files, graph, deriver.rsplit('/').next()?)
    })
}

/// The system that a derivation is carried out on.
fn system(files: &StoreFiles, graph: &StoreGraph, base_name: &str) -> Option<String> {
    let place = files.locate(base_name)?;
    let folder = DrvFiles::in_folder(place.parent()?, graph.store_dir());
    folder
        .read(base_name)
        .ok()?
        .map(|derivation| derivation.system)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::model::{GraphBuilder, PathInfo, StoreDir};

    #[test]
    fn a_derivation_tells_where_no_library_does() {
        let store = tempfile::tempdir().expect("a directory");
        let dir = StoreDir::default();
        let base = format!("{}-glibc-2.40.drv", "0".repeat(32));
        let place = store.path().join(dir.as_str().trim_start_matches('/'));
        fs::create_dir_all(&place).expect("a store");
        let text = r#"Derive([("out","/nix/store/11111111111111111111111111111111-glibc-2.40","","")],[],[],"i686-linux","/bin/sh",[],[("out","/nix/store/11111111111111111111111111111111-glibc-2.40")])"#;
        fs::write(place.join(&base), text).expect("it is written");
        let mut builder = GraphBuilder::new(dir.clone(), false);
        builder.add(&base, PathInfo::default());
        let graph = builder.finish(&[]).graph;
        let files = StoreFiles::below(store.path(), &dir);
        let id = graph.ids().next().expect("the derivation");
        assert_eq!(platform(&files, &graph, id).as_deref(), Some("i686-linux"));
        fs::remove_file(place.join(&base)).expect("it is there");
        assert_eq!(platform(&files, &graph, id), None);
    }
}
