//! Binary caches, from a directory and from a server in this process that misbehaves on demand.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use nix_heft::job::Progress;
use nix_heft::source::cache::{Limits, Options, open_with};
use nix_heft::source::formats;
use nix_heft::source::{Loaded, Request, SourceError};

const ROOT: &str = "/nix/store/6mgh6x89bas54rsx29h7xpy8h66ls285-nixos-system-x-23.05+weird?name=1";
const PERL: &str = "dwl6birg2190pa59z760s1nprz40idiz";
const GLIBC: &str = "lxs6s4cfr0alsfcr8gn5qy9n88bpgzjs";

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/formats")
        .join(name)
}

fn load(url: &str, root: &str, options: &Options) -> Result<Loaded, SourceError> {
    let roots = if root.is_empty() {
        vec![]
    } else {
        vec![root.to_owned()]
    };
    let request = Request {
        roots,
        details: true,
        ..Request::default()
    };
    open_with(url, options)?.load(&request, &Progress::new())
}

/// What two sources of the same closure must agree on.
fn describe(loaded: &Loaded) -> String {
    let graph = &loaded.graph;
    let mut text = format!("{}\n", graph.store_dir());
    for id in graph.ids() {
        let known = graph.details(id).expect("asked for");
        let _ = writeln!(
            text,
            "{} {:?} {:?} {} {:?} {:?} {:?} {:?}",
            graph.base_name(id),
            graph.nar_size(id),
            graph.references(id),
            graph.references_itself(id),
            known.nar_hash,
            known.deriver,
            known.content_address,
            known.signatures,
        );
    }
    for &root in &loaded.roots {
        let _ = writeln!(text, "root {}", graph.base_name(root));
    }
    text
}

fn warnings(loaded: &Loaded) -> String {
    let lines = loaded.warnings.iter().map(ToString::to_string);
    lines.collect::<Vec<_>>().join("\n")
}

/// What the server does when it is asked for a file.
#[derive(Clone)]
enum Fault {
    /// Closes the connection without an answer, this many times.
    Reset(usize),
    /// Answers with a status, this many times.
    Status(u16, usize),
    /// Waits before it answers.
    Slow(Duration),
    /// Promises more than it sends, always.
    Truncated,
    /// Sends the file of another path.
    Swap(&'static str),
    /// Sends to itself, for ever.
    RedirectLoop,
    /// Sends until the other end is closed.
    Endless,
}

/// A server that hands out a directory.
struct Server {
    url: String,
    requests: Arc<AtomicUsize>,
}

impl Server {
    fn start(directory: PathBuf, faults: Vec<(&str, Fault)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("bound");
        let faults = faults
            .into_iter()
            .map(|(name, fault)| (format!("/{name}"), fault));
        let faults: Arc<Mutex<HashMap<String, Fault>>> = Arc::new(Mutex::new(faults.collect()));
        let requests = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&requests);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (directory, faults, counter) =
                    (directory.clone(), Arc::clone(&faults), Arc::clone(&counter));
                std::thread::spawn(move || serve(stream, &directory, &faults, &counter));
            }
        });
        Self {
            url: format!("http://{address}"),
            requests,
        }
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

/// Serves one connection until it ends.
fn serve(
    stream: TcpStream,
    directory: &std::path::Path,
    faults: &Mutex<HashMap<String, Fault>>,
    counter: &AtomicUsize,
) {
    let mut out = stream.try_clone().expect("a second handle");
    let _ = out.set_nodelay(true);
    let mut reader = BufReader::new(stream);
    while let Some(path) = read_request(&mut reader) {
        counter.fetch_add(1, Ordering::SeqCst);
        if answer(&mut out, &path, directory, faults).is_none() {
            return;
        }
    }
}

fn read_request(reader: &mut BufReader<TcpStream>) -> Option<String> {
    let mut first = String::new();
    reader.read_line(&mut first).ok().filter(|&len| len > 0)?;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok().filter(|&len| len > 0)?;
        if header.trim().is_empty() {
            return first.split(' ').nth(1).map(str::to_owned);
        }
    }
}

