#!/usr/bin/env python3
"""Builds a NixOS-like system with Nix out of Debian packages. See README.md."""
import argparse, concurrent.futures, json, os, re, shutil, subprocess, sys, time
from resolve import Archive, break_cycles, store_name, upstream

HERE = os.path.dirname(os.path.abspath(__file__))
NAME = "debian-system-12"

# A small server that has grown: somebody once needed each of these.
PACKAGES = """systemd systemd-sysv udev perl python3 openssh-server openssh-client sudo lvm2 fuse fuse3 util-linux coreutils
bash findutils grep sed tar gzip gawk dbus curl git nginx vim tmux less man-db linux-image-amd64 firmware-linux-free nix-bin
postgresql-15 iproute2 iptables nftables chrony locales tzdata ca-certificates rsync strace htop jq btrfs-progs cryptsetup zsh
procps psmisc kmod libpam-modules libpam-systemd passwd login mount netcat-openbsd gimp network-manager
prometheus-node-exporter cloud-init polkitd""".split()
# Nix comes from a pinned source of its own, which has older libraries.
PINNED = ["nix-bin"]
OLD = ["curl", "libcurl4", "libcurl3-gnutls", "libssl3", "openssl", "libarchive13", "libxml2", "libsasl2-2", "libbrotli1"]
# Variants with parts left out, and who is built with them.
MINIMAL = {
    "systemd": {"drop": [r"(usr/)?lib/udev/", r"usr/share/(locale|man|bash-completion|zsh)/", r"(usr/)?lib/systemd/(catalog|system|user)/",
                         r"usr/bin/(?!systemctl|systemd-tmpfiles|systemd-sysusers|journalctl)"], "users": ["dbus"]},
    "util-linux": {"drop": [r"usr/share/(locale|man|doc|bash-completion)/", r"usr/s?bin/(?!.*mount)"], "users": ["fuse", "fuse3", "lvm2"]},
}
PAM = "login sshd sudo su passwd systemd-user other polkit-1 chsh chfn cron vlock".split()
CONFIG = [("hosts", "hosts"), ("hostname", "etc-hostname"), ("fstab", "etc-fstab"), ("nsswitch.conf", "etc-nsswitch.conf"),
          ("os-release", "etc-os-release"), ("issue", "issue"), ("login.defs", "etc-login.defs"), ("services", "etc-services"),
          ("sudoers", "sudoers"), ("ssh/sshd_config", "sshd.conf-final"), ("nix/nix.conf", "nix.conf"),
          ("inputrc", "etc-inputrc"), ("bashrc", "etc-bashrc"), ("netgroup", "etc-netgroup"), ("protocols", "etc-protocols"),
          ("rpc", "etc-rpc"), ("host.conf", "etc-host.conf"), ("lsb-release", "etc-lsb-release"), ("man_db.conf", "etc-man_db.conf"),
          ("modules-load.d/system.conf", "etc-modules-load.d-system.conf"), ("modprobe.d/system.conf", "etc-modprobe.d-system.conf"),
          ("sysctl.d/60-system.conf", "etc-sysctl.d-60-system.conf"), ("systemd/journald.conf", "etc-systemd-journald.conf"),
          ("systemd/logind.conf", "etc-systemd-logind.conf"), ("systemd/system.conf", "etc-systemd-system.conf"),
          ("tmpfiles.d/00-system.conf", "etc-tmpfiles.d-00-system.conf"), ("vconsole.conf", "etc-vconsole.conf"),
          ("zshrc", "etc-zshrc"), ("zshenv", "etc-zshenv"), ("resolvconf.conf", "etc-resolvconf.conf")]
# What a service runs although its unit file comes from another package.
RUNS = {"postgresql.service": ["postgresql-15"]}
MULTIARCH = "x86_64-linux-gnu"


def say(*a):
    print(f"[{time.time() - T0:6.1f} s]", *a, file=sys.stderr, flush=True)


def deb_file(d):
    return f"{d['Package']}_{d['Version'].replace(':', '%3a')}_{d['Architecture']}.deb"


