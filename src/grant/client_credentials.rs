//! RFC 6749 section 4.4. Salesforce: My Domain only, with a run-as user.

use oauth2::Scope;

use super::Outcome;
use super::credentials::Credentials;
use super::endpoints::{Endpoints, need};
use super::step::Step;
use super::token_request::{TokenRequest, oauth_client};
use crate::oauth::TokenResponse;

/// Runs the grant to a token, or to the outcome without one.
pub(super) async fn drive(
    step: &mut Step<'_>,
    to: &Endpoints,
) -> Result<Box<TokenResponse>, Outcome> {
    let credentials = Credentials::of(step)?;
    let endpoint = need(to.token.as_ref(), "token_endpoint")?;
    let client = oauth_client(&credentials, endpoint);
    let request = TokenRequest::draft(endpoint, &credentials, |draft| {
        let mut ask = client.exchange_client_credentials();
        if let Some(scope) = &step.grant.scope {
            ask = ask.add_scope(Scope::new(scope.clone()));
        }
        let _ = ask.request(draft);
    })?;
    request.ask_token(step).await
}
