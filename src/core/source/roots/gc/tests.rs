//! Links of every kind below a store of our own.

use std::fs;
use std::os::unix::fs::symlink;

use tempfile::TempDir;

use super::*;
use crate::testing::hash_part;

struct Lab {
    dir: TempDir,
}

fn base(n: u64) -> String {
    format!("{}-p{n}", hash_part(n))
}

fn store_path(n: u64) -> String {
    format!("{}/{}", StoreDir::default(), base(n))
}

impl Lab {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        Self { dir }
    }

    fn root(&self) -> PathBuf {
        fs::canonicalize(self.dir.path()).expect("a directory")
    }

    fn at(&self, path: &str) -> PathBuf {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        path
    }

    fn link(&self, path: &str, target: impl AsRef<Path>) {
        symlink(target, self.at(path)).expect("a link");
    }

    fn list(&self) -> GcRoots {
        let place = StorePlace::new(self.root(), StoreDir::default(), self.at("nix/var/nix"));
        list(&place, &StoreDir::default(), &Progress::new()).expect("a list")
    }

    /// Each root as `link target kind`.
    fn told(&self, roots: &GcRoots) -> Vec<String> {
        let root = self.root();
        let line = |root: &Path, it: &GcRoot| {
            let link = it.link.strip_prefix(root).unwrap_or(&it.link).display();
            format!("{link} {} {}", &it.target[HASH_PART..], it.kind.word())
        };
        roots.roots.iter().map(|it| line(&root, it)).collect()
    }
}

impl Lab {
    /// Each broken link as `link problem`.
    fn broken(&self, roots: &GcRoots) -> Vec<String> {
        let root = self.root();
        let line = |it: &BrokenLink| {
            let link = it.link.strip_prefix(&root).unwrap_or(&it.link).display();
            format!("{link} {}", it.problem.word())
        };
        roots.broken.iter().map(line).collect()
    }
}

const HASH_PART: usize = crate::model::store_path::HASH_PART_LEN + 1;

#[test]
fn roots_are_found_as_nix_finds_them() {
    let lab = Lab::new();
    let state = "nix/var/nix";
    lab.link("run/current-system", store_path(1));
    lab.link(
        &format!("{state}/gcroots/current-system"),
        "/run/current-system",
    );
    lab.link(
        &format!("{state}/gcroots/profiles"),
        "/nix/var/nix/profiles",
    );
    lab.link(
        &format!("{state}/gcroots/own"),
        format!("{}/bin/x", store_path(2)),
    );
    lab.link("home/result", store_path(3));
    lab.link(&format!("{state}/gcroots/auto/abc"), lab.at("home/result"));
    lab.link(&format!("{state}/gcroots/auto/gone"), lab.at("home/gone"));
    lab.link(
        "home/.local/state/nix/profiles/profile-7-link",
        store_path(4),
    );
    lab.link(
        &format!("{state}/gcroots/auto/def"),
        lab.at("home/.local/state/nix/profiles/profile-7-link"),
    );
    lab.link(&format!("{state}/profiles/system"), "system-2-link");
    let manifest = lab.at("home/.local/state/nix/profiles/profile/manifest.json");
    fs::write(manifest, "{}").expect("a file");
    lab.link(&format!("{state}/profiles/system-1-link"), store_path(5));
    lab.link(&format!("{state}/profiles/system-2-link"), store_path(6));
    lab.link(
        &format!("{state}/profiles/per-user/u/channels-1-link"),
        store_path(7),
    );
    fs::write(lab.at(&format!("{state}/gcroots/{}", base(8))), "").expect("a file");
    // Nix follows one link beyond the first, not two.
    lab.link("home/first", "second");
    lab.link("home/second", lab.at("home/result"));
    lab.link(&format!("{state}/gcroots/auto/far"), lab.at("home/first"));
    let found = lab.list();
    assert_eq!(
        lab.told(&found),
        [
            "home/.local/state/nix/profiles/profile-7-link p4 profile",
            "home/result p3 result",
            &format!("nix/var/nix/gcroots/{} p8 link", base(8)),
            "nix/var/nix/gcroots/own p2 link",
            "nix/var/nix/profiles/per-user/u/channels-1-link p7 profile",
            "nix/var/nix/profiles/system-1-link p5 profile",
            "nix/var/nix/profiles/system-2-link p6 profile",
            "run/current-system p1 system",
        ]
    );
    let gone = lab.at("nix/var/nix/gcroots/auto/gone");
    assert_eq!(
        lab.broken(&found),
        ["nix/var/nix/gcroots/auto/gone dangling"]
    );
    assert!(found.warnings.is_empty());
    assert!(fs::symlink_metadata(gone).is_ok(), "nothing is deleted");
    let groups: Vec<_> = found.roots.iter().map(|it| it.group().word()).collect();
    let expected = [
        "userProfile",
        "result",
        "link",
        "link",
        "userProfile",
        "systemProfile",
        "systemProfile",
        "system",
    ];
    assert_eq!(groups, expected);
    let generations: Vec<_> = found
        .roots
        .iter()
        .filter_map(|it| it.generation.as_ref())
        .map(|it| (it.number, it.current, it.has_manifest))
        .collect();
    let expected = [
        (7, false, true),
        (1, false, false),
        (1, false, false),
        (2, true, false),
    ];
    assert_eq!(generations, expected);
    let registered = found.roots.iter().find(|it| it.kind == RootKind::Result);
    let registered = registered.and_then(|it| it.registered.clone());
    assert_eq!(registered, Some(lab.at("nix/var/nix/gcroots/auto/abc")));
    assert!(
        found
            .roots
            .iter()
            .all(|root| root.owner.is_some() && root.created.is_some())
    );
}

