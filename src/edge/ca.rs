//! The two certificate authorities. The harness CA is kept on disk, may be put into trust stores and can vouch for this machine's own
//! names only. A process CA signs for simulated orgs and proxies; its key never leaves the process and it is never installed.

use std::fs;
use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    NameConstraints, PKCS_ECDSA_P256_SHA256,
};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use x509_parser::extensions::GeneralName;

use super::certificate::{Facts, from_pem, parse};
use super::{Error, write_error};

/// How the name of every harness CA begins, in trust stores too.
pub const HARNESS_NAME: &str = "grantproof harness CA";
/// The organisation in every process CA, by which [`install_refuses`] knows it.
const PROCESS_MARK: &str = "grantproof simulated org (this process only)";

const CERTIFICATE_FILE: &str = "harness-ca.pem";
const KEY_FILE: &str = "harness-ca.key";

const DAY: Duration = Duration::from_hours(24);
const CA_DAYS: u32 = 5 * 365;
/// Chromium and Apple refuse more than 397 days; a leaf lives for one run.
const LEAF_DAYS: u32 = 90;

/// The CA whose certificate a person may trust. Its key file has mode 0600; RFC 5280 section 4.2.1.10 name constraints limit it to
/// `localhost`, names under it, 127.0.0.1 and `::1`.
pub struct HarnessCa {
    folder: PathBuf,
    certificate: CertificateDer<'static>,
    facts: Facts,
    issuer: Issuer<'static, KeyPair>,
}

impl HarnessCa {
    /// The CA kept in `folder`, made there if there is none. Two processes that start at once end up with the same one.
    ///
    /// [`Error::Read`], [`Error::Write`] where the folder does not let us; [`Error::KeyMode`] where others can read the key;
    /// [`Error::CaExpired`] outside its validity; [`Error::CaBroken`] where the files are damaged, do not belong together,
    /// or are a CA that could vouch for more than this machine.
    pub fn load_or_create(folder: &Path, now: Timestamp) -> Result<Self, Error> {
        if let Some(found) = Self::load(folder, now)? {
            return Ok(found);
        }
        create(folder, now)?;
        Self::load(folder, now)?.ok_or_else(|| Error::CaBroken {
            path: folder.join(CERTIFICATE_FILE),
            reason: "it was removed while it was being made".to_owned(),
        })
    }

    /// The CA kept in `folder`, or `None` where there is none. Errors as [`Self::load_or_create`], without `Write`.
    pub fn load(folder: &Path, now: Timestamp) -> Result<Option<Self>, Error> {
        let (certificate_path, key_path) = (folder.join(CERTIFICATE_FILE), folder.join(KEY_FILE));
        let broken = |path: &Path, reason: String| Error::CaBroken {
            path: path.to_owned(),
            reason,
        };
        let certificate = read(&certificate_path)?;
        let key = match read_key(&key_path)? {
            None if certificate.is_none() => return Ok(None),
            None => return Err(broken(&key_path, "the key is missing".to_owned())),
            Some(key) => key,
        };
        let Some(certificate) = certificate else {
            let reason = "the certificate is missing".to_owned();
            return Err(broken(&certificate_path, reason));
        };
        let certificate = from_pem(&certificate)
            .ok()
            .and_then(|found| found.into_iter().next())
            .ok_or_else(|| broken(&certificate_path, "it is no PEM certificate".to_owned()))?;
        if let Some(reason) = install_refuses(&certificate) {
            return Err(broken(&certificate_path, reason.to_owned()));
        }
        let key = std::str::from_utf8(&key)
            .ok()
            .and_then(|pem| KeyPair::from_pem_and_sign_algo(pem, &PKCS_ECDSA_P256_SHA256).ok())
            .ok_or_else(|| broken(&key_path, "it is no PEM key for ECDSA P-256".to_owned()))?;
        if parse(&certificate)?.public_key().subject_public_key.data != key.public_key_raw() {
            let reason = "the certificate is not that of the key beside it".to_owned();
            return Err(broken(&certificate_path, reason));
        }
        let facts = Facts::of(&certificate)?;
        if now < facts.from || now > facts.until {
            return Err(Error::CaExpired {
                path: certificate_path,
                from: facts.from.to_string(),
                until: facts.until.to_string(),
                now: now.to_string(),
            });
        }
        let issuer = Issuer::from_ca_cert_der(&certificate, key)
            .map_err(|reason| broken(&certificate_path, reason.to_string()))?;
        Ok(Some(Self {
            folder: folder.to_owned(),
            certificate,
            facts,
            issuer,
        }))
    }

