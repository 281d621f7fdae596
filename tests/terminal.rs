//! The explorer in a terminal of its own: what it writes, and that it gives the terminal back on every way out.
#![cfg(unix)]

#[path = "common/fake.rs"]
mod fake;

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use fake::Fake;

const PATIENCE: Duration = Duration::from_secs(30);

fn fixture() -> String {
    format!(
        "{}/tests/fixtures/formats/real-2.34.8-format2.json",
        env!("CARGO_MANIFEST_DIR")
    )
}

/// A terminal with the program in it, and everything the program has written.
struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    written: Arc<Mutex<Vec<u8>>>,
    size: (u16, u16),
}

impl Terminal {
    fn open(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_nix-heft"));
        command.args(arguments);
        Self::run(command, environment, (80, 24))
    }

    /// Runs a command on a terminal that says it has a size. No text can be asked for unless an emulator has that size.
    fn run(mut command: CommandBuilder, environment: &[(&str, &str)], size: (u16, u16)) -> Self {
        let pair = native_pty_system()
            .openpty(pty_size(size))
            .expect("a terminal");
        command.env("TERM", "xterm-256color");
        // Nothing can be kept there: the user's own memory is left alone.
        command.env("XDG_STATE_HOME", "/dev/null");
        for (name, value) in environment {
            command.env(name, value);
        }
        let child = pair
            .slave
            .spawn_command(command)
            .expect("the program starts");
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let writer = pair.master.take_writer().expect("a writer");
        let written = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&written);
        thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(read @ 1..) = reader.read(&mut piece) {
                sink.lock()
                    .expect("no reader panics")
                    .extend_from_slice(&piece[..read]);
            }
        });
        Self {
            child,
            master: pair.master,
            writer,
            written,
            size,
        }
    }

    fn explore() -> Self {
        let fixture = fixture();
        Self::open(&["--from", &fixture, "--theme", "dark"], &[])
    }

    fn raw(&self) -> String {
        String::from_utf8_lossy(&self.written.lock().expect("no reader panics")).into_owned()
    }

    fn screen(&self) -> vt100::Parser {
        let mut parser = vt100::Parser::new(self.size.1, self.size.0, 0);
        parser.process(&self.written.lock().expect("no reader panics"));
        parser
    }

    fn text(&self) -> String {
        self.screen().screen().contents()
    }

    fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !holds(self) {
            assert!(
                Instant::now() < end,
                "{what} does not come; the screen:\n{}",
                self.text()
            );
            thread::sleep(Duration::from_millis(10));
        }
    }

    fn wait(&self, text: &str) {
        self.until(text, |terminal| terminal.text().contains(text));
    }

    fn send(&mut self, keys: &str) {
        self.writer
            .write_all(keys.as_bytes())
            .expect("the program reads");
        self.writer.flush().expect("the program reads");
    }

    fn resize(&mut self, size: (u16, u16)) {
        self.size = size;
        self.master
            .resize(pty_size(size))
            .expect("a terminal can be resized");
    }

    fn signal(&self, name: &str) {
        let id = self.child.process_id().expect("it runs").to_string();
        let status = Command::new("kill")
            .args(["-s", name, &id])
            .status()
            .expect("kill runs");
        assert!(status.success());
    }

    /// Waits for the end, then checks that everything done to the terminal was undone.
    fn ends(&mut self) -> u32 {
        let end = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self
                .child
                .try_wait()
                .expect("the program can be waited for")
            {
                break status;
            }
            assert!(
                Instant::now() < end,
                "it does not end; the screen:\n{}",
                self.text()
            );
            thread::sleep(Duration::from_millis(10));
        };
        self.until("the restored screen", Self::is_restored);
        status.exit_code()
    }

    fn is_restored(&self) -> bool {
        let raw = self.raw();
        let off_last = |on: &str, off: &str| raw.rfind(off) > raw.rfind(on);
        off_last("\u{1b}[?1049h", "\u{1b}[?1049l")
            && off_last("\u{1b}[?25l", "\u{1b}[?25h")
            && off_last("\u{1b}[?2004h", "\u{1b}[?2004l")
            && off_last("\u{1b}[?1000h", "\u{1b}[?1000l")
    }
}

