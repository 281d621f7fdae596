//! A program that passes for `nix`: a shell script, with the folders that a run of ours may write to.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long something may take that takes a moment.
const PATIENCE: Duration = Duration::from_secs(30);

/// The folders, gone when dropped.
pub(crate) struct Fake {
    directory: TempDir,
}

impl Fake {
    /// A `nix` that says it is Nix 2.26 and does what the script says when it is to evaluate; `$here` is the folder.
    pub(crate) fn nix(script: &str) -> Self {
        let fake = Self {
            directory: tempfile::tempdir().expect("a temporary folder"),
        };
        for folder in ["bin", "tmp", "cache"] {
            fs::create_dir(fake.file(folder)).expect("a folder");
        }
        let text = format!(
            "#!/bin/sh\nif [ \"$1\" = --version ]; then echo 'nix (Nix) 2.26.3'; exit; fi\n\
             here={}\n{script}\n",
            fake.directory.path().display()
        );
        let program = fake.file("bin/nix");
        fs::write(&program, text).expect("a script");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("permissions");
        fs::write(fake.file("host.nix"), "{ config, ... }: { }").expect("a configuration");
        fake
    }

    /// A `nix` that writes down its process, a line for each, and answers nothing.
    pub(crate) fn silent() -> Self {
        Self::nix("echo $$ >> $here/pids; exec sleep 1000")
    }

    /// A file beside it.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The configuration there is to evaluate.
    pub(crate) fn config(&self) -> String {
        self.file("host.nix").to_string_lossy().into_owned()
    }

    /// What a run has to be told so that it starts this one, and writes nowhere else.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        let folder = |name: &str| self.file(name).to_string_lossy().into_owned();
        vec![
            ("PATH", format!("{}:/usr/bin:/bin", folder("bin"))),
            ("TMPDIR", folder("tmp")),
            ("XDG_CACHE_HOME", folder("cache")),
        ]
    }

    /// Waits until it evaluates for the so many-th time, from 1 on; its process.
    pub(crate) fn begun(&self, time: usize) -> PathBuf {
        let mut text = String::new();
        wait("the evaluation", || {
            text = fs::read_to_string(self.file("pids")).unwrap_or_default();
            text.matches('\n').count() >= time
        });
        Path::new("/proc").join(text.lines().nth(time - 1).expect("a line"))
    }

    /// Holds that processes and everything written for them is gone.
    pub(crate) fn all_is_gone(&self, processes: &[&Path]) {
        for process in processes {
            is_gone(process);
        }
        let left = fs::read_dir(self.file("tmp")).expect("a folder");
        let left: Vec<_> = left.map(|entry| entry.expect("an entry").path()).collect();
        assert!(left.is_empty(), "{left:?} is left behind");
    }
}

/// Holds that a process is gone.
pub(crate) fn is_gone(process: &Path) {
    wait("the end of nix", || !process.exists());
}

fn wait(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "{what} does not come");
        std::thread::sleep(Duration::from_millis(5));
    }
}
