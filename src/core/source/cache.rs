//! Binary caches: the closure of some roots from `file:///DIR` or `http(s)://…`.
//!
//! A cache has one small record (`HASH.narinfo`) per path and no index, so the closure is walked: many requests at once,
//! each record naming the next ones. Records from the network are kept in a database of our own, so that a second look
//! needs no network.

pub mod archive;
mod budget;
pub(crate) mod certificates;
mod fetch;
mod http;
pub(crate) mod listing;
mod memory;
pub mod narinfo;
mod proxy;
mod walk;

use std::path::PathBuf;

use nix_narinfo::TrustedPublicKey;

pub use self::budget::MOST_BYTES;
pub use self::fetch::Limits;
use self::fetch::{Fetch, Fetched};
use self::memory::{CacheKey, Memory};
use self::narinfo::NarInfo;
use self::walk::{AskedRecord, CacheWalk};
use super::address::redacted;
use super::formats::records::{Records, base_name, too_large};
use super::{Loaded, Request, Source, SourceError};
use crate::job::Progress;
use crate::model::StoreDir;
use crate::model::store_path::{HASH_PART_LEN, are_nix_base32};

/// How to open a cache.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// What is allowed while it is asked. Without a network, only what is remembered is looked at.
    pub limits: Limits,
    /// Whether what is remembered is asked for again.
    pub refresh: bool,
    /// Keys as `<name>:<base 64>`. If there are some, records that none of them signed give a warning.
    pub trusted_public_keys: Vec<String>,
    /// The file in which records from the network are remembered. `None`: they are not.
    pub memory: Option<PathBuf>,
}

/// Opens the cache at a URL, remembering records below the user's cache directory.
pub fn open(
    url: &str,
    limits: Limits,
    refresh: bool,
    trusted_public_keys: &[String],
) -> Result<Box<dyn Source + Send + Sync>, SourceError> {
    let options = Options {
        limits,
        refresh,
        trusted_public_keys: trusted_public_keys.to_vec(),
        memory: memory::default_file(),
    };
    open_with(url, &options)
}

/// Opens the cache at a URL.
pub fn open_with(
    url: &str,
    options: &Options,
) -> Result<Box<dyn Source + Send + Sync>, SourceError> {
    let keys = options.trusted_public_keys.iter();
    let keys = keys.map(|text| TrustedPublicKey::parse(text).map_err(|_| no_key(text)));
    let keys = keys.collect::<Result<Vec<_>, _>>()?;
    let fetch = Fetch::new(url, &options.limits)?;
    let settings = url.split_once('?').map_or("", |(_, settings)| settings);
    Ok(Box::new(CacheSource {
        url: redacted(url),
        keys,
        memory: options.memory.clone(),
        key: fetch.key(settings),
        refresh: options.refresh,
        fetch,
    }))
}

/// What is no public key may be a secret one: nothing of it is repeated but its name.
fn no_key(text: &str) -> SourceError {
    /// Characters of 64 bytes in base 64, with and without padding.
    const SECRET: std::ops::RangeInclusive<usize> = 86..=88;
    let (name, key) = text.trim().split_once(':').unwrap_or_default();
    let message = if SECRET.contains(&key.len()) {
        format!("the key {name} is a secret key: give the public one")
    } else if name.is_empty() {
        "what was given as a public key has no name before a colon".to_owned()
    } else {
        format!("the key {name} is not a public key")
    };
    SourceError::Other {
        message,
        hint: "a public key looks like cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=; \
               `nix key convert-secret-to-public < FILE` derives it from a secret one"
            .to_owned(),
    }
}

struct CacheSource {
    url: String,
    fetch: Fetch,
    keys: Vec<TrustedPublicKey>,
    memory: Option<PathBuf>,
    /// Whose answers are remembered there.
    key: CacheKey,
    refresh: bool,
}

