//! The token endpoint: all grants, and the start of the device flow.

use jiff::Timestamp;

use super::super::asked::{Asked, Parameters};
use super::super::credentials::PersonCredentials;
use super::super::respond::{self, Format, Reply};
use super::super::tenant::{FaultAt, FaultKind, Inner, Tenant};
use super::super::{assertion, facts};
use super::{authorize, device, issue};
use crate::cause::{AppKind, CauseId};
use crate::model::{Brings, CodeId, Event, PersonId, SecretFact, SubjectFact, Token, VerifierFact};
use crate::oauth::{Assertion, GrantKind};

/// Answers a request to the token endpoint.
pub(super) async fn token(tenant: &Tenant, asked: &Asked) -> Reply {
    let parameters = if asked.is_post() {
        asked.in_body()
    } else {
        asked.in_query()
    };
    let format = Format::of(&parameters, asked);
    let grant = parameters.get("grant_type").and_then(grant_of);
    if grant == Some(GrantKind::RefreshToken) {
        tenant.refresh_came();
    }
    let fault = tenant.lock().strikes(FaultAt::Token, "token", tenant.now());
    match fault {
        Some(FaultKind::ServerError | FaultKind::SessionExpired) => {
            let any = grant.unwrap_or(GrantKind::ClientCredentials);
            let cause = CauseId::TransientServerFault;
            respond::token_refusal(cause, AppKind::default(), any, format)
        }
        Some(FaultKind::LostResponse) => {
            respond::lost(carry_out(tenant, asked, &parameters, grant, format).await)
        }
        None => carry_out(tenant, asked, &parameters, grant, format).await,
    }
}

async fn carry_out(
    tenant: &Tenant,
    asked: &Asked,
    parameters: &Parameters,
    grant: Option<GrantKind>,
    format: Format,
) -> Reply {
    if grant.is_none() && parameters.get("response_type") == Some("device_code") {
        return device::start(tenant, asked, parameters, format);
    }
    let refresh_token = (grant == Some(GrantKind::RefreshToken))
        .then(|| parameters.get("refresh_token"))
        .flatten()
        .and_then(|text| tenant.lock().texts.refresh.get(text).copied());
    if grant == Some(GrantKind::RefreshToken)
        && tenant
            .lock()
            .refreshes_without_limit(refresh_token, tenant.now())
    {
        return respond::too_many_refreshes(format);
    }
    // Held until the answer is made: of refreshes that meet, all but one find it taken.
    let under_way = refresh_token.map(|token| tenant.begin_refresh(token));
    if let Some(Some(first)) = &under_way {
        first.meet_others().await;
    }
    let at_once = matches!(under_way, Some(None));
    let now = tenant.now();
    let mut inner = tenant.lock();
    let request = read(&inner, asked, parameters, grant, at_once, now);
    let reply = judge(tenant, &mut inner, asked, parameters, request, format, now);
    // The lock before the guard: the guard takes it again to leave.
    drop(inner);
    drop(under_way);
    reply
}

/// A `grant_type` of Salesforce that the simulated org has.
fn grant_of(text: &str) -> Option<GrantKind> {
    GrantKind::ALL
        .into_iter()
        .find(|grant| grant.grant_type() == text)
}

fn read(
    inner: &Inner,
    asked: &Asked,
    parameters: &Parameters,
    grant: Option<GrantKind>,
    at_once: bool,
    now: Timestamp,
) -> Token {
    let compact = parameters.get("assertion").unwrap_or_default();
    let mut client = facts::client(inner, asked, parameters);
    if grant == Some(GrantKind::JwtBearer) {
        client.fact = facts::client_of_assertion(inner, compact, parameters);
    }
    let code = parameters
        .get("code")
        .and_then(|code| inner.texts.codes.get(code).copied());
    Token {
        caller: facts::caller(inner, asked),
        post: asked.is_post(),
        form: asked.body_is_form(),
        grant,
        client: client.fact,
        secret: client.secret,
        scope_sent: parameters.has("scope"),
        verifier: sent_verifier(inner, code, parameters, grant),
        brings: match grant {
            Some(GrantKind::AuthorizationCode) => Brings::Code {
                code,
                redirect_uri: parameters.get("redirect_uri").map(str::to_owned),
            },
            Some(GrantKind::JwtBearer) => {
                Brings::Assertion(assertion::assertion(inner, asked, compact, now))
            }
            Some(GrantKind::RefreshToken) => Brings::Refresh {
                token: parameters
                    .get("refresh_token")
                    .and_then(|token| inner.texts.refresh.get(token).copied()),
                at_once,
            },
            Some(GrantKind::Device) => Brings::Device {
                device: parameters
                    .get("code")
                    .and_then(|code| inner.texts.devices.get(code).copied()),
            },
            Some(GrantKind::UsernamePassword) => password(inner, parameters),
            Some(GrantKind::TokenExchange) => {
                Brings::Subject(assertion::subject(inner, parameters, now))
            }
            Some(GrantKind::ClientCredentials) | None => Brings::Nothing,
        },
    }
}

