//! Several sources of the same paths: the first one says what the closure is, the others fill in what it lacks.
//!
//! A store has no download sizes, a binary cache no registration times, a plain list no sizes at all: together they may
//! have everything. Where two sources contradict each other the first one counts, with a warning.

use std::path::PathBuf;
use std::sync::Arc;

use crate::job::Progress;
use crate::model::graph_builder::{Draft, MISSING_RECORD};
use crate::model::nar_hash::parse_any;
use crate::model::{Details, GraphBuilder, PathId, StoreGraph, Warning, Warnings};
use crate::source::formats::records::{CYCLE, ONLY_ROOTS, base_name, default_roots, deliver};
use crate::source::{BoxedSource, Loaded, Request, Source, SourceError};

/// Whether a warning says what one source lacks: all of them together may have it.
fn is_of_one(warning: &Warning) -> bool {
    [MISSING_RECORD, ONLY_ROOTS].contains(&warning.kind.as_str())
}

/// Sources that are asked one after the other.
pub struct Merged {
    sources: Vec<BoxedSource>,
}

impl Merged {
    /// The first source that knows the roots decides about them, the others add to it.
    pub fn new(sources: Vec<BoxedSource>) -> Self {
        Self { sources }
    }

    /// The position of the source that knows the roots, with what it says.
    fn first(
        &self,
        request: &Request,
        progress: &Progress,
        warnings: &mut Warnings,
    ) -> Result<(usize, Loaded), SourceError> {
        let mut refused = None;
        for (at, source) in self.sources.iter().enumerate() {
            match source.load(request, progress) {
                Ok(loaded) => return Ok((at, loaded)),
                Err(error @ SourceError::UnknownRoot { .. }) => {
                    warnings.add("a source that does not know the roots", &error);
                    refused.get_or_insert(error);
                }
                Err(error) => return Err(error),
            }
        }
        Err(refused.unwrap_or(SourceError::NoRoots))
    }
}

impl Source for Merged {
    fn files(&self) -> Vec<PathBuf> {
        self.sources.iter().flat_map(|one| one.files()).collect()
    }

    fn load(&self, request: &Request, progress: &Progress) -> Result<Loaded, SourceError> {
        let mut warnings = Warnings::new();
        // Whether they contradict each other shows in the details.
        let request = &Request {
            details: true,
            ..request.clone()
        };
        let (first, mut loaded) = self.first(request, progress, &mut warnings)?;
        let by_default = request.roots.is_empty() && has_default_roots(&loaded);
        for (at, source) in self.sources.iter().enumerate() {
            if at == first {
                continue;
            }
            let every_path = Request {
                roots: paths(&loaded.graph),
                details: true,
                lenient: true,
                ..Request::default()
            };
            match source.load(&every_path, progress) {
                Ok(more) => {
                    loaded = merged(loaded, &more, (request, by_default), &mut warnings)?;
                }
                Err(SourceError::Cancelled(cancelled)) => return Err(cancelled.into()),
                Err(error) => warnings.add("a further source that adds nothing", error),
            }
        }
        loaded.warnings.extend(warnings.into_vec());
        Ok(loaded)
    }
}

fn paths(graph: &StoreGraph) -> Vec<String> {
    graph.ids().map(|id| graph.path(id).to_string()).collect()
}

/// Whether the roots are only those that nothing else references. Then another source may know of references to them.
fn has_default_roots(loaded: &Loaded) -> bool {
    loaded.roots == default_roots(&loaded.graph, &mut Warnings::new())
}

