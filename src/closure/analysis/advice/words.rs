//! How to remove one reference, in words, inferred from the names at its two ends.

use crate::analysis::analysed::Analysed;
use crate::model::PathId;

/// Whether a name is that of a unit, a script or another piece that a configuration generated: the advice is about what it
/// names.
pub(in crate::analysis) fn is_generated(name: &str) -> bool {
    let begins = ["unit-", "etc-", "X-Restart-Triggers-", "hm_"];
    let ends = [
        ".service",
        ".conf",
        ".sh",
        ".json",
        ".pl",
        "-env",
        "_fish-completions",
        "-fish-completions",
    ];
    begins.iter().any(|begin| name.starts_with(begin)) || ends.iter().any(|end| name.ends_with(end))
}

/// Whether a name is that of an environment, whose references were asked for one by one.
pub(in crate::analysis) fn is_environment(name: &str) -> bool {
    let ends = [
        "-path",
        "-environment",
        "-env",
        "-profile",
        "-fhsenv-rootfs",
        "-usr-target",
    ];
    name == "profile" || ends.iter().any(|end| name.ends_with(end))
}

/// How one reference goes.
pub(super) fn cut(analysed: &Analysed, (from, to): (PathId, PathId)) -> String {
    let (name, target) = (analysed.graph().name(from), analysed.label(to));
    let holder = analysed.label(from);
    let unit = name.strip_prefix("unit-").unwrap_or_default();
    if analysed.closure().is_root(from) {
        return format!("{holder} names {target} itself: change the option that makes it so");
    }
    match name {
        "system-path" => format!(
            "remove {target} from environment.systemPackages, or disable the module that adds it"
        ),
        "home-manager-path" => {
            format!(
                "remove {target} from home.packages, or disable the programs.* module that adds it"
            )
        }
        "user-environment" => format!("nix-env --uninstall, or nix profile remove, for {target}"),
        "etc" => {
            format!(
                "remove the environment.etc entry that names {target}, or disable the module that writes it"
            )
        }
        "system-units" | "user-units" => {
            format!("remove {target} from systemd.packages, or disable the module that adds it")
        }
        "dbus-1" => {
            format!(
                "remove {target} from services.dbus.packages, or disable the module that adds it"
            )
        }
        "udev-rules" => {
            format!(
                "remove {target} from services.udev.packages, or disable the module that adds it"
            )
        }
        _ if !unit.is_empty() => format!(
            "make the systemd unit {} do without {target}",
            crate::text::sanitise(unit)
        ),
        _ if is_generated(name) => {
            format!("{holder} is generated: change the option that writes {target} into it")
        }
        _ => format!(
            "build {holder} without {target}: override an input or a flag, or remove the reference from its files"
        ),
    }
}

/// How a package forgets a path that it does not need to run.
pub(super) fn forget(analysed: &Analysed, (from, to): (PathId, PathId)) -> String {
    let (holder, target) = (analysed.label(from), analysed.label(to));
    format!(
        "in {holder}: the right output of {target}, or remove-references-to -t {target} in postFixup"
    )
}

/// How one path takes the place of another.
pub(super) fn replace(analysed: &Analysed, old: PathId, new: PathId) -> String {
    let graph = analysed.graph();
    let (was, now) = (analysed.label(old), analysed.label(new));
    let equal = graph.name(old).len() == graph.name(new).len();
    let swap = if equal {
        "; names of equal length: system.replaceDependencies swaps it without a build"
    } else {
        ""
    };
    format!("build what holds {was} with {now} (override or an overlay){swap}")
}
