//! TCP connections, and where names lead.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};

use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use tower_service::Service;

/// TCP, with its errors told apart from those of TLS.
#[derive(Clone)]
pub(super) struct Tcp(pub(super) HttpConnector<Resolver>);

#[derive(Debug)]
pub(super) struct TcpError(pub(super) Box<dyn StdError + Send + Sync>);

impl fmt::Display for TcpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for TcpError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.0)
    }
}

impl Service<Uri> for Tcp {
    type Response = <HttpConnector<Resolver> as Service<Uri>>::Response;
    type Error = TcpError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0
            .poll_ready(context)
            .map_err(|error| TcpError(error.into()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = self.0.call(uri);
        Box::pin(async move { connecting.await.map_err(|error| TcpError(error.into())) })
    }
}

/// Names under `localhost` are loopback without asking anybody (RFC 6761 section 6.3; glibc asks the network); others go to the system.
#[derive(Clone)]
pub(super) struct Resolver;

#[derive(Debug)]
pub(super) struct NoAddress {
    pub(super) host: String,
}

impl fmt::Display for NoAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the name {} has no address", self.host)
    }
}

impl StdError for NoAddress {}

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        Box::pin(async move {
            if is_localhost(name.as_str()) {
                let loopback = [
                    IpAddr::V4(Ipv4Addr::LOCALHOST),
                    IpAddr::V6(Ipv6Addr::LOCALHOST),
                ];
                return Ok(loopback
                    .map(|ip| SocketAddr::new(ip, 0))
                    .to_vec()
                    .into_iter());
            }
            let host = name.as_str();
            let found = tokio::net::lookup_host((host, 0))
                .await
                .map(Iterator::collect::<Vec<_>>)
                .unwrap_or_default();
            if found.is_empty() {
                return Err(io::Error::other(NoAddress {
                    host: host.to_owned(),
                }));
            }
            Ok(found.into_iter())
        })
    }
}

pub(super) fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name.eq_ignore_ascii_case("localhost")
        || name
            .len()
            .checked_sub(".localhost".len())
            .and_then(|at| name.get(at..))
            .is_some_and(|end| end.eq_ignore_ascii_case(".localhost"))
}
