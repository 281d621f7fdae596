//! The user's configuration as a value: read from TOML, what is wrong with it said with its line and a remedy.
//!
//! A mistake costs what it is about, never the rest and never the start.

use std::fmt::Write as _;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::facts::Metric;
use super::keys::command::{COMMANDS, Command, CommandGroup};
use super::keys::keymap::Key;
use super::keys::table::KeyTable;
use super::look::ThemeChoice;
use crate::analysis::select::closest;
use crate::text::Units;

/// What the user wants to be different.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config {
    /// Keys of commands.
    pub keys: KeyTable,
    /// Which colours.
    pub theme: Option<ThemeChoice>,
    /// The columns of the table besides the name.
    pub columns: Option<Vec<Metric>>,
    /// Roots where none are named.
    pub roots: Vec<String>,
    /// Whether the mouse is used.
    pub mouse: Option<bool>,
    /// Whether only ASCII is drawn.
    pub ascii: Option<bool>,
    /// The units in which sizes are written.
    pub units: Option<Units>,
}

/// Something is wrong with the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// In which line, from 1.
    pub line: usize,
    /// What, and what to write instead.
    pub message: String,
}

const SETTINGS: &[&str] = &[
    "theme", "columns", "roots", "mouse", "ascii", "units", "keys",
];

/// Names of themes.
pub const THEMES: &[(&str, ThemeChoice)] = &[
    ("auto", ThemeChoice::Auto),
    ("dark", ThemeChoice::Dark),
    ("light", ThemeChoice::Light),
    ("high-contrast", ThemeChoice::HighContrast),
    ("none", ThemeChoice::Plain),
];

/// Names of units.
const UNITS: &[(&str, Units)] = &[
    ("binary", Units::Binary),
    ("decimal", Units::Decimal),
    ("bytes", Units::Bytes),
];

/// The names of columns: those of the metrics. The name is always shown.
fn columns() -> Vec<&'static str> {
    let numbers = Metric::ALL.into_iter().filter(|metric| metric.is_number());
    numbers.map(Metric::key).collect()
}

impl Config {
    /// Reads a configuration, and says what of it was not understood.
    pub fn parse(text: &str) -> (Self, Vec<Complaint>) {
        let mut reader = ConfigReader {
            text,
            config: Self::default(),
            complaints: Vec::new(),
        };
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let message = format!("{}: nothing of the file is used", error.message());
            reader.complain(&error.span().unwrap_or_default(), message);
        }
        if reader.complaints.is_empty() {
            reader.table(table.get_ref());
        }
        let mut complaints = reader.complaints;
        complaints.sort_by_key(|complaint| complaint.line);
        (reader.config, complaints)
    }
}

struct ConfigReader<'a> {
    text: &'a str,
    config: Config,
    complaints: Vec<Complaint>,
}

