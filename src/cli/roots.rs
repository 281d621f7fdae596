//! The options of the commands about roots and generations.

use clap::Args;
use thiserror::Error;

#[derive(Debug, Clone, Args)]
pub(crate) struct GcRoots {
    /// Compare these instead of the GC roots: store paths, symlinks, profiles or installables
    #[arg(value_name = "ROOT", conflicts_with_all = ["dead", "disk", "drop"])]
    pub(crate) roots: Vec<String>,

    /// Also list dead paths, which no root keeps alive, and unregistered entries of the store directory
    #[arg(long)]
    pub(crate) dead: bool,

    /// Also show disk usage, with hard links counted once (looks at every file of the store)
    #[arg(long)]
    pub(crate) disk: bool,

    /// Show what dropping this root would free, and the commands for it; several are dropped together
    ///
    /// ROOT is a link, the name of a link, a pattern such as '*/result', a store path or package that roots lead to, or
    /// process:NUMBER. Nothing is ever run or deleted.
    #[arg(long, value_name = "ROOT")]
    pub(crate) drop: Vec<String>,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Generations {
    /// The profile: its link, or a name such as system [default: the system's profile, else the user's]
    pub(crate) profile: Option<String>,

    /// Show what deleting the generations older than AGE would free, for example 30d or 2w
    #[arg(long, value_name = "AGE", value_parser = age, conflicts_with = "keep_last")]
    pub(crate) older_than: Option<i64>,

    /// Show what keeping only the last N generations would free
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) keep_last: Option<u32>,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct When {
    /// The package: a store path, hash part, name, package name, or a pattern such as 'perl*'
    pub(crate) package: String,

    /// The profile: its link, or a name such as system [default: the system's profile, else the user's]
    pub(crate) profile: Option<String>,
}

/// What was typed is no age.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("write a number and a unit: 30d or 2w")]
struct NoAge;

/// An age as it is typed, in seconds.
fn age(text: &str) -> Result<i64, NoAge> {
    let unit = text.char_indices().next_back().ok_or(NoAge)?;
    let seconds = match unit.1 {
        'h' => 3600,
        'd' => 86_400,
        'w' => 7 * 86_400,
        _ => return Err(NoAge),
    };
    let number = &text[..unit.0];
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let number: i64 = number.parse().ok().filter(|_| digits).ok_or(NoAge)?;
    number.checked_mul(seconds).ok_or(NoAge)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_a_number_and_a_unit() {
        assert_eq!(age("30d"), Ok(30 * 86_400));
        assert_eq!(age("2w"), Ok(14 * 86_400));
        assert_eq!(age("0h"), Ok(0));
        for odd in [
            "",
            "d",
            "30",
            "-1d",
            "+1d",
            "1 d",
            "1y",
            "99999999999999999d",
            "1ü",
        ] {
            assert!(age(odd).is_err(), "{odd}");
        }
    }
}
