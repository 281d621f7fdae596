//! How long the questions take at 2 000, 15 000, 200 000 and a million paths: `cargo bench --bench analyses`.

use std::sync::{Arc, OnceLock};

use divan::Bencher;
use nix_heft::analysis::cut::{Cutter, cut, cut_size, package_cut};
use nix_heft::analysis::plan::PlanFile;
use nix_heft::analysis::query::{Context, fuzzy};
use nix_heft::analysis::select::{select, select_each};
use nix_heft::analysis::what_if::{after, what_if};
use nix_heft::analysis::why::Why;
use nix_heft::analysis::{
    Analysed, ClosureSizes, Diff, Distances, Dominators, Labels, Order, Overlap, Query, Shares,
    Step, duplicate_groups, near_misses,
};
use nix_heft::job::Progress;
use nix_heft::model::{Closure, PathId, StoreGraph};
use nix_heft::testing;

/// Sizes of most benches; a mean of eight references a path, ten at a million.
const SIZES: [usize; 4] = [2_000, 15_000, 200_000, 1_000_000];

fn main() {
    divan::main();
}

/// Everything a bench may need, made once for each size.
struct Fixture {
    graph: StoreGraph,
    closure: Closure,
    order: Order,
    dominators: Dominators,
    /// The path with most referrers.
    libc: PathId,
    /// Of the paths with up to a hundred referrers, the one with most.
    middling: PathId,
}

fn fixture(paths: usize) -> &'static Fixture {
    static FIXTURES: [OnceLock<Fixture>; 4] = [const { OnceLock::new() }; 4];
    let at = SIZES
        .iter()
        .position(|&size| size == paths)
        .expect("a known size");
    FIXTURES[at].get_or_init(|| {
        let (graph, closure) = testing::store(paths, 8, 1);
        let order = Order::of(&graph, &closure);
        let dominators =
            Dominators::of(&graph, &closure, &order, &Progress::new()).expect("not cancelled");
        let referrers = |id: &PathId| graph.referrers(*id).len();
        let most = |limit: usize| {
            let few = graph
                .ids()
                .filter(|id| referrers(id) <= limit && !graph.references(*id).is_empty());
            few.max_by_key(|id| referrers(id)).expect("a path")
        };
        let (libc, middling) = (most(usize::MAX), most(100));
        Fixture {
            graph,
            closure,
            order,
            dominators,
            libc,
            middling,
        }
    })
}

/// The closure of some roots, with what near misses rest on.
fn analysed(f: &Fixture, roots: &[PathId]) -> Analysed {
    let graph = Arc::new(f.graph.clone());
    let analysed = Analysed::of(graph, roots, &Progress::new());
    analysed.core().expect("not cancelled");
    analysed
}

#[divan::bench(args = SIZES, max_time = 3)]
fn closure_of_roots(bencher: Bencher<'_, '_>, paths: usize) {
    let f = fixture(paths);
    bencher.bench(|| Closure::of(&f.graph, f.closure.roots()));
}

#[divan::bench(args = SIZES, max_time = 3)]
fn topological_order(bencher: Bencher<'_, '_>, paths: usize) {
    let f = fixture(paths);
    bencher.bench(|| Order::of(&f.graph, &f.closure));
}

#[divan::bench(args = SIZES, max_time = 3)]
fn dominators(bencher: Bencher<'_, '_>, paths: usize) {
    let f = fixture(paths);
    bencher.bench(|| Dominators::of(&f.graph, &f.closure, &f.order, &Progress::new()));
}

#[divan::bench(args = SIZES, max_time = 3)]
fn depth_and_level(bencher: Bencher<'_, '_>, paths: usize) {
    let f = fixture(paths);
    bencher.bench(|| Distances::of(&f.graph, &f.closure, &f.order));
}

/// Quadratic by nature: a million paths take minutes.
#[divan::bench(args = [2_000, 15_000, 200_000], max_time = 3)]
fn all_closure_sizes(bencher: Bencher<'_, '_>, paths: usize) {
    let f = fixture(paths);
    bencher.bench(|| ClosureSizes::of(&f.graph, &f.closure, &f.order, &Progress::new()));
}

/// What the explorer does on every mark.
#[divan::bench(args = SIZES, max_time = 3)]
fn after_one_removal(bencher: Bencher<'_, '_>, paths: usize) {
    let f = fixture(paths);
    bencher.bench(|| after(&f.graph, &f.closure, &[Step::Remove(f.middling)]));
}

