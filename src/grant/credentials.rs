//! What the client says it is, deviations included, and how it says it (RFC 6749 section 2.3).

use super::step::{Step, not_sent};
use super::{CertainValue, Client, ClientAuthentication, Outcome};

/// The client's credentials as a request will carry them. Holds secrets, so it has no `Debug`.
#[derive(Clone)]
pub(super) struct Credentials {
    /// `client_id`; `None` leaves it out.
    pub(super) id: Option<String>,
    /// `client_secret`; `None` for a public client, and where it is left out.
    pub(super) secret: Option<String>,
    /// Where they travel.
    pub(super) placed: Placed,
}

/// Where the credentials of a request travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Placed {
    /// In the form.
    Body,
    /// In an `Authorization: Basic` header.
    Basic,
    /// In both.
    Both,
    /// In a Basic header that is no base64.
    Broken,
}

impl Credentials {
    /// The credentials of the step's client.
    pub(super) fn of(step: &Step<'_>) -> Result<Self, Outcome> {
        Ok(Self {
            id: client_id(step)?,
            secret: client_secret(step)?,
            placed: placed(step),
        })
    }

    /// The credentials of a client without the step's deviations: introspection and revocation are not what a step tries.
    pub(super) fn honest(client: &Client) -> Self {
        let secret = client.client_secret.as_ref();
        Self {
            id: Some(client.client_id.clone()),
            secret: secret.map(|secret| secret.expose().to_owned()),
            placed: match client.authentication {
                ClientAuthentication::Body => Placed::Body,
                ClientAuthentication::Basic => Placed::Basic,
            },
        }
    }

    /// The same without the secret, for requests that carry none: JWT bearer, and the start of Salesforce's device flow.
    /// A step that deviates in the secret sends it there too.
    pub(super) fn public(mut self, step: &Step<'_>) -> Self {
        let deviations = &step.grant.deviations;
        if deviations.client_secret.is_none() && deviations.basic.is_none() {
            self.secret = None;
        }
        self
    }
}

fn client_id(step: &Step<'_>) -> Result<Option<String>, Outcome> {
    let client = &step.grant.client;
    let right = client.client_id.clone();
    Ok(match step.grant.deviations.client_id {
        None | Some(CertainValue::Right | CertainValue::Given) => Some(right),
        Some(CertainValue::Absent) => None,
        Some(CertainValue::Wrong) => Some(format!("3MVG9{}", step.random())),
        Some(CertainValue::Malformed) => Some(format!("{right}%00\u{fffd}")),
        Some(CertainValue::Former) => Some(client.former_client_id.clone().ok_or_else(|| {
            not_sent("`client_id: former` needs a consumer key that was valid before, and the app has none")
        })?),
    })
}

fn client_secret(step: &Step<'_>) -> Result<Option<String>, Outcome> {
    let client = &step.grant.client;
    let expose = |secret: &crate::secret::Secret| secret.expose().to_owned();
    let right = client.client_secret.as_ref().map(expose);
    let deviations = &step.grant.deviations;
    let wanted = match (deviations.client_secret, deviations.basic) {
        (None, Some(CertainValue::Wrong)) => Some(CertainValue::Wrong),
        (wanted, _) => wanted,
    };
    Ok(match wanted {
        None => right,
        Some(CertainValue::Absent) => None,
        Some(CertainValue::Right | CertainValue::Given) => Some(right.ok_or_else(|| {
            not_sent("the step sends the consumer secret, and the app has none")
        })?),
        // The alphabet of real secrets, so that nothing but the value is wrong.
        Some(CertainValue::Wrong) => Some(hex(&step.octets())),
        Some(CertainValue::Malformed) => Some("\u{fffd}%zz".to_owned()),
        Some(CertainValue::Former) => Some(client.former_secret.as_ref().map(expose).ok_or_else(
            || not_sent("`client_secret: former` needs a secret that was valid before, and the app has none: rotate it first"),
        )?),
    })
}

fn placed(step: &Step<'_>) -> Placed {
    match step.grant.deviations.basic {
        Some(CertainValue::Malformed) => Placed::Broken,
        Some(CertainValue::Given) => Placed::Both,
        Some(CertainValue::Absent) => Placed::Body,
        Some(CertainValue::Right | CertainValue::Wrong | CertainValue::Former) => Placed::Basic,
        None => match step.grant.client.authentication {
            ClientAuthentication::Body => Placed::Body,
            ClientAuthentication::Basic => Placed::Basic,
        },
    }
}

fn hex(octets: &[u8]) -> String {
    use std::fmt::Write as _;
    octets.iter().fold(String::new(), |mut text, octet| {
        let _ = write!(text, "{octet:02x}");
        text
    })
}
