use nix_heft::job::Progress;
use nix_heft::source::{Request, text};
use std::time::Instant;
fn cpu() -> f64 {
    let s = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    s.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e9
}
fn main() {
    let args: Vec<String> = std::env::args().collect();
    for file in &args[1..] {
        let source = text::open_file(file).unwrap();
        for details in [false, true] {
            let mut best = f64::MAX;
            let mut last = None;
            for _ in 0..3 {
                let start = cpu();
                let loaded = source
                    .load(
                        &Request {
                            details,
                            ..Default::default()
                        },
                        &Progress::new(),
                    )
                    .unwrap();
                best = best.min(cpu() - start);
                last = Some(loaded);
            }
            let loaded = last.unwrap();
            let len = std::fs::metadata(file).unwrap().len() as f64 / 1e6;
            println!(
                "{file} {len:.1} MB: {:.1} ms, {} paths {} refs, {} roots, details {details}",
                best * 1e3,
                loaded.graph.len(),
                loaded.graph.reference_count(),
                loaded.roots.len()
            );
            for w in &loaded.warnings {
                println!("  {w}");
            }
            let mut out = Vec::new();
            let start = Instant::now();
            nix_heft::source::snapshot::write(&mut out, &loaded.graph, &loaded.roots, "t", &[])
                .unwrap();
            println!(
                "   snapshot {} bytes in {:.0} ms",
                out.len(),
                start.elapsed().as_secs_f64() * 1e3
            );
            std::fs::write(format!("{file}.{details}.heft"), out).unwrap();
        }
    }
}
