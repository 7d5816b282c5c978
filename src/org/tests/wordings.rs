//! Whatever the model refuses has words to be refused in: no answer is made up where the table has a gap.

use std::collections::BTreeSet;

use serde_json::json;

use super::*;
use crate::cause::{CONDITIONS, Channel, Shows, emitted};
use crate::factor::{Factor, FactorKind, Value as Setting};
use crate::model::Stage;
use crate::oauth::GrantKind;

#[test]
fn every_modelled_cause_has_a_wording_in_each_grant_that_it_refuses() {
    let mut gaps = BTreeSet::new();
    for row in CONDITIONS {
        for kind in [AppKind::ExternalClientApp, AppKind::ConnectedApp] {
            match row.shows {
                Shows::Silent => {}
                Shows::Refused => {
                    for &grant in row.grants {
                        if emitted(row.cause, kind, Some(grant), exits(grant)).is_none() {
                            gaps.insert(format!("{} at {grant}", row.cause));
                        }
                    }
                }
                Shows::InUse => {
                    if emitted(row.cause, kind, None, USES).is_none() {
                        gaps.insert(format!("{} in use", row.cause));
                    }
                }
            }
        }
    }
    assert!(gaps.is_empty(), "{gaps:#?}");
}

/// A call with a token is refused in the words of what was called.
#[test]
fn every_refused_call_has_a_word_of_its_own_channel() {
    use CauseId as C;
    let over = [
        C::TokenUnknown,
        C::AccessTokenExpired,
        C::JwtAccessTokenTimeout,
        C::RefreshRevoked,
        C::RefreshRotationReuse,
    ];
    let unread = [
        C::TokenNotSent,
        C::TokenInWrongPlace,
        C::AuthHeaderMalformed,
    ];
    let identity = [
        C::ScopeOpenidMissing,
        C::ScopeIdentityNotRequested,
        C::IdentityUrlMalformed,
        C::IdentityUrlOfOtherOrg,
        C::IdentityOfOtherUserForbidden,
    ];
    let revoked = [
        C::TokenUnknown,
        C::RefreshRevoked,
        C::RevokeTokenTypeUnsupported,
    ];
    let table = [
        (Channel::RestJson, [&over[..], &unread].concat()),
        (
            Channel::ResourcePlain,
            [&over[..], &unread, &identity].concat(),
        ),
        (
            Channel::IntrospectJson,
            [&over[..], &[C::IntrospectForeignToken]].concat(),
        ),
        (Channel::RevokeResponse, revoked.to_vec()),
    ];
    for (channel, causes) in table {
        for cause in causes {
            let found = emitted(cause, AppKind::default(), None, &[channel]);
            assert!(found.is_some(), "{cause} at {}", channel.name());
        }
    }
}

const USES: &[Channel] = &[
    Channel::RestJson,
    Channel::ResourcePlain,
    Channel::RevokeResponse,
    Channel::IntrospectJson,
];

const fn exits(grant: GrantKind) -> &'static [Channel] {
    match grant {
        GrantKind::AuthorizationCode => &[
            Channel::AuthorizeRawBody,
            Channel::AuthorizeUnspecified,
            Channel::CallbackRedirect,
            Channel::ErrorPage,
            Channel::HtmlPage,
            Channel::TokenJson,
        ],
        GrantKind::Device => &[Channel::TokenJson, Channel::HtmlPage],
        _ => &[Channel::TokenJson],
    }
}

/// Every value of every setting, alone, in front of every flow and behind it. The very exit that is used must have words.
#[tokio::test]
async fn no_setting_leads_to_an_exit_without_words() {
    let mut gaps = BTreeSet::new();
    for kind in [AppKind::ExternalClientApp, AppKind::ConnectedApp] {
        for delta in every_setting() {
            for before in [true, false] {
                try_setting(kind, &delta, before, &mut gaps).await;
            }
        }
    }
    assert!(gaps.is_empty(), "{gaps:#?}");
}