/// Sends an answer; `None` ends the connection.
fn answer(
    out: &mut TcpStream,
    path: &str,
    directory: &std::path::Path,
    faults: &Mutex<HashMap<String, Fault>>,
) -> Option<()> {
    let mut file = path.to_owned();
    match next_fault(path, faults) {
        Some(Fault::Reset(_)) => return None,
        Some(Fault::Status(status, _)) => return send(out, status, "", b"sorry"),
        Some(Fault::Slow(time)) => std::thread::sleep(time),
        Some(Fault::Truncated) => {
            out.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nStorePath: /nix/store")
                .ok()?;
            return None;
        }
        Some(Fault::Swap(other)) => file = format!("/{other}.narinfo"),
        Some(Fault::RedirectLoop) => return send(out, 302, &format!("Location: {path}\r\n"), b""),
        Some(Fault::Endless) => {
            out.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                .ok()?;
            loop {
                out.write_all(b"8\r\nAAAAAAAA\r\n").ok()?;
            }
        }
        None => {}
    }
    match fs::read(directory.join(&file[1..])) {
        Ok(content) => send(out, 200, "", &content),
        Err(_) => send(out, 404, "", b"not here"),
    }
}

/// The fault that is due; those with a number of times are used up.
fn next_fault(path: &str, faults: &Mutex<HashMap<String, Fault>>) -> Option<Fault> {
    let mut faults = faults.lock().expect("no panic");
    let fault = faults.get_mut(path)?;
    match fault {
        Fault::Reset(0) | Fault::Status(_, 0) => return None,
        Fault::Reset(times) | Fault::Status(_, times) => *times -= 1,
        _ => {}
    }
    Some(fault.clone())
}

fn send(out: &mut TcpStream, status: u16, headers: &str, body: &[u8]) -> Option<()> {
    let len = body.len();
    let mut whole =
        format!("HTTP/1.1 {status} X\r\nContent-Length: {len}\r\n{headers}\r\n").into_bytes();
    whole.extend_from_slice(body);
    out.write_all(&whole).ok()
}

#[test]
fn a_cache_gives_the_same_closure_as_the_json_of_nix() {
    let json = formats::open_file(
        fixture("real-2.34.8-from-cache.json")
            .to_str()
            .expect("UTF-8"),
    )
    .expect("there");
    let request = Request {
        details: true,
        ..Request::default()
    };
    let expected = json.load(&request, &Progress::new()).expect("valid");
    let server = Server::start(fixture("cache-2.8"), vec![]);
    let directory = |name| format!("file://{}?compression=xz", fixture(name).display());
    for (url, root) in [
        (directory("cache-2.8"), ROOT),
        (directory("cache-2.34"), ROOT),
        (directory("cache-2.8"), ""),
        (directory("cache-2.8"), "6mgh6x89bas54rsx29h7xpy8h66ls285"),
        (format!("{}/", server.url), ROOT),
        (server.url.clone(), &format!("{ROOT}/bin/sh")),
    ] {
        let loaded = load(&url, root, &Options::default()).expect(root);
        assert_eq!(describe(&loaded), describe(&expected), "{url} {root}");
        assert_eq!(warnings(&loaded), "", "{url} {root}");
        let root = loaded.roots[0];
        assert!(loaded.graph.info(root).download_size.get().is_some());
    }
    assert_eq!(
        server.requests(),
        2 * 8,
        "each record and the cache's info are asked for once"
    );
}

#[test]
fn passing_faults_are_outlasted() {
    let faults = vec![
        ("nix-cache-info", Fault::Status(503, 1)),
        ("dwl6birg2190pa59z760s1nprz40idiz.narinfo", Fault::Reset(2)),
        (
            "lxs6s4cfr0alsfcr8gn5qy9n88bpgzjs.narinfo",
            Fault::Status(500, 1),
        ),
        (
            "6mgh6x89bas54rsx29h7xpy8h66ls285.narinfo",
            Fault::Slow(Duration::from_millis(200)),
        ),
    ];
    let server = Server::start(fixture("cache-2.8"), faults);
    let loaded = load(&server.url, ROOT, &Options::default()).expect("in the end");
    assert_eq!(loaded.graph.len(), 7);
    assert_eq!(warnings(&loaded), "");
}

