//! The secrets of an org, made with it: consumer keys and secrets, passwords, security tokens, verification codes. In memory only.

use subtle::ConstantTimeEq as _;

use super::texts;
use crate::model::{AppId, ClientFact, OrgState, SecretFact};
use crate::ports::Entropy;
use crate::secret::Secret;

/// What clients and people of one org know. `apps` and `people` run parallel to those of the state.
#[derive(Clone)]
pub struct Credentials {
    /// Of the apps.
    pub apps: Vec<AppCredentials>,
    /// Of the users.
    pub people: Vec<PersonCredentials>,
}

/// Consumer key and secret of one app.
#[derive(Clone)]
pub struct AppCredentials {
    /// Developer name of the app.
    pub name: String,
    /// The consumer key.
    pub client_id: String,
    /// The consumer secret.
    pub client_secret: Secret,
    /// Keys that were valid before, oldest first.
    pub former_client_ids: Vec<String>,
    /// Secrets that were valid before, oldest first.
    pub former_secrets: Vec<Secret>,
}

/// What one user knows.
#[derive(Clone)]
pub struct PersonCredentials {
    /// The username.
    pub username: String,
    /// The password.
    pub password: Secret,
    /// The security token.
    pub security_token: Secret,
    /// The code that the verification page takes.
    pub verification_code: Secret,
}

impl Credentials {
    /// Fresh credentials for everyone in a state.
    pub(super) fn of(state: &OrgState, entropy: &dyn Entropy) -> Self {
        Self {
            apps: state
                .apps
                .iter()
                .map(|app| AppCredentials::new(&app.name, entropy))
                .collect(),
            people: state
                .people
                .iter()
                .map(|person| PersonCredentials::new(&person.username, entropy))
                .collect(),
        }
    }

    /// Whose consumer key a text is.
    pub(super) fn client(&self, client_id: Option<&str>) -> ClientFact {
        let Some(client_id) = client_id.filter(|id| !id.is_empty()) else {
            return ClientFact::Absent;
        };
        let by =
            |fits: &dyn Fn(&AppCredentials) -> bool| self.apps.iter().position(fits).map(AppId);
        if let Some(app) = by(&|app| app.client_id == client_id) {
            return ClientFact::Known(app);
        }
        by(&|app| app.former_client_ids.iter().any(|key| key == client_id))
            .map_or(ClientFact::Unknown, ClientFact::Former)
    }

    /// What a consumer secret is to an app. Compared in constant time, as any secret that the network can try.
    pub(super) fn secret(&self, client: ClientFact, sent: Option<&str>) -> SecretFact {
        let Some(sent) = sent.filter(|sent| !sent.is_empty()) else {
            return SecretFact::Absent;
        };
        let (ClientFact::Known(app) | ClientFact::Former(app)) = client else {
            return SecretFact::Wrong;
        };
        let app = &self.apps[app.0];
        if same(&app.client_secret, sent) {
            SecretFact::Right
        } else if app.former_secrets.iter().any(|secret| same(secret, sent)) {
            SecretFact::Former
        } else {
            SecretFact::Wrong
        }
    }
}

impl AppCredentials {
    /// A fresh key and secret.
    pub(super) fn new(name: &str, entropy: &dyn Entropy) -> Self {
        Self {
            name: name.to_owned(),
            client_id: texts::consumer_key(entropy),
            client_secret: Secret::new(texts::consumer_secret(entropy)),
            former_client_ids: Vec::new(),
            former_secrets: Vec::new(),
        }
    }

    pub(super) fn rotate_key(&mut self, entropy: &dyn Entropy) {
        let next = texts::consumer_key(entropy);
        self.former_client_ids
            .push(std::mem::replace(&mut self.client_id, next));
    }

    pub(super) fn rotate_secret(&mut self, entropy: &dyn Entropy) {
        let next = Secret::new(texts::consumer_secret(entropy));
        self.former_secrets
            .push(std::mem::replace(&mut self.client_secret, next));
    }
}

impl PersonCredentials {
    /// A fresh password, security token and verification code.
    pub(super) fn new(username: &str, entropy: &dyn Entropy) -> Self {
        Self {
            username: username.to_owned(),
            password: Secret::new(texts::password(entropy)),
            security_token: Secret::new(texts::security_token(entropy)),
            verification_code: Secret::new(texts::verification_code(entropy)),
        }
    }

    /// Password and security token as one text carries them: the token stands behind the password (wire facts section 2.6).
    pub(super) fn judge_joined(&self, sent: &str) -> (SecretFact, SecretFact) {
        if sent.is_empty() {
            return (SecretFact::Absent, SecretFact::Absent);
        }
        let at = self.password.expose().len();
        // A text cut elsewhere than between characters cannot begin with the password.
        let Some((password, token)) = sent.split_at_checked(at) else {
            return (SecretFact::Wrong, SecretFact::Absent);
        };
        if !same(&self.password, password) {
            return (SecretFact::Wrong, SecretFact::Absent);
        }
        (SecretFact::Right, judge(&self.security_token, token))
    }
}

/// What a typed secret is.
pub(super) fn judge(secret: &Secret, sent: &str) -> SecretFact {
    if sent.is_empty() {
        SecretFact::Absent
    } else if same(secret, sent) {
        SecretFact::Right
    } else {
        SecretFact::Wrong
    }
}

fn same(secret: &Secret, sent: &str) -> bool {
    bool::from(secret.expose().as_bytes().ct_eq(sent.as_bytes()))
}