#[test]
fn a_loop_of_links_ends() {
    let lab = Lab::new();
    lab.link("nix/var/nix/gcroots/a", "b");
    lab.link("nix/var/nix/gcroots/b", "a");
    lab.link("nix/var/nix/gcroots/dir", ".");
    lab.link("nix/var/nix/gcroots/self", "self");
    lab.link("nix/var/nix/gcroots/through", "self/x");
    lab.link("nix/var/nix/gcroots/below-file", "file/x");
    fs::write(lab.at("nix/var/nix/gcroots/file"), "").expect("a file");
    let found = lab.list();
    assert_eq!(found.roots, []);
    let broken = ["a", "b", "below-file", "self", "through"];
    let problems = ["circular", "circular", "dangling", "circular", "circular"];
    let expected: Vec<_> = broken
        .iter()
        .zip(problems)
        .map(|(link, problem)| format!("nix/var/nix/gcroots/{link} {problem}"))
        .collect();
    assert_eq!(lab.broken(&found), expected);
}

#[test]
fn names_that_are_no_text_or_would_act_on_a_terminal_are_roots_all_the_same() {
    use std::os::unix::ffi::OsStrExt;
    let lab = Lab::new();
    let state = "nix/var/nix/gcroots";
    for name in [&b"\x1b[2J"[..], b"line\nbreak", b"\xff\xfe", b"-rf *"] {
        let dir = lab.at(&format!("{state}/x"));
        let link = dir.with_file_name(std::ffi::OsStr::from_bytes(name));
        symlink(store_path(1), link).expect("a link");
    }
    lab.link(&format!("{state}/long"), "x".repeat(4000));
    lab.link(&format!("{state}/outside"), "/nix/store/../../etc");
    lab.link(&format!("{state}/store"), "/nix/store");
    let found = lab.list();
    assert_eq!(found.roots.len(), 4);
    assert!(found.roots.iter().all(|root| root.target == base(1)));
}

#[test]
fn links_that_change_while_they_are_read_are_there_or_not() {
    use std::sync::atomic::{AtomicBool, Ordering};
    let lab = Lab::new();
    let link = lab.at("nix/var/nix/gcroots/changing");
    lab.link("nix/var/nix/gcroots/fixed", store_path(1));
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for turn in 0.. {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                let _ = match turn % 4 {
                    0 => symlink(store_path(2), &link),
                    2 => fs::write(&link, ""),
                    _ => fs::remove_file(&link),
                };
            }
        });
        for _ in 0..300 {
            let found = lab.list();
            let fixed = found.roots.iter().any(|root| root.target == base(1));
            assert!(fixed && found.roots.len() <= 2, "{:?}", found.roots);
            assert!(found.warnings.is_empty() && found.broken.is_empty());
        }
        done.store(true, Ordering::Relaxed);
    });
}

#[test]
fn only_living_processes_hold_what_they_have_claimed() {
    let lab = Lab::new();
    let claimed = format!("{}\0{}\0", store_path(1), store_path(2));
    let own = std::process::id();
    fs::write(lab.at(&format!("nix/var/nix/temproots/{own}")), &claimed).expect("a file");
    fs::write(lab.at("nix/var/nix/temproots/4294967295"), store_path(3)).expect("a file");
    let found = lab.list();
    let link = format!("nix/var/nix/temproots/{own}");
    assert_eq!(
        lab.told(&found),
        [
            format!("{link} p1 temporary"),
            format!("{link} p2 temporary")
        ]
    );
}

#[test]
fn processes_hold_what_they_use() {
    let lab = Lab::new();
    lab.link("proc/12/exe", format!("{}/bin/x", store_path(1)));
    lab.link("proc/12/cwd", "/");
    lab.link("proc/12/fd/3", format!("{}/lib/y (deleted)", store_path(2)));
    let maps = format!(
        "7f-80 r-xp 0 0:0 1 {}/lib/z.so\n80-81 r-xp {}\n",
        store_path(3),
        store_path(1)
    );
    fs::write(lab.at("proc/12/maps"), maps).expect("a file");
    let environ = format!(
        "PATH={}/bin:{}/bin\0X={}/short",
        store_path(4),
        store_path(3),
        StoreDir::default()
    );
    fs::write(lab.at("proc/12/environ"), environ).expect("a file");
    lab.link("proc/13/exe", store_path(1));
    fs::write(lab.at("proc/13/comm"), "sleeper\n").expect("a file");
    lab.link("proc/self/exe", store_path(9));
    let dir = StoreDir::default();
    let place = StorePlace::new(lab.root(), dir.clone(), lab.at("nix/var/nix"));
    let progress = Progress::new();
    let mut search = RootSearch::new(&place, &dir, &progress);
    search.processes(&lab.at("proc")).expect("not cancelled");
    let found = search.finish();
    assert_eq!(
        lab.told(&found),
        [
            "proc/12/environ p4 process",
            "proc/12/exe p1 process",
            "proc/12/fd/3 p2 process",
            "proc/12/maps p3 process",
            "proc/13/exe p1 process"
        ]
    );
    let process = |at: usize| found.roots[at].process.clone();
    assert_eq!(process(0).map(|it| it.number), Some(12));
    let name = process(4).and_then(|it| it.name);
    assert_eq!(name.as_deref(), Some("sleeper"));
    assert!(
        found
            .roots
            .iter()
            .all(|it| it.group() == RootGroup::Process)
    );
    assert!(found.warnings.is_empty());
}
