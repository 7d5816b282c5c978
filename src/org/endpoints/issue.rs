//! What a grant hands out: the token response field by field (wire facts section 3), and the row of the login history.

use aws_lc_rs::hmac;
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::super::asked::Asked;
use super::super::directory::{LoginRecord, OAUTH_LOGIN, login_subtype};
use super::super::tenant::{Inner, SUCCESS, Tenant};
use super::super::{facts, keys, texts};
use crate::cause::{CauseId, Channel, emitted};
use crate::model::{AccessId, AccessToken, AppId, PersonId, RefreshId};
use crate::oauth::GrantKind;

/// Tokens that the model issued and that have no text yet.
pub(super) struct Issued {
    pub(super) grant: GrantKind,
    pub(super) access: AccessId,
    pub(super) refresh: Option<RefreshId>,
    /// `nonce` of the authorization request.
    pub(super) nonce: Option<String>,
}

/// The members of a token response, in the order of Salesforce's samples. Never `expires_in`.
pub(super) fn token_response(
    tenant: &Tenant,
    inner: &mut Inner,
    asked: &Asked,
    issued: &Issued,
    now: Timestamp,
) -> Map<String, Value> {
    let token = inner.state.access_tokens[issued.access.0].clone();
    let text = access_text(tenant, inner, asked, &token, now);
    inner.texts.access.insert(text.clone(), issued.access);
    let issuer = asked.bases.asked.clone();
    inner.texts.issuers.insert(issued.access, issuer);
    let refresh = issued.refresh.map(|id| {
        let refresh = texts::refresh_token(&*tenant.entropy);
        inner.texts.refresh.insert(refresh.clone(), id);
        refresh
    });
    let id = identity_url(inner, &asked.bases.asked, token.person);
    let issued_at = now.as_millisecond().to_string();
    let id_token = (token.scope.has("openid") && has_id_token(issued.grant)).then(|| {
        id_token(
            inner,
            asked,
            &token,
            &id,
            &text,
            issued.nonce.as_deref(),
            now,
        )
    });
    let signed = signs(issued.grant).then(|| signature(inner, token.app, &id, &issued_at));
    let mut fields = Map::new();
    let mut put = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            fields.insert(name.to_owned(), Value::String(value));
        }
    };
    put("access_token", Some(text));
    put("refresh_token", refresh);
    put("signature", signed);
    put("scope", Some(token.scope.to_wire()));
    put("id_token", id_token);
    put("instance_url", Some(asked.bases.my_domain.clone()));
    put("id", Some(id));
    put("token_type", Some("Bearer".to_owned()));
    put("issued_at", signs(issued.grant).then_some(issued_at));
    put("token_format", token.jwt.then(|| "jwt".to_owned()));
    let record = record(
        inner,
        asked,
        now,
        token.person,
        Some(token.app),
        issued.grant,
    );
    inner.note_login(record);
    fields
}

/// `signature` and `issued_at` come with every grant but JWT bearer, where docs and fixtures have neither (wire facts section 2.4).
const fn signs(grant: GrantKind) -> bool {
    !matches!(grant, GrantKind::JwtBearer)
}

/// Grants in which a person is known to the client by an ID token.
const fn has_id_token(grant: GrantKind) -> bool {
    matches!(
        grant,
        GrantKind::AuthorizationCode | GrantKind::Device | GrantKind::RefreshToken
    )
}

/// `https://<host that was asked>/id/<org>/<user>`, ids of 18 characters.
pub(super) fn identity_url(inner: &Inner, base: &str, person: PersonId) -> String {
    format!(
        "{base}/id/{}/{}",
        inner.directory.org.id, inner.directory.people[person.0].id
    )
}

/// base64(HMAC-SHA256(consumer secret, `id` + `issued_at`)).
fn signature(inner: &Inner, app: AppId, id: &str, issued_at: &str) -> String {
    let secret = &inner.credentials.apps[app.0].client_secret;
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
    STANDARD.encode(hmac::sign(&key, format!("{id}{issued_at}").as_bytes()))
}

/// Opaque, or a JWT where the app issues those. Claims of the JWT after public samples; `sfi` keeps two of one second apart.
fn access_text(
    tenant: &Tenant,
    inner: &Inner,
    asked: &Asked,
    token: &AccessToken,
    now: Timestamp,
) -> String {
    if !token.jwt {
        return texts::access_token(&*tenant.entropy, &inner.directory.org.id);
    }
    let base = &asked.bases.my_domain;
    keys::sign(&json!({
        "scp": token.scope.to_wire(),
        "aud": [base],
        "sub": format!("uid:{}", inner.directory.people[token.person.0].id),
        "nbf": now.as_second(),
        "mty": "oauth",
        "sfi": texts::flow(&*tenant.entropy),
        "roles": [],
        "iss": base,
        "hsc": false,
        "exp": token.expires_at.as_second(),
        "iat": now.as_second(),
        "client_id": inner.credentials.apps[token.app.0].client_id,
    }))
}

fn id_token(
    inner: &Inner,
    asked: &Asked,
    token: &AccessToken,
    id: &str,
    access_text: &str,
    nonce: Option<&str>,
    now: Timestamp,
) -> String {
    let settings = inner.state.apps[token.app.0].settings.at(now);
    let life = settings.id_token_validity_minutes.clamp(1, 720) * 60;
    // OpenID Connect Core section 3.1.3.6: the left half of the hash of the access token.
    let hash = Sha256::digest(access_text.as_bytes());
    let mut claims = json!({
        "iss": asked.bases.asked,
        "sub": id,
        "aud": inner.credentials.apps[token.app.0].client_id,
        "exp": now.as_second() + life,
        "iat": now.as_second(),
        "at_hash": URL_SAFE_NO_PAD.encode(&hash[..16]),
    });
    if let Some(nonce) = nonce {
        claims["nonce"] = nonce.into();
    }
    keys::sign(&claims)
}

/// Writes a refused login into the history, where its status is known; a status is never made up.
pub(super) fn note_refusal(
    inner: &mut Inner,
    asked: &Asked,
    now: Timestamp,
    person: PersonId,
    app: Option<AppId>,
    grant: GrantKind,
    cause: CauseId,
) {
    let kind = app.map(|app| inner.state.kind_of(app)).unwrap_or_default();
    let wording = emitted(cause, kind, Some(grant), &[Channel::LoginHistory]);
    if let Some(status) = wording.and_then(|wording| wording.text) {
        let record = LoginRecord {
            status: status.to_owned(),
            ..record(inner, asked, now, person, app, grant)
        };
        inner.note_login(record);
    }
}

fn record(
    inner: &Inner,
    asked: &Asked,
    now: Timestamp,
    person: PersonId,
    app: Option<AppId>,
    grant: GrantKind,
) -> LoginRecord {
    LoginRecord {
        at: now,
        person,
        login_type: OAUTH_LOGIN,
        login_subtype: login_subtype(grant),
        status: SUCCESS.to_owned(),
        application: app.map_or_else(
            || "Unknown".to_owned(),
            |app| inner.directory.apps[app.0].label.clone(),
        ),
        source: facts::caller(inner, asked).address,
        login_url: host_of(&asked.bases.asked),
        by_get: !asked.is_post(),
    }
}

/// The host of a base URL, as `LoginUrl` shows it.
pub(super) fn host_of(base: &str) -> String {
    base.trim_start_matches("https://").to_owned()
}
