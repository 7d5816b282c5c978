//! The authorization endpoint: client and redirect URI first (raw body), then PKCE, then login, then app policies, then consent.

use super::super::decide::{Effect, Judge, Page, Ruling, Verdict, interrupt, proceed};
use super::super::event::{Authorize, ChallengeFact, Session};
use super::super::state::{AppId, PersonId};
use super::super::trace::{Stage, Trace};
use super::super::words::PermittedUsers;
use crate::cause::CauseId;
use crate::factor::Factor;
use crate::oauth::{GrantKind, Scope, ScopeSet};

const WS: GrantKind = GrantKind::AuthorizationCode;

impl<T: Trace> Judge<'_, T> {
    pub(in super::super) fn authorize(&mut self, request: &Authorize) -> Ruling<Verdict> {
        let app = self.client(request.caller, request.client)?;
        let redirect_uri = self.redirect_uri(app, request.redirect_uri.as_deref())?;
        self.check(
            Stage::Request,
            Factor::ResponseType,
            request.response_type_code,
            || {
                if request.response_type_code {
                    "code"
                } else {
                    "another"
                }
                .to_owned()
            },
            "code",
            CauseId::ResponseTypeWrong,
        )?;
        self.challenge_present(app, request.challenge)?;
        let session = self.session(request)?;
        let person = session.person;
        self.not_timed_out(request)?;
        self.eca_host(request.caller, app)?;
        self.open(app)?;
        self.own_org(app, person, session.other_org)?;
        self.installed(app, WS, Some(person))?;
        self.not_blocked(app)?;
        self.in_service(person, WS)?;
        self.interactive(person)?;
        self.permitted(app, person, WS, None)?;
        self.address(app, person, WS, request.caller, session.verified)?;
        self.session_level(app, person, WS, session.level)?;
        let scope = self.scopes(app, request.scope.as_ref())?;
        self.consent(app, person, &scope, request.consent, request.immediate)?;
        let lacking = self.lacking(app, request.scope.as_ref(), &scope);
        let effect = Effect::IssueCode {
            app,
            person,
            redirect_uri: redirect_uri.to_owned(),
            challenge: request.challenge,
            scope,
            asked: request.scope.clone(),
            level: session.level,
            verified: session.verified,
        };
        Ok(proceed(vec![effect], lacking))
    }

    fn redirect_uri<'r>(&mut self, app: AppId, sent: Option<&'r str>) -> Ruling<&'r str> {
        self.check(
            Stage::Request,
            Factor::RedirectUri,
            sent.is_some(),
            || sent.unwrap_or("none sent").to_owned(),
            "a registered callback URL",
            CauseId::CallbackNotSent,
        )?;
        let sent = sent.unwrap_or_default();
        let registered = self
            .settings(app)
            .callback_urls
            .iter()
            .any(|url| url == sent);
        self.check(
            Stage::Request,
            Factor::CallbackUrl,
            registered,
            || sent.to_owned(),
            "one of the registered callback URLs, byte for byte",
            CauseId::CallbackMismatch,
        )?;
        Ok(sent)
    }

    /// PKCE may be demanded by the app or by the org; a missing challenge fails here, in the raw body.
    fn challenge_present(&mut self, app: AppId, challenge: ChallengeFact) -> Ruling {
        let missing = challenge == ChallengeFact::Absent;
        let (by_app, by_org) = (
            self.settings(app).pkce_required,
            self.state.org.pkce_required,
        );
        let found = || {
            if missing {
                "no code_challenge"
            } else {
                "a code_challenge"
            }
            .to_owned()
        };
        let needed = "a code_challenge, or no requirement";
        self.check(
            Stage::Request,
            Factor::PkceRequired,
            !(missing && by_app),
            found,
            needed,
            CauseId::PkceRequiredByApp,
        )?;
        self.check(
            Stage::Request,
            Factor::OrgPkceRequired,
            !(missing && by_org),
            found,
            needed,
            CauseId::PkceRequiredByOrg,
        )
    }

    fn session(&mut self, request: &Authorize) -> Ruling<Session> {
        let nobody = request.session.is_none() && request.immediate;
        self.check(
            Stage::Login,
            Factor::Prompt,
            !nobody,
            || {
                if nobody {
                    "prompt=none without a session"
                } else {
                    "absent, or a session"
                }
                .to_owned()
            },
            "a login session, or a login page",
            CauseId::ImmediateWithoutSession,
        )?;
        request.session.map_or_else(|| interrupt(Page::Login), Ok)
    }

    fn not_timed_out(&mut self, request: &Authorize) -> Ruling {
        self.check(
            Stage::Consent,
            Factor::ConsentDelay,
            !request.too_late,
            || {
                if request.too_late {
                    "too long"
                } else {
                    "in time"
                }
                .to_owned()
            },
            "an answer in time",
            CauseId::ConsentPageTimedOut,
        )
    }

    /// API Only and Integration users cannot finish a browser flow (eca-policy 2.3, 2.29).
    pub(super) fn interactive(&mut self, person: PersonId) -> Ruling {
        let api_only = self.state.people[person.0].api_only;
        self.check(
            Stage::Person,
            Factor::ApiOnlyUser,
            !api_only,
            || api_only.to_string(),
            "false",
            CauseId::IntegrationUserInteractive,
        )
    }

    /// The granted scope: all of the app's where none is asked for; a scope that the app lacks is refused, never narrowed.
    pub(super) fn scopes(&mut self, app: AppId, asked: Option<&ScopeSet>) -> Ruling<ScopeSet> {
        let settings = self.settings(app);
        let mut all = settings.scopes.clone();
        for scope in settings.custom_scopes.iter() {
            all.add(scope);
        }
        let Some(asked) = asked.filter(|asked| !asked.is_empty()) else {
            return Ok(all);
        };
        for scope in asked.iter() {
            let standard = Scope::find(scope).is_some_and(|row| row.wire == scope);
            let custom = self.state.custom_scopes.has(scope);
            let found = || scope.to_owned();
            self.check(
                Stage::Scope,
                Factor::ScopeAsked,
                standard || custom,
                found,
                "a scope that exists",
                CauseId::ScopeNameUnknown,
            )?;
            if standard {
                self.check(
                    Stage::Scope,
                    Factor::Scopes,
                    all.covers(scope),
                    found,
                    "a scope of the app",
                    CauseId::ScopeNotOnApp,
                )?;
            } else {
                self.check(
                    Stage::Scope,
                    Factor::CustomScopes,
                    all.has(scope),
                    found,
                    "a custom scope assigned to the app",
                    CauseId::ScopeCustomUnassigned,
                )?;
            }
        }
        Ok(asked.clone())
    }

    fn consent(
        &mut self,
        app: AppId,
        person: PersonId,
        scope: &ScopeSet,
        answer: Option<bool>,
        immediate: bool,
    ) -> Ruling {
        if self.settings(app).permitted_users == PermittedUsers::AdminApprovedPreAuthorized {
            return Ok(());
        }
        let approved = self.state.families.iter().any(|family| {
            family.app == app
                && family.person == person
                && family.ended.is_none()
                && scope.iter().all(|one| family.scope.covers(one))
        });
        match answer {
            _ if approved => Ok(()),
            Some(answer) => self.check(
                Stage::Consent,
                Factor::Consent,
                answer,
                || if answer { "Allow" } else { "Deny" }.to_owned(),
                "Allow",
                CauseId::UserDeniedConsent,
            ),
            None if immediate => self.check(
                Stage::Consent,
                Factor::Prompt,
                false,
                || "prompt=none without an approval".to_owned(),
                "an approval",
                CauseId::ImmediateWithoutSession,
            ),
            None => interrupt(Page::Approval),
        }
    }

    /// What the tokens will lack without a word of the server.
    pub(super) fn lacking(
        &self,
        app: AppId,
        asked: Option<&ScopeSet>,
        granted: &ScopeSet,
    ) -> Vec<CauseId> {
        let has = &self.settings(app).scopes;
        let mut lacking = Vec::new();
        if !granted.asks_refresh() {
            lacking.push(if has.asks_refresh() && asked.is_some() {
                CauseId::ScopeRefreshNotRequested
            } else {
                CauseId::ScopeRefreshMissing
            });
        }
        if !granted.has("openid") {
            lacking.push(if has.has("openid") && asked.is_some() {
                CauseId::ScopeIdentityNotRequested
            } else {
                CauseId::ScopeOpenidMissing
            });
        }
        lacking
    }
}