/// With leaving, arriving and what is still held.
#[divan::bench(args = SIZES, max_time = 3)]
fn what_if_one_removal(bencher: Bencher<'_, '_>, paths: usize) {
    let f = fixture(paths);
    let steps = [Step::Remove(f.middling)];
    bencher.bench(|| what_if(&f.graph, &f.closure, &steps, &Progress::new()));
}

#[divan::bench(args = SIZES, max_time = 3)]
fn what_if_five_steps(bencher: Bencher<'_, '_>, paths: usize) {
    let f = fixture(paths);
    let mut steps: Vec<Step> = f
        .graph
        .referrers(f.middling)
        .iter()
        .take(3)
        .map(|&id| Step::Remove(id))
        .collect();
    steps.push(Step::Cut {
        from: f.graph.referrers(f.libc)[0],
        to: f.libc,
    });
    steps.push(Step::Replace {
        old: f.middling,
        new: f.libc,
    });
    bencher.bench(|| what_if(&f.graph, &f.closure, &steps, &Progress::new()));
}

/// Removals of two fifths of a closure, one after the other.
#[divan::bench(sample_count = 5)]
fn what_if_eight_thousand_steps(bencher: Bencher<'_, '_>) {
    let leaves: Vec<String> = (0..20_000).map(|at| format!("leaf-{at}")).collect();
    let text = format!("root -> {}\n{}", leaves.join(" "), leaves.join("\n"));
    let (graph, closure) = testing::graph(&text);
    let members = closure.members().iter();
    let leaves = members.filter(|&id| !closure.is_root(id));
    let steps: Vec<Step> = leaves.take(8_000).map(Step::Remove).collect();
    bencher.bench(|| what_if(&graph, &closure, &steps, &Progress::new()));
}

/// Replacements of most paths of a closure by others, some above them, one after the other.
#[divan::bench(sample_count = 5)]
fn what_if_ten_thousand_replacements(bencher: Bencher<'_, '_>) {
    let f = fixture(15_000);
    let mut order: Vec<PathId> = f.order.sequence().to_vec();
    order.retain(|&id| !f.closure.is_root(id));
    for pair in order.chunks_exact_mut(2) {
        if !f.graph.references(pair[0]).contains(&pair[1]) {
            pair.swap(0, 1);
        }
    }
    let below = order.iter().copied().cycle().skip(17);
    let pairs = order.iter().copied().zip(below).take(order.len() - 17);
    let steps = pairs.map(|(old, new)| Step::Replace { old, new });
    let steps: Vec<Step> = steps.take(10_000).collect();
    bencher.bench(|| what_if(&f.graph, &f.closure, &steps, &Progress::new()));
}

/// A plan whose ten thousand names are those of no path.
#[divan::bench(args = [15_000, 1_000_000], max_time = 3)]
fn a_plan_of_ten_thousand_unknown_names(bencher: Bencher<'_, '_>, paths: usize) {
    let f = fixture(paths);
    let steps = (0..10_000).map(|at| {
        format!("[[step]]\nremove = {{ pname = \"lib\", name = \"lib-{at}-x{at}\", hash = \"{at:032}\" }}\n")
    });
    let text = format!(
        "format = \"nix-heft/plan\"\nversion = 1\n{}",
        steps.collect::<String>()
    );
    bencher.bench(|| PlanFile::parse(&text).map(|plan| plan.apply(&f.graph, &f.closure)));
}

#[divan::bench(args = SIZES, max_time = 3)]
fn why_the_c_library(bencher: Bencher<'_, '_>, paths: usize) {
    let f = fixture(paths);
    bencher.bench(|| Why::of(&f.graph, &f.closure, &f.order, &f.dominators, f.libc));
}

#[divan::bench(args = SIZES, max_time = 3)]
fn cut_size_of_the_c_library(bencher: Bencher<'_, '_>, paths: usize) {
    let f = fixture(paths);
    bencher.bench(|| cut_size(&f.graph, &f.closure, f.libc, &Progress::new()));
}

#[divan::bench(args = SIZES, max_time = 3)]
fn cut_of_the_c_library(bencher: Bencher<'_, '_>, paths: usize) {
    let f = fixture(paths);
    bencher.bench(|| {
        cut(
            &f.graph,
            &f.closure,
            f.libc,
            &|_, _| false,
            &Progress::new(),
        )
    });
}

#[divan::bench(args = SIZES, max_time = 3)]
fn best_cut_of_the_c_library(bencher: Bencher<'_, '_>, paths: usize) {
    let f = fixture(paths);
    let cutter = Cutter::new(&f.graph, &f.closure, &f.dominators);
    bencher.bench(|| cutter.best(f.libc, &|_, _| false, &Progress::new()));
}

