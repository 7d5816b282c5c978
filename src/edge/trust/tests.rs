use super::super::ca::{HarnessCa, ProcessCa};
use super::*;
use crate::edge::clock::SystemClock;
use crate::ports::Clock as _;
use std::sync::{Arc, Mutex};

type Answer = dyn Fn(&str, &[String]) -> io::Result<Ran> + Send + Sync;

/// Notes what is run, and answers as it is told.
struct Fake {
    ran: Arc<Mutex<Vec<String>>>,
    answer: Box<Answer>,
}

impl Shell for Fake {
    fn run(&self, tool: &str, arguments: &[&OsStr]) -> io::Result<Ran> {
        let line = command_line(tool, arguments);
        self.ran.lock().expect("no panic").push(line);
        let arguments: Vec<String> = arguments
            .iter()
            .map(|one| one.to_string_lossy().into_owned())
            .collect();
        (self.answer)(tool, &arguments)
    }
}

struct Bench {
    _home: tempfile::TempDir,
    machine: Machine,
    ca: PathBuf,
    ran: Arc<Mutex<Vec<String>>>,
}

#[expect(clippy::unnecessary_wraps, reason = "it is the answer of a shell")]
fn well(output: impl Into<String>) -> io::Result<Ran> {
    Ok(Ran {
        success: true,
        output: output.into(),
    })
}

#[expect(clippy::unnecessary_wraps, reason = "it is the answer of a shell")]
fn badly(output: &str) -> io::Result<Ran> {
    Ok(Ran {
        success: false,
        output: output.to_owned(),
    })
}

fn bench(
    system: System,
    answer: impl Fn(&str, &[String]) -> io::Result<Ran> + Send + Sync + 'static,
) -> Bench {
    let home = tempfile::tempdir().expect("a folder");
    let ran = Arc::new(Mutex::new(Vec::new()));
    let machine = Machine {
        root: home.path().join("root"),
        home: home.path().to_owned(),
        data: home.path().join("data"),
        system: Some(system),
        shell: Box::new(Fake {
            ran: Arc::clone(&ran),
            answer: Box::new(answer),
        }),
    };
    let folder = machine.data.join("ca");
    HarnessCa::load_or_create(&folder, SystemClock.now()).expect("a CA");
    Bench {
        _home: home,
        machine,
        ca: certificate_path(&folder),
        ran,
    }
}

impl Bench {
    fn install(&self, stores: Stores) -> Report {
        install(&self.ca, stores, &self.machine).expect("a report")
    }

    fn uninstall(&self, stores: Stores) -> Report {
        uninstall(stores, &self.machine).expect("a report")
    }

    fn ran(&self) -> Vec<String> {
        std::mem::take(&mut *self.ran.lock().expect("no panic"))
    }
}

fn whats(report: &Report) -> Vec<What> {
    assert!(report.failures.is_empty(), "{:?}", report.failures);
    report.changes.iter().map(|change| change.what).collect()
}

const SYSTEM: Stores = Stores {
    system: true,
    nss: false,
};
const NSS: Stores = Stores {
    system: false,
    nss: true,
};

#[test]
fn debian_and_fedora_have_a_file_and_a_command() {
    for (system, folder, tool, fresh) in [
        (
            System::Debian,
            "usr/local/share/ca-certificates",
            "update-ca-certificates",
            "update-ca-certificates --fresh",
        ),
        (
            System::Fedora,
            "etc/pki/ca-trust/source/anchors",
            "update-ca-trust",
            "update-ca-trust",
        ),
    ] {
        let bench = bench(system, |_, _| well(""));
        let folder = bench.machine.root.join(folder);
        fs::create_dir_all(&folder).expect("made");
        assert_eq!(linux::detect(&bench.machine.root), Some(system));
        assert_eq!(whats(&bench.install(SYSTEM)), [What::Added]);
        assert_eq!(bench.ran(), [tool]);
        assert_eq!(whats(&bench.install(SYSTEM)), [What::Present]);
        let shown = show(&bench.machine.data.join("ca"), &bench.machine).expect("shown");
        assert_eq!(whats(&shown.stores), [What::Present]);
        assert_eq!(shown.facts.fingerprint.len(), 32 * 3 - 1);
        assert!(Record::path(&bench.machine).exists());
        assert_eq!(whats(&bench.uninstall(SYSTEM)), [What::Removed]);
        assert!(!Record::path(&bench.machine).exists());
        assert_eq!(bench.ran(), [fresh]);
        assert_eq!(fs::read_dir(&folder).expect("there").count(), 0);
        assert_eq!(whats(&bench.uninstall(SYSTEM)), [What::Absent]);
    }
}

