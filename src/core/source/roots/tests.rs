//! Links of every kind, in a store of the system and in one below a directory.

use std::os::unix::fs::symlink;

use tempfile::TempDir;

use super::*;
use crate::testing::hash_part;

fn base() -> String {
    format!("{}-hello", hash_part(1))
}

/// A directory with a store below it that has `hello` with a file in it.
struct Lab {
    dir: TempDir,
}

impl Lab {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let lab = Self { dir };
        fs::create_dir_all(lab.at(&format!("{}/{}/bin", store(), base()))).expect("a store");
        fs::write(lab.at(&format!("{}/{}/bin/hello", store(), base())), "").expect("a file");
        lab
    }

    fn at(&self, path: &str) -> PathBuf {
        self.root().join(path.trim_start_matches('/'))
    }

    fn root(&self) -> PathBuf {
        fs::canonicalize(self.dir.path()).expect("a directory")
    }

    /// A link at `path` below the directory.
    fn link(&self, path: &str, target: impl AsRef<Path>) -> PathBuf {
        let link = self.at(path);
        fs::create_dir_all(link.parent().expect("a parent")).expect("a directory");
        symlink(target, &link).expect("a link");
        link
    }

    fn place(&self) -> StorePlace {
        StorePlace::new(self.root(), StoreDir::default(), self.at("nix/var/nix"))
    }

    fn user(&self) -> UserEnvironment {
        UserEnvironment {
            current_dir: self.at("work"),
            home: Some(self.at("home/u")),
            state_home: Some(self.at("home/u/.local/state")),
            name: Some("u".to_owned()),
            ..UserEnvironment::default()
        }
    }

    fn resolve(&self, typed: &str) -> Result<String, SourceError> {
        let dir = StoreDir::default();
        self.place().resolve(typed, &self.user(), &dir)
    }
}

fn store() -> String {
    StoreDir::default().to_string()
}

#[test]
fn paths_in_the_store_need_not_exist() {
    let lab = Lab::new();
    let gone = format!("{}-gone", hash_part(2));
    for (typed, expected) in [
        (base(), base()),
        (gone.clone(), gone.clone()),
        (format!("{}/{gone}", store()), gone.clone()),
        (format!("{}/{gone}/bin/x", store()), gone.clone()),
        (format!("{}//{gone}/./bin/", store()), gone.clone()),
        (lab.at(&store()).join(base()).display().to_string(), base()),
        (
            lab.at(&store()).join(&gone).display().to_string(),
            gone.clone(),
        ),
    ] {
        assert_eq!(
            lab.resolve(&typed).expect("a store path"),
            expected,
            "{typed}"
        );
    }
}

#[test]
fn links_are_followed_to_the_store() {
    let lab = Lab::new();
    let target = format!("{}/{}", store(), base());
    lab.link("work/result", &target);
    lab.link("work/tool", format!("{target}/bin/hello"));
    lab.link("work/chain", "../work/./result");
    lab.link("work/through", "/nix/var/nix/profiles/system");
    lab.link("nix/var/nix/profiles/system", "system-2-link");
    lab.link("nix/var/nix/profiles/system-2-link", &target);
    lab.link("work/physical", lab.at(&target));
    lab.link("work/folder", "/nix");
    for typed in [
        "result",
        "./result",
        "result/bin/hello",
        "tool",
        "chain",
        "through",
        "../nix/var/nix/profiles/system",
        "/nix/var/nix/profiles/system/bin",
        "physical",
    ] {
        assert_eq!(lab.resolve(typed).expect(typed), base(), "{typed}");
    }
    let typed = format!("folder/store/{}", base());
    assert_eq!(lab.resolve(&typed).expect("a store path"), base());
}

#[test]
fn the_root_itself_may_be_behind_a_link() {
    let lab = Lab::new();
    let link = lab.link("alias", lab.root());
    let place = StorePlace::new(&link, StoreDir::default(), link.join("nix/var/nix"));
    let typed = format!("{}{}/{}/bin", link.display(), store(), base());
    let resolved = place.resolve(&typed, &lab.user(), &StoreDir::default());
    assert_eq!(resolved.expect("a store path"), base());
}

#[test]
fn what_leads_nowhere_is_an_error() {
    let lab = Lab::new();
    lab.link("work/dangling", "missing");
    lab.link("work/loop", "loop");
    fs::write(lab.at("work/file"), "").expect("a file");
    for typed in ["missing", "dangling", "loop", "file/x", ""] {
        let error = lab.resolve(typed).expect_err(typed);
        let read = matches!(&error, SourceError::Read { .. });
        assert!(read || typed.is_empty(), "{typed}: {error}");
    }
    for typed in ["file", ".", "/", &store()] {
        let error = lab.resolve(typed).expect_err(typed);
        assert!(
            matches!(&error, SourceError::NotAStorePath { root } if root == typed),
            "{error}"
        );
    }
}