fn pty_size((cols, rows): (u16, u16)) -> PtySize {
    PtySize {
        rows,
        cols,
        pixel_width: 0,
        pixel_height: 0,
    }
}

#[test]
fn search_mark_and_quit() {
    let mut terminal = Terminal::explore();
    terminal.wait("retained");
    // What stood there before is gone even where there is no second screen.
    assert!(terminal.raw().contains("\u{1b}[?1049h\u{1b}[2J"));
    terminal.send("/bash\r");
    terminal.wait("1 of 7 match");
    terminal.send(" ");
    terminal.wait("predicted");
    terminal.send("q");
    terminal.wait("1 mark is not saved");
    terminal.send("q");
    assert_eq!(terminal.ends(), 0);
    assert!(
        !terminal.text().contains("predicted"),
        "the screen from before is back"
    );
}

#[test]
fn the_plan_is_printed_behind_the_restored_screen() {
    let mut terminal = Terminal::explore();
    terminal.wait("bash-5.2");
    // A root is marked once the question is answered.
    terminal.send("g ");
    terminal.wait("It is a root");
    terminal.send("\r");
    terminal.wait("predicted");
    terminal.send("Q");
    assert_eq!(terminal.ends(), 0);
    terminal.wait("remove /nix/store/");
}

#[test]
fn a_signal_to_end_restores_the_screen() {
    for name in ["TERM", "HUP"] {
        let mut terminal = Terminal::explore();
        terminal.wait("retained");
        terminal.signal(name);
        assert_ne!(terminal.ends(), 0, "it ends as the signal says");
    }
}

/// As over a connection that is gone without a word.
#[test]
fn a_signal_ends_it_though_the_terminal_takes_nothing() {
    let pair = native_pty_system()
        .openpty(pty_size((300, 100)))
        .expect("a terminal");
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_nix-heft"));
    command.args(["demo", "--theme", "dark"]);
    command.env("TERM", "xterm-256color");
    command.env("XDG_STATE_HOME", "/dev/null");
    let mut child = pair
        .slave
        .spawn_command(command)
        .expect("the program starts");
    let id = child.process_id().expect("it runs").to_string();
    let state = || fs::read_to_string(format!("/proc/{id}/wchan")).unwrap_or_default();
    let end = Instant::now() + PATIENCE;
    let mut keys = pair.master.take_writer().expect("a writer");
    // After a few screens, more is written than an unread terminal holds.
    for _ in 0..100 {
        if state() == "wait_woken" {
            break;
        }
        keys.write_all(b"jj").expect("keys are taken");
        thread::sleep(Duration::from_millis(30));
    }
    let kill = Command::new("kill").args(["-s", "TERM", &id]).status();
    assert!(kill.expect("kill runs").success());
    while child.try_wait().expect("it can be waited for").is_none() {
        assert!(Instant::now() < end, "it does not end");
        thread::sleep(Duration::from_millis(10));
    }
}

/// The explorer with a configuration, which a `nix` is asked about that does not answer.
fn asking(fake: &Fake) -> Terminal {
    let environment = fake.environment();
    let environment: Vec<(&str, &str)> = environment
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let (fixture, config) = (fixture(), fake.config());
    let arguments = ["--from", &fixture, "--theme", "dark", "--config", &config];
    let terminal = Terminal::open(&arguments, &environment);
    terminal.wait("retained");
    terminal
}

const TRY: &str = "\u{14}\u{15}a.b = 1;\r";
const ESC: &str = "\u{1b}";

