//! Where things stand on the screen, worked out once for drawing and for the mouse.

pub(crate) mod boxes;
pub(crate) mod footer;
pub(crate) mod header;
pub(crate) mod layout;
pub(crate) mod mouse;
pub(crate) mod signs;
pub(crate) mod tabs;
