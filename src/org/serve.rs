//! Serves an [`OrgServer`] on sockets that were bound elsewhere, over TLS, with bounds on everything that a client may use up.

use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::names::Gate;
use super::respond::Lost;
use super::server::OrgServer;

/// Octets of request line and header fields.
const LONGEST_HEAD: usize = 64 * 1024;
/// For the TLS handshake, and for the head of each request.
const HEAD_WITHIN: Duration = Duration::from_secs(30);
/// Connections at once over all gates; more of them wait.
const CONNECTIONS: usize = 2_048;
/// What connections have left to end in after the end was asked for.
const GRACE: Duration = Duration::from_secs(5);

/// A bound socket and what it is for.
pub struct Listener {
    /// Which kind of host it serves.
    pub gate: Gate,
    /// The socket.
    pub socket: TcpListener,
}

/// What a server serves with.
pub struct Serving {
    /// Every socket; several may serve one gate (IPv4 and IPv6).
    pub listeners: Vec<Listener>,
    /// The certificate.
    pub tls: Arc<ServerConfig>,
}

impl OrgServer {
    /// Serves until `end` is ready, then lets answers under way finish, for some seconds at most. Needs a tokio runtime.
    pub async fn serve(&self, serving: Serving, end: impl Future<Output = ()> + Send) {
        let (closing, closed) = watch::channel(false);
        let acceptor = TlsAcceptor::from(serving.tls);
        let room = Arc::new(Semaphore::new(CONNECTIONS));
        let mut accepting = JoinSet::new();
        for listener in serving.listeners {
            accepting.spawn(accept(
                self.clone(),
                listener,
                acceptor.clone(),
                Arc::clone(&room),
                closed.clone(),
            ));
        }
        drop(closed);
        end.await;
        accepting.shutdown().await;
        let _ = closing.send(true);
        let _ = tokio::time::timeout(GRACE, closing.closed()).await;
    }
}

async fn accept(
    server: OrgServer,
    listener: Listener,
    acceptor: TlsAcceptor,
    room: Arc<Semaphore>,
    closed: watch::Receiver<bool>,
) {
    loop {
        let (stream, peer) = match listener.socket.accept().await {
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
        let (server, acceptor, closed) = (server.clone(), acceptor.clone(), closed.clone());
        let gate = listener.gate;
        tokio::spawn(async move {
            let _permit = permit;
            connection(server, gate, stream, peer, acceptor, closed).await;
        });
    }
}

async fn connection(
    server: OrgServer,
    gate: Gate,
    stream: TcpStream,
    peer: SocketAddr,
    acceptor: TlsAcceptor,
    mut closed: watch::Receiver<bool>,
) {
    // An answer of a few packets must not wait for an acknowledgement; where the option fails it only is slower.
    let _ = stream.set_nodelay(true);
    let Ok(Ok(stream)) = tokio::time::timeout(HEAD_WITHIN, acceptor.accept(stream)).await else {
        return;
    };
    let service = service_fn(move |request| {
        let server = server.clone();
        async move {
            let reply = server.answer(gate, peer, request).await;
            if reply.extensions().get::<Lost>().is_some() {
                return Err(AnswerLost);
            }
            Ok(reply)
        }
    });
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_WITHIN)
            .max_buf_size(LONGEST_HEAD)
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

/// Ends a connection without an answer, as was scripted.
#[derive(Debug)]
struct AnswerLost;

impl fmt::Display for AnswerLost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the answer was to get lost")
    }
}

impl std::error::Error for AnswerLost {}
