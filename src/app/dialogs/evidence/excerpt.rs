//! The part of a text that is shown of a place: with what was looked for in sight.

use crate::text;

/// Letters of a hash part that are left where there is no room for all.
const OF_HASH: usize = 6;

/// Where a text has no room, the path in it is shortened: the store directory goes, and most of the hash part. The rest of
/// the hash part is then what is looked for.
pub(super) fn elided(
    text: &str,
    (store, hash_part): (&str, &str),
    cells: usize,
) -> (String, String) {
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
pub(super) fn around(text: &str, what: &str, cells: usize) -> (String, Option<(u16, u16)>) {
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