    /// Issues a server certificate for names and addresses of this machine, valid for 90 days at most, never longer than the CA.
    /// [`Error::Certificate`] where a name is none.
    pub fn issue(&self, names: &[&str], now: Timestamp) -> Result<Leaf, Error> {
        issue(&self.issuer, names, now, self.facts.until)
    }

    /// The certificate in DER form.
    pub fn certificate_der(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// Where the certificate is, in PEM form.
    pub fn certificate_path(&self) -> PathBuf {
        certificate_path(&self.folder)
    }

    /// What the certificate says.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }
}

/// Where the certificate of a harness CA is kept in its folder.
pub fn certificate_path(folder: &Path) -> PathBuf {
    folder.join(CERTIFICATE_FILE)
}

/// A CA of this process: for the simulated org and the proxy. It may sign any name, so its key stays here and nobody installs it.
pub struct ProcessCa {
    certificate: CertificateDer<'static>,
    pem: String,
    until: Timestamp,
    issuer: Issuer<'static, KeyPair>,
}

impl ProcessCa {
    /// Makes a new CA with a new key.
    pub fn new(common_name: &str, now: Timestamp) -> Result<Self, Error> {
        let mut params = authority(common_name, now, LEAF_DAYS);
        params
            .distinguished_name
            .push(DnType::OrganizationName, PROCESS_MARK);
        let key = new_key()?;
        let certificate = params.self_signed(&key).map_err(|reason| failed(&reason))?;
        Ok(Self {
            pem: certificate.pem(),
            certificate: certificate.into(),
            until: after(now, LEAF_DAYS),
            issuer: Issuer::new(params, key),
        })
    }

    /// Issues a server certificate for DNS names and IP addresses. [`Error::Certificate`] where a name is neither.
    pub fn issue(&self, names: &[&str], now: Timestamp) -> Result<Leaf, Error> {
        issue(&self.issuer, names, now, self.until)
    }

    /// The certificate in PEM form, for `--ca FILE` and other clients.
    pub fn certificate_pem(&self) -> &str {
        &self.pem
    }

    /// The certificate in DER form.
    pub fn certificate_der(&self) -> &CertificateDer<'static> {
        &self.certificate
    }
}

/// A server certificate with its key, in memory only.
pub struct Leaf {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Leaf {
    /// A rustls server that shows this certificate: TLS 1.2 and 1.3, HTTP/1.1.
    pub fn server_config(self) -> Result<Arc<ServerConfig>, Error> {
        let failed = |reason: rustls::Error| Error::Certificate {
            reason: reason.to_string(),
        };
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map_err(failed)?
            .with_no_client_auth()
            .with_single_cert(self.chain, self.key)
            .map_err(failed)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }

    /// The certificate in DER form.
    pub fn certificate_der(&self) -> &CertificateDer<'static> {
        &self.chain[0]
    }
}

/// Why a certificate must not go into a trust store; `None` for a harness CA. Whatever is not limited to this machine's own names is
/// refused, the CA of a simulated org before all.
pub fn install_refuses(der: &[u8]) -> Option<&'static str> {
    let Ok(certificate) = parse(der) else {
        return Some("it is not a certificate");
    };
    if certificate
        .subject()
        .iter_organization()
        .any(|name| name.as_str() == Ok(PROCESS_MARK))
    {
        return Some(
            "it is the CA of a simulated org: it lives in one process only and may sign any name",
        );
    }
    if !certificate.is_ca() {
        return Some("it is not a certificate authority");
    }
    let permitted = certificate
        .name_constraints()
        .ok()
        .flatten()
        .and_then(|constraints| constraints.value.permitted_subtrees.as_ref());
    let Some(permitted) = permitted else {
        return Some("it is not limited to names of this machine");
    };
    // A kind of name without any subtree is free, so both kinds must occur.
    let (mut dns, mut address) = (false, false);
    for subtree in permitted {
        match &subtree.base {
            GeneralName::DNSName("localhost") => dns = true,
            GeneralName::IPAddress(octets)
                if *octets == [127, 0, 0, 1, 255, 255, 255, 255]
                    || **octets == [&Ipv6Addr::LOCALHOST.octets()[..], &[255; 16]].concat() =>
            {
                address = true;
            }
            _ => return Some("it may sign names beyond this machine"),
        }
    }
    (!(dns && address)).then_some("it is not limited to names of this machine")
}

