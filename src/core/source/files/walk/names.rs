//! Names of a directory's entries, many in one piece of memory.

use std::ffi::CStr;

use super::EntryKind;

/// Names and what they are names of, in the order they were added.
#[derive(Default)]
pub(crate) struct EntryNames {
    /// Each with its closing zero.
    bytes: Vec<u8>,
    /// Where each name ends.
    entries: Vec<(usize, EntryKind)>,
}

impl EntryNames {
    pub(crate) fn add(&mut self, name: &CStr, kind: EntryKind) {
        self.bytes.extend_from_slice(name.to_bytes_with_nul());
        self.entries.push((self.bytes.len(), kind));
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Forgets all names, but keeps their memory.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.entries.clear();
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&CStr, EntryKind)> {
        let mut start = 0;
        self.entries.iter().map(move |&(end, kind)| {
            let name = CStr::from_bytes_with_nul(&self.bytes[start..end]).unwrap_or_default();
            start = end;
            (name, kind)
        })
    }
}
