//! Where things stand on the screen, worked out once for drawing and for the mouse.

pub mod boxes;
pub mod footer;
pub mod header;
pub mod layout;
pub mod mouse;
pub mod signs;
pub mod tabs;
