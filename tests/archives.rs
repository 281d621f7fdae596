//! Evidence out of the archives of a binary cache: the same as out of the files themselves.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use nix_archive::nar::{CaseHack, encode_path};
use nix_heft::job::Progress;
use nix_heft::model::{Closure, NarHash, PathId, StoreDir, StoreGraph};
use nix_heft::source::Request;
use nix_heft::source::cache::Limits;
use nix_heft::source::cache::archive::Archives;
use nix_heft::source::cache::{Options, open_with};
use nix_heft::source::evidence::{self, Evidence};
use nix_heft::source::files::places::StoreFiles;
use nix_heft::testing;
use sha2::{Digest as _, Sha256};

const PACKINGS: [&str; 5] = ["none", "xz", "zstd", "gzip", "bzip2"];

/// Paths with files of all kinds, unpacked in one directory and packed, each in its own way, in another.
struct World {
    root: tempfile::TempDir,
    graph: StoreGraph,
    closure: Closure,
}

impl World {
    fn new() -> Self {
        let (graph, closure) = testing::graph(
            "root -> app link file\napp -> lib tool\nlib -> data\ntool -> lib data\nlink -> lib\nfile -> tool\ndata",
        );
        let mut world = Self {
            root: tempfile::tempdir().expect("a directory"),
            graph,
            closure,
        };
        fs::create_dir_all(world.cache().join("nar")).expect("a cache");
        fs::create_dir_all(world.root.path().join("nix/store")).expect("a store");
        world.fill();
        for (at, name) in ["app", "lib", "tool", "link", "file"].iter().enumerate() {
            world.pack(name, PACKINGS[at]);
        }
        for name in ["root", "data"] {
            world.write(name, "nothing", "");
            world.pack(name, "none");
        }
        // The sizes are those of the archives.
        let request = Request {
            roots: vec![world.graph.path(world.id("root")).to_string()],
            ..Request::default()
        };
        let source = open_with(&world.url(), &Options::default()).expect("a cache");
        let loaded = source.load(&request, &Progress::new()).expect("records");
        world.closure = Closure::of(&loaded.graph, &loaded.roots);
        world.graph = (*loaded.graph).clone();
        world
    }

    fn fill(&self) {
        let (lib, tool, data) = (self.hash("lib"), self.hash("tool"), self.hash("data"));
        self.write("app", "bin/run", format!("#!/x/{tool}/sh\n\nexec {lib}"));
        self.write("app", "bin/elf", elf(&format!("/x/{lib}-lib/ld.so")));
        self.write("app", "share/doc/a", format!("see {lib}").repeat(2000));
        self.write("app", "share/packed.gz", b"\x1f\x8b\x08rest");
        self.write("lib", &format!("etc/{data}-x"), "");
        let mut large = vec![b'.'; 700_000];
        large[524_270..524_302].copy_from_slice(data.as_bytes());
        self.write("lib", "lib/large", large);
        self.write("tool", "x.service", format!("ExecStart={lib}\n"));
        symlink(format!("/x/{data}-data"), self.path("tool").join("to")).expect("a link");
        symlink(format!("../{lib}"), self.path("link")).expect("a link");
        fs::write(self.path("file"), format!("#!{tool}")).expect("a file");
    }

    fn id(&self, name: &str) -> PathId {
        testing::id(&self.graph, name)
    }

    fn hash(&self, name: &str) -> &str {
        self.graph.hash_part(self.id(name))
    }

    fn cache(&self) -> PathBuf {
        self.root.path().join("cache")
    }

    fn url(&self) -> String {
        format!("file://{}", self.cache().display())
    }

    fn path(&self, name: &str) -> PathBuf {
        let base = self.graph.base_name(self.id(name));
        self.root.path().join("nix/store").join(base)
    }

    fn write(&self, name: &str, relative: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name).join(relative);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, content).expect("a file");
    }

    fn record(&self, name: &str) -> PathBuf {
        self.cache().join(format!("{}.narinfo", self.hash(name)))
    }

    fn pack(&self, name: &str, packing: &str) {
        let mut nar = Vec::new();
        encode_path(&mut nar, &self.path(name), CaseHack::Disabled).expect("an archive");
        let packed = packed(&nar, packing);
        let url = format!("nar/{name}.nar.{packing}");
        fs::write(self.cache().join(&url), &packed).expect("a file");
        let references = self.graph.references(self.id(name)).iter();
        let references: Vec<&str> = references.map(|&to| self.graph.base_name(to)).collect();
        let hash = NarHash(Sha256::digest(&nar).into());
        let text = format!(
            "StorePath: {}\nURL: {url}\nCompression: {packing}\nFileSize: {}\nNarSize: {}\nNarHash: sha256:{}\nReferences: {}\n",
            self.graph.path(self.id(name)),
            packed.len(),
            nar.len(),
            hash.to_base32(),
            references.join(" ")
        );
        fs::write(self.record(name), text).expect("a record");
    }

    /// Changes a record's text.
    fn change(&self, name: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.record(name)).expect("a record");
        assert!(text.contains(from), "{text}");
        fs::write(self.record(name), text.replace(from, to)).expect("a record");
    }

    fn seen_on_disk(&self) -> Evidence {
        self.look(&StoreFiles::below(self.root.path(), &StoreDir::default()))
    }

    fn seen_in_cache(&self, url: &str) -> Evidence {
        let archives = Archives::of(url, &Limits::default()).expect("an address");
        self.look(&StoreFiles::of(&StoreDir::default()).with_archives(archives))
    }

    fn look(&self, files: &StoreFiles) -> Evidence {
        evidence::of_closure(files, &self.graph, &self.closure, &Progress::new()).expect("there")
    }
}

