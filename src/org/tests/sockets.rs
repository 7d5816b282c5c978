//! The server on real sockets: TLS, keep-alive, bounds, and its end.

use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::*;
use crate::org::{FaultAt, FaultKind, Listener, Serving};

/// A server certificate for `t1.my.localhost`, and a client that trusts it.
fn tls() -> (Arc<ServerConfig>, TlsConnector) {
    let names = vec!["*.my.localhost".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).unwrap();
    let certificate: CertificateDer<'static> = made.cert.der().clone();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    (Arc::new(server), TlsConnector::from(Arc::new(client)))
}

async fn connect(connector: &TlsConnector, address: SocketAddr) -> TlsStream<TcpStream> {
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("t1.my.localhost").unwrap();
    connector.connect(name, stream).await.unwrap()
}

/// Sends a request and reads the head of its answer and as many octets of body as it announces.
async fn ask(stream: &mut TlsStream<TcpStream>, request: &str) -> (String, String) {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = Vec::new();
    let mut octet = [0];
    while !text.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut octet).await.unwrap();
        text.push(octet[0]);
    }
    let head = String::from_utf8(text).unwrap().to_lowercase();
    let length = head.split("content-length: ").nth(1).unwrap();
    let length = length.split("\r\n").next().unwrap().parse().unwrap();
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
    (head, String::from_utf8(body).unwrap())
}

#[tokio::test]
async fn it_serves_over_tls_until_it_is_asked_to_end() {
    let (server_config, connector) = tls();
    let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = socket.local_addr().unwrap();
    let world = World::new();
    let server = OrgServer::new(Ports {
        login: 1,
        my_domain: address.port(),
        test: None,
        admin: None,
    });
    let tenant = Arc::new(Tenant::new(Setup {
        label: "t1".to_owned(),
        number: 1,
        state: OrgState::healthy(),
        clock: Arc::clone(&world.clock) as Arc<dyn Clock>,
        entropy: Arc::new(TestEntropy(AtomicU64::new(5))),
    }));
    server.register(Arc::clone(&tenant));
    let (end, ended) = oneshot::channel::<()>();
    let serving = Serving {
        listeners: vec![Listener {
            gate: Gate::MyDomain,
            socket,
        }],
        tls: server_config,
    };
    let running = tokio::spawn({
        let server = server.clone();
        async move {
            let end = async {
                let _ = ended.await;
            };
            server.serve(serving, end).await;
        }
    });
    let host = format!("t1.my.localhost:{}", address.port());
    let base = server.base_url("t1", crate::oauth::HostKind::MyDomain);
    assert_eq!(base.as_deref(), Some(format!("https://{host}").as_str()));
    let mut stream = connect(&connector, address).await;
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n");
    for _ in 0..2 {
        let path = "/.well-known/openid-configuration";
        let (head, body) = ask(&mut stream, &get(path)).await;
        assert!(head.starts_with("http/1.1 200"), "{head}");
        assert!(
            head.contains("date: sun, 01 mar 2026 09:00:00 gmt"),
            "{head}"
        );
        assert!(body.contains(&format!("https://{host}/services/oauth2/token")));
    }
    let long = "x".repeat(65 * 1024);
    let post = format!(
        "POST /services/oauth2/token HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{long}",
        long.len()
    );
    let mut second = connect(&connector, address).await;
    let (head, _) = ask(&mut second, &post).await;
    assert!(head.starts_with("http/1.1 413"), "{head}");
    // What is carried out and gets lost: the connection ends without an octet.
    tenant.fault(FaultAt::Token, FaultKind::LostResponse);
    let mut third = connect(&connector, address).await;
    let post = format!(
        "POST /services/oauth2/token HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1\r\n\r\nx"
    );
    third.write_all(post.as_bytes()).await.unwrap();
    let mut nothing = Vec::new();
    let _ = third.read_to_end(&mut nothing).await;
    assert_eq!(nothing, b"");
    let judged: Vec<_> = tenant.ledger().iter().map(|one| one.verdict).collect();
    assert_eq!(judged, ["fault", "refuse"], "carried out all the same");
    end.send(()).unwrap();
    running.await.unwrap();
    let mut rest = Vec::new();
    // The idle connection ends too, and nobody listens any more.
    let _ = stream.read_to_end(&mut rest).await;
    assert!(TcpStream::connect(address).await.is_err());
}
