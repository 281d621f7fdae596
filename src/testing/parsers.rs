//! Parsers that are no part of the public interface, opened for the fuzz targets.

use std::io::{self, Read};
use std::path::{Component, Path};

use crate::model::StoreDir;
use crate::source::cache::stated_store_dir;
use crate::source::drv::DrvFiles;
use crate::source::evidence::elf::Elf;
use crate::source::files::nar::{self, NarVisitor};

/// Reads a derivation; how many references and outputs it has.
pub fn derivation(bytes: &[u8]) -> Option<(usize, usize)> {
    let files = DrvFiles::in_folder(Path::new("/"), &StoreDir::default());
    let read = files.parse(bytes, "fuzz").ok()?;
    Some((read.references.len(), read.outputs.len()))
}

/// The store directory that the text of a `nix-cache-info` names.
pub fn cache_info(text: &str) -> Option<StoreDir> {
    stated_store_dir(text).ok().flatten()
}

/// Looks up a position in the structure of an ELF file; false if it is none.
pub fn elf(bytes: &[u8], position: u64) -> bool {
    let elf = Elf::parse(&bytes);
    elf.map(|elf| elf.class(position)).is_some()
}

/// Reads a NAR; how many entries it has and how many bytes of content were seen.
///
/// # Panics
/// If an entry leads out of the archive, or more is seen than there is.
pub fn nar(bytes: &[u8]) -> io::Result<(usize, u64)> {
    let mut seen = Seen::default();
    nar::read(&mut &*bytes, &mut seen)?;
    assert!(seen.content <= bytes.len() as u64);
    Ok((seen.entries, seen.content))
}

#[derive(Default)]
struct Seen {
    entries: usize,
    content: u64,
}

impl Seen {
    fn entry(&mut self, relative: &Path) {
        self.entries += 1;
        let inside = |part: Component<'_>| matches!(part, Component::Normal(_));
        assert!(relative.components().all(inside), "{}", relative.display());
    }
}

impl NarVisitor for Seen {
    type Error = io::Error;

    fn other(&mut self, relative: &Path, _: Option<&[u8]>) -> io::Result<()> {
        self.entry(relative);
        Ok(())
    }

    fn file(
        &mut self,
        relative: &Path,
        length: u64,
        _: bool,
        content: &mut dyn Read,
    ) -> io::Result<()> {
        self.entry(relative);
        // What is left over is passed over by the reader.
        let read = io::copy(&mut content.take(length / 2), &mut io::sink())?;
        self.content += read;
        Ok(())
    }
}
