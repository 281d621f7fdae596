//! The one door to the explorer for tests, benches and pictures: sessions without a terminal, and what they are made of.

pub use crate::analysis::Metric;
pub use crate::app::App;
pub use crate::app::config;
pub use crate::app::config::Config;
pub use crate::app::event::{Event, Mouse};
pub use crate::app::explore::Explore;
pub use crate::app::facts::{Facts, Snapshot, Sort};
pub use crate::app::frame::layout::{Areas, Side};
pub use crate::app::keys::command::{COMMANDS, markdown};
pub use crate::app::keys::keymap::Key;
pub use crate::app::look::{ColorChoice, Look, ThemeChoice};
pub use crate::app::view::View;
pub use crate::app::views::packages::rows::RowsQuery;
pub use crate::replay::{Session, run, screen_text};
pub use crate::ui::draw_on;