/// An ELF file with nothing but the path of its loader.
fn elf(interpreter: &str) -> Vec<u8> {
    let mut bytes = vec![0; 64 + 56];
    bytes[..7].copy_from_slice(b"\x7fELF\x02\x01\x01");
    bytes[32] = 64;
    bytes[54] = 56;
    bytes[56] = 1;
    bytes[64] = 3;
    bytes[64 + 8] = 120;
    bytes[64 + 32] = u8::try_from(interpreter.len()).expect("short");
    bytes.extend_from_slice(interpreter.as_bytes());
    bytes
}

fn packed(nar: &[u8], packing: &str) -> Vec<u8> {
    match packing {
        "xz" => {
            let mut xz = liblzma::write::XzEncoder::new(Vec::new(), 1);
            xz.write_all(nar).expect("to memory");
            xz.finish().expect("to memory")
        }
        "zstd" => zstd::encode_all(nar, 1).expect("to memory"),
        "gzip" => {
            let level = flate2::Compression::fast();
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), level);
            gzip.write_all(nar).expect("to memory");
            gzip.finish().expect("to memory")
        }
        "bzip2" => {
            let level = bzip2::Compression::fast();
            let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), level);
            bzip2.write_all(nar).expect("to memory");
            bzip2.finish().expect("to memory")
        }
        _ => nar.to_vec(),
    }
}

fn assert_same(disk: &Evidence, cache: &Evidence) {
    assert_eq!(disk.edges, cache.edges);
    assert_eq!(disk.not_found, cache.not_found);
    assert_eq!((disk.files, disk.bytes), (cache.files, cache.bytes));
    assert_eq!((cache.incomplete.len(), &cache.warnings[..]), (0, &[][..]));
    let kinds = |evidence: &Evidence| {
        let packed = evidence.packed.iter();
        packed
            .map(|w| (w.kind.clone(), w.count))
            .collect::<Vec<_>>()
    };
    assert_eq!(kinds(disk), kinds(cache));
}

#[test]
fn archives_give_what_the_files_give() {
    let world = World::new();
    let disk = world.seen_on_disk();
    let edge = disk
        .of(world.id("app"), world.id("lib"))
        .expect("it was found");
    let classes: Vec<&str> = edge.hits.iter().map(|hit| hit.class.key()).collect();
    assert!(classes.contains(&"elfInterpreter"), "{classes:?}");
    assert_eq!(disk.packed.len(), 1);
    assert_same(&disk, &world.seen_in_cache(&world.url()));
    assert_same(&disk, &world.seen_in_cache(&serve(world.cache())));
}

#[test]
fn what_is_on_this_machine_is_not_fetched() {
    let world = World::new();
    let archives = Archives::of(&world.url(), &Limits::default()).expect("an address");
    let files = StoreFiles::below(world.root.path(), &StoreDir::default()).with_archives(archives);
    fs::remove_dir_all(world.path("app")).expect("it was there");
    fs::remove_dir_all(world.cache().join("nar")).expect("it was there");
    fs::create_dir(world.cache().join("nar")).expect("a directory");
    let evidence = world.look(&files);
    assert_eq!(evidence.incomplete, [world.id("app")]);
    let kind = "paths whose files are neither on this machine nor in the binary cache";
    assert_eq!(evidence.warnings[0].kind, kind);
}

/// Does something to a cache that its readers must notice.
type Damage<'a> = &'a dyn Fn(&World);

