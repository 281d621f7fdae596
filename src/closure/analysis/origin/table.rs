//! The names of generated paths, and the option each is made from, in NixOS, nix-darwin and home-manager.

use crate::model::{Closure, PathId, StoreGraph};

use super::attribute::quoted;

/// What the name of a generated path tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The option it is made from.
    pub option: String,
    /// What else could have made the same.
    pub also: Option<&'static str>,
    /// Whether it only gathers what many options make: a system, `/etc`, the directory of all units.
    pub is_frame: bool,
}

/// A pattern with at most one `*`, the option with `{}` where what `*` stood for belongs, and what else it could be.
type OptionRow = (&'static str, &'static str, Option<&'static str>);

/// What gathers what other options make. The option is that of a reference that is not generated itself.
const FRAMES: &[OptionRow] = &[
    ("nixos-system-*", SYSTEM, SYSTEM_ALSO),
    ("darwin-system-*", SYSTEM, SYSTEM_ALSO),
    ("etc", "environment.etc", None),
    ("system-units", "systemd.packages", None),
    ("user-units", "systemd.packages", None),
    ("initrd-units", "boot.initrd.systemd.packages", None),
    ("home-manager-generation", "home.activation", None),
    ("home-manager-files", "home.file", None),
];
const SYSTEM: &str = "system.activationScripts";
const SYSTEM_ALSO: Option<&str> = Some("system.extraDependencies");
const PACKAGES_ALSO: Option<&str> = Some("a programs.* module");

/// What single options make.
const PARTS: &[OptionRow] = &[
    ("system-path", "environment.systemPackages", PACKAGES_ALSO),
    (
        "home-manager-path",
        "home.packages",
        Some("a programs.* module"),
    ),
    ("user-environment", "nix-env", Some("nix profile")),
    ("profile", "nix profile", None),
    ("security-wrapper-*", "security.wrappers.{}", None),
    (
        "udev-rules",
        "services.udev.packages",
        Some("services.udev.extraRules"),
    ),
    ("hwdb.bin", "services.udev.packages", None),
    ("dbus-1", "services.dbus.packages", None),
    (
        "tmpfiles.d",
        "systemd.tmpfiles.packages",
        Some("systemd.tmpfiles.rules"),
    ),
    ("firmware", "hardware.firmware", None),
    (
        "kernel-modules",
        "boot.extraModulePackages",
        Some("boot.kernelPackages"),
    ),
    (
        "kernel-modules-*",
        "boot.extraModulePackages",
        Some("boot.kernelPackages"),
    ),
    (
        "linux-*-modules",
        "boot.extraModulePackages",
        Some("boot.kernelPackages"),
    ),
    (
        "linux-*-modules-shrunk",
        "boot.initrd.availableKernelModules",
        None,
    ),
    ("initrd-*", "boot.initrd", None),
    ("initrd", "boot.initrd", None),
    ("extra-utils", "boot.initrd.extraUtilsCommands", None),
    ("stage-1-init.sh", "boot.initrd", None),
    ("fc-00-nixos-cache.conf", "fonts.packages", None),
    ("fc-*", "fonts.fontconfig", None),
    ("fontconfig-*", "fonts.fontconfig", Some("fonts.packages")),
    ("fonts.conf", "fonts.fontconfig", Some("fonts.packages")),
    ("X11-fonts", "fonts.fontDir", Some("fonts.packages")),
    (
        "set-environment",
        "environment.variables",
        Some("environment.sessionVariables"),
    ),
    ("*.pam", "security.pam.services.{}", None),
    ("sudoers", "security.sudo", None),
    ("nix.conf", "nix.settings", None),
    ("nix-registry.json", "nix.registry", None),
    ("etc-nix-registry.json", "nix.registry", None),
    ("sshd.conf*", "services.openssh.settings", None),
    ("sshd_config", "services.openssh.settings", None),
    ("ssh_config", "programs.ssh", None),
    ("hosts", "networking.hosts", Some("networking.extraHosts")),
    ("issue", "services.getty.greetingLine", None),
    ("nixos-manual*", "documentation.nixos.enable", None),
    ("nixos-help", "documentation.nixos.enable", None),
    (
        "command-not-found",
        "programs.command-not-found.enable",
        None,
    ),
    ("grub-config.xml", "boot.loader.grub", None),
    ("install-grub.sh", "boot.loader.grub", None),
    ("install-systemd-boot.sh", "boot.loader.systemd-boot", None),
    ("users-groups.json", "users.users", None),
    ("activate", SYSTEM, SYSTEM_ALSO),
    ("activation-script", "home.activation", None),
    ("xserver.conf", "services.xserver", None),
    ("xsession-wrapper", "services.xserver.displayManager", None),
    ("desktops", "services.displayManager.sessionPackages", None),
    ("hm_*", "home.file.{}", None),
    ("org.*.plist", "launchd.daemons.{}", None),
    (
        "X-Restart-Triggers-*",
        "systemd.services.{}.restartTriggers",
        None,
    ),
    (
        "X-Reload-Triggers-*",
        "systemd.services.{}.reloadTriggers",
        None,
    ),
    ("etc-*", "environment.etc.{}", None),
];

/// What a system refers to by itself, told by how the name begins.
const OF_SYSTEMS: &[(&str, &str)] = &[
    ("linux-", "boot.kernelPackages.kernel"),
    ("systemd-", "systemd.package"),
    ("glibc-locales-", "i18n.supportedLocales"),
    ("tzdata-", "time.timeZone"),
    ("nss-cacert-", "security.pki.certificateFiles"),
    ("grub-", "boot.loader.grub"),
    ("nix-", "nix.package"),
];

/// Kinds of units, and the option under which each stands.
const UNITS: &[(&str, &str)] = &[
    (".service", "services"),
    (".timer", "timers"),
    (".socket", "sockets"),
    (".path", "paths"),
    (".mount", "mounts"),
    (".automount", "automounts"),
    (".target", "targets"),
    (".slice", "slices"),
];

/// What the name of a script of a unit ends in, as the module system adds it.
const SCRIPTS: &[&str] = &[
    "-pre-start",
    "-post-start",
    "-pre-stop",
    "-post-stop",
    "-reload",
    "-start",
    "-stop",
];

impl Reading {
    /// The option that names something this references, and what else it could be.
    pub fn of_reference(&self, name: &str) -> (String, Option<&'static str>) {
        let special = OF_SYSTEMS.iter().find(|(start, _)| {
            let rest = name.strip_prefix(start);
            rest.is_some_and(|rest| {
                rest.starts_with(|c: char| c.is_ascii_digit()) || *start == "linux-"
            })
        });
        match special {
            Some((_, option)) if self.option == SYSTEM => ((*option).to_owned(), None),
            _ => (self.option.clone(), self.also),
        }
    }
}

/// What the name of a path tells, with what refers to it where the name alone does not; `None` of what is not generated.
pub fn reading(graph: &StoreGraph, closure: &Closure, id: PathId) -> Option<Reading> {
    let name = graph.name(id);
    if let Some(unit) = name.strip_prefix("unit-") {
        let of_user = held_by(graph, closure, id, "user-units");
        return unit_option(unit, of_user).map(|option| Reading {
            option,
            also: None,
            is_frame: false,
        });
    }
    if name == "user-environment" && held_by(graph, closure, id, "etc") {
        return Some(Reading {
            option: "users.users.<name>.packages".to_owned(),
            also: None,
            is_frame: false,
        });
    }
    if let Some((option, also)) = find(FRAMES, name) {
        let is_frame = true;
        return Some(Reading {
            option,
            also,
            is_frame,
        });
    }
    if let Some((option, also)) = find(PARTS, name) {
        let is_frame = false;
        return Some(Reading {
            option,
            also,
            is_frame,
        });
    }
    let is_system = closure.is_root(id) && has_parts_of_a_system(graph, id);
    is_system.then(|| Reading {
        option: SYSTEM.to_owned(),
        also: SYSTEM_ALSO,
        is_frame: true,
    })
}

/// Whether a path has what systems have, whatever it is called.
fn has_parts_of_a_system(graph: &StoreGraph, id: PathId) -> bool {
    let mut references = graph.references(id).iter();
    references.any(|&to| ["etc", "system-path"].contains(&graph.name(to)))
}

fn held_by(graph: &StoreGraph, closure: &Closure, id: PathId, name: &str) -> bool {
    let mut referrers = closure.referrers(graph, id);
    referrers.any(|referrer| graph.name(referrer) == name)
}

/// The option of the first row whose pattern fits.
fn find(rows: &[OptionRow], name: &str) -> Option<(String, Option<&'static str>)> {
    rows.iter().find_map(|&(pattern, option, also)| {
        let inner = captured(pattern, name)?;
        let option = if option.contains("{}") {
            option.replace("{}", &quoted(inner))
        } else {
            option.to_owned()
        };
        Some((option, also))
    })
}

/// What the `*` of a pattern stands for in a name; all of the name where there is none.
fn captured<'n>(pattern: &str, name: &'n str) -> Option<&'n str> {
    let Some((before, behind)) = pattern.split_once('*') else {
        return (pattern == name).then_some(name);
    };
    name.strip_prefix(before)?.strip_suffix(behind)
}

/// The option of a unit, or of a script of one.
fn unit_option(unit: &str, of_user: bool) -> Option<String> {
    let user = if of_user { ".user" } else { "" };
    if let Some(script) = unit.strip_prefix("script-") {
        let of = SCRIPTS.iter().find_map(|end| script.strip_suffix(end));
        let service = of.unwrap_or(script);
        let service = attribute(service.strip_suffix(".service").unwrap_or(service));
        return Some(format!("systemd{user}.services.{service}"));
    }
    let (ending, kind) = UNITS.iter().find(|(ending, _)| {
        // Units that are switched off are made, too.
        unit.ends_with(ending)
            || unit
                .strip_suffix("-disabled")
                .is_some_and(|u| u.ends_with(ending))
    })?;
    let unit = unit.strip_suffix("-disabled").unwrap_or(unit);
    let name = attribute(unit.strip_suffix(ending)?);
    Some(format!("systemd{user}.{kind}.{name}"))
}

/// A unit's name; the `@` of a template is written as a dash in store paths.
fn attribute(name: &str) -> String {
    match name.strip_suffix('-') {
        Some(template) => quoted(&format!("{template}@")),
        None => quoted(name),
    }
}