def download(stanzas, debs):
    """Fetches what is not there yet; returns what could not be had."""
    os.makedirs(debs, exist_ok=True)
    need = [d for d in stanzas if not os.path.exists(f"{debs}/{deb_file(d)}")]
    for i in range(0, len(need), 80):
        subprocess.run(["apt-get", "-q", "-o", "APT::Sandbox::User=root", "download"]
                       + [f"{d['Package']}={d['Version']}" for d in need[i:i + 80]],
                       cwd=debs, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    return [d for d in stanzas if not os.path.exists(f"{debs}/{deb_file(d)}")]


def listing(deb):
    """[type, size, path] of everything in a package."""
    t = subprocess.run(["dpkg-deb", "-c", deb], check=True, stdout=subprocess.PIPE).stdout.decode("utf-8", "replace")
    matches = (re.match(r"(\S)\S+ +\S+ +(\d+) +\S+ +\S+ +\./(.*)$", line) for line in t.splitlines())
    return [[m[1], int(m[2]), m[3].replace("\\\\", "\\")] for m in matches if m]


def outputs_of(files):
    """Which outputs nixpkgs would have split the package into."""
    n = {"man": 0, "doc": 0, "dev": 0, "bin": 0, "so": 0}
    for t, size, p in files:
        if t == "d":
            continue
        if p.startswith("usr/share/man/"):
            n["man"] += 1
        elif p.startswith(("usr/share/doc/", "usr/share/info/", "usr/share/gtk-doc/")):
            n["doc"] += size
        elif p.startswith("usr/include/"):
            n["dev"] += 1
        elif re.match(r"(usr/)?s?bin/", p):
            n["bin"] += 1
        elif re.match(rf"(usr/)?lib/{MULTIARCH}/[^/]*\.so", p):
            n["so"] += 1
    out = ["out"]
    if n["bin"] and n["so"]:
        out.append("lib")
    if n["man"] > 1:
        out.append("man")
    if n["doc"] > 200_000:
        out.append("doc")
    if n["dev"] and (n["bin"] or n["so"]):
        out.append("dev")
    return out


def package(archive, debs, dag, files, name, without_shell):
    d = archive.newest(name)
    p = {"name": store_name(f"{name}-{upstream(d['Version'])}"), "deb": f"{debs}/{deb_file(d)}", "sha256": d.get("SHA256", ""),
         "outputs": outputs_of(files[name]), "deps": dag[name], "shell": name not in without_shell}
    q = archive.oldest(name) if name in OLD else None
    if q and os.path.exists(f"{debs}/{deb_file(q)}"):
        p["old"] = {"name": store_name(f"{name}-{upstream(q['Version'])}"), "deb": f"{debs}/{deb_file(q)}", "sha256": q.get("SHA256", "")}
    return p


def add_minimal_variants(pkgs):
    for name, variant in MINIMAL.items():
        version = pkgs[name]["name"].removeprefix(name)
        pkgs[f"{name}-minimal"] = pkgs[name] | {"name": f"{name}-minimal{version}", "outputs": ["out"], "drop": variant["drop"]}
        for user in variant["users"]:
            pkgs[user]["deps"] = [d for d in pkgs[user]["deps"] if d != name] + [f"{name}-minimal"]


def units_of(dag, files):
    units, wants = {}, {}
    for n in sorted(dag):
        for t, size, p in files[n]:
            m = re.match(r"(?:usr/)?lib/systemd/system/([^/]+\.(?:service|socket|timer|target|mount|path|slice))$", p)
            if t != "-" or not m or not size or m[1] in units:
                continue
            u = m[1]
            units[u] = {"name": u, "store": store_name(u.replace("@", "-").replace("\\", "-")), "package": n,
                        "path": re.sub(r"^usr/", "", p), "script": u.endswith(".service") and len(units) % 4 == 0, "runs": RUNS.get(u, [])}
            if u.endswith(".service") and "@" not in u:
                wants.setdefault("multi-user.target", []).append(u)
            elif u.endswith((".socket", ".timer")):
                wants.setdefault(u.rsplit(".", 1)[1] + "s.target", []).append(u)
    return list(units.values()), wants


def make_graph(archive, debs):
    dag, dropped = break_cycles(archive.closure(PACKAGES))
    say(len(dag), "Debian packages,", sum(map(len, dag.values())), "dependencies,", len(dropped), "dropped to break cycles")
    old = [archive.oldest(n) for n in OLD if n in dag and archive.oldest(n)]
    missing = download([archive.newest(n) for n in dag] + old, debs)
    if any(d not in old for d in missing):
        raise SystemExit(f"could not download {[d['Package'] for d in missing if d not in old]}")
    say("downloaded, older versions not to be had:", [d["Package"] for d in missing])
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as ex:
        files = dict(zip(dag, ex.map(lambda n: listing(f"{debs}/{deb_file(archive.newest(n))}"), dag)))
    below, todo = set(), ["bash"]
    while todo:
        n = todo.pop()
        if n not in below:
            below.add(n)
            todo += dag[n]
    pkgs = {n: package(archive, debs, dag, files, n, below) for n in dag}
    add_minimal_variants(pkgs)
    units, wants = units_of(dag, files)
    kernel = next(n for n in dag if re.match(r"linux-image-\d", n))
    system = {"name": NAME, "version": "12", "packages": PACKAGES, "pinned": PINNED, "old": [n for n in OLD if "old" in pkgs.get(n, {})],
              "all": [n for n in sorted(dag) if any("udev/rules.d" in f[2] or "udev/hwdb.d" in f[2] for f in files[n])],
              "units": units, "wants": wants, "pam": PAM,
              "config": [{"to": to, "store": s, "text": f"# {to}\nconfigured = true\n"} for to, s in CONFIG],
              "kernel": kernel, "kernelVersion": re.sub(r"^linux-image-", "", kernel)}
    return {"packages": pkgs, "system": system, "lists": archive.lists(), "python": "/usr/bin/python3",
            "patchelf": shutil.which("patchelf"), "path": "/usr/bin:/bin", "multiarch": MULTIARCH, "initrd": 15 << 20}


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--work", default="demo-work", help="downloads, graph.json, the result link and closure.json")
    work = os.path.abspath(ap.parse_args().work)
    os.makedirs(work, exist_ok=True)
    graph = make_graph(Archive(), work + "/debs")
    with open(work + "/graph.json", "w") as f:
        json.dump(graph, f, indent=1)
    env = dict(os.environ, NIX_REMOTE="local", NIX_CONFIG="sandbox = false\nbuild-users-group =\nsubstitute = false\n"
               "substituters =\nexperimental-features = nix-command\n")
    subprocess.run(["nix-build", f"{HERE}/store.nix", "--argstr", "graph", work + "/graph.json", "-o", work + "/system",
                    "--cores", "1", "-j", str(os.cpu_count()), "--quiet"], env=env, check=True, stdout=subprocess.DEVNULL)
    with open(work + "/closure.json", "w") as f:
        subprocess.run(["nix", "path-info", "--json", "-r", work + "/system"], env=env, check=True, stdout=f)
    say("built", os.readlink(work + "/system"))


if __name__ == "__main__":
    T0 = time.time()
    main()
