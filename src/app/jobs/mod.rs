//! Work that takes longer than a frame: what there is, how it is done, and what runs.

pub(crate) mod evaluate;
pub(crate) mod external;
pub(crate) mod files;
pub(crate) mod missing;
pub(crate) mod running;
pub(crate) mod seek;
pub(crate) mod work;
