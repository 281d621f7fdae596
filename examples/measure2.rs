use nix_heft::job::Progress;
use nix_heft::source::{Request, json};
fn cpu() -> f64 {
    let s = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    s.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e6
}
fn main() {
    let file = std::env::args().nth(1).unwrap();
    for _ in 0..4 {
        let t0 = cpu();
        let bytes = std::fs::read(&file).unwrap();
        let t1 = cpu();
        let _: serde::de::IgnoredAny = serde_json::from_slice(&bytes).unwrap();
        let t2 = cpu();
        let text = std::str::from_utf8(&bytes).unwrap();
        let t3 = cpu();
        let records = json::parse_json(text.as_bytes(), "x", false, &Progress::new()).unwrap();
        let t4 = cpu();
        let loaded = records.finish(&Request::default(), "x").unwrap();
        let t5 = cpu();
        println!(
            "read {:.0} ignored {:.0} utf8 {:.0} parse {:.0} finish {:.0} ({} paths)",
            t1 - t0,
            t2 - t1,
            t3 - t2,
            t4 - t3,
            t5 - t4,
            loaded.graph.len()
        );
    }
}