#[divan::bench(args = SIZES, max_time = 3)]
fn best_cut_of_a_middling_package(bencher: Bencher<'_, '_>, paths: usize) {
    let f = fixture(paths);
    let cutter = Cutter::new(&f.graph, &f.closure, &f.dominators);
    bencher.bench(|| cutter.best(f.middling, &|_, _| false, &Progress::new()));
}

/// Graphs denser than any store: paths, and of how many paths behind it in the order each references about one.
#[divan::bench(args = [(20_000, 256), (2_000, 3)], max_time = 3)]
fn best_cut_in_a_dense_graph(bencher: Bencher<'_, '_>, (paths, among): (usize, usize)) {
    let mut random = testing::Random::new(1);
    let sizes: Vec<_> = (0..paths).map(|_| Some(random.number() >> 40)).collect();
    let mut edges: Vec<_> = (1..paths).map(|to| (random.below(to), to)).collect();
    for from in 0..paths {
        let last = if paths > 10_000 {
            (from + 10_000).min(paths)
        } else {
            paths
        };
        let behind = (from + 1..last).filter(|_| random.below(among) == 0);
        edges.extend(behind.map(|to| (from, to)).collect::<Vec<_>>());
    }
    let (graph, closure) = testing::plain_graph(&sizes, &edges, &[0]);
    let order = Order::of(&graph, &closure);
    let dominators =
        Dominators::of(&graph, &closure, &order, &Progress::new()).expect("not cancelled");
    let cutter = Cutter::new(&graph, &closure, &dominators);
    let target = graph.ids().next_back().expect("a path");
    bencher.bench(|| cutter.best(target, &|_, _| false, &Progress::new()));
}

#[divan::bench(args = SIZES, max_time = 3)]
fn cut_of_a_middling_package(bencher: Bencher<'_, '_>, paths: usize) {
    let f = fixture(paths);
    bencher.bench(|| {
        cut(
            &f.graph,
            &f.closure,
            f.middling,
            &|_, _| false,
            &Progress::new(),
        )
    });
}

#[divan::bench(args = SIZES, max_time = 3)]
fn package_cut_of_the_c_library(bencher: Bencher<'_, '_>, paths: usize) {
    let f = fixture(paths);
    let roots = |id| f.closure.is_root(id);
    bencher.bench(|| package_cut(&f.graph, &f.closure, f.libc, &roots, &Progress::new()));
}

#[divan::bench(args = SIZES, max_time = 3)]
fn all_duplicates(bencher: Bencher<'_, '_>, paths: usize) {
    let f = fixture(paths);
    bencher.bench(|| duplicate_groups(&f.graph, &f.closure, &f.order, &Progress::new()));
}

#[divan::bench(args = SIZES, max_time = 3)]
fn shares(bencher: Bencher<'_, '_>, paths: usize) {
    let f = fixture(paths);
    bencher.bench(|| Shares::of(&f.graph, &f.closure, &f.order, &Progress::new()));
}

#[divan::bench(args = SIZES, max_time = 3)]
fn what_twelve_roots_share(bencher: Bencher<'_, '_>, paths: usize) {
    let f = fixture(paths);
    let closure = Closure::of(&f.graph, f.graph.references(f.closure.roots()[0]));
    let order = Order::of(&f.graph, &closure);
    bencher.bench(|| Overlap::of(&f.graph, &closure, &order, &Progress::new()));
}

#[divan::bench(args = [2_000, 15_000, 200_000], max_time = 3)]
fn fifty_near_misses(bencher: Bencher<'_, '_>, paths: usize) {
    let f = fixture(paths);
    let analysed = analysed(f, f.closure.roots());
    bencher.bench(|| near_misses(&analysed, 50));
}

/// Every path is a root, as where a whole store was asked for.
#[divan::bench(args = [2_000, 15_000, 200_000], max_time = 3)]
fn fifty_near_misses_among_roots(bencher: Bencher<'_, '_>, paths: usize) {
    let f = fixture(paths);
    let all: Vec<PathId> = f.graph.ids().collect();
    let analysed = analysed(f, &all);
    bencher.bench(|| near_misses(&analysed, 50));
}

