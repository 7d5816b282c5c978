use super::super::ca::{Leaf, ProcessCa};
use super::super::listen::{Limits, Server, bind_loopback, serve, service};
use tower_service::Service as _;

use super::*;
use crate::edge::certificate::Facts;
use crate::edge::clock::SystemClock;
use crate::ports::Clock as _;
use jiff::SignedDuration;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

fn transport(ca: Option<&ProcessCa>) -> HyperTransport {
    HyperTransport::new(Options {
        authorities: ca
            .map(|ca| ca.certificate_der().clone())
            .into_iter()
            .collect(),
        system_roots: false,
        deadline: Duration::from_secs(10),
        body_limit: 1000,
    })
    .expect("a transport")
}

fn url(text: &str) -> Url {
    Url::parse(text).expect("an address")
}

/// A TLS server that answers `hello`; its port, and how many connections it took.
fn tls_server(leaf: Leaf) -> (Server, u16, Arc<AtomicUsize>) {
    let listeners = bind_loopback(0).expect("loopback");
    let port = listeners[0].local_addr().expect("bound").port();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let make = move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        service(|_| async { http::Response::new(Full::new(Bytes::from_static(b"hello"))) })
    };
    let tls = leaf.server_config().expect("a config");
    let server = serve(listeners, Some(tls), Limits::default(), make, |_| {});
    (server, port, count)
}

/// A TCP server on 127.0.0.1 that does as it is told with each connection.
async fn raw<F, R>(behave: F) -> u16
where
    F: Fn(TcpStream) -> R + Send + 'static,
    R: Future<Output = ()> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
    let port = listener.local_addr().expect("bound").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            behave(stream).await;
        }
    });
    port
}

/// Reads the request, writes `answer`, closes.
async fn answers(answer: &'static [u8]) -> u16 {
    raw(move |mut stream| async move {
        let mut request = [0; 4096];
        let _ = stream.read(&mut request).await;
        let _ = stream.write_all(answer).await;
    })
    .await
}

async fn get(transport: &HyperTransport, address: &str) -> Result<Response, Fault> {
    transport.send(Request::get(url(address))).await
}

#[tokio::test]
async fn names_under_localhost_are_loopback_and_connections_are_used_again() {
    let now = SystemClock.now();
    let ca = ProcessCa::new("test", now).expect("a CA");
    let leaf = ca
        .issue(&["localhost", "my.domain.localhost", "::1"], now)
        .expect("a leaf");
    let (_server, port, count) = tls_server(leaf);
    let transport = transport(Some(&ca));
    for _ in 0..3 {
        for host in ["localhost", "my.domain.localhost"] {
            let answer = get(&transport, &format!("https://{host}:{port}/"))
                .await
                .expect("an answer");
            assert_eq!((answer.text(), answer.cut), ("hello".into(), false));
        }
    }
    assert_eq!(count.load(Ordering::SeqCst), 2, "one connection a host");
}

#[tokio::test]
async fn a_refused_certificate_is_named_with_its_end() {
    let now = SystemClock.now();
    let ca = ProcessCa::new("the org's CA", now).expect("a CA");
    let long_ago = now - SignedDuration::from_hours(24 * 400);
    let soon = now + SignedDuration::from_hours(24 * 30);
    let cases = [
        (vec!["localhost"], long_ago, "it expired on 20"),
        (vec!["localhost"], soon, "it is valid only from 20"),
        (vec!["other.localhost"], now, "it is not for `localhost`"),
    ];
    for (names, at, reason) in cases {
        let leaf = ca.issue(&names, at).expect("a leaf");
        let until = Facts::of(leaf.certificate_der()).expect("facts").until;
        let (_server, port, _) = tls_server(leaf);
        let fault = get(&transport(Some(&ca)), &format!("https://localhost:{port}/")).await;
        let text = fault.err().expect("a fault").to_string();
        assert!(text.contains(reason), "{text}");
        assert!(text.contains(&until.to_string()), "{text}");
        assert!(text.contains("issued by `the org's CA`"), "{text}");
    }
    let (_server, port, _) = tls_server(ca.issue(&["localhost"], now).expect("a leaf"));
    for other in [None, Some(ProcessCa::new("x", now).expect("a CA"))] {
        let fault = get(
            &transport(other.as_ref()),
            &format!("https://localhost:{port}/"),
        )
        .await;
        let fault = fault.err().expect("a fault");
        assert_eq!(fault.name(), "tls");
        assert!(
            fault
                .to_string()
                .contains("issuer `the org's CA` is not trusted"),
            "{fault}"
        );
    }
}

#[tokio::test]
async fn the_system_store_is_asked_after_the_given_authorities() {
    let now = SystemClock.now();
    let ca = ProcessCa::new("test", now).expect("a CA");
    let (_server, port, _) = tls_server(ca.issue(&["localhost"], now).expect("a leaf"));
    let transport = HyperTransport::new(Options::default()).expect("a transport");
    let fault = get(&transport, &format!("https://localhost:{port}/")).await;
    assert_eq!(fault.err().map(|fault| fault.name()), Some("tls"));
}

