//! How much a binary cache may take of this machine, over all requests of a load together: files, bytes and waiting.
//!
//! Each answer names what is asked for next, so a server decides how long a walk goes on. It ends where the budget does,
//! with an error that names the option to raise it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::source::SourceError;
use crate::text::Units;

/// What records and listings may come to in all, in bytes, unless the user allows more. The largest closures known have
/// some 30 000 records of 2 kB.
pub const MOST_BYTES: u64 = 512 << 20;
/// A budget allows one file per this many bytes.
const BYTES_A_FILE: u64 = 1 << 10;
/// How long may be waited whatever comes, summed over all connections.
const GRACE: Duration = Duration::from_secs(10 * 60 * super::fetch::CONNECTIONS as u64);
/// How slowly bytes may come in the long run, in bytes a second.
pub(super) const SLOWEST: u64 = 1 << 10;

/// What is left for a server to take.
#[derive(Debug)]
pub(super) struct Budget {
    most: u64,
    files: AtomicU64,
    bytes: AtomicU64,
    waited: AtomicU64,
}

impl Budget {
    /// A budget of this many bytes; of the usual number without.
    pub(super) fn of(most: Option<u64>) -> Self {
        Self {
            most: most.unwrap_or(MOST_BYTES),
            files: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            waited: AtomicU64::new(0),
        }
    }

    /// Starts over, for another load.
    pub(super) fn renew(&self) {
        for used in [&self.files, &self.bytes, &self.waited] {
            used.store(0, Ordering::Relaxed);
        }
    }

    /// One more file is asked for, or looked up.
    pub(super) fn ask(&self) -> Result<(), SourceError> {
        let files = self.files.fetch_add(1, Ordering::Relaxed) + 1;
        let most = (self.most / BYTES_A_FILE).max(1);
        if files > most {
            return Err(over(&format!("names more than {most} records")));
        }
        Ok(())
    }

    /// This many bytes came, packed or unpacked.
    pub(super) fn take(&self, bytes: u64) -> Result<(), SourceError> {
        let before = self.bytes.fetch_add(bytes, Ordering::Relaxed);
        if before.saturating_add(bytes) > self.most {
            let problem = format!(
                "sends more than {} of records and listings",
                Units::Binary.size(self.most)
            );
            return Err(over(&problem));
        }
        Ok(())
    }

    /// One connection waited so long for an answer.
    pub(super) fn wait(&self, time: Duration) -> Result<(), SourceError> {
        let time = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let waited = self
            .waited
            .fetch_add(time, Ordering::Relaxed)
            .saturating_add(time);
        let earned = self.bytes.load(Ordering::Relaxed) / SLOWEST;
        if waited / 1000 > GRACE.as_secs().saturating_add(earned) {
            return Err(over("answers too slowly to be waited for"));
        }
        Ok(())
    }
}

fn over(problem: &str) -> SourceError {
    SourceError::Other {
        message: format!("the binary cache {problem}"),
        hint: "is it the path you mean, and a cache you trust? --cache-limit MIB allows it more"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_of_a_budget_ends_and_begins_anew_with_the_next_load() {
        let budget = Budget::of(Some(10 << 10));
        let said = |outcome: Result<(), SourceError>| outcome.expect_err("used up").to_string();
        for _ in 0..2 {
            for _ in 0..10 {
                budget.ask().expect("one more");
            }
            assert!(said(budget.ask()).contains("more than 10 records"));
            budget.take(10 << 10).expect("all of it");
            assert!(said(budget.take(1)).contains("more than 10.0 KiB"));
            budget.wait(GRACE).expect("patience");
            assert!(said(budget.wait(Duration::from_mins(1))).contains("too slowly"));
            budget.renew();
        }
        let error = budget.take(u64::MAX).expect_err("far too much");
        assert!(
            error
                .hint()
                .is_some_and(|hint| hint.contains("--cache-limit"))
        );
    }
}
