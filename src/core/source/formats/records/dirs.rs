//! In which directory the store is that a file tells of: where most of its paths are, whatever a stray one says.

use crate::model::StoreDir;
use crate::model::store_path::split_base_name;

/// This many paths are heard; the others would say the same.
const HEARD: usize = 1000;

/// The directory that most of the paths are in. What is not surely a store path has no voice, and where two directories
/// have as many, `/nix/store` counts, else the one named first.
pub(crate) fn common_dir<'t>(paths: impl IntoIterator<Item = &'t str>) -> Option<StoreDir> {
    let mut votes: Vec<(&str, usize)> = Vec::new();
    for dir in paths.into_iter().filter_map(dir_of).take(HEARD) {
        match votes.iter_mut().find(|(voted, _)| *voted == dir) {
            Some((_, count)) => *count += 1,
            None => votes.push((dir, 1)),
        }
    }
    let usual = StoreDir::default();
    // Of equals the last one is taken, hence backwards.
    let weighed = votes.iter().rev();
    let (dir, _) = weighed.max_by_key(|(dir, count)| (*count, *dir == usual.as_str()))?;
    StoreDir::new(dir)
}

/// The directory of what is surely the full path of something in a store.
pub(crate) fn dir_of(path: &str) -> Option<&str> {
    let (dir, base) = path.rsplit_once('/')?;
    (split_base_name(base).is_ok() && is_plain(dir)).then_some(dir)
}

/// Whether this is a full path of a directory, without `..`, and not inside a store path.
pub(crate) fn is_plain(dir: &str) -> bool {
    let odd = |part: &str| matches!(part, "" | "." | "..") || split_base_name(part).is_ok();
    dir.strip_prefix('/')
        .is_some_and(|dir| !dir.split('/').any(odd))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::hash_part;

    fn dir(paths: &[&str]) -> Option<String> {
        let paths: Vec<String> = paths
            .iter()
            .zip(0..)
            .map(|(path, n)| path.replace('#', &hash_part(n)))
            .collect();
        common_dir(paths.iter().map(String::as_str)).map(|dir| dir.to_string())
    }

    #[test]
    fn most_paths_decide_and_odd_ones_have_no_voice() {
        let cases: [(&[&str], Option<&str>); 8] = [
            (&["/etc/passwd", "/nix/store/#-a"], Some("/nix/store")),
            (&["/nix/store/#-a/", "/nix/store/#-b"], Some("/nix/store")),
            (
                &[
                    "/nix/store/#-a/#-b",
                    "/x/../y/#-c",
                    "/y//#-d",
                    "/gnu/store/#-e",
                ],
                Some("/gnu/store"),
            ),
            (&["/gnu/store/#-a", "/nix/store/#-b"], Some("/nix/store")),
            (
                &["/nix/store/#-a", "/gnu/store/#-b", "/gnu/store/#-c"],
                Some("/gnu/store"),
            ),
            (&["/b/s/#-a", "/a/s/#-b"], Some("/b/s")),
            (&["relative/#-a", "#-b", "/#-c", "", "/"], None),
            (&[], None),
        ];
        for (paths, expected) in cases {
            assert_eq!(dir(paths).as_deref(), expected, "{paths:?}");
        }
    }
}
