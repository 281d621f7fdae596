//! Work that takes longer than a frame: what there is, what runs, and what came of it.

pub mod external;
pub mod files;
pub mod results;
pub mod running;
pub mod work;
