"""Runs inside a Nix build: unpacks one .deb into $out (and $lib, $man, $doc, $dev) the nixpkgs way.

References end up in the outputs where nixpkgs leaves them: RPATH and interpreter of ELF
files, #! lines, unit files and udev rules, symlinks, and nix-support/propagated-build-inputs.
"""
import json, os, re, shutil, struct, subprocess, sys

E = os.environ
OUT = E["out"]
OUTPUTS = E["outputs"].split()
SPLIT = {o: E[o] for o in OUTPUTS}
INFO = json.loads(E["info"])
DEPS = INFO.get("deps", [])     # [{"name":…, "out":…, "lib":…}]
SHELL = INFO.get("shell")      # store path of bash, or null
MULTIARCH = INFO["multiarch"]
PATCHELF = INFO.get("patchelf")


def merge(src, dst):
    """Move the tree src into dst; what is there already wins."""
    if os.path.islink(src) or not os.path.isdir(src):
        if not os.path.lexists(dst):
            os.makedirs(os.path.dirname(dst), exist_ok=True)
            os.rename(src, dst)
        return
    if os.path.islink(dst) or (os.path.lexists(dst) and not os.path.isdir(dst)):
        return
    os.makedirs(dst, exist_ok=True)
    for e in os.listdir(src):
        merge(f"{src}/{e}", f"{dst}/{e}")
    shutil.rmtree(src, ignore_errors=True)


def layout(tmp):
    os.makedirs(OUT, exist_ok=True)
    lib = SPLIT.get("lib", OUT) + "/lib"
    for a in ("usr/lib/" + MULTIARCH, "lib/" + MULTIARCH):
        p = f"{tmp}/{a}"
        if not os.path.isdir(p):
            continue
        if "lib" in SPLIT:
            os.makedirs(lib, exist_ok=True)
            for e in os.listdir(p):
                if re.search(r"\.so(\.|$)", e):
                    merge(f"{p}/{e}", f"{lib}/{e}")
        merge(p, f"{OUT}/lib")
    if "man" in SPLIT and os.path.isdir(f"{tmp}/usr/share/man"):
        merge(f"{tmp}/usr/share/man", SPLIT["man"] + "/share/man")
    if "doc" in SPLIT:
        for d in ("doc", "info", "gtk-doc", "doc-base"):
            if os.path.isdir(f"{tmp}/usr/share/{d}"):
                merge(f"{tmp}/usr/share/{d}", SPLIT["doc"] + f"/share/{d}")
    if "dev" in SPLIT and os.path.isdir(f"{tmp}/usr/include"):
        merge(f"{tmp}/usr/include", SPLIT["dev"] + "/include")
        for d in ("lib/pkgconfig", "lib/cmake"):
            if os.path.isdir(f"{OUT}/{d}"):
                merge(f"{OUT}/{d}", SPLIT["dev"] + "/" + d)
    for a in ("usr/local", "usr", ""):
        p = f"{tmp}/{a}".rstrip("/")
        if os.path.isdir(p) and not os.path.islink(p):
            for e in sorted(os.listdir(p)):
                if a == "" and e == "usr":
                    continue
                merge(f"{p}/{e}", f"{OUT}/{e}")
    for o, p in SPLIT.items():
        os.makedirs(p, exist_ok=True)


