//! Listening on loopback, and serving HTTP/1.1 there with bounds on everything a client may use up.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ServerConfig;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use super::Error;

/// How many connections the system may hold before they are accepted.
const BACKLOG: i32 = 1024;
/// Tries at a port that is free for both IPv4 and IPv6.
const TRIES: usize = 16;

/// Listens on 127.0.0.1 and, where the machine has IPv6, on `::1`, both at the same port. Port 0 means any port that is free on both.
/// Needs a tokio runtime. [`Error::PortTaken`] where either address has the port in use.
pub fn bind_loopback(port: u16) -> Result<Vec<TcpListener>, Error> {
    let mut tries = TRIES;
    loop {
        let v4 = bind(IpAddr::V4(Ipv4Addr::LOCALHOST), port)?;
        let chosen = v4.local_addr().map_or(port, |address| address.port());
        return match bind(IpAddr::V6(Ipv6Addr::LOCALHOST), chosen) {
            Ok(v6) => Ok(vec![v4, v6]),
            Err(Error::PortTaken { .. }) if port == 0 && tries > 0 => {
                tries -= 1;
                continue;
            }
            Err(taken @ Error::PortTaken { .. }) => Err(taken),
            // The machine has no IPv6: containers often lack it.
            Err(_) => Ok(vec![v4]),
        };
    }
}

/// Listens on one loopback address.
pub(super) fn bind(ip: IpAddr, port: u16) -> Result<TcpListener, Error> {
    let address = SocketAddr::new(ip, port);
    let listen = || -> io::Result<TcpListener> {
        let socket = Socket::new(
            Domain::for_address(address),
            Type::STREAM,
            Some(Protocol::TCP),
        )?;
        if ip.is_ipv6() {
            // Off on Linux and on for Windows unless it is said.
            socket.set_only_v6(true)?;
        }
        // On Unix: a port whose last connections linger may be used again. On Windows the same word lets two programs share it.
        #[cfg(unix)]
        socket.set_reuse_address(true)?;
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        TcpListener::from_std(socket.into())
    };
    listen().map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => Error::PortTaken {
            address: address.to_string(),
        },
        _ => Error::Listen {
            address: address.to_string(),
            source,
        },
    })
}

/// What one server lets its clients use up.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections at once; more of them wait.
    pub connections: usize,
    /// Octets of request line and header fields.
    pub head: usize,
    /// Time for the TLS handshake, and for the head of each request.
    pub head_within: Duration,
    /// Time for a whole connection; `None` where clients keep theirs.
    pub connection_within: Option<Duration>,
}

impl Default for Limits {
    /// For a server with many clients that keep their connections: the simulated org.
    fn default() -> Self {
        Self {
            connections: 512,
            head: 64 * 1024,
            head_within: Duration::from_secs(30),
            connection_within: None,
        }
    }
}

/// Why a connection came to nothing before its first request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turned {
    /// Plain HTTP where TLS is spoken.
    Plain,
    /// TLS where plain HTTP is spoken.
    Tls,
    /// The client ended the handshake because it does not trust our certificate. Which alert it sent.
    Untrusted(String),
    /// Any other end of the handshake.
    Handshake(String),
}

/// A running server. Dropped, it accepts nothing more; requests that are being answered are answered.
#[derive(Debug)]
pub struct Server {
    accepting: Vec<JoinHandle<()>>,
    closing: watch::Sender<bool>,
}

impl Server {
    /// Ends the server and waits until the last connection is gone.
    pub async fn close(self) {
        for task in &self.accepting {
            task.abort();
        }
        let _ = self.closing.send(true);
        self.closing.closed().await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        for task in &self.accepting {
            task.abort();
        }
        let _ = self.closing.send(true);
    }
}

