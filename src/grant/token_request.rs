//! A request to the token endpoint. The `oauth2` crate writes the honest one; the step's deviations are made on it before it is sent.

use std::cell::RefCell;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use oauth2::basic::BasicClient;
use oauth2::{
    AuthType, ClientId, ClientSecret, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse,
    SyncHttpClient, TokenUrl,
};
use url::Url;

use super::answer;
use super::credentials::{Credentials, Placed};
use super::fields::Fields;
use super::step::{Step, not_sent};
use super::{CertainValue, Outcome};
use crate::exchange::{Endpoint, Request};
use crate::oauth::TokenResponse;

/// `oauth2`'s client with a token endpoint.
pub(super) type TokenClient =
    BasicClient<EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

/// An `oauth2` client with the given credentials.
pub(super) fn oauth_client(credentials: &Credentials, token_endpoint: &Url) -> TokenClient {
    let id = credentials.id.clone().unwrap_or_default();
    let auth_type = match credentials.placed {
        Placed::Basic => AuthType::BasicAuth,
        Placed::Body | Placed::Both | Placed::Broken => AuthType::RequestBody,
    };
    let client = BasicClient::new(ClientId::new(id))
        .set_auth_type(auth_type)
        .set_token_uri(TokenUrl::from_url(token_endpoint.clone()));
    match &credentials.secret {
        Some(secret) => client.set_client_secret(ClientSecret::new(secret.clone())),
        None => client,
    }
}

/// Takes a request out of `oauth2`'s hands before it leaves: its own errors drop headers and merge cases, and a step may deviate.
#[derive(Default)]
pub(super) struct Draft(RefCell<Option<HttpRequest>>);

/// The request was taken; there is no answer.
#[derive(Debug, thiserror::Error)]
#[error("the request was drafted, not sent")]
pub(super) struct Drafted;

impl SyncHttpClient for Draft {
    type Error = Drafted;

    fn call(&self, request: HttpRequest) -> Result<HttpResponse, Drafted> {
        self.0.replace(Some(request));
        Err(Drafted)
    }
}

/// A request to the token endpoint (or to the start of the device flow). Holds secrets, so it has no `Debug`.
#[derive(Clone)]
pub(super) struct TokenRequest {
    url: Url,
    /// The form.
    pub(super) fields: Fields,
    authorization: Option<String>,
}

impl TokenRequest {
    /// The honest request: what `oauth2` hands to the draft in `ask`.
    pub(super) fn draft(
        url: &Url,
        credentials: &Credentials,
        ask: impl FnOnce(&Draft),
    ) -> Result<Self, Outcome> {
        let draft = Draft::default();
        ask(&draft);
        let request = draft
            .0
            .into_inner()
            .ok_or_else(|| not_sent(format!("no request can be made for the address {url}")))?;
        let authorization = request.headers().get(AUTHORIZATION);
        let mut drafted = Self {
            url: url.clone(),
            fields: Fields::parse(request.body()),
            authorization: authorization
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned),
        };
        drafted.place(credentials);
        Ok(drafted)
    }

    /// A grant that `oauth2` does not know, drafted as client credentials with another `grant_type` (RFC 6749 section 4.5).
    pub(super) fn extension(
        url: &Url,
        credentials: &Credentials,
        grant_type: &str,
        parameters: &[(&str, &str)],
    ) -> Result<Self, Outcome> {
        let client = oauth_client(credentials, url);
        let mut request = Self::draft(url, credentials, |draft| {
            let mut ask = client.exchange_client_credentials();
            for (name, value) in parameters {
                ask = ask.add_extra_param(*name, *value);
            }
            let _ = ask.request(draft);
        })?;
        request.fields.set("grant_type", grant_type);
        Ok(request)
    }

    /// What `oauth2` cannot say: credentials in two places, in a broken header, or no `client_id` at all.
    fn place(&mut self, credentials: &Credentials) {
        if credentials.id.is_none() {
            self.fields.remove("client_id");
        }
        match credentials.placed {
            Placed::Body | Placed::Basic => {}
            Placed::Both => {
                let id = credentials.id.as_deref().unwrap_or_default();
                let secret = credentials.secret.as_deref().unwrap_or_default();
                let pair = STANDARD.encode(format!("{id}:{secret}"));
                self.authorization = Some(format!("Basic {pair}"));
            }
            Placed::Broken => {
                self.fields.remove("client_id");
                self.fields.remove("client_secret");
                self.authorization = Some("Basic ~not~base64~".to_owned());
            }
        }
    }

    /// Makes the step's deviations that concern any request to the token endpoint.
    pub(super) fn deviate(&mut self, step: &Step<'_>) {
        let deviations = &step.grant.deviations;
        if let (Some(grant_type), true) = (
            &deviations.grant_type,
            self.fields.value("grant_type").is_some(),
        ) {
            self.fields.set("grant_type", grant_type);
        }
        // A verifier where none belongs. The code exchange brings its own.
        if deviations.code_verifier == Some(CertainValue::Given)
            && self.fields.value("code_verifier").is_none()
        {
            self.fields.set("code_verifier", step.random());
        }
        for (name, value) in &deviations.token_parameters {
            self.fields.set(name, value);
        }
        for name in &deviations.without {
            self.fields.remove(name);
            if name.eq_ignore_ascii_case("authorization") {
                self.authorization = None;
            }
        }
    }

    /// The request as a plain form, without the step's deviations.
    pub(super) fn undeviated(self) -> Request {
        let form = Request::form(self.url, self.fields.pairs());
        with_headers(form, self.authorization.as_deref())
    }

    fn into_request(self, step: &Step<'_>) -> Request {
        let deviations = &step.grant.deviations;
        let request = if deviations.get {
            let mut url = self.url;
            url.set_query(Some(&self.fields.encode()));
            Request::get(url)
        } else if deviations.json_body {
            let mut request = Request::form(self.url, [("", ""); 0]);
            request.body = self.fields.to_json();
            request.header(CONTENT_TYPE, "application/json")
        } else {
            Request::form(self.url, self.fields.pairs())
        };
        with_headers(request, self.authorization.as_deref())
    }

    /// Deviates, sends, records, and gives the answer as it came.
    pub(super) async fn send(
        mut self,
        step: &Step<'_>,
        endpoint: Endpoint,
    ) -> Result<crate::exchange::Response, Outcome> {
        self.deviate(step);
        let request = self.into_request(step);
        let answer = step.recorder.send(endpoint, request).await;
        answer.map_err(|fault| Outcome::Unanswered {
            at: endpoint,
            fault,
        })
    }

    /// Sends it and reads a token from the answer.
    pub(super) async fn ask_token(self, step: &Step<'_>) -> Result<Box<TokenResponse>, Outcome> {
        let response = self.send(step, Endpoint::Token).await?;
        answer::token(&response, step.ports.secrets)
    }
}

fn with_headers(request: Request, authorization: Option<&str>) -> Request {
    let request = request.header(ACCEPT, "application/json");
    match authorization {
        Some(value) => request.header(AUTHORIZATION, value),
        None => request,
    }
}
