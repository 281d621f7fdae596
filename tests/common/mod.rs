//! A private store built by real Nix, for tests that hold our answers against Nix's own.
//!
//! Nix needs no root, daemon, sandbox or network for it: its directories are pointed into a temporary folder and the
//! builders are the machine's own shell. Without Nix such a test says so and passes, unless `NIX_HEFT_REQUIRE_NIX` is
//! set: then it fails.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use nix_heft::testing::Random;
use tempfile::TempDir;

const CONFIGURATION: &str = "sandbox = false\nbuild-users-group =\nsubstitute = false\nsubstituters =\n\
    experimental-features = nix-command\n";

/// One derivation with any number of outputs: each has its size in zeros and names its references in a file; a path
/// may name itself, the second output names the first.
const MAKE: &str = r#"
  mk = name: outputs: size: itself: refs: derivation {
    inherit name outputs size itself refs;
    system = builtins.currentSystem;
    builder = "/bin/sh";
    PATH = "/usr/bin:/bin";
    args = [ "-ec" ''
      for output in $outputs; do
        eval "path=\$$output"
        mkdir -p $path/share
        head -c $size /dev/zero > $path/share/data
        if [ $output = out ]; then
          echo "$refs" > $path/refs
          if [ -n "$itself" ]; then echo $out > $path/itself; fi
        else
          echo $out > $path/home
        fi
      done
    '' ];
  };
"#;

/// A store of real paths with its own database, gone when dropped.
pub(crate) struct NixStore {
    directory: TempDir,
    /// Whether it is a store whose `/` is a directory, instead of one with a store directory of its own.
    chroot: bool,
    /// The paths nothing else refers to, in the order they were built.
    pub(crate) tops: Vec<String>,
    /// Held as long as the store is at a place that others would take, too; given back after that is gone.
    lock: Option<File>,
}

impl NixStore {
    /// Builds `derivations` derivations that reference one another at random, under two tops. `None` without Nix.
    pub(crate) fn build(seed: u64, derivations: usize) -> Option<Self> {
        let mut store = Self::empty(false)?;
        let expression = store.expression(seed, derivations);
        let link = store.file("result").to_string_lossy().into_owned();
        let built = store.run("nix-build", &[&expression, "--quiet", "-o", &link]);
        store.tops = built.lines().map(str::to_owned).collect();
        assert_eq!(store.tops.len(), 2, "both tops were built");
        Some(store)
    }

    /// Writes the derivations of such a graph into a chroot store, without building them.
    pub(crate) fn chroot(seed: u64, derivations: usize) -> Option<Self> {
        let mut store = Self::empty(true)?;
        let expression = store.expression(seed, derivations);
        let written = store.run("nix-instantiate", &[&expression, "--quiet"]);
        store.tops = written.lines().map(str::to_owned).collect();
        assert_eq!(store.tops.len(), 2, "both tops were written");
        Some(store)
    }

    /// A store with nothing in it yet.
    pub(crate) fn plain() -> Option<Self> {
        Self::empty(false)
    }

    /// A store with nothing in it yet, at the same place and for the same machine whenever it is made: so that what is built
    /// in it has the same hashes. One test at a time has it.
    pub(crate) fn at_fixed_place() -> Option<Self> {
        if !nix_is_here() {
            return None;
        }
        let place = Path::new("/tmp/nix-heft-tutorial");
        let lock = File::create(place.with_extension("lock")).expect("a file for the lock");
        lock.lock().expect("the lock");
        if place.exists() {
            // A test was killed. What Nix registers may not be written to.
            let mut writable = Command::new("chmod");
            printed(writable.arg("-R").arg("u+w").arg(place));
            fs::remove_dir_all(place).expect("it can be removed");
        }
        let mut named = tempfile::Builder::new();
        let named = named
            .prefix(place.file_name().expect("a name"))
            .rand_bytes(0);
        Some(Self {
            directory: named.tempdir_in("/tmp").expect("a temporary folder"),
            chroot: false,
            tops: Vec::new(),
            lock: Some(lock),
        })
    }

    fn empty(chroot: bool) -> Option<Self> {
        nix_is_here().then(|| Self {
            directory: tempfile::tempdir().expect("a temporary folder"),
            chroot,
            tops: Vec::new(),
            lock: None,
        })
    }

    fn expression(&self, seed: u64, derivations: usize) -> String {
        let file = self.file("store.nix");
        fs::write(&file, random_expression(seed, derivations)).expect("the folder is writable");
        file.to_string_lossy().into_owned()
    }

    /// A file of the folder everything is in.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// What `--store` has to be to see this store.
    pub(crate) fn url(&self) -> String {
        if self.chroot {
            return self.file("root").to_string_lossy().into_owned();
        }
        let (store, state) = (self.file("store"), self.file("state"));
        format!("local?store={}&state={}", store.display(), state.display())
    }

    /// What has to be in the environment of Nix's programs so that they see nothing of the machine's own.
    fn environment(&self) -> Vec<(&'static str, OsString)> {
        let folders: &[_] = if self.chroot {
            &[("HOME", "home")]
        } else {
            &[
                ("HOME", "home"),
                ("NIX_STORE_DIR", "store"),
                ("NIX_STATE_DIR", "state"),
                ("NIX_LOG_DIR", "log"),
                ("NIX_LOCALSTATE_DIR", "var"),
            ]
        };
        let folders = folders
            .iter()
            .map(|(variable, name)| (*variable, self.file(name).into_os_string()));
        let mut variables: Vec<_> = folders.collect();
        variables.push(("NIX_CONF_DIR", self.file("conf").into_os_string()));
        variables.push(("XDG_CACHE_HOME", self.file("cache").into_os_string()));
        let system = if self.lock.is_some() {
            "system = x86_64-linux\n"
        } else {
            ""
        };
        variables.push(("NIX_CONFIG", format!("{CONFIGURATION}{system}").into()));
        let remote = if self.chroot {
            self.url()
        } else {
            "local".to_owned()
        };
        variables.push(("NIX_REMOTE", remote.into()));
        variables
    }

