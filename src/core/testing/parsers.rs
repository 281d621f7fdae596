//! Parsers that are no part of the public interface, opened for the fuzz targets.

use std::io::{self, Read};
use std::path::{Component, Path};
use std::sync::OnceLock;

use crate::analysis::file_category::Categories;
use crate::model::StoreDir;
use crate::source::address::{redacted, split_login};
use crate::source::cache::listing;
use crate::source::cache::narinfo::NarInfo;
use crate::source::cache::stated_store_dir;
use crate::source::drv::DrvFiles;
use crate::source::evidence::context::{line_around, printable_around};
use crate::source::evidence::elf::Elf;
use crate::source::files::nar::{self, NarVisitor};
use crate::source::open::settings::Settings;

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

/// What a signature over a record signs, if it can be signed.
///
/// # Panics
/// If it names something that is no path of the record's store.
pub fn fingerprint(text: &str) -> Option<String> {
    let info = NarInfo::parse(text).ok()?;
    let fingerprint = info.fingerprint()?;
    let mut parts = fingerprint.split(';');
    let (own, references) = (parts.nth(1)?, parts.next_back()?);
    let (dir, _) = own.rsplit_once('/')?;
    let dir = StoreDir::new(dir)?;
    for path in references.split(',').filter(|path| !path.is_empty()) {
        let base = dir.strip(path).unwrap_or_default();
        assert!(
            crate::model::store_path::split_base_name(base).is_ok(),
            "{path}"
        );
    }
    Some(fingerprint)
}

/// Reads an address of a store in every way it is read; whether all its settings are known.
///
/// # Panics
/// If what is redacted is not the same when it is redacted again, or shows a login.
pub fn store_address(text: &str) -> bool {
    let shown = redacted(text);
    assert_eq!(redacted(&shown), shown);
    let (base, login) = split_login(text);
    assert!(login.is_none() || base.len() < text.len());
    let settings = text.split_once('?').map_or("", |(_, settings)| settings);
    Settings::of_local(settings).is_ok() || Settings::check_cache(settings).is_ok()
}

/// The printable text around a position, as the context of an occurrence.
///
/// # Panics
/// If it could do harm on a terminal.
pub fn context(bytes: &[u8], at: usize) -> [String; 2] {
    let at = at.min(bytes.len());
    let shown = [line_around(bytes, at), printable_around(bytes, at)];
    assert!(!shown.iter().any(|text| text.contains(char::is_control)));
    shown
}

/// Reads a listing of a binary cache; how long a NAR of it is.
pub fn listing(bytes: &[u8]) -> Option<u64> {
    static CATEGORIES: OnceLock<Categories> = OnceLock::new();
    let categories = CATEGORIES.get_or_init(Categories::built_in);
    let (listed, _) = listing::read(bytes, categories);
    listed.ok().map(|(_, length)| length)
}

/// The searches in a file of them.
pub fn searches(bytes: &[u8]) -> Vec<String> {
    crate::user_files::memory::searches(bytes)
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
    let mut seen = SeenEntries::default();
    nar::read(&mut &*bytes, &mut seen)?;
    assert!(seen.content <= bytes.len() as u64);
    Ok((seen.entries, seen.content))
}

#[derive(Default)]
struct SeenEntries {
    entries: usize,
    content: u64,
}

impl SeenEntries {
    fn entry(&mut self, relative: &Path) {
        self.entries += 1;
        let inside = |part: Component<'_>| matches!(part, Component::Normal(_));
        assert!(relative.components().all(inside), "{}", relative.display());
    }
}

impl NarVisitor for SeenEntries {
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