#[test]
fn lasting_faults_are_errors_that_name_the_address() {
    let cases = [
        (Fault::Status(500, 99), "answers with status 500"),
        (Fault::Status(401, 99), "answers with status 401"),
        (Fault::RedirectLoop, "too many redirects"),
        (Fault::Truncated, "cannot get"),
    ];
    for (fault, expected) in cases {
        let name = format!("{PERL}.narinfo");
        let server = Server::start(fixture("cache-2.8"), vec![(&name, fault)]);
        let error = load(&server.url, ROOT, &Options::default()).expect_err(expected);
        let message = error.to_string();
        assert!(message.contains(expected), "{message}");
        assert!(
            message.contains(&format!("{}/{name}", server.url)),
            "{message}"
        );
        assert!(error.hint().is_some());
    }
    let closed = TcpListener::bind("127.0.0.1:0")
        .expect("a free port")
        .local_addr()
        .expect("bound");
    let error =
        load(&format!("http://{closed}"), ROOT, &Options::default()).expect_err("nobody there");
    assert!(error.to_string().contains("/nix-cache-info"), "{error}");
}

#[test]
fn what_is_missing_or_wrong_stays_a_gap_with_a_name() {
    let cases = [
        (Fault::Status(403, 99), ""),
        (Fault::Status(404, 99), ""),
        (
            Fault::Swap(PERL),
            "is that of another path, /nix/store/dwl6birg2190pa59z760s1nprz40idiz-perl-5.36.0",
        ),
        (Fault::Endless, "is larger than any record"),
    ];
    for (fault, problem) in cases {
        let name = format!("{GLIBC}.narinfo");
        let server = Server::start(fixture("cache-2.8"), vec![(&name, fault)]);
        let loaded = load(&server.url, ROOT, &Options::default()).expect("the rest");
        let glibc = loaded
            .graph
            .find("lxs6s4cfr0alsfcr8gn5qy9n88bpgzjs-glibc-2.36")
            .expect("referenced");
        assert!(loaded.graph.is_missing(glibc));
        assert_eq!(loaded.graph.nar_size(glibc), None);
        assert_eq!(loaded.graph.len(), 7);
        let text = warnings(&loaded);
        assert!(
            text.contains("glibc-2.36") && text.contains(problem),
            "{text}"
        );
    }
}

