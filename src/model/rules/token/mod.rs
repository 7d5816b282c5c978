//! The token endpoint, in the order of wire facts section 5.5.

mod client_credentials;
mod code;
mod jwt_bearer;
mod refresh;
mod token_exchange;
mod username_password;

use crate::cause::CauseId;
use crate::factor::Factor;
use crate::model::decide::{FamilyPlan, Judge, Ruling, Tokens, Verdict, refuse};
use crate::model::event::{Brings, Token};
use crate::model::state::{AppId, FamilyId, PersonId, RefreshId};
use crate::model::trace::{Stage, Trace};
use crate::model::words::SessionLevel;
use crate::oauth::{GrantKind, ScopeSet};

/// What a check of the request found, for the trace.
fn right_or(right: bool, wrong: &'static str) -> impl Fn() -> String {
    move || if right { "right" } else { wrong }.to_owned()
}

fn sent(sent: bool) -> String {
    if sent { "sent" } else { "not sent" }.to_owned()
}

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
