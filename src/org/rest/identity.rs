//! The bodies of userinfo and of the identity URL (wire facts 1.7). Whether the token may ask at all is the model's matter; here scopes decide
//! what the answer holds. Left out: `callback` (a script wrapped around the answer), which no client of the flows sends.

use std::fmt::Write as _;

use jiff::Timestamp;
use quick_xml::escape::escape;
use serde_json::{Map, Value, json};

use super::routes::VERSIONS;
use super::soql::time;
use super::{RestAnswer, View, ids};
use crate::model::{AppId, PersonId, UserType};
use crate::oauth::ScopeSet;

/// 403: the token is unknown, expired or revoked. Body of `text/plain`; these six are documented (wire facts 5.3 M) but for the last.
pub const BAD_OAUTH_TOKEN: &str = "Bad_OAuth_Token";
/// 403: no token came.
pub const MISSING_OAUTH_TOKEN: &str = "Missing_OAuth_Token";
/// 403: the identity URL is that of another org.
pub const WRONG_ORG: &str = "Wrong_Org";
/// 404: the identity URL holds no ids.
pub const BAD_ID: &str = "Bad_Id";
/// 403: plain HTTP.
pub const HTTPS_REQUIRED: &str = "HTTPS_Required";
/// 403 (status assumed): another user's identity without `api` or `full`.
pub const NO_ACCESS: &str = "NO_ACCESS";

/// Whose identity, for whom, through which host.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Whence.
    pub view: &'a View<'a>,
    /// Whose.
    pub person: PersonId,
    /// Scope of the access token.
    pub scope: &'a ScopeSet,
    /// The app of the access token, for `is_app_installed`.
    pub app: AppId,
    /// Base URL of the host that issued the token, without a trailing slash: `sub` and `id` are identity URLs on it.
    pub issuer: &'a str,
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// `format=json`, and without the parameter.
    #[default]
    Json,
    /// `format=xml`.
    Xml,
}

impl Format {
    /// Reads the parameter `format`, else the header `Accept`; any other word is JSON.
    pub fn asked(parameter: Option<&str>, accept: Option<&str>) -> Self {
        let xml = match parameter {
            Some(word) => word.eq_ignore_ascii_case("xml"),
            None => accept.is_some_and(|accept| accept.trim().starts_with("application/xml")),
        };
        if xml { Self::Xml } else { Self::Json }
    }
}

/// The path of a person's identity URL.
pub fn path(view: &View<'_>, person: PersonId) -> String {
    let user = view.directory.people.get(person.0);
    format!(
        "/id/{}/{}",
        view.directory.org.id,
        user.map_or("", |user| &user.id)
    )
}

/// Whom the path of an identity URL names; the `Err` is status and plain-text body.
pub fn find(view: &View<'_>, path: &str) -> Result<PersonId, (u16, &'static str)> {
    let mut parts = path.trim_matches('/').split('/');
    let (Some("id"), Some(org), Some(user), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err((404, BAD_ID));
    };
    if ids::shorten(org).is_none() || ids::shorten(user).is_none() {
        return Err((404, BAD_ID));
    }
    if !ids::same(org, &view.directory.org.id) {
        return Err((403, WRONG_ORG));
    }
    view.directory.person_of(user).ok_or((404, BAD_ID))
}

/// The claims of userinfo. With `openid` and without `id`, `api` or `full`, names, address of mail and postal address each want the
/// scope of OpenID Connect that is theirs (the split is assumed; the claims are documented).
pub fn userinfo(asked: &Asked<'_>) -> Value {
    let Some(facts) = Facts::of(asked) else {
        return Value::Null;
    };
    let mut claims = json!({
        "sub": facts.id_url,
        "user_id": facts.user,
        "organization_id": facts.org,
        "preferred_username": facts.username,
    });
    if facts.opens("profile") {
        claims["nickname"] = facts.nickname.clone().into();
        claims["name"] = facts.display_name.clone().into();
    }
    if facts.opens("email") {
        claims["email"] = facts.email.into();
        claims["email_verified"] = true.into();
    }
    if facts.opens("profile") {
        claims["given_name"] = facts.first_name.into();
        claims["family_name"] = facts.last_name.into();
        claims["zoneinfo"] = "GMT".into();
        claims["photos"] = facts.photos();
        claims["profile"] = format!("{}/{}", facts.base, facts.user).into();
        claims["picture"] = facts.photos()["picture"].clone();
    }
    if facts.opens("address") {
        claims["address"] = json!({});
    }
    claims["urls"] = facts.urls(None);
    claims["active"] = facts.active.into();
    claims["user_type"] = facts.user_type.into();
    if facts.opens("profile") {
        claims["language"] = "en_US".into();
        claims["locale"] = "en_US".into();
        claims["utcOffset"] = 0.into();
        claims["updated_at"] = facts
            .modified_at
            .strftime("%Y-%m-%dT%H:%M:%SZ")
            .to_string()
            .into();
    }
    claims["is_app_installed"] = facts.app_installed.into();
    claims
}