impl ConfigReader<'_> {
    fn complain(&mut self, span: &Range<usize>, message: String) {
        let before = self.text.get(..span.start).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        self.complaints.push(Complaint { line, message });
    }

    fn table(&mut self, table: &DeTable<'_>) {
        for (key, value) in table {
            let (span, value) = (value.span(), value.get_ref());
            match &**key.get_ref() {
                "theme" => self.theme(&span, value),
                "columns" => self.columns(&span, value),
                "roots" => self.config.roots = self.texts(&span, value, "roots"),
                "mouse" => self.config.mouse = self.flag(&span, value, "mouse"),
                "ascii" => self.config.ascii = self.flag(&span, value, "ascii"),
                "units" => self.units(&span, value),
                "keys" => self.keys(&span, value),
                other => {
                    let message = unknown("setting", other, SETTINGS);
                    self.complain(&key.span(), message);
                }
            }
        }
    }

    fn flag(&mut self, span: &Range<usize>, value: &DeValue<'_>, name: &str) -> Option<bool> {
        if let DeValue::Boolean(flag) = value {
            return Some(*flag);
        }
        self.complain(span, format!("{name} is true or false"));
        None
    }

    fn theme(&mut self, span: &Range<usize>, value: &DeValue<'_>) {
        let name = match value {
            DeValue::String(name) => &**name,
            _ => "",
        };
        if let Some(&(_, theme)) = THEMES.iter().find(|(known, _)| *known == name) {
            self.config.theme = Some(theme);
        } else {
            let names: Vec<&str> = THEMES.iter().map(|&(name, _)| name).collect();
            self.complain(span, unknown("theme", name, &names));
        }
    }

    fn units(&mut self, span: &Range<usize>, value: &DeValue<'_>) {
        let name = match value {
            DeValue::String(name) => &**name,
            _ => "",
        };
        if let Some(&(_, units)) = UNITS.iter().find(|(known, _)| *known == name) {
            self.config.units = Some(units);
        } else {
            let names: Vec<&str> = UNITS.iter().map(|&(name, _)| name).collect();
            self.complain(span, unknown("unit", name, &names));
        }
    }

    fn columns(&mut self, span: &Range<usize>, value: &DeValue<'_>) {
        let mut metrics = vec![Metric::Name];
        for name in self.texts(span, value, "columns") {
            match Metric::named(&name) {
                Some(metric) if !metrics.contains(&metric) => metrics.push(metric),
                Some(_) => {}
                None => self.complain(span, unknown("column", &name, &columns())),
            }
        }
        metrics.sort_unstable();
        self.config.columns = Some(metrics);
    }

    /// A list of strings, or a single one.
    fn texts(&mut self, span: &Range<usize>, value: &DeValue<'_>, name: &str) -> Vec<String> {
        let mut texts = Vec::new();
        match value {
            DeValue::String(text) => texts.push(text.to_string()),
            DeValue::Array(values) => {
                for value in values {
                    match value.get_ref() {
                        DeValue::String(text) => texts.push(text.to_string()),
                        _ => self.complain(&value.span(), format!("{name} are quoted strings")),
                    }
                }
            }
            _ => self.complain(span, format!("{name} is a list of strings: [\"…\", \"…\"]")),
        }
        texts
    }

    fn keys(&mut self, span: &Range<usize>, value: &DeValue<'_>) {
        let DeValue::Table(table) = value else {
            let message = "keys is a table: [keys], then lines like search = [\"/\"]".to_owned();
            return self.complain(span, message);
        };
        // Where the former name of one command is now that of another, the file as a whole tells which is meant.
        let is_former = table.contains_key("keep-one");
        for (id, value) in table {
            let (span, id) = (value.span(), &**id.get_ref());
            let meant = if is_former && id == "replace" {
                Some(Command::ReplaceBy)
            } else {
                Command::of_id(id)
            };
            let Some(command) = meant else {
                let ids: Vec<&str> = COMMANDS.iter().map(|spec| spec.id).collect();
                self.complain(&span, unknown("command", id, &ids));
                continue;
            };
            let texts = self.texts(&span, value.get_ref(), id);
            let mut keys = Vec::new();
            for text in texts {
                match Key::parse(&text) {
                    Ok(key) => keys.push(key),
                    Err(error) => self.complain(&span, error.to_string()),
                }
            }
            self.set(&span, command, &keys);
        }
    }

    fn set(&mut self, span: &Range<usize>, command: Command, keys: &[Key]) {
        for refused in self.config.keys.set(command, keys) {
            self.complain(span, refused);
        }
    }
}

fn unknown(what: &str, name: &str, known: &[&str]) -> String {
    match closest(known.iter().copied(), name) {
        Some(close) => format!("there is no {what} '{name}', did you mean '{close}'?"),
        None if known.len() <= Metric::ALL.len() => {
            format!(
                "there is no {what} '{name}': write one of {}",
                known.join(", ")
            )
        }
        None => format!("there is no {what} '{name}': `nix-heft config` lists them"),
    }
}

