//! What the tree shows below a path.

/// What stands below a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// What it references.
    #[default]
    References,
    /// What references it.
    Referrers,
    /// What would leave with it.
    Leaving,
    /// Nothing: three columns, a level each.
    Levels,
}

impl Mode {
    /// All modes, in the order they are gone through.
    pub const ALL: [Self; 4] = [
        Self::References,
        Self::Referrers,
        Self::Leaving,
        Self::Levels,
    ];

    /// Its name.
    pub fn title(self) -> &'static str {
        match self {
            Self::References => "references",
            Self::Referrers => "referrers",
            Self::Leaving => "leaves with",
            Self::Levels => "three columns",
        }
    }

    /// The one after it.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::References => Self::Referrers,
            Self::Referrers => Self::Leaving,
            Self::Leaving => Self::Levels,
            Self::Levels => Self::References,
        }
    }
}
