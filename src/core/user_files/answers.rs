//! Answers that took long and are remembered in the user's directory of caches.

use std::fs;
use std::io;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Over;
use crate::gate::Reader;
use crate::model::StoreDir;

/// The answer that is remembered in a file, unless it is to be asked for again, is damaged or there is no file; else it is
/// asked for, and remembered where that is possible.
pub fn remembered<T: Serialize + DeserializeOwned, E>(
    file: Option<&Path>,
    again: bool,
    ask: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    if let Some(known) = file.filter(|_| !again).and_then(recalled) {
        return Ok(known);
    }
    let answer = ask()?;
    if let Some(file) = file {
        remember(file, &answer);
    }
    Ok(answer)
}

fn recalled<T: DeserializeOwned>(file: &Path) -> Option<T> {
    let text = super::read(file).ok()?;
    serde_json::from_str(&text).ok()
}

/// Where that is not possible it is asked for again.
fn remember<T: Serialize>(file: &Path, answer: &T) {
    let write =
        |out: &mut dyn io::Write| serde_json::to_writer(out, answer).map_err(io::Error::from);
    if let Some(folder) = file.parent()
        && fs::create_dir_all(folder).is_ok()
    {
        let _ = super::write(
            file,
            Over::Anything,
            &StoreDir::default(),
            Reader::Json,
            write,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_asked_for_once_and_again_where_they_are_damaged() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("below/answer.json");
        let asked = std::cell::Cell::new(0);
        let ask = |again| {
            remembered(Some(&file), again, || {
                asked.set(asked.get() + 1);
                Ok::<_, ()>(vec![asked.get()])
            })
        };
        assert_eq!((ask(false), ask(false)), (Ok(vec![1]), Ok(vec![1])));
        assert_eq!(ask(true), Ok(vec![2]));
        fs::write(&file, "[2").expect("written");
        assert_eq!((ask(false), ask(false)), (Ok(vec![3]), Ok(vec![3])));
        assert_eq!(remembered(None, false, || Err::<i32, _>("no")), Err("no"));
        assert_eq!(remembered(None, false, || Ok::<_, ()>(5)), Ok(5));
    }
}
