//! Each grant as the events that its driver makes of it, played on a copy of the org.

use jiff::{SignedDuration, Timestamp};

use super::{Follow, NOW, World};
use crate::cause::CauseId;
use crate::exchange::Endpoint;
use crate::factor::Factor;
use crate::model::{
    AccessId, AnyToken, AppId, Authorize, Brings, Caller, CheckRow, CodeId, DevicePage,
    DeviceStart, Ended, Event, Family, FamilyId, Introspect, OrgState, Page, PageAnswer, PageInput,
    PermittedUsers, PersonId, RefreshId, RefreshToken, Resource, Revoke, SecretFact, Session,
    SessionLevel, Stage, Token, TokenFact, Use, Verdict, apply, decide,
};
use crate::oauth::{GrantKind, ScopeSet};

/// How a grant or a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// A token came, or the call passed.
    Granted {
        /// What is silently missing.
        lacking: Vec<CauseId>,
    },
    /// It was refused.
    Refused {
        /// Why.
        cause: CauseId,
        /// Where in the chain of checks.
        stage: Stage,
        /// Which endpoint said so.
        at: Endpoint,
    },
    /// A page stands in between that nobody gets past.
    Page {
        /// Which.
        page: Page,
        /// The setting that puts it there.
        cause: Option<CauseId>,
        /// Which endpoint showed it.
        at: Endpoint,
    },
    /// It cannot be tried: there is no refresh token to send.
    NotTried,
}

impl End {
    /// The cause of a refusal or of a page, else the first thing that is missing.
    pub fn cause(&self) -> Option<CauseId> {
        match self {
            Self::Granted { lacking } => lacking.first().copied(),
            Self::Refused { cause, .. } => Some(*cause),
            Self::Page { cause, .. } => *cause,
            Self::NotTried => None,
        }
    }

    /// Whether a token came, or the call passed; with or without something missing.
    pub const fn is_granted(&self) -> bool {
        matches!(self, Self::Granted { .. })
    }
}

/// A call with the token, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Used {
    /// What was called.
    pub at: Endpoint,
    /// How it ended.
    pub end: End,
}

/// What became of a grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// Which grant.
    pub grant: GrantKind,
    /// How it ended.
    pub end: End,
    /// What the calls with its token became: REST, userinfo, introspection, revocation; none where no token came.
    pub uses: Vec<Used>,
}

impl Ran {
    /// Whether the token came with nothing missing and REST takes it.
    pub fn passes(&self) -> bool {
        self.end
            == End::Granted {
                lacking: Vec::new(),
            }
            && self
                .uses
                .iter()
                .all(|used| used.at != Endpoint::Rest || used.end.is_granted())
    }

    /// The first cause that it names: of the grant, else of what is missing, else of REST, else of another use.
    pub fn cause(&self) -> Option<CauseId> {
        self.end
            .cause()
            .or_else(|| self.uses.iter().find_map(|used| used.end.cause()))
    }

    /// How the part that answers at an endpoint ended: the grant, or one of the uses.
    pub fn at(&self, endpoint: Endpoint) -> &End {
        self.uses
            .iter()
            .find(|used| used.at == endpoint)
            .map_or(&self.end, |used| &used.end)
    }
}

impl World {
    /// What becomes of a grant, and of the calls with its token. The world is not changed.
    pub fn run(&self, grant: GrantKind, trace: &mut impl Follow) -> Ran {
        self.run_for(self.user(), grant, trace)
    }

    /// The same for another user of the org in front of the client.
    pub fn run_for(
        &self,
        person: Option<PersonId>,
        grant: GrantKind,
        trace: &mut impl Follow,
    ) -> Ran {
        let mut flow = Flow {
            world: self,
            user: person,
            org: self.org.clone(),
            now: NOW,
            trace,
        };
        let end = match flow.play(grant) {
            Ok(lacking) => End::Granted { lacking },
            Err(end) => end,
        };
        let uses = if end.is_granted() {
            flow.uses(grant)
        } else {
            Vec::new()
        };
        Ran { grant, end, uses }
    }

    /// What the authorization endpoint has for a browser without a session: a page, or a refusal.
    pub fn look(&self) -> End {
        let mut flow = Flow {
            world: self,
            user: None,
            org: self.org.clone(),
            now: NOW,
            trace: &mut (),
        };
        match flow.ask_to_authorize(None, None) {
            Err(end) => end,
            Ok(_) => End::Granted {
                lacking: Vec::new(),
            },
        }
    }

    /// Every grant, each on its own copy of the org.
    pub fn run_all(&self) -> Vec<Ran> {
        GrantKind::ALL
            .into_iter()
            .map(|grant| self.run(grant, &mut ()))
            .collect()
    }
}

