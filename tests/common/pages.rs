//! Pages whose commands are run: what stands below each is what it prints.

/// What stands for the rest of an output.
const REST: &str = "…";

/// A page with what stands below each command of its console blocks replaced by what `printed` says of it; a command that
/// it says nothing of stays as it is. Where the last line said `…`, only as many lines are taken as stood there.
pub(crate) fn with_real_output(page: &str, printed: &dyn Fn(&str) -> Option<String>) -> String {
    let mut real = String::new();
    let mut lines = page.lines().peekable();
    let mut in_block = false;
    while let Some(line) = lines.next() {
        real.push_str(line);
        real.push('\n');
        if line.starts_with("```") {
            in_block = line == "```console";
        }
        let Some(command) = line.strip_prefix("$ ").filter(|_| in_block) else {
            continue;
        };
        let Some(printed) = printed(command) else {
            continue;
        };
        let mut said = Vec::new();
        while let Some(output) =
            lines.next_if(|next| !next.starts_with("```") && !next.starts_with("$ "))
        {
            said.push(output);
        }
        if said.last() == Some(&REST) {
            let shown = printed.lines().take(said.len() - 1).chain([REST]);
            real.extend(shown.flat_map(|line| [line, "\n"]));
        } else {
            real.push_str(&printed);
        }
    }
    real
}

/// Where two pages differ first.
pub(crate) fn first_difference(name: &str, page: &str, real: &str) -> String {
    let lines = page.lines().zip(real.lines()).enumerate();
    let first = lines
        .into_iter()
        .find(|(_, (said, printed))| said != printed);
    first.map_or_else(
        || format!("{name} and what is printed differ in length"),
        |(at, (said, printed))| format!("{name}:{}\n says: {said}\nprinted: {printed}", at + 1),
    )
}
