//! Calls with a token: several policies refuse only here (wire facts 5.5 step 10), and introspection and revocation.

use super::super::decide::{Effect, Judge, Ruling, Verdict, proceed, refuse};
use super::super::event::{
    AnyToken, ClientFact, Introspect, Resource, Revoke, SecretFact, TokenFact, Use,
};
use super::super::state::{AccessId, AccessToken, AppId, Ended};
use super::super::trace::{Stage, Trace};
use super::super::words::{IpRelaxation, SessionLevel};
use crate::cause::CauseId;
use crate::factor::Factor;

impl<T: Trace> Judge<'_, T> {
    pub(in super::super) fn use_token(&mut self, call: &Use) -> Ruling<Verdict> {
        let id = self.token_sent(call.token)?;
        let token = self.state.access_tokens[id.0].clone();
        self.token_alive(&token)?;
        match call.resource {
            Resource::Userinfo | Resource::Identity => self.identity_call(&token),
            Resource::Rest => self.rest_call(&token, call),
        }?;
        Ok(proceed(Vec::new(), Vec::new()))
    }

    /// A token of this org, sent in the header.
    fn token_sent(&mut self, token: TokenFact) -> Ruling<AccessId> {
        for (wrong, factor, found, right, needed, cause) in [
            (
                TokenFact::Absent,
                Factor::AccessTokenSent,
                "none sent",
                "sent",
                "an access token",
                CauseId::TokenNotSent,
            ),
            (
                TokenFact::InQuery,
                Factor::AccessTokenPlace,
                "in the query",
                "in the header",
                "the header Authorization",
                CauseId::TokenInWrongPlace,
            ),
            (
                TokenFact::MalformedHeader,
                Factor::AuthorizationHeader,
                "malformed",
                "Bearer",
                "Bearer and the token",
                CauseId::AuthHeaderMalformed,
            ),
            (
                TokenFact::Unknown,
                Factor::AccessTokenSent,
                "none of this org",
                "one of this org",
                "an access token of this org",
                CauseId::TokenUnknown,
            ),
        ] {
            let passed = token != wrong;
            self.check(
                Stage::Use,
                factor,
                passed,
                || if passed { right } else { found }.to_owned(),
                needed,
                cause,
            )?;
        }
        match token {
            TokenFact::Known(id) => Ok(id),
            _ => refuse(Stage::Use, CauseId::TokenUnknown, Vec::new()),
        }
    }

    /// Neither ended nor revoked, alone or with its family.
    fn token_alive(&mut self, token: &AccessToken) -> Ruling {
        let ended = token
            .family
            .and_then(|family| self.state.families[family.0].ended);
        let deleted = self.settings(token.app).deleted;
        let cause = match ended {
            Some(Ended::RotationReuse) => CauseId::RefreshRotationReuse,
            Some(_) => CauseId::RefreshRevoked,
            None => CauseId::TokenUnknown,
        };
        let alive = ended.is_none() && !token.revoked && !deleted;
        self.check(
            Stage::Use,
            Factor::RefreshTokenRevoked,
            alive,
            || if alive { "live" } else { "revoked" }.to_owned(),
            "a live approval",
            cause,
        )?;
        let expired = if token.jwt {
            CauseId::JwtAccessTokenTimeout
        } else {
            CauseId::AccessTokenExpired
        };
        let now = self.now;
        self.check(
            Stage::Use,
            Factor::AccessTokenAge,
            now < token.expires_at,
            || format!("{} min", now.duration_since(token.issued_at).as_mins()),
            "within the timeout of app, profile or org",
            expired,
        )
    }

    fn identity_call(&mut self, token: &AccessToken) -> Ruling {
        let asked = token.asked.is_some() && self.settings(token.app).scopes.opens_identity();
        let cause = if asked {
            CauseId::ScopeIdentityNotRequested
        } else {
            CauseId::ScopeOpenidMissing
        };
        self.check(
            Stage::Use,
            Factor::Scopes,
            token.scope.opens_identity(),
            || token.scope.to_wire(),
            "openid, id or full",
            cause,
        )
    }

    fn rest_call(&mut self, token: &AccessToken, call: &Use) -> Ruling {
        let org = self.state.org.clone();
        let person = self.state.people[token.person.0].clone();
        self.check(
            Stage::Use,
            Factor::LockSessionsToIp,
            !org.lock_sessions_to_ip || call.caller.address == token.address,
            || call.caller.address.to_string(),
            "the address that took the token",
            CauseId::LockSessionsToIp,
        )?;
        self.enforce_ip_every_request(token, call)?;
        let asked_without = token.asked.is_some() && self.settings(token.app).scopes.opens_api();
        self.check(
            Stage::Use,
            Factor::Scopes,
            token.scope.opens_api(),
            || token.scope.to_wire(),
            "api or full",
            if asked_without {
                CauseId::ScopeApiNotRequested
            } else {
                CauseId::ScopeApiMissing
            },
        )?;
        self.api_access_control(Stage::Use, token.app, token.person)?;
        let (needed, has) = (person.profile_session_level, token.level);
        self.check(
            Stage::Use,
            Factor::ProfileSessionLevel,
            needed < SessionLevel::HighAssurance || has >= SessionLevel::HighAssurance,
            || has.word().to_owned(),
            "HIGH_ASSURANCE, as the profile demands",
            CauseId::ProfileSessionHighAssurance,
        )?;
        self.check(
            Stage::Use,
            Factor::OrgApi,
            org.api_in_edition,
            || org.api_in_edition.to_string(),
            "an edition with API access",
            CauseId::OrgWithoutApi,
        )?;
        self.check(
            Stage::Use,
            Factor::ApiEnabled,
            person.api_enabled,
            || person.api_enabled.to_string(),
            "true",
            CauseId::ApiEnabledMissing,
        )?;
        self.check(
            Stage::Use,
            Factor::ApiRequestLimit,
            org.api_requests_left,
            || "none left".to_owned(),
            "API requests left today",
            CauseId::ApiRequestLimitExceeded,
        )
    }

    /// Profile ranges on each request, where the org asks for it and the app does not relax them.
    fn enforce_ip_every_request(&mut self, token: &AccessToken, call: &Use) -> Ruling {
        let on = self.state.org.enforce_ip_every_request;
        let ranges = &self.state.people[token.person.0].login_ip_ranges;
        let inside = ranges.is_empty()
            || ranges
                .iter()
                .any(|range| range.contains(&call.caller.address));
        let relaxed = match self.settings(token.app).ip_relaxation {
            IpRelaxation::Bypass | IpRelaxation::BypassSecondFactor => true,
            IpRelaxation::Enforce | IpRelaxation::EnforceRelaxRefresh => false,
        };
        self.check(
            Stage::Use,
            Factor::EnforceIpEveryRequest,
            !on || inside || relaxed,
            || call.caller.address.to_string(),
            "an address inside the profile's login IP ranges",
            CauseId::EnforceIpEveryRequest,
        )
    }

    pub(in super::super) fn revoke(&mut self, request: &Revoke) -> Ruling<Verdict> {
        self.check(
            Stage::Use,
            Factor::RevokeTypeHint,
            !request.unsupported_hint,
            || {
                if request.unsupported_hint {
                    "another"
                } else {
                    "supported"
                }
                .to_owned()
            },
            "access_token or refresh_token",
            CauseId::RevokeTokenTypeUnsupported,
        )?;
        match request.token {
            AnyToken::Unknown => refuse(Stage::Use, CauseId::TokenUnknown, Vec::new()),
            AnyToken::Access(id) => Ok(proceed(vec![Effect::RevokeAccess(id)], Vec::new())),
            AnyToken::Refresh(id) => {
                let family = self.state.refresh_tokens[id.0].family;
                if self.state.families[family.0].ended.is_some() {
                    return refuse(Stage::Use, CauseId::RefreshRevoked, Vec::new());
                }
                Ok(proceed(
                    vec![Effect::EndFamily(family, Ended::Revoked)],
                    Vec::new(),
                ))
            }
        }
    }

    /// `Proceed` with nothing lacking: active. `Proceed` with a lack, or a refusal of the token: `{"active": false}`.
    pub(in super::super) fn introspect(&mut self, request: &Introspect) -> Ruling<Verdict> {
        let ClientFact::Known(asking) = request.client else {
            return refuse(Stage::Client, CauseId::ConsumerKeyUnknown, Vec::new());
        };
        if request.secret != SecretFact::Right {
            return refuse(
                Stage::ClientAuthentication,
                CauseId::SecretWrong,
                Vec::new(),
            );
        }
        let lacking = |cause: CauseId| Ok(proceed(Vec::new(), vec![cause]));
        let owner = match request.token {
            AnyToken::Unknown => return lacking(CauseId::TokenUnknown),
            AnyToken::Access(id) => match self.dead(id) {
                Some(cause) => return lacking(cause),
                None => self.state.access_tokens[id.0].app,
            },
            AnyToken::Refresh(id) => {
                let token = &self.state.refresh_tokens[id.0];
                let family = &self.state.families[token.family.0];
                if token.replaced || family.ended.is_some() {
                    return lacking(CauseId::RefreshRevoked);
                }
                family.app
            }
        };
        if self.may_introspect(asking, owner) {
            Ok(proceed(Vec::new(), Vec::new()))
        } else {
            lacking(CauseId::IntrospectForeignToken)
        }
    }

    fn dead(&mut self, id: AccessId) -> Option<CauseId> {
        let token = self.state.access_tokens[id.0].clone();
        self.token_alive(&token)
            .err()
            .and_then(|verdict| verdict.cause())
    }

    fn may_introspect(&mut self, asking: AppId, owner: AppId) -> bool {
        let all = self.settings(asking).introspect_all_tokens;
        self.check(
            Stage::Use,
            Factor::IntrospectAllTokens,
            all || asking == owner,
            || all.to_string(),
            "true, or a token of the asking app",
            CauseId::IntrospectForeignToken,
        )
        .is_ok()
    }
}
