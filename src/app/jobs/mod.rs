//! Work that takes longer than a frame: what there is, how it is done, and what runs.

pub mod external;
pub mod files;
pub mod missing;
pub mod run;
pub mod running;
pub mod work;