/// The body of the identity URL. `version` is the parameter: a version such as `60.0`, or `latest`, in place of `{version}` in `urls`.
pub fn identity(asked: &Asked<'_>, version: Option<&str>) -> Value {
    let Some(facts) = Facts::of(asked) else {
        return Value::Null;
    };
    let mut body = json!({
        "id": facts.id_url,
        "asserted_user": asked.view.caller == asked.person,
        "user_id": facts.user,
        "organization_id": facts.org,
        "username": facts.username,
        "nick_name": facts.nickname,
        "display_name": facts.display_name,
        "email": facts.email,
        "email_verified": true,
        "first_name": facts.first_name,
        "last_name": facts.last_name,
        "photos": facts.photos(),
        "urls": facts.urls(version),
        "active": facts.active,
        "user_type": facts.user_type,
        "language": "en_US",
        "locale": "en_US",
        "utcOffset": 0,
        "last_modified_date": time(facts.modified_at),
        "mobile_policy": { "screen_lock": 0, "pin_length": 0 },
        "custom_attributes": {},
    });
    if asked.scope.has("custom_permissions") || asked.scope.has("full") {
        body["custom_permissions"] = json!({});
    }
    body
}

/// Writes a body in a format. The element names of XML are the keys of JSON, under `user`.
pub fn render(body: &Value, format: Format) -> RestAnswer {
    match format {
        Format::Json => RestAnswer::json(200, body),
        Format::Xml => {
            let mut text = String::from(
                r#"<?xml version="1.0" encoding="UTF-8"?><user xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">"#,
            );
            if let Value::Object(map) = body {
                elements(map, &mut text);
            }
            text.push_str("</user>");
            RestAnswer {
                content_type: "application/xml;charset=UTF-8",
                body: text,
                ..RestAnswer::json(200, &Value::Null)
            }
        }
    }
}

/// Keys of this module alone become names of elements; values are escaped.
fn elements(map: &Map<String, Value>, into: &mut String) {
    for (key, value) in map {
        // Writing to a text cannot fail.
        let _ = match value {
            Value::Null => write!(into, r#"<{key} xsi:nil="true"/>"#),
            Value::Object(inner) => {
                let _ = write!(into, "<{key}>");
                elements(inner, into);
                write!(into, "</{key}>")
            }
            Value::String(text) => write!(into, "<{key}>{}</{key}>", escape(text.as_str())),
            other => write!(into, "<{key}>{other}</{key}>"),
        };
    }
}

struct Facts<'a> {
    id_url: String,
    base: &'a str,
    org: &'a str,
    user: &'a str,
    username: &'a str,
    nickname: String,
    display_name: String,
    email: &'a str,
    first_name: &'a str,
    last_name: &'a str,
    active: bool,
    user_type: &'static str,
    modified_at: Timestamp,
    app_installed: bool,
    scope: &'a ScopeSet,
}

impl<'a> Facts<'a> {
    fn of(asked: &Asked<'a>) -> Option<Self> {
        let view = asked.view;
        let record = view.directory.people.get(asked.person.0)?;
        let person = view.state.people.get(asked.person.0)?;
        let app = view.state.apps.get(asked.app.0);
        Some(Self {
            id_url: format!("{}{}", asked.issuer, path(view, asked.person)),
            base: &view.directory.org.my_domain_url,
            org: &view.directory.org.id,
            user: &record.id,
            username: &person.username,
            nickname: record.first_name.to_lowercase(),
            display_name: format!("{} {}", record.first_name, record.last_name),
            email: &record.email,
            first_name: &record.first_name,
            last_name: &record.last_name,
            active: person.active,
            user_type: match person.user_type {
                UserType::Standard => "STANDARD",
                UserType::External => "POWER_CUSTOMER_SUCCESS",
            },
            modified_at: record.modified_at,
            app_installed: app.is_some_and(|app| app.settings.latest().installed),
            scope: asked.scope,
        })
    }

    /// Whether the scope opens a part of the claims.
    fn opens(&self, part: &str) -> bool {
        ["id", "api", "full", part]
            .iter()
            .any(|scope| self.scope.has(scope))
    }

    fn photos(&self) -> Value {
        let photo = |size: char| format!("{}/profilephoto/005/{size}", self.base);
        json!({ "picture": photo('F'), "thumbnail": photo('T') })
    }

