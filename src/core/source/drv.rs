//! Derivations as files: what one needs and makes, for where no database says it.

use std::io;
use std::path::{Path, PathBuf};

use nix_derivation::{Derivation, StoreDir as ParsedDir, StorePath};

use super::files::nar_size;
use super::roots::StorePlace;
use crate::model::store_path::split_base_name;
use crate::model::{StoreDir, StoreGraph};
use crate::plain_file;

/// A derivation is a page or two of text; with whole scripts inside, a few megabytes. This is none.
const MOST_BYTES: u64 = 64 << 20;
/// What the name of a derivation ends in.
const SUFFIX: &str = ".drv";

/// What a derivation's file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DrvFile {
    /// Base names of the derivations and sources it is built from.
    pub(crate) references: Vec<String>,
    /// Name and full path of each output whose path is known before it is built.
    pub(crate) outputs: Vec<(String, String)>,
    /// Size of the file's NAR serialisation, in bytes.
    pub(crate) nar_size: u64,
    /// The system it is carried out on, `x86_64-linux` for instance.
    pub(crate) system: String,
}

/// Where the files of a store's derivations are.
#[derive(Debug, Clone)]
pub(crate) struct DrvFiles {
    folder: PathBuf,
    store_dir: StoreDir,
}

/// Whether this is the name of a derivation.
pub(crate) fn is_derivation(path: &str) -> bool {
    path.as_bytes().ends_with(SUFFIX.as_bytes())
}

impl DrvFiles {
    /// Those of a store, wherever in the file system it really is.
    pub(crate) fn of(place: &StorePlace, store_dir: &StoreDir) -> Self {
        let logical = PathBuf::from(store_dir.as_str());
        Self::in_folder(&place.inside(&logical).unwrap_or(logical), store_dir)
    }

    /// Those in a folder.
    pub(crate) fn in_folder(folder: &Path, store_dir: &StoreDir) -> Self {
        Self {
            folder: folder.to_owned(),
            store_dir: store_dir.clone(),
        }
    }

    /// The file of a base name.
    pub(crate) fn path(&self, base_name: &str) -> PathBuf {
        self.folder.join(base_name)
    }

    /// The path of a base name, as the store has it.
    pub(crate) fn full_path(&self, base_name: &str) -> String {
        format!("{}/{base_name}", self.store_dir)
    }

    /// Reads a derivation. `None` if there is no such file; an error says in words what is wrong with it.
    pub(crate) fn read(&self, base_name: &str) -> Result<Option<DrvFile>, String> {
        let Ok((_, name)) = split_base_name(base_name) else {
            return Ok(None);
        };
        let Some(name) = name.strip_suffix(SUFFIX) else {
            return Ok(None);
        };
        let bytes = match self.bytes(base_name) {
            Ok(bytes) => bytes,
            Err(error) if is_absent(&error) => return Ok(None),
            Err(error) => return Err(error.to_string()),
        };
        self.parse(&bytes, name)
            .map(Some)
            .map_err(|error| error.to_string())
    }

    fn bytes(&self, base_name: &str) -> io::Result<Vec<u8>> {
        plain_file::read(&self.path(base_name), MOST_BYTES)
    }

    /// Reads the content of a derivation's file; `name` is the derivation's without `.drv`.
    pub(crate) fn parse(&self, bytes: &[u8], name: &str) -> Result<DrvFile, nix_derivation::Error> {
        let dir = ParsedDir::new(self.store_dir.as_str())?;
        let parsed = Derivation::from_aterm_bytes_in(bytes, name, dir.clone())?;
        let derivations = parsed.input_derivations().keys();
        let references = derivations.chain(parsed.input_sources());
        let mut outputs = Vec::new();
        for (output, kind) in parsed.outputs() {
            if let Some(path) = kind.path_in(&dir, name, output)? {
                outputs.push((output.clone(), path.to_absolute_path_in(&dir)));
            }
        }
        Ok(DrvFile {
            references: references.map(StorePath::to_basename).collect(),
            outputs,
            nar_size: nar_size::HEAD + nar_size::file(bytes.len() as u64, false),
            system: parsed.system().to_owned(),
        })
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// The derivations of a graph that are said to need nothing: few do.
pub(crate) fn without_needs(graph: &StoreGraph) -> impl Iterator<Item = &str> {
    let bare = graph
        .ids()
        .filter(|&id| graph.is_derivation(id) && graph.references(id).is_empty());
    bare.map(|id| graph.base_name(id))
}
