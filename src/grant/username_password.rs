//! RFC 6749 section 4.3, legacy: driven so that it can be seen refused, and so that its users know what to move from.

use oauth2::{ResourceOwnerPassword, ResourceOwnerUsername, Scope};

use super::credentials::Credentials;
use super::endpoints::{Endpoints, need};
use super::step::{Step, not_sent};
use super::token_request::{TokenRequest, oauth_client};
use super::{CertainValue, Outcome};
use crate::oauth::TokenResponse;

/// Runs the grant to a token, or to the outcome without one.
pub(super) async fn drive(
    step: &mut Step<'_>,
    to: &Endpoints,
) -> Result<Box<TokenResponse>, Outcome> {
    let credentials = Credentials::of(step)?;
    let endpoint = need(to.token.as_ref(), "token_endpoint")?;
    let deviations = &step.grant.deviations;
    let username = match &deviations.username {
        Some(username) => username.clone(),
        None => step.person()?.username.clone(),
    };
    let password = password(step)?;
    if let Some(password) = &password {
        step.ports.secrets.add("password", password);
    }
    let client = oauth_client(&credentials, endpoint);
    let username = ResourceOwnerUsername::new(username);
    let sent = ResourceOwnerPassword::new(password.clone().unwrap_or_default());
    let mut request = TokenRequest::draft(endpoint, &credentials, |draft| {
        let mut ask = client.exchange_password(&username, &sent);
        if let Some(scope) = &step.grant.scope {
            ask = ask.add_scope(Scope::new(scope.clone()));
        }
        let _ = ask.request(draft);
    })?;
    if password.is_none() {
        request.fields.remove("password");
    }
    request.ask_token(step).await
}

/// The password with the security token behind it, as Salesforce wants it from an address that it does not trust.
fn password(step: &Step<'_>) -> Result<Option<String>, Outcome> {
    let deviations = &step.grant.deviations;
    let right = step
        .grant
        .person
        .as_ref()
        .and_then(|person| person.password.as_ref());
    let password = match deviations.password {
        Some(CertainValue::Absent) => return Ok(None),
        Some(CertainValue::Wrong | CertainValue::Former | CertainValue::Malformed) => step.random(),
        Some(CertainValue::Right | CertainValue::Given) | None => right
            .ok_or_else(|| {
                not_sent("the username-password grant sends a password, and the user has none in the file")
            })?
            .expose()
            .to_owned(),
    };
    let token = step.grant.security_token.as_ref();
    let token = match deviations.security_token {
        Some(CertainValue::Absent) => String::new(),
        // An org keeps no former tokens: to it, a former one is a wrong one.
        Some(CertainValue::Wrong | CertainValue::Former | CertainValue::Malformed) => {
            step.random().chars().take(24).collect()
        }
        Some(CertainValue::Right | CertainValue::Given) | None => token
            .map(|token| token.expose().to_owned())
            .unwrap_or_default(),
    };
    Ok(Some(format!("{password}{token}")))
}