/// What both say, the first one being right. Roots `by_default` are looked for again.
fn merged(
    first: Loaded,
    more: &Loaded,
    (request, by_default): (&Request, bool),
    warnings: &mut Warnings,
) -> Result<Loaded, SourceError> {
    if first.graph.store_dir() != more.graph.store_dir() {
        warnings.add(
            "a further source of another store directory, left out",
            &more.origin,
        );
        return Ok(first);
    }
    note_contradictions(&first.graph, &more.graph, warnings);
    let origin = format!("{} and {}", first.origin, more.origin);
    let mut builder = GraphBuilder::new(first.graph.store_dir().clone(), request.details);
    let full = || crate::source::formats::records::too_large(&origin);
    let drafts = add(&mut builder, &first.graph, None).ok_or_else(full)?;
    add(&mut builder, &more.graph, Some(&first.graph)).ok_or_else(full)?;
    let roots = first.roots.iter().filter(|_| !by_default);
    let roots: Vec<Draft> = roots.map(|id| drafts[id.index()]).collect();
    // The roots are known by now; the extras are in the first graph, or it would not be here.
    let request = Request {
        roots: Vec::new(),
        ..request.clone()
    };
    let mut loaded = deliver(builder, &roots, &request, &origin)?;
    let graph = Arc::make_mut(&mut loaded.graph);
    for known in [&first.graph, &more.graph] {
        if let Some(known) = known.known_outputs() {
            graph.add_outputs(known);
        }
    }
    let mut all: Vec<Warning> = first.warnings;
    all.retain(|warning| !is_of_one(warning));
    if by_default {
        all.retain(|warning| warning.kind != CYCLE);
    }
    // What one of them lacks the other may have: the graph of both tells.
    let others = more.warnings.iter();
    let others = others.filter(|warning| !is_of_one(warning));
    for warning in others.chain(&std::mem::take(&mut loaded.warnings)) {
        if !all.contains(warning) {
            all.push(warning.clone());
        }
    }
    loaded.warnings = all;
    let found = Arc::unwrap_or_clone(first.found);
    loaded.found = Arc::new(found.rebased(&first.graph, &loaded.graph));
    Ok(loaded)
}

/// Puts a whole graph into the builder. Details that `before` knew stay. `None` when there is no room.
fn add(
    builder: &mut GraphBuilder,
    graph: &StoreGraph,
    before: Option<&StoreGraph>,
) -> Option<Vec<Draft>> {
    let mut drafts = Vec::with_capacity(graph.len());
    for id in graph.ids() {
        let name = graph.base_name(id);
        let draft = builder.intern(name)?;
        if !graph.is_missing(id) {
            builder.record(draft, graph.info(id));
        }
        let known = before.and_then(|before| before.details(before.find(name)?));
        if let Some(details) = graph.details(id) {
            builder.record_details(draft, &filled(known.unwrap_or_default(), details));
        }
        drafts.push(draft);
    }
    for id in graph.ids() {
        let from = drafts[id.index()];
        if graph.references_itself(id) {
            builder.reference(from, from);
        }
        for to in graph.references(id) {
            builder.reference(from, drafts[to.index()]);
        }
    }
    Some(drafts)
}

/// The first details with the gaps filled from the second.
pub(super) fn filled(mut details: Details, more: Details) -> Details {
    details.nar_hash = details.nar_hash.or(more.nar_hash);
    details.deriver = details.deriver.or(more.deriver);
    details.content_address = details.content_address.or(more.content_address);
    details.ultimate |= more.ultimate;
    for signature in more.signatures {
        if !details.signatures.contains(&signature) {
            details.signatures.push(signature);
        }
    }
    details
}

/// Sizes are compared by the builder; here are references and hashes.
fn note_contradictions(first: &StoreGraph, more: &StoreGraph, warnings: &mut Warnings) {
    for id in first.ids().filter(|&id| !first.is_missing(id)) {
        let name = first.base_name(id);
        let Some(other) = more.find(name).filter(|&other| !more.is_missing(other)) else {
            continue;
        };
        if !same_references(first, id, more, other) {
            let kind = "two sources disagree about the references, all of them count";
            warnings.add(kind, name);
        }
        let details = (first.details(id), more.details(other));
        if let (Some(a), Some(b)) = details {
            for what in contradictions(&a, &b) {
                let kind = format!("two sources disagree about {what}, the first one counts");
                warnings.add(&kind, name);
            }
        }
    }
}

/// What two records of the same path say differently. What only one of them says is no contradiction.
fn contradictions(a: &Details, b: &Details) -> Vec<&'static str> {
    let differ = |a: &Option<String>, b: &Option<String>, same: fn(&str, &str) -> bool| matches!((a, b), (Some(a), Some(b)) if !same(a, b));
    let same_deriver = |a: &str, b: &str| base_name(a) == base_name(b);
    let mut found = Vec::new();
    if matches!((a.nar_hash, b.nar_hash), (Some(a), Some(b)) if a != b) {
        found.push("the NAR hash, so about the content");
    }
    if differ(&a.deriver, &b.deriver, same_deriver) {
        found.push("the deriver");
    }
    if differ(&a.content_address, &b.content_address, same_address) {
        found.push("the content address");
    }
    found
}

