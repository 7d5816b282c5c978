//! A CONNECT proxy on loopback that leads Salesforce's host names to the simulated org, and nothing anywhere else.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// The port of HTTPS, the only one that is led anywhere.
const HTTPS: u16 = 443;
/// Characters of what a client asked for that are shown.
const SHOWN: usize = 120;

/// What a client may use up.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections at once; more of them wait.
    pub connections: usize,
    /// Octets of request line and header fields.
    pub head: usize,
    /// Time for the head.
    pub head_within: Duration,
    /// Time for a whole tunnel.
    pub tunnel_within: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 256,
            head: 16 * 1024,
            head_within: Duration::from_secs(10),
            tunnel_within: Duration::from_mins(10),
        }
    }
}

/// The loopback ports of the org that Salesforce's names lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ports {
    /// Of `login.salesforce.com`.
    pub login: u16,
    /// Of `test.salesforce.com`.
    pub test: u16,
    /// Of every other name under `salesforce.com` and `force.com`.
    pub my_domain: u16,
}

impl Ports {
    /// Where `host:port` leads; `None` for everything that is not HTTPS of a Salesforce host.
    fn lead(self, authority: &str) -> Option<u16> {
        let (host, port) = authority.rsplit_once(':')?;
        if port.parse() != Ok(HTTPS) {
            return None;
        }
        let host = host.to_ascii_lowercase();
        match host.as_str() {
            "login.salesforce.com" => Some(self.login),
            "test.salesforce.com" => Some(self.test),
            _ if is_under(&host, "salesforce.com") || is_under(&host, "force.com") => {
                Some(self.my_domain)
            }
            _ => None,
        }
    }
}

fn is_under(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain)
        .and_then(|rest| rest.strip_suffix('.'))
        .is_some_and(|rest| !rest.is_empty())
}

/// A running proxy. Dropped, it ends with every tunnel.
#[derive(Debug)]
pub struct Proxy {
    _accepting: JoinSet<()>,
}

/// Serves on sockets that were bound to loopback. `refused` hears of each request that is led nowhere: one line, without control
/// characters. Needs a tokio runtime.
pub fn serve<R>(listeners: Vec<TcpListener>, ports: Ports, limits: Limits, refused: R) -> Proxy
where
    R: Fn(String) + Clone + Send + 'static,
{
    let room = Arc::new(Semaphore::new(limits.connections));
    let mut accepting = JoinSet::new();
    for listener in listeners {
        accepting.spawn(accept(
            listener,
            ports,
            limits,
            Arc::clone(&room),
            refused.clone(),
        ));
    }
    Proxy {
        _accepting: accepting,
    }
}

async fn accept<R>(
    listener: TcpListener,
    ports: Ports,
    limits: Limits,
    room: Arc<Semaphore>,
    refused: R,
) where
    R: Fn(String) + Clone + Send + 'static,
{
    // Of this task, so that the tunnels end with it.
    let mut tunnels = JoinSet::new();
    loop {
        while tunnels.try_join_next().is_some() {}
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Out of descriptors: without a pause the loop would spin until one is free.
                tracing::warn!(%error, "a connection to the proxy was not accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        // After the accept: a listener that nobody calls must not keep a place.
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else {
            return;
        };
        let refused = refused.clone();
        tunnels.spawn(async move {
            let _permit = permit;
            connection(stream, ports, limits, refused).await;
        });
    }
}

async fn connection(
    mut client: TcpStream,
    ports: Ports,
    limits: Limits,
    refused: impl Fn(String) + Send,
) {
    // How a client leaves is no concern of ours, here and below.
    let _ = client.set_nodelay(true);
    let head = tokio::time::timeout(limits.head_within, head(&mut client, limits.head)).await;
    let wanted = match head {
        Ok(Some(head)) => asked(&head),
        Ok(None) | Err(_) => return,
    };
    let port = match &wanted {
        Wanted::Tunnel(authority) => ports.lead(authority),
        Wanted::Other(_) => None,
    };
    let Some(port) = port else {
        refused(wanted.shown());
        return refuse(&mut client).await;
    };
    let org = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await;
    let Ok(mut org) = org else {
        let _ = client
            .write_all(
                b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
            )
            .await;
        return;
    };
    let _ = org.set_nodelay(true);
    let opened = client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n");
    if opened.await.is_ok() {
        let tunnel = copy_bidirectional(&mut client, &mut org);
        let _ = tokio::time::timeout(limits.tunnel_within, tunnel).await;
    }
}

/// Reads the head of a request, octet by octet at its end, so that nothing of what follows is taken. `None` where it broke off or is too
/// long.
async fn head(client: &mut TcpStream, longest: usize) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() == longest {
            return None;
        }
        head.push(client.read_u8().await.ok()?);
    }
    Some(head)
}