fn sent_verifier(
    inner: &Inner,
    code: Option<CodeId>,
    parameters: &Parameters,
    grant: Option<GrantKind>,
) -> VerifierFact {
    match grant {
        Some(GrantKind::AuthorizationCode | GrantKind::RefreshToken) => {
            facts::verifier(inner, code, parameters.get("code_verifier"))
        }
        _ => VerifierFact::Absent,
    }
}

fn password(inner: &Inner, parameters: &Parameters) -> Brings {
    let person = parameters
        .get("username")
        .and_then(|name| inner.state.person(name));
    let sent = parameters.get("password").unwrap_or_default();
    let (password, security_token) = person
        .map_or((SecretFact::Wrong, SecretFact::Absent), |person| {
            PersonCredentials::judge_joined(&inner.credentials.people[person.0], sent)
        });
    Brings::Password {
        person,
        password,
        security_token,
    }
}

fn judge(
    tenant: &Tenant,
    inner: &mut Inner,
    asked: &Asked,
    parameters: &Parameters,
    request: Token,
    format: Format,
    now: Timestamp,
) -> Reply {
    let client = request.client;
    let brings = request.brings.clone();
    // A request that names no grant is refused for just that; any grant finds the words for it.
    let grant = request.grant.unwrap_or(GrantKind::ClientCredentials);
    let judged = inner.judge(&Event::Token(request), now);
    if let Some(cause) = judged.verdict.cause() {
        if let Some(person) = person_of(inner, &brings) {
            let app = match client {
                crate::model::ClientFact::Known(app) => Some(app),
                _ => None,
            };
            issue::note_refusal(inner, asked, now, person, app, grant, cause);
        }
        let app_kind = authorize::app_kind(inner, client);
        return respond::token_refusal(cause, app_kind, grant, format);
    }
    let nonce = match &brings {
        Brings::Code {
            code: Some(code), ..
        } => inner
            .texts
            .sent_with
            .get(code)
            .and_then(|sent| sent.nonce.clone()),
        _ => None,
    };
    if let Brings::Assertion(_) = brings {
        remember_jti(inner, parameters);
    }
    let Some(access) = judged.applied.access else {
        return respond::text(
            http::StatusCode::INTERNAL_SERVER_ERROR,
            "the grant passed and no token was made",
        );
    };
    let issued = issue::Issued {
        grant,
        access,
        refresh: judged.applied.refresh,
        nonce,
    };
    let fields = issue::token_response(tenant, inner, asked, &issued, now);
    respond::granted(&fields, format)
}

fn remember_jti(inner: &mut Inner, parameters: &Parameters) {
    let read = parameters
        .get("assertion")
        .and_then(|compact| Assertion::read(compact).ok());
    if let Some(jti) = read.and_then(|read| read.claims.jti) {
        inner.seen_jti.insert(jti);
    }
}

/// Who a refused request was for, as far as it tells, for the login history.
fn person_of(inner: &Inner, brings: &Brings) -> Option<PersonId> {
    match brings {
        Brings::Code { code, .. } => code.map(|code| inner.state.codes[code.0].person),
        Brings::Assertion(fact) => fact.person,
        Brings::Refresh { token, .. } => token.map(|token| {
            let family = inner.state.refresh_tokens[token.0].family;
            inner.state.families[family.0].person
        }),
        Brings::Password { person, .. } => *person,
        Brings::Subject(SubjectFact::Of(person)) => Some(*person),
        Brings::Device { .. } | Brings::Subject(_) | Brings::Nothing => None,
    }
}
