//! The keys that commands have: those of the table of commands, unless the user gave them others.

use super::command::{Command, Spec, lookup};
use super::keymap::Key;
use crate::app::view::View;

/// The user's keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyTable {
    own: Vec<(Command, Vec<Key>)>,
}

/// The key that always quits, so that no configuration can lock the user in.
const WAY_OUT: &str = "ctrl-c";

impl KeyTable {
    /// Gives a command these keys in place of its own. Keys that cannot be given are left out, and why is said; if none is
    /// left, the command keeps those it had.
    pub fn set(&mut self, command: Command, keys: &[Key]) -> Vec<String> {
        let mut refused = Vec::new();
        let mut given: Vec<Key> = Vec::new();
        for &key in keys {
            if key.to_string() == WAY_OUT && command != Command::Quit {
                refused.push(format!("{WAY_OUT} always quits: choose another key"));
            } else if let Some(other) = self.rival(command, key) {
                let (other, id) = (other.spec().id, command.spec().id);
                refused.push(format!(
                    "{key} is given to {other} already: choose another key for {id}"
                ));
            } else if !given.contains(&key) {
                given.push(key);
            }
        }
        if !given.is_empty() {
            self.own.retain(|(other, _)| *other != command);
            self.own.push((command, given));
        }
        refused
    }

    /// Another command the user gave this key, where both are listened to.
    fn rival(&self, command: Command, key: Key) -> Option<Command> {
        let mut own = self.own.iter();
        let rival = own.find(|(other, keys)| {
            *other != command && keys.contains(&key) && overlap(command, *other)
        });
        rival.map(|&(other, _)| other)
    }

    /// The command a key stands for, of those that are heard: the user's keys come first.
    pub fn lookup(&self, key: Key, heard: impl Fn(&Spec) -> bool) -> Option<Command> {
        let mut own = self.own.iter();
        let given = own.find(|(command, keys)| heard(command.spec()) && keys.contains(&key));
        let usual = || {
            let command = lookup(key, &heard)?;
            let way_out = key.to_string() == WAY_OUT;
            (way_out || self.own(command).is_none()).then_some(command)
        };
        given.map(|&(command, _)| command).or_else(usual)
    }

    /// The title of a command with its key: `warnings (!)`.
    pub fn named(&self, command: Command) -> String {
        let title = command.spec().title;
        match self.shown(command) {
            key if key.is_empty() => title.to_owned(),
            key => format!("{title} ({key})"),
        }
    }

    /// Whether a key is one of a command's.
    pub fn gives(&self, command: Command, key: Key) -> bool {
        self.keys(command).contains(&key.to_string())
    }

    fn own(&self, command: Command) -> Option<&[Key]> {
        let found = self.own.iter().find(|(other, _)| *other == command);
        found.map(|(_, keys)| keys.as_slice())
    }

    /// The keys of a command, the one to show first; without those that the user gave to another.
    pub fn keys(&self, command: Command) -> Vec<String> {
        if let Some(keys) = self.own(command) {
            return keys.iter().map(ToString::to_string).collect();
        }
        let Spec { keys, .. } = command.spec();
        let taken = |text: &str| {
            let Ok(key) = Key::parse(text) else {
                return true;
            };
            let mut own = self.own.iter();
            own.any(|(other, keys)| keys.contains(&key) && overlap(command, *other))
        };
        let free = keys.iter().filter(|key| !taken(key));
        free.map(|&key| key.to_owned()).collect()
    }

    /// The key to show; empty if it has none.
    pub fn shown(&self, command: Command) -> String {
        self.keys(command).into_iter().next().unwrap_or_default()
    }
}

/// Whether there is a view where both are listened to.
pub(crate) fn overlap(a: Command, b: Command) -> bool {
    let (a, b) = (a.spec(), b.spec());
    let mut views = View::ALL.iter();
    views.any(|&view| a.is_heard(view) && b.is_heard(view))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::app::keys::command::COMMANDS;

    const NAMES: &[&str] = &[
        "a", "j", "k", "q", "x", "w", "space", "enter", "esc", "ctrl-c", "ctrl-d", "G", "/", "c",
        "R",
    ];

    proptest! {
        #[test]
        fn no_table_of_keys_breaks_finding_commands(
            given in prop::collection::vec(
                (0..COMMANDS.len(), prop::collection::vec(0..NAMES.len(), 0..3)), 0..12),
        ) {
            let mut table = KeyTable::default();
            for (command, keys) in given {
                let keys: Vec<Key> = keys.iter().filter_map(|&at| Key::parse(NAMES[at]).ok()).collect();
                table.set(COMMANDS[command].command, &keys);
            }
            let way_out = Key::parse(WAY_OUT).expect("a key");
            for &view in View::ALL {
                let heard = |spec: &Spec| spec.is_heard(view);
                prop_assert_eq!(table.lookup(way_out, heard), Some(Command::Quit));
                for spec in COMMANDS.iter().filter(|spec| heard(spec)) {
                    // What is shown for a command is what gives it.
                    for key in table.keys(spec.command) {
                        let key = Key::parse(&key).expect("a key");
                        prop_assert_eq!(table.lookup(key, heard), Some(spec.command), "{}", key);
                    }
                }
                for name in NAMES {
                    let key = Key::parse(name).expect("a key");
                    if let Some(command) = table.lookup(key, heard) {
                        prop_assert!(heard(command.spec()));
                        let own = table.keys(command).contains(&key.to_string());
                        let known = own || command.spec().keys.contains(name);
                        prop_assert!(known, "{} is not a key of it", key);
                    }
                }
            }
        }
    }
}
