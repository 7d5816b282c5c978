//! The token endpoint, in the order of wire facts section 5.5.

use jiff::SignedDuration;

use super::super::decide::{Effect, FamilyPlan, Judge, Ruling, Tokens, Verdict, proceed, refuse};
use super::super::event::{
    AssertionFact, Brings, ChallengeFact, SecretFact, SubjectFact, Token, VerifierFact,
};
use super::super::state::{AppId, CodeId, Ended, FamilyId, PersonId, RefreshId};
use super::super::trace::{Stage, Trace};
use super::super::words::{
    Certificate, Handler, PermittedUsers, RefreshTokenPolicy, SessionLevel, UserType,
};
use crate::cause::{AppKind, CauseId};
use crate::factor::Factor;
use crate::oauth::{GrantKind, ScopeSet};

/// A code lives fifteen minutes and is good once (wire facts 6.1).
const CODE_LIFE: SignedDuration = SignedDuration::from_mins(15);
/// What a check of the request found, for the trace.
fn right_or(right: bool, wrong: &'static str) -> impl Fn() -> String {
    move || if right { "right" } else { wrong }.to_owned()
}

fn sent(sent: bool) -> String {
    if sent { "sent" } else { "not sent" }.to_owned()
}

/// The idle limit that stands beside the refresh token policy.
const IDLE_LIMIT: SignedDuration = SignedDuration::from_hours(30 * 24);

