//! Loopback, names, folders, files, variables.

use std::fs;
use std::io::{self, Write as _};
use std::net::ToSocketAddrs as _;
use std::path::{Path, PathBuf};

use crate::doctor::{Folder, Loopback, Name, PROXY_VARIABLES, System};
use crate::edge::Error;
use crate::edge::dirs::Dirs;
use crate::edge::listen::bind;

/// As much is written to see whether there is room: the journal of a run is of this size.
const ROOM: usize = 64 * 1024;

/// The kind of this system.
pub const fn system() -> System {
    if cfg!(target_os = "macos") {
        System::MacOs
    } else if cfg!(windows) {
        System::Windows
    } else {
        System::Unix
    }
}

/// Listens on a free port of both loopback addresses for a moment. Needs a tokio runtime.
pub fn loopback() -> Loopback {
    let words = |error: Error| match error {
        Error::Listen { source, .. } => source.to_string(),
        other => other.to_string(),
    };
    let v4 = bind([127, 0, 0, 1].into(), 0);
    let port = v4
        .as_ref()
        .ok()
        .and_then(|listener| listener.local_addr().ok())
        .map_or(0, |address| address.port());
    let v6 = match bind(std::net::Ipv6Addr::LOCALHOST.into(), port) {
        // Somebody else may have just this one.
        Err(Error::PortTaken { .. }) => bind(std::net::Ipv6Addr::LOCALHOST.into(), 0),
        other => other,
    };
    Loopback {
        v4: v4.map(drop).map_err(words),
        v6: v6.map(drop).map_err(words),
    }
}

/// What the resolver of the system makes of `localhost`, and of a name under it. It is only asked where it answers by itself: glibc
/// without a word about a name asks the network, and nothing outside this machine is to hear of it.
pub fn names() -> Vec<Name> {
    ["localhost", "acme.my.localhost"]
        .map(|name| Name {
            name,
            addresses: if answers_itself(name) {
                (name, 0)
                    .to_socket_addrs()
                    .map(|found| found.map(|address| address.ip()).collect())
                    .map_err(|error| error.to_string())
            } else {
                Err("the hosts file does not name it, and no module of nsswitch.conf answers for it".to_owned())
            },
        })
        .into()
}

/// Whether the hosts file names it, or a module of systemd answers (nss-myhostname(8), nss-resolve(8): "localhost" and names that end in
/// ".localhost"). macOS and Windows, untried: they answer for `localhost`.
fn answers_itself(name: &str) -> bool {
    if system() != System::Unix {
        return name == "localhost";
    }
    let text = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let words = |line: &str| -> Vec<String> {
        let line = line.split('#').next().unwrap_or_default();
        line.split_whitespace().map(str::to_owned).collect()
    };
    let in_hosts = text("/etc/hosts")
        .lines()
        .any(|line| words(line).iter().skip(1).any(|word| word == name));
    in_hosts
        || text("/etc/nsswitch.conf")
            .lines()
            .map(words)
            .filter(|words| words.first().is_some_and(|word| word == "hosts:"))
            .any(|words| {
                words
                    .iter()
                    .take_while(|word| *word != "dns")
                    .any(|word| word == "myhostname" || word == "resolve")
            })
}

/// The variables about proxies that are set.
pub fn environment() -> Vec<(String, String)> {
    PROXY_VARIABLES
        .iter()
        .filter_map(|&name| Some((name.to_owned(), std::env::var(name).ok()?)))
        .collect()
}

/// The folders of this program, each tried with a file that is taken away again.
pub fn folders(dirs: &Dirs) -> Vec<Folder> {
    [
        ("the harness CA", &dirs.data, "GRANTPROOF_DATA_DIR"),
        ("journals of runs", &dirs.state, "GRANTPROOF_STATE_DIR"),
    ]
    .map(|(what, path, variable)| Folder {
        what,
        path: path.display().to_string(),
        variable,
        written: write(path).map_err(|error| error.to_string()),
    })
    .into()
}

/// Writes a file into a folder, or into the one above it that is there, and removes it.
fn write(folder: &Path) -> io::Result<()> {
    let there = folder
        .ancestors()
        .find(|path| path.exists())
        .unwrap_or(Path::new("."));
    let file = there.join(format!(".grantproof-doctor-{}", std::process::id()));
    let written = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&file)
        .and_then(|mut open| {
            open.write_all(&vec![0; ROOM])?;
            // Without it a full disk shows at the close, where nobody looks.
            open.sync_all()
        });
    let _ = fs::remove_file(&file);
    written
}

/// The permission bits of a file that can be read; `None` where the system has none. The system's words where it cannot be read.
pub fn mode(path: &PathBuf) -> Result<Option<u32>, String> {
    let about = fs::File::open(path)
        .and_then(|file| file.metadata())
        .map_err(|error| error.to_string())?;
    if about.is_dir() {
        return Err("it is a folder".to_owned());
    }
    #[cfg(unix)]
    let mode = Some(std::os::unix::fs::PermissionsExt::mode(&about.permissions()) & 0o7777);
    #[cfg(not(unix))]
    let mode = None;
    Ok(mode)
}
