//! Rows of what keeps the paths of the store: a root, what a generation brought, what could be let go.

use ratatui::layout::Rect;

use crate::analysis::diff::PackageChange;
use crate::app::views::roots::about;
use crate::app::views::roots::generations::LetGo;
use crate::model::{PackageName, PathId};
use crate::text;

use super::{RootRows, below, wide};
use crate::ui::paint::Painter;
use crate::ui::views::diff;
use crate::ui::views::groups::{self, SIZE};

/// Fewer cells say nothing behind a name.
const LEAST_BEHIND: usize = 12;

impl RootRows<'_> {
    /// Draws a root of the store.
    pub(super) fn held(
        &self,
        painter: &mut Painter<'_>,
        area: Rect,
        at: usize,
    ) -> Option<(Rect, PathId)> {
        let theme = painter.theme;
        let store = self.drawing.found.store.as_ref()?;
        let row = store.rows.get(at)?;
        let first = self.sizes(painter, area, [Some(row.alone), Some(row.closure)]);
        let marked = self.drawing.app.views.roots.is_marked(at);
        let style = if marked { theme.mark } else { theme.text };
        if marked {
            painter.put(area.x + 1, area.y, 1, "●", theme.mark);
        }
        let room = wide(area, 2);
        let room = match self.drawing.found.is_open(at) {
            Some(open) => {
                let x = groups::fold_sign(painter, room, open);
                wide(area, x - groups::group_room(area).x)
            }
            None => room,
        };
        let room = groups::up_to(room, first);
        let (name, mut behind) = about::called(store, row);
        if let Some(change) = self.drawing.found.change(at) {
            behind = format!("{}  {behind}", painter.units.signed(change));
        }
        let behind = format!("  {behind}");
        let name = text::sanitise(&name).into_owned();
        // What is said behind a name gives way to it, down to a few letters.
        let all = usize::from(room.width);
        let whole = text::width(&name).min(all.saturating_sub(LEAST_BEHIND));
        let kept = all.saturating_sub(text::width(&behind)).max(whole);
        let x = painter.put(
            room.x,
            room.y,
            room.width,
            &text::fit_middle(&name, kept),
            style,
        );
        let left = room.right().saturating_sub(x);
        let behind = text::sanitise(&behind).into_owned();
        painter.put(
            x,
            room.y,
            left,
            &text::fit(&behind, usize::from(left)),
            theme.dim,
        );
        None
    }

    /// Draws a package that a generation brought, dropped or has in another version.
    pub(super) fn changed(&self, painter: &mut Painter<'_>, area: Rect, package: &PackageChange) {
        let (theme, room) = (painter.theme, below(area));
        let Some(store) = self.drawing.found.store.as_ref() else {
            return;
        };
        let graph = &store.graph;
        let (delta, style) = diff::change(painter, &package.delta);
        let width = SIZE;
        painter.put_cell(Rect { width, ..room }, &delta, style);
        let (sign, style) = diff::sign(painter, package.change);
        let x = painter.put(room.x + SIZE + 1, room.y, 2, sign, style) + 1;
        let PackageName { pname, output, .. } = package.name(graph);
        let output = output.map(|output| format!(" {output}"));
        let name = text::sanitise(pname).into_owned() + &output.unwrap_or_default();
        let style = if package.after.is_empty() {
            theme.dim
        } else {
            theme.text
        };
        let left = room.right().saturating_sub(x);
        let shown = text::fit_middle(&name, usize::from(left));
        let x = painter.put(x, room.y, left, &shown, style) + 2;
        let left = room.right().saturating_sub(x);
        let versions = package.versions(graph, painter.arrow());
        let versions = text::fit(&versions, usize::from(left)).into_owned();
        painter.put(x, room.y, left, &versions, theme.dim);
    }

    /// Draws what a rule lets go, and what that frees.
    pub(super) fn let_go(&self, painter: &mut Painter<'_>, area: Rect, one: &LetGo) {
        let view = &self.drawing.app.views.roots;
        let marked = one.rows.iter().all(|&row| view.is_marked(row));
        let theme = painter.theme;
        let style = if marked { theme.mark } else { theme.text };
        if marked {
            painter.put(area.x + 1, area.y, 1, "●", theme.mark);
        }
        self.sizes(painter, area, [Some(one.freed), None]);
        let count = text::counted(one.rows.len(), "generation");
        let what = format!("{}  ({count})", one.words());
        Self::text(painter, wide(area, 2), &what, style);
    }
}