class Elf:
    """Just enough of a 64-bit little-endian ELF file: its NEEDED names and whether it has an interpreter."""
    def __init__(self, b):
        self.needed, self.interp, self.dynamic = [], False, False
        if b[:6] != b"\x7fELF\x02\x01":
            raise ValueError
        if struct.unpack_from("<H", b, 16)[0] not in (2, 3):
            raise ValueError
        phoff, = struct.unpack_from("<Q", b, 32)
        size, num = struct.unpack_from("<HH", b, 54)
        loads, dyn = [], None
        for i in range(num):
            t, fl, off, va, pa, fsz, msz, al = struct.unpack_from("<IIQQQQQQ", b, phoff + i * size)
            if t == 1:
                loads.append((va, off, fsz))
            elif t == 2:
                dyn = (off, fsz)
            elif t == 3:
                self.interp = True
        if not dyn:
            return
        self.dynamic = True
        strtab, names = None, []
        for o in range(dyn[0], dyn[0] + dyn[1] - 15, 16):
            tag, val = struct.unpack_from("<qQ", b, o)
            if tag == 0:
                break
            if tag == 5:
                strtab = val
            if tag == 1:
                names.append(val)
        for va, off, fsz in loads:
            if strtab is not None and va <= strtab < va + fsz:
                base = strtab - va + off
                for n in names:
                    e = b.index(b"\0", base + n)
                    self.needed.append(b[base + n:e].decode())
                return


def index_libs():
    where, dirs = {}, []
    for d in DEPS:
        for o in ("lib", "out"):
            if d.get(o):
                dirs.append(d[o] + "/lib")
    dirs += [p + "/lib" for o, p in SPLIT.items() if o in ("lib", "out")]
    for d in dirs:
        try:
            names = os.listdir(d)
        except OSError:
            continue
        for n in names:
            if ".so" in n:
                where.setdefault(n, d)
        for sub in names:       # libpulsecommon and friends live one level down
            if sub in ("pulseaudio", "systemd", "samba", "blas", "lapack", "ceph"):
                for n in os.listdir(f"{d}/{sub}"):
                    if ".so" in n:
                        where.setdefault(n, f"{d}/{sub}")
    return where


def find_tool(name):
    for p in [OUT] + [d["out"] for d in DEPS] + ([SHELL] if SHELL else []):
        for s in ("bin", "sbin"):
            if os.path.lexists(f"{p}/{s}/{name}"):
                return f"{p}/{s}/{name}"
    if name in ("sh", "bash", "dash") and SHELL:
        return f"{SHELL}/bin/bash"
    return None


TOOL = re.compile(rb"(?<![\w/.\-])(?:/usr)?/s?bin/([A-Za-z0-9_.+\-]+)")


def rewrite(b):
    def sub(m):
        t = find_tool(m.group(1).decode())
        return t.encode() if t else m.group(0)
    return TOOL.sub(sub, b)


