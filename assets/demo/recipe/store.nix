# Evaluated with plain nix-build; graph.json is written by build.py.
{ graph }:
let
  g = builtins.fromJSON (builtins.readFile graph);
  py = ./builder.py;
  raw = kind: name: outputs: info: derivation {
    inherit name outputs;
    system = builtins.currentSystem;
    builder = g.python;
    args = [ "-S" "-c" "import os,sys,runpy;os.environ['info']=open(os.environ['infoPath']).read();sys.argv=['b'];runpy.run_path('${py}',run_name='__main__')" ];
    PATH = g.path;
    passAsFile = [ "info" ];
    info = builtins.toJSON ({ inherit kind; multiarch = g.multiarch; } // info);
  };
  simple = kind: name: info: raw kind name [ "out" ] info;

  # One package set; `old` names the packages taken at their older version.
  mkPkgs = old: let
    pkgs = builtins.mapAttrs (n: p0: let
      p = if builtins.elem n old && p0 ? old then p0 // p0.old else p0;
      dep = d: let x = pkgs.${d}; in { name = d; out = x.out.outPath; } // (if x ? lib then { lib = x.lib.outPath; } else { });
    in raw "deb" p.name p.outputs {
      deb = p.deb; sha256 = p.sha256;
      patchelf = g.patchelf;
      deps = map dep p.deps;
      shell = if p.shell then pkgs.bash.out.outPath else null;
      drop = p.drop or [ ];
    }) g.packages;
  in pkgs;

  # Nix itself comes from elsewhere than the rest, with the libraries it was pinned to.
  system = let
    gen = g.system;
    newest = mkPkgs [ ];
    pinned = mkPkgs gen.old;
    pkgs = newest // builtins.listToAttrs (map (name: { inherit name; value = pinned.${name}; }) gen.pinned);
    o = n: pkgs.${n}.out.outPath;
    has = n: g.packages ? ${n};
    only = builtins.filter has;
    sh = o "bash";
    base = map o (only [ "coreutils" "findutils" "grep" "sed" "systemd" ]);
    script = n: extra: simple "script" "unit-script-${n}" { scriptname = n; shell = sh; path = base ++ extra; };
    mkUnit = u: simple "unit" "unit-${u.store}" {
      src = "${o u.package}/${u.path}"; unit = u.name; shell = sh; path = base ++ map o ([ u.package ] ++ u.runs);
      locale = if has "locales" then o "locales" else null;
      script = if u.script then (script "${u.store}-pre-start" [ (o u.package) ]).outPath else null;
      scriptname = "${u.store}-pre-start";
    };
    units = simple "units" "system-units" {
      units = map (u: [ u.name (mkUnit u).outPath ]) gen.units;
      wants = gen.wants;
    };
    config = name: text: simple "config" name { inherit text; };
    pam = map (s: config "${s}.pam" (builtins.concatStringsSep "" (
      [ "# Account management.\naccount required ${o "libpam-modules"}/lib/security/pam_unix.so\n" ]
      ++ (if has "libpam-systemd" then [ "session optional ${o "libpam-systemd"}/lib/security/pam_systemd.so\n" ] else [ ])
      ++ [ "auth required ${o "libpam-modules"}/lib/security/pam_deny.so\n" ]))) gen.pam;
    setupetc = config "setup-etc.pl" "use strict;\nuse File::Find;\nmy $etc = $ARGV[0];\n";
    users = config "update-users-groups.pl" "use strict;\nuse warnings;\n# shadow ${if has "passwd" then o "passwd" else "none"}\n";
    usersjson = config "users-groups.json" (builtins.toJSON { users = [ { name = "root"; shell = "${sh}/bin/bash"; } ]; });
    path = simple "env" "system-path" {
      paths = builtins.concatLists (map (n: [ (o n) ] ++ (if pkgs.${n} ? man then [ pkgs.${n}.man.outPath ] else [ ])) gen.packages);
      subdirs = [ "bin" "sbin" "etc/xdg" "share/man" "share/applications" "share/icons" "share/bash-completion" "share/dbus-1" ];
    };
    dbus = simple "env" "dbus-1" { paths = map o gen.packages; subdirs = [ "share/dbus-1/system-services" "share/dbus-1/system.d" ]; };
    udev = simple "env" "udev-rules" { paths = map o gen.all; subdirs = [ "lib/udev/rules.d" "lib/udev/hwdb.d" ]; };
    fonts = config "fonts.conf" "<fontconfig/>";
    etc = simple "etc" "etc" {
      files = [
        [ "systemd/system" units.outPath ] [ "udev/rules.d" udev.outPath ] [ "dbus-1" dbus.outPath ] [ "fonts/fonts.conf" fonts.outPath ]
        [ "profile" (config "etc-profile" "export PATH=${path}/bin\nif [ -z \"$__ETC\" ]; then . ${config "set-environment" "export LOCALE_ARCHIVE=/run/current-system/sw/lib\nexport PAGER=less\n"}; fi\n").outPath ]
        [ "shells" (config "etc-shells" "/run/current-system/sw/bin/bash\n${sh}/bin/bash\n").outPath ]
      ] ++ builtins.genList (i: let s = builtins.elemAt gen.pam i; in [ "pam.d/${s}" (builtins.elemAt pam i).outPath ]) (builtins.length gen.pam)
        ++ map (c: [ c.to (config c.store c.text).outPath ]) gen.config
        ++ [ [ "nix/registry.json" registry.outPath ] ];
    };
    kernel = if gen ? kernel then o gen.kernel else null;
    mods = simple "modules" "kernel-modules-${gen.kernelVersion}" { inherit kernel; };
    initrd = simple "initrd" "initrd-linux-${gen.kernelVersion}" { size = g.initrd; };
    source = simple "source" "source" { lists = g.lists; };
    registry = config "etc-nix-registry.json" (builtins.toJSON {
      version = 2;
      flakes = [ { from = { type = "indirect"; id = "packages"; }; to = { type = "path"; path = source.outPath; }; exact = true; } ];
    });
    self = simple "system" gen.name ({
      etc = etc.outPath; sw = path.outPath; systemd = o "systemd"; inherit sh; version = gen.version;
      coreutils = o "coreutils"; utillinux = o "util-linux"; perl = o "perl";
      setupetc = setupetc.outPath; users = users.outPath; usersjson = usersjson.outPath;
      activatePath = map o (only [ "coreutils" "grep" "findutils" "libc-bin" "passwd" "nettools" "util-linux" "mount" "login" ]);
      wrappers = if has "sudo" then [ "${o "sudo"}/bin/sudo" ] else [ ];
    } // (if gen ? kernel then { inherit kernel; modules = mods.outPath; initrd = initrd.outPath; } else { }));
  in self;
in system
