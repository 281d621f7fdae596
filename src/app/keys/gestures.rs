//! What can be done with the mouse, for the page of keys.

/// A gesture, and what it does.
pub(crate) const GESTURES: &[(&str, &str)] = &[
    ("click on a row", "Select it, in views and in boxes."),
    ("double click on a row", "Do what `enter` does."),
    ("click on `▸` or `▾`", "Open or close the row."),
    ("click on a tab", "Show the view."),
    (
        "click on the numbers in the first row",
        "Show what they count: marks, warnings.",
    ),
    ("click on a hint in the last row", "Do what its key does."),
    (
        "click on a heading",
        "Packages: sort by it; a second click reverses the order. Tree: do what `tree-mode` does.",
    ),
    ("click on a part of the search", "Remove it."),
    ("click on `✓` or `·`", "Columns: show it, or hide it."),
    ("click outside a box", "Close it."),
    ("wheel", "Scroll; in the map, go in and out."),
    (
        "drag the border of the details",
        "Make them wider or narrower.",
    ),
];