/// A configuration in which everything is said and nothing is changed.
pub fn sample() -> String {
    let names = |names: Vec<&str>| names.join(", ");
    let themes = names(THEMES.iter().map(|&(name, _)| name).collect());
    let columns = names(columns());
    let mut text = format!(
        "# nix-heft reads this file from $XDG_CONFIG_HOME/nix-heft/config.toml, or ~/.config/nix-heft/config.toml.\n\
         # Lines that begin with # show the defaults. `nix-heft config` prints this file.\n\n\
         # Colours: {themes}.\n# theme = \"auto\"\n\n\
         # Columns of the table: {columns}.\n\
         # columns = [\"nar\", \"closure\", \"retained\", \"referrers\", \"references\"]\n\n\
         # Roots to explore when the command line names none. If this is empty: the system and your profiles.\n# roots = []\n\n\
         # Whether to use the mouse; if not, the terminal keeps it.\n# mouse = true\n\n\
         # Whether to draw with ASCII only, for fonts without line and block characters.\n# ascii = false\n\n\
         # Sizes: binary (1.5 MiB), decimal (1.6 MB), bytes (1572864).\n# units = \"binary\"\n\n\
         # Keys: each command with all its keys. A key is a single character, space, enter, esc, tab, shift-tab, backspace,\n\
         # delete, up, down, left, right, home, end, pgup or pgdn, or ctrl- followed by one of these.\n\
         # [keys]\n"
    );
    for group in CommandGroup::ALL {
        let _ = writeln!(text, "\n# {}", group.title());
        for spec in COMMANDS.iter().filter(|spec| spec.group == group) {
            let keys: Vec<String> = spec.keys.iter().map(|key| format!("\"{key}\"")).collect();
            let _ = writeln!(text, "# {} = [{}]", spec.id, keys.join(", "));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_is_read() {
        let text = "theme = \"high-contrast\"\ncolumns = [\"retained\", \"nar\"]\nmouse = false\nascii = true\nunits = \"decimal\"\n\
                    roots = [\"/x\"]\n[keys]\nsearch = [\"ctrl-s\", \"/\"]\nquit = \"Z\"\n";
        let (config, complaints) = Config::parse(text);
        assert_eq!(complaints, []);
        assert_eq!(config.theme, Some(ThemeChoice::HighContrast));
        assert_eq!(
            config.columns,
            Some(vec![Metric::Name, Metric::Nar, Metric::Retained])
        );
        assert_eq!((config.mouse, config.ascii), (Some(false), Some(true)));
        assert_eq!(config.units, Some(Units::Decimal));
        assert_eq!(config.roots, ["/x"]);
        assert_eq!(config.keys.keys(Command::Search), ["ctrl-s", "/"]);
        assert_eq!(config.keys.keys(Command::Quit), ["Z"]);
    }

    #[test]
    fn former_names_of_commands_are_still_understood() {
        let text = "[keys]\nkeep-one = [\"ctrl-k\"]\nreplace = [\"ctrl-e\"]\nfirst-steps = [\"F\"]\n\
                    twins = [\"Z\"]\nmarks = [\"b\"]\n";
        let (config, complaints) = Config::parse(text);
        assert_eq!(complaints, []);
        let table = [
            (Command::Replace, "ctrl-k"),
            (Command::ReplaceBy, "ctrl-e"),
            (Command::Welcome, "F"),
            (Command::Duplicates, "Z"),
            (Command::PLAN, "b"),
        ];
        for (command, key) in table {
            assert_eq!(config.keys.keys(command), [key], "{}", command.spec().id);
        }
        let (config, _) = Config::parse("[keys]\nreplace = [\"ctrl-e\"]\n");
        assert_eq!(
            config.keys.keys(Command::Replace),
            ["ctrl-e"],
            "as it is now"
        );
        assert_eq!(config.keys.keys(Command::ReplaceBy), ["R"]);
    }

    #[test]
    fn every_mistake_names_its_line_and_a_remedy() {
        let text = "theme = \"drak\"\ncolums = []\ncolumns = [\"weight\", 3]\nmouse = 1\nroots = 7\nunits = \"bits\"\n[keys]\n\
                    serach = [\"x\"]\nsearch = [\"hyper\"]\nmark = [\"ctrl-c\"]\nxyzzy = [\"q\"]\n";
        let (config, complaints) = Config::parse(text);
        let lines: Vec<String> = complaints
            .iter()
            .map(|complaint| format!("{}: {}", complaint.line, complaint.message))
            .collect();
        let wanted = [
            "1: there is no theme 'drak', did you mean 'dark'?",
            "2: there is no setting 'colums', did you mean 'columns'?",
            "3: columns are quoted strings",
            "3: there is no column 'weight': write one of",
            "4: mouse is true or false",
            "5: roots is a list of strings",
            "6: there is no unit 'bits'",
            "8: there is no command 'serach', did you mean 'search'?",
            "9: 'hyper' is not a key",
            "10: ctrl-c always quits",
            "11: there is no command 'xyzzy': `nix-heft config` lists them",
        ];
        assert_eq!(lines.len(), wanted.len(), "{lines:#?}");
        for (line, wanted) in lines.iter().zip(wanted) {
            assert!(line.starts_with(wanted), "{line} instead of {wanted}");
        }
        assert_eq!(config.keys.keys(Command::Mark), ["space"], "as it was");
        assert_eq!(config.keys.keys(Command::Search), ["/"], "as it was");
    }

    #[test]
    fn what_is_not_toml_changes_nothing() {
        let (config, complaints) = Config::parse("theme = \"dark\"\nmouse = = 1\n");
        assert_eq!(config, Config::default());
        assert_eq!(complaints.first().map(|complaint| complaint.line), Some(2));
    }

    #[test]
    fn the_sample_changes_nothing_and_says_what_holds() {
        assert_eq!(Config::parse(&sample()), (Config::default(), Vec::new()));
        let sample = sample();
        let uncommented: Vec<&str> = sample
            .lines()
            .filter_map(|line| line.strip_prefix("# "))
            .filter(|line| line.contains(" = ") || line.starts_with("[keys]"))
            .collect();
        let (config, complaints) = Config::parse(&uncommented.join("\n"));
        assert_eq!(complaints, []);
        for spec in COMMANDS {
            assert_eq!(config.keys.keys(spec.command), spec.keys, "{}", spec.id);
        }
    }
}