/// The parameters that both CAs share.
fn authority(common_name: &str, now: Timestamp, days: u32) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    valid(&mut params, now, after(now, days));
    params
}

/// From a day ago, since the clocks of two machines differ.
fn valid(params: &mut CertificateParams, now: Timestamp, until: Timestamp) {
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    let seconds = |time: Timestamp| Duration::from_secs(time.as_second().unsigned_abs());
    params.not_before = epoch + seconds(now).saturating_sub(DAY);
    params.not_after = epoch + seconds(until);
}

fn after(now: Timestamp, days: u32) -> Timestamp {
    now.checked_add(DAY * days).unwrap_or(Timestamp::MAX)
}

fn issue(
    issuer: &Issuer<'_, KeyPair>,
    names: &[&str],
    now: Timestamp,
    end: Timestamp,
) -> Result<Leaf, Error> {
    let names = names.iter().map(|&name| name.to_owned());
    let mut params =
        CertificateParams::new(names.collect::<Vec<_>>()).map_err(|reason| failed(&reason))?;
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, "grantproof");
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    valid(&mut params, now, after(now, LEAF_DAYS).min(end));
    let key = new_key()?;
    let certificate = params
        .signed_by(&key, issuer)
        .map_err(|reason| failed(&reason))?;
    Ok(Leaf {
        chain: vec![certificate.into()],
        key: PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
    })
}

fn new_key() -> Result<KeyPair, Error> {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(|reason| failed(&reason))
}

fn failed(reason: &rcgen::Error) -> Error {
    Error::Certificate {
        reason: reason.to_string(),
    }
}

/// Makes certificate and key in a folder of their own and renames that, so nobody ever sees one without the other.
fn create(folder: &Path, now: Timestamp) -> Result<(), Error> {
    let key = new_key()?;
    // The number keeps two of them apart in a trust store that goes by names.
    let mut number = [0; 4];
    random(&mut number)?;
    let number = format!("{:08x}", u32::from_be_bytes(number));
    let mut params = authority(&format!("{HARNESS_NAME} {number}"), now, CA_DAYS);
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![
            // RFC 5280: "Any DNS name that can be constructed by simply adding zero or more labels to the left-hand side of the
            // name satisfies the name constraint", so this is `.localhost` too.
            GeneralSubtree::DnsName("localhost".to_owned()),
            GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(
                IpAddr::V4(Ipv4Addr::LOCALHOST),
                32,
            )),
            GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(
                IpAddr::V6(Ipv6Addr::LOCALHOST),
                128,
            )),
        ],
        excluded_subtrees: Vec::new(),
    });
    let certificate = params.self_signed(&key).map_err(|reason| failed(&reason))?;

    let parent = folder.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(|source| write_error(parent, source))?;
    let draft = parent.join(format!(".ca-{}-{number}", std::process::id()));
    let written = private_folder(&draft)
        .and_then(|()| write_new(&draft.join(KEY_FILE), key.serialize_pem().as_bytes(), 0o600))
        .and_then(|()| {
            let pem = certificate.pem();
            write_new(&draft.join(CERTIFICATE_FILE), pem.as_bytes(), 0o644)
        })
        .and_then(|()| {
            // An empty folder that somebody made stands in the way on Windows; one with files in it stays.
            let _ = fs::remove_dir(folder);
            fs::rename(&draft, folder)
        });
    written.or_else(|source| {
        let _ = fs::remove_dir_all(&draft);
        // Another process was faster: its CA is the one.
        if folder.join(KEY_FILE).exists() {
            return Ok(());
        }
        Err(write_error(folder, source))
    })
}

fn random(buffer: &mut [u8]) -> Result<(), Error> {
    ::aws_lc_rs::rand::fill(buffer).map_err(|_| Error::Certificate {
        reason: "the system has no randomness".to_owned(),
    })
}

fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Writes a file that must not exist yet, with its mode from the first moment on, down to the disk.
fn write_new(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::Read {
            path: path.to_owned(),
            source,
        }),
    }
}

