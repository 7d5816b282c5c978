//! `cargo bench`: what a step costs beside a bare hyper-rustls loop against the same server, how fast the program starts, and what one
//! scenario takes from start to exit. The server is `grantproof org serve` in another process, so that CPU time is the client's alone.
//!
//! Criterion measures what is small and repeats; the figures that need a process of their own are printed as one line each.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]
#![expect(clippy::cast_precision_loss, reason = "figures for people")]

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use criterion::Criterion;
use grantproof::agent::BuiltInAgent;
use grantproof::cause::AppKind;
use grantproof::edge::callback::TlsCallbackServer;
use grantproof::edge::certificate;
use grantproof::edge::clock::SystemClock;
use grantproof::edge::entropy::SystemEntropy;
use grantproof::edge::transport::{HyperTransport, Options};
use grantproof::exchange::Request;
use grantproof::factor::{Delta, Factor};
use grantproof::grant::{
    After, Client, ClientAuthentication, Deviations, Grant, Held, Outcome, Server,
};
use grantproof::model::{
    AppId, Brings, Caller, ClientFact, Event, OrgState, SecretFact, Token, VerifierFact, decide,
    set,
};
use grantproof::oauth::{Dialect, GrantKind, HostKind};
use grantproof::ports::{Ports, Transport as _};
use grantproof::secret::{Register, Secret};
use grantproof::what_if::{Want, singles};
use grantproof::world::{USER, World};
use serde_json::Value;
use std::sync::Arc;
use url::Url;

const STEPS: usize = 10_000;

fn main() {
    let program = env!("CARGO_BIN_EXE_grantproof");
    let mut criterion = Criterion::default().configure_from_args();
    judgements(&mut criterion);
    what_ifs(&mut criterion);
    redaction(&mut criterion);
    criterion.final_summary();
    wall(program, "--version", &["--version"]);
    wall(
        program,
        "one client credentials scenario",
        &[
            "run",
            "scenarios/granted/client_credentials.yaml",
            "--no-journal",
        ],
    );
    wall(
        program,
        "one JWT bearer scenario (with one RSA key)",
        &["run", "scenarios/granted/jwt_bearer.yaml", "--no-journal"],
    );
    let org = Org::start(program);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(per_exchange(&org));
}

/// The model alone: one judgement, and one with a flipped setting.
fn judgements(criterion: &mut Criterion) {
    let event = Event::Token(Token {
        caller: Caller {
            host: HostKind::MyDomain,
            address: std::net::Ipv4Addr::LOCALHOST.into(),
        },
        post: true,
        form: true,
        grant: Some(GrantKind::ClientCredentials),
        client: ClientFact::Known(AppId(0)),
        secret: SecretFact::Right,
        scope_sent: false,
        verifier: VerifierFact::Absent,
        brings: Brings::Nothing,
    });
    let now = jiff::Timestamp::UNIX_EPOCH;
    let healthy = OrgState::healthy();
    criterion.bench_function("decide: client credentials, healthy", |bench| {
        bench.iter(|| decide(&healthy, &event, now, &mut ()));
    });
    criterion.bench_function("what-if: set one factor on a copy and decide", |bench| {
        bench.iter(|| {
            let mut state = healthy.clone();
            set(&mut state, &Delta::new(Factor::AppEnabled, false), now).expect("a switch");
            decide(&state, &event, now, &mut ())
        });
    });
}

/// Every what-if of a single factor, for the seven grants of an app: at most 20 ms.
fn what_ifs(criterion: &mut Criterion) {
    let world = World::healthy(AppKind::ExternalClientApp);
    let wants: Vec<Want> = GrantKind::ALL
        .into_iter()
        .map(|grant| Want::new(grant, USER))
        .collect();
    criterion.bench_function("what-if: each factor alone, seven grants", |bench| {
        bench.iter(|| singles(&world, &wants));
    });
}

/// One record of four kilobytes against a register of a thousand secrets.
fn redaction(criterion: &mut Criterion) {
    let secrets = Register::new();
    for number in 0..1000_u64 {
        secrets.add(
            "access_token",
            &format!(
                "00Dxx0000000001!AQ{:x}",
                (number + 7).wrapping_mul(0x9E37_79B9_7F4A_7C15)
            ),
        );
    }
    let record =
        "{\"scope\":\"api refresh_token openid\",\"instance_url\":\"https://acme.my.localhost\"} "
            .repeat(50);
    criterion.bench_function("redact: 4 KiB, 1,000 secrets", |bench| {
        bench.iter(|| secrets.redact(&record));
    });
}

/// The median of twenty starts, from start to exit.
fn wall(program: &str, what: &str, arguments: &[&str]) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut times: Vec<Duration> = (0..20)
        .map(|_| {
            let begin = Instant::now();
            let status = Command::new(program)
                .args(arguments)
                .env("GRANTPROOF_STATE_DIR", folder.path())
                .env("GRANTPROOF_DATA_DIR", folder.path())
                .stdout(Stdio::null())
                .status()
                .expect("the program starts");
            assert!(status.success(), "{what}: {status}");
            begin.elapsed()
        })
        .collect();
    times.sort_unstable();
    println!(
        "wall time, median of {}: {what}: {:.1} ms",
        times.len(),
        times[times.len() / 2].as_secs_f64() * 1000.0
    );
}