#[test]
fn a_command_that_fails_leaves_no_file_behind() {
    let bench = bench(System::Debian, |_, _| badly("no space"));
    let folder = bench.machine.root.join("usr/local/share/ca-certificates");
    fs::create_dir_all(&folder).expect("made");
    let report = bench.install(SYSTEM);
    assert!(
        matches!(&report.failures[..], [Error::ToolFailed { output, .. }] if output == "no space")
    );
    assert_eq!(fs::read_dir(&folder).expect("there").count(), 0);
}

#[test]
fn the_ca_of_an_org_is_refused_before_anything_is_touched() {
    let bench = bench(System::Debian, |_, _| well(""));
    let org = ProcessCa::new("grantproof harness CA", SystemClock.now()).expect("a CA");
    let path = bench.machine.data.join("org.pem");
    fs::write(&path, org.certificate_pem()).expect("written");
    let error = install(&path, Stores::ALL, &bench.machine).err();
    assert!(matches!(error, Some(Error::Refused { .. })), "{error:?}");
    assert!(bench.ran().is_empty());
    assert!(!Record::path(&bench.machine).exists());
}

#[test]
fn a_missing_tool_names_its_package_and_leaves_nothing() {
    let bench = bench(System::Debian, |_, _| {
        Err(io::Error::from(io::ErrorKind::NotFound))
    });
    let report = bench.install(NSS);
    let help = miette::Diagnostic::help(&report.failures[0]).map(|help| help.to_string());
    assert!(help.is_some_and(|help| help.contains("sudo apt install libnss3-tools")));
    assert!(!bench.machine.home.join(".pki").exists());
}

#[test]
fn keychain_and_windows_store_get_the_commands_of_their_manuals() {
    let bench = bench(System::MacOs, |_, arguments| match &*arguments[0] {
        "find-certificate" => badly("SecKeychainSearchCopyNext: not found"),
        _ => well(""),
    });
    assert_eq!(whats(&bench.install(SYSTEM)), [What::Added]);
    let ran = bench.ran();
    assert!(ran[1].starts_with(
        "security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain /"
    ));

    let bench = self::bench(System::MacOs, |_, arguments| match &*arguments[0] {
        "find-certificate" => well(
            "SHA-256 hash: BB\nSHA-1 hash: AA11\nkeychain: \"x\"\n    \"labl\"<blob>=\"grantproof harness CA 0a0b0c\"\n",
        ),
        _ => well(""),
    });
    assert_eq!(whats(&bench.uninstall(SYSTEM)), [What::Removed]);
    assert_eq!(
        bench.ran()[1],
        "security delete-certificate -t -Z AA11 /Library/Keychains/System.keychain"
    );

    let there = Arc::new(Mutex::new(false));
    let bench = self::bench(System::Windows, move |_, arguments| {
        let mut there = there.lock().expect("no panic");
        match &*arguments[1] {
            "-addstore" => *there = true,
            "-delstore" => *there = false,
            _ if !*there => return badly("CRYPT_E_NOT_FOUND"),
            _ => {}
        }
        well("")
    });
    assert_eq!(whats(&bench.install(Stores::ALL)), [What::Added]);
    assert_eq!(whats(&bench.install(Stores::ALL)), [What::Present]);
    assert_eq!(whats(&bench.uninstall(Stores::ALL)), [What::Removed]);
    assert!(!Record::path(&bench.machine).exists());
    assert_eq!(whats(&bench.uninstall(Stores::ALL)), [What::Absent]);
}

/// With the real certutil, where there is one: `GRANTPROOF_TEST_CERTUTIL` names a program that takes its arguments.
#[test]
fn nss_databases_with_the_real_tool() {
    let tool = std::env::var("GRANTPROOF_TEST_CERTUTIL").unwrap_or_else(|_| "certutil".to_owned());
    if Command::new(&tool).arg("-H").output().is_err() || cfg!(windows) {
        // Skipped: the certutil of NSS (libnss3-tools) is not on this machine.
        return;
    }
    let real = tool.clone();
    let bench = bench(System::Debian, move |_, arguments| {
        let arguments: Vec<&OsStr> = arguments.iter().map(AsRef::as_ref).collect();
        Processes.run(&real, &arguments)
    });
    let profile = bench.machine.home.join(".mozilla/firefox/x.default");
    fs::create_dir_all(&profile).expect("made");
    let sql = format!("sql:{}", profile.display());
    let made = Command::new(&tool)
        .args(["-N", "-d", &sql, "--empty-password"])
        .output();
    assert!(made.is_ok_and(|made| made.status.success()));

    let added = [What::Made, What::Added, What::Added];
    assert_eq!(whats(&bench.install(NSS)), added);
    assert_eq!(whats(&bench.install(NSS)), [What::Present; 2]);
    assert_eq!(
        whats(&bench.uninstall(NSS)),
        [What::Removed, What::Removed, What::Deleted]
    );
    assert!(!bench.machine.home.join(".pki").exists());
    assert!(profile.join("cert9.db").exists(), "it was not ours");
    assert_eq!(whats(&bench.uninstall(NSS)), [What::Absent]);
}
