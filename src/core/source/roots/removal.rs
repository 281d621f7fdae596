//! What a person would run to drop roots. Nothing here runs anything.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use super::gc::{GcRoot, RootKind};

/// The lines of a shell that drop some roots, and then collect what nothing holds any more. What no command can drop is
/// said in a comment. `all` are the roots of the store.
pub fn commands(dropped: &[&GcRoot], all: &[GcRoot]) -> Vec<String> {
    let mut lines = Vec::new();
    let mut notes = Vec::new();
    let mut profiles: BTreeMap<&Path, Vec<&GcRoot>> = BTreeMap::new();
    for root in dropped {
        match (&root.generation, root.kind, &root.process) {
            (Some(generation), ..) => {
                profiles.entry(&generation.profile).or_default().push(root);
            }
            (_, RootKind::System, _) => {
                let name = root.link.file_name().and_then(|name| name.to_str());
                notes.push(if name == Some("booted-system") {
                    format!("# {}: held until the next boot", quoted(&root.link))
                } else {
                    format!(
                        "# {}: held until another system is switched to",
                        quoted(&root.link)
                    )
                });
            }
            (.., Some(process)) => {
                let name = process
                    .name
                    .as_deref()
                    .map(|name| format!(" ({})", plain(name)));
                let name = name.unwrap_or_default();
                notes.push(format!(
                    "# process {}{name}: held until it ends",
                    process.number
                ));
            }
            _ => lines.push(format!("rm {}", quoted(&root.link))),
        }
    }
    for (profile, roots) in profiles {
        of_profile(profile, &roots, all, &mut lines, &mut notes);
    }
    lines.sort();
    lines.dedup();
    notes.sort();
    notes.dedup();
    lines.append(&mut notes);
    lines.push("nix-collect-garbage".to_owned());
    lines
}

/// The command that deletes generations of a profile; the one in use cannot be.
fn of_profile(
    profile: &Path,
    dropped: &[&GcRoot],
    all: &[GcRoot],
    lines: &mut Vec<String>,
    notes: &mut Vec<String>,
) {
    let numbers = |roots: &mut dyn Iterator<Item = &GcRoot>, current: bool| -> Vec<u64> {
        let generations = roots.filter_map(|root| root.generation.as_ref());
        let theirs = generations.filter(|one| one.profile == profile && one.current == current);
        let mut numbers: Vec<u64> = theirs.map(|one| one.number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    };
    let go = numbers(&mut dropped.iter().copied(), false);
    for number in numbers(&mut dropped.iter().copied(), true) {
        notes.push(format!(
            "# generation {number} of {} is in use: switch to another one first",
            quoted(profile)
        ));
    }
    if go.is_empty() {
        return;
    }
    let everything = go == numbers(&mut all.iter(), false);
    let generations = dropped.iter().filter_map(|root| root.generation.as_ref());
    if everything && generations.into_iter().any(|one| one.has_manifest) {
        return lines.push(format!(
            "nix profile wipe-history --profile {}",
            quoted(profile)
        ));
    }
    let mut line = format!("nix-env -p {} --delete-generations", quoted(profile));
    for number in go {
        let _ = write!(line, " {number}");
    }
    lines.push(line);
}

/// A path as one word of a shell: bare if it is harmless, else in quotes in which nothing means anything.
fn quoted(path: &Path) -> String {
    use std::os::unix::ffi::OsStrExt;
    let bytes = path.as_os_str().as_bytes();
    let bare = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-+=:@%,".contains(byte);
    if !bytes.is_empty() && bytes.iter().all(bare) {
        return path.to_string_lossy().into_owned();
    }
    let text = std::str::from_utf8(bytes).ok();
    if let Some(text) = text.filter(|text| text.chars().all(crate::text::is_harmless)) {
        return format!("'{}'", text.replace('\'', r"'\''"));
    }
    // What would act on a terminal, or is no text, is spelled out.
    let mut word = String::from("$'");
    for &byte in bytes {
        match byte {
            b'\'' | b'\\' => {
                let _ = write!(word, "\\{}", byte as char);
            }
            0x20..=0x7e => word.push(byte as char),
            _ => {
                let _ = write!(word, "\\x{byte:02x}");
            }
        }
    }
    word.push('\'');
    word
}

/// A name in a comment: it must not end the line.
fn plain(name: &str) -> String {
    crate::text::sanitise(name).into_owned()
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::path::PathBuf;

    use super::*;
    use crate::source::roots::gc::{Generation, Process};

    fn root(link: impl Into<PathBuf>, kind: RootKind) -> GcRoot {
        GcRoot {
            link: link.into(),
            registered: None,
            target: String::new(),
            kind,
            owner: None,
            created: None,
            generation: None,
            process: None,
        }
    }

    fn generation(profile: &str, number: u64, current: bool) -> GcRoot {
        let generation = Generation {
            profile: profile.into(),
            number,
            current,
            has_manifest: profile.ends_with("/profile"),
        };
        GcRoot {
            generation: Some(generation),
            ..root(format!("{profile}-{number}-link"), RootKind::Profile)
        }
    }

    #[test]
    fn each_root_is_dropped_in_its_own_way() {
        let process = GcRoot {
            process: Some(Process {
                number: 12,
                name: Some("a\nrm x".to_owned()),
            }),
            ..root("/proc/12/exe", RootKind::Process)
        };
        let all = [
            generation("/p/system", 10, false),
            generation("/p/system", 2, false),
            generation("/p/system", 11, true),
            root("/home/u/result", RootKind::Result),
            root("/run/booted-system", RootKind::System),
            process,
        ];
        let dropped: Vec<&GcRoot> = all.iter().collect();
        assert_eq!(
            commands(&dropped, &all),
            [
                "nix-env -p /p/system --delete-generations 2 10",
                "rm /home/u/result",
                "# /run/booted-system: held until the next boot",
                "# generation 11 of /p/system is in use: switch to another one first",
                r"# process 12 (a\u{a}rm x): held until it ends",
                "nix-collect-garbage",
            ]
        );
        assert_eq!(commands(&[], &all), ["nix-collect-garbage"]);
    }

    #[test]
    fn a_profile_of_nix_profile_forgets_its_history() {
        let name = "/home/u/profile";
        let all = [1, 2, 3].map(|number| generation(name, number, number == 3));
        let line = |dropped: &[&GcRoot]| commands(dropped, &all).swap_remove(0);
        assert_eq!(
            line(&[&all[0], &all[1]]),
            format!("nix profile wipe-history --profile {name}")
        );
        assert_eq!(
            line(&[&all[1]]),
            format!("nix-env -p {name} --delete-generations 2")
        );
    }

    #[test]
    fn a_shell_reads_every_name_as_it_is() {
        let names: [&[u8]; 9] = [
            b"/a/result",
            b"/a b",
            b"/it's",
            b"/$(touch x)`id`",
            b"/line\nbreak",
            b"/\x1b[2J",
            b"/\xff\xfe",
            "/ü/漢".as_bytes(),
            b"/back\\slash'\x01",
        ];
        for name in names {
            let word = quoted(Path::new(OsStr::from_bytes(name)));
            assert!(word.chars().all(crate::text::is_harmless), "{word}");
            let script = format!("printf %s {word}");
            let bash = std::process::Command::new("bash")
                .args(["-c", &script])
                .output();
            let Ok(printed) = bash else { return };
            assert_eq!(printed.stdout, name, "{word}");
        }
    }
}