#[tokio::test]
async fn what_is_no_tls_is_said() {
    let port = answers(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    let fault = get(&transport(None), &format!("https://127.0.0.1:{port}/")).await;
    let text = fault.err().expect("a fault").to_string();
    assert!(text.contains("does not speak TLS"), "{text}");

    let port = answers(b"").await;
    let fault = get(&transport(None), &format!("https://127.0.0.1:{port}/")).await;
    let fault = fault.err().expect("a fault");
    assert_eq!(fault.name(), "tls", "{fault}");
    assert!(fault.to_string().contains("in the middle of the handshake"));
}

#[tokio::test]
async fn nobody_there_and_no_such_name() {
    let port = bind_loopback(0).expect("loopback")[0]
        .local_addr()
        .expect("bound")
        .port();
    let fault = get(&transport(None), &format!("https://localhost:{port}/")).await;
    assert!(
        matches!(&fault, Err(Fault::Connect { reason, .. }) if reason.contains("refused")),
        "{:?}",
        fault.err()
    );
    // A label of 64 octets is no name, so nobody on the network is asked.
    let host = format!("{}.example", "a".repeat(64));
    let none = Fault::Dns { host: host.clone() };
    let fault = get(&transport(None), &format!("https://{host}/")).await;
    assert_eq!(fault.err().as_ref(), Some(&none));

    let mut tcp = Tcp(HttpConnector::new_with_resolver(Resolver));
    let uri = format!("http://{host}/").parse().expect("an address");
    let error = tcp.call(uri).await.expect_err("no such name");
    assert_eq!(fault_of(&error), none);
}

#[tokio::test]
async fn plain_http_is_for_this_machine_only() {
    let port = answers(b"HTTP/1.1 302 Found\r\nlocation: /on\r\ncontent-length: 0\r\n\r\n").await;
    let answer = get(&transport(None), &format!("http://app.localhost:{port}/")).await;
    let answer = answer.expect("an answer");
    assert_eq!(answer.status, 302, "redirects are not followed");
    for address in [
        "http://192.0.2.1/",
        "http://notlocalhost/",
        "ftp://localhost/",
    ] {
        let fault = get(&transport(None), address).await.err();
        assert!(matches!(fault, Some(Fault::Connect { .. })), "{fault:?}");
    }
}

#[tokio::test]
async fn broken_answers_are_faults() {
    let cases: [(&'static [u8], &str); 6] = [
        (b"", "closed before the answer was complete"),
        (b"HTTP/1.1 200 O", "closed before the answer was complete"),
        (b"\x00\x01\x02 garbage\r\n\r\n", "not HTTP"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort", ""),
        (
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n",
            "",
        ),
        (b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n", "not HTTP"),
    ];
    for (answer, reason) in cases {
        let port = answers(answer).await;
        let fault = get(&transport(None), &format!("http://localhost:{port}/")).await;
        let fault = fault.err().expect("a fault");
        assert_eq!(fault.name(), "broken", "{fault}");
        assert!(fault.to_string().contains(reason), "{fault}");
    }
}

#[tokio::test]
async fn an_endless_body_is_cut_and_an_endless_head_is_a_fault() {
    let port = raw(|mut stream| async move {
        let _ = stream.read(&mut [0; 4096]).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
    })
    .await;
    let answer = get(&transport(None), &format!("http://localhost:{port}/")).await;
    let answer = answer.expect("an answer");
    assert_eq!((answer.body.len(), answer.cut), (1000, true));

    let port = raw(|mut stream| async move {
        let _ = stream.read(&mut [0; 4096]).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n").await;
        while stream.write_all(b"x: y\r\n").await.is_ok() {}
    })
    .await;
    let fault = get(&transport(None), &format!("http://localhost:{port}/")).await;
    assert_eq!(fault.err().map(|fault| fault.name()), Some("broken"));
}

#[tokio::test]
async fn silence_ends_at_the_deadline_wherever_it_begins() {
    for (scheme, start) in [
        ("https", &b""[..]),
        ("http", b""),
        ("http", b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nx"),
        ("http", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ] {
        let port = raw(move |mut stream| async move {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(start).await;
            // Until the client goes.
            let _ = stream.read_to_end(&mut Vec::new()).await;
        })
        .await;
        let transport = HyperTransport {
            deadline: Duration::from_millis(60),
            ..transport(None)
        };
        let fault = get(&transport, &format!("{scheme}://localhost:{port}/")).await;
        assert_eq!(
            fault.err(),
            Some(Fault::Timeout {
                authority: format!("localhost:{port}"),
                after: Duration::from_millis(60)
            })
        );
    }
}

fn fault_of(error: &TcpError) -> Fault {
    fault(error, "a:1")
}

#[test]
fn an_authority_that_is_no_certificate_is_refused() {
    let transport = HyperTransport::new(Options {
        authorities: vec![CertificateDer::from(vec![1, 2, 3])],
        ..Options::default()
    });
    assert!(matches!(transport, Err(Error::Certificate { .. })));
}