impl Source for CacheSource {
    fn load(&self, request: &Request, progress: &Progress) -> Result<Loaded, SourceError> {
        progress.start("asking the binary cache", 0);
        if let Some(budget) = self.fetch.budget() {
            budget.renew();
        }
        let mut records = Records::new(request.details);
        let memory = self.open_memory(&mut records);
        let said_dir = self.store_dir(memory.as_ref(), &mut records, progress)?;
        let presents_itself = said_dir.is_some();
        let store_dir = said_dir.unwrap_or_default();
        records.store_dir_is(store_dir.as_str());
        let named = asked(request, &store_dir)?;
        let everything = request.whole || request.roots.is_empty();
        let mut to_ask = named.clone();
        if everything {
            let (hashes, others) = self.fetch.list()?;
            to_ask.extend(hashes.into_iter().map(AskedRecord::hash));
            for name in others {
                records.warn(
                    "files that are named like records but not after a hash, left out",
                    name,
                );
            }
            if to_ask.is_empty() {
                return Err(SourceError::Format {
                    path: self.url.clone(),
                    problem: "there are no records in it".to_owned(),
                    hint: "is it a binary cache? its records are files with names like HASH.narinfo",
                });
            }
        }
        progress.start("reading records of the binary cache", 0);
        let walk = CacheWalk {
            fetch: &self.fetch,
            memory: memory.as_ref(),
            progress,
            follow: true,
            keys: &self.keys,
        };
        let found = walk.run(to_ask)?;
        if let Some(problem) = &found.forgotten {
            let kind = "the records could not be remembered for the next time";
            records.warn(kind, problem);
        }
        for (name, problem) in &found.useless {
            records.warn(
                "records that cannot be used, left out",
                format_args!("{name} ({problem})"),
            );
        }
        records.infer_store_dir_from(found.texts().filter_map(stated_path));
        for text in found.texts() {
            self.add(text, &mut records)?;
        }
        if !request.lenient {
            let outcome = self.check_roots(&named, request, &found);
            outcome.map_err(|error| match error {
                SourceError::UnknownRoot { root, .. } if !presents_itself => self.no_cache(&root),
                error => error,
            })?;
        }
        let request = Request {
            roots: full_roots(request, &named, &found, &store_dir),
            ..request.clone()
        };
        records.finish(&request, &self.url)
    }
}

impl CacheSource {
    fn open_memory(&self, records: &mut Records) -> Option<Memory> {
        let file = self.memory.as_ref().filter(|_| self.fetch.is_remote())?;
        match Memory::open(file, &self.key, self.refresh) {
            Ok(memory) => {
                if memory.was_damaged {
                    let kind = "what was remembered of binary caches was damaged, and is forgotten";
                    records.warn(kind, file.display());
                }
                Some(memory)
            }
            Err(problem) => {
                let kind = "records are not remembered, their file cannot be used";
                records.warn(kind, format_args!("{} ({problem})", file.display()));
                None
            }
        }
    }

    fn is_offline(&self) -> bool {
        matches!(self.fetch, Fetch::Offline { .. })
    }

    fn offline_hint(&self) -> String {
        let file = self.memory.as_ref();
        let problem =
            file.and_then(|file| Some((file, Memory::open(file, &self.key, false).err()?)));
        match problem {
            Some((file, problem)) => format!(
                "what was remembered cannot be read: {} ({problem}); remove it, and visit the cache without --offline",
                file.display()
            ),
            None => "leave --offline out to ask the cache itself".to_owned(),
        }
    }

    /// The store directory that the cache says its paths are in, or the usual one if it says nothing of that. `None` where
    /// it has nothing to say about itself.
    fn store_dir(
        &self,
        memory: Option<&Memory>,
        records: &mut Records,
        progress: &Progress,
    ) -> Result<Option<StoreDir>, SourceError> {
        const FILE: &str = "nix-cache-info";
        let remembered = memory.and_then(|memory| memory.get(FILE));
        let text = match remembered.filter(|text| is_cache_info(text)) {
            Some(text) => text,
            None => match self.fetch.get(FILE, progress)? {
                Fetched::Text(text) => {
                    let memory = memory.filter(|_| is_cache_info(&text));
                    if let Some(Err(error)) = memory.map(|memory| memory.keep(&[(FILE, &text)])) {
                        records.warn(
                            "the records could not be remembered for the next time",
                            error,
                        );
                    }
                    text
                }
                Fetched::Missing if self.is_offline() => {
                    let kind =
                        "nothing is remembered of the cache, and --offline forbids asking it";
                    records.warn(kind, &self.url);
                    return Ok(None);
                }
                Fetched::Missing => {
                    records.warn("no nix-cache-info, perhaps no binary cache", &self.url);
                    return Ok(None);
                }
                Fetched::Useless(problem) => return Err(self.wrong(format!("{FILE} {problem}"))),
            },
        };
        let said = stated_store_dir(&text);
        let said = said.map_err(|problem| self.wrong(format!("{FILE} {problem}")))?;
        Ok(Some(said.unwrap_or_default()))
    }

    /// Neither a root nor what every cache has: then it is not the root that is wrong.
    fn no_cache(&self, root: &str) -> SourceError {
        SourceError::Other {
            message: format!("{} has neither a nix-cache-info nor {root}", self.url),
            hint:
                "is it the address of a binary cache? one that wants a name and a password takes \
                   them before the host: NAME:PASSWORD@HOST"
                    .to_owned(),
        }
    }