/// Denser than any store: of 2 000 paths each references three in ten of those behind it; sizes differ, or are all the same.
#[divan::bench(args = [true, false], max_time = 10)]
fn near_misses_in_a_dense_graph(bencher: Bencher<'_, '_>, sizes_differ: bool) {
    let mut random = testing::Random::new(1);
    let size = |random: &mut testing::Random| {
        Some(if sizes_differ {
            random.number() >> 40
        } else {
            1
        })
    };
    let sizes: Vec<_> = (0..2_000).map(|_| size(&mut random)).collect();
    let mut edges: Vec<_> = (1..2_000).map(|to| (random.below(to), to)).collect();
    for from in 0..2_000 {
        edges.extend(
            (from + 1..2_000)
                .filter(|_| random.below(10) < 3)
                .map(|to| (from, to)),
        );
    }
    let (graph, closure) = testing::plain_graph(&sizes, &edges, &[0]);
    let analysed = Analysed::of(Arc::new(graph), closure.roots(), &Progress::new());
    analysed.core().expect("not cancelled");
    bencher.bench(|| near_misses(&analysed, 100));
}

/// A thousand patterns that each mean some names.
#[divan::bench(args = [200_000, 1_000_000], max_time = 3)]
fn many_patterns(bencher: Bencher<'_, '_>, paths: usize) {
    let f = fixture(paths);
    let step = f.graph.len() / 1_000;
    let names = f.graph.ids().step_by(step).map(|id| f.graph.name(id));
    let patterns: Vec<String> = names
        .map(|name| format!("*{}*", &name[name.len() / 2..]))
        .collect();
    let patterns: Vec<&str> = patterns.iter().map(String::as_str).collect();
    bencher.bench(|| select_each(&f.graph, &f.closure, &patterns));
}

/// As many alternatives as fit into an argument of a command.
#[divan::bench(args = [15_000, 200_000], max_time = 3)]
fn many_alternatives(bencher: Bencher<'_, '_>, paths: usize) {
    let f = fixture(paths);
    let alternatives: Vec<String> = (0..5_500).map(|at| format!("name:*{at}-*[0-9]")).collect();
    let query = Query::parse(&alternatives.join(" or ")).expect("a query");
    let context = Context {
        graph: &f.graph,
        value: &|_, _| None,
        marked: &|_| false,
        change: &|_| None,
        accidental: &|_| None,
        word: &|word, id| fuzzy(word, f.graph.name(id)),
    };
    bencher.bench_local(|| {
        let filter = query
            .resolve(&f.graph, &f.closure)
            .expect("nothing to look up");
        f.graph
            .ids()
            .filter(|&id| filter.matches(&context, id))
            .count()
    });
}

#[divan::bench(args = SIZES, max_time = 3)]
fn labels(bencher: Bencher<'_, '_>, paths: usize) {
    let f = fixture(paths);
    bencher.bench(|| Labels::of(&f.graph, f.closure.members()));
}

#[divan::bench(args = SIZES, max_time = 3)]
fn select_by_package_name(bencher: Bencher<'_, '_>, paths: usize) {
    let f = fixture(paths);
    let name = f.graph.package(f.middling).pname;
    bencher.bench(|| select(&f.graph, &f.closure, name));
}

#[divan::bench(args = SIZES, max_time = 3)]
fn select_nothing(bencher: Bencher<'_, '_>, paths: usize) {
    let f = fixture(paths);
    bencher.bench(|| select(&f.graph, &f.closure, "no-such-thing"));
}

#[divan::bench(args = SIZES, max_time = 3)]
fn filter_every_path(bencher: Bencher<'_, '_>, paths: usize) {
    let f = fixture(paths);
    let query = Query::parse("(nar>1MiB or name:perl*) lib not kind:drv").expect("a query");
    let filter = query
        .resolve(&f.graph, &f.closure)
        .expect("nothing to look up");
    let context = Context {
        graph: &f.graph,
        value: &|_, id| f.graph.nar_size(id).map(i128::from),
        marked: &|_| false,
        change: &|_| None,
        accidental: &|_| None,
        word: &|word, id| fuzzy(word, f.graph.name(id)),
    };
    bencher.bench_local(|| {
        f.graph
            .ids()
            .filter(|&id| filter.matches(&context, id))
            .count()
    });
}

/// Two closures of 15 000 paths in one graph of which two thirds are on both sides.
#[divan::bench]
fn diff_15_000(bencher: Bencher) {
    let (graph, closure) = testing::store(22_500, 8, 1);
    let mut whole: Vec<PathId> = closure.members().iter().collect();
    whole.sort_by_key(|&id| closure.depths(&graph)[id]);
    let late = &whole[whole.len() / 3..];
    let before = Closure::of(&graph, late);
    let after = Closure::of(&graph, closure.roots());
    bencher.bench_local(|| {
        Diff::of(&graph, &before, &after, &Progress::new()).expect("not cancelled")
    });
}
