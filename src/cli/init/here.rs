//! What stands in the folder already, and the key.

use std::fs;
use std::path::Path;

use jiff::Timestamp;

use crate::cause::AppKind;
use crate::cli::failure::{COULD_NOT_RUN, Failure, USAGE};
use crate::edge::clock::SystemClock;
use crate::edge::jwt_key::{DAYS, JwtKey};
use crate::edge::new_file::is_there;
use crate::init::{Answers, CERTIFICATE, Directory, Here, KEY, PROJECT, package_directory};
use crate::metadata::{Project, RecordType};
use crate::oauth::GrantKind;
use crate::ports::Clock as _;
use crate::secret::Secret;

/// What was found and made.
pub(super) struct Found {
    pub(super) here: Here,
    pub(super) directory: Directory,
    /// The file of the global OAuth settings.
    pub(super) global: String,
    pub(super) notes: Vec<String>,
}

/// Looks at the folder, and makes a key where one is wanted and none is there.
pub(super) fn look(folder: &Path, answers: &Answers) -> Result<Found, Failure> {
    let project = text(folder, PROJECT)?;
    let directory = package_directory(project.as_deref()).map_err(|reason| {
        Failure::new(
            USAGE,
            format!("`{}` {reason}", folder.join(PROJECT).display()),
            "`\"packageDirectories\": [{\"path\": \"force-app\", \"default\": true}]` names one",
        )
    })?;
    let now = SystemClock.now();
    let mut here = there(folder, answers, now);
    let mut notes = Vec::new();
    if answers.has(GrantKind::JwtBearer) {
        notes.extend(key(folder, answers, now, &mut here)?);
    }
    let settings = RecordType::ExtlClntAppGlobalOauthSettings;
    let mut there = here.records.iter().filter(|(kind, _)| *kind == settings);
    let global = match there.next() {
        Some((_, path)) => path.clone(),
        None => format!(
            "{}.ecaGlblOauth-meta.xml",
            answers.name.clone() + "_glbloauth"
        ),
    };
    if !here.records.is_empty() {
        notes.push(format!(
            "Records of {} that were there are kept as they are; `grantproof lint .` tells whether they go with these answers.",
            answers.name
        ));
    }
    Ok(Found {
        here,
        directory,
        global,
        notes,
    })
}

/// The one app that a folder declares, by its name.
pub(super) fn only_app(folder: &Path) -> Option<String> {
    let project = Project::read(folder, SystemClock.now()).ok()?;
    let mut apps = project
        .apps
        .iter()
        .filter(|app| app.kind == AppKind::ExternalClientApp);
    let app = apps.next()?;
    apps.next().is_none().then(|| app.name.clone())
}

/// The records of the app and its permission set, as far as they are there, and the certificate in them.
fn there(folder: &Path, answers: &Answers, now: Timestamp) -> Here {
    let Ok(project) = Project::read(folder, now) else {
        return Here::default();
    };
    let app = project
        .apps_named(&answers.name)
        .find(|app| app.kind == AppKind::ExternalClientApp);
    let below = |file: &str| {
        let file = Path::new(file);
        let inside = file.strip_prefix(folder).unwrap_or(file);
        inside.to_string_lossy().replace('\\', "/")
    };
    let mut records: Vec<(RecordType, String)> = app
        .iter()
        .flat_map(|app| &app.records)
        .map(|record| (record.kind, below(&record.file)))
        .collect();
    records.extend(
        project
            .permission_sets
            .iter()
            .filter(|set| set.name == answers.permission_set)
            .map(|set| (RecordType::PermissionSet, below(&set.record.file))),
    );
    let settings = app.and_then(|app| app.record(RecordType::ExtlClntAppGlobalOauthSettings));
    let certificate = settings.and_then(|record| record.text("certificate"));
    Here {
        certificate: certificate
            .filter(|pem| pem.contains("-----BEGIN CERTIFICATE-----"))
            .map(|pem| format!("{}\n", pem.trim())),
        records,
        ..Here::default()
    }
}

/// The key and the certificate: those that are there, or new ones. The notes say how things stand.
fn key(
    folder: &Path,
    answers: &Answers,
    now: Timestamp,
    here: &mut Here,
) -> Result<Vec<String>, Failure> {
    let key = text(folder, KEY)?;
    let certificate = text(folder, CERTIFICATE)?.or(here.certificate.take());
    if key.is_none() && certificate.is_some() {
        // As in a fresh clone: another key would not be that of the app.
        here.certificate = certificate;
        return Ok(vec![format!(
            "The certificate of the app is there and its key is not, so no key was made: put the key at {KEY}."
        )]);
    }
    let unfit = |path: &str, error: &crate::edge::Error| {
        Failure::new(
            USAGE,
            format!("`{}`: {error}", folder.join(path).display()),
            "an RSA key and its certificate in PEM form are wanted: move the file away, and a new pair is made",
        )
    };
    let pair = match &key {
        Some(pem) => JwtKey::from_pem(pem).map_err(|error| unfit(KEY, &error))?,
        None => JwtKey::generate()?,
    };
    let pem = match certificate {
        Some(pem) => pem,
        None => pair.certificate(&answers.name, now)?,
    };
    let (fits, until) = pair
        .fits(&pem)
        .map_err(|error| unfit(CERTIFICATE, &error))?;
    here.key = Some(key.map_or_else(|| pair.to_pem(), Secret::new));
    here.certificate = Some(pem);
    let day = until.strftime("%Y-%m-%d");
    Ok(vec![if !fits {
        format!(
            "{CERTIFICATE} is not of the key {KEY}: assertions will be refused. Delete the certificate, and a new one is made."
        )
    } else if until < now {
        format!(
            "{CERTIFICATE} ended on {day}: delete it, and a new one is made; then upload it to the app."
        )
    } else {
        format!(
            "{CERTIFICATE} holds until {day} ({DAYS} days from when it is made): upload a new one before."
        )
    }])
}

/// The text of a file; `None` where there is none.
fn text(folder: &Path, path: &str) -> Result<Option<String>, Failure> {
    let place = folder.join(path);
    if !is_there(&place) {
        return Ok(None);
    }
    fs::read_to_string(&place).map(Some).map_err(|error| {
        Failure::new(
            COULD_NOT_RUN,
            format!("failed to read `{}`: {error}", place.display()),
            "see what stands at this place",
        )
    })
}
