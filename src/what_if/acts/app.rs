//! Acts on the settings and policies of the app.

use super::super::breadth::Breadth;
use super::super::change::Change;
use super::super::names::short;
use super::super::want::{Want, settings};
use super::{Acts, client, holds};
use crate::factor::{Delta, Factor, Value};
use crate::model::{Certificate, IpRelaxation, PermittedUsers, Person, UserType};
use crate::oauth::{GrantKind, Scope};

impl Acts<'_> {
    pub(super) fn app(&mut self, want: &Want) {
        use Breadth as B;
        let settings = settings(self.world);
        let users = "for the users that it has";
        match self.factor {
            Factor::AppEnabled => self.set(
                true,
                B::OneFlow,
                "enable the app",
                format!("the app, {users}"),
            ),
            Factor::OauthPluginEnabled => {
                self.set(
                    true,
                    B::OneFlow,
                    "enable the OAuth plugin of the app",
                    format!("the app, {users}"),
                );
            }
            Factor::AppBlocked => self.set(
                false,
                B::OneFlow,
                "unblock the app",
                format!("the app, {users}"),
            ),
            Factor::AppDeleted => self.set(
                false,
                B::OneFlow,
                "create the app again, and give its new consumer key to the client",
                format!("the app, {users}"),
            ),
            Factor::Installed => self.set(
                true,
                B::OneFlow,
                "install the app",
                format!("the app, {users}"),
            ),
            Factor::DistributionState => self.set(
                "Packaged",
                B::NoLimit,
                "package the app, and install it in the org of the user",
                "the app can be installed in any org",
            ),
            Factor::PolicyRecord => self.deploy(want),
            Factor::CallbackUrl => {
                let sent = self.world.client.redirect_uri.clone();
                if !settings.callback_urls.contains(&sent) {
                    let does = format!("add {sent} to the callback URLs");
                    self.add(sent, B::OneEntry, does, "one callback more");
                }
            }
            Factor::Certificate if settings.certificate == Certificate::Absent => self.set(
                "valid",
                B::OneFlow,
                "enable the JWT bearer flow with the certificate of the client's key",
                format!("one flow of the app more, {users}"),
            ),
            Factor::Certificate => self.set(
                "valid",
                B::AsBefore,
                "upload the present certificate of the client's key",
                "nothing new: one key takes the place of another",
            ),
            Factor::ClientCredentialsInSettings => {
                self.flow("the client credentials flow in the settings");
            }
            Factor::ClientCredentialsInPolicies => {
                self.flow("the client credentials flow in the policies");
            }
            Factor::DeviceFlowEnabled => self.flow("the device flow"),
            Factor::TokenExchangeInSettings => self.flow("the token exchange flow in the settings"),
            Factor::TokenExchangeInPolicies => self.flow("the token exchange flow in the policies"),
            Factor::ClientCredentialsFlowUser => self.run_as(),
            Factor::TokenExchangeHandler => {
                let rejects = self.is("rejects");
                let does = if rejects {
                    "let the Apex of the token exchange handler accept the subject"
                } else {
                    "enable a token exchange handler for the app"
                };
                self.set(
                    "enabled",
                    B::OneFlow,
                    does,
                    "token exchange, for whoever the handler accepts",
                );
            }
            Factor::SecretRequiredForTokenExchange => {
                self.set(
                    false,
                    B::Rule,
                    "do not require the secret for token exchange",
                    "whoever has a subject token needs no secret",
                );
            }
            Factor::ConsumerSecretOptional => {
                self.set(
                    true,
                    B::Rule,
                    "do not require the secret for the web server flow",
                    "whoever has a code and its verifier needs no secret",
                );
            }
            Factor::SecretRequiredForRefreshToken => {
                self.set(
                    false,
                    B::Rule,
                    "do not require the secret for refresh",
                    "whoever has a refresh token needs no secret",
                );
            }
            Factor::PkceRequired => self.set(
                false,
                B::Rule,
                "do not require PKCE for the app",
                "codes without PKCE, for all clients of this app",
            ),
            Factor::RefreshTokenIdleLimit => {
                self.set(
                    false,
                    B::NoLimit,
                    "drop the idle limit of 30 days",
                    "a refresh token that nobody uses lives on",
                );
            }
            Factor::IntrospectAllTokens => {
                self.set(
                    true,
                    B::NoLimit,
                    "let the app introspect all tokens",
                    "the app may look into the tokens of every app",
                );
            }
            Factor::Scopes => self.scopes(),
            Factor::CustomScopes => {
                let missing: Vec<String> = client::asked(self.world)
                    .filter(|scope| {
                        self.world.org.custom_scopes.has(scope)
                            && !settings.custom_scopes.has(scope)
                    })
                    .collect();
                for scope in missing {
                    let does = format!("assign the custom scope {scope} to the app");
                    self.add(
                        scope,
                        B::OneEntry,
                        does,
                        "one scope more, for all users of the app",
                    );
                }
            }
            Factor::TrustedIpRanges => {
                let address = self.world.client.address;
                if !holds(&settings.trusted_ip_ranges, address) {
                    let does = format!("add {address} to the trusted IP ranges of the app");
                    self.add(
                        address.to_string(),
                        B::OneEntry,
                        does,
                        "one address more needs no second factor at this app",
                    );
                }
            }
            Factor::RefreshTokenIpAllowlist => {
                let address = self.world.client.address;
                if settings
                    .refresh_token_ip_allowlist
                    .as_ref()
                    .is_some_and(|list| !holds(list, address))
                {
                    let does = format!("add {address} to the refresh token IP allowlist");
                    self.add(
                        address.to_string(),
                        B::OneEntry,
                        does,
                        "one address more, for refresh tokens of this app",
                    );
                    self.set(
                        Value::Absent,
                        B::NoLimit,
                        "drop the refresh token IP allowlist",
                        "no address is checked for refresh tokens of this app",
                    );
                }
            }
            Factor::PermittedUsers
                if settings.permitted_users == PermittedUsers::AdminApprovedPreAuthorized =>
            {
                self.set(
                    PermittedUsers::AllSelfAuthorized.word(),
                    B::NoLimit,
                    "let all users self-authorize",
                    "all users may authorize themselves",
                );
            }
            Factor::PermittedUsers => self.set(
                PermittedUsers::AdminApprovedPreAuthorized.word(),
                B::AsBefore,
                "admit admin approved users only",
                "nothing: fewer users may use the app",
            ),
            Factor::SelectedPermissionSets => {
                let held = self
                    .someone()
                    .map(|person| person.permission_sets.clone())
                    .unwrap_or_default();
                for name in held
                    .into_iter()
                    .filter(|name| !settings.selected_permission_sets.contains(name))
                {
                    let (does, loosens) = (
                        format!("select the permission set {name} in the app"),
                        format!("all users with the permission set {name} may use the app"),
                    );
                    self.add(name, B::OneProfile, does, loosens);
                }
            }
            Factor::SelectedProfiles => {
                let profile = self.someone().map(|person| person.profile.clone());
                if let Some(name) =
                    profile.filter(|name| !settings.selected_profiles.contains(name))
                {
                    let (does, loosens) = (
                        format!("select the profile {name} in the app"),
                        format!("all users of the profile {name} may use the app"),
                    );
                    self.add(name, B::OneProfile, does, loosens);
                }
            }
            Factor::RefreshTokenPolicy if self.is("Zero") => self.refresh_policy(),
            Factor::IpRelaxation => self.relaxation(settings.ip_relaxation),
            Factor::RequiredSessionLevel if self.is("HIGH_ASSURANCE") => {
                self.set(
                    "STANDARD",
                    B::Rule,
                    "do not require a high assurance session",
                    "no second factor for any user of this app",
                );
                self.second_factor(want);
            }
            Factor::PolicyAction if !self.is("RaiseSessionLevel") => {
                self.set(
                    "RaiseSessionLevel",
                    B::Rule,
                    "raise the session level in place of blocking",
                    "a second factor at the login opens what was blocked",
                );
                self.second_factor(want);
            }
            Factor::PolicyAction => self.second_factor(want),
            Factor::MfaOnlyForRefresh => {
                self.set(
                    false,
                    B::Rule,
                    "do not ask for a second factor at the refresh",
                    "no second factor for refresh tokens of this app",
                );
                self.second_factor(want);
            }
            _ => {}
        }
    }

    fn flow(&mut self, flow: &str) {
        self.set(
            true,
            Breadth::OneFlow,
            format!("enable {flow}"),
            "one flow of the app more, for the users that it has",
        );
    }

    fn scopes(&mut self) {
        let has = &settings(self.world).scopes;
        let mut missing: Vec<String> = ["api", "refresh_token", "openid"]
            .into_iter()
            .filter(|scope| !has.has(scope))
            .map(str::to_owned)
            .collect();
        for scope in client::asked(self.world) {
            let standard = Scope::find(&scope).is_some();
            if standard && !has.covers(&scope) && !missing.contains(&scope) {
                missing.push(scope);
            }
        }
        for scope in missing {
            let does = format!("add the scope {scope} to the app");
            self.add(
                scope,
                Breadth::OneEntry,
                does,
                "one scope more, for all users of the app",
            );
        }
    }

    /// The record of the policies, as the flows of the settings need it.
    fn deploy(&mut self, want: &Want) {
        let settings = settings(self.world);
        if settings.policy_record {
            return;
        }
        let run_as = self.candidates().first().copied();
        let people = &self.world.org.people;
        let users = people
            .iter()
            .filter(|person| person.username == want.user)
            .chain(run_as);
        let (mut sets, mut profiles) = (Vec::new(), Vec::new());
        for user in users {
            if user.permission_sets.is_empty() {
                profiles.push(user.profile.clone());
            }
            sets.extend(user.permission_sets.iter().cloned());
        }
        sets.sort();
        sets.dedup();
        profiles.dedup();
        let mut deltas = vec![
            Delta::new(Factor::PolicyRecord, true),
            Delta::new(
                Factor::TokenExchangeInPolicies,
                settings.token_exchange_in_settings,
            ),
            Delta::new(
                Factor::ClientCredentialsInPolicies,
                settings.client_credentials_in_settings,
            ),
            Delta::new(
                Factor::PermittedUsers,
                PermittedUsers::AdminApprovedPreAuthorized.word(),
            ),
            Delta::new(Factor::SelectedPermissionSets, sets),
            Delta::new(Factor::SelectedProfiles, profiles),
        ];
        if let Some(run_as) = run_as.filter(|_| settings.client_credentials_in_settings) {
            deltas.push(Delta::new(
                Factor::ClientCredentialsFlowUser,
                run_as.username.as_str(),
            ));
        }
        self.push(
            Change::Together(deltas),
            Breadth::OneFlow,
            "deploy the OAuth policies of the app, with the flows of its settings and its users",
            "the flows that the settings allow, for the users that the record names",
        );
    }

    /// Who the client credentials flow could run as: users for integrations first, those out of service last.
    fn candidates(&self) -> Vec<&Person> {
        let mut people: Vec<&Person> = self
            .world
            .org
            .people
            .iter()
            .filter(|person| person.user_type == UserType::Standard)
            .collect();
        people.sort_by_key(|person| (!person.active || person.frozen, !person.api_only));
        people
    }

    fn run_as(&mut self) {
        let people: Vec<String> = self
            .candidates()
            .iter()
            .map(|person| person.username.clone())
            .collect();
        for username in people {
            let name = short(&username);
            self.set(
                username.as_str(),
                Breadth::OneFlow,
                format!("run the client credentials flow as {name}"),
                format!("the app acts with the rights of {name}"),
            );
        }
    }

    fn refresh_policy(&mut self) {
        let short = settings(self.world).refresh_token_validity_period == 0;
        for (word, breadth, does, loosens) in [
            (
                "SpecificInactivity",
                Breadth::Rule,
                "let refresh tokens expire by disuse, not at once",
                "refresh tokens of this app live as long as they are used",
            ),
            (
                "SpecificLifetime",
                Breadth::Rule,
                "let refresh tokens live for a set time",
                "refresh tokens of this app live for the set time",
            ),
            (
                "Infinite",
                Breadth::NoLimit,
                "let refresh tokens live until revoked",
                "refresh tokens of this app never end by themselves",
            ),
        ] {
            if short && word != "Infinite" {
                let deltas = vec![
                    Delta::new(Factor::RefreshTokenPolicy, word),
                    Delta::new(Factor::RefreshTokenValidityPeriod, 30),
                    Delta::new(Factor::RefreshTokenValidityUnit, "Days"),
                ];
                self.push(Change::Together(deltas), breadth, does, loosens);
            } else {
                self.set(word, breadth, does, loosens);
            }
        }
    }

    fn relaxation(&mut self, now: IpRelaxation) {
        if now == IpRelaxation::Bypass {
            return;
        }
        self.set(
            IpRelaxation::EnforceRelaxRefresh.word(),
            Breadth::Rule,
            "relax IP restrictions for refresh tokens",
            "no address is checked for refresh tokens of this app",
        );
        self.set(
            IpRelaxation::BypassSecondFactor.word(),
            Breadth::Rule,
            "relax IP restrictions for activated devices",
            "any address after a second factor, for all users of this app",
        );
        self.set(
            IpRelaxation::Bypass.word(),
            Breadth::NoLimit,
            "relax IP restrictions",
            "no address is checked for this app",
        );
        if now == IpRelaxation::BypassSecondFactor {
            self.prove();
        }
    }

    fn second_factor(&mut self, want: &Want) {
        // Only a login in a browser can be asked for one; a refresh token remembers that it was.
        if want.grant.asks_the_person() || want.grant == GrantKind::RefreshToken {
            self.prove();
        }
    }
}
