//! The structure of SARIF 2.1.0: what its objects must have, may have, and of which kind that is.

use serde_json::{Map, Value};

/// The objects that occur in a check, with all properties the standard gives them.
///
/// A line is an object, those set in are its properties: their name, with `!` if it is required, and what they are. `[x]` is
/// a list, `[x]+` one with members, `set[x]` one in which none is there twice; `{x}` has any keys; `'a'|'b'` is one of these
/// words. `elsewhere` is an object that is not written down here. Of the properties behind `?` one must be there.
const OBJECTS: &str = "
log
  $schema uri
  version! '2.1.0'
  runs! [run]
  inlineExternalProperties set[elsewhere]
  properties bag
run
  tool! tool
  invocations [elsewhere]
  conversion elsewhere
  language language
  versionControlProvenance set[elsewhere]
  originalUriBaseIds {artifactLocation}
  artifacts set[elsewhere]
  logicalLocations set[logicalLocation]
  graphs set[elsewhere]
  results [result]
  automationDetails elsewhere
  runAggregates set[elsewhere]
  baselineGuid guid
  redactionTokens set[text]
  defaultEncoding text
  defaultSourceLanguage text
  newlineSequences set[text]+
  columnKind 'utf16CodeUnits'|'unicodeCodePoints'
  externalPropertyFileReferences elsewhere
  threadFlowLocations set[threadFlowLocation]
  taxonomies set[toolComponent]
  addresses [elsewhere]
  translations set[toolComponent]
  policies set[toolComponent]
  webRequests set[elsewhere]
  webResponses set[elsewhere]
  specialLocations elsewhere
  properties bag
tool
  driver! toolComponent
  extensions set[toolComponent]
  properties bag
toolComponent
  guid guid
  name! text
  organization text
  product text
  productSuite text
  shortDescription multiformatMessageString
  fullDescription multiformatMessageString
  fullName text
  version text
  semanticVersion text
  dottedQuadFileVersion text
  releaseDateUtc text
  downloadUri uri
  informationUri uri
  globalMessageStrings {multiformatMessageString}
  notifications set[reportingDescriptor]
  rules set[reportingDescriptor]
  taxa set[reportingDescriptor]
  locations [artifactLocation]
  language language
  contents set['localizedData'|'nonLocalizedData']
  isComprehensive flag
  localizedDataSemanticVersion text
  minimumRequiredLocalizedDataSemanticVersion text
  associatedComponent elsewhere
  translationMetadata elsewhere
  supportedTaxonomies set[elsewhere]
  properties bag
reportingDescriptor
  id! text
  deprecatedIds set[text]
  guid guid
  deprecatedGuids set[guid]
  name text
  deprecatedNames set[text]
  shortDescription multiformatMessageString
  fullDescription multiformatMessageString
  messageStrings {multiformatMessageString}
  defaultConfiguration reportingConfiguration
  helpUri uri
  help multiformatMessageString
  relationships set[elsewhere]
  properties bag
multiformatMessageString
  text! text
  markdown text
  properties bag
reportingConfiguration
  enabled flag
  level 'none'|'note'|'warning'|'error'
  rank rank
  parameters bag
  properties bag
result
  ruleId text
  ruleIndex index
  rule elsewhere
  kind 'notApplicable'|'pass'|'fail'|'review'|'open'|'informational'
  level 'none'|'note'|'warning'|'error'
  message! message
  analysisTarget artifactLocation
  locations [location]
  guid guid
  correlationGuid guid
  occurrenceCount ordinal
  partialFingerprints {text}
  fingerprints {text}
  stacks set[elsewhere]
  codeFlows [codeFlow]
  graphs set[elsewhere]
  graphTraversals set[elsewhere]
  relatedLocations set[location]
  suppressions set[elsewhere]
  baselineState 'new'|'unchanged'|'updated'|'absent'
  rank rank
  attachments set[elsewhere]
  hostedViewerUri uri
  workItemUris set[uri]
  provenance elsewhere
  fixes set[elsewhere]
  taxa set[elsewhere]
  webRequest elsewhere
  webResponse elsewhere
  properties bag
