//! Budgets: read, judged, lowered.