#[test]
fn a_store_below_a_directory_has_its_own_default_roots() {
    let lab = Lab::new();
    assert_eq!(
        lab.place().default_roots(&lab.user(), &StoreDir::default()),
        []
    );
    let target = format!("{}/{}", store(), base());
    let system = lab.link("nix/var/nix/profiles/system", &target);
    // That of the user's home belongs to another store.
    lab.link("home/u/.nix-profile", &target);
    let found = lab.place().default_roots(&lab.user(), &StoreDir::default());
    assert_eq!(found, [(system, base())]);
    let current = lab.link("run/current-system", &target);
    let stale = lab.link("nix/var/nix/profiles/default", "gone");
    let found = lab.place().default_roots(&lab.user(), &StoreDir::default());
    assert_eq!(found, [(current, base()), (stale, String::new())]);
}

#[test]
fn the_user_s_environment_is_as_the_variables_say() {
    let of = |pairs: &'static [(&str, &str)]| {
        let variable = |name: &str| {
            let pair = pairs.iter().find(|(key, _)| *key == name)?;
            Some(OsString::from(pair.1))
        };
        UserEnvironment::from_variables(&variable, PathBuf::from("/w"))
    };
    assert_eq!(of(&[]).state_home, None);
    let plain = of(&[("HOME", "/h"), ("USER", "u")]);
    assert_eq!(plain.state_home, Some(PathBuf::from("/h/.local/state")));
    assert_eq!(plain.data_home, Some(PathBuf::from("/h/.local/share")));
    let moved = of(&[("HOME", "/h"), ("XDG_STATE_HOME", "/s"), ("LOGNAME", "l")]);
    assert_eq!(moved.state_home, Some(PathBuf::from("/s")));
    assert_eq!(moved.name.as_deref(), Some("l"));
}

#[test]
fn two_dots_lead_out_of_a_path_again() {
    let lab = Lab::new();
    let other = format!("{}-other", hash_part(2));
    fs::create_dir_all(lab.at(&format!("{}/{other}/lib", store()))).expect("a path");
    let real = lab.at(&format!("{}/{}", store(), base()));
    for typed in [
        format!("{}/../{other}", real.display()),
        format!("{}/bin/../../{other}/lib", real.display()),
    ] {
        assert_eq!(lab.resolve(&typed).expect("a path"), other, "{typed}");
    }
    let typed = format!("{}/bin/../bin/hello", real.display());
    assert_eq!(lab.resolve(&typed).expect("a path"), base());
}

#[test]
fn a_link_is_followed_whether_or_not_the_store_path_is_there() {
    let lab = Lab::new();
    let dir = StoreDir::default();
    let gone = format!("{}/{}", store(), base());
    lab.link("work/hello", format!("{gone}/bin"));
    lab.link("work/by-way", "hello");
    lab.link("work/elsewhere", "/etc");
    let follows = |typed: &str| followed(typed, &lab.user(), &dir);
    for typed in ["hello", "./by-way", "../work/hello"] {
        assert_eq!(follows(typed).as_deref(), Some(&*gone), "{typed}");
    }
    for typed in ["elsewhere", "nowhere", "/", ""] {
        assert_eq!(follows(typed), None, "{typed}");
    }
}

#[test]
fn a_link_into_a_store_that_is_not_on_this_machine_is_followed_by_its_text() {
    let lab = Lab::new();
    let dir = StoreDir::new("/nowhere/on/this/machine/store").expect("absolute");
    assert!(!Path::new(dir.as_str()).exists(), "no machine has this");
    let (gone, other) = (format!("{dir}/{}", base()), format!("{}-x", hash_part(2)));
    lab.link("work/hello", format!("{gone}/bin"));
    lab.link("work/by-way", "./hello");
    lab.link("work/far", lab.at("work/by-way"));
    lab.link("work/back", format!("{gone}/../{other}"));
    lab.link("work/beside", "/nowhere/on/this/machine/else/x");
    let follows = |typed: &str| followed(typed, &lab.user(), &dir);
    for typed in ["hello", "./by-way", "../work/far"] {
        assert_eq!(follows(typed).as_deref(), Some(&*gone), "{typed}");
    }
    // What `..` means there cannot be known.
    for typed in ["back", "beside"] {
        assert_eq!(follows(typed), None, "{typed}");
    }
    assert!(lab.place().resolve("beside", &lab.user(), &dir).is_err());
}
