//! chromedriver, started here with a home of its own: an NSS database that trusts the CAs of the run and nothing else beside what is built
//! into Chromium, profiles that are thrown away, and nothing of the person's own browser.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use rustls_pki_types::CertificateDer;
use tempfile::TempDir;
use tokio::sync::OnceCell;
use url::Url;

use super::{Error, probe};
use crate::exchange::Fault;
use crate::ports::{Boxed, WebDriverServer};

const DRIVER: &str = "chromedriver";
const CERTUTIL: &str = "certutil";
/// How long it may take to listen.
const START: Duration = Duration::from_secs(20);
/// How long it may take to close its browsers, and the pauses in which its end is waited for.
const END: Duration = Duration::from_secs(5);
const SHORT: Duration = Duration::from_millis(100);
const TRIES: usize = 50;
/// More than it says when it ends.
const LONGEST: u64 = 64 * 1024;
/// The line in which it names the port that the system chose.
const READY: &str = "started successfully on port ";
/// Variables that would lead the browser out of its home.
const ELSEWHERE: &[&str] = &[
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "CHROME_USER_DATA_DIR",
];
/// What a browser without a person needs: no window, no questions, and no word with anybody but the servers of the run. It talks with its
/// driver through a pipe, so that no port of it is open and it ends when its driver does.
const ARGUMENTS: &[&str] = &[
    "--headless",
    "--remote-debugging-pipe",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
];

/// A chromedriver that is started when a browser is first needed, and ended when this is dropped.
pub struct Chromedriver {
    program: PathBuf,
    /// `certutil`, where the browser reads an NSS database.
    certutil: Option<PathBuf>,
    authorities: Vec<CertificateDer<'static>>,
    running: OnceCell<Running>,
}

impl Chromedriver {
    /// Looks for the programs; nothing is started yet. The browser will trust these CAs beside those that are built into it.
    /// [`Error::ToolMissing`] names what is not installed.
    pub fn find(authorities: Vec<CertificateDer<'static>>) -> Result<Self, Error> {
        let missing = |tool, remedy: &str| Error::ToolMissing {
            tool,
            remedy: remedy.to_owned(),
        };
        let program = probe::find(DRIVER).ok_or_else(|| {
            missing(
                DRIVER,
                "install it with its browser: `sudo apt install chromium chromium-driver` (Debian, Ubuntu), `sudo dnf install chromium chromedriver` (Fedora); \
                 or name one that runs: `--webdriver URL`",
            )
        })?;
        let certutil = if reads_nss() {
            Some(probe::find(CERTUTIL).ok_or_else(|| {
                missing(
                    CERTUTIL,
                    "Chromium is told by it which CA to trust; install it: `sudo apt install libnss3-tools` (Debian, Ubuntu), \
                     `sudo dnf install nss-tools` (Fedora)",
                )
            })?)
        } else {
            None
        };
        Ok(Self {
            program,
            certutil,
            authorities,
            running: OnceCell::new(),
        })
    }
}

/// Elsewhere Chromium asks the system, whose stores are not touched from here.
const fn reads_nss() -> bool {
    cfg!(all(unix, not(target_os = "macos")))
}

impl WebDriverServer for Chromedriver {
    fn address(&self) -> Boxed<'_, Result<Url, Fault>> {
        Box::pin(async move {
            let running = self.running.get_or_try_init(|| async {
                let (program, certutil) = (self.program.clone(), self.certutil.clone());
                let authorities = self.authorities.clone();
                let start = move || Running::start(&program, certutil.as_deref(), &authorities);
                let started = tokio::task::spawn_blocking(start).await;
                let started = started.unwrap_or_else(|error| Err(error.to_string()));
                started.map_err(|reason| Fault::Browser { reason })
            });
            Ok(running.await?.address.clone())
        })
    }

    fn browser_arguments(&self) -> Vec<String> {
        browser_arguments()
    }
}

/// A WebDriver server that somebody else runs, and ends.
pub struct Elsewhere(
    /// Its address.
    pub Url,
);