#[test]
fn a_root_that_is_missing_or_wrong_is_an_error() {
    let name = "6mgh6x89bas54rsx29h7xpy8h66ls285.narinfo";
    let cases = [
        (Fault::Status(404, 99), "is not a valid path in http://"),
        (Fault::Swap(PERL), "is that of another path"),
    ];
    for (fault, expected) in cases {
        let server = Server::start(fixture("cache-2.8"), vec![(name, fault)]);
        let error = load(&server.url, ROOT, &Options::default()).expect_err(expected);
        assert!(error.to_string().contains(expected), "{error}");
    }
    let server = Server::start(fixture("cache-2.8"), vec![]);
    for (root, expected) in [("", "cannot be listed"), ("hello", "is not a store path")] {
        let error = load(&server.url, root, &Options::default()).expect_err(expected);
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[test]
fn a_second_look_needs_no_network() {
    let home = tempfile::tempdir().expect("a directory");
    let online = Options {
        memory: Some(home.path().join("deep/records.sqlite")),
        ..Options::default()
    };
    let offline = Options {
        limits: Limits {
            offline: true,
            ..Limits::default()
        },
        ..online.clone()
    };
    let server = Server::start(fixture("cache-2.8"), vec![]);
    let error = load(&server.url, ROOT, &offline).expect_err("nothing remembered yet");
    assert!(
        error
            .to_string()
            .contains("is not among what is remembered of"),
        "{error}"
    );
    let first = load(&server.url, ROOT, &online).expect("there");
    let asked = server.requests();
    for options in [&offline, &online] {
        let again = load(&server.url, ROOT, options).expect("remembered");
        assert_eq!(describe(&again), describe(&first));
    }
    assert_eq!(server.requests(), asked, "nothing was asked for twice");
    let other = load(&format!("{}/other", server.url), ROOT, &offline);
    assert!(other.is_err(), "another cache has not said anything");
}

#[test]
fn a_memory_that_cannot_be_used_is_a_warning() {
    let home = tempfile::tempdir().expect("a directory");
    let file = home.path().join("records.sqlite");
    fs::create_dir(&file).expect("a directory");
    let options = Options {
        memory: Some(file),
        ..Options::default()
    };
    let server = Server::start(fixture("cache-2.8"), vec![]);
    let loaded = load(&server.url, ROOT, &options).expect("without it");
    assert!(
        warnings(&loaded).contains("records are not remembered"),
        "{}",
        warnings(&loaded)
    );
}

#[test]
fn work_that_is_called_off_ends() {
    let slow = Fault::Slow(Duration::from_secs(2));
    let name = format!("{PERL}.narinfo");
    let server = Server::start(fixture("cache-2.8"), vec![(&name, slow)]);
    let source = open_with(&server.url, &Options::default()).expect("an address");
    let request = Request {
        roots: vec![ROOT.to_owned()],
        ..Request::default()
    };
    let progress = Progress::new();
    progress.cancel();
    let error = source.load(&request, &progress).expect_err("called off");
    assert!(matches!(error, SourceError::Cancelled(_)), "{error}");
    assert!(server.requests() <= 1);
}

#[test]
fn a_cache_may_lie_in_another_store_or_break_the_rules() {
    let directory = tempfile::tempdir().expect("a directory");
    let put = |name: &str, content: &str| {
        fs::write(directory.path().join(name), content).expect("written");
    };
    put("nix-cache-info", "StoreDir: /gnu/store\nWantMassQuery: 0\n");
    let app = "6mgh6x89bas54rsx29h7xpy8h66ls285-app";
    put(
        "6mgh6x89bas54rsx29h7xpy8h66ls285.narinfo",
        &format!(
            "StorePath: /gnu/store/{app}\nURL: nar/x\nNarSize: 0\nReferences: /gnu/store/{GLIBC}-libc {PERL}-perl\n"
        ),
    );
    put(
        &format!("{GLIBC}.narinfo"),
        &format!("StorePath: /gnu/store/{GLIBC}-libc\nURL: a://b\nNarSize: 5\nSignature: 1;x;y\n"),
    );
    put(&format!("{PERL}.narinfo"), "nonsense");
    put("rubbish.narinfo", "not a record by its name");
    let url = format!("file://{}", directory.path().display());
    for root in ["", app] {
        let loaded = load(&url, root, &Options::default()).expect("readable");
        assert_eq!(loaded.graph.store_dir().as_str(), "/gnu/store");
        assert_eq!(loaded.graph.base_name(loaded.roots[0]), app);
        assert_eq!(loaded.graph.len(), 3);
        let text = warnings(&loaded);
        for expected in [
            "NAR size 0",
            "references as full paths",
            "at another address",
            "in the form of Guix",
            "has no StorePath",
            "perhaps cut off",
            "without a record of its own: dwl6birg2190pa59z760s1nprz40idiz-perl",
        ] {
            assert!(text.contains(expected), "{expected} in {text}");
        }
    }
}

#[test]
fn a_directory_without_records_is_an_error_and_no_empty_closure() {
    let directory = tempfile::tempdir().expect("a directory");
    fs::write(directory.path().join("odd.narinfo"), "x").expect("a file");
    let url = format!("file://{}", directory.path().display());
    let error = load(&url, "", &Options::default()).expect_err("nothing there");
    assert!(error.to_string().contains("no records"), "{error}");
    assert!(error.hint().expect("a hint").contains("HASH.narinfo"));
}

#[test]
fn missing_directories_and_addresses_that_are_none_are_refused() {
    for url in ["file:///nowhere/at/all", "file://", "ftp://x", "nonsense"] {
        assert!(open_with(url, &Options::default()).is_err(), "{url}");
    }
    let options = Options {
        trusted_public_keys: vec!["no key".to_owned()],
        ..Options::default()
    };
    let url = format!("file://{}", fixture("cache-2.8").display());
    assert!(open_with(&url, &options).is_err());
}

#[test]
fn a_thousand_records_are_read_at_once() {
    let directory = tempfile::tempdir().expect("a directory");
    let (graph, closure) = nix_heft::testing::store(1000, 5, 4);
    fs::write(
        directory.path().join("nix-cache-info"),
        "StoreDir: /nix/store\n",
    )
    .expect("written");
    for id in graph.ids() {
        let references: Vec<&str> = graph
            .references(id)
            .iter()
            .map(|&to| graph.base_name(to))
            .collect();
        let text = format!(
            "StorePath: {}\nURL: nar/x\nNarSize: {}\nReferences: {}\n",
            graph.path(id),
            graph.nar_size(id).expect("known"),
            references.join(" ")
        );
        let file = format!("{}.narinfo", graph.hash_part(id));
        fs::write(directory.path().join(file), text).expect("written");
    }
    let server = Server::start(directory.path().to_owned(), vec![]);
    let root = graph.path(closure.roots()[0]).to_string();
    let loaded = load(&server.url, &root, &Options::default()).expect("there");
    assert_eq!(loaded.graph.len(), closure.len());
    let total: u64 = loaded
        .graph
        .ids()
        .filter_map(|id| loaded.graph.nar_size(id))
        .sum();
    assert_eq!(Some(total), closure.nar_size());
    assert_eq!(server.requests(), closure.len() + 1);
}

/// The key that signed `cache-signed`.
const KEY: &str = "signer-1:+nxDTk9ajN5s03VJulhwF3RVKlfmPictZGCOykHfqic=";

#[test]
fn signatures_are_verified_when_there_are_keys() {
    let keys = |keys: &[&str]| Options {
        trusted_public_keys: keys.iter().map(|&key| key.to_owned()).collect(),
        ..Options::default()
    };
    let other = "cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=";
    let url = |name| format!("file://{}", fixture(name).display());
    let signed = url("cache-signed");
    for options in [keys(&[KEY]), keys(&[other, KEY]), keys(&[])] {
        assert_eq!(
            warnings(&load(&signed, "", &options).expect("readable")),
            ""
        );
    }
    let unsigned = |url: &str, key: &str| {
        let loaded = load(url, "", &keys(&[key])).expect("readable");
        let kind = "not signed by a trusted key";
        let warning = loaded.warnings.iter().find(|warning| warning.kind == kind);
        warning.map_or(0, |warning| warning.count)
    };
    assert_eq!(unsigned(&signed, other), 2);
    let content_addressed = 1;
    assert_eq!(unsigned(&url("cache-2.8"), KEY), 7 - content_addressed);

    let copy = tempfile::tempdir().expect("a directory");
    for entry in fs::read_dir(fixture("cache-signed")).expect("there") {
        let path = entry.expect("readable").path();
        let text = fs::read_to_string(&path).expect("readable");
        let forged = text.replace("NarSize: 161224", "NarSize: 161225");
        fs::write(copy.path().join(path.file_name().expect("a name")), forged).expect("written");
    }
    assert_eq!(
        unsigned(&format!("file://{}", copy.path().display()), KEY),
        1,
        "the forged one"
    );
}

#[test]
fn what_is_no_cache_is_not_said_to_lack_a_path() {
    let record = ROOT.rsplit_once('/').expect("a path").1[..32].to_owned() + ".narinfo";
    let refuse = |name| (name, Fault::Status(403, 99));
    let faults = vec![refuse("nix-cache-info"), refuse(&record)];
    let server = Server::start(fixture("cache-2.8"), faults);
    let error = load(&server.url, ROOT, &Options::default()).expect_err("refused");
    assert!(
        error
            .to_string()
            .contains("has neither a nix-cache-info nor"),
        "{error}"
    );
    assert!(error.hint().is_some_and(|hint| hint.contains("PASSWORD")));
    let server = Server::start(fixture("cache-2.8"), vec![refuse(&record)]);
    let error = load(&server.url, ROOT, &Options::default()).expect_err("refused");
    assert!(error.to_string().contains("is not a valid path"), "{error}");
}

/// A server for HTTPS that hands out a directory, with a certificate that an authority of its own has signed; `None`
/// where there is no `openssl`. What is returned is its address, and the file with the authority.
fn secured(
    directory: &std::path::Path,
    lab: &std::path::Path,
) -> Option<(Running, String, PathBuf)> {
    let openssl = |line: &str| {
        let mut command = Command::new("openssl");
        command.args(line.split(' ')).current_dir(lab);
        let output = command.stdin(Stdio::null()).output().ok()?;
        assert!(output.status.success(), "{line}: {output:?}");
        Some(())
    };
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    openssl(&format!(
        "req -x509 {key} -keyout ca.key -out ca.pem -subj /CN=ca -days 2"
    ))?;
    openssl(&format!(
        "req {key} -keyout leaf.key -out leaf.csr -subj /CN=leaf"
    ))?;
    fs::write(lab.join("san"), "subjectAltName=IP:127.0.0.1").expect("written");
    openssl("x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -out leaf.pem -days 2 -extfile san")?;
    let mut command = Command::new("openssl");
    command.args(["s_server", "-accept", "127.0.0.1:0", "-WWW", "-cert"]);
    command
        .arg(lab.join("leaf.pem"))
        .arg("-key")
        .arg(lab.join("leaf.key"));
    command
        .current_dir(directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut server = Running(command.spawn().ok()?);
    let lines = BufReader::new(server.0.stdout.take()?)
        .lines()
        .map_while(Result::ok);
    let mut ports =
        lines.filter_map(|line| Some(line.strip_prefix("ACCEPT ")?.rsplit_once(':')?.1.to_owned()));
    let port = ports.next()?;
    // Whatever else it says must not fill the pipe.
    std::thread::spawn(move || ports.count());
    Some((
        server,
        format!("https://127.0.0.1:{port}"),
        lab.join("ca.pem"),
    ))
}

/// A process that ends with its owner.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn an_authority_of_ones_own_is_believed_when_it_is_named() {
    let lab = tempfile::tempdir().expect("a directory");
    let Some((_server, url, authority)) = secured(&fixture("cache-2.8"), lab.path()) else {
        let _ = writeln!(std::io::stderr(), "skipped: no openssl here");
        return;
    };
    let error = load(&url, ROOT, &Options::default()).expect_err("a stranger");
    let message = error.to_string();
    assert!(
        message.contains("is not signed by a trusted authority"),
        "{message}"
    );
    assert!(
        error
            .hint()
            .is_some_and(|hint| hint.contains("NIX_SSL_CERT_FILE"))
    );
    let options = Options {
        limits: Limits {
            certificates: Some(authority),
            ..Limits::default()
        },
        ..Options::default()
    };
    let loaded = load(&url, ROOT, &options).expect("believed");
    assert_eq!(loaded.graph.len(), 7);
    let missing = Options {
        limits: Limits {
            certificates: Some(lab.path().join("none.pem")),
            ..Limits::default()
        },
        ..Options::default()
    };
    assert!(open_with(&url, &missing).is_err());
    assert!(open_with("http://127.0.0.1:1", &missing).is_ok());
}

#[test]
fn a_secret_key_is_refused_without_a_word_of_it() {
    let secret = "Zm9vYmFy".repeat(10) + "Zm9vYg==";
    for text in [
        format!("mine:{secret}"),
        secret.clone(),
        format!("mine:{secret}x"),
        "a:b".to_owned(),
    ] {
        let options = Options {
            trusted_public_keys: vec![text],
            ..Options::default()
        };
        let error = open_with("http://127.0.0.1:1", &options)
            .err()
            .expect("no public key");
        let told = format!("{error}{error:?}{}", error.hint().expect("a hint"));
        assert!(!told.contains("Zm9v"), "{told}");
        assert!(told.contains("convert-secret-to-public"));
    }
}
