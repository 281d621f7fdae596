//! The derivations that an evaluation wrote into a store of its own.

use std::collections::HashMap;
use std::io;
use std::path::Path;

use nix_derivation::{Derivation, StoreDir as ParsedDir, StorePath};

use crate::analysis::prediction::{Recipe, Recipes};
use crate::job::Progress;
use crate::model::StoreDir;
use crate::model::store_path::{HASH_PART_LEN, are_nix_base32, split_base_name};
use crate::plain_file;
use crate::source::SourceError;

/// A derivation is a page or two of text; with whole scripts inside, a few megabytes. This is none.
const MOST_BYTES: u64 = 64 << 20;
/// Most derivations that are read.
const MOST: usize = 500_000;
/// Variables of a derivation that are for building alone; names beginning with `deps` are, too.
const FOR_BUILDING: &[&str] = &[
    "PATH",
    "builder",
    "checkInputs",
    "initialPath",
    "nativeBuildInputs",
    "nativeCheckInputs",
    "nativeInstallCheckInputs",
    "out",
    "outputs",
    "patches",
    "propagatedNativeBuildInputs",
    "shell",
    "src",
    "srcs",
    "stdenv",
];

/// Reads a derivation and all it needs from a folder.
pub(super) fn read(
    folder: &Path,
    store_dir: &StoreDir,
    top: &str,
    progress: &Progress,
) -> Result<Recipes, SourceError> {
    let dir = ParsedDir::new(store_dir.as_str()).map_err(|error| SourceError::Other {
        message: format!("{store_dir} is not a store directory for derivations: {error}"),
        hint: "is NIX_STORE_DIR what it should be?".to_owned(),
    })?;
    let mut recipes = Recipes {
        top: top.to_owned(),
        all: HashMap::new(),
    };
    let mut wanted = vec![top.to_owned()];
    while let Some(drv) = wanted.pop() {
        progress.advance(1)?;
        if recipes.all.contains_key(&drv) {
            continue;
        }
        if recipes.all.len() >= MOST {
            return Err(SourceError::TooLarge {
                origin: folder.display().to_string(),
            });
        }
        let file = folder.join(&drv);
        let recipe = recipe(&file, &drv, (store_dir, &dir))?;
        wanted.extend(recipe.inputs.iter().map(|(input, _)| input.clone()));
        recipes.all.insert(drv, recipe);
    }
    Ok(recipes)
}

fn recipe(
    file: &Path,
    drv: &str,
    (store_dir, dir): (&StoreDir, &ParsedDir),
) -> Result<Recipe, SourceError> {
    let damaged = |problem: String| SourceError::Format {
        path: file.display().to_string(),
        problem,
        hint: "the store that evaluations write to is damaged: remove its directory and try again",
    };
    let name = split_base_name(drv)
        .ok()
        .and_then(|(_, name)| name.strip_suffix(".drv"));
    let name = name.ok_or_else(|| damaged("this is not a derivation".to_owned()))?;
    let bytes =
        plain_file::read(file, MOST_BYTES).map_err(|source: io::Error| SourceError::Read {
            path: file.to_path_buf(),
            source,
        })?;
    let parsed = Derivation::from_aterm_bytes_in(&bytes, name, dir.clone())
        .map_err(|error| damaged(error.to_string()))?;
    let mut outputs = Vec::new();
    for (output, kind) in parsed.outputs() {
        let path = kind
            .path_in(dir, name, output)
            .map_err(|error| damaged(error.to_string()))?;
        outputs.extend(path.map(|path| (output.clone(), path.to_basename())));
    }
    let inputs = parsed.input_derivations().iter();
    let inputs = inputs.map(|(path, input)| {
        (
            path.to_basename(),
            input.outputs().iter().cloned().collect(),
        )
    });
    let mut named = Vec::new();
    for (variable, value) in parsed.environment() {
        let is_output = outputs.iter().any(|(output, _)| output == variable);
        if !is_output && !variable.starts_with("deps") && !FOR_BUILDING.contains(&variable.as_str())
        {
            named_in(value, store_dir, &mut named);
        }
    }
    named.sort_unstable();
    named.dedup();
    Ok(Recipe {
        name: name.to_owned(),
        outputs,
        inputs: inputs.collect(),
        // One that does not say so is no fetcher.
        is_fixed: parsed.is_fixed_output().unwrap_or(false),
        sources: parsed
            .input_sources()
            .iter()
            .map(StorePath::to_basename)
            .collect(),
        named,
    })
}

/// The base names of the store paths in a text.
fn named_in(text: &[u8], store_dir: &StoreDir, named: &mut Vec<String>) {
    let start = format!("{store_dir}/");
    let start = start.as_bytes();
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-._?=".contains(byte);
    let mut at = 0;
    while let Some(found) = text[at..]
        .windows(start.len())
        .position(|window| window == start)
    {
        at += found + start.len();
        let rest = &text[at..];
        let is_path = rest.len() > HASH_PART_LEN + 1
            && are_nix_base32(&rest[..HASH_PART_LEN])
            && rest[HASH_PART_LEN] == b'-';
        if is_path {
            let end = rest
                .iter()
                .position(|byte| !is_name(byte))
                .unwrap_or(rest.len());
            named.push(String::from_utf8_lossy(&rest[..end]).into_owned());
            at += end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn store_paths_in_a_text_are_found() {
        let hash = "0123456789abcdfghijklmnpqrsvwxyz";
        let text =
            format!("PATH=/nix/store/{hash}-git-2.44/bin:/nix/store/short /nix/store/{hash}-x");
        let mut named = Vec::new();
        named_in(text.as_bytes(), &StoreDir::default(), &mut named);
        assert_eq!(named, [format!("{hash}-git-2.44"), format!("{hash}-x")]);
        named_in(b"/nix/store/", &StoreDir::default(), &mut named);
        assert_eq!(named.len(), 2);
    }
}
