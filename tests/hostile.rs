//! Servers, files and stores that mean no good: what they were found to do, each kind with the way it ends now.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use nix_heft::job::Progress;
use nix_heft::source::cache::archive::Archives;
use nix_heft::source::cache::{Limits, Options, open_with};
use nix_heft::source::files::places::StoreFiles;
use nix_heft::source::files::survey::Survey;
use nix_heft::source::{Loaded, Request, SourceError};
use tempfile::TempDir;

const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
const APP: &str = "/nix/store/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-app-1";

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/hostile")
        .join(name)
}

fn signed(hash: &str) -> String {
    fs::read_to_string(fixture(&format!("signed-as-it-was/{hash}.narinfo"))).expect("a record")
}

fn unsigned(hash: &str) -> String {
    let text = signed(hash);
    let lines = text.split_inclusive('\n');
    lines.filter(|line| !line.starts_with("Sig:")).collect()
}

fn key() -> String {
    let key = fs::read_to_string(fixture("public-key")).expect("a key");
    key.trim().to_owned()
}

/// What a server says to the path of a request and the login in it.
type Answer = dyn Fn(&str, &str) -> Reply + Send + Sync;

enum Reply {
    Text(String),
    Bytes(Vec<u8>),
    Missing,
    Status(u16),
    /// To another path of the same server.
    Redirect(String),
    /// A byte, and after each one such a pause.
    Slowly(Duration),
}

impl From<String> for Reply {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Reply {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// A server in this process.
struct Server {
    url: String,
    requests: Arc<AtomicUsize>,
}

impl Server {
    fn start(answer: impl Fn(&str, &str) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let requests = Arc::new(AtomicUsize::new(0));
        let (answer, counter): (Arc<Answer>, _) = (Arc::new(answer), Arc::clone(&requests));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, counter) = (Arc::clone(&answer), Arc::clone(&counter));
                std::thread::spawn(move || serve(stream, &*answer, &counter));
            }
        });
        Self { url, requests }
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    fn with_login(&self, login: &str) -> String {
        self.url.replace("http://", &format!("http://{login}@"))
    }
}

fn serve(stream: TcpStream, answer: &Answer, counter: &AtomicUsize) -> Option<()> {
    let mut out = stream.try_clone().ok()?;
    let mut lines = BufReader::new(stream).lines();
    loop {
        let first = lines.next()?.ok()?;
        let path = first.split(' ').nth(1)?.to_owned();
        let mut headers = HashMap::new();
        for line in lines.by_ref() {
            let line = line.ok()?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':')?;
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        counter.fetch_add(1, Ordering::SeqCst);
        let via = headers.get("proxy-authorization");
        let login = headers.get("authorization").map_or("", String::as_str);
        let login = via.map_or_else(|| login.to_owned(), |via| format!("{login} via {via}"));
        let (status, location, body) = match answer(&path, &login) {
            Reply::Text(text) => (200, None, text.into_bytes()),
            Reply::Bytes(bytes) => (200, None, bytes),
            Reply::Missing => (404, None, Vec::new()),
            Reply::Status(status) => (status, None, Vec::new()),
            Reply::Redirect(to) => (302, Some(to), Vec::new()),
            Reply::Slowly(pause) => {
                write!(out, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n").ok()?;
                loop {
                    out.write_all(b"x").ok()?;
                    std::thread::sleep(pause);
                }
            }
        };
        let location = location.map_or_else(String::new, |to| format!("Location: {to}\r\n"));
        let length = body.len();
        write!(
            out,
            "HTTP/1.1 {status} x\r\n{location}Content-Length: {length}\r\n\r\n"
        )
        .ok()?;
        out.write_all(&body).ok()?;
    }
}

/// A hash part that a number stands for.
fn hash_part(number: u64) -> String {
    const DIGITS: &[u8; 32] = b"0123456789abcdfghijklmnpqrsvwxyz";
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let digit = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        DIGITS[(state & 31) as usize] as char
    };
    (0..32).map(digit).collect()
}

fn record(hash: &str, name: &str, references: &[String], size: u64) -> String {
    format!(
        "StorePath: /nix/store/{hash}-{name}\nURL: nar/x\nCompression: none\n\
         NarHash: sha256:0sg9f58l1jj88w6pdrfdpj5x9b1zrwszk84j81zvby36q9whhhqa\nNarSize: {size}\n\
         References: {}\n",
        references.join(" ")
    )
}