/// What the first line of a request asks for.
#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    /// A tunnel to `host:port`.
    Tunnel(String),
    /// Anything else: the whole line, without the query of an address.
    Other(String),
}

impl Wanted {
    fn shown(&self) -> String {
        let text = match self {
            Self::Tunnel(authority) => authority,
            Self::Other(line) => line,
        };
        text.chars()
            .filter(|letter| !letter.is_control())
            .take(SHOWN)
            .collect()
    }
}

fn asked(head: &[u8]) -> Wanted {
    let text = String::from_utf8_lossy(head);
    let line = text.lines().next().unwrap_or_default();
    let mut words = line.split(' ');
    match (words.next(), words.next(), words.next(), words.next()) {
        (Some("CONNECT"), Some(authority), Some("HTTP/1.1" | "HTTP/1.0"), None) => {
            Wanted::Tunnel(authority.to_owned())
        }
        // A query may hold a token.
        _ => Wanted::Other(line.split('?').next().unwrap_or_default().to_owned()),
    }
}

async fn refuse(client: &mut TcpStream) {
    const WORDS: &str =
        "This proxy leads only to the simulated org: HTTPS of *.salesforce.com and *.force.com.\n";
    let answer = format!(
        "HTTP/1.1 403 Forbidden\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{WORDS}",
        WORDS.len()
    );
    if client.write_all(answer.as_bytes()).await.is_ok() {
        let _ = client.shutdown().await;
        // Unread octets at the close would make the system send a reset, which may overtake the answer.
        let mut rest = [0; 1024];
        for _ in 0..64 {
            let read = client.read(&mut rest);
            match tokio::time::timeout(Duration::from_secs(1), read).await {
                Ok(Ok(1..)) => {}
                _ => break,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edge::listen::bind_loopback;
    use tokio::sync::mpsc;

    const PORTS: Ports = Ports {
        login: 1,
        test: 2,
        my_domain: 3,
    };

    #[test]
    fn salesforce_names_lead_to_their_gates_and_nothing_else_does() {
        for (authority, port) in [
            ("login.salesforce.com:443", Some(1)),
            ("LOGIN.Salesforce.com:443", Some(1)),
            ("test.salesforce.com:443", Some(2)),
            ("acme.my.salesforce.com:443", Some(3)),
            ("acme--uat.sandbox.my.salesforce.com:443", Some(3)),
            ("acme.lightning.force.com:443", Some(3)),
            ("salesforce.com:443", None),
            (".salesforce.com:443", None),
            ("login.salesforce.com:80", None),
            ("login.salesforce.com", None),
            ("notsalesforce.com:443", None),
            ("login.salesforce.com.example.org:443", None),
            ("workforce.com:443", None),
            ("127.0.0.1:443", None),
            ("[::1]:443", None),
            ("", None),
        ] {
            assert_eq!(PORTS.lead(authority), port, "{authority}");
        }
    }

    #[test]
    fn a_refused_address_is_shown_without_query_and_control_characters() {
        let plain = asked(b"GET http://login.salesforce.com/a?token=secret HTTP/1.1\r\n\r\n");
        assert_eq!(plain.shown(), "GET http://login.salesforce.com/a");
        let control = asked(b"CONNECT a\x1b[31m:443 HTTP/1.1\r\n\r\n");
        assert_eq!(control.shown(), "a[31m:443");
        let long = Wanted::Other("x".repeat(10_000));
        assert_eq!(long.shown().len(), SHOWN);
    }

    /// A proxy whose every port is one server that echoes, and what it refuses.
    async fn proxy(limits: Limits) -> (Proxy, SocketAddr, mpsc::UnboundedReceiver<String>) {
        let echo = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("loopback");
        let port = echo.local_addr().expect("bound").port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = echo.accept().await {
                tokio::spawn(async move {
                    let (mut from, mut to) = stream.split();
                    let _ = tokio::io::copy(&mut from, &mut to).await;
                });
            }
        });
        let listeners = bind_loopback(0).expect("loopback");
        let address = listeners[0].local_addr().expect("bound");
        let ports = Ports {
            login: port,
            test: port,
            my_domain: port,
        };
        let (tell, told) = mpsc::unbounded_channel();
        let refused = move |line| {
            let _ = tell.send(line);
        };
        (serve(listeners, ports, limits, refused), address, told)
    }

    async fn ask(address: SocketAddr, request: &[u8]) -> String {
        let mut stream = TcpStream::connect(address).await.expect("there");
        stream.write_all(request).await.expect("sent");
        let mut answer = String::new();
        let end = tokio::time::timeout(Duration::from_secs(10), stream.read_to_string(&mut answer));
        end.await.expect("in time").expect("an answer");
        answer
    }

    #[tokio::test]
    async fn octets_go_through_both_ways_even_those_sent_with_the_head() {
        let (_proxy, address, _) = proxy(Limits::default()).await;
        let mut stream = TcpStream::connect(address).await.expect("there");
        let request = b"CONNECT acme.my.salesforce.com:443 HTTP/1.1\r\nhost: x\r\n\r\nearly";
        stream.write_all(request).await.expect("sent");
        stream.write_all(b" and late").await.expect("sent");
        stream.shutdown().await.expect("half closed");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        assert!(answer.ends_with("\r\n\r\nearly and late"), "{answer}");
    }

    #[tokio::test]
    async fn everything_else_is_refused_and_told_in_one_line() {
        let (_proxy, address, mut told) = proxy(Limits::default()).await;
        for (request, line) in [
            (
                "CONNECT example.org:443 HTTP/1.1\r\n\r\n",
                "example.org:443",
            ),
            (
                "GET http://login.salesforce.com/ HTTP/1.1\r\n\r\n",
                "GET http://login.salesforce.com/ HTTP/1.1",
            ),
            ("\r\n\r\n", ""),
        ] {
            let answer = ask(address, request.as_bytes()).await;
            assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
            assert_eq!(told.recv().await.as_deref(), Some(line));
        }
    }

    #[tokio::test]
    async fn a_head_that_is_too_long_or_too_slow_ends_the_connection() {
        let (_proxy, address, mut told) = proxy(Limits {
            connections: 1,
            head: 64,
            head_within: Duration::from_millis(30),
            ..Limits::default()
        })
        .await;
        for half in ["", "CONNECT login.salesforce.com:443 HTTP/1.1\r\nhos"] {
            assert_eq!(ask(address, half.as_bytes()).await, "");
        }
        // Exactly one octet too many, so that nothing unread turns the close into a reset.
        assert_eq!(ask(address, &[b'x'; 64]).await, "");
        assert!(told.try_recv().is_err());
    }

    #[tokio::test]
    async fn a_tunnel_ends_in_time_and_with_the_proxy() {
        let (proxy, address, _) = proxy(Limits {
            tunnel_within: Duration::from_millis(30),
            ..Limits::default()
        })
        .await;
        let request = b"CONNECT login.salesforce.com:443 HTTP/1.1\r\n\r\n";
        let answer = ask(address, request).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        drop(proxy);
        tokio::task::yield_now().await;
        assert!(TcpStream::connect(address).await.is_err());
    }
}