    /// SOAP addresses end in the 15-character org id.
    fn urls(&self, version: Option<&str>) -> Value {
        let version = match version {
            None => "{version}".to_owned(),
            Some("latest") => format!("{}.0", VERSIONS.end()),
            Some(version) => version.to_owned(),
        };
        let (base, org) = (self.base, self.org.get(..15).unwrap_or(self.org));
        let soap = |api: char| format!("{base}/services/Soap/{api}/{version}/{org}");
        let data = |rest: &str| format!("{base}/services/data/v{version}/{rest}");
        json!({
            "enterprise": soap('c'),
            "metadata": soap('m'),
            "partner": soap('u'),
            "rest": data(""),
            "sobjects": data("sobjects/"),
            "search": data("search/"),
            "query": data("query/"),
            "recent": data("recent/"),
            "profile": format!("{base}/{}", self.user),
            "feeds": data("chatter/feeds"),
            "groups": data("chatter/groups"),
            "users": data("chatter/users"),
            "feed_items": data("chatter/feed-items"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::OrgState;
    use crate::org::directory::Directory;

    fn with<R>(scope: &str, test: impl FnOnce(&Asked<'_>) -> R) -> R {
        let mut state = OrgState::healthy();
        state.people[0].username = "o'neil&co@acme.test".to_owned();
        let directory = Directory::of(
            &state,
            1,
            "https://acme.my.localhost:8443",
            Timestamp::UNIX_EPOCH,
        );
        let view = View {
            directory: &directory,
            state: &state,
            now: Timestamp::UNIX_EPOCH,
            caller: PersonId(0),
        };
        let scope = ScopeSet::from_wire(scope);
        test(&Asked {
            view: &view,
            person: PersonId(0),
            scope: &scope,
            app: AppId(0),
            issuer: "https://login.localhost:8444",
        })
    }

    fn keys(value: &Value) -> Vec<&str> {
        let map = value.as_object().expect("an object");
        map.keys().map(String::as_str).collect()
    }

    #[test]
    fn userinfo_has_every_documented_claim() {
        let body = with("api refresh_token web", userinfo);
        for claim in [
            "sub",
            "user_id",
            "organization_id",
            "preferred_username",
            "nickname",
            "name",
            "email",
            "email_verified",
            "given_name",
            "family_name",
            "zoneinfo",
            "photos",
            "profile",
            "picture",
            "address",
            "urls",
            "active",
            "user_type",
            "language",
            "locale",
            "utcOffset",
            "updated_at",
            "is_app_installed",
        ] {
            assert!(keys(&body).contains(&claim), "{claim}");
        }
        assert_eq!(
            body["sub"],
            "https://login.localhost:8444/id/00DSi0000000001MAA/005Si0000000001IAA"
        );
        assert_eq!(
            body["urls"]["enterprise"],
            "https://acme.my.localhost:8443/services/Soap/c/{version}/00DSi0000000001"
        );
    }

    #[test]
    fn openid_alone_shows_who_and_no_more() {
        let body = with("openid", userinfo);
        assert!(!keys(&body).contains(&"email") && !keys(&body).contains(&"name"));
        assert!(keys(&body).contains(&"sub"));
        let body = with("openid email", userinfo);
        assert!(keys(&body).contains(&"email") && !keys(&body).contains(&"name"));
    }

    #[test]
    fn identity_has_every_documented_key() {
        let body = with("id custom_permissions", |asked| {
            identity(asked, Some("latest"))
        });
        for key in [
            "id",
            "asserted_user",
            "user_id",
            "organization_id",
            "username",
            "nick_name",
            "display_name",
            "email",
            "email_verified",
            "first_name",
            "last_name",
            "photos",
            "urls",
            "active",
            "user_type",
            "language",
            "locale",
            "utcOffset",
            "last_modified_date",
            "mobile_policy",
            "custom_attributes",
            "custom_permissions",
        ] {
            assert!(keys(&body).contains(&key), "{key}");
        }
        assert_eq!(body["last_modified_date"], "1970-01-01T00:00:00.000+0000");
        assert_eq!(
            body["urls"]["rest"],
            "https://acme.my.localhost:8443/services/data/v66.0/"
        );
    }

    #[test]
    fn xml_escapes_its_values() {
        let answer = with("id", |asked| {
            render(
                &identity(asked, Some("<v>")),
                Format::asked(Some("xml"), None),
            )
        });
        assert!(answer.content_type.starts_with("application/xml"));
        assert!(
            answer
                .body
                .contains("<username>o&apos;neil&amp;co@acme.test</username>")
        );
        assert!(answer.body.contains("/v&lt;v&gt;/"));
    }

    #[test]
    fn a_path_is_refused_as_documented() {
        with("id", |asked| {
            let view = asked.view;
            assert_eq!(find(view, &path(view, PersonId(1))), Ok(PersonId(1)));
            assert_eq!(
                find(view, "/id/00DSi0000000001/005Si0000000001"),
                Ok(PersonId(0))
            );
            assert_eq!(
                find(view, "/id/00DSi0000000009/005Si0000000001"),
                Err((403, WRONG_ORG))
            );
            assert_eq!(find(view, "/id/me"), Err((404, BAD_ID)));
            assert_eq!(
                find(view, "/id/00DSi0000000001/005Si0000000099"),
                Err((404, BAD_ID))
            );
        });
    }
}