/// Serves HTTP/1.1, over TLS where `tls` is given. `make` makes the service of one connection, given the client's address;
/// it is dropped when the connection's last octet is sent. `turned` hears of connections that never got to a request.
/// Needs a tokio runtime.
pub fn serve<S, M, T>(
    listeners: Vec<TcpListener>,
    tls: Option<Arc<ServerConfig>>,
    limits: Limits,
    make: M,
    turned: T,
) -> Server
where
    S: Service<Request<Incoming>, Response = Response<Full<Bytes>>, Error = Infallible>
        + Send
        + 'static,
    S::Future: Send + 'static,
    M: Fn(SocketAddr) -> S + Clone + Send + Sync + 'static,
    T: Fn(Turned) + Clone + Send + Sync + 'static,
{
    let (closing, closed) = watch::channel(false);
    let tls = tls.map(TlsAcceptor::from);
    let room = Arc::new(Semaphore::new(limits.connections));
    let accepting = listeners
        .into_iter()
        .map(|listener| {
            let (tls, room, closed) = (tls.clone(), Arc::clone(&room), closed.clone());
            let (make, turned) = (make.clone(), turned.clone());
            tokio::spawn(async move {
                loop {
                    let (stream, peer) = match listener.accept().await {
                        Ok(accepted) => accepted,
                        Err(error) => {
                            // Out of descriptors: without a pause the loop would spin until one is free.
                            tracing::warn!(%error, "a connection was not accepted");
                            tokio::time::sleep(Duration::from_millis(50)).await;
                            continue;
                        }
                    };
                    // After the accept: a listener that nobody calls must not keep a place.
                    let Ok(permit) = Arc::clone(&room).acquire_owned().await else {
                        return;
                    };
                    let (tls, closed, turned) = (tls.clone(), closed.clone(), turned.clone());
                    let service = make(peer);
                    tokio::spawn(async move {
                        let _permit = permit;
                        let connection = connection(stream, tls, limits, service, closed, turned);
                        match limits.connection_within {
                            Some(within) => {
                                let _ = tokio::time::timeout(within, connection).await;
                            }
                            None => connection.await,
                        }
                    });
                }
            })
        })
        .collect();
    Server { accepting, closing }
}

async fn connection<S>(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    limits: Limits,
    service: S,
    closed: watch::Receiver<bool>,
    turned: impl Fn(Turned),
) where
    S: Service<Request<Incoming>, Response = Response<Full<Bytes>>, Error = Infallible> + Send,
    S::Future: Send,
{
    // A page of a few packets must not wait for an acknowledgement; where the option fails it only is slower.
    let _ = stream.set_nodelay(true);
    match tokio::time::timeout(limits.head_within, opens_with_tls(&stream)).await {
        Ok(Some(opens)) if opens != tls.is_some() => {
            if opens {
                turned(Turned::Tls);
            } else {
                turned(Turned::Plain);
                say_https(stream).await;
            }
            return;
        }
        Ok(Some(_)) => {}
        // Nothing came: a browser opens connections in advance and closes them unused.
        Ok(None) | Err(_) => return,
    }
    let Some(acceptor) = tls else {
        return http(stream, limits, service, closed).await;
    };
    match tokio::time::timeout(limits.head_within, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => http(stream, limits, service, closed).await,
        Ok(Err(error)) => turned(handshake(&error)),
        Err(_) => turned(Turned::Handshake("it took too long".to_owned())),
    }
}

/// Whether the first octet is that of a TLS handshake (RFC 8446 section 5.1: content type 22). `None` where none came.
async fn opens_with_tls(stream: &TcpStream) -> Option<bool> {
    let mut first = [0];
    match stream.peek(&mut first).await {
        Ok(1..) => Some(first == [22]),
        _ => None,
    }
}

/// Answers plain HTTP on a TLS port in words.
async fn say_https(mut stream: TcpStream) {
    const ANSWER: &[u8] = b"HTTP/1.1 400 Bad Request\r\n\
        content-type: text/plain; charset=utf-8\r\ncontent-length: 47\r\nconnection: close\r\n\r\n\
        TLS is spoken on this port: write https://... \n";
    if stream.write_all(ANSWER).await.is_ok() {
        let _ = stream.shutdown().await;
        // Unread octets at the close would make the system send a reset, which may overtake the answer.
        let mut rest = [0; 1024];
        for _ in 0..64 {
            let read = tokio::io::AsyncReadExt::read(&mut stream, &mut rest);
            match tokio::time::timeout(Duration::from_secs(1), read).await {
                Ok(Ok(1..)) => {}
                _ => break,
            }
        }
    }
}