/// The hash part that a request for a record names.
fn asked(path: &str) -> Option<&str> {
    path.strip_prefix('/')?.strip_suffix(".narinfo")
}

/// The user's memory of caches.
struct Lab(TempDir);

impl Lab {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a directory"))
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("records.sqlite")
    }

    fn options(&self, keys: &[String]) -> Options {
        Options {
            memory: Some(self.file()),
            trusted_public_keys: keys.to_vec(),
            ..Options::default()
        }
    }

    fn load(&self, url: &str, keys: &[String]) -> Result<Loaded, SourceError> {
        load(url, &self.options(keys))
    }
}

fn load(url: &str, options: &Options) -> Result<Loaded, SourceError> {
    let request = Request {
        roots: vec![APP.to_owned()],
        details: true,
        ..Request::default()
    };
    open_with(url, options)?.load(&request, &Progress::new())
}

fn warnings(loaded: &Loaded) -> String {
    let lines = loaded.warnings.iter().map(ToString::to_string);
    lines.collect::<Vec<_>>().join("\n")
}

fn dep_size(loaded: &Loaded) -> Option<u64> {
    let dep = loaded
        .graph
        .ids()
        .find(|&id| loaded.graph.name(id).starts_with("dep"))?;
    loaded.graph.nar_size(dep)
}

const INFO: &str = "StoreDir: /nix/store\n";

#[test]
fn a_bad_answer_is_forgotten_and_a_good_one_kept() {
    let visit = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&visit);
    let server = Server::start(move |path, _| match path {
        "/nix-cache-info" => match seen.load(Ordering::SeqCst) {
            0 => "StoreDir: relative\n".into(),
            1 => "<html>Please log in</html>".into(),
            _ => INFO.into(),
        },
        path => match asked(path) {
            Some(_) if seen.load(Ordering::SeqCst) == 1 => "<html>Please log in</html>".into(),
            Some(hash @ (A | B)) => signed(hash).into(),
            _ => Reply::Missing,
        },
    });
    let lab = Lab::new();
    let error = lab
        .load(&server.url, &[])
        .expect_err("a relative directory");
    assert!(
        error.hint().is_some_and(|hint| hint.contains("--refresh")),
        "{error}"
    );
    visit.store(1, Ordering::SeqCst);
    assert!(lab.load(&server.url, &[]).is_err(), "no record");
    visit.store(2, Ordering::SeqCst);
    let loaded = lab.load(&server.url, &[]).expect("the server is well");
    assert_eq!((loaded.graph.len(), &*warnings(&loaded)), (2, ""));
    let before = server.requests();
    assert_eq!(
        lab.load(&server.url, &[]).expect("remembered").graph.len(),
        2
    );
    assert_eq!(server.requests(), before);
    let again = Options {
        refresh: true,
        ..lab.options(&[])
    };
    assert_eq!(
        load(&server.url, &again).expect("asked anew").graph.len(),
        2
    );
    assert_eq!(server.requests(), before + 3);
}

#[test]
fn what_was_not_signed_is_asked_for_again_by_who_wants_it_signed() {
    let is_signed = Arc::new(AtomicUsize::new(0));
    let state = Arc::clone(&is_signed);
    let server = Server::start(move |path, _| match asked(path) {
        Some(hash @ (A | B)) if state.load(Ordering::SeqCst) > 0 => signed(hash).into(),
        Some(hash @ (A | B)) => unsigned(hash).into(),
        _ if path == "/nix-cache-info" => INFO.into(),
        _ => Reply::Missing,
    });
    let (lab, keys) = (Lab::new(), [key()]);
    // Who wants nothing signed remembers what is not.
    lab.load(&server.url, &[]).expect("there");
    for _ in 0..2 {
        let loaded = lab.load(&server.url, &keys).expect("there");
        assert!(warnings(&loaded).contains("not signed by a trusted key"));
    }
    is_signed.store(1, Ordering::SeqCst);
    let loaded = lab.load(&server.url, &keys).expect("there");
    assert_eq!(warnings(&loaded), "");
    let before = server.requests();
    assert_eq!(
        warnings(&lab.load(&server.url, &keys).expect("remembered")),
        ""
    );
    assert_eq!(server.requests(), before);
}

