//! Roots that are one packed file, an image or an archive: Nix does not see what is in it, so nothing can be said about it.

use crate::model::{Closure, StoreGraph, Warnings};

/// How names of packed files end.
const PACKED: &[&str] = &[
    ".iso",
    ".img",
    ".raw",
    ".qcow2",
    ".vmdk",
    ".vdi",
    ".vhd",
    ".vhdx",
    ".ova",
    ".squashfs",
    ".erofs",
    ".cpio",
    ".tar",
    ".tar.gz",
    ".tgz",
    ".tar.xz",
    ".tar.zst",
    ".tar.bz2",
    ".zip",
];

/// Says of roots that are one packed file what to open in their place.
pub(super) fn warn(graph: &StoreGraph, closure: &Closure, warnings: &mut Warnings) {
    for &root in closure.roots() {
        let name = graph.name(root);
        let is_packed = PACKED.iter().any(|end| name.ends_with(end));
        if is_packed && graph.references(root).is_empty() && !graph.is_missing(root) {
            warnings.add(
                "a root is one packed file, in which no references can be seen: open what it was made of, or its derivation \
                 with --derivation",
                graph.base_name(root),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::graph;

    #[test]
    fn a_packed_root_is_told_and_nothing_else() {
        let told = |text: &str| {
            let (graph, closure) = graph(text);
            let mut warnings = Warnings::new();
            warn(&graph, &closure, &mut warnings);
            warnings.into_vec().len()
        };
        assert_eq!(told("nixos-25.11.iso 9"), 1);
        assert_eq!(told("docker-image-app.tar.gz 9"), 1);
        assert_eq!(told("image.tar.gz 9 -> app"), 0);
        assert_eq!(told("app -> image.tar.gz"), 0);
        assert_eq!(told("system 9"), 0);
    }
}