    fn check_roots(
        &self,
        asked: &[AskedRecord],
        request: &Request,
        found: &walk::Answers,
    ) -> Result<(), SourceError> {
        let texts = request.roots.iter().chain(&request.extras);
        for (text, asked) in texts.zip(asked) {
            if found.has(&asked.hash) {
                continue;
            }
            let useless = found
                .useless
                .iter()
                .find(|(name, _)| name.starts_with(&asked.hash));
            return Err(match useless {
                Some((name, problem)) => self.wrong(format!("the record of {name} {problem}")),
                None if self.is_offline() => SourceError::Other {
                    message: format!("{text} is not among what is remembered of {}", self.url),
                    hint: self.offline_hint(),
                },
                None => SourceError::UnknownRoot {
                    root: text.clone(),
                    origin: self.url.clone(),
                    nearest: None,
                },
            });
        }
        Ok(())
    }

    fn add(&self, text: &str, records: &mut Records) -> Result<(), SourceError> {
        // Everything that was kept by the walk has been parsed there.
        let Ok(info) = NarInfo::parse(text) else {
            return Ok(());
        };
        if !self.keys.is_empty() && !info.is_trusted(text, &self.keys) {
            let kind = "not signed by a trusted key";
            records.warn(kind, base_name(info.store_path));
        }
        info.record(records).map_err(|_| too_large(&self.url))
    }

    fn wrong(&self, problem: String) -> SourceError {
        SourceError::Format {
            path: self.url.clone(),
            problem,
            hint: "the cache itself is at fault: ask its operator, or try another one; --refresh asks it again",
        }
    }
}

/// The path that the text of a record names.
fn stated_path(text: &str) -> Option<&str> {
    let said = text
        .lines()
        .find_map(|line| line.strip_prefix("StorePath:"));
    said.map(str::trim)
}

/// The store directory that the text of a `nix-cache-info` names, if it names one.
pub(crate) fn stated_store_dir(text: &str) -> Result<Option<StoreDir>, String> {
    let said = text.lines().find_map(|line| line.strip_prefix("StoreDir:"));
    let Some(dir) = said.map(str::trim) else {
        return Ok(None);
    };
    let named = StoreDir::new(dir).map(Some);
    named.ok_or_else(|| format!("names an invalid store directory: '{dir}'"))
}

/// Whether a text is surely what a cache says of itself: lines with a key each, one of which names the store.
fn is_cache_info(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let is_line = |line: &str| {
        let key = line.split_once(':').map_or("", |(key, _)| key);
        !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    lines.all(is_line) && stated_store_dir(text).is_ok_and(|said| said.is_some())
}

/// What the roots and extras ask the cache for, in their order.
fn asked(request: &Request, store_dir: &StoreDir) -> Result<Vec<AskedRecord>, SourceError> {
    let texts = request.roots.iter().chain(&request.extras);
    texts.map(|text| asked_for(text, store_dir)).collect()
}

/// What a root or extra asks the cache for: store paths, paths inside one, links to one, hash parts.
fn asked_for(text: &str, store_dir: &StoreDir) -> Result<AskedRecord, SourceError> {
    let link = || std::fs::canonicalize(text).ok();
    let in_store = |path: &str| store_dir.containing(path).map(str::to_owned);
    let base = in_store(text)
        .or_else(|| link().and_then(|path| in_store(path.to_str()?)))
        .unwrap_or_else(|| text.to_owned());
    let is_hash = |text: &str| are_nix_base32(text.as_bytes());
    match base.split_at_checked(HASH_PART_LEN) {
        Some((hash, "")) if is_hash(hash) => Ok(AskedRecord::hash(base)),
        Some((hash, rest)) if is_hash(hash) && rest.starts_with('-') => {
            Ok(AskedRecord::path(&base))
        }
        _ => Err(SourceError::Other {
            message: format!("{text} is not a store path, and a binary cache knows no other names"),
            hint: format!("name it in full, as in {store_dir}/HASH-NAME"),
        }),
    }
}

/// The roots by the names that the records gave them, since a hash alone may have been asked for.
fn full_roots(
    request: &Request,
    asked: &[AskedRecord],
    found: &walk::Answers,
    store_dir: &StoreDir,
) -> Vec<String> {
    let roots = asked.iter().take(request.roots.len());
    roots
        .filter_map(|asked| found.base_name(&asked.hash))
        .map(|base| format!("{store_dir}/{base}"))
        .collect()
}
