# What the definitions of a configuration name, option by option.
#
# Each answer is written with `trace` as soon as it is there, and the option before it is evaluated. So an option that ends the
# evaluation is known, and what was found before it is not lost: the question is asked again for the options behind it.
{
  # A set with `options`, and with `config` and `pkgs` where it has them.
  c,
  # What is asked: "definitions", "switches", "inputs" or "options".
  mode,
  # Whether all options are asked, not only those that paths usually come by.
  all ? false,
  # Options that are not asked again, as texts.
  skip ? [ ],
  # Of which options it is asked whether they are there: lists of names.
  wanted ? [ ],
  # A flake, or null.
  flake ? null,
}:
let
  inherit (builtins)
    attrNames concatLists concatMap concatStringsSep elem elemAt filter foldl' genList getAttr hasAttr hasContext head
    isAttrs isBool isInt isList isPath isString length listToAttrs seq split storeDir tail toJSON trace tryEval
    unsafeDiscardStringContext unsafeGetAttrPos;

  # Values of these hold whole package sets, or are made from everything else.
  closed = [ "_module" "nixpkgs" "lib" "assertions" "warnings" "meta" "documentation" ];
  deepest = 7;
  widest = 400;
  longest = 5000;

  # Where paths usually come from, and the last names that count there; none: all of them.
  usual = [
    { at = [ "environment" "systemPackages" ]; }
    { at = [ "home" "packages" ]; }
    { at = [ "environment" "defaultPackages" ]; }
    { at = [ "environment" "corePackages" ]; }
    { at = [ "environment" "etc" ]; }
    { at = [ "environment" "extraInit" ]; }
    { at = [ "environment" "variables" ]; }
    { at = [ "environment" "sessionVariables" ]; }
    { at = [ "environment" "shells" ]; }
    { at = [ "systemd" "services" ]; }
    { at = [ "systemd" "user" "services" ]; }
    { at = [ "systemd" "sockets" ]; }
    { at = [ "systemd" "packages" ]; }
    { at = [ "systemd" "package" ]; }
    { at = [ "systemd" "tmpfiles" ]; }
    { at = [ "launchd" ]; }
    { at = [ "boot" ]; last = [ "kernel" "kernelPackages" "extraModulePackages" "extraUtilsCommands" "packages" "package" "contents" "storePaths" "theme" "extraFiles" ]; }
    { at = [ "hardware" ]; last = [ "firmware" "package" "package32" "extraPackages" "packages" ]; }
    { at = [ "security" "wrappers" ]; }
    { at = [ "security" "pki" ]; }
    { at = [ "security" "pam" "services" ]; }
    { at = [ "services" ]; last = [ "packages" "package" "extraPackages" "plugins" "path" "fonts" "modules" "drivers" "extraRules" "settings" "configFile" "sessionPackages" ]; }
    { at = [ "fonts" ]; }
    { at = [ "users" ]; }
    { at = [ "nix" ]; }
    { at = [ "programs" ]; last = [ "packages" "package" "extraPackages" "plugins" "shellInit" "interactiveShellInit" "promptInit" ]; }
    { at = [ "i18n" ]; }
    { at = [ "console" ]; }
    { at = [ "xdg" ]; }
    { at = [ "qt" ]; }
    { at = [ "gtk" ]; }
    { at = [ "home" "file" ]; }
    { at = [ "system" "activationScripts" ]; }
    { at = [ "system" "extraDependencies" ]; }
    { at = [ "system" "extraSystemBuilderCmds" ]; }
    { at = [ "virtualisation" ]; last = [ "package" "packages" "extraPackages" "contents" ]; }
    { at = [ "networking" ]; last = [ "package" "packages" "plugins" ]; }
  ];

  isOption = v: isAttrs v && (v._type or null) == "option";

  # The paths of all options below a place.
  below = path: v:
    let
      inner = n: let r = tryEval v.${n}; in if r.success then below (path ++ [ n ]) r.value else [ ];
      names = filter (n: !(length path == 0 && elem n closed) && n != "_module" && n != "_type") (attrNames v);
    in
    if length path > 12 || !(isAttrs v) then [ ]
    else if isOption v then [ path ]
    else if (v._type or null) != null || v ? __functor then [ ]
    else concatMap inner names;

  at = path:
    foldl' (v: n: if isAttrs v && !(isOption v) && hasAttr n v then getAttr n v else null) c.options path;
  last = path: elemAt path (length path - 1);
  shown = path: concatStringsSep "." path;

  # The same option may be below two places.
  once = paths:
    attrValues' (listToAttrs (map (p: { name = shown p; value = p; }) paths));
  attrValues' = set: map (n: set.${n}) (attrNames set);

  asked =
    let
      wanted = u: filter (p: !(u ? last) || elem (last p) u.last) (below u.at (at u.at));
      found = if all then below [ ] c.options else concatMap wanted usual;
    in
    filter (p: !(elem (shown p) skip)) (once found);

  isDerivation = v: (v.type or null) == "derivation" && v ? outPath;

  # The store paths in a text.
  inText = s:
    let parts = filter isList (split "(${storeDir}/[0-9a-df-np-sv-z]{32}-[-0-9a-zA-Z+._?=]+)" s);
    in map (p: elemAt p 0) parts;

  take = n: list: if length list <= n then list else genList (elemAt list) n;

  # The store paths in a value, with the attributes that lead there and where the last of these stands.
  walk = depth: attrs: pos: v:
    let
      here = text: { a = attrs; p = pos; t = text; };
      attribute = n:
        let there = unsafeGetAttrPos n v;
        in walk (depth - 1) (attrs ++ [ n ]) (if there == null then pos else { f = toString there.file; l = there.line; }) v.${n};
    in
    if depth == 0 then [ ]
    else if isString v then
      (if hasContext v then map here (inText (unsafeDiscardStringContext v)) else [ ])
    else if isPath v then map here (inText (toString v))
    else if isList v then concatMap (walk (depth - 1) attrs pos) (take longest v)
    else if !(isAttrs v) then [ ]
    else if isDerivation v then
      map (o: here (unsafeDiscardStringContext (v.${o}.outPath or v.outPath))) (v.outputs or [ "out" ])
    else if v ? _type then
      (if v._type == "if" then (if v.condition then walk depth attrs pos v.content else [ ])
      else if v._type == "merge" then concatMap (walk depth attrs pos) v.contents
      else if v._type == "override" || v._type == "order" then walk depth attrs pos v.content
      else if v ? outPath then map here (inText (unsafeDiscardStringContext (toString v.outPath)))
      else [ ])
    else if v ? __functor then [ ]
    else if v ? outPath then map here (inText (unsafeDiscardStringContext (toString v.outPath)))
    else if length (attrNames v) > widest then [ ]
    else concatMap attribute (attrNames v);

  definitionsOf = o:
    o.definitionsWithLocations or
      (genList (i: { file = elemAt o.files i; value = elemAt o.definitions i; }) (length (o.definitions or [ ])));

  # The kernel stands in a set of packages that is too large to be walked.
  valueOf = path: v:
    if last path == "kernelPackages" && isAttrs v && v ? kernel then { inherit (v) kernel; } else v;

  definitions = path:
    let
      o = at path;
      each = d: { f = toString d.file; t = walk deepest [ ] null (valueOf path d.value); };
    in
    { k = "o"; o = path; d = filter (d: d.t != [ ]) (map each (definitionsOf o)); g = o.readOnly or false || o.internal or false; };

  # Whether there is an option at a place, or one whose value has that place in it.
  exists = v: path:
    isOption v || path == [ ] || (isAttrs v && hasAttr (head path) v && exists v.${head path} (tail path));

  small = v:
    if isBool v || isInt v then toJSON v
    else if isString v then toJSON (unsafeDiscardStringContext v)
    else "…";

  switch = path:
    let
      o = at path;
      isBoolean = last path == "enable" || (o.type.name or null) == "bool";
      files = map toString (o.declarations or [ ]);
      lines = map (p: p.line or null) (o.declarationPositions or [ ]);
      each = d: { f = toString d.file; v = small d.value; };
      on = isBoolean && (o.value or null) == true;
    in
    if on then { k = "s"; o = path; n = files; l = lines; d = map each (definitionsOf o); } else { k = "-"; };

  ask = path: if mode == "switches" then switch path else definitions path;

  about = {
    self = _: if flake == null then "" else unsafeDiscardStringContext (toString flake.outPath);
    # Where a set of packages does not say where it is, its modules are what is not the user's own.
    nixpkgs = _: unsafeDiscardStringContext (toString
      (c.pkgs.path or (c.options._module.specialArgs.value.modulesPath or "")));
    top = _: unsafeDiscardStringContext
      (c.config.system.build.toplevel.outPath or (c.config.home.activationPackage.outPath or (c.activationPackage.outPath or "")));
  };

  # One question after the other: what it is about is said before it is evaluated.
  questions =
    if mode == "inputs" then
      map (n: { o = [ "input" n ]; ask = _: { k = "n"; n = n; v = unsafeDiscardStringContext (toString flake.inputs.${n}.outPath); }; })
        (filter (n: !(elem "input.${n}" skip)) (attrNames (flake.inputs or { })))
    else if mode == "options" then
      map (p: { o = p; ask = _: { k = "e"; o = p; v = exists c.options p; }; }) (filter (p: !(elem (shown p) skip)) wanted)
    else
      (if mode == "definitions" then
        map (n: { o = [ "about" n ]; ask = _: { k = "a"; n = n; v = about.${n} null; }; })
          (filter (n: !(elem "about.${n}" skip)) [ "self" "nixpkgs" "top" ])
      else [ ])
      ++ map (p: { o = p; ask = _: ask p; }) (if mode == "switches" then filter (p: !(elem (shown p) skip)) (once (below [ ] c.options)) else asked);

  say = what: trace "nix-heft:${what}" null;
  answer = q:
    let r = tryEval (let text = toJSON (q.ask null); in seq text text);
    in if r.success then r.value else toJSON { k = "x"; o = q.o; };
  step = n: q: seq (say (toJSON { k = "b"; o = q.o; })) (seq (say (answer q)) (n + 1));
in
seq (say (toJSON { k = "c"; n = length questions; })) (foldl' step 0 questions)
