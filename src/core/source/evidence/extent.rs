//! Which piece of a file is read: the whole of it, or what lies between two of its holes.

/// A piece of a file that has bytes on disk.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extent {
    pub(crate) offset: u64,
    /// How many bytes to expect; reading stops there without looking for more.
    pub(crate) length: u64,
    /// Whether there is more of the file besides this piece.
    pub(crate) partial: bool,
}