fn every_setting() -> Vec<Delta> {
    let mut all = Vec::new();
    for &factor in Factor::ALL {
        if matches!(factor.kind(), FactorKind::Request | FactorKind::Environment) {
            continue;
        }
        match factor.values() {
            "flag" => all.extend([true, false].map(|flag| Delta::new(factor, flag))),
            "number" => all.push(Delta::new(factor, 1)),
            "names" | "text" => {
                for text in [
                    "",
                    "203.0.113.0/24",
                    "Full,Web",
                    "OpenID",
                    "nobody@acme.test",
                ] {
                    all.push(Delta::new(factor, Setting::Word(text.to_owned())));
                }
            }
            words => all.extend(words.split('|').map(|word| Delta::new(factor, word))),
        }
    }
    all.push(Delta::new(Factor::LoginHours, "never"));
    all
}

/// Runs all flows with the setting made before them, or between grant and use.
async fn try_setting(kind: AppKind, delta: &Delta, before: bool, gaps: &mut BTreeSet<String>) {
    let mut state = OrgState::healthy();
    state.apps[0].kind = kind;
    let world = World::of(state);
    let change = || world.tenant.change(delta, AppId(0)).is_ok();
    if before && !change() {
        return;
    }
    let held = first_grant(&world, gaps).await;
    if !before && !change() {
        return;
    }
    let mut flows = Flows {
        world: &world,
        gaps,
        note: format!("{} = {}", delta.factor.key(), delta.value),
    };
    flows.all(held.as_ref()).await;
}

async fn first_grant(world: &World, gaps: &mut BTreeSet<String>) -> Option<Answer> {
    let mut flows = Flows {
        world,
        gaps,
        note: String::new(),
    };
    flows.code().await
}

struct Flows<'a> {
    world: &'a World,
    gaps: &'a mut BTreeSet<String>,
    note: String,
}