#[test]
fn origins_that_are_cancelled_leave_nothing_behind() {
    let fake = Fake::silent();
    let mut terminal = asking(&fake);
    let nix = fake.begun(1);
    terminal.wait("evaluating options");
    terminal.send(ESC);
    fake.all_is_gone(&[&nix]);
    terminal.send("q");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn a_try_that_is_cancelled_leaves_nothing_behind() {
    let fake = Fake::silent();
    let mut terminal = asking(&fake);
    let origins = fake.begun(1);
    terminal.send(TRY);
    let attempt = fake.begun(2);
    terminal.wait("evaluating the change");
    terminal.send(ESC);
    fake::is_gone(&attempt);
    assert!(origins.exists(), "the newest job is cancelled");
    terminal.send("q");
    assert_eq!(terminal.ends(), 0);
    fake.all_is_gone(&[&origins]);
}

#[test]
fn the_end_of_the_explorer_is_the_end_of_nix() {
    for way in ["q", "TERM", "HUP", "INT"] {
        let fake = Fake::silent();
        let mut terminal = asking(&fake);
        terminal.send(TRY);
        let both = [fake.begun(1), fake.begun(2)];
        if way == "q" {
            terminal.send("q");
        } else {
            terminal.signal(way);
        }
        assert_eq!(terminal.ends() == 0, way == "q");
        fake.all_is_gone(&[&both[0], &both[1]]);
    }
}

#[test]
fn a_panic_restores_the_screen_and_is_told() {
    // Debug builds panic on any key when they find this variable.
    let fixture = fixture();
    let environment = [("NIX_HEFT_PANIC_ON_KEY", "1")];
    let mut terminal = Terminal::open(&["--from", &fixture, "--theme", "dark"], &environment);
    terminal.wait("retained");
    terminal.send("j");
    if cfg!(debug_assertions) {
        assert_ne!(terminal.ends(), 0);
        terminal.until("the report", |terminal| {
            terminal.raw().contains("asked to panic")
        });
    }
}

#[test]
fn a_new_size_is_drawn_at_once() {
    let mut terminal = Terminal::explore();
    terminal.wait("retained");
    for size in [(120, 40), (40, 10), (10, 3), (100, 30)] {
        terminal.resize(size);
        terminal.wait(match size.0 {
            10 => "screen to",
            40 => "retained",
            _ => "nix-heft",
        });
    }
    terminal.send("q");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn what_is_clicked_in_a_box_is_what_is_done() {
    let mut terminal = Terminal::explore();
    terminal.wait("retained");
    terminal.send(":");
    terminal.wait("Commands");
    let text = terminal.text();
    let row = text.lines().position(|line| line.contains("Show the plan"));
    let row = row.expect("a row of the command") + 1;
    // Pressed and let go twice, as a mouse says it.
    let click = format!("\u{1b}[<0;20;{row}M\u{1b}[<0;20;{row}m");
    terminal.send(&click);
    terminal.send(&click);
    terminal.wait("Nothing is marked");
    assert!(!terminal.text().contains("Commands"));
    terminal.send("q");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn pasted_text_is_searched_for() {
    let mut terminal = Terminal::explore();
    terminal.wait("retained");
    terminal.send("/\u{1b}[200~bash\u{1b}[201~");
    terminal.wait("match");
    terminal.send("\u{3}q");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn the_terminal_is_asked_for_its_background() {
    let fixture = fixture();
    let mut terminal = Terminal::open(&["--from", &fixture], &[("COLORTERM", "truecolor")]);
    terminal.until("the question", |terminal| {
        terminal.raw().contains("\u{1b}]11;?")
    });
    terminal.send("\u{1b}]11;rgb:ffff/ffff/ffff\u{1b}\\\u{1b}[?62c");
    terminal.wait("retained");
    terminal.until("a dark blue on light ground", |terminal| {
        terminal.raw().contains("38;2;36;88;164")
    });
    terminal.send("q");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn an_answer_that_comes_late_presses_no_keys() {
    let fixture = fixture();
    let mut terminal = Terminal::open(&["--from", &fixture], &[("COLORTERM", "truecolor")]);
    // By then nothing waits for it any more.
    terminal.wait("retained");
    terminal.send("\u{1b}]11;rgb:ffff/ffff/ffff\u{1b}\\\u{1b}[?62c");
    terminal.until("a dark blue on light ground", |terminal| {
        terminal.raw().contains("38;2;36;88;164")
    });
    terminal.send("jM");
    // None of its letters was taken for a command.
    terminal.wait("nothing was said yet");
    terminal.send("q");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn suspended_it_gives_the_terminal_back_and_continued_takes_it_again() {
    let mut terminal = Terminal::explore();
    terminal.wait("retained");
    terminal.send("\u{1a}");
    // Where no shell could continue it, the system lets it go on at once.
    terminal.until("leaving", |terminal| {
        terminal.raw().contains("\u{1b}[?1049l")
    });
    terminal.signal("CONT");
    let taken = |terminal: &Terminal| terminal.raw().matches("\u{1b}[?1049h").count() == 2;
    terminal.until("the screen again", taken);
    terminal.wait("retained");
    terminal.send("q");
    assert_eq!(terminal.ends(), 0);
}

/// A store path with files, the registration that names it, and programs that note what they are called with.
struct Desk {
    root: tempfile::TempDir,
    path: PathBuf,
}

impl Desk {
    fn new() -> Self {
        let root = tempfile::tempdir().expect("a directory");
        let real = root.path().canonicalize().expect("it is there");
        let path = real.join("store/00000000000000000000000000000001-tool-1.0");
        fs::create_dir_all(path.join("bin")).expect("a store path");
        fs::write(path.join("bin/tool"), "#!/bin/sh\n").expect("a file");
        fs::create_dir(real.join("bin")).expect("a directory");
        let hash = "0".repeat(64);
        let shown = path.display();
        let text = format!("{shown}\nsha256:{hash}\n100\n\n0\n");
        fs::write(real.join("registration"), text).expect("a file");
        Self { root, path }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn program(&self, name: &str, script: &str) -> String {
        let file = self.file("bin").join(name);
        fs::write(&file, format!("#!/bin/sh\n{script}\n")).expect("a script");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("a program");
        file.display().to_string()
    }

    fn explore(&self, environment: &[(&str, &str)]) -> Terminal {
        let registration = self.file("registration").display().to_string();
        let terminal = Terminal::open(&["--from", &registration, "--theme", "dark"], environment);
        terminal.wait("▌  tool-1.0");
        terminal
    }
}

#[test]
fn the_terminal_is_lent_to_shell_pager_and_editor_and_taken_again() {
    let desk = Desk::new();
    let script = "echo \"guest $(basename \"$0\") $@ in $PWD\"; read line; echo \"read $line\" >> \"$NOTES\"";
    let notes = desk.file("notes").display().to_string();
    let shell = desk.program("shell", script);
    let editor = desk.program("editor", script);
    let pager = desk.program("pager", "cat; echo 'end of list'; read line < /dev/tty");
    let mut terminal = desk.explore(&[
        ("SHELL", &shell),
        ("EDITOR", &format!("{editor} --wait")),
        ("VISUAL", ""),
        ("PAGER", &pager),
        ("NOTES", &notes),
    ]);
    let path = desk.path.display().to_string();
    for (key, seen) in [
        ("o", format!("guest shell  in {path}")),
        ("O", format!("guest editor --wait {path} in")),
        ("p", "bin/tool".to_owned()),
    ] {
        terminal.send(key);
        let flat = |terminal: &Terminal| terminal.text().replace('\n', "");
        terminal.until(&seen, |terminal| flat(terminal).contains(&seen));
        // What interrupts the guest leaves us alone.
        terminal.signal("INT");
        terminal.send("hello\r");
        terminal.wait("retained");
    }
    let read = fs::read_to_string(&notes).expect("two notes");
    assert_eq!(read, "read hello\nread hello\n", "keys went to the guests");
    terminal.send("q");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn what_is_copied_goes_to_terminal_and_desktop() {
    let desk = Desk::new();
    let clip = desk.file("clip").display().to_string();
    let script = format!("cat > '{clip}.new'; mv '{clip}.new' '{clip}'");
    desk.program("wl-copy", &script);
    desk.program("pbcopy", &script);
    let system = std::env::var("PATH").unwrap_or_default();
    let programs = format!("{}:{system}", desk.file("bin").display());
    let mut terminal = desk.explore(&[("PATH", &programs), ("WAYLAND_DISPLAY", "wayland-0")]);
    for (key, text) in [("C", "tool-1.0"), ("H", "00000000000000000000000000000001")] {
        terminal.send(key);
        terminal.wait(&format!("copied {text}"));
        let copied = || fs::read_to_string(&clip).unwrap_or_default();
        terminal.until(text, |_| copied() == text);
    }
    assert!(
        terminal.raw().contains("\u{1b}]52;c;dG9vbC0xLjA="),
        "OSC 52"
    );
    terminal.send("q");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn the_first_session_is_welcomed_once_and_searches_outlive_it() {
    let desk = Desk::new();
    let state = desk.file("state").display().to_string();
    let environment = [("XDG_STATE_HOME", state.as_str())];
    let mut terminal = desk.explore(&environment);
    terminal.wait("Welcome");
    // No key is lost on it.
    terminal.send("/nar>5\r");
    terminal.wait("1 of 1 match");
    assert!(!terminal.text().contains("Welcome"));
    terminal.send("q");
    assert_eq!(terminal.ends(), 0);
    let mut terminal = desk.explore(&environment);
    terminal.wait("retained");
    terminal.send("/\u{1b}[A");
    terminal.wait("1 of 1 match");
    assert!(!terminal.text().contains("Welcome"));
    terminal.send("\u{3}q");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn a_store_that_changes_is_noticed_and_a_reload_keeps_what_one_was_at() {
    let desk = Desk::new();
    let mut terminal = desk.explore(&[]);
    terminal.send("/tool\r ");
    terminal.wait("It is a root");
    terminal.send("\r");
    terminal.wait("predicted");
    let registration = desk.file("registration");
    let more = desk
        .path
        .with_file_name("00000000000000000000000000000002-more-1.0");
    let hash = "0".repeat(64);
    let text = fs::read_to_string(&registration).expect("it is there");
    let more = format!("{text}{}\nsha256:{hash}\n2000\n\n0\n", more.display());
    fs::write(&registration, more).expect("written");
    terminal.wait("r reload: the store has changed");
    assert!(
        !terminal.text().contains("of 2 match"),
        "nothing changes by itself"
    );
    terminal.send("r");
    terminal.wait("1 of 2 match");
    terminal.until("the mark", |terminal| terminal.text().contains("● 1"));
    assert!(!terminal.text().contains("the store has changed"));
    terminal.send("q");
    terminal.wait("1 mark is not saved");
    terminal.send("q");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn an_interrupt_restores_the_screen() {
    let mut terminal = Terminal::explore();
    terminal.wait("retained");
    terminal.signal("INT");
    assert_ne!(terminal.ends(), 0, "it ends as the signal says");
}

#[test]
fn without_a_terminal_it_says_what_to_do_instead() {
    let output = Command::new(env!("CARGO_BIN_EXE_nix-heft"))
        .args(["--from", &fixture()])
        .output()
        .expect("the program starts");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && output.stdout.is_empty());
    assert!(
        told.contains("not a terminal") || told.contains("is not one"),
        "{told}"
    );
    assert!(told.contains("nix-heft list"), "{told}");
}

#[test]
fn what_cannot_be_loaded_is_a_failure_when_one_leaves() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("bad.json");
    fs::write(&file, "{]").expect("written");
    let mut terminal = Terminal::open(&["--from", &file.to_string_lossy()], &[]);
    terminal.wait("Nothing could be loaded");
    terminal.wait("r reload");
    assert!(!terminal.text().contains("Packages"), "{}", terminal.text());
    terminal.send("q");
    assert_eq!(terminal.ends(), 1);
    terminal.wait("error: ");
}

/// A session whose terminal only the test has open, so that it can be closed.
struct Closable {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
}

impl Closable {
    /// Waits until the explorer shows something.
    fn open(controls: bool) -> Self {
        let pair = native_pty_system()
            .openpty(pty_size((80, 24)))
            .expect("a terminal");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_nix-heft"));
        let fixture = fixture();
        command.args(["--from", &fixture, "--theme", "dark"]);
        command.env("TERM", "xterm-256color");
        command.env("XDG_STATE_HOME", "/dev/null");
        // Only of a terminal that controls it does a process hear when it is closed.
        command.set_controlling_tty(controls);
        let child = pair
            .slave
            .spawn_command(command)
            .expect("the program starts");
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let mut parser = vt100::Parser::new(24, 80, 0);
        let mut piece = [0; 4096];
        while !parser.screen().contents().contains("retained") {
            let read = reader.read(&mut piece).expect("the program writes");
            assert_ne!(read, 0, "the program is gone");
            parser.process(&piece[..read]);
        }
        Self {
            child,
            master: pair.master,
        }
    }

    /// Closes the terminal and waits for the end of the program.
    fn close(self) {
        let Self { mut child, master } = self;
        drop(master);
        let end = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = child.try_wait().expect("it can be waited for") {
                break status;
            }
            assert!(Instant::now() < end, "it does not end");
            thread::sleep(Duration::from_millis(10));
        };
        assert!(!status.success());
    }
}

#[test]
fn it_ends_when_its_terminal_is_closed() {
    Closable::open(true).close();
}

#[test]
fn it_ends_when_its_terminal_is_closed_and_no_signal_tells() {
    Closable::open(false).close();
}

#[test]
fn it_ends_when_its_terminal_is_closed_while_it_takes_nothing() {
    let session = Closable::open(false);
    let mut keys = session.master.take_writer().expect("a writer");
    let id = session.child.process_id().expect("it runs");
    let state = || fs::read_to_string(format!("/proc/{id}/wchan")).unwrap_or_default();
    for _ in 0..200 {
        if state() == "wait_woken" {
            break;
        }
        keys.write_all(b"?\x1b").expect("keys are taken");
        thread::sleep(Duration::from_millis(20));
    }
    drop(keys);
    session.close();
}

#[test]
fn keys_come_from_the_terminal_though_standard_input_is_at_its_end() {
    let mut command = CommandBuilder::new("sh");
    let fixture = fixture();
    let program = env!("CARGO_BIN_EXE_nix-heft");
    let script = "exec \"$0\" --from \"$1\" --theme dark < /dev/null";
    command.args(["-c", script, program, &fixture]);
    let mut terminal = Terminal::run(command, &[], (80, 24));
    terminal.wait("retained");
    terminal.send("j?");
    terminal.wait("Help");
    terminal.send("\u{1b}");
    terminal.until("the box closed", |terminal| {
        !terminal.text().contains("Help")
    });
    terminal.send("q");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn without_any_input_it_says_so() {
    let mut command = CommandBuilder::new("sh");
    let fixture = fixture();
    let program = env!("CARGO_BIN_EXE_nix-heft");
    let script = "exec \"$0\" --from \"$1\" --theme dark < /dev/null";
    command.args(["-c", script, program, &fixture]);
    command.set_controlling_tty(false);
    let mut terminal = Terminal::run(command, &[], (80, 24));
    terminal.wait("the terminal failed");
    assert!(!terminal.child.wait().expect("it ends").success());
    assert!(!terminal.raw().contains("\u{1b}[?1049h"), "left as it was");
}

#[test]
fn sizes_beyond_sense_are_drawn_on_as_far_as_there_is_sense() {
    let quits = |terminal: &mut Terminal| {
        terminal.send("q");
        assert_eq!(terminal.ends(), 0);
    };
    let program = |size| {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_nix-heft"));
        let fixture = fixture();
        command.args(["--from", &fixture, "--theme", "dark"]);
        Terminal::run(command, &[], size)
    };
    // A terminal that knows no size is taken for a usual one.
    for size in [(0, 0), (0, 24), (80, 0)] {
        let mut terminal = program(size);
        terminal.size = (80, 24);
        terminal.wait("retained");
        quits(&mut terminal);
    }
    let mut terminal = program((1, 1));
    terminal.wait("…");
    quits(&mut terminal);
    for size in [(10_000, 10_000), (u16::MAX, u16::MAX), (1, u16::MAX)] {
        let mut terminal = program((80, 24));
        terminal.wait("retained");
        let drawn = terminal.raw().len();
        terminal
            .master
            .resize(pty_size(size))
            .expect("a terminal can be resized");
        terminal.until("another frame", |terminal| {
            terminal.raw()[drawn..].contains("\u{1b}[2J")
        });
        quits(&mut terminal);
    }
}

#[test]
fn a_terminal_without_a_cursor_gets_the_list() {
    let fixture = fixture();
    let mut terminal = Terminal::open(&["--from", &fixture], &[("TERM", "dumb")]);
    terminal.wait("This is `nix-heft list` instead");
    terminal.wait("bash-5.2");
    let status = terminal.child.wait().expect("it ends");
    assert!(status.success());
    assert!(!terminal.raw().contains('\u{1b}'), "{}", terminal.raw());
    let mut terminal = Terminal::open(&["demo"], &[("TERM", "dumb")]);
    terminal.wait("TERM=dumb");
    assert!(!terminal.child.wait().expect("it ends").success());
}
