//! The line formats: `nix-store --dump-db`, the registration of `closureInfo`, and the old `exportReferencesGraph`.
//!
//! Each is a run of records without a header. The first two have path, hash, NAR size, deriver (or an empty line),
//! number of references, references; the last one has no hash and no size. The second line tells them apart: a hash is
//! neither empty nor a path.

use super::records::{Record, Records, base_name, too_large};
use crate::job::Progress;
use crate::model::store_path::split_base_name;
use crate::source::SourceError;

const HINT: &str = "expected: the output of `nix-store --dump-db`, or the registration of closureInfo, complete and unchanged";

/// Reads all records. `origin` names the text in errors.
pub fn parse_registration(
    text: &str,
    origin: &str,
    details: bool,
    progress: &Progress,
) -> Result<Records, SourceError> {
    progress.start("reading records", 0);
    let wrong = |problem| SourceError::Format {
        path: origin.to_owned(),
        problem,
        hint: HINT,
    };
    if let Some((problem, hint)) = stranger(text) {
        return Err(SourceError::Format {
            path: origin.to_owned(),
            problem: problem.to_owned(),
            hint,
        });
    }
    let mut records = Records::new(details);
    records.infer_store_dir_from(text.lines());
    let mut lines = RegistrationLines {
        lines: text.lines(),
        number: 0,
    };
    if !text.ends_with('\n') {
        check_last_line(text, &mut records).map_err(wrong)?;
    }
    let mut references = Vec::new();
    while let Some(path) = lines.next_path() {
        let record = record(&mut lines, path, &mut references).map_err(wrong)?;
        records
            .add(&record, references.drain(..), Vec::new())
            .map_err(|_| too_large(origin))?;
        progress.advance(1)?;
    }
    Ok(records)
}

/// Every line that is written ends as one: where the last does not, something may be missing from it. A path that is none
/// shows that for certain; without one, what is wrong with it.
pub(super) fn check_last_line(text: &str, records: &mut Records) -> Result<(), String> {
    let last = text.rsplit('\n').next().unwrap_or_default();
    let path = last.find('/').map(|start| &last[start..]);
    if path.is_some_and(|path| split_base_name(base_name(path)).is_err()) {
        return Err(format!("cut off in its last line, '{last}'"));
    }
    records.warn(
        "the last line has no end, so something may be missing",
        last,
    );
    Ok(())
}

/// What begins with a store path as records do, but is something else that people have at hand.
fn stranger(text: &str) -> Option<(&'static str, &'static str)> {
    const HINT: &str = "write it with `nix path-info --json --recursive PATH` instead";
    let mut lines = text.lines().skip_while(|line| line.trim().is_empty());
    let (first, second, third) = (lines.next()?, lines.next()?, lines.next());
    let is_path = |line: &str| line.starts_with('/') && split_base_name(base_name(line)).is_ok();
    let what = if first.contains('\t') {
        "the table of `nix path-info`, which lacks the references"
    } else if first.contains(" -> ") {
        return Some((
            "a list of GC roots, which has neither references nor sizes",
            "`nix-heft roots` on that machine lists them with what each holds",
        ));
    } else if is_path(first) && is_path(second) && third.is_none_or(is_path) {
        // The third line of a record is a number.
        "a list of paths, which has neither references nor sizes"
    } else {
        return None;
    };
    Some((what, HINT))
}

struct RegistrationLines<'t> {
    lines: std::str::Lines<'t>,
    number: usize,
}

impl<'t> RegistrationLines<'t> {
    fn next(&mut self) -> Option<&'t str> {
        self.number += 1;
        self.lines.next()
    }

    /// The first line of a record; empty lines between records are passed over.
    fn next_path(&mut self) -> Option<&'t str> {
        loop {
            let line = self.next()?;
            if !line.trim().is_empty() {
                return Some(line);
            }
        }
    }

    fn expect(&mut self, what: &str, path: &str) -> Result<&'t str, String> {
        self.next()
            .ok_or_else(|| format!("cut off in the record of {path}, where {what} is expected"))
    }

    fn number(&mut self, what: &str, path: &str) -> Result<u64, String> {
        let line = self.expect(what, path)?;
        line.trim().parse().map_err(|_| {
            let number = self.number;
            let found: String = line.chars().take(60).collect();
            format!("line {number}: {what} of {path} is expected here, not '{found}'")
        })
    }
}

