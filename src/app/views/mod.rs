//! The states of all views, and how a name of the table leads to one of them.

pub(crate) mod advice;
pub(crate) mod diff;
pub(crate) mod files;
pub(crate) mod folds;
pub(crate) mod groups;
mod kept;
pub(crate) mod list;
pub(crate) mod map;
pub(crate) mod outline;
pub(crate) mod packages;
pub(crate) mod plan;
pub(crate) mod roots;
pub(crate) mod tab;
pub(crate) mod tree;
pub(crate) mod why;

use crate::job::{Cancelled, Progress};

use self::tab::{Reloaded, Tab};
use super::explore::Explore;
use super::facts::Facts;
use super::outcome::Outcome;
use super::pane::Pane;
use super::shared::Context;
use super::view::{View, views};

/// Makes everything that has a place for the state of each view.
macro_rules! states {
    ($($(#[$about:meta])* $view:ident $field:ident: $pane:ty { $($spec:tt)* })*) => {
        /// What each view shows, and where its cursor is.
        #[derive(Debug, Clone, Default)]
        pub(crate) struct Views { $($(#[$about])* pub $field: $pane),* }

        /// What a job of a view is asked.
        #[derive(Debug)]
        pub enum Wanted { $($(#[$about])* $view(<$pane as Tab>::Wanted)),* }

        /// What a job of a view answers.
        #[derive(Debug)]
        pub enum Filled { $($(#[$about])* $view(<$pane as Tab>::Found)),* }

        impl Wanted {
            /// Whose it is.
            pub fn view(&self) -> View {
                match self { $(Self::$view(_) => View::$view),* }
            }

            /// Finds it.
            pub fn find(
                self, facts: &Facts, explore: &Explore, progress: &Progress,
            ) -> Result<Filled, Cancelled> {
                Ok(match self {
                    $(Self::$view(wanted) => {
                        Filled::$view(<$pane as Tab>::find(wanted, facts, explore, progress)?)
                    })*
                })
            }
        }

        impl Filled {
            /// Whose it is.
            pub fn view(&self) -> View {
                match self { $(Self::$view(_) => View::$view),* }
            }
        }

        impl Views {
            /// A view.
            pub(crate) fn pane(&self, view: View) -> &dyn Pane {
                match view { $(View::$view => &self.$field),* }
            }

            /// A view, to be changed.
            pub(crate) fn pane_mut(&mut self, view: View) -> &mut dyn Pane {
                match view { $(View::$view => &mut self.$field),* }
            }

            /// What a view waits for.
            pub(crate) fn needs(&self, view: View, cx: Context<'_>) -> Option<Wanted> {
                match view { $(View::$view => self.$field.needs(cx).map(Wanted::$view)),* }
            }

            /// What views ask for anew.
            pub(crate) fn ask_anew(&mut self, cx: Context<'_>) -> Vec<Wanted> {
                let mut wanted = Vec::new();
                $(wanted.extend(self.$field.asks_anew(cx).map(Wanted::$view));)*
                wanted
            }

            /// Hands what was found to its view.
            pub(crate) fn fill(&mut self, cx: Context<'_>, filled: Filled) -> Outcome {
                match filled { $(Filled::$view(found) => self.$field.fill(cx, found)),* }
            }

            /// Where paths come from is known now.
            pub(crate) fn learned(&mut self) {
                $(self.$field.learned();)*
            }

            /// Notes that the job of a view was cancelled, or is asked for again.
            pub(crate) fn cancel(&mut self, view: View, cancelled: bool) {
                match view { $(View::$view => self.$field.cancel(cancelled)),* }
            }

            /// All views become what they were.
            pub(crate) fn restore(&mut self, cx: Context<'_>, before: Self) -> Outcome {
                Outcome::All(vec![$(self.$field.restore(cx, before.$field)),*])
            }

            /// The store was read again.
            pub(crate) fn reload(&mut self, reloaded: &Reloaded<'_>) {
                $(self.$field.reload(reloaded);)*
            }
        }
    };
}

views!(states);

#[cfg(test)]
mod tests;
