"""Resolves a list of Debian packages to a graph without cycles, out of the lists apt has downloaded."""
import glob, re, subprocess
from functools import cmp_to_key

LISTS = "/var/lib/apt/lists"
APT_HELPER = "/usr/lib/apt/apt-helper"


def read_stanzas():
    """Every binary stanza apt knows, as dicts (several versions of a package may occur)."""
    out = []
    for f in sorted(glob.glob(f"{LISTS}/*_Packages*")):
        text = subprocess.run([APT_HELPER, "cat-file", f], check=True,
                              stdout=subprocess.PIPE).stdout.decode("utf-8", "replace")
        for block in text.split("\n\n"):
            if not block.strip():
                continue
            d, key = {}, None
            for line in block.split("\n"):
                if line[:1] in (" ", "\t"):
                    continue
                k, sep, v = line.partition(":")
                if sep:
                    d[k] = v.strip()
            if "Package" in d and d.get("Architecture") in ("all", arch()):
                out.append(d)
    return out


_ARCH = None


def arch():
    global _ARCH
    if _ARCH is None:
        _ARCH = subprocess.run(["dpkg", "--print-architecture"], check=True,
                               stdout=subprocess.PIPE, text=True).stdout.strip()
    return _ARCH


def _order(c):
    if c == "~":
        return -1
    if c.isalpha():
        return ord(c)
    return ord(c) + 256


def _vercmp_part(a, b):
    i = j = 0
    while i < len(a) or j < len(b):
        while (i < len(a) and not a[i].isdigit()) or (j < len(b) and not b[j].isdigit()):
            x = _order(a[i]) if i < len(a) and not a[i].isdigit() else 0
            y = _order(b[j]) if j < len(b) and not b[j].isdigit() else 0
            if x != y:
                return -1 if x < y else 1
            i += 1
            j += 1
        m = re.match(r"\d*", a[i:]).group(0)
        n = re.match(r"\d*", b[j:]).group(0)
        i += len(m)
        j += len(n)
        m, n = int(m or 0), int(n or 0)
        if m != n:
            return -1 if m < n else 1
    return 0


def vercmp(a, b):
    """Debian's version order."""
    def split(v):
        e, s, r = v.partition(":")
        if not s:
            e, r = "0", v
        u, s, d = r.rpartition("-")
        if not s:
            u, d = r, ""
        return int(e), u, d
    ea, ua, da = split(a)
    eb, ub, db = split(b)
    if ea != eb:
        return -1 if ea < eb else 1
    return _vercmp_part(ua, ub) or _vercmp_part(da, db)


class Archive:
    def __init__(self):
        self.versions, self.provides = {}, {}
        for d in read_stanzas():
            self.versions.setdefault(d["Package"], []).append(d)
        for name, vs in self.versions.items():
            vs.sort(key=cmp_to_key(lambda x, y: vercmp(x["Version"], y["Version"])), reverse=True)
        for name, vs in self.versions.items():
            for p in vs[0].get("Provides", "").split(","):
                p = p.strip().split(" ")[0]
                if p:
                    self.provides.setdefault(p, []).append(name)

    def lists(self):
        """The archive's own name of each list, and the file it is in."""
        names = {}
        for f in sorted(glob.glob(f"{LISTS}/*_Packages*")):
            suite = re.search(r"_dists_(.*)_binary", f)[1].replace("_", "/")
            names[f"{suite}/Packages"] = f
        return names

    def newest(self, name):
        return self.versions[name][0]

    def oldest(self, name):
        """An older version than the newest one, if the lists have any."""
        new = self.versions[name][0]
        for d in self.versions[name][1:]:
            if d["Version"] != new["Version"]:
                return d
        return None

    def deps(self, d, recommends=False):
        fields = ["Pre-Depends", "Depends"] + (["Recommends"] if recommends else [])
        for f in fields:
            for clause in d.get(f, "").split(","):
                alts = []
                for alt in clause.split("|"):
                    n = re.split(r"[ (\[]", alt.strip())[0].split(":")[0]
                    if n:
                        alts.append(n)
                if alts:
                    yield alts

    def pick(self, alts, have):
        for n in alts:
            if n in have:
                return n
        for n in alts:
            if n in self.versions:
                return n
            for p in self.provides.get(n, []):
                if p in have:
                    return p
        for n in alts:
            if n in self.provides:
                return sorted(self.provides[n])[0]
        return None

    def closure(self, roots, recommends_of=()):
        """name -> [dependency names]; cycles still in it."""
        graph, todo = {}, list(roots)
        have = set(roots)
        while todo:
            n = todo.pop(0)
            if n in graph:
                continue
            if n not in self.versions:
                raise SystemExit(f"no such Debian package: {n}")
            ds = []
            for alts in self.deps(self.newest(n), n in recommends_of):
                p = self.pick(alts, have)
                if p and p != n and p not in ds:
                    ds.append(p)
                    have.add(p)
                    todo.append(p)
            graph[n] = ds
        return graph


def sccs(graph):
    """Tarjan, iterative."""
    index, low, on, stack, out, n = {}, {}, set(), [], [], 0
    for root in graph:
        if root in index:
            continue
        work = [(root, iter(graph[root]))]
        index[root] = low[root] = n
        n += 1
        stack.append(root)
        on.add(root)
        while work:
            v, it = work[-1]
            for w in it:
                if w not in index:
                    index[w] = low[w] = n
                    n += 1
                    stack.append(w)
                    on.add(w)
                    work.append((w, iter(graph[w])))
                    break
                if w in on:
                    low[v] = min(low[v], index[w])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[v])
                if low[v] == index[v]:
                    comp = []
                    while True:
                        w = stack.pop()
                        on.discard(w)
                        comp.append(w)
                        if w == v:
                            break
                    out.append(comp)
    return out


def break_cycles(graph):
    """Inside each cycle only edges towards the package more others depend on stay."""
    popular = {n: 0 for n in graph}
    for ds in graph.values():
        for d in ds:
            popular[d] += 1
    dag, dropped = {}, []
    comp_of = {}
    for i, comp in enumerate(sccs(graph)):
        for n in comp:
            comp_of[n] = i
    for n, ds in graph.items():
        keep = []
        for d in ds:
            if comp_of[n] == comp_of[d] and (popular[d], d) <= (popular[n], n):
                dropped.append((n, d))
            else:
                keep.append(d)
        dag[n] = keep
    assert all(len(c) == 1 for c in sccs(dag))
    return dag, dropped


def store_name(s):
    s = re.sub(r"[^0-9a-zA-Z+\-._?=]", "-", s)
    return s.lstrip(".") or "x"


def upstream(version):
    v = version.split(":", 1)[-1]
    return v.rsplit("-", 1)[0] if "-" in v else v

