//! One request to a cache on the network, and what its outcome means.

use std::io::{self, Read as _};
use std::path::Path;
use std::time::Duration;

use super::certificates::{authorities, complaint};
use super::fetch::{CONNECTIONS, Fetched, too_large};
use super::proxy::Proxies;
use ureq::config::RedirectAuthHeaders;

use crate::job::Progress;
use crate::source::SourceError;
use crate::source::address::redacted;

/// How long is waited for a server.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// While nothing comes.
    pub(super) stalled: Duration,
    /// For one file in all, however slowly it comes.
    pub(super) whole: Duration,
}

impl Patience {
    /// A slow connection is not the server's fault, and a silent one is useless.
    pub(super) const USUAL: Self = Self {
        stalled: Duration::from_secs(15),
        whole: Duration::from_mins(5),
    };
}

/// The client. With `certificates`, the certificate authorities in that file are trusted.
pub(super) fn agent(
    patience: Patience,
    certificates: Option<&Path>,
) -> Result<ureq::Agent, SourceError> {
    let trusted = certificates.map(authorities).transpose()?;
    let config = || {
        let config = ureq::Agent::config_builder()
            .max_idle_connections(CONNECTIONS)
            .max_idle_connections_per_host(CONNECTIONS)
            .timeout_resolve(Some(patience.stalled))
            .timeout_connect(Some(patience.stalled))
            .timeout_per_read(Some(patience.stalled))
            .timeout_per_write(Some(patience.stalled))
            .timeout_global(Some(patience.whole))
            .http_status_as_error(false)
            .max_redirects(5)
            // One host, one login: another one never learns who asks.
            .redirect_auth_headers(RedirectAuthHeaders::SameHost)
            .user_agent(concat!("nix-heft/", env!("CARGO_PKG_VERSION")));
        match &trusted {
            Some(trusted) => config.tls_config(trusted.clone()),
            None => config,
        }
    };
    let proxies = Proxies::of(&|name| std::env::var(name).ok())?;
    Ok(proxies.agent(&config))
}

/// What a request came to.
pub(super) enum RequestOutcome {
    Done(Fetched<Vec<u8>>),
    /// Perhaps better next time.
    TryAgain(SourceError),
    Hopeless(SourceError),
}

/// A request, which says who asks.
pub(super) fn get(
    agent: &ureq::Agent,
    login: Option<&str>,
    url: &str,
) -> ureq::RequestBuilder<ureq::typestate::WithoutBody> {
    let request = agent.get(url);
    match login {
        Some(login) => request.header("Authorization", login),
        None => request,
    }
}

/// Gets what is at an address, up to a length in bytes.
pub(super) fn request(
    agent: &ureq::Agent,
    login: Option<&str>,
    url: &str,
    most: u64,
    progress: &Progress,
) -> RequestOutcome {
    let response = match get(agent, login, url).call() {
        Ok(response) => response,
        Err(error) => return failure(url, &error),
    };
    match response.status().as_u16() {
        200 => body(url, response.into_body(), most, progress),
        // S3 says 403 for what is not there.
        404 | 403 | 410 => RequestOutcome::Done(Fetched::Missing),
        status => refusal(url, status),
    }
}

