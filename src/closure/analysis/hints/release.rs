//! NixOS releases, read from the name of a system: `nixos-system-web-24.05.20240609.2819fff`.

use std::fmt;

/// A release: year and month, each two digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Release {
    year: u8,
    month: u8,
}

impl Release {
    /// Reads `24.05`.
    pub fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('.')?;
        let number = |digits: &str| {
            let two = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
            two.then(|| digits.parse().ok()).flatten()
        };
        let release = Self {
            year: number(year)?,
            month: number(month)?,
        };
        (1..=12).contains(&release.month).then_some(release)
    }

    /// The release that the name of a system ends in, behind the name of its machine.
    pub fn of_system(name: &str) -> Option<Self> {
        let rest = name.strip_prefix("nixos-system-")?;
        let mut parts = rest.rsplit('-');
        parts.find_map(|part| {
            let release = part.get(..5).and_then(Self::parse)?;
            let behind = part.as_bytes().get(5);
            behind
                .is_none_or(|byte| !byte.is_ascii_digit())
                .then_some(release)
        })
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}.{:02}", self.year, self.month)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_system_tells_its_release() {
        let cases = [
            (
                "nixos-system-lenovo-x270-24.05.20240609.2819fff",
                Some("24.05"),
            ),
            ("nixos-system-web-26.11pre-git", Some("26.11")),
            ("nixos-system-web-25.11", Some("25.11")),
            ("nixos-system-10.20.30-25.05.dirty", Some("25.05")),
            ("nixos-system-web-test", None),
            ("nixos-system-24.051", None),
            ("nixos-rebuild-24.05", None),
        ];
        for (name, expected) in cases {
            let release = Release::of_system(name).map(|release| release.to_string());
            assert_eq!(release.as_deref(), expected, "{name}");
        }
        assert!(Release::parse("24.13").is_none() && Release::parse("4.05").is_none());
        assert!(Release::parse("24.05") < Release::parse("24.11"));
    }
}