#[test]
fn a_changed_record_does_not_count_as_signed() {
    let keys = [key()];
    let at = |name: &str| format!("file://{}", fixture(name).display());
    let lab = Lab::new();
    let loaded = lab.load(&at("signed-as-it-was"), &keys).expect("a cache");
    assert_eq!((loaded.graph.len(), &*warnings(&loaded)), (2, ""));
    let loaded = lab
        .load(&at("signed-references-elsewhere"), &keys)
        .expect("a cache");
    assert!(
        warnings(&loaded).contains("not signed by a trusted key"),
        "{}",
        warnings(&loaded)
    );
}

#[test]
fn what_one_login_is_told_is_not_told_to_another() {
    const EVIL: &str = "Basic ZXZpbDp4";
    let server = Server::start(|path, login| match asked(path) {
        Some(B) if login == EVIL => record(B, "dep-1", &[], 999_999_999).into(),
        Some(hash @ (A | B)) => signed(hash).into(),
        _ if path == "/nix-cache-info" => INFO.into(),
        _ => Reply::Missing,
    });
    let lab = Lab::new();
    let evil = lab.load(&server.with_login("evil:x"), &[]).expect("there");
    assert_eq!(dep_size(&evil), Some(999_999_999));
    for url in [
        server.with_login("good:y"),
        server.url.clone(),
        format!("{}?priority=1", server.url),
    ] {
        let loaded = lab.load(&url, &[]).expect("there");
        assert_ne!(dep_size(&loaded), Some(999_999_999), "{url}");
    }
    let bytes = fs::read(lab.file()).expect("a file");
    for secret in ["evil", "ZXZpbDp4"] {
        let found = bytes
            .windows(secret.len())
            .any(|window| window == secret.as_bytes());
        assert!(!found, "{secret} stands in the file");
    }
}

#[test]
fn a_login_goes_with_a_redirect_within_its_host() {
    let server = Server::start(|path, login| {
        // me:pw
        if login != "Basic bWU6cHc=" {
            return Reply::Status(401);
        }
        match path.strip_prefix("/v2") {
            None => Reply::Redirect(format!("/v2{path}")),
            Some("/nix-cache-info") => INFO.into(),
            Some(path) => match asked(path) {
                Some(hash @ (A | B)) => signed(hash).into(),
                _ => Reply::Missing,
            },
        }
    });
    let lab = Lab::new();
    let loaded = lab
        .load(&server.with_login("me:pw"), &[])
        .expect("logged in");
    assert_eq!(loaded.graph.len(), 2);
    let error = lab
        .load(&server.with_login("me:other"), &[])
        .expect_err("refused");
    let said = format!("{error} {:?}", error.hint());
    assert!(said.contains("401") && !said.contains("other"), "{said}");
}

#[test]
fn a_login_does_not_leave_its_host() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&seen);
    let other = Server::start(move |path, login| {
        noted.lock().expect("a list").push(login.to_owned());
        match asked(path) {
            Some(hash @ (A | B)) => signed(hash).into(),
            _ => INFO.into(),
        }
    });
    // The same machine by another name is another host.
    let target = other.url.replace("127.0.0.1", "localhost");
    let server = Server::start(move |path, _| Reply::Redirect(format!("{target}{path}")));
    let outcome = Lab::new().load(&server.with_login("me:pw"), &[]);
    let logins = seen.lock().expect("a list");
    assert!(outcome.is_ok() && !logins.is_empty(), "it was asked");
    assert!(logins.iter().all(String::is_empty), "{logins:?}");
}

#[test]
fn a_closure_without_end_ends_with_the_budget_and_what_was_learnt_is_kept() {
    let counter = AtomicUsize::new(0);
    let server = Server::start(move |path, _| {
        let Some(hash) = asked(path) else {
            return INFO.into();
        };
        let number = counter.fetch_add(20, Ordering::SeqCst) as u64;
        let more: Vec<String> = (number..number + 20)
            .map(|n| format!("{}-x", hash_part(n)))
            .collect();
        let name = if hash == A { "app-1" } else { "x" };
        record(hash, name, &more, 1).into()
    });
    let lab = Lab::new();
    let limited = Options {
        limits: Limits {
            most: Some(1 << 20),
            ..Limits::default()
        },
        ..lab.options(&[])
    };
    let error = load(&server.url, &limited).expect_err("without end");
    assert!(error.to_string().contains("the binary cache"), "{error}");
    assert!(
        error
            .hint()
            .is_some_and(|hint| hint.contains("--cache-limit"))
    );
    let asked = server.requests();
    assert!(asked <= 1200, "{asked}");
    let connection = rusqlite::Connection::open(lab.file()).expect("a file");
    let kept = connection.query_row("select count(*) from answers", [], |row| {
        row.get::<_, i64>(0)
    });
    let kept = kept.expect("counted");
    assert!(kept > 100, "{kept} of {asked} are remembered");
}