fn read_key(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    #[cfg(unix)]
    if let Ok(metadata) = fs::metadata(path) {
        let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o7777;
        if mode & 0o077 != 0 {
            return Err(Error::KeyMode {
                path: path.to_owned(),
                mode,
            });
        }
    }
    read(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_second(1_800_000_000).expect("a time")
    }

    #[test]
    fn a_ca_is_made_once_and_found_again() {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("deep").join("ca");
        let made = HarnessCa::load_or_create(&folder, now()).expect("made");
        let found = HarnessCa::load_or_create(&folder, now()).expect("found");
        assert_eq!(made.facts(), found.facts());
        assert!(made.facts().subject.starts_with(HARNESS_NAME));
        assert_eq!(install_refuses(made.certificate_der()), None);
        let left = fs::read_dir(folder.parent().expect("a parent")).expect("readable");
        assert_eq!(left.count(), 1, "no draft is left behind");
    }

    #[test]
    fn processes_that_start_at_once_share_one_ca() {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("ca");
        let fingerprints = std::thread::scope(|scope| {
            let threads = [(); 8].map(|()| {
                scope.spawn(|| {
                    let ca = HarnessCa::load_or_create(&folder, now()).expect("a CA");
                    ca.facts().fingerprint.clone()
                })
            });
            threads.map(|thread| thread.join().expect("no panic"))
        });
        assert!(fingerprints.iter().all(|one| *one == fingerprints[0]));
    }

    #[cfg(unix)]
    #[test]
    fn the_key_is_private_and_a_key_that_is_not_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;

        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("ca");
        HarnessCa::load_or_create(&folder, now()).expect("made");
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        let key = folder.join(KEY_FILE);
        assert_eq!((mode(&key), mode(&folder)), (0o600, 0o700));
        fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).expect("changed");
        let error = HarnessCa::load_or_create(&folder, now()).err();
        assert!(
            matches!(error, Some(Error::KeyMode { mode: 0o640, .. })),
            "{error:?}"
        );
    }

    #[test]
    fn an_expired_ca_and_halves_of_one_are_told_apart() {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("ca");
        HarnessCa::load_or_create(&folder, now()).expect("made");
        let late = after(now(), CA_DAYS + 1);
        let error = HarnessCa::load(&folder, late).err();
        assert!(matches!(error, Some(Error::CaExpired { .. })), "{error:?}");
        fs::remove_file(folder.join(KEY_FILE)).expect("removed");
        let error = HarnessCa::load_or_create(&folder, now()).err();
        let reason = match error {
            Some(Error::CaBroken { reason, .. }) => reason,
            other => panic!("{other:?}"),
        };
        assert_eq!(reason, "the key is missing");
    }

    #[test]
    fn a_key_beside_a_foreign_certificate_is_refused() {
        let home = tempfile::tempdir().expect("a folder");
        let (one, two) = (home.path().join("one"), home.path().join("two"));
        HarnessCa::load_or_create(&one, now()).expect("made");
        HarnessCa::load_or_create(&two, now()).expect("made");
        fs::copy(certificate_path(&one), certificate_path(&two)).expect("copied");
        let error = HarnessCa::load(&two, now()).err();
        assert!(matches!(error, Some(Error::CaBroken { .. })), "{error:?}");
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_named() {
        let home = tempfile::tempdir().expect("a folder");
        let file = home.path().join("file");
        fs::write(&file, "").expect("written");
        let error = HarnessCa::load_or_create(&file.join("ca"), now()).err();
        assert!(
            matches!(error, Some(Error::Write { .. } | Error::Read { .. })),
            "{error:?}"
        );
    }

    #[test]
    fn the_ca_of_an_org_is_never_installed() {
        let ca = ProcessCa::new("any name", now()).expect("made");
        let refusal = install_refuses(ca.certificate_der()).expect("refused");
        assert!(refusal.contains("simulated org"), "{refusal}");
        let leaf = ca.issue(&["localhost"], now()).expect("issued");
        assert_eq!(
            install_refuses(leaf.certificate_der()),
            Some("it is not a certificate authority")
        );
        assert_eq!(install_refuses(b"x"), Some("it is not a certificate"));
    }

    #[test]
    fn a_leaf_lives_no_longer_than_browsers_allow_and_no_longer_than_its_ca() {
        let home = tempfile::tempdir().expect("a folder");
        let ca = HarnessCa::load_or_create(&home.path().join("ca"), now()).expect("made");
        let leaf = ca.issue(&["localhost", "127.0.0.1", "::1"], now());
        let facts = Facts::of(leaf.expect("issued").certificate_der()).expect("facts");
        assert_eq!(facts.names, ["localhost", "127.0.0.1", "::1"]);
        assert!(facts.until.duration_since(facts.from).as_hours() <= 397 * 24);
        let late = after(now(), CA_DAYS - 1);
        let leaf = ca.issue(&["localhost"], late).expect("issued");
        assert_eq!(
            Facts::of(leaf.certificate_der()).expect("facts").until,
            ca.facts().until
        );
    }
}