/// Reads piece by piece, so that slow work can be cancelled.
fn body(url: &str, mut body: ureq::Body, most: u64, progress: &Progress) -> RequestOutcome {
    const PIECE: u64 = 1 << 16;
    let mut reader = body.with_config().limit(most).reader();
    let mut bytes = Vec::new();
    loop {
        if let Err(cancelled) = progress.check() {
            return RequestOutcome::Hopeless(cancelled.into());
        }
        // A `take` reads on until it is full or nothing comes any more; one read takes what is there.
        let start = bytes.len();
        bytes.resize(start + PIECE as usize, 0);
        match reader.read(&mut bytes[start..]) {
            Ok(read) => {
                bytes.truncate(start + read);
                if read == 0 {
                    return RequestOutcome::Done(Fetched::Text(bytes));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => bytes.truncate(start),
            Err(error) => {
                return match ureq::Error::from(error) {
                    ureq::Error::BodyExceedsLimit(_) => RequestOutcome::Done(too_large()),
                    error => failure(url, &error),
                };
            }
        }
    }
}

/// An answer that says no.
fn refusal(url: &str, status: u16) -> RequestOutcome {
    let hint = match status {
        407 => "the proxy wants a name and a password: http_proxy=http://NAME:PASSWORD@HOST:PORT",
        401 => {
            "it wants a name and a password: write them into the address before the host, NAME:PASSWORD@HOST"
        }
        408 | 429 | 500.. => "the cache has a problem: try again later, or another cache",
        _ => "is it the address of a binary cache? it has a file nix-cache-info",
    };
    let error = SourceError::Other {
        message: format!("{} answers with status {status}", redacted(url)),
        hint: hint.to_owned(),
    };
    if status >= 500 || status == 429 || status == 408 {
        RequestOutcome::TryAgain(error)
    } else {
        RequestOutcome::Hopeless(error)
    }
}

/// No answer, or none to its end.
fn failure(url: &str, error: &ureq::Error) -> RequestOutcome {
    let (problem, hint) = words(error);
    let told = SourceError::Other {
        message: format!("cannot get {} ({problem})", redacted(url)),
        hint: hint.to_owned(),
    };
    let refused =
        matches!(error, ureq::Error::Io(io) if io.kind() == io::ErrorKind::ConnectionRefused);
    let passing = match error {
        ureq::Error::Io(_) => !refused && complaint(&error.to_string()).is_none(),
        // A server that is that slow is not faster the next time.
        ureq::Error::Timeout(reason) => !matches!(reason, ureq::Timeout::Global),
        ureq::Error::Protocol(_) => true,
        _ => false,
    };
    if passing {
        RequestOutcome::TryAgain(told)
    } else {
        RequestOutcome::Hopeless(told)
    }
}

/// What went wrong, and what to try.
fn words(error: &ureq::Error) -> (String, &'static str) {
    const NETWORK: &str =
        "check the address and the network; --offline looks only at what is remembered";
    let text = error.to_string();
    if let Some((problem, hint)) = complaint(&text) {
        return (format!("the certificate of the server {problem}"), hint);
    }
    match error {
        ureq::Error::ConnectProxyFailed(_) => (
            text,
            "check https_proxy, or name hosts in no_proxy that are to be asked directly",
        ),
        ureq::Error::TooManyRedirects => (
            text,
            "the cache sends from one address to the next: check the address",
        ),
        ureq::Error::Timeout(ureq::Timeout::Global) => ("it comes too slowly".to_owned(), NETWORK),
        ureq::Error::Timeout(_) => ("nothing came for too long".to_owned(), NETWORK),
        _ => (text, NETWORK),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::net::TcpListener;

    use super::*;

    const RECORD: &[u8] = b"0123456789";

    /// Asks a server that sends a byte, waits, and sends the next.
    fn trickled(wait: u64, patience: (u64, u64)) -> RequestOutcome {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("bound");
        let server = move || {
            let (mut stream, _) = listener.accept().ok()?;
            let mut request = BufReader::new(stream.try_clone().ok()?).lines();
            request
                .find(|line| line.as_ref().is_ok_and(String::is_empty))?
                .ok()?;
            stream
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
                .ok()?;
            for byte in RECORD {
                std::thread::sleep(Duration::from_millis(wait));
                stream.write_all(&[*byte]).ok()?;
            }
            Some(())
        };
        std::thread::spawn(server);
        let patience = Patience {
            stalled: Duration::from_millis(patience.0),
            whole: Duration::from_millis(patience.1),
        };
        let agent = agent(patience, None).expect("an agent");
        request(
            &agent,
            None,
            &format!("http://{address}/x"),
            1 << 20,
            &Progress::new(),
        )
    }

    #[test]
    fn who_goes_on_sending_is_waited_for_and_who_falls_silent_is_not() {
        // Twice as long in all as a server may be silent.
        let slow = trickled(100, (500, 60_000));
        assert!(matches!(slow, RequestOutcome::Done(Fetched::Text(bytes)) if bytes == RECORD));
        let silent = trickled(2_000, (200, 60_000));
        assert!(
            matches!(&silent, RequestOutcome::TryAgain(error) if error.to_string().contains("nothing came"))
        );
        let endless = trickled(100, (500, 300));
        assert!(
            matches!(&endless, RequestOutcome::Hopeless(error) if error.to_string().contains("too slowly"))
        );
    }
}