message
  text text
  markdown text
  id text
  arguments [text]
  properties bag
  ? text id
location
  id index
  physicalLocation physicalLocation
  logicalLocations set[logicalLocation]
  message message
  annotations set[region]
  relationships set[elsewhere]
  properties bag
physicalLocation
  address elsewhere
  artifactLocation artifactLocation
  region region
  contextRegion region
  properties bag
  ? address artifactLocation
artifactLocation
  uri uri-reference
  uriBaseId text
  index index
  description message
  properties bag
region
  startLine ordinal
  startColumn ordinal
  endLine ordinal
  endColumn ordinal
  charOffset index
  charLength count
  byteOffset index
  byteLength count
  snippet elsewhere
  message message
  sourceLanguage text
  properties bag
  ? startLine charOffset byteOffset
logicalLocation
  name text
  index index
  fullyQualifiedName text
  decoratedName text
  parentIndex index
  kind text
  properties bag
codeFlow
  message message
  threadFlows! [threadFlow]+
  properties bag
threadFlow
  id text
  message message
  initialState {multiformatMessageString}
  immutableState {multiformatMessageString}
  locations! [threadFlowLocation]+
  properties bag
threadFlowLocation
  index index
  location location
  stack elsewhere
  kinds set[text]
  taxa set[elsewhere]
  module text
  state {multiformatMessageString}
  nestingLevel count
  executionOrder index
  executionTimeUtc text
  importance 'important'|'essential'|'unimportant'
  webRequest elsewhere
  webResponse elsewhere
  properties bag
";

/// What is wrong with a log: where, and what.
pub(crate) fn mistakes(log: &Value) -> Vec<String> {
    let mut found = Vec::new();
    value("", log, "log", &mut found);
    if found.is_empty() {
        consistent(log, &mut found);
    }
    found
}

/// The lines of an object, without its name.
fn properties(object: &str) -> Option<Vec<&'static str>> {
    let mut lines = OBJECTS.lines();
    lines.find(|line| *line == object)?;
    let own = lines.take_while(|line| line.starts_with("  "));
    Some(own.map(str::trim).collect())
}

fn value(at: &str, given: &Value, what: &str, found: &mut Vec<String>) {
    let inside = |open: &str, close: &str| what.strip_prefix(open)?.strip_suffix(close);
    let (list, least) = match what.strip_suffix('+') {
        Some(list) => (list, 1),
        None => (what, 0),
    };
    if let Some(member) = list.strip_suffix(']').and_then(|list| list.split_once('[')) {
        members(at, given, (member.0 == "set", least, member.1), found);
    } else if let Some(member) = inside("{", "}") {
        match given.as_object() {
            Some(map) => map
                .iter()
                .for_each(|(key, given)| value(&format!("{at}/{key}"), given, member, found)),
            None => found.push(format!("{at} is no object: {given}")),
        }
    } else if let Some(lines) = properties(what) {
        match given.as_object() {
            Some(map) => object(at, map, (what, &lines), found),
            None => found.push(format!("{at} is no {what}: {given}")),
        }
    } else if !is_plain(given, what) {
        found.push(format!("{at} is no {what}: {given}"));
    }
}

fn members(
    at: &str,
    given: &Value,
    (set, least, member): (bool, usize, &str),
    found: &mut Vec<String>,
) {
    let Some(list) = given.as_array() else {
        found.push(format!("{at} is no list: {given}"));
        return;
    };
    if list.len() < least {
        found.push(format!("{at} has {} members, not {least}", list.len()));
    }
    for (number, one) in list.iter().enumerate() {
        value(&format!("{at}/{number}"), one, member, found);
        if set && list[..number].contains(one) {
            found.push(format!("{at}/{number} is there twice"));
        }
    }
}