#[test]
fn small_listings_that_swell_take_no_memory() {
    let bomb = fs::read(fixture("listing-60MiB.ls.zst")).expect("a listing");
    let server = Server::start(move |path, _| {
        let deps: Vec<String> = (0..40).map(|n| format!("{}-d", hash_part(n))).collect();
        match asked(path) {
            Some(A) => record(A, "app-1", &deps, 1).into(),
            Some(hash) => record(hash, "d", &[], 1).into(),
            None if path.strip_suffix(".ls").is_some() => Reply::Bytes(bomb.clone()),
            None => INFO.into(),
        }
    });
    let loaded = Lab::new().load(&server.url, &[]).expect("a closure");
    let survey = |most| {
        let limits = Limits {
            most,
            ..Limits::default()
        };
        let archives = Archives::of(&server.url, &limits).expect("an address");
        let files = StoreFiles::of(loaded.graph.store_dir()).with_archives(archives);
        let closure = nix_heft::model::Closure::of(&loaded.graph, &loaded.roots);
        let read = hashbrown::HashMap::new();
        Survey::of(
            &files,
            &loaded.graph,
            closure.members(),
            read,
            &Progress::new(),
        )
    };
    let found = survey(None).expect("not cancelled");
    let said: Vec<String> = found.warnings.iter().map(ToString::to_string).collect();
    assert!(
        said.iter()
            .any(|line| line.contains("larger than any listing")),
        "{said:?}"
    );
    assert_eq!(found.missing.len(), 41);
    let found = survey(Some(8 << 20)).expect("not cancelled");
    let said: Vec<String> = found.warnings.iter().map(ToString::to_string).collect();
    assert!(
        said.iter().any(|line| line.contains("more than 8.0 MiB")),
        "{said:?}"
    );
}

#[test]
fn who_sends_a_byte_now_and_then_is_not_waited_for_beyond_patience() {
    // The patience itself is tested beside it; here that cancelling ends the wait.
    let server = Server::start(|_, _| Reply::Slowly(Duration::from_millis(50)));
    let progress = Progress::new();
    let source = open_with(&server.url, &Options::default()).expect("an address");
    let request = Request {
        roots: vec![APP.to_owned()],
        ..Request::default()
    };
    let outcome = std::thread::scope(|scope| {
        let loading = scope.spawn(|| source.load(&request, &progress));
        while server.requests() == 0 {
            std::thread::yield_now();
        }
        progress.cancel();
        loading.join().expect("no panic")
    });
    assert!(matches!(outcome, Err(SourceError::Cancelled(_))));
}

#[test]
fn a_poisoned_memory_is_not_believed() {
    let server = Server::start(|path, _| match asked(path) {
        Some(hash @ (A | B)) => signed(hash).into(),
        _ if path == "/nix-cache-info" => INFO.into(),
        _ => Reply::Missing,
    });
    let lab = Lab::new();
    lab.load(&server.url, &[]).expect("there");
    let poison = |text: &str| {
        let connection = rusqlite::Connection::open(lab.file()).expect("a file");
        let changed = connection.execute("update answers set record = ?", [text]);
        assert_eq!(changed.expect("changed"), 3);
    };
    for text in [
        "",
        "<html>",
        "StorePath: /nix/store/x",
        &signed(B).replace(B, A)[..40],
    ] {
        poison(text);
        let loaded = lab.load(&server.url, &[]).expect("asked again");
        assert_eq!((loaded.graph.len(), &*warnings(&loaded)), (2, ""), "{text}");
    }
    fs::write(
        lab.file(),
        b"no database at all, but quite long".repeat(100),
    )
    .expect("written");
    let loaded = lab.load(&server.url, &[]).expect("asked again");
    assert!(
        warnings(&loaded).contains("was damaged, and is forgotten"),
        "{}",
        warnings(&loaded)
    );
    assert_eq!(
        warnings(&lab.load(&server.url, &[]).expect("remembered anew")),
        ""
    );
}

fn heft(arguments: &[&str]) -> Output {
    heft_with(arguments, &[])
}

