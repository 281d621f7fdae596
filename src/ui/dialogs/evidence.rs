//! The box that says why a path references another.

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::dialogs::evidence::{Evidence, Place, ROWS, box_width};
use crate::app::facts::Facts;
use crate::app::frame::boxes::Place as BoxPlace;
use crate::text;

use crate::model::Reference;
use crate::ui::dialogs::{open, scroll_signs};
use crate::ui::paint::{Painter, line};

/// Draws the box.
pub fn draw(app: &App, painter: &mut Painter<'_>, place: BoxPlace, evidence: &Evidence) {
    let Some(facts) = &app.facts else { return };
    let (from, to) = evidence.reference;
    let title = title(facts, (from, to), usize::from(app.size().0));
    let said = evidence.said(box_width(app.size().0));
    let places = evidence.places();
    let shown = evidence.shown(app.size());
    let inner = open(painter, place, &title);
    let theme = painter.theme;
    for (down, part) in said.iter().enumerate() {
        let row = line(inner, down as u16);
        let style = if down == 0 { theme.title } else { theme.dim };
        painter.put(row.x + 1, row.y, row.width.saturating_sub(1), part, style);
    }
    let offers = matches!(&evidence.answer, Some(Ok(answer)) if answer.offer.is_some());
    if offers || !places.is_empty() {
        let keys = if offers {
            " enter fetches  esc closes "
        } else {
            " enter reads  O edits  esc closes "
        };
        let room = inner.width.saturating_sub(2);
        painter.put(inner.x + 2, inner.bottom(), room, keys, theme.dim);
    }
    let graph = facts.graph();
    let store = graph.store_dir().as_str();
    let window = evidence.cursor.window(places.len(), shown);
    for (down, at) in window.enumerate() {
        let top = (down * ROWS) as u16;
        let rows = [line(place.list, top), line(place.list, top + 1)];
        if at == evidence.cursor.at {
            for row in rows {
                painter.shade(row, theme.cursor);
            }
        }
        found(painter, rows, &places[at], (store, graph.hash_part(to)));
    }
    scroll_signs(
        painter,
        place.list,
        evidence.cursor.top,
        shown,
        places.len(),
    );
}

/// The question the box answers; names too long for it are cut in their middle.
fn title(facts: &Facts, (from, to): Reference, width: usize) -> String {
    let (from, to) = (facts.label(from), facts.label(to));
    let room = width.saturating_sub(WORDS + 8);
    let second = text::width(&to).min(room - room / 2);
    let first = text::fit_middle(&from, room - second);
    let second = text::fit_middle(&to, room - text::width(&first));
    format!("Why {first} references {second}")
}

/// Cells of the words in the title, and of the box around it.
const WORDS: usize = 16 + 8;

fn found(
    painter: &mut Painter<'_>,
    [first, second]: [Rect; ROWS],
    place: &Place,
    path: (&str, &str),
) {
    let theme = painter.theme;
    let class = place.class.to_string();
    let taken = text::width(&class) as u16 + 2;
    let file = text::sanitise(&place.file);
    let room = first.width.saturating_sub(taken + 2);
    painter.put(first.x + 1, first.y, room, &file, theme.text);
    let style = if place.class.is_accidental() {
        theme.dim
    } else {
        theme.hit
    };
    let width = first.width.saturating_sub(1);
    painter.put_right(first.x, first.y, width, &class, style);
    let context = text::sanitise(&place.context);
    let room = second.width.saturating_sub(4);
    let (context, hash_part) = elided(&context, path, usize::from(room));
    let (shown, hit) = around(&context, &hash_part, usize::from(room));
    painter.put(second.x + 3, second.y, room, &shown, theme.dim);
    if let Some((from, cells)) = hit {
        let hit = Rect::new(second.x + 3 + from, second.y, cells, 1);
        painter.shade(hit.intersection(second), theme.letters);
    }
}

/// Letters of a hash part that are left where there is no room for all.
const OF_HASH: usize = 6;

/// Where a text has no room, what everybody knows of the path in it goes: the store, and most of the hash part. What is
/// left of that is what is looked for.
fn elided(text: &str, (store, hash_part): (&str, &str), cells: usize) -> (String, String) {
    let fits = text::width(text) <= cells;
    let Some(short) = hash_part.get(..OF_HASH).filter(|_| !fits) else {
        return (text.to_owned(), hash_part.to_owned());
    };
    let short = format!("{short}…");
    let elided = text.replace(hash_part, &short);
    (
        elided.replace(&format!("{store}/{short}"), &format!("…/{short}")),
        short,
    )
}

/// As much of a text as has room, with what was looked for in it; and where that stands.
fn around(text: &str, what: &str, cells: usize) -> (String, Option<(u16, u16)>) {
    let Some(at) = text.find(what) else {
        return (text::fit(text, cells).into_owned(), None);
    };
    let (before, behind) = text.split_at(at);
    let hit = text::width(what).min(cells);
    // What is not needed on one side is free for the other.
    let free = cells - hit;
    let after = text::width(behind) - text::width(what);
    let left = free
        .saturating_sub(after.min(free / 2))
        .min(text::width(before));
    let shown = text::fit_end(before, left) + behind;
    let from = text::width(&shown) - text::width(behind);
    let shown = text::fit(&shown, cells).into_owned();
    (shown, Some((from as u16, hit as u16)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_of_a_path_matters_more_than_its_hash_part() {
        let hash_part = "bfi473byn1in5g9abxaj6mxn5g4hz02i";
        let text = format!("/nix/store/{hash_part}-nixos-system/etc/profile");
        let (short, hit) = elided(&text, ("/nix/store", hash_part), 40);
        assert_eq!(
            (&*short, &*hit),
            ("…/bfi473…-nixos-system/etc/profile", "bfi473…")
        );
        assert_eq!(
            elided(&text, ("/nix/store", hash_part), 80),
            (text.clone(), hash_part.to_owned())
        );
    }

    #[test]
    fn what_was_looked_for_is_always_in_sight() {
        let text = "RUNPATH=/nix/store/aaaa-libfoo:/nix/store/bbbb-libbar:/nix/store/cccc-lib";
        let cases = [
            ("aaaa", 30, "…=/nix/store/aaaa-libfoo:/nix…"),
            ("bbbb", 30, "…r:/nix/store/bbbb-libbar:/ni…"),
            ("cccc", 30, "…ibbar:/nix/store/cccc-lib"),
            ("none", 10, "RUNPATH=/…"),
        ];
        for (what, cells, _) in cases {
            let (shown, hit) = around(text, what, cells);
            assert!(text::width(&shown) <= cells);
            assert_eq!(hit.is_some(), what != "none", "{shown}");
            if let Some((from, length)) = hit {
                let mut letters = shown.chars().skip(usize::from(from));
                let found: String = letters.by_ref().take(usize::from(length)).collect();
                assert_eq!(found, what, "{shown}");
            }
        }
        assert_eq!(around(text, "aaaa", 30).0, cases[0].2);
        assert_eq!(
            around("short bbbb", "bbbb", 30),
            ("short bbbb".to_owned(), Some((6, 4)))
        );
    }
}
