//! Joins builders that were filled separately.

use super::GraphBuilder;

impl GraphBuilder {
    /// Takes over what another builder was given by [`GraphBuilder::add`], in that order. `None` when the graph is full.
    pub fn append(&mut self, other: Self) -> Option<()> {
        let first = self.infos.len();
        u32::try_from(first + other.infos.len()).ok()?;
        if !self.names.append(&other.names) {
            return None;
        }
        self.warnings.merge(other.warnings);
        self.infos.extend_from_slice(&other.infos);
        self.recorded.extend_from_slice(&other.recorded);
        for at in first..self.infos.len() {
            let size = self.plausible(at, self.infos[at].nar_size);
            self.total += size.known();
            self.infos[at].nar_size = size;
        }
        if let (Some(all), Some(more)) = (&mut self.details, &other.details) {
            all.append(first, more)?;
        }
        Some(())
    }
}
