//! Scopes: what each opens, which scopes of an app cover it, and the causes that touch it (wire facts: Salesforce Help on OAuth scopes).

use super::list::{names, sentence, stated, unique};
use super::page::Sections;
use super::words::{holds, plain};
use super::{Kind, Page, element};
use crate::cause::{CauseId, Entry, entries};
use crate::factor::Factor;
use crate::oauth::{SCOPES, Scope, ScopeSet};

/// What the label of Setup does not say.
const OPENS: &[(&str, &str)] = &[
    (
        "api",
        "REST, SOAP and Bulk API as the user, and chatter_api with them",
    ),
    (
        "web",
        "a browser session by the token, and visualforce with it",
    ),
    (
        "full",
        "everything the user may do, except: no refresh token, no openid, no mcp_api; and client_credentials drops it, so that Api must be beside it",
    ),
    (
        "refresh_token",
        "a refresh token beside the access token, and approvals that jwt_bearer can build on; client_credentials and jwt_bearer never give one",
    ),
    (
        "offline_access",
        "the same as refresh_token; the answer shows the one that was asked for",
    ),
    ("openid", "an ID token, and userinfo"),
    (
        "id",
        "the identity URL and userinfo; of one family with profile, email, address and phone",
    ),
    (
        "profile",
        "the identity URL; of one family with id, email, address and phone",
    ),
    (
        "email",
        "the identity URL; of one family with id, profile, address and phone",
    ),
    (
        "address",
        "the identity URL; of one family with id, profile, email and phone",
    ),
    (
        "phone",
        "the identity URL; of one family with id, profile, email and address",
    ),
    (
        "sfap_api",
        "the Salesforce API Platform (Agent API); SFAP on a connected app",
    ),
    (
        "chatbot_api",
        "chatbot services and, with sfap_api, the Agent API",
    ),
    (
        "mcp_api",
        "hosted MCP servers, by a token in JWT format; full does not include it",
    ),
    ("scrt_api", "Service Cloud Realtime"),
];

/// Names in objects (`OauthScopesVF`) that do not follow the wire value.
const COLUMNS: &[(&str, &str)] = &[
    ("sso", "id"),
    ("vf", "visualforce"),
    ("chatter_rest_api", "chatter_api"),
    ("wave_rest_api", "wave_api"),
    ("eclair_rest_api", "eclair_api"),
];

/// The scope of a wire value, a metadata token, a Setup label or a column `OauthScopes…`, and the name as it is spelt.
pub(super) fn named(topic: &str) -> Option<(&'static str, &'static Scope)> {
    let wanted = plain(topic);
    let exact = |scope: &&Scope| scope.wire == topic || scope.metadata == topic;
    let loose = |scope: &&Scope| {
        [scope.wire, scope.metadata, scope.label]
            .iter()
            .any(|name| !name.is_empty() && plain(name) == wanted)
    };
    let found = SCOPES
        .iter()
        .find(exact)
        .or_else(|| SCOPES.iter().find(loose))
        .or_else(|| by_column(&wanted))
        .or_else(|| Scope::find(topic))?;
    let names = [found.wire, found.metadata];
    let spelt = names.into_iter().find(|name| *name == topic);
    Some((spelt.unwrap_or(found.wire), found))
}

fn by_column(wanted: &str) -> Option<&'static Scope> {
    let column = wanted.strip_prefix("oauthscopes")?;
    let wire = COLUMNS
        .iter()
        .find(|(name, _)| *name == column)
        .map_or(column, |(_, wire)| wire);
    SCOPES.iter().find(|scope| scope.wire == wire)
}

/// Names that a miss may have meant.
pub(super) fn near_names() -> impl Iterator<Item = &'static str> {
    SCOPES
        .iter()
        .flat_map(|scope| [scope.wire, scope.metadata, scope.label])
}

/// The page of a scope.
pub(super) fn page(scope: &Scope) -> Page {
    let causes = causes(scope);
    let field = Factor::Scopes.field();
    let mut page = Sections::default();
    page.group();
    page.line("On the wire", format!("scope={}", scope.wire));
    page.line("Setup", scope.label);
    page.add(
        "On the app",
        element::line_adding(field, scope.metadata)
            .into_iter()
            .collect(),
    );
    page.line("Covered by", covered_by(scope.wire));
    page.group();
    page.add("Can cause", stated(&causes));
    page.group();
    page.line(
        "Source",
        "https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_tokens_scopes.htm",
    );
    let opens = OPENS.iter().find(|(wire, _)| *wire == scope.wire);
    let opens = opens.map_or(scope.label, |(_, opens)| opens);
    Page {
        topic: scope.wire.to_owned(),
        kind: Kind::Scope,
        summary: format!(
            "A scope, {} in metadata. It opens: {}",
            scope.metadata,
            sentence(opens)
        ),
        causes: names(&causes),
        rivals: Vec::new(),
        sections: page.into_vec(),
    }
}

/// The scopes of an app that let a client ask for this one.
fn covered_by(wire: &str) -> String {
    let covers = |scope: &&Scope| ScopeSet::from_wire(scope.wire).covers(wire);
    let names: Vec<&str> = SCOPES
        .iter()
        .filter(covers)
        .map(|scope| scope.metadata)
        .collect();
    names.join(", ")
}

/// What is known of this scope by name, then what can happen to any.
fn causes(scope: &Scope) -> Vec<CauseId> {
    let by_name = entries()
        .iter()
        .filter(|about| speaks_of(about, scope))
        .map(|about| about.id);
    let any = [CauseId::ScopeNotOnApp, CauseId::ScopeNameUnknown];
    unique(by_name.chain(any))
}

/// Whether a cause is about this very scope: a cause of scopes that names it in what is wrong, in its field or in its fix.
fn speaks_of(about: &Entry, scope: &Scope) -> bool {
    let of_scopes = about.id.name().contains("scope");
    let any = [CauseId::ScopeNotOnApp, CauseId::ScopeNameUnknown].contains(&about.id);
    let lacks = about.metadata_field.split_once("commaSeparatedOauthScopes");
    let texts = [about.setting, lacks.map_or("", |(_, said)| said), about.fix];
    let names = [scope.wire, scope.metadata];
    // `id`, `web` and `api` are words too: the metadata token is one only where it is written as one.
    of_scopes
        && !any
        && texts
            .iter()
            .any(|text| names.iter().any(|name| holds(text, name)))
}
