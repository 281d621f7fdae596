//! Fingerprints, by which services tell new findings from known ones.

use hashbrown::HashMap;

/// Fingerprints of one document, each given once.
#[derive(Debug, Default)]
pub(super) struct Fingerprints(HashMap<String, u32>);

impl Fingerprints {
    /// The fingerprint of something by what stays the same about it. The same thing again has another one: services drop
    /// what has the fingerprint of something else.
    pub(super) fn of(&mut self, identity: &str) -> String {
        let times = self.0.entry(identity.to_owned()).or_default();
        *times += 1;
        let hash = blake3::hash(format!("{times}\n{identity}").as_bytes());
        hash.to_hex()[..32].to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_the_same_in_each_run_and_different_within_one() {
        let (mut one, mut other) = (Fingerprints::default(), Fingerprints::default());
        let all = [one.of("a"), one.of("b"), one.of("a")];
        assert_eq!(all, [other.of("a"), other.of("b"), other.of("a")]);
        assert!(all[0] != all[1] && all[0] != all[2] && all[1] != all[2]);
        assert_eq!(all[0].len(), 32);
    }
}