/// A grant under way.
struct Flow<'a, T> {
    world: &'a World,
    user: Option<PersonId>,
    org: OrgState,
    now: Timestamp,
    trace: &'a mut T,
}

type Step<R = ()> = Result<R, End>;

impl<T: Follow> Flow<'_, T> {
    /// Plays the grant; the `Ok` says what is silently missing from the token.
    fn play(&mut self, grant: GrantKind) -> Step<Vec<CauseId>> {
        let client = &self.world.client;
        let person = self.user;
        match grant {
            GrantKind::AuthorizationCode => {
                let code = self.authorize()?;
                self.redeem(code)
            }
            GrantKind::ClientCredentials => self.token(grant, Brings::Nothing),
            GrantKind::JwtBearer => {
                let fact = client.assertion(person);
                self.token(grant, Brings::Assertion(fact))
            }
            GrantKind::RefreshToken => {
                let token = self.earlier_refresh_token()?;
                let at_once = client.is(Factor::RefreshAtOnce, "many");
                let token = Some(token);
                self.token(grant, Brings::Refresh { token, at_once })
            }
            GrantKind::Device => self.device(),
            GrantKind::UsernamePassword => {
                let known = client.is(Factor::Username, "known");
                let brings = Brings::Password {
                    person: person.filter(|_| known),
                    password: client.password(),
                    security_token: client.security_token(),
                };
                self.token(grant, brings)
            }
            GrantKind::TokenExchange => {
                let subject = client.subject(person);
                self.token(grant, Brings::Subject(subject))
            }
        }
    }

    /// Judges an event at an endpoint and applies it; the `Ok` says what is missing and what was made.
    fn event(
        &mut self,
        event: &Event,
        at: Endpoint,
    ) -> Step<(Vec<CauseId>, crate::model::Applied)> {
        self.trace.at(at);
        match decide(&self.org, event, self.now, self.trace) {
            Verdict::Proceed { effects, lacking } => {
                let made = apply(&mut self.org, &effects, self.now);
                Ok((lacking, made))
            }
            Verdict::Interrupt { page, cause } => Err(End::Page { page, cause, at }),
            Verdict::Refuse {
                cause,
                stage,
                effects,
            } => {
                apply(&mut self.org, &effects, self.now);
                Err(End::Refused { cause, stage, at })
            }
        }
    }

    fn caller(&self) -> Caller {
        self.world.client.caller()
    }

    fn scopes(&self) -> ScopeSet {
        self.org.apps[World::APP.0]
            .settings
            .at(self.now)
            .scopes
            .clone()
    }

    fn asked(&self) -> Option<ScopeSet> {
        self.world.client.asks(&self.scopes())
    }

    /// A request at the token endpoint.
    fn token(&mut self, grant: GrantKind, brings: Brings) -> Step<Vec<CauseId>> {
        let client = &self.world.client;
        let fault = client.is(Factor::ServerFault, "once");
        self.trace.at(Endpoint::Token);
        self.trace.check(|| CheckRow {
            stage: Stage::Request,
            factor: Factor::ServerFault,
            found: if fault { "once" } else { "none" }.to_owned(),
            needed: "an answer of the server",
            passed: !fault,
            cause: CauseId::TransientServerFault,
        });
        if fault {
            return Err(End::Refused {
                cause: CauseId::TransientServerFault,
                stage: Stage::Request,
                at: Endpoint::Token,
            });
        }
        let event = Event::Token(Token {
            caller: self.caller(),
            post: client.is(Factor::HttpMethod, "POST"),
            form: client.is(Factor::ContentType, "form"),
            grant: client.is(Factor::GrantTypeSent, "right").then_some(grant),
            client: client.client_id(),
            secret: client.secret(),
            scope_sent: client.is(Factor::ScopeAtToken, "given"),
            verifier: client.verifier(grant),
            brings,
        });
        self.event(&event, Endpoint::Token)
            .map(|(lacking, _)| lacking)
    }

    fn redeem(&mut self, code: Option<CodeId>) -> Step<Vec<CauseId>> {
        let client = &self.world.client;
        let redirect_uri = if client.is(Factor::RedirectUriAtToken, "wrong") {
            "https://localhost/another".to_owned()
        } else {
            client.redirect_uri.clone()
        };
        let brings = Brings::Code {
            code,
            redirect_uri: Some(redirect_uri),
        };
        if let Some(code) = code.filter(|_| client.is(Factor::Code, "used")) {
            // Somebody was there before; whether that exchange passed in all is no part of this one.
            self.org.codes[code.0].spent = true;
        }
        if client.is(Factor::CodeAge, "older") {
            self.now += SignedDuration::from_mins(16);
        }
        self.token(GrantKind::AuthorizationCode, brings)
    }

    /// The browser's way to a code: asked without a session first, as a browser is.
    fn authorize(&mut self) -> Step<Option<CodeId>> {
        match self.ask_to_authorize(None, None) {
            Err(End::Page {
                page: Page::Login, ..
            }) => {}
            other => return other,
        }
        let session = self.log_in()?;
        let consent = self.world.client.is(Factor::Consent, "Allow");
        match self.ask_to_authorize(Some(session), Some(consent)) {
            Err(End::Page {
                page: Page::Verification(person),
                ..
            }) if self.world.client.verifies => {
                let session = self.verify(person)?;
                self.ask_to_authorize(Some(session), Some(consent))
            }
            other => other,
        }
    }

    /// One request at the authorization endpoint.
    fn ask_to_authorize(
        &mut self,
        session: Option<Session>,
        consent: Option<bool>,
    ) -> Step<Option<CodeId>> {
        let client = &self.world.client;
        let absent = client.is(Factor::RedirectUri, "absent");
        let event = Event::Authorize(Authorize {
            caller: self.caller(),
            client: client.client_id(),
            response_type_code: client.is(Factor::ResponseType, "code"),
            redirect_uri: (!absent).then(|| client.redirect_uri.clone()),
            challenge: client.challenge(),
            scope: self.asked(),
            immediate: client.is(Factor::Prompt, "none"),
            session,
            consent,
            too_late: client.is(Factor::ConsentDelay, "too long"),
        });
        let (_, made) = self.event(&event, Endpoint::Authorize)?;
        Ok(made.code)
    }

    fn page(&mut self, page: PageInput) -> Step<Session> {
        let event = Event::PageAnswer(PageAnswer {
            caller: self.caller(),
            page,
        });
        let (_, made) = self.event(&event, Endpoint::Page)?;
        made.session.ok_or(End::NotTried)
    }

    fn log_in(&mut self) -> Step<Session> {
        let client = &self.world.client;
        let known = client.is(Factor::Username, "known");
        let (person, password) = (self.user.filter(|_| known), client.password());
        let (verifies, other_org) = (client.verifies, client.is(Factor::BrowserSession, "other"));
        let session = match self.page(PageInput::Login { person, password }) {
            Err(End::Page {
                page: Page::Verification(person),
                ..
            }) if verifies => self.verify(person)?,
            other => other?,
        };
        Ok(Session {
            other_org,
            ..session
        })
    }

    fn verify(&mut self, person: PersonId) -> Step<Session> {
        self.page(PageInput::Verification {
            person,
            code: SecretFact::Right,
        })
    }

    fn device(&mut self) -> Step<Vec<CauseId>> {
        let client = self.world.client.clone();
        let start = Event::DeviceStart(DeviceStart {
            caller: self.caller(),
            post: client.is(Factor::HttpMethod, "POST"),
            client: client.client_id(),
            scope: self.asked(),
        });
        if client.is(Factor::ServerFault, "once") {
            return self.token(GrantKind::Device, Brings::Nothing);
        }
        let (lacking, made) = self.event(&start, Endpoint::DeviceAuthorization)?;
        let device = made.device;
        if client.is(Factor::DevicePerson, "approved") {
            let session = self.log_in()?;
            let page = |session| {
                Event::DevicePage(DevicePage {
                    caller: client.caller(),
                    device,
                    session: Some(session),
                    consent: Some(client.is(Factor::Consent, "Allow")),
                })
            };
            match self.event(&page(session), Endpoint::DevicePage) {
                Err(End::Page {
                    page: Page::Verification(person),
                    ..
                }) if client.verifies => {
                    let session = self.verify(person)?;
                    self.event(&page(session), Endpoint::DevicePage)?;
                }
                other => {
                    other?;
                }
            }
        }
        if client.is(Factor::DeviceCodeAge, "older") {
            self.now += SignedDuration::from_mins(11);
        }
        let device = device.filter(|_| client.is(Factor::DeviceCode, "right"));
        if client.is(Factor::DevicePolling, "too short") {
            // A poll just before, which found nobody yet.
            if let Some(id) = device {
                self.org.devices[id.0].polled_at = Some(self.now);
            }
        }
        self.token(GrantKind::Device, Brings::Device { device })?;
        Ok(lacking)
    }

    /// A refresh token that was granted yesterday, with the history that the client's words tell.
    fn earlier_refresh_token(&mut self) -> Step<RefreshId> {
        let scope = self.asked().unwrap_or_else(|| self.scopes());
        let (Some(person), true) = (self.user, scope.asks_refresh()) else {
            return Err(End::NotTried);
        };
        let client = &self.world.client;
        let settings = self.org.apps[World::APP.0].settings.at(self.now);
        let beyond = settings
            .refresh_token_period()
            .max(SignedDuration::from_hours(31 * 24))
            + SignedDuration::from_hours(24);
        let ago = |factor| {
            if client.is(factor, "beyond it") {
                self.now - beyond
            } else {
                self.now - SignedDuration::from_mins(10)
            }
        };
        let ended = if client.is(Factor::RefreshTokenRevoked, "yes") {
            Some(Ended::Revoked)
        } else if client.is(Factor::ApprovalCount, "more") {
            Some(Ended::SixthApproval)
        } else if client.is(Factor::ClientSecret, "former") {
            Some(Ended::SecretRotated)
        } else {
            None
        };
        let last_used = ago(Factor::RefreshTokenIdle);
        let verified = client.verifies;
        let family = Family {
            app: World::APP,
            person,
            scope,
            grant: if client.is(Factor::RefreshTokenOrigin, "device") {
                GrantKind::Device
            } else {
                GrantKind::AuthorizationCode
            },
            granted_at: ago(Factor::RefreshTokenAge).min(last_used),
            last_used,
            under: if client.approved_before_switch {
                PermittedUsers::AllSelfAuthorized
            } else {
                settings.permitted_users
            },
            level: if verified {
                SessionLevel::HighAssurance
            } else {
                SessionLevel::Standard
            },
            verified,
            ended,
        };
        let replaced =
            settings.refresh_token_rotation && client.is(Factor::RefreshTokenSent, "former");
        self.org.families.push(family);
        self.org.refresh_tokens.push(RefreshToken {
            family: FamilyId(self.org.families.len() - 1),
            replaced,
        });
        Ok(RefreshId(self.org.refresh_tokens.len() - 1))
    }

    /// The calls with the newest token, each as if it were the only one.
    fn uses(&mut self, grant: GrantKind) -> Vec<Used> {
        let client = &self.world.client;
        let Some(newest) = self.org.access_tokens.len().checked_sub(1).map(AccessId) else {
            return Vec::new();
        };
        if client.is(Factor::AccessTokenAge, "beyond it") {
            let token = &self.org.access_tokens[newest.0];
            self.now = token.expires_at;
        }
        let token = match (
            client.word(Factor::AccessTokenSent),
            client.word(Factor::AccessTokenPlace),
            client.word(Factor::AuthorizationHeader),
        ) {
            ("absent", ..) => TokenFact::Absent,
            (_, "query", _) => TokenFact::InQuery,
            (.., "malformed") => TokenFact::MalformedHeader,
            ("unknown", ..) => TokenFact::Unknown,
            _ => TokenFact::Known(newest),
        };
        let caller = Caller {
            address: client.uses_from,
            ..client.caller()
        };
        let mut uses = Vec::with_capacity(4);
        for (at, resource) in [
            (Endpoint::Rest, Resource::Rest),
            (Endpoint::Userinfo, Resource::Userinfo),
        ] {
            let call = Event::Use(Use {
                caller,
                token,
                resource,
            });
            uses.push(self.used(&call, at));
        }
        uses.push(self.introspected(newest));
        if grant != GrantKind::RefreshToken {
            let revoke = Event::Revoke(Revoke {
                token: AnyToken::Access(newest),
                unsupported_hint: self.world.client.is(Factor::RevokeTypeHint, "unsupported"),
            });
            uses.push(self.used(&revoke, Endpoint::Revoke));
        }
        uses
    }

    fn used(&mut self, event: &Event, at: Endpoint) -> Used {
        let end = match self.event(event, at) {
            Ok((lacking, _)) => End::Granted { lacking },
            Err(end) => end,
        };
        Used { at, end }
    }

    fn introspected(&mut self, newest: AccessId) -> Used {
        let client = &self.world.client;
        if client.is(Factor::TokenOwner, "other") {
            // The token belongs to another app of the org.
            let other = self.org.apps[World::APP.0].clone();
            self.org.apps.push(other);
            self.org.access_tokens[newest.0].app = AppId(self.org.apps.len() - 1);
        }
        let ask = Event::Introspect(Introspect {
            client: client.client_id(),
            secret: SecretFact::Right,
            token: AnyToken::Access(newest),
        });
        let used = self.used(&ask, Endpoint::Introspect);
        self.org.access_tokens[newest.0].app = World::APP;
        used
    }
}