fn heft_with(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let home = tempfile::tempdir().expect("a directory");
    Command::new(env!("CARGO_BIN_EXE_nix-heft"))
        .args(arguments)
        .env_clear()
        .env("XDG_CACHE_HOME", home.path())
        .env("XDG_STATE_HOME", home.path())
        .env("XDG_CONFIG_HOME", home.path())
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .output()
        .expect("it runs")
}

/// What the cache of two signed records says to a path.
fn small_cache(path: &str) -> Reply {
    match asked(path) {
        Some(hash @ (A | B)) => signed(hash).into(),
        _ if path == "/nix-cache-info" => INFO.into(),
        _ => Reply::Missing,
    }
}

#[test]
fn a_proxy_without_tunnels_is_enough_for_http() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&seen);
    let proxy = Server::start(move |path, login| {
        noted
            .lock()
            .expect("a list")
            .push(format!("{path} {login}"));
        match path.strip_prefix("http://cache.invalid:81") {
            Some(path) => small_cache(path),
            // Any tunnel.
            None => Reply::Status(405),
        }
    });
    let address = proxy.with_login("me:secret");
    let through = [("http_proxy", address.as_str()), ("https_proxy", &address)];
    let store = "http://you:pw@cache.invalid:81/";
    let answer = heft_with(&["list", "--store", store, APP], &through);
    assert!(answer.status.success(), "{}", text(&answer.stderr));
    let asked = seen.lock().expect("a list").join("\n");
    let all = asked.lines().all(|line| {
        // Each login goes to whom it is for.
        line.starts_with("http://cache.invalid:81/")
            && line.ends_with(" Basic eW91OnB3 via Basic bWU6c2VjcmV0")
    });
    assert!(all && !asked.is_empty(), "{asked}");
    let answer = heft_with(
        &["list", "--store", "https://cache.invalid/", APP],
        &through,
    );
    let told = text(&answer.stderr);
    assert_eq!(answer.status.code(), Some(1), "{told}");
    assert!(told.contains("405") && told.contains("no_proxy"), "{told}");
    assert!(!told.contains("secret"), "{told}");
}

#[test]
fn hosts_are_kept_from_proxies_and_odd_proxies_are_said() {
    let server = Server::start(|path, _| small_cache(path));
    let nobody = "http://127.0.0.1:1";
    for (name, none) in [
        ("http_proxy", "127.0.0.1"),
        ("all_proxy", "example.org,127.0.0.1"),
        ("ALL_PROXY", "*"),
        // Another scheme's, and the one that a request to a web server can set.
        ("https_proxy", ""),
        ("HTTP_PROXY", ""),
    ] {
        let environment = [(name, nobody), ("no_proxy", none)];
        let answer = heft_with(&["list", "--store", &server.url, APP], &environment);
        assert!(answer.status.success(), "{name}: {}", text(&answer.stderr));
    }
    for odd in ["gopher://me:secret@x", "http://", "http://[", "::"] {
        let answer = heft_with(
            &["list", "--store", &server.url, APP],
            &[("http_proxy", odd)],
        );
        let told = text(&answer.stderr);
        assert_eq!(answer.status.code(), Some(1), "{odd}: {told}");
        assert!(
            told.contains("http_proxy") && !told.contains("secret"),
            "{told}"
        );
    }
    let before = server.requests();
    let answer = heft_with(
        &["list", "--store", &server.url, APP],
        &[("http_proxy", nobody)],
    );
    assert_eq!((answer.status.code(), server.requests()), (Some(1), before));
}

/// Takes any tunnel that a SOCKS proxy is asked for to be one to a small cache.
fn socks(mut stream: TcpStream) -> Option<()> {
    let mut take = |most: usize| {
        let mut bytes = vec![0; most];
        stream.read_exact(&mut bytes).ok().map(|()| bytes)
    };
    let methods = take(2)?[1];
    take(methods.into())?;
    stream.write_all(&[5, 0]).ok()?;
    let mut head = [0; 5];
    stream.read_exact(&mut head).ok()?;
    // A name, or four bytes of an address, and two of a port.
    let rest = if head[3] == 3 {
        usize::from(head[4]) + 2
    } else {
        5
    };
    stream.read_exact(&mut vec![0; rest]).ok()?;
    stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).ok()?;
    serve(stream, &|path, _| small_cache(path), &AtomicUsize::new(0))
}