impl Flows<'_> {
    async fn all(&mut self, held: Option<&Answer>) {
        let world = self.world;
        if let Some(held) = held {
            self.after(held).await;
        }
        self.code().await;
        let cc = world.ask(&[("grant_type", "client_credentials")]).await;
        self.heard(&cc, GrantKind::ClientCredentials);
        let claims = json!({
            "iss": world.key(), "sub": "ana@acme.test", "aud": "https://localhost:8442",
            "exp": world.tenant.now().as_second() + 60,
        });
        for gate in [Gate::MyDomain, Gate::Login, Gate::Test] {
            let jwt = world.jwt(gate, &claims).await;
            self.heard(&jwt, GrantKind::JwtBearer);
        }
        let token = world.tenant.credentials().people[0]
            .security_token
            .expose()
            .to_owned();
        let password = format!("{}{token}", world.password());
        let fields = [
            ("grant_type", "password"),
            ("username", "ana@acme.test"),
            ("password", &password),
        ];
        let answer = world.ask(&fields).await;
        self.heard(&answer, GrantKind::UsernamePassword);
        self.device().await;
    }

    /// The uses of tokens that were granted before.
    async fn after(&mut self, held: &Answer) {
        let world = self.world;
        let (access, refresh) = (held.token("access_token"), held.token("refresh_token"));
        let fields = [
            (
                "grant_type",
                "urn:ietf:params:oauth:grant-type:token-exchange",
            ),
            ("subject_token", &access),
            (
                "subject_token_type",
                "urn:ietf:params:oauth:token-type:access_token",
            ),
        ];
        let exchanged = world.ask(&fields).await;
        self.heard(&exchanged, GrantKind::TokenExchange);
        for path in ["/services/oauth2/userinfo", "/services/data/v60.0/limits"] {
            let answer = world.use_at(path, &access).await;
            self.heard(&answer, GrantKind::AuthorizationCode);
        }
        let (key, secret) = (world.key(), world.secret());
        let fields = [
            ("client_id", key.as_str()),
            ("client_secret", &secret),
            ("token", &access),
        ];
        let answer = world.post("/services/oauth2/introspect", &fields).await;
        self.heard(&answer, GrantKind::ClientCredentials);
        if !refresh.is_empty() {
            let answer = world.refresh(&refresh).await;
            self.heard(&answer, GrantKind::RefreshToken);
        }
    }

    async fn code(&mut self) -> Option<Answer> {
        let world = self.world;
        *world.cookie.lock().unwrap() = None;
        let mut answer = world.get(&world.authorize_path(&[])).await;
        for _ in 0..6 {
            self.heard(&answer, GrantKind::AuthorizationCode);
            let Some(next) = self.person(&answer).await else {
                break;
            };
            answer = next;
        }
        let code = answer
            .location
            .as_ref()
            .and_then(|_| answer.parameter("code"))?;
        let token = world.redeem(&code).await;
        self.heard(&token, GrantKind::AuthorizationCode);
        (token.status == 200).then_some(token)
    }

    async fn device(&mut self) {
        let world = self.world;
        *world.cookie.lock().unwrap() = None;
        let key = world.key();
        let fields = [
            ("response_type", "device_code"),
            ("client_id", key.as_str()),
        ];
        let start = world.post(TOKEN, &fields).await;
        self.heard(&start, GrantKind::Device);
        if start.status != 200 {
            return;
        }
        let mut answer = world
            .post(
                "/setup/connect",
                &[("user_code", &start.token("user_code"))],
            )
            .await;
        for _ in 0..6 {
            self.heard(&answer, GrantKind::Device);
            let Some(next) = self.person(&answer).await else {
                break;
            };
            answer = next;
        }
        let code = start.token("device_code");
        let fields = [
            ("grant_type", "device"),
            ("client_id", key.as_str()),
            ("code", &code),
        ];
        let poll = world.post(TOKEN, &fields).await;
        self.heard(&poll, GrantKind::Device);
    }

    /// What a person does on the page that an answer leads to; `None` at the end of the way.
    async fn person(&self, answer: &Answer) -> Option<Answer> {
        let location = answer.location.as_deref()?;
        let flow = answer.parameter("flow")?;
        let page = self.world.get(location).await;
        assert_eq!(page.status, 200, "{location}: {page:?}");
        if page.body.contains("role=\"alert\"") {
            return None;
        }
        let world = self.world;
        match location.split('?').next()? {
            "/login" => Some(world.submit_login(&flow, &world.password()).await),
            "/_ui/identity/verification" => {
                let code = world.tenant.credentials().people[0]
                    .verification_code
                    .expose()
                    .to_owned();
                let fields = [("flow", flow.as_str()), ("verification_code", &code)];
                Some(world.post("/_ui/identity/verification", &fields).await)
            }
            path if path.ends_with("AuthorizationPage.apexp") => Some(
                world
                    .post(path, &[("flow", &flow), ("answer", "allow")])
                    .await,
            ),
            _ => None,
        }
    }

    /// Checks the last verdict's words in the exit that it took.
    fn heard(&mut self, answer: &Answer, grant: GrantKind) {
        let last = self.world.tenant.ledger().pop();
        let cause = last.as_ref().and_then(|entry| entry.cause);
        if answer.body.contains("unknown_error")
            || answer
                .location
                .as_ref()
                .is_some_and(|to| to.contains("unknown_error"))
        {
            self.gaps
                .insert(format!("{}: {cause:?} at {grant}: {answer:?}", self.note));
        }
        let Some(entry) = last.filter(|entry| entry.verdict == "refuse") else {
            return;
        };
        let shown = match entry.event {
            "page_answer" => GrantKind::AuthorizationCode,
            "device_page" => GrantKind::Device,
            "authorize" if entry.stage > Some(Stage::Client) => GrantKind::AuthorizationCode,
            _ => return,
        };
        let channels = if entry.event == "authorize" {
            &[
                Channel::CallbackRedirect,
                Channel::ErrorPage,
                Channel::HtmlPage,
            ][..]
        } else {
            &[Channel::HtmlPage][..]
        };
        let kind = self.world.tenant.look(|state, _| state.apps[0].kind);
        if let Some(cause) = cause
            && emitted(cause, kind, Some(shown), channels).is_none()
        {
            self.gaps.insert(format!(
                "{}: {cause} at {shown} ({})",
                self.note, entry.event
            ));
        }
    }
}