impl WebDriverServer for Elsewhere {
    fn address(&self) -> Boxed<'_, Result<Url, Fault>> {
        Box::pin(std::future::ready(Ok(self.0.clone())))
    }

    fn browser_arguments(&self) -> Vec<String> {
        browser_arguments()
    }
}

fn browser_arguments() -> Vec<String> {
    let mut arguments: Vec<String> = ARGUMENTS.iter().map(|&text| text.to_owned()).collect();
    if is_root() {
        // Chromium's own sandbox does not run as root.
        arguments.push("--no-sandbox".to_owned());
    }
    arguments
}

#[cfg(unix)]
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;

    // What this process makes belongs to whom it runs as.
    tempfile::tempfile()
        .and_then(|file| file.metadata())
        .is_ok_and(|metadata| metadata.uid() == 0)
}

#[cfg(not(unix))]
const fn is_root() -> bool {
    false
}

/// A driver that listens.
struct Running {
    address: Url,
    #[cfg_attr(
        not(all(test, unix)),
        expect(dead_code, reason = "its end is in its drop")
    )]
    process: Process,
}

/// The process and its home, which end together.
struct Process {
    at: SocketAddr,
    child: Child,
    home: Option<TempDir>,
}

impl Running {
    /// `Err` says what went wrong and what helps.
    fn start(
        program: &Path,
        certutil: Option<&Path>,
        authorities: &[CertificateDer<'static>],
    ) -> Result<Self, String> {
        let mut folder = tempfile::Builder::new();
        folder.prefix("grantproof-browser-");
        // Cookies of a login lie there for a while.
        #[cfg(unix)]
        folder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let home = folder
            .tempdir()
            .map_err(|error| format!("no folder can be made for its profile: {error}"))?;
        if let Some(certutil) = certutil {
            trust(certutil, home.path(), authorities)?;
        }
        let mut command = Command::new(program);
        command
            // Any port that is free.
            .arg("--port=0")
            .env("HOME", home.path())
            .env("TMPDIR", home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        for name in ELSEWHERE {
            command.env_remove(name);
        }
        // An interrupt on the terminal is for us, who close the browsers in order.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let named = program.display();
        let mut child = command
            .spawn()
            .map_err(|error| format!("`{named}` does not start: {error}"))?;
        let output = child.stdout.take();
        // From here on its end is in `drop`.
        let mut process = Process {
            at: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            child,
            home: Some(home),
        };
        let port = output
            .ok_or_else(|| "says nothing".to_owned())
            .and_then(port)
            .map_err(|reason| {
                format!("`{named}` {reason}; run `{named} --port=0` by hand to see why")
            })?;
        process.at.set_port(port);
        let address = Url::parse(&format!("http://{}", process.at));
        Ok(Self {
            address: address.map_err(|error| error.to_string())?,
            process,
        })
    }
}

/// Reads what the process says until it names its port. The rest is read too, so that it never waits for a reader.
fn port(output: ChildStdout) -> Result<u16, String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let port = line.split_once(READY);
            let port = port.and_then(|(_, rest)| rest.trim_end_matches('.').parse().ok());
            if let Some(port) = port {
                // Nobody listens any more where the time was up.
                let _ = sender.send(port);
            }
        }
    });
    receiver.recv_timeout(START).map_err(|error| match error {
        RecvTimeoutError::Timeout => {
            format!("named no port within {} s", START.as_secs())
        }
        RecvTimeoutError::Disconnected => "ended before it named its port".to_owned(),
    })
}

