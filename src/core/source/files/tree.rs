//! The files of one store path as directories, the largest first: what disk usage tools show.

use std::cmp::Reverse;
use std::path::{Component, Path};

use hashbrown::HashMap;

use crate::analysis::file_category::{Categories, CategoryId};
use crate::job::{Cancelled, Progress};
use crate::model::{PathId, StoreGraph};

use super::contents::Contents;
use super::inventory::Inventory;
use super::kinds;
use super::places::StoreFiles;

/// A directory or a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its name; empty for the store path itself.
    pub name: String,
    /// Bytes of it, or of all files below it.
    pub bytes: u64,
    /// Regular files and links below it; 1 for a file.
    pub files: u64,
    /// Whether it is a directory.
    pub directory: bool,
    /// The number of the directory it is in; its own for the store path itself.
    pub parent: usize,
    /// The numbers of what is in it, the largest first.
    pub inside: Vec<usize>,
}

/// All of them, the store path itself first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileTree {
    nodes: Vec<Node>,
    by_category: bool,
}

impl FileTree {
    /// Directories out of files, given as places in the path with lengths in bytes.
    pub fn of<'a>(files: impl IntoIterator<Item = (&'a Path, u64)>) -> Self {
        let mut tree = Self {
            nodes: vec![Node::directory(String::new(), 0)],
            by_category: false,
        };
        let mut known: HashMap<(usize, String), usize> = HashMap::new();
        for (relative, length) in files {
            let mut at = 0;
            for part in relative.components() {
                let Component::Normal(name) = part else {
                    continue;
                };
                let name = name.to_string_lossy().into_owned();
                at = *known
                    .entry((at, name))
                    .or_insert_with_key(|(parent, name)| {
                        tree.nodes.push(Node::directory(name.clone(), *parent));
                        let child = tree.nodes.len() - 1;
                        tree.nodes[*parent].inside.push(child);
                        child
                    });
            }
            tree.nodes[at].directory = false;
            tree.add(at, length);
        }
        tree.sort();
        tree
    }

    /// Categories in place of files that are elsewhere: all that a snapshot or a listing has kept of them.
    pub fn of_contents(
        contents: &Contents,
        categories: &Categories,
        category: Option<CategoryId>,
    ) -> Self {
        let mut tree = Self {
            nodes: vec![Node::directory(String::new(), 0)],
            by_category: true,
        };
        let tallies = contents.tallies.iter().zip(categories.as_slice());
        for (at, (tally, of)) in tallies.enumerate() {
            if tally.files == 0 || category.is_some_and(|one| one != at) {
                continue;
            }
            let number = tree.nodes.len();
            tree.nodes.push(Node {
                bytes: tally.bytes,
                files: tally.files,
                directory: false,
                ..Node::directory(of.title.clone(), 0)
            });
            let path = &mut tree.nodes[0];
            path.inside.push(number);
            path.bytes = path.bytes.saturating_add(tally.bytes);
            path.files = path.files.saturating_add(tally.files);
        }
        tree.sort();
        tree
    }

    /// Whether it has categories in place of files, because the files are elsewhere.
    pub fn is_by_category(&self) -> bool {
        self.by_category
    }

    /// Reads the files of a path, or their categories where only those are known; `None` if nothing is. Of a category,
    /// only its files.
    pub fn read(
        files: &StoreFiles,
        graph: &StoreGraph,
        id: PathId,
        category: Option<CategoryId>,
        progress: &Progress,
    ) -> Result<Option<Self>, Cancelled> {
        let inventory = Inventory::read(files, graph, [id], progress)?;
        let categories = Categories::built_in();
        if !inventory.absent.is_empty() {
            let saved = files.found().contents.get(&id);
            return Ok(saved.map(|saved| Self::of_contents(saved, &categories, category)));
        }
        let mut of = kinds::Telling::new(&inventory, &categories);
        let mut kept = Vec::new();
        for file in &inventory.files {
            progress.check()?;
            let wanted = category.is_none_or(|one| !file.symlink && of.category(file) == one);
            if wanted {
                kept.push((&*file.relative, file.length));
            }
        }
        Ok(Some(Self::of(kept)))
    }

    /// A directory or file by its number.
    pub fn get(&self, at: usize) -> Option<&Node> {
        self.nodes.get(at)
    }

    /// The place of a node in the store path, with slashes between.
    pub fn place(&self, mut at: usize) -> String {
        let mut names = Vec::new();
        while let Some(node) = self.nodes.get(at).filter(|_| at != 0) {
            names.push(node.name.as_str());
            at = node.parent;
        }
        names.reverse();
        names.join("/")
    }

    /// Counts a file for every directory above it.
    fn add(&mut self, mut at: usize, length: u64) {
        loop {
            let node = &mut self.nodes[at];
            node.bytes = node.bytes.saturating_add(length);
            node.files += 1;
            if at == 0 {
                return;
            }
            at = node.parent;
        }
    }

    fn sort(&mut self) {
        for at in 0..self.nodes.len() {
            let mut inside = std::mem::take(&mut self.nodes[at].inside);
            inside.sort_by(|&a, &b| {
                let (a, b) = (&self.nodes[a], &self.nodes[b]);
                Reverse(a.bytes)
                    .cmp(&Reverse(b.bytes))
                    .then(a.name.cmp(&b.name))
            });
            self.nodes[at].inside = inside;
        }
    }
}

