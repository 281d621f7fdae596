//! A report of code quality as GitLab reads it.

use serde_json::Value;

/// What is wrong with a report.
pub(crate) fn mistakes(report: &Value) -> Vec<String> {
    let Some(list) = report.as_array() else {
        return vec![format!("it is no list: {report}")];
    };
    let mut found = Vec::new();
    for (number, finding) in list.iter().enumerate() {
        let mut wrong = |what: String| found.push(format!("{number}: {what}"));
        for key in ["description", "check_name", "fingerprint"] {
            if finding[key]
                .as_str()
                .is_none_or(|text| text.trim().is_empty())
            {
                wrong(format!("{key} is {}", finding[key]));
            }
        }
        let severities = ["info", "minor", "major", "critical", "blocker"];
        if !severities.iter().any(|one| finding["severity"] == *one) {
            wrong(format!("severity is {}", finding["severity"]));
        }
        let place = &finding["location"];
        // A path is relative to the repository.
        if place["path"]
            .as_str()
            .is_none_or(|path| path.is_empty() || path.starts_with("./"))
        {
            wrong(format!("path is {}", place["path"]));
        }
        if place["lines"]["begin"]
            .as_u64()
            .is_none_or(|line| line == 0)
        {
            wrong(format!("line is {}", place["lines"]["begin"]));
        }
        if list[..number]
            .iter()
            .any(|other| other["fingerprint"] == finding["fingerprint"])
        {
            wrong("the fingerprint is another's".to_owned());
        }
    }
    found
}
