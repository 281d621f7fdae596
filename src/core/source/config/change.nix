# A configuration as it is and with changes: the derivation of each, and which path it will have.
{ c, flake ? null, changes }:
let
  inherit (builtins) seq toJSON trace unsafeDiscardStringContext;
  say = what: trace "nix-heft:${toJSON what}" null;
  top = c:
    let t = c.config.system.build.toplevel or (c.config.home.activationPackage or c.activationPackage);
    in { drv = unsafeDiscardStringContext t.drvPath; out = unsafeDiscardStringContext t.outPath; };
  # The path alone does not write the derivation; its name with its context does.
  written = c:
    let t = c.config.system.build.toplevel or (c.config.home.activationPackage or c.activationPackage);
    in seq t.drvPath (top c);
  before = written c;
  after = written (c.extendModules { modules = changes; });
  begin = n: say { k = "b"; o = [ n ]; };
in
seq (begin "before") (seq before.drv (seq (say { k = "a"; n = "top"; v = before.out; })
  (if !(c ? extendModules) then { extends = false; }
  else seq (begin "after") (seq after.drv { extends = true; inherit before after; }))))