/// `grantproof org serve` in a process of its own; ended with this value.
struct Org {
    child: Child,
    domain: Url,
    key: String,
    secret: String,
    authorities: Vec<rustls_pki_types::CertificateDer<'static>>,
    _folder: tempfile::TempDir,
}

impl Drop for Org {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Org {
    fn start(program: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (ca, credentials) = (
            folder.path().join("ca.pem"),
            folder.path().join("credentials.json"),
        );
        let mut child = Command::new(program)
            .args(["org", "serve", "--format", "json", "--ca-out"])
            .arg(&ca)
            .arg("--credentials-out")
            .arg(&credentials)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe"))
            .read_line(&mut line)
            .expect("a ready line");
        let ready: Value = serde_json::from_str(&line).expect("the ready line is JSON");
        let credentials = json(&credentials);
        Self {
            child,
            domain: ready["base_urls"]["my_domain"]
                .as_str()
                .and_then(|url| url.parse().ok())
                .expect("a My Domain"),
            key: credentials["apps"][0]["consumer_key"]
                .as_str()
                .expect("a key")
                .to_owned(),
            secret: credentials["apps"][0]["consumer_secret"]
                .as_str()
                .expect("a secret")
                .to_owned(),
            authorities: certificate::from_pem(&std::fs::read(&ca).expect("a CA"))
                .expect("a certificate"),
            _folder: folder,
        }
    }
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).expect("a file")).expect("JSON")
}

/// CPU time of this process, user and system, in nanoseconds, as Linux counts it; `None` elsewhere.
fn cpu() -> Option<u64> {
    let tasks = std::fs::read_dir("/proc/self/task").ok()?;
    tasks
        .flatten()
        .map(|task| {
            std::fs::read_to_string(task.path().join("schedstat"))
                .ok()?
                .split(' ')
                .next()?
                .parse::<u64>()
                .ok()
        })
        .sum()
}

async fn per_exchange(org: &Org) {
    let options = Options {
        authorities: org.authorities.clone(),
        system_roots: false,
        ..Options::default()
    };
    let transport = HyperTransport::new(options).expect("a transport");
    let token = org
        .domain
        .join("services/oauth2/token")
        .expect("an address");
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", &*org.key),
        ("client_secret", &*org.secret),
    ];
    let bare = Request::form(token, form);
    // Warm: the connection is there, the org has its keys.
    transport.send(bare.clone()).await.expect("an answer");
    let begin = (Instant::now(), cpu());
    for _ in 0..STEPS {
        let answer = transport.send(bare.clone()).await.expect("an answer");
        assert_eq!(answer.status, 200);
    }
    let loop_cost = cost("bare hyper-rustls loop", begin);

    let clock: Arc<dyn grantproof::ports::Clock> = Arc::new(SystemClock);
    let agent = BuiltInAgent::new(&transport, &*clock);
    let callbacks = TlsCallbackServer::new(
        |_| unreachable!("client credentials have no callback"),
        Arc::clone(&clock),
    );
    let secrets = Register::new();
    let ports = Ports {
        transport: &transport,
        clock: &*clock,
        entropy: &SystemEntropy,
        callbacks: &callbacks,
        agent: &agent,
        secrets: &secrets,
    };
    let grant = grant(org);
    let begin = (Instant::now(), cpu());
    for _ in 0..STEPS {
        let record = grant.drive(ports).await;
        assert!(
            matches!(record.outcome, Outcome::Granted(_)),
            "{}",
            record.outcome.name()
        );
    }
    let step_cost = cost("client credentials steps", begin);
    if let (Some(bare), Some(step)) = (loop_cost, step_cost) {
        println!(
            "CPU time of a step beside the bare loop: {:.2} times",
            step / bare
        );
    }
}

fn grant(org: &Org) -> Grant {
    Grant {
        kind: GrantKind::ClientCredentials,
        client: Client {
            name: "Harness".to_owned(),
            client_id: org.key.clone(),
            client_secret: Some(Secret::new(org.secret.as_str())),
            authentication: ClientAuthentication::Body,
            redirect_uri: "https://localhost:0/callback".to_owned(),
            jwt_key: None,
            former_secret: None,
            former_client_id: None,
        },
        server: Server {
            dialect: Dialect::Salesforce,
            hosts: vec![(HostKind::MyDomain, org.domain.clone())],
        },
        host: HostKind::MyDomain,
        person: None,
        security_token: None,
        scope: None,
        deviations: Deviations::default(),
        held: Held::default(),
        within: Duration::from_secs(30),
        after: After {
            check: true,
            use_it: false,
            introspect: false,
            revoke: false,
        },
        introspect_by: None,
    }
}

/// Prints what `STEPS` exchanges took, and gives the CPU time of one in microseconds.
fn cost(what: &str, (begin, cpu_begin): (Instant, Option<u64>)) -> Option<f64> {
    let wall = begin.elapsed().as_secs_f64() * 1e6 / STEPS as f64;
    let cpu = cpu()
        .zip(cpu_begin)
        .map(|(now, then)| (now - then) as f64 / 1000.0 / STEPS as f64);
    match cpu {
        Some(cpu) => println!(
            "{what}: {STEPS} exchanges, {cpu:.1} µs of CPU and {wall:.1} µs of wall time each"
        ),
        None => println!(
            "{what}: {STEPS} exchanges, {wall:.1} µs of wall time each (CPU time is read on Linux only)"
        ),
    }
    cpu
}
