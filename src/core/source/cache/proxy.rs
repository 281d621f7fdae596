//! Proxies as curl, and with it Nix, takes them from the environment: `http_proxy`, `https_proxy`, `all_proxy`, `no_proxy`.
//!
//! By https a tunnel is asked for. By http the proxy is sent the whole address instead: many let no tunnels through but
//! those to port 443.

use std::io;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ureq::config::{Config, ConfigBuilder};
use ureq::typestate::AgentScope;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{
    Buffers, ConnectProxyConnector, ConnectionDetails, Connector, Either, NextTimeout,
    RustlsConnector, SocksConnector, TcpConnector, Transport,
};
use ureq::{Agent, Error, Proxy};

use crate::source::SourceError;

/// The proxies for each kind of address.
#[derive(Debug, Default)]
pub(super) struct Proxies {
    http: Option<Proxy>,
    https: Option<Proxy>,
}

impl Proxies {
    /// Those that variables of the environment name.
    pub(super) fn of(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, SourceError> {
        let set = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        let either = |name: &str| set(name).or_else(|| set(&name.to_uppercase()));
        let (all, none) = (either("all_proxy"), either("no_proxy").unwrap_or_default());
        let proxy = |name: &str, own: Option<String>| {
            let named = own.or_else(|| all.clone());
            named
                .map(|address| read(name, address.trim(), &none))
                .transpose()
        };
        Ok(Self {
            // Servers set the variable in capitals for the programs they run, to whatever a client says.
            http: proxy("http_proxy", set("http_proxy"))?,
            https: proxy("https_proxy", either("https_proxy"))?,
        })
    }

    /// A client that goes through them.
    pub(super) fn agent(self, config: &dyn Fn() -> ConfigBuilder<AgentScope>) -> Agent {
        // With a proxy named, the names of hosts are left to it.
        let usual = self.https.clone().or_else(|| self.http.clone());
        let through = Through {
            direct: config().proxy(None).build(),
            plain: config().proxy(self.http.clone()).build(),
            proxies: self,
        };
        let connector =
            ().chain(through)
                .chain(SocksConnector::default())
                .chain(ConnectProxyConnector::default())
                .chain(TcpConnector::default())
                .chain(RustlsConnector::default());
        let config = config().proxy(usual).build();
        Agent::with_parts(config, connector, DefaultResolver::default())
    }
}

/// The proxy at an address, which is not for the hosts in a list.
fn read(variable: &str, address: &str, none: &str) -> Result<Proxy, SourceError> {
    let wrong = |_| SourceError::Other {
        message: format!("{variable} does not hold the address of a proxy"),
        hint: "it is written http://HOST:PORT, or socks5://HOST:PORT".to_owned(),
    };
    let named = Proxy::new(address).map_err(wrong)?;
    let mut proxy = Proxy::builder(named.protocol())
        .host(named.host())
        .port(named.port());
    if let Some(name) = named.username() {
        proxy = proxy.username(name);
    }
    if let Some(password) = named.password() {
        proxy = proxy.password(password);
    }
    for host in none.split([',', ' ']).filter(|host| !host.is_empty()) {
        // A host stands for those below it, too.
        let below = format!(".{host}");
        proxy = proxy.no_proxy(host);
        if !host.starts_with(['.', '*']) {
            proxy = proxy.no_proxy(&below);
        }
    }
    proxy.build().map_err(wrong)
}

/// Chooses the proxy by the scheme of what is asked for.
#[derive(Debug)]
struct Through {
    proxies: Proxies,
    /// Without any proxy.
    direct: Config,
    /// With that for http.
    plain: Config,
}

impl<In: Transport> Connector<In> for Through {
    type Out = Either<In, Box<dyn Transport>>;

    fn connect(
        &self,
        details: &ConnectionDetails,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        let usual = details.config.proxy();
        let Some(usual) = usual.filter(|usual| !usual.is_no_proxy(details.uri)) else {
            return Ok(chained.map(Either::A));
        };
        let is_plain = details.uri.scheme_str() == Some("http");
        let (proxy, config) = match (is_plain, &self.proxies) {
            (true, Proxies { http, .. }) => (http.as_ref(), &self.plain),
            (false, Proxies { https, .. }) => (https.as_ref(), details.config),
        };
        let transport = match proxy {
            None => anew(details, details.uri, &self.direct, true)?,
            Some(proxy) if is_plain && !is_socks(proxy) => {
                let inner = anew(details, proxy.uri(), &self.direct, true)?;
                Box::new(Forwarded::new(inner, details, proxy))
            }
            Some(proxy) if proxy == usual => return Ok(chained.map(Either::A)),
            Some(proxy) => anew(details, details.uri, config, proxy.resolve_target())?,
        };
        Ok(Some(Either::B(transport)))
    }
}

fn is_socks(proxy: &Proxy) -> bool {
    use ureq::ProxyProtocol::{Http, Https};
    !matches!(proxy.protocol(), Http | Https)
}

/// A connection to an address as another configuration has it.
fn anew(
    details: &ConnectionDetails,
    uri: &ureq::http::Uri,
    config: &Config,
    resolves: bool,
) -> Result<Box<dyn Transport>, Error> {
    let addrs = if resolves {
        details.resolver.resolve(uri, config, details.timeout)?
    } else {
        details.resolver.empty()
    };
    (details.run_connector)(&ConnectionDetails {
        uri,
        addrs,
        config,
        request_level: details.request_level,
        resolver: details.resolver,
        now: details.now,
        timeout: details.timeout,
        current_time: details.current_time.clone(),
        run_connector: details.run_connector.clone(),
        register_shutdown: details.register_shutdown.clone(),
    })
}

/// A connection to a proxy that is sent whole addresses.
#[derive(Debug)]
struct Forwarded {
    inner: Box<dyn Transport>,
    /// Scheme, host and port of who is asked.
    server: String,
    /// The header by which the proxy knows the user.
    login: String,
}

/// How requests begin.
const GET: &[u8] = b"GET /";

impl Forwarded {
    fn new(inner: Box<dyn Transport>, details: &ConnectionDetails, proxy: &Proxy) -> Self {
        let (host, port) = (details.uri.host().unwrap_or_default(), details.uri.port());
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        let login = proxy.username().map(|name| {
            let login = format!("{name}:{}", proxy.password().unwrap_or_default());
            let login = BASE64_STANDARD.encode(login);
            format!("Proxy-Authorization: Basic {login}\r\n")
        });
        Self {
            inner,
            server: format!("http://{host}{port}"),
            login: login.unwrap_or_default(),
        }
    }

    /// The beginning of a request as a proxy wants it; `None` of anything else.
    fn forwarded(&self, sent: &[u8]) -> Option<Vec<u8>> {
        let rest = sent.strip_prefix(GET)?;
        let line = rest.iter().position(|&byte| byte == b'\n')? + 1;
        let (line, headers) = rest.split_at(line);
        let parts = [
            b"GET ",
            self.server.as_bytes(),
            b"/",
            line,
            self.login.as_bytes(),
            headers,
        ];
        Some(parts.concat())
    }
}

impl Transport for Forwarded {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let sent = self.inner.buffers().output()[..amount].to_vec();
        let Some(forwarded) = self.forwarded(&sent) else {
            return self.inner.transmit_output(amount, timeout);
        };
        let room = self.inner.buffers().output().get_mut(..forwarded.len());
        let room = room.ok_or_else(|| Error::Io(io::ErrorKind::InvalidInput.into()))?;
        room.copy_from_slice(&forwarded);
        self.inner.transmit_output(forwarded.len(), timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.inner.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }
}