    /// What a program of Nix prints.
    ///
    /// # Panics
    /// If the program fails.
    pub(crate) fn run(&self, program: &str, arguments: &[&str]) -> String {
        printed(&mut self.command(program, arguments))
    }

    /// A program of Nix that sees this store.
    pub(crate) fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .envs(self.environment())
            .env_remove("NIX_PATH");
        command
    }

    /// What a line of shell does in a folder, with our own program and those of Nix at hand.
    pub(crate) fn shell(&self, line: &str, folder: &Path) -> Output {
        let ours = Path::new(env!("CARGO_BIN_EXE_nix-heft")).parent();
        let others = std::env::var_os("PATH").unwrap_or_default();
        let folders = ours.map(Path::to_owned).into_iter();
        let path = std::env::join_paths(folders.chain(std::env::split_paths(&others)));
        let mut command = self.command("sh", &["-c", line]);
        command
            .env("PATH", path.expect("names of folders"))
            .env("XDG_STATE_HOME", self.file("state-of-user"))
            .env_remove("XDG_CONFIG_HOME")
            .current_dir(folder);
        command.output().expect("there is a shell")
    }

    /// What our own program prints, with no more than Nix's own variables to find this store.
    ///
    /// # Panics
    /// If the program fails.
    pub(crate) fn heft(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nix-heft"));
        command.args(arguments).env_clear().envs(self.environment());
        printed(&mut command)
    }

    /// As [`NixStore::heft`], with what is said beside the answer, however it ends.
    pub(crate) fn heft_output(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nix-heft"));
        command.args(arguments).env_clear().envs(self.environment());
        command.output().expect("the program can be run")
    }

    /// The lines `nix-store` prints, as a set.
    pub(crate) fn query(&self, arguments: &[&str]) -> BTreeSet<String> {
        let text = self.run("nix-store", arguments);
        text.lines().map(str::to_owned).collect()
    }
}

fn printed(command: &mut Command) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().expect("the program can be run");
    assert!(
        status.success(),
        "{command:?} failed: {}",
        String::from_utf8_lossy(&stderr)
    );
    String::from_utf8(stdout).expect("programs print text")
}

/// Copies a folder of fixtures.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("the fixtures") {
        let entry = entry.expect("an entry");
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, &to).expect("a copy");
        }
    }
}

/// Whether there is a Nix to compare with. If not, says so on standard error, past the test harness.
///
/// # Panics
/// If there is none although `NIX_HEFT_REQUIRE_NIX` is set.
pub(crate) fn nix_is_here() -> bool {
    let here = ["nix-store", "nix-build", "nix"]
        .iter()
        .all(|program| Command::new(program).arg("--version").output().is_ok());
    if !here {
        assert!(
            std::env::var_os("NIX_HEFT_REQUIRE_NIX").is_none(),
            "NIX_HEFT_REQUIRE_NIX is set, but there is no Nix on this machine"
        );
        let note = "\nSKIPPED: there is no Nix on this machine, nothing was compared with it\n";
        std::io::stderr()
            .write_all(note.as_bytes())
            .expect("standard error is there");
    }
    here
}

/// The text of a Nix expression with a random graph of derivations.
fn random_expression(seed: u64, derivations: usize) -> String {
    const NAMES: &[&str] = &[
        "glibc",
        "perl",
        "python3",
        "openssl",
        "unit-dbus.service",
        "util-linux-minimal",
        "libstdc++6",
        "source",
    ];
    let mut random = Random::new(seed);
    let mut text = format!("let{MAKE}");
    let mut has_manual = Vec::with_capacity(derivations);
    let mut held = vec![false; derivations];
    for at in 0..derivations {
        let two = random.below(4) == 0;
        let bits = 1 + random.below(16);
        let references: Vec<String> = (0..random.below(6).min(at))
            .map(|_| {
                let target = random.below(at);
                held[target] = true;
                let manual = has_manual[target] && random.below(3) == 0;
                format!("p{target}.{}", if manual { "man" } else { "out" })
            })
            .collect();
        let _ = writeln!(
            text,
            "  p{at} = mk \"{}-{}.{at}\" [ \"out\"{} ] {} {} [ {} ];",
            NAMES[random.below(NAMES.len())],
            random.below(4),
            if two { " \"man\"" } else { "" },
            random.below(1 << bits),
            random.below(3) == 0,
            references.join(" ")
        );
        has_manual.push(two);
    }
    text.push_str("in [\n");
    for (top, kept) in [("system", 0), ("profile", 1)] {
        let direct = (0..derivations).filter(|&at| !held[at] && at % 2 == kept || at % 13 == kept);
        let names = direct
            .map(|at| format!("p{at}.out"))
            .collect::<Vec<_>>()
            .join(" ");
        let _ = writeln!(text, "  (mk \"{top}\" [ \"out\" ] 10 false [ {names} ])");
    }
    text.push_str("]\n");
    text
}