def fix_file(p, rel, libs):
    st = os.lstat(p)
    if st.st_size < 4:
        return
    with open(p, "rb") as f:
        head = f.read(4)
        if head == b"\x7fELF":
            if not PATCHELF or rel.endswith((".o", ".ko", ".debug")) or st.st_size > 200 << 20:
                return
            f.seek(0)
            b = f.read()
            try:
                e = Elf(b)
            except (ValueError, struct.error, IndexError):
                return
            if not e.dynamic:
                return
            rpath = []
            for n in e.needed:
                d = libs.get(n)
                if d and d not in rpath:
                    rpath.append(d)
            if e.interp and os.path.isdir(OUT + "/share/locale"):
                rpath.append(OUT + "/lib")      # stands for the LOCALEDIR a nixpkgs build compiles in
            cmd = [PATCHELF]
            if rpath:
                cmd += ["--set-rpath", ":".join(rpath)]
            interp = libs.get("ld-linux-x86-64.so.2")
            if e.interp and interp:
                cmd += ["--set-interpreter", interp + "/ld-linux-x86-64.so.2"]
            if len(cmd) > 1:
                os.chmod(p, 0o755)
                subprocess.run(cmd + [p], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            return
        if head[:2] == b"#!":
            f.seek(0)
            b = f.read()
            line, nl, rest = b.partition(b"\n")
            m = re.match(rb"#!\s*(?:/usr/bin/env\s+)?(\S+)", line)
            t = m and find_tool(os.path.basename(m.group(1).decode("latin1")))
            if t:
                os.chmod(p, 0o755)
                with open(p, "wb") as g:
                    g.write(b"#!" + t.encode() + line[m.end():] + nl + (rewrite(rest) if len(rest) < 1 << 20 else rest))
            return
    if st.st_size < 1 << 20 and re.search(
            r"(^|/)(systemd/(system|user)/.*|udev/rules\.d/.*|dbus-1/.*\.service|applications/.*\.desktop"
            r"|xdg/autostart/.*|pkgconfig/.*\.pc|.*-config|.*\.la)$", rel):
        with open(p, "rb") as f:
            b = f.read()
        n = rewrite(b)
        if rel.endswith(".pc"):
            home = SPLIT.get("dev", OUT)
            n = re.sub(rb"(?m)^prefix=.*$", b"prefix=" + OUT.encode(), n)
            n = re.sub(rb"(?m)^includedir=.*$", b"includedir=" + home.encode() + b"/include", n)
            n = re.sub(rb"(?m)^libdir=.*$", b"libdir=" + SPLIT.get("lib", OUT).encode() + b"/lib", n)
        if n != b:
            os.chmod(p, 0o644)
            with open(p, "wb") as g:
                g.write(n)


def fix_link(p, libs):
    t = os.readlink(p)
    if os.path.exists(p):
        return
    new = None
    base = os.path.basename(t)
    if ".so" in base:
        new = libs.get(base) and libs[base] + "/" + base
    elif re.match(r"(/usr)?/s?bin/|/etc/alternatives/", t) or "/bin/" in p:
        new = find_tool(base)
    if not new and t.startswith("/usr/share/"):
        for d in [OUT] + [x["out"] for x in DEPS]:
            if os.path.exists(d + t[4:]):
                new = d + t[4:]
                break
    if new and new != p:
        os.unlink(p)
        os.symlink(new, p)


def wrap():
    """wrapGAppsHook and friends: bin/x becomes a script that runs bin/.x-wrapped."""
    names = [d["name"] for d in DEPS]
    libs = [d for d in DEPS if re.match(r"libgtk-|libqt[56]|libglib2|python3|perl$|gsettings|libgdk-pixbuf", d["name"])]
    if not libs or not SHELL or not os.path.isdir(OUT + "/bin"):
        return
    n = 0
    for b in sorted(os.listdir(OUT + "/bin")):
        p = f"{OUT}/bin/{b}"
        if os.path.islink(p) or not os.path.isfile(p) or n >= 8:
            continue
        n += 1
        os.rename(p, f"{OUT}/bin/.{b}-wrapped")
        with open(p, "w") as f:
            f.write(f"#! {SHELL}/bin/bash -e\n"
                    + "".join(f"export XDG_DATA_DIRS='{d['out']}/share'${{XDG_DATA_DIRS:+':'$XDG_DATA_DIRS}}\n" for d in libs)
                    + f'exec -a "$0" "{OUT}/bin/.{b}-wrapped"  "$@"\n')
        os.chmod(p, 0o755)


def prune(tmp):
    """Leaves out what a `-minimal` variant does without."""
    for d, ds, fs in os.walk(tmp):
        for n in fs + [x for x in ds if os.path.islink(f"{d}/{x}")]:
            p = f"{d}/{n}"
            if any(re.match(r, p[len(tmp) + 1:]) for r in INFO.get("drop", [])):
                os.unlink(p)


def unpack():
    tmp = os.getcwd() + "/root"
    os.mkdir(tmp)
    a = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", INFO["deb"]], stdout=subprocess.PIPE)
    subprocess.run(["tar", "-x", "-C", tmp, "--no-same-owner", "--no-same-permissions",
                    "--delay-directory-restore"], stdin=a.stdout, check=True)
    if a.wait():
        raise SystemExit("dpkg-deb failed")
    subprocess.run(["chmod", "-R", "u+rwX", tmp], check=True)
    prune(tmp)
    layout(tmp)
    libs = index_libs()
    for root in SPLIT.values():
        for d, ds, fs in os.walk(root):
            for n in fs + [x for x in ds if os.path.islink(f"{d}/{x}")]:
                p = f"{d}/{n}"
                if os.path.islink(p):
                    fix_link(p, libs)
                elif os.path.isfile(p):
                    fix_file(p, p[len(root) + 1:], libs)
    wrap()
    os.makedirs(OUT + "/nix-support", exist_ok=True)
    if DEPS:
        with open(OUT + "/nix-support/propagated-build-inputs", "w") as f:
            f.write(" ".join(d.get("lib") or d["out"] for d in DEPS) + "\n")
    if "dev" in SPLIT:
        os.makedirs(SPLIT["dev"] + "/nix-support", exist_ok=True)
        with open(SPLIT["dev"] + "/nix-support/propagated-build-inputs", "w") as f:
            f.write(" ".join([OUT] + [d["out"] for d in DEPS]) + "\n")


# --- the NixOS-like parts ----------------------------------------------------------------

def write(p, s, x=False):
    os.makedirs(os.path.dirname(p), exist_ok=True)
    with open(p, "w") as f:
        f.write(s)
    if x:
        os.chmod(p, 0o755)


def farm(paths, subdirs, dst):
    """buildEnv: real directories, symlinks to files."""
    def go(src, to):
        if os.path.isdir(src):
            if not os.path.lexists(to):
                os.makedirs(to)
            if os.path.isdir(to) and not os.path.islink(to):
                for e in sorted(os.listdir(src)):
                    go(f"{src}/{e}", f"{to}/{e}")
        elif not os.path.lexists(to):
            os.symlink(src, to)
    for s in subdirs:
        for p in paths:
            if os.path.isdir(f"{p}/{s}"):
                os.makedirs(f"{dst}/{s}", exist_ok=True)
                go(f"{p}/{s}", f"{dst}/{s}")


def unit():
    """One systemd unit, its text with the PATH line NixOS adds."""
    src = INFO["src"]
    n = INFO["unit"]
    with open(src, errors="replace") as f:
        text = f.read()
    path = ":".join(p + "/bin" for p in INFO["path"])
    add = f'Environment="LOCALE_ARCHIVE={INFO["locale"]}/lib/locale/locale-archive"\n' if INFO.get("locale") else ""
    add += f'Environment="PATH={path}:' + ":".join(p + "/sbin" for p in INFO["path"]) + '"\n'
    if INFO.get("script"):
        add += f'ExecStartPre={INFO["script"]}/bin/{INFO["scriptname"]}\n'
    text = text.replace("[Service]\n", "[Service]\n" + add, 1)
    write(f"{OUT}/{n}", text)


def script():
    write(f"{OUT}/bin/{INFO['scriptname']}", f"#!{SHELL}/bin/bash -e\n"
          + "".join(f"# needs {p}\nexport PATH={p}/bin:$PATH\n" for p in INFO["path"])
          + f"install -d -m 0755 /run/{INFO['scriptname']}\n", True)


def config():
    write(OUT, INFO["text"])


def env():
    farm(INFO["paths"], INFO["subdirs"], OUT)


def units():
    d = OUT
    os.makedirs(d, exist_ok=True)
    for u, p in INFO["units"]:
        os.symlink(f"{p}/{u}", f"{d}/{u}")
    for t, us in INFO["wants"].items():
        os.makedirs(f"{d}/{t}.wants", exist_ok=True)
        for u in us:
            os.symlink(f"../{u}", f"{d}/{t}.wants/{u}")


def etc():
    for to, src in INFO["files"]:
        p = f"{OUT}/etc/{to}"
        os.makedirs(os.path.dirname(p), exist_ok=True)
        os.symlink(src, p)


def source():
    """The package lists the system was resolved from: what a pinned nixpkgs is to a NixOS."""
    for n, p in INFO["lists"].items():
        text = subprocess.run(["/usr/lib/apt/apt-helper", "cat-file", p], check=True, stdout=subprocess.PIPE).stdout
        os.makedirs(os.path.dirname(f"{OUT}/{n}"), exist_ok=True)
        with open(f"{OUT}/{n}", "wb") as f:
            f.write(text)


def initrd():
    """A compressed blob: big, and no reference to be found in it although built from many paths."""
    import zlib
    n, seed, left = 0, b"initrd", INFO["size"]
    import hashlib
    os.makedirs(OUT)
    with open(OUT + "/initrd", "wb") as f:
        while left > 0:
            blk = b"".join(hashlib.sha512(seed + struct.pack("<Q", n + i)).digest() for i in range(1024))
            n += 1024
            f.write(blk[:left])
            left -= len(blk)


def system():
    i = INFO
    os.makedirs(OUT + "/bin")
    for n in ("etc", "sw", "systemd", "firmware"):
        if i.get(n):
            os.symlink(i[n] + ("/etc" if n == "etc" else ""), f"{OUT}/{n}")
    if i.get("kernel"):
        for k in sorted(os.listdir(i["kernel"] + "/boot")):
            if k.startswith("vmlinuz"):
                os.symlink(f"{i['kernel']}/boot/{k}", OUT + "/kernel")
        os.symlink(i["modules"], OUT + "/kernel-modules")
        os.symlink(i["initrd"] + "/initrd", OUT + "/initrd")
    write(OUT + "/nixos-version", i["version"])
    write(OUT + "/system", "x86_64-linux")
    write(OUT + "/kernel-params", "loglevel=4")
    write(OUT + "/init", f"#! {i['sh']}/bin/bash\nsystemConfig={OUT}\nexport HOME=/root PATH=\"{i['coreutils']}/bin:{i['utillinux']}/bin\"\n"
          f"{OUT}/activate\nexec {i['systemd']}/lib/systemd/systemd \"$@\"\n", True)
    write(OUT + "/activate", f"#!{i['sh']}/bin/bash\n\nsystemConfig={OUT}\n\nexport PATH=/empty\n"
          + "".join(f"export PATH=$PATH:{p}/bin:{p}/sbin\n" for p in i["activatePath"])
          + f"\n#### Activation script snippet etc:\necho \"setting up /etc...\"\n{i['perl']}/bin/perl {i['setupetc']} {i['etc']}/etc\n"
          + f"\n#### Activation script snippet users:\n{i['perl']}/bin/perl -w {i['users']} {i['usersjson']}\n"
          + "\n#### Activation script snippet wrappers:\n" + "".join(f"cp {w} /run/wrappers/bin/\n" for w in i["wrappers"])
          + f"\nln -sfn \"$(readlink -f \"$systemConfig\")\" /run/current-system\n", True)
    write(OUT + "/bin/switch-to-configuration", f"#! {i['perl']}/bin/perl\nmy $out = \"{OUT}\";\nmy $curSystemd = \"{i['systemd']}/bin\";\n", True)
    write(OUT + "/dry-activate", f"#!{i['sh']}/bin/bash\nsystemConfig={OUT}\n", True)
    write(OUT + "/boot.json", json.dumps({"org.nixos.bootspec.v1": {"init": OUT + "/init", "initrd": OUT + "/initrd", "kernel": OUT + "/kernel", "toplevel": OUT}}))


def modules():
    os.makedirs(OUT + "/lib/modules", exist_ok=True)
    for v in os.listdir(INFO["kernel"] + "/lib/modules"):
        os.makedirs(f"{OUT}/lib/modules/{v}")
        for e in os.listdir(f"{INFO['kernel']}/lib/modules/{v}"):
            os.symlink(f"{INFO['kernel']}/lib/modules/{v}/{e}", f"{OUT}/lib/modules/{v}/{e}")


if __name__ == "__main__":
    {"deb": unpack, "unit": unit, "script": script, "config": config, "env": env, "units": units, "etc": etc,
     "source": source, "initrd": initrd, "system": system, "modules": modules}[INFO["kind"]]()