/// An NSS database in this home that trusts these CAs to issue server certificates, and for nothing else.
fn trust(
    certutil: &Path,
    home: &Path,
    authorities: &[CertificateDer<'static>],
) -> Result<(), String> {
    let folder = home.join(".pki/nssdb");
    let told = |error: std::io::Error| format!("the browser's home cannot be written: {error}");
    fs::create_dir_all(&folder).map_err(told)?;
    let mut database = std::ffi::OsString::from("sql:");
    database.push(&folder);
    let run = |arguments: &[&str]| {
        let mut command = Command::new(certutil);
        command.arg("-d").arg(&database).args(arguments);
        let ran = command.stdin(Stdio::null()).output();
        match ran {
            Ok(ran) if ran.status.success() => Ok(()),
            Ok(ran) => Err(String::from_utf8_lossy(&ran.stderr).trim().to_owned()),
            Err(error) => Err(error.to_string()),
        }
        .map_err(|said| {
            format!(
                "`certutil {}` failed, so the browser would trust no CA of the run: {said}",
                arguments[0]
            )
        })
    };
    run(&["-N", "--empty-password"])?;
    for (number, certificate) in authorities.iter().enumerate() {
        let path = home.join("ca.der");
        fs::write(&path, certificate).map_err(told)?;
        let (name, path) = (
            format!("CA {number} of the run"),
            path.display().to_string(),
        );
        run(&["-A", "-t", "C,,", "-n", &name, "-i", &path])?;
    }
    Ok(())
}

impl Process {
    /// Asks it to close its browsers and to end. Its answer says nothing, so it is only waited for.
    fn shut_down(&mut self) -> io::Result<()> {
        let mut stream = TcpStream::connect_timeout(&self.at, SHORT)?;
        stream.set_read_timeout(Some(END))?;
        stream.set_write_timeout(Some(SHORT))?;
        let request = format!(
            "GET /shutdown HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            self.at
        );
        stream.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        stream.take(LONGEST).read_to_end(&mut answer)?;
        for _ in 0..TRIES {
            if self.child.try_wait()?.is_some() {
                return Ok(());
            }
            thread::sleep(SHORT);
        }
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let closed = self.shut_down().is_ok();
        // A browser that is still there ends when its pipe does.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let Some(home) = self.home.take() else {
            return;
        };
        let path = home.keep();
        // It may still be writing, and what it writes makes folders again.
        let (mut gone, enough) = (0, if closed { 1 } else { 4 });
        for _ in 0..TRIES {
            let _ = fs::remove_dir_all(&path);
            gone = if path.exists() { 0 } else { gone + 1 };
            if gone == enough {
                return;
            }
            thread::sleep(SHORT);
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// A driver of the given words, in a folder of its own.
    fn program(script: &str) -> (TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("chromedriver");
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a mode");
        (folder, path)
    }

    #[test]
    fn it_has_a_home_of_its_own_and_both_end_together() {
        let (folder, program) = program(
            "echo \"$HOME $TMPDIR ${XDG_CONFIG_HOME-none}\" >\"${0%/*}/told\"\n\
             echo 'Starting on port 0'\n\
             echo 'ChromeDriver was started successfully on port 1.'\n\
             exec tail -f /dev/null",
        );
        let running = Running::start(&program, None, &[]).unwrap();
        assert_eq!(running.address.as_str(), "http://127.0.0.1:1/");
        let told = fs::read_to_string(folder.path().join("told")).unwrap();
        let [home, scratch, config] = told.split_whitespace().collect::<Vec<_>>()[..] else {
            panic!("{told}");
        };
        assert_eq!((home, config), (scratch, "none"));
        let mode = fs::metadata(home).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        let id = running.process.child.id().to_string();
        let alive = || Command::new("kill").args(["-0", &id]).output().unwrap();
        assert!(alive().status.success());
        drop(running);
        assert!(!alive().status.success());
        assert!(!Path::new(home).exists());
    }

    #[test]
    fn a_driver_that_does_not_start_is_told_with_what_to_do() {
        let (_folder, program) = program("echo no; exit 1");
        let reason = Running::start(&program, None, &[]).err().unwrap();
        assert!(
            reason.contains("ended before it named its port; run `"),
            "{reason}"
        );
        let reason = Running::start(Path::new("/nowhere"), None, &[])
            .err()
            .unwrap();
        assert!(
            reason.starts_with("`/nowhere` does not start: "),
            "{reason}"
        );
    }

    #[test]
    fn no_argument_weakens_a_check_of_certificates() {
        let arguments = browser_arguments();
        for weak in ["certificate", "insecure", "web-security", "allow-running"] {
            assert!(
                !arguments.iter().any(|argument| argument.contains(weak)),
                "{weak}"
            );
        }
    }
}