impl Node {
    fn directory(name: String, parent: usize) -> Self {
        Self {
            name,
            bytes: 0,
            files: 0,
            directory: true,
            parent,
            inside: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::files::contents::Tally;

    fn shown(tree: &FileTree, at: usize) -> Vec<String> {
        let node = tree.get(at).expect("a node");
        let line = |&at: &usize| {
            let node = tree.get(at).expect("a node");
            let slash = if node.directory { "/" } else { "" };
            format!("{}{slash} {} {}", node.name, node.bytes, node.files)
        };
        node.inside.iter().map(line).collect()
    }

    #[test]
    fn directories_have_what_their_files_have() {
        let files = [
            ("bin/a", 5),
            ("share/man/man1/a.1", 70),
            ("share/x", 30),
            ("top", 5),
        ];
        let tree = FileTree::of(files.map(|(path, bytes)| (Path::new(path), bytes)));
        assert_eq!(shown(&tree, 0), ["share/ 100 2", "bin/ 5 1", "top 5 1"]);
        let share = tree.get(0).expect("the path").inside[0];
        assert_eq!(shown(&tree, share), ["man/ 70 1", "x 30 1"]);
        assert_eq!(
            tree.place(tree.get(share).expect("share").inside[1]),
            "share/x"
        );
        assert_eq!(
            tree.get(0).map(|node| (node.bytes, node.files)),
            Some((110, 4))
        );
    }

    #[test]
    fn categories_stand_in_for_files_that_are_elsewhere() {
        let categories = Categories::built_in();
        let mut tallies = vec![Tally::default(); categories.as_slice().len()];
        tallies[0] = Tally { files: 2, bytes: 5 };
        tallies[1] = Tally { files: 1, bytes: 7 };
        let contents = Contents {
            tallies,
            ..Contents::default()
        };
        let tree = FileTree::of_contents(&contents, &categories, None);
        let title = |at: usize| &categories.as_slice()[at].title;
        let expected = [format!("{} 7 1", title(1)), format!("{} 5 2", title(0))];
        assert!(tree.is_by_category());
        assert_eq!(shown(&tree, 0), expected);
        let path = tree.get(0).expect("the path");
        assert_eq!((path.bytes, path.files), (12, 3));
        let one = FileTree::of_contents(&contents, &categories, Some(0));
        assert_eq!(shown(&one, 0), expected[1..]);
    }

    #[test]
    fn a_path_that_is_a_file_is_one() {
        let tree = FileTree::of([(Path::new(""), 7)]);
        let node = tree.get(0).expect("the path");
        assert_eq!((node.bytes, node.files, node.directory), (7, 1, false));
    }
}