async fn http<I, S>(stream: I, limits: Limits, service: S, mut closed: watch::Receiver<bool>)
where
    I: AsyncRead + AsyncWrite + Unpin,
    S: Service<Request<Incoming>, Response = Response<Full<Bytes>>, Error = Infallible> + Send,
    S::Future: Send,
{
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.head_within)
            .max_header_size(limits.head)
            .max_buf_size(limits.head.max(8192))
            // Many clients half-close after their request.
            .half_close(true)
            .serve_connection(TokioIo::new(stream), service)
    );
    let end = async { closed.wait_for(|closing| *closing).await.is_ok() };
    tokio::select! {
        // How a client leaves is no concern of ours.
        _ = connection.as_mut() => return,
        _ = end => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

fn handshake(error: &io::Error) -> Turned {
    use rustls::AlertDescription as Alert;

    let reason = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match reason {
        Some(rustls::Error::AlertReceived(
            alert @ (Alert::UnknownCA
            | Alert::BadCertificate
            | Alert::CertificateUnknown
            | Alert::CertificateExpired
            | Alert::UnsupportedCertificate),
        )) => Turned::Untrusted(format!("{alert:?}")),
        Some(reason) => Turned::Handshake(reason.to_string()),
        None => Turned::Handshake(error.to_string()),
    }
}

/// A service from a function, for [`serve`].
pub fn service<F, R>(
    answer: F,
) -> impl Service<
    Request<Incoming>,
    Response = Response<Full<Bytes>>,
    Error = Infallible,
    Future = impl Future<Output = Result<Response<Full<Bytes>>, Infallible>> + Send + use<F, R>,
> + Clone
+ Send
+ use<F, R>
where
    F: Fn(Request<Incoming>) -> R + Clone + Send,
    R: Future<Output = Response<Full<Bytes>>> + Send,
{
    hyper::service::service_fn(move |request| {
        let answer = answer(request);
        async move { Ok(answer.await) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt as _;

    fn hello(listeners: Vec<TcpListener>, limits: Limits) -> Server {
        let make =
            |_| service(|_| async { Response::new(Full::new(Bytes::from_static(b"hello"))) });
        serve(listeners, None, limits, make, |_| {})
    }

    #[tokio::test]
    async fn both_families_have_one_port_and_a_taken_one_is_said() {
        let listeners = bind_loopback(0).expect("loopback");
        let ports: Vec<u16> = listeners
            .iter()
            .map(|listener| listener.local_addr().expect("bound").port())
            .collect();
        assert!(ports.iter().all(|port| *port == ports[0]));
        let again = bind_loopback(ports[0]).err();
        assert!(matches!(again, Some(Error::PortTaken { .. })), "{again:?}");
        drop(listeners);
        assert!(bind_loopback(ports[0]).is_ok());
    }

    #[tokio::test]
    async fn a_close_answers_what_was_asked_and_frees_the_port() {
        let listeners = bind_loopback(0).expect("loopback");
        let address = listeners[0].local_addr().expect("bound");
        let server = hello(listeners, Limits::default());
        let mut stream = TcpStream::connect(address).await.expect("there");
        let request = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";
        stream.write_all(request).await.expect("sent");
        let mut first = [0; 15];
        stream.read_exact(&mut first).await.expect("an answer");
        assert_eq!(&first, b"HTTP/1.1 200 OK");
        // The connection is kept and idle, which must not hold up the end.
        server.close().await;
        assert!(TcpStream::connect(address).await.is_err());
        let mut rest = String::new();
        stream.read_to_string(&mut rest).await.expect("whole");
        assert!(rest.ends_with("hello"));
    }

    #[tokio::test]
    async fn a_head_that_never_ends_in_time_ends_the_connection() {
        let listeners = bind_loopback(0).expect("loopback");
        let address = listeners[0].local_addr().expect("bound");
        let _server = hello(
            listeners,
            Limits {
                connections: 1,
                head_within: Duration::from_millis(30),
                ..Limits::default()
            },
        );
        for half in [&b""[..], b"GET / HTTP/1.1\r\nhost: lo"] {
            let mut stream = TcpStream::connect(address).await.expect("there");
            stream.write_all(half).await.expect("sent");
            let mut rest = Vec::new();
            // A second connection gets its turn when the first has lost its own.
            let end = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut rest));
            assert!(end.await.is_ok());
        }
    }
}