#[test]
fn a_socks_proxy_is_not_passed_by() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = format!("socks5h://{}", listener.local_addr().expect("bound"));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || socks(stream));
        }
    });
    let through = [("all_proxy", address.as_str())];
    let answer = heft_with(&["list", "--store", "http://cache.invalid", APP], &through);
    assert!(answer.status.success(), "{}", text(&answer.stderr));
}

#[test]
fn commands_agree_about_cycles_and_equal_builds() {
    let from = |name: &str| fixture(name).display().to_string();
    let circle = from("circle.json");
    let json = |arguments: &[&str]| {
        let answer = heft(arguments);
        assert!(answer.status.success(), "{}", text(&answer.stderr));
        serde_json::from_slice::<serde_json::Value>(&answer.stdout).expect("JSON")
    };
    let listed = json(&[
        "list", "--format", "json", "--sort", "share", "--from", &circle,
    ]);
    let roots = json(&["roots", "--format", "json", "--from", &circle]);
    let of_root = listed["paths"].as_array().expect("paths");
    let of_root = of_root
        .iter()
        .find(|path| path["name"] == "a")
        .expect("the root");
    assert_eq!(of_root["retainedSize"], 30);
    assert!(of_root["distributedSize"].is_null(), "{of_root}");
    assert_eq!(roots["roots"][0]["retainedSize"], 30);
    let dupes = json(&[
        "dupes",
        "--format",
        "json",
        "--from",
        &from("six-builds.json"),
    ]);
    let keep = dupes["groups"][0]["keep"].as_str().expect("a path");
    assert!(keep.contains("99999"), "the small one: {dupes}");
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_store_with_a_file_missing_yields_no_accident() {
    let store = fixture("damaged-store").display().to_string();
    let answer = heft(&["why", "dep-1", "--precise", "--store", &store, APP]);
    assert!(
        !text(&answer.stdout).contains("accident"),
        "{}",
        text(&answer.stdout)
    );
    assert!(
        text(&answer.stderr).contains("not what the store recorded"),
        "{}",
        text(&answer.stderr)
    );
    let answer = heft(&[
        "why",
        "dep-1",
        "--precise",
        "--format",
        "json",
        "--store",
        &store,
        APP,
    ]);
    assert!(
        text(&answer.stdout).contains(r#""complete":false"#),
        "{}",
        text(&answer.stdout)
    );
    let answer = heft(&["list", "--filter", "accidental", "--store", &store, APP]);
    assert!(
        text(&answer.stdout).starts_with("0 of 2 paths"),
        "{}",
        text(&answer.stdout)
    );
    // A snapshot says the same elsewhere.
    let lab = tempfile::tempdir().expect("a directory");
    let file = lab.path().join("x.heft").display().to_string();
    let made = heft(&[
        "export",
        "--format",
        "snapshot",
        "--with",
        "files,evidence",
        "-o",
        &file,
        "--store",
        &store,
        APP,
    ]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    let answer = heft(&[
        "why",
        "dep-1",
        "--precise",
        "--format",
        "json",
        "--from",
        &file,
    ]);
    assert!(
        text(&answer.stdout).contains(r#""complete":false"#),
        "{}",
        text(&answer.stdout)
    );
}

#[test]
fn no_other_store_answers_than_the_one_that_was_named() {
    for store in ["", "local?root=", "local?rot=/x", "local?ROOT=/x"] {
        let answer = heft(&["list", "--store", store]);
        assert_eq!(
            answer.status.code(),
            Some(2),
            "{store}: {}",
            text(&answer.stderr)
        );
        assert!(answer.stdout.is_empty());
    }
}

#[test]
fn nothing_is_written_into_the_store_that_is_read() {
    let lab = tempfile::tempdir().expect("a directory");
    let root = lab.path().join("root");
    let copied = Command::new("cp")
        .args(["-r"])
        .arg(fixture("damaged-store"))
        .arg(&root)
        .status();
    assert!(copied.expect("cp runs").success());
    let store = root.display().to_string();
    for place in [
        "nix/store/x",
        "nix/store/new/x",
        "nix/var/nix/db/x",
        "nix/var/nix/x",
    ] {
        let file = root.join(place).display().to_string();
        let answer = heft(&[
            "export", "--format", "csv", "-o", &file, "--store", &store, APP,
        ]);
        assert_eq!(
            answer.status.code(),
            Some(1),
            "{place}: {}",
            text(&answer.stderr)
        );
        assert!(!Path::new(&file).exists(), "{place}");
    }
    let file = lab.path().join("mine.csv").display().to_string();
    let answer = heft(&[
        "export", "--format", "csv", "-o", &file, "--store", &store, APP,
    ]);
    assert!(answer.status.success(), "{}", text(&answer.stderr));
}

#[test]
fn an_argument_of_any_length_is_answered_in_a_few_lines() {
    let long = "x".repeat(100_000);
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/closure.heft");
    let demo = demo.to_str().expect("text");
    let asked: [&[&str]; 8] = [
        &["why", &long, "--from", demo],
        &["cut", &long, "--from", demo],
        &["cut", "perl-5.36.0", "--keep", &long, "--from", demo],
        &["files", "--used", &long, "--from", demo],
        &["what-if", "--remove", &long, "--from", demo],
        &["diff", demo, &long],
        &["check", "--max-closure", &long, "--from", demo],
        &["history", &long],
    ];
    for arguments in asked {
        let answer = heft(arguments);
        let errors = text(&answer.stderr);
        let what = arguments
            .iter()
            .find(|one| one.len() < 100)
            .expect("a command");
        assert!(matches!(answer.status.code(), Some(1 | 2)), "{what}");
        assert!(errors.len() < 12_000, "{what}: {} bytes", errors.len());
        assert!(
            errors.starts_with("error: ") && errors.contains('…'),
            "{what}"
        );
    }
}

/// Copies a folder and everything below it.
fn copied(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("a directory") {
        let entry = entry.expect("an entry");
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copied(&from, &to);
        } else {
            fs::copy(from, to).expect("a file");
        }
    }
}

#[test]
fn pipes_where_files_are_meant_are_no_endless_wait() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    let lab = tempfile::tempdir().expect("a directory");
    let pipe = |path: &Path| {
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("a pipe");
    };
    let root = lab.path().join("root");
    pipe(&root.join("nix/var/nix/db/db.sqlite"));
    let answer = heft(&["list", "--store", &root.display().to_string(), APP]);
    assert_eq!(answer.status.code(), Some(1));
    assert!(
        text(&answer.stderr).contains("not a regular file"),
        "{}",
        text(&answer.stderr)
    );
    // Where a pipe may be meant, only a moment is waited for its other end.
    let plan = lab.path().join("plan.toml");
    pipe(&plan);
    let plan = plan.display().to_string();
    std::thread::scope(|scope| {
        let asked = [
            vec!["list", "--from", &plan],
            vec!["what-if", "--plan", &plan, "--store", "auto"],
            vec!["demo", "--plan", &plan, "--keys", "j"],
        ];
        let told = asked.map(|arguments| scope.spawn(move || heft(&arguments)));
        for answer in told.map(|told| told.join().expect("no panic")) {
            let errors = text(&answer.stderr);
            assert_eq!(answer.status.code(), Some(1), "{errors}");
            assert!(errors.contains("nothing writes into this pipe"), "{errors}");
        }
    });
    let store = lab.path().join("store");
    copied(&fixture("damaged-store"), &store);
    let own = std::process::id();
    pipe(&store.join(format!("nix/var/nix/temproots/{own}")));
    pipe(&store.join("nix/var/nix/gcroots/pipe"));
    pipe(&store.join("nix/var/nix/profiles/system-1-link"));
    let store = store.display().to_string();
    for arguments in [
        &["roots"][..],
        &["generations"],
        &["when", "app"],
        &["why", "--alive", "app"],
    ] {
        let answer = heft(&[arguments, &["--store", &store]].concat());
        assert!(answer.status.code().is_some(), "{}", text(&answer.stderr));
    }
    let answer = heft(&["roots", "--store", &store]);
    let errors = text(&answer.stderr);
    assert!(errors.contains("not a regular file"), "{errors}");
    let home = lab.path().join("home");
    pipe(&home.join("nix-heft/records.sqlite"));
    let server = Server::start(|path, _| match asked(path) {
        Some(hash @ (A | B)) => signed(hash).into(),
        _ => INFO.into(),
    });
    let cache = home.display().to_string();
    let answer = heft_with(
        &["list", "--store", &server.url, APP],
        &[("XDG_CACHE_HOME", &cache)],
    );
    assert!(answer.status.success(), "{}", text(&answer.stderr));
    assert!(
        text(&answer.stderr).contains("records are not remembered"),
        "{}",
        text(&answer.stderr)
    );
}
