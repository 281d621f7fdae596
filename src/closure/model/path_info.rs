//! What a store knows about one path besides its references.

use std::fmt;
use std::num::NonZeroI64;

pub use super::nar_hash::NarHash;

/// A number of bytes, or unknown. Eight bytes, since there may be millions.
///
/// The graph builder keeps the sum of all known sizes of a graph below 2^63, so sums over paths never wrap.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Size(u64);

impl Size {
    /// The source does not say.
    pub const UNKNOWN: Self = Self(u64::MAX);

    /// A known size. `u64::MAX` bytes cannot be told from unknown; no NAR is that large.
    pub const fn bytes(bytes: u64) -> Self {
        Self(bytes)
    }

    /// The bytes, if known.
    #[inline]
    pub const fn get(self) -> Option<u64> {
        if self.0 == u64::MAX {
            None
        } else {
            Some(self.0)
        }
    }

    /// The bytes, or 0 if unknown: for sums whose completeness is tracked apart.
    #[inline]
    pub const fn known(self) -> u64 {
        if self.0 == u64::MAX { 0 } else { self.0 }
    }
}

impl Default for Size {
    fn default() -> Self {
        Self::UNKNOWN
    }
}

impl From<Option<u64>> for Size {
    fn from(bytes: Option<u64>) -> Self {
        bytes.map_or(Self::UNKNOWN, Self)
    }
}

impl fmt::Debug for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.get() {
            Some(bytes) => write!(f, "{bytes} B"),
            None => f.write_str("unknown"),
        }
    }
}

/// The facts every path has in memory. Kept small: a test pins its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PathInfo {
    /// Size of the path's NAR serialisation, in bytes.
    pub nar_size: Size,
    /// Compressed size in the binary cache, in bytes.
    pub download_size: Size,
    /// When the path was registered, in seconds since 1970; `None` if the source does not say (or says 0).
    pub registered: Option<NonZeroI64>,
}

impl PathInfo {
    /// A path of which only the NAR size is known.
    pub fn with_nar_size(nar_size: impl Into<Size>) -> Self {
        Self {
            nar_size: nar_size.into(),
            ..Self::default()
        }
    }
}

/// Facts read only when a person looks at one path. A graph holds them if its source was asked for details.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Details {
    /// SHA-256 of the NAR serialisation.
    pub nar_hash: Option<NarHash>,
    /// Base name of the derivation that built the path.
    pub deriver: Option<String>,
    /// Content address as Nix writes it (`fixed:r:sha256:…`, `text:sha256:…`).
    pub content_address: Option<String>,
    /// Signatures, each `<key name>:<base 64>`.
    pub signatures: Vec<String>,
    /// Whether it was built here rather than fetched.
    pub ultimate: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_info_stays_small() {
        assert_eq!(size_of::<PathInfo>(), 24);
        assert_eq!(Size::default().get(), None);
        assert_eq!(Size::bytes(0).get(), Some(0));
    }
}