fn object(
    at: &str,
    map: &Map<String, Value>,
    (what, lines): (&str, &[&str]),
    found: &mut Vec<String>,
) {
    let mut known = Vec::new();
    for line in lines {
        let Some((name, kind)) = line.split_once(' ') else {
            panic!("{what}: {line:?} is no property");
        };
        if name == "?" {
            if !kind.split(' ').any(|key| map.contains_key(key)) {
                found.push(format!("{at} has none of {kind}"));
            }
            continue;
        }
        let (key, required) = match name.strip_suffix('!') {
            Some(key) => (key, true),
            None => (name, false),
        };
        known.push(key);
        match map.get(key) {
            Some(given) => value(&format!("{at}/{key}"), given, kind, found),
            None if required => found.push(format!("{at} has no {key}")),
            None => {}
        }
    }
    for key in map.keys().filter(|key| !known.contains(&key.as_str())) {
        found.push(format!("{at}: a {what} has no {key}"));
    }
}

/// Whether something is a value of a kind that has nothing inside.
fn is_plain(given: &Value, kind: &str) -> bool {
    let text = given.as_str();
    let at_least = |least: i64| given.as_i64().is_some_and(|number| number >= least);
    match kind {
        "text" => text.is_some(),
        "flag" => given.is_boolean(),
        "index" => at_least(-1),
        "count" => at_least(0),
        "ordinal" => at_least(1),
        "rank" => given
            .as_f64()
            .is_some_and(|rank| (-1.0..=100.0).contains(&rank)),
        "bag" => given.is_object(),
        "language" => text.is_some_and(|text| {
            let parts: Vec<&str> = text.split('-').collect();
            let is_part = |part: &&str| {
                part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_alphabetic())
            };
            parts.len() <= 2 && parts.iter().all(is_part)
        }),
        "guid" => text.is_some_and(|text| {
            let lengths: Vec<usize> = text.split('-').map(str::len).collect();
            lengths == [8, 4, 4, 4, 12]
                && text
                    .bytes()
                    .all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
        }),
        "uri" => text.is_some_and(|text| {
            let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
            scheme.starts_with(|first: char| first.is_ascii_alphabetic()) && is_reference(text)
        }),
        "uri-reference" => text.is_some_and(is_reference),
        words if words.starts_with('\'') => {
            let mut words = words.split('|').map(|word| word.trim_matches('\''));
            words.any(|word| text == Some(word))
        }
        "elsewhere" => false,
        _ => panic!("{kind} is not written down"),
    }
}

/// Whether a text is a reference of RFC 3986: only its characters, `%` with two digits, no colon in the first part unless
/// that is a scheme, at most one fragment.
fn is_reference(text: &str) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let plain = byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=".contains(&byte);
        let digits = byte == b'%'
            && (0..2).all(|_| bytes.next().is_some_and(|byte| byte.is_ascii_hexdigit()));
        if !plain && !digits {
            return false;
        }
    }
    let first = text.split(['/', '?', '#']).next().unwrap_or_default();
    let scheme = first.split_once(':').is_none_or(|(scheme, _)| {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
        scheme.starts_with(|first: char| first.is_ascii_alphabetic()) && scheme.bytes().all(is_part)
    });
    scheme && text.matches('#').count() <= 1
}

/// What the prose of the standard and GitHub's reader ask for besides.
fn consistent(log: &Value, found: &mut Vec<String>) {
    for run in log["runs"].as_array().into_iter().flatten() {
        let rules = run["tool"]["driver"]["rules"].as_array();
        let rules: Vec<&Value> = rules
            .into_iter()
            .flatten()
            .map(|rule| &rule["id"])
            .collect();
        let results = run["results"].as_array();
        for (number, result) in results.into_iter().flatten().enumerate() {
            let mut wrong = |what: &str| found.push(format!("result {number}: {what}"));
            let at = result["ruleIndex"].as_u64().map(|at| at as usize);
            if at.and_then(|at| rules.get(at)) != Some(&&result["ruleId"]) {
                wrong("ruleIndex and ruleId are of different rules");
            }
            if result["kind"] != "fail" && result["level"] != "none" {
                wrong("only a failure has a level");
            }
            if result["partialFingerprints"]
                .as_object()
                .is_none_or(Map::is_empty)
            {
                wrong("it has no fingerprint");
            }
            if result["locations"].as_array().is_none_or(Vec::is_empty) {
                wrong("it is nowhere");
            }
            if result["message"]["text"]
                .as_str()
                .is_none_or(|text| text.trim().is_empty())
            {
                wrong("it says nothing");
            }
        }
    }
}