/// The record that begins with `path`; its references go into the vector.
fn record<'t>(
    lines: &mut RegistrationLines<'t>,
    path: &'t str,
    references: &mut Vec<&'t str>,
) -> Result<Record<'t>, String> {
    if !path.starts_with('/') {
        let found: String = path.chars().take(60).collect();
        let number = lines.number;
        return Err(format!(
            "line {number}: a store path is expected here, not '{found}'"
        ));
    }
    let second = lines.expect("its hash or deriver", path)?;
    let has_hash = !second.is_empty() && !second.starts_with('/');
    let mut record = Record {
        path,
        ..Record::default()
    };
    if has_hash {
        record.nar_hash = Some(second);
        record.nar_size = Some(lines.number("the NAR size", path)?);
        record.deriver = Some(lines.expect("the deriver", path)?);
    } else {
        record.deriver = Some(second);
    }
    for _ in 0..lines.number("the number of references", path)? {
        let reference = lines.expect("a reference", path)?;
        if !reference.starts_with('/') {
            let number = lines.number;
            let found: String = reference.chars().take(60).collect();
            return Err(format!(
                "line {number}: a reference of {path} is expected here, not '{found}'"
            ));
        }
        references.push(reference);
    }
    Ok(record)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Loaded, Request};

    const A: &str = "/nix/store/6mgh6x89bas54rsx29h7xpy8h66ls285-app-1";
    const B: &str = "/nix/store/899952n1nwb3c2p68h5gjxhy21qdasfv-lib-2";
    const HASH: &str = "sha256:0wcrllydaf0l64mii5p9zdkh0p3pi5wgvpk4x0v978fs7y70sp06";

    fn load(text: &str) -> Result<Loaded, SourceError> {
        let progress = Progress::new();
        parse_registration(&expand(text), "reg", true, &progress)?
            .finish(&Request::default(), "reg")
    }

    /// `@A` and `@B` stand for paths, `#` for a hash, `|` for the end of a line.
    fn expand(text: &str) -> String {
        text.replace("@A", A)
            .replace("@B", B)
            .replace('#', HASH)
            .replace('|', "\n")
    }

    #[test]
    fn the_three_kinds_of_records_are_told_apart() {
        let cases = [
            ("@A|#|10||2|@A|@B|@B|#|5|/nix/store/x.drv|0|", Some(15)),
            (
                "@A|#|10||2|@A|@B\r\n\r\n@B|#|5|/nix/store/x.drv|0\r\n",
                Some(15),
            ),
            ("@B||0|@A|@B.drv|1|@B|", None),
            ("@B||0|@A|#|10||1|@B|", None),
        ];
        for (text, size) in cases {
            let loaded = load(text).expect(text);
            let closure = crate::model::Closure::of(&loaded.graph, &loaded.roots);
            assert_eq!(closure.len(), 2, "{text}");
            assert_eq!(closure.nar_size(), size, "{text}");
            assert_eq!(loaded.graph.name(loaded.roots[0]), "app-1", "{text}");
            assert_eq!(loaded.warnings, [], "{text}");
        }
    }

    #[test]
    fn what_looks_like_records_is_called_by_its_name() {
        let cases = [
            ("@A|@B|", "a list of paths"),
            ("@A|@B.drv|@B|", "a list of paths"),
            ("@A   \t 1\t 2|@B   \t 1\t 1|", "the table of"),
            (
                "/nix/var/nix/profiles/system-1-link -> @A|{lsof} -> @B|",
                "a list of GC roots",
            ),
        ];
        for (text, what) in cases {
            let error = load(text).expect_err(text);
            assert!(error.to_string().contains(what), "{text}: {error}");
            let hint = error.hint().expect("a hint");
            assert!(hint.contains("nix path-info") || hint.contains("nix-heft roots"));
        }
    }

    #[test]
    fn mistakes_are_errors_that_say_what_and_where() {
        let cases = [
            (
                "@A|#|10||2|@B",
                "cut off in the record of @A, where a reference is expected",
            ),
            (
                "@A|#|ten||0",
                "line 3: the NAR size of @A is expected here, not 'ten'",
            ),
            (
                "@A|#|-1||0",
                "line 3: the NAR size of @A is expected here, not '-1'",
            ),
            (
                "@A|#|1||99999999999999|@B|",
                "cut off in the record of @A, where a reference is expected",
            ),
            (
                "@A|#|1||1|#|",
                "line 6: a reference of @A is expected here, not '#'",
            ),
            (
                "@A",
                "cut off in the record of @A, where its hash or deriver is expected",
            ),
            (
                "@A||@B",
                "line 3: the number of references of @A is expected here, not '@B'",
            ),
            ("@A||0|x", "line 4: a store path is expected here, not 'x'"),
        ];
        for (text, expected) in cases {
            let error = load(text).expect_err(text).to_string();
            assert_eq!(error, format!("reg: {}", expand(expected)), "{text}");
        }
    }

    #[test]
    fn no_dump_that_is_cut_off_passes_for_a_whole_one() {
        // Where one record ends and the next begins, nothing shows that there were more.
        let dumps = [
            ("@B|#|12|@A.drv|0|", "@A|#|10||2|@A|@B|"),
            ("@B|#|12||0|", "@A|#|10|@B.drv|1|@B|"),
            ("@B||0|", "@A|@B.drv|1|@B|"),
        ];
        for (first, second) in dumps {
            let (first, second) = (expand(first), expand(second));
            let text = first.clone() + &second;
            for end in 1..text.len() {
                let loaded = parse_registration(&text[..end], "reg", true, &Progress::new())
                    .and_then(|records| records.finish(&Request::default(), "reg"));
                let passes = loaded.is_ok_and(|loaded| loaded.warnings.is_empty());
                assert_eq!(passes, end == first.len(), "{}", &text[..end]);
            }
        }
    }
}
