//! All base names of a graph in one piece of memory.

use super::store_path::{HASH_PART_LEN, are_nix_base32};

/// Base names (`<hash part>-<name>`), addressed by position. One text and one offset per name.
#[derive(Debug, Clone, Default)]
pub struct Names {
    text: String,
    ends: Vec<u32>,
}

impl Names {
    /// Room for `count` names of the usual length.
    pub(crate) fn with_capacity(count: usize, bytes: usize) -> Self {
        Self {
            text: String::with_capacity(bytes),
            ends: Vec::with_capacity(count),
        }
    }

    /// Appends a name. `false`, and nothing done, when the arena would grow past 4 GiB.
    pub(crate) fn push(&mut self, name: &str) -> bool {
        let Ok(end) = u32::try_from(self.text.len() + name.len()) else {
            return false;
        };
        self.text.push_str(name);
        self.ends.push(end);
        true
    }

    /// Appends all names of another. `false`, and nothing done, when the arena would grow past 4 GiB.
    pub(crate) fn append(&mut self, other: &Self) -> bool {
        let start = self.text.len();
        if u32::try_from(start + other.text.len()).is_err() {
            return false;
        }
        self.text.push_str(&other.text);
        let ends = other.ends.iter().map(|&end| start as u32 + end);
        self.ends.extend(ends);
        true
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.text.len()
    }

    #[inline]
    pub(crate) fn get(&self, index: usize) -> &str {
        let start = if index == 0 {
            0
        } else {
            self.ends[index - 1] as usize
        };
        &self.text[start..self.ends[index] as usize]
    }

    #[cfg(test)]
    pub(crate) fn heap_bytes(&self) -> usize {
        self.text.capacity() + self.ends.capacity() * size_of::<u32>()
    }

    pub(crate) fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
    }
}

/// Where the name begins in a base name: behind the hash part, or at 0 where there is none.
pub(crate) fn name_start(base: &str) -> usize {
    let bytes = base.as_bytes();
    let has_hash = bytes.len() > HASH_PART_LEN + 1
        && bytes[HASH_PART_LEN] == b'-'
        && are_nix_base32(&bytes[..HASH_PART_LEN]);
    if has_hash { HASH_PART_LEN + 1 } else { 0 }
}