/// Whether two content addresses are equal, whatever their hashes are written in.
fn same_address(a: &str, b: &str) -> bool {
    let parts = |text: &str| {
        let at = text.rfind("sha").or(text.rfind("md5"))?;
        let (algorithm, bytes) = parse_any(&text[at..])?;
        Some((text[..at].to_owned(), algorithm.to_owned(), bytes))
    };
    a == b || parts(a).is_some_and(|a| Some(a) == parts(b))
}

fn same_references(first: &StoreGraph, a: PathId, more: &StoreGraph, b: PathId) -> bool {
    let names = |graph: &'_ StoreGraph, id| -> Vec<String> {
        let references = graph.references(id).iter();
        references
            .map(|&to| graph.base_name(to).to_owned())
            .collect()
    };
    first.references(a).len() == more.references(b).len() && names(first, a) == names(more, b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::formats::load_bytes;

    /// A file in memory.
    struct Text(&'static str, &'static str);

    impl Source for Text {
        fn load(&self, request: &Request, progress: &Progress) -> Result<Loaded, SourceError> {
            let text = self
                .1
                .replace("@A", "/nix/store/6mgh6x89bas54rsx29h7xpy8h66ls285-app")
                .replace("@B", "/nix/store/899952n1nwb3c2p68h5gjxhy21qdasfv-lib")
                .replace("@C", "/nix/store/dwl6birg2190pa59z760s1nprz40idiz-more");
            load_bytes(text.as_bytes(), self.0, request, progress)
        }
    }

    fn merge(texts: &[&'static str], roots: &[&str]) -> Result<Loaded, SourceError> {
        let names = ["first", "second", "third"];
        let sources = names.into_iter().zip(texts);
        let sources = sources.map(|(name, text)| Box::new(Text(name, text)) as BoxedSource);
        let request = Request {
            roots: roots.iter().map(|&root| root.to_owned()).collect(),
            ..Request::default()
        };
        Merged::new(sources.collect()).load(&request, &Progress::new())
    }

    fn loaded(texts: &[&'static str], roots: &[&str]) -> Loaded {
        merge(texts, roots).expect("readable")
    }

    fn load(texts: &[&'static str]) -> Result<(String, String), SourceError> {
        let loaded = merge(texts, &["app"])?;
        let graph = &loaded.graph;
        let lines = graph.ids().map(|id| {
            let info = graph.info(id);
            let to: Vec<&str> = graph
                .references(id)
                .iter()
                .map(|&to| graph.name(to))
                .collect();
            let (name, to) = (graph.name(id), to.join(" "));
            format!(
                "{name} {:?} {:?} -> {to}",
                info.nar_size, info.download_size
            )
        });
        let warnings = loaded.warnings.iter().map(ToString::to_string);
        Ok((
            lines.collect::<Vec<_>>().join("; "),
            warnings.collect::<Vec<_>>().join("; "),
        ))
    }

    const PLAIN: &str = r#"[{"path":"@A","narSize":7,"references":["@B"]},{"path":"@B","narSize":5,"references":[]}]"#;

    #[test]
    fn sources_fill_each_other_in() {
        let gaps = r#"[{"path":"@A","references":["@B"]}]"#;
        let cache = r#"[{"path":"@B","narSize":5,"downloadSize":2,"references":["@C"]},{"path":"@C","narSize":1,"references":[]}]"#;
        let known = load(&[gaps, cache, PLAIN]).expect("readable");
        assert_eq!(
            known.0,
            "app 7 B unknown -> lib; lib 5 B 2 B -> more; more 1 B unknown -> "
        );
        assert_eq!(
            known.1,
            "two sources disagree about the references, all of them count: 899952n1nwb3c2p68h5gjxhy21qdasfv-lib"
        );
    }

    #[test]
    fn contradictions_and_failures_are_warnings() {
        let wrong = r#"[{"path":"@A","narSize":8,"references":["@B"]}]"#;
        let (graph, warnings) = load(&[PLAIN, wrong, "[{"]).expect("readable");
        assert_eq!(graph, "app 7 B unknown -> lib; lib 5 B unknown -> ");
        for expected in [
            "two records that disagree about the NAR size",
            "adds nothing: third: cut off",
        ] {
            assert!(warnings.contains(expected), "{warnings}");
        }
        let elsewhere =
            r#"[{"path":"/gnu/store/6mgh6x89bas54rsx29h7xpy8h66ls285-app","narSize":1}]"#;
        let (graph, warnings) = load(&[PLAIN, elsewhere]).expect("readable");
        assert_eq!(graph, "app 7 B unknown -> lib; lib 5 B unknown -> ");
        assert!(!warnings.is_empty());
    }

    #[test]
    fn the_first_source_that_knows_the_roots_decides() {
        let other = r#"[{"path":"@C","narSize":8}]"#;
        let (graph, warnings) = load(&[other, PLAIN]).expect("the second");
        assert_eq!(graph, "app 7 B unknown -> lib; lib 5 B unknown -> ");
        assert!(
            warnings.contains("app is not a valid path in first"),
            "{warnings}"
        );
        // What it lacks the second has.
        let other = r#"[{"path":"@C","narSize":8,"references":["@B"]}]"#;
        let (_, warnings) = load(&[other, PLAIN]).expect("the second");
        assert!(!warnings.contains("without a record"), "{warnings}");
        assert!(load(&[other, other]).is_err());
        assert!(load(&["[{", PLAIN]).is_err());
    }

    fn names(loaded: &Loaded) -> Vec<&str> {
        let roots = loaded.roots.iter();
        roots.map(|&id| loaded.graph.name(id)).collect()
    }

    #[test]
    fn what_contradicts_in_the_details_is_told_even_where_no_details_are_wanted() {
        const OWN: &str = r#"[{"path":"@A","references":[],"deriver":"@B.drv",
            "narHash":"sha256-BlwNjj/aoZM26GTe/XiJd1wAZ/vplhgrMRQ41TylmXE=",
            "ca":"fixed:r:sha256:1lr187v6dck1rjh2j6svpikcfz53wyl3qrlcbb405zlh13x0khhh"}]"#;
        const SAME: &str = r#"[{"path":"@A","references":[],"deriver":"@B.drv",
            "narHash":"sha256:0wcrllydaf0l64mii5p9zdkh0p3pi5wgvpk4x0v978fs7y70sp06",
            "ca":{"method":"nar","hash":"sha256-EMIJ+giQ/gLIWoxmPKjno3zHZrxbGymgzGGyZvZBIdM="}}]"#;
        const OTHER: &str = r#"[{"path":"@A","references":[],"deriver":"@C.drv",
            "narHash":"sha256-EMIJ+giQ/gLIWoxmPKjno3zHZrxbGymgzGGyZvZBIdM=",
            "ca":"text:sha256:1lr187v6dck1rjh2j6svpikcfz53wyl3qrlcbb405zlh13x0khhh"}]"#;
        const LESS: &str = r#"[{"path":"@A","references":[]}]"#;
        for agreeing in [SAME, LESS] {
            assert_eq!(loaded(&[OWN, agreeing], &[]).warnings, []);
        }
        let warnings = loaded(&[OWN, OTHER], &[]).warnings;
        let about: Vec<&str> = warnings.iter().map(|one| one.kind.as_str()).collect();
        assert_eq!(
            about,
            [
                "two sources disagree about the NAR hash, so about the content, the first one counts",
                "two sources disagree about the deriver, the first one counts",
                "two sources disagree about the content address, the first one counts",
            ]
        );
    }

    #[test]
    fn roots_by_default_are_those_of_all_sources_together() {
        const APART: &str = r#"[{"path":"@A","narSize":7,"references":[]},{"path":"@B","narSize":5,"references":[]}]"#;
        assert_eq!(names(&loaded(&[APART], &[])), ["app", "lib"]);
        assert_eq!(names(&loaded(&[APART, PLAIN], &[])), ["app"]);
        assert_eq!(
            names(&loaded(&[APART, PLAIN], &["lib", "app"])),
            ["lib", "app"]
        );
    }
}