#[test]
fn a_bad_archive_is_named_and_the_others_are_read() {
    let size = |world: &World, name: &str| {
        let text = fs::read_to_string(world.record(name)).expect("a record");
        let line = text.lines().find_map(|line| line.strip_prefix("NarSize: "));
        line.expect("a size").to_owned()
    };
    let cut = |world: &World| {
        let file = world.cache().join("nar/app.nar.none");
        let bytes = fs::read(&file).expect("a file");
        fs::write(&file, &bytes[..bytes.len() / 2]).expect("a file");
    };
    let larger = |world: &World, key: &str| {
        let size = size(world, "app");
        world.change("app", &format!("{key}: {size}"), &format!("{key}: 9{size}"));
    };
    let lie = |world: &World| {
        let file = world.cache().join("nar/app.nar.none");
        let mut bytes = fs::read(&file).expect("a file");
        let at = bytes.windows(4).position(|four| four == b"exec");
        bytes[at.expect("it is there")] = b'E';
        fs::write(&file, &bytes).expect("a file");
    };
    let damages: [(Damage<'_>, &str); 9] = [
        (&lie, "does not have the hash sha256-"),
        (
            &|world| world.change("app", "NarHash: sha256:", "NarHash: sha256:x"),
            "is not a SHA-256",
        ),
        (&cut, "shorter than its record says"),
        (&|world| larger(world, "NarSize"), "not what was recorded"),
        (
            &|world| larger(world, "FileSize"),
            "shorter than its record",
        ),
        (
            &|world| world.change("app", "Compression: none", "Compression: br"),
            "packed with br",
        ),
        (
            &|world| world.change("app", "Compression: none", "Compression: xz"),
            "-app",
        ),
        (
            &|world| world.change("app", "URL: nar/", "URL: ../cache/nar/"),
            "not in the cache",
        ),
        (
            &|world| world.change("app", "NarSize", "Size"),
            "does not say how large",
        ),
    ];
    for (damage, problem) in damages {
        let world = World::new();
        damage(&world);
        let evidence = world.seen_in_cache(&world.url());
        assert_eq!(evidence.incomplete, [world.id("app")], "{problem}");
        let warning = evidence.warnings[0].to_string();
        assert!(warning.contains(problem), "{warning}");
        assert!(warning.contains("-app"), "{warning}");
        let others = evidence
            .edges
            .iter()
            .filter(|edge| edge.from != world.id("app"));
        assert_eq!(others.count(), 5);
    }
}

/// A server that hands out a directory, one request for each connection.
fn serve(directory: PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let directory = directory.clone();
            std::thread::spawn(move || answer(stream, &directory));
        }
    });
    format!("http://{address}")
}

fn answer(stream: TcpStream, directory: &Path) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let mut header = String::from("x");
    while !header.trim().is_empty() {
        header.clear();
        reader.read_line(&mut header).ok()?;
    }
    let path = first.split(' ').nth(1)?.trim_start_matches('/').to_owned();
    let (status, content) = match fs::read(directory.join(path)) {
        Ok(content) => (200, content),
        Err(_) => (404, Vec::new()),
    };
    let head = format!(
        "HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        content.len()
    );
    let mut stream = stream;
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(&content).ok()
}

/// The explorer's text after some keys, on a cache whose files are nowhere else.
#[cfg(feature = "tui")]
fn explored(world: &World, keys: &str) -> String {
    use nix_heft::testing::explorer::Explore;
    let request = Request {
        roots: vec![world.graph.path(world.id("root")).to_string()],
        ..Request::default()
    };
    let source = open_with(&world.url(), &Options::default()).expect("a cache");
    let mut explore = Explore::new(source, request);
    let archives = Archives::of(&world.url(), &Limits::default()).expect("an address");
    explore.archives = Some(archives.into());
    nix_heft::testing::explorer::run(explore, keys, (130, 30)).expect("keys")
}

#[test]
#[cfg(feature = "tui")]
fn the_explorer_says_what_it_would_fetch_and_fetches_when_told_to() {
    let world = World::new();
    let offered = explored(&world, "2/app<enter><esc>lje");
    assert!(
        offered.contains("Its files are not on this machine."),
        "{offered}"
    );
    assert!(offered.contains("enter fetches  esc closes"), "{offered}");
    assert!(
        offered.contains("enter fetches their archive from file://"),
        "{offered}"
    );
    let found = explored(&world, "2/app<enter><esc>lje<enter>");
    assert!(
        found.contains("the strongest: interpreter of a script"),
        "{found}"
    );
    assert!(!found.contains("enter fetches"), "{found}");
}

#[test]
#[cfg(feature = "tui")]
fn a_whole_closure_is_not_fetched_for_a_query() {
    let shown = explored(&World::new(), "A");
    assert!(
        shown.contains("`list --filter accidental` fetches them"),
        "{shown}"
    );
}

#[test]
#[cfg(feature = "tui")]
fn the_explorer_says_why_an_archive_proves_nothing() {
    let world = World::new();
    let archive = world.cache().join("nar/app.nar.none");
    let mut bytes = fs::read(&archive).expect("a file");
    let at = bytes.windows(4).position(|four| four == b"exec");
    bytes[at.expect("it is there")] = b'E';
    fs::write(&archive, &bytes).expect("a file");
    let keys = "2/app<enter><esc>lje<enter>";
    let lied = explored(&world, keys);
    assert!(lied.contains("its content does not have"), "{lied}");
    fs::remove_file(&archive).expect("it is there");
    let gone = explored(&world, keys);
    assert!(gone.contains("Its files could not be read."), "{gone}");
    assert!(gone.contains("Warning: "), "{gone}");
}