impl<T: Trace> Judge<'_, T> {
    pub(in super::super) fn token(&mut self, request: &Token) -> Ruling<Verdict> {
        self.post(request.post)?;
        self.check(
            Stage::Request,
            Factor::ContentType,
            request.form,
            || if request.form { "form" } else { "JSON" }.to_owned(),
            "application/x-www-form-urlencoded",
            CauseId::BodyNotFormEncoded,
        )?;
        self.check(
            Stage::Request,
            Factor::GrantTypeSent,
            request.grant.is_some(),
            || {
                request.grant.map_or_else(
                    || "unknown or missing".to_owned(),
                    |grant| grant.grant_type().to_owned(),
                )
            },
            "a grant type of Salesforce",
            CauseId::GrantTypeWrong,
        )?;
        let Some(grant) = request.grant else {
            return refuse(Stage::Request, CauseId::GrantTypeWrong, Vec::new());
        };
        self.host_takes(request.caller, grant)?;
        self.check(
            Stage::Request,
            Factor::ScopeAtToken,
            !request.scope_sent || grant == GrantKind::TokenExchange,
            || sent(request.scope_sent),
            "not sent",
            CauseId::ScopeSentToTokenEndpoint,
        )?;
        let app = self.client(request.caller, request.client)?;
        if matches!(
            grant,
            GrantKind::JwtBearer | GrantKind::AuthorizationCode | GrantKind::Device
        ) {
            self.eca_host(request.caller, app)?;
        }
        self.open(app)?;
        if matches!(grant, GrantKind::RefreshToken | GrantKind::Device) {
            self.not_blocked(app)?;
        }
        if matches!(
            grant,
            GrantKind::RefreshToken | GrantKind::JwtBearer | GrantKind::Device
        ) && self.is_eca(app)
            || matches!(grant, GrantKind::RefreshToken | GrantKind::Device)
        {
            self.installed(app, grant, self.family_person(request))?;
        }
        let of_device = self
            .family(request)
            .is_some_and(|(_, id)| self.state.families[id.0].grant == GrantKind::Device);
        if grant != GrantKind::JwtBearer {
            self.client_authentication(app, grant, request.secret, of_device)?;
        }
        match grant {
            GrantKind::AuthorizationCode => self.redeem(app, request),
            GrantKind::ClientCredentials => self.client_credentials(app, request),
            GrantKind::JwtBearer => self.jwt_bearer(app, request),
            GrantKind::RefreshToken => self.refresh(app, request),
            GrantKind::Device => {
                let Brings::Device { device } = request.brings else {
                    return refuse(Stage::Grant, CauseId::DeviceCodeWrong, Vec::new());
                };
                self.device_poll(app, device, request.caller)
            }
            GrantKind::UsernamePassword => self.username_password(app, request),
            GrantKind::TokenExchange => self.token_exchange(app, request),
        }
    }

    /// The token endpoint takes POST only.
    pub(super) fn post(&mut self, post: bool) -> Ruling {
        self.check(
            Stage::Request,
            Factor::HttpMethod,
            post,
            || if post { "POST" } else { "GET" }.to_owned(),
            "POST",
            CauseId::HttpMethodWrong,
        )
    }

    fn family(&self, request: &Token) -> Option<(RefreshId, FamilyId)> {
        match request.brings {
            Brings::Refresh {
                token: Some(token), ..
            } => Some((token, self.state.refresh_tokens[token.0].family)),
            _ => None,
        }
    }

    fn family_person(&self, request: &Token) -> Option<PersonId> {
        self.family(request)
            .map(|(_, id)| self.state.families[id.0].person)
    }

    fn redeem(&mut self, app: AppId, request: &Token) -> Ruling<Verdict> {
        let Brings::Code { code, redirect_uri } = &request.brings else {
            return refuse(Stage::Grant, CauseId::AuthCodeStale, Vec::new());
        };
        let stale = CauseId::AuthCodeStale;
        let own = code.filter(|id| self.state.codes[id.0].app == app);
        self.check(
            Stage::Grant,
            Factor::Code,
            own.is_some(),
            || if own.is_some() { "known" } else { "unknown" }.to_owned(),
            "a code of this app",
            stale,
        )?;
        let Some(id) = own else {
            return refuse(Stage::Grant, stale, Vec::new());
        };
        let code = self.state.codes[id.0].clone();
        let age = self.now.duration_since(code.issued_at);
        self.check(
            Stage::Grant,
            Factor::Code,
            !code.spent,
            || if code.spent { "used before" } else { "unused" }.to_owned(),
            "unused",
            stale,
        )?;
        self.check(
            Stage::Grant,
            Factor::CodeAge,
            age <= CODE_LIFE,
            || format!("{} s", age.as_secs()),
            "at most 15 minutes",
            stale,
        )?;
        // A refused exchange uses the code up all the same.
        let spend = || vec![Effect::SpendCode(id)];
        self.check_with(
            Stage::Grant,
            Factor::RedirectUriAtToken,
            redirect_uri.as_deref() == Some(code.redirect_uri.as_str()),
            || {
                redirect_uri
                    .clone()
                    .unwrap_or_else(|| "none sent".to_owned())
            },
            "the redirect_uri of the authorization request",
            CauseId::CallbackTokenStepMismatch,
            spend,
        )?;
        self.verifier(code.challenge, request.verifier, id)?;
        let (person, grant) = (code.person, GrantKind::AuthorizationCode);
        self.in_service(person, grant)?;
        self.refresh_allowlist(app, request.caller)?;
        self.api_access_control(Stage::Admission, app, person)?;
        let lacking = self.lacking(app, code.asked.as_ref(), &code.scope);
        let tokens = self.tokens(
            app,
            person,
            grant,
            code.scope,
            code.asked,
            request,
            FamilyPlan::New,
        );
        let tokens = Tokens {
            level: code.level,
            verified: code.verified,
            ..tokens
        };
        Ok(proceed(
            vec![Effect::SpendCode(id), Effect::IssueTokens(Box::new(tokens))],
            lacking,
        ))
    }

    fn verifier(
        &mut self,
        challenge: ChallengeFact,
        verifier: VerifierFact,
        code: CodeId,
    ) -> Ruling {
        use VerifierFact as V;
        let found = || {
            match verifier {
                V::Absent => "none sent",
                V::Right => "right",
                V::Wrong => "hashes to another challenge",
                V::BadCharset => "characters outside RFC 7636",
            }
            .to_owned()
        };
        let (passed, cause) = match (challenge, verifier) {
            (ChallengeFact::Absent, V::Absent) | (ChallengeFact::Present, V::Right) => {
                (true, CauseId::PkceVerifierMismatch)
            }
            (ChallengeFact::Absent, _) => (false, CauseId::PkceVerifierUnexpected),
            (ChallengeFact::Malformed, _) => (false, CauseId::PkceChallengeMalformed),
            (ChallengeFact::Present, V::Absent) => (false, CauseId::PkceVerifierMissing),
            (ChallengeFact::Present, V::BadCharset) => (false, CauseId::PkceVerifierBadCharset),
            (ChallengeFact::Present, V::Wrong) => (false, CauseId::PkceVerifierMismatch),
        };
        let needed = "the verifier of the challenge, or none where no challenge was sent";
        self.check_with(
            Stage::Grant,
            Factor::CodeVerifier,
            passed,
            found,
            needed,
            cause,
            || vec![Effect::SpendCode(code)],
        )
    }

    fn client_credentials(&mut self, app: AppId, request: &Token) -> Ruling<Verdict> {
        let settings = self.settings(app).clone();
        let person = self.run_as(app)?;
        let grant = GrantKind::ClientCredentials;
        self.permitted(app, person, grant, None)?;
        self.in_service(person, grant)?;
        self.org_active()?;
        self.login_rate(person)?;
        self.address(app, person, grant, request.caller, false)?;
        self.session_level(app, person, grant, SessionLevel::Standard)?;
        let mut scope = settings.scopes.clone();
        for unusable in ["full", "web", "refresh_token", "offline_access"] {
            scope.remove(unusable);
        }
        for custom in settings.custom_scopes.iter() {
            scope.add(custom);
        }
        // `openid` and its family alone let nothing be called, but are scopes of the grant all the same.
        self.check(
            Stage::Scope,
            Factor::Scopes,
            !scope.is_empty(),
            || settings.scopes.to_wire(),
            "a scope other than full, web, refresh_token",
            CauseId::ScopeCcNoneValid,
        )?;
        let tokens = self.tokens(app, person, grant, scope, None, request, FamilyPlan::None);
        Ok(proceed(
            vec![Effect::IssueTokens(Box::new(tokens))],
            Vec::new(),
        ))
    }

    fn run_as(&mut self, app: AppId) -> Ruling<PersonId> {
        let settings = self.settings(app).clone();
        let (in_settings, in_policies) = (
            settings.client_credentials_in_settings,
            settings.client_credentials_in_policies,
        );
        self.check(
            Stage::Grant,
            Factor::ClientCredentialsInSettings,
            in_settings,
            || in_settings.to_string(),
            "true",
            CauseId::CcOffInSettings,
        )?;
        self.check(
            Stage::Grant,
            Factor::PolicyRecord,
            settings.policy_record,
            || settings.policy_record.to_string(),
            "true",
            CauseId::PolicyRecordMissing,
        )?;
        self.check(
            Stage::Grant,
            Factor::ClientCredentialsInPolicies,
            in_policies,
            || in_policies.to_string(),
            "true",
            CauseId::CcOffInPolicies,
        )?;
        let user = settings.client_credentials_flow_user;
        let found = || user.clone().unwrap_or_else(|| "(absent)".to_owned());
        let needed = "the username of an active user";
        self.check(
            Stage::Grant,
            Factor::ClientCredentialsFlowUser,
            user.is_some(),
            found,
            needed,
            CauseId::CcRunAsMissing,
        )?;
        let person = user.as_deref().and_then(|name| self.state.person(name));
        self.check(
            Stage::Grant,
            Factor::ClientCredentialsFlowUser,
            person.is_some(),
            found,
            needed,
            CauseId::CcRunAsWrongValue,
        )?;
        let Some(person) = person else {
            return refuse(Stage::Grant, CauseId::CcRunAsWrongValue, Vec::new());
        };
        let kind = self.state.people[person.0].user_type;
        self.check(
            Stage::Grant,
            Factor::UserType,
            kind == UserType::Standard,
            || kind.word().to_owned(),
            "Standard",
            CauseId::CcRunAsExternal,
        )?;
        Ok(person)
    }

    fn jwt_bearer(&mut self, app: AppId, request: &Token) -> Ruling<Verdict> {
        let Brings::Assertion(fact) = &request.brings else {
            return refuse(Stage::Grant, CauseId::JwtMalformed, Vec::new());
        };
        let grant = GrantKind::JwtBearer;
        self.assertion(app, fact)?;
        self.my_domain_needed(request.caller)?;
        self.check(
            Stage::Grant,
            Factor::AssertionSubject,
            fact.person.is_some(),
            right_or(fact.person.is_some(), "no username of this org"),
            "a username of this org",
            CauseId::JwtSubjectWrong,
        )?;
        let Some(person) = fact.person else {
            return refuse(Stage::Grant, CauseId::JwtSubjectWrong, Vec::new());
        };
        self.permitted(app, person, grant, None)?;
        let settings = self.settings(app).clone();
        self.check(
            Stage::Admission,
            Factor::Scopes,
            settings.scopes.asks_refresh(),
            || settings.scopes.to_wire(),
            "refresh_token or offline_access among the scopes",
            CauseId::ScopeRefreshMissingJwt,
        )?;
        self.in_service(person, grant)?;
        self.org_active()?;
        self.login_rate(person)?;
        self.login_hours(person)?;
        self.address(app, person, grant, request.caller, false)?;
        self.session_level(app, person, grant, SessionLevel::Standard)?;
        let scope = self.scope_without_page(app, person, &settings);
        let tokens = self.tokens(app, person, grant, scope, None, request, FamilyPlan::None);
        Ok(proceed(
            vec![Effect::IssueTokens(Box::new(tokens))],
            Vec::new(),
        ))
    }

    /// Scopes of the app under admin pre-approval, else those of earlier approvals together (wire facts section 4).
    fn scope_without_page(
        &self,
        app: AppId,
        person: PersonId,
        settings: &super::super::AppSettings,
    ) -> ScopeSet {
        if settings.permitted_users == PermittedUsers::AdminApprovedPreAuthorized {
            return settings.scopes.clone();
        }
        self.state
            .families
            .iter()
            .filter(|family| family.app == app && family.person == person && family.ended.is_none())
            .flat_map(|family| family.scope.iter())
            .collect()
    }

    fn assertion(&mut self, app: AppId, fact: &AssertionFact) -> Ruling {
        let certificate = self.settings(app).certificate;
        let expired_refuses = self.settings(app).expired_certificate_refuses;
        self.check(
            Stage::Grant,
            Factor::AssertionForm,
            fact.well_formed,
            right_or(fact.well_formed, "no signed JWT"),
            "a signed JWT",
            CauseId::JwtMalformed,
        )?;
        self.check(
            Stage::Grant,
            Factor::AssertionAlgorithm,
            fact.rs256,
            right_or(fact.rs256, "another"),
            "RS256",
            CauseId::JwtAlgorithmUnsupported,
        )?;
        self.check(
            Stage::Grant,
            Factor::AssertionClaims,
            fact.complete,
            right_or(fact.complete, "incomplete"),
            "iss, sub, aud and exp",
            CauseId::JwtClaimsMissing,
        )?;
        self.check(
            Stage::Grant,
            Factor::Certificate,
            certificate != Certificate::Absent,
            || certificate.word().to_owned(),
            "a certificate on the app",
            CauseId::JwtCertificateMissing,
        )?;
        let matches = fact.signature && certificate != Certificate::Other;
        self.check(
            Stage::Grant,
            Factor::AssertionKey,
            matches,
            right_or(matches, "the signature does not fit the certificate"),
            "the key of the app's certificate",
            CauseId::JwtCertificateMismatch,
        )?;
        self.check(
            Stage::Grant,
            Factor::Certificate,
            certificate != Certificate::Expired || !expired_refuses,
            || certificate.word().to_owned(),
            "a certificate that has not ended",
            CauseId::JwtCertificateExpired,
        )?;
        self.check(
            Stage::Grant,
            Factor::AssertionAudience,
            fact.audience,
            right_or(
                fact.audience,
                "no address of this org's authorization server",
            ),
            "the login host or the My Domain of the org",
            CauseId::JwtAudienceWrong,
        )?;
        self.check(
            Stage::Grant,
            Factor::AssertionExpiry,
            fact.in_time,
            right_or(fact.in_time, "passed"),
            "ahead, with three minutes of skew",
            CauseId::AssertionClockOrLifetime,
        )?;
        self.check(
            Stage::Grant,
            Factor::AssertionJti,
            !fact.replayed,
            right_or(!fact.replayed, "used before"),
            "a fresh jti, or none",
            CauseId::JwtJtiReplayed,
        )
    }

    fn refresh(&mut self, app: AppId, request: &Token) -> Ruling<Verdict> {
        self.check(
            Stage::Grant,
            Factor::CodeVerifier,
            request.verifier == VerifierFact::Absent,
            || sent(request.verifier != VerifierFact::Absent),
            "no code_verifier in a refresh",
            CauseId::PkceVerifierUnexpected,
        )?;
        let family_of = self
            .family(request)
            .filter(|(_, family)| self.state.families[family.0].app == app);
        self.check(
            Stage::Grant,
            Factor::RefreshTokenRevoked,
            family_of.is_some(),
            right_or(family_of.is_some(), "no token of this app"),
            "a refresh token of this app",
            CauseId::RefreshRevoked,
        )?;
        let Some((token, id)) = family_of else {
            return refuse(Stage::Grant, CauseId::RefreshRevoked, Vec::new());
        };
        self.refresh_token_alive(app, token, id, request)?;
        let family = self.state.families[id.0].clone();
        let (person, grant) = (family.person, GrantKind::RefreshToken);
        self.permitted(app, person, grant, Some(&family))?;
        self.api_access_control(Stage::Admission, app, person)?;
        self.in_service(person, grant)?;
        self.org_active()?;
        self.login_hours(person)?;
        self.address(app, person, grant, request.caller, family.verified)?;
        self.refresh_allowlist(app, request.caller)?;
        self.session_level(app, person, grant, family.level)?;
        let rotates = self.settings(app).refresh_token_rotation;
        let plan = FamilyPlan::Of {
            family: id,
            replaces: rotates.then_some(token),
        };
        let tokens = self.tokens(
            app,
            person,
            grant,
            family.scope.clone(),
            None,
            request,
            plan,
        );
        let tokens = Tokens {
            level: family.level,
            verified: family.verified,
            ..tokens
        };
        Ok(proceed(
            vec![Effect::IssueTokens(Box::new(tokens))],
            Vec::new(),
        ))
    }

    /// Rotation, revocation, policy, idle limit: all answer `expired access/refresh token`.
    fn refresh_token_alive(
        &mut self,
        app: AppId,
        token: RefreshId,
        id: FamilyId,
        request: &Token,
    ) -> Ruling {
        let family = self.state.families[id.0].clone();
        let settings = self.settings(app).clone();
        let at_once = matches!(request.brings, Brings::Refresh { at_once: true, .. });
        self.check(
            Stage::Grant,
            Factor::RefreshAtOnce,
            !at_once,
            || {
                if at_once {
                    "another is under way"
                } else {
                    "one"
                }
                .to_owned()
            },
            "one refresh at a time",
            CauseId::RefreshConcurrentRequest,
        )?;
        // Reuse of a replaced token ends the current refresh token and all access tokens of the family.
        let replaced = self.state.refresh_tokens[token.0].replaced;
        self.check_with(
            Stage::Grant,
            Factor::RefreshTokenSent,
            !replaced,
            right_or(!replaced, "one that rotation replaced"),
            "the newest refresh token",
            CauseId::RefreshRotationReuse,
            || vec![Effect::EndFamily(id, Ended::RotationReuse)],
        )?;
        let (factor, cause) = match family.ended {
            None | Some(Ended::Revoked) => (Factor::RefreshTokenRevoked, CauseId::RefreshRevoked),
            Some(Ended::SixthApproval) => (Factor::ApprovalCount, CauseId::RefreshFiveApprovals),
            Some(Ended::RotationReuse) => (Factor::RefreshTokenSent, CauseId::RefreshRotationReuse),
            Some(Ended::SecretRotated) => (Factor::ConsumerSecret, CauseId::SecretRotated),
        };
        self.check(
            Stage::Grant,
            factor,
            family.ended.is_none(),
            || {
                if family.ended.is_none() {
                    "live"
                } else {
                    "ended"
                }
                .to_owned()
            },
            "a live approval",
            cause,
        )?;
        let policy = settings.refresh_token_policy;
        let found = || policy.word().to_owned();
        self.check(
            Stage::Grant,
            Factor::RefreshTokenPolicy,
            policy != RefreshTokenPolicy::Zero,
            found,
            "any other than Zero",
            CauseId::RefreshPolicyZero,
        )?;
        let (age, idle) = (
            self.now.duration_since(family.granted_at),
            self.now.duration_since(family.last_used),
        );
        let period = settings.refresh_token_period();
        let days = |span: SignedDuration| move || format!("{} h", span.as_hours());
        self.check(
            Stage::Grant,
            Factor::RefreshTokenAge,
            policy != RefreshTokenPolicy::SpecificLifetime || age <= period,
            days(age),
            "within the lifetime of the policy",
            CauseId::RefreshLifetimePassed,
        )?;
        self.check(
            Stage::Grant,
            Factor::RefreshTokenIdle,
            policy != RefreshTokenPolicy::SpecificInactivity || idle <= period,
            days(idle),
            "within the time of disuse of the policy",
            CauseId::RefreshInactivityPassed,
        )?;
        self.check(
            Stage::Grant,
            Factor::RefreshTokenIdleLimit,
            !settings.refresh_token_idle_limit || idle <= IDLE_LIMIT,
            days(idle),
            "at most 30 days",
            CauseId::RefreshIdleTtl,
        )
    }

    fn username_password(&mut self, app: AppId, request: &Token) -> Ruling<Verdict> {
        let Brings::Password {
            person,
            password,
            security_token,
        } = request.brings
        else {
            return refuse(Stage::Grant, CauseId::UsernameWrong, Vec::new());
        };
        let grant = GrantKind::UsernamePassword;
        let kind = self.app(app).kind;
        let allowed = kind == AppKind::ConnectedApp || self.settings(app).username_password_on_eca;
        self.check(
            Stage::Grant,
            Factor::UsernamePasswordOnEca,
            allowed,
            || {
                if kind == AppKind::ConnectedApp {
                    "connected app"
                } else {
                    "External Client App"
                }
                .to_owned()
            },
            "a connected app",
            CauseId::UsernamePasswordUnsupportedEca,
        )?;
        let org = self.state.org.clone();
        self.check(
            Stage::Grant,
            Factor::UsernamePasswordBlocked,
            !org.username_password_blocked,
            || org.username_password_blocked.to_string(),
            "false",
            CauseId::UsernamePasswordBlockedOrg,
        )?;
        self.org_active()?;
        self.my_domain_needed(request.caller)?;
        self.my_domain_login(request.caller)?;
        self.check(
            Stage::Login,
            Factor::SsoOnlyLogin,
            !org.sso_only_login,
            || org.sso_only_login.to_string(),
            "false",
            CauseId::SsoOnlyLogin,
        )?;
        let person = self.user_named(person)?;
        self.not_locked(person)?;
        let right = password == SecretFact::Right;
        self.check(
            Stage::Login,
            Factor::Password,
            right,
            right_or(right, "wrong"),
            "the password of the user",
            CauseId::PasswordWrong,
        )?;
        self.security_token(
            security_token,
            org.network_access
                .iter()
                .any(|net| net.contains(&request.caller.address)),
        )?;
        self.in_service(person, grant)?;
        self.login_rate(person)?;
        let someone = self.state.people[person.0].clone();
        self.check(
            Stage::Person,
            Factor::PasswordExpired,
            !someone.password_expired,
            || someone.password_expired.to_string(),
            "false",
            CauseId::PasswordExpired,
        )?;
        self.check(
            Stage::Person,
            Factor::MfaForApi,
            !someone.mfa_for_api,
            || someone.mfa_for_api.to_string(),
            "false, or a one-time code after the password",
            CauseId::MfaForApiLogins,
        )?;
        self.permitted(app, person, grant, None)?;
        self.login_hours(person)?;
        self.address(app, person, grant, request.caller, false)?;
        self.session_level(app, person, grant, SessionLevel::Standard)?;
        let scope = self.settings(app).scopes.clone();
        let tokens = self.tokens(app, person, grant, scope, None, request, FamilyPlan::None);
        Ok(proceed(
            vec![Effect::IssueTokens(Box::new(tokens))],
            Vec::new(),
        ))
    }

    /// The security token is needed from an address that the org does not trust.
    fn security_token(&mut self, token: SecretFact, trusted: bool) -> Ruling {
        let needed = "the security token after the password, or a trusted address";
        self.check(
            Stage::Login,
            Factor::SecurityToken,
            trusted || token != SecretFact::Absent,
            || {
                match (trusted, token) {
                    (true, _) => "a trusted address",
                    (_, SecretFact::Absent) => "absent",
                    _ => "sent",
                }
                .to_owned()
            },
            needed,
            CauseId::SecurityTokenMissing,
        )?;
        self.check(
            Stage::Login,
            Factor::SecurityToken,
            trusted || token == SecretFact::Right,
            right_or(trusted || token == SecretFact::Right, "one that was reset"),
            needed,
            CauseId::SecurityTokenStale,
        )
    }

    fn token_exchange(&mut self, app: AppId, request: &Token) -> Ruling<Verdict> {
        let settings = self.settings(app).clone();
        let grant = GrantKind::TokenExchange;
        let (developer, admin, handler) = (
            settings.token_exchange_in_settings,
            settings.token_exchange_in_policies,
            settings.token_exchange_handler,
        );
        self.check(
            Stage::Grant,
            Factor::TokenExchangeInSettings,
            developer,
            || developer.to_string(),
            "true",
            CauseId::TxOffInSettings,
        )?;
        self.check(
            Stage::Grant,
            Factor::PolicyRecord,
            settings.policy_record,
            || settings.policy_record.to_string(),
            "true",
            CauseId::PolicyRecordMissing,
        )?;
        self.check(
            Stage::Grant,
            Factor::TokenExchangeInPolicies,
            admin,
            || admin.to_string(),
            "true",
            CauseId::TxOffInPolicies,
        )?;
        self.check(
            Stage::Grant,
            Factor::TokenExchangeHandler,
            handler != Handler::NotEnabled,
            || handler.word().to_owned(),
            "enabled",
            CauseId::TxHandlerNotEnabled,
        )?;
        let Brings::Subject(subject) = request.brings else {
            return refuse(Stage::Grant, CauseId::SubjectTokenInvalid, Vec::new());
        };
        self.check(
            Stage::Grant,
            Factor::SubjectToken,
            subject != SubjectFact::OwnJwt,
            right_or(
                subject != SubjectFact::OwnJwt,
                "a JWT access token of this org",
            ),
            "a subject token that the handler takes",
            CauseId::SubjectTokenIsJwtFormat,
        )?;
        let subject_of = match subject {
            SubjectFact::Of(person) => Some(person),
            SubjectFact::OwnJwt | SubjectFact::Invalid => None,
        };
        self.check(
            Stage::Grant,
            Factor::SubjectToken,
            subject_of.is_some(),
            right_or(subject_of.is_some(), "invalid"),
            "a subject token that the handler takes",
            CauseId::SubjectTokenInvalid,
        )?;
        let Some(person) = subject_of else {
            return refuse(Stage::Grant, CauseId::SubjectTokenInvalid, Vec::new());
        };
        self.check(
            Stage::Grant,
            Factor::TokenExchangeHandler,
            handler != Handler::Rejects,
            || handler.word().to_owned(),
            "a handler that accepts the subject",
            CauseId::TxHandlerRejects,
        )?;
        self.permitted(app, person, grant, None)?;
        self.in_service(person, grant)?;
        self.org_active()?;
        self.address(app, person, grant, request.caller, false)?;
        let scope = self.scope_without_page(app, person, &settings);
        let tokens = self.tokens(app, person, grant, scope, None, request, FamilyPlan::None);
        Ok(proceed(
            vec![Effect::IssueTokens(Box::new(tokens))],
            Vec::new(),
        ))
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the columns of the record that is made"
    )]
    fn tokens(
        &self,
        app: AppId,
        person: PersonId,
        grant: GrantKind,
        scope: ScopeSet,
        asked: Option<ScopeSet>,
        request: &Token,
        family: FamilyPlan,
    ) -> Tokens {
        Tokens {
            app,
            person,
            scope,
            asked,
            grant,
            lifetime: self.token_lifetime(app),
            jwt: self.settings(app).named_user_jwt,
            level: SessionLevel::Standard,
            verified: false,
            address: request.caller.address,
            family,
        }
    }
}
