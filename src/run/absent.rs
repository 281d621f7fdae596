//! Looking for what is not in the closure: in the whole store, and in the build-time closure.

use crate::analysis::Analysed;
use crate::analysis::absent::Absent;
use crate::report::absent;
use crate::source::Request;
use crate::source::location::Location;
use crate::source::open::{files_root, open};

use crate::cli::Format;

use super::failure::Failure;
use super::output::print;
use super::session::{self, Session};
use super::target;

/// Answers where TARGET is instead, if it is not in the closure and something is known of it.
pub(super) fn answer(
    session: &Session,
    subject: &Analysed,
    (selector, roots): (&str, &[String]),
    command: &'static str,
) -> Result<bool, Failure> {
    let Some(selector) = target::absent(subject, selector) else {
        return Ok(false);
    };
    let mut found = Absent::of(subject.graph(), subject.closure(), &selector);
    let location = session::location(session.global());
    let look = Look {
        session,
        location: &location,
        roots,
    };
    if let Some(store) = look.whole_store()? {
        found.look_through_store(&store);
    }
    if let Some(derivations) = look.build_time()? {
        found.look_through_build_time(&derivations);
    }
    if !found.is_known() {
        return Ok(false);
    }
    let paper = session.paper();
    let format = session.format()?;
    print(session.reader(format), |out| match format {
        Format::Json => absent::json(subject, &found, command, out),
        _ => absent::text(subject, &found, paper, out),
    })?;
    Ok(true)
}

type Graph = std::sync::Arc<crate::model::StoreGraph>;

struct Look<'a> {
    session: &'a Session,
    location: &'a Location,
    roots: &'a [String],
}

impl Look<'_> {
    /// All paths of the store; `None` where they cannot be listed.
    fn whole_store(&self) -> Result<Option<Graph>, Failure> {
        if files_root(self.location).is_none() {
            return Ok(None);
        }
        // A file tells nothing of the rest of the store.
        let location = Location {
            from: None,
            ..self.location.clone()
        };
        let request = Request {
            roots: if self.location.from.is_some() {
                Vec::new()
            } else {
                self.roots.to_vec()
            },
            whole: true,
            ..Request::default()
        };
        self.load(location, request)
    }

    /// The build-time closure of the roots; `None` where it is not known.
    fn build_time(&self) -> Result<Option<Graph>, Failure> {
        if self.location.derivation
            || self.location.from.is_some()
            || files_root(self.location).is_none()
        {
            return Ok(None);
        }
        let location = Location {
            derivation: true,
            ..self.location.clone()
        };
        let request = Request {
            roots: self.roots.to_vec(),
            outputs: true,
            ..Request::default()
        };
        self.load(location, request)
    }

    fn load(&self, location: Location, request: Request) -> Result<Option<Graph>, Failure> {
        let loaded = self.session.work(move |progress| {
            let source = open(&location).ok()?;
            source.load(&request, progress).ok()
        })?;
        Ok(loaded.map(|loaded| loaded.graph))
    }
}
