//! Which app, on which host, and whether it is open.

use super::super::decide::{Judge, Ruling};
use super::super::event::{Caller, ClientFact};
use super::super::state::{AppId, PersonId};
use super::super::trace::{Stage, Trace};
use super::super::words::{DistributionState, HomeOrg, OrgEnvironment};
use crate::cause::{AppKind, CauseId};
use crate::factor::Factor;
use crate::oauth::{GrantKind, HostKind};

impl<T: Trace> Judge<'_, T> {
    /// Host and grant fit together, before any credential is judged (wire facts 5.5 step 1).
    pub(super) fn host_takes(&mut self, caller: Caller, grant: GrantKind) -> Ruling {
        let cause = match grant {
            GrantKind::ClientCredentials => CauseId::CcWrongHost,
            GrantKind::TokenExchange => CauseId::MyDomainHostRequired,
            _ => return Ok(()),
        };
        self.check(
            Stage::Host,
            Factor::Host,
            !caller.host.is_generic(),
            || caller.host.to_string(),
            "my_domain",
            cause,
        )
    }

    /// The client id resolves on this host (step 3).
    pub(super) fn client(&mut self, caller: Caller, client: ClientFact) -> Ruling<AppId> {
        let found = |client: ClientFact| match client {
            ClientFact::Known(_) => "the key of an app",
            ClientFact::Former(_) => "a key that was replaced",
            ClientFact::Unknown => "no key of this org",
            ClientFact::Absent => "none sent",
        };
        let mut needs = |passed: bool, factor: Factor, cause: CauseId| {
            self.check(
                Stage::Client,
                factor,
                passed,
                || found(client).to_owned(),
                "the consumer key of an app of this org",
                cause,
            )
        };
        needs(
            client != ClientFact::Absent,
            Factor::ClientId,
            CauseId::ClientIdNotSent,
        )?;
        needs(
            !matches!(client, ClientFact::Former(_)),
            Factor::ClientId,
            CauseId::ConsumerKeyRotated,
        )?;
        needs(
            client != ClientFact::Unknown,
            Factor::ClientId,
            CauseId::ConsumerKeyUnknown,
        )?;
        let app = Self::known(client);
        let deleted = self.settings(app).deleted;
        self.check(
            Stage::Client,
            Factor::AppDeleted,
            !deleted,
            || deleted.to_string(),
            "false",
            CauseId::AppDeleted,
        )?;
        let known = self.app(app).known_from <= self.now;
        self.check(
            Stage::Client,
            Factor::AppAge,
            known,
            || if known { "old" } else { "minutes" }.to_owned(),
            "propagated (2 to 10 minutes, 30 at worst)",
            CauseId::AppNotPropagated,
        )?;
        let wrong_generic = match self.state.org.environment {
            OrgEnvironment::Production => HostKind::Test,
            OrgEnvironment::Sandbox => HostKind::Login,
        };
        self.check(
            Stage::Client,
            Factor::Host,
            caller.host != wrong_generic,
            || caller.host.to_string(),
            "the host of the org's own environment",
            CauseId::LoginHostWrongEnvironment,
        )?;
        Ok(app)
    }

    /// An External Client App is not found through the generic host (wire facts 1.1; open point U9).
    pub(super) fn eca_host(&mut self, caller: Caller, app: AppId) -> Ruling {
        if !self.is_eca(app) {
            return Ok(());
        }
        self.check(
            Stage::Client,
            Factor::Host,
            !caller.host.is_generic(),
            || caller.host.to_string(),
            "my_domain",
            CauseId::EcaGenericLoginHost,
        )
    }

    /// An org that answers this login on its My Domain host only.
    pub(super) fn my_domain_needed(&mut self, caller: Caller) -> Ruling {
        let needed = self.state.org.my_domain_host_needed;
        self.check(
            Stage::Client,
            Factor::MyDomainHostNeeded,
            !(needed && caller.host.is_generic()),
            || caller.host.to_string(),
            "my_domain",
            CauseId::MyDomainHostRequired,
        )
    }

    /// Installed where it must be: a packaged app, and a connected app since September 2025.
    pub(super) fn installed(
        &mut self,
        app: AppId,
        grant: GrantKind,
        person: Option<PersonId>,
    ) -> Ruling {
        let settings = self.settings(app);
        let installed = settings.installed;
        let packaged = settings.distribution_state == DistributionState::Packaged;
        let found = || {
            if installed {
                "installed"
            } else {
                "not installed"
            }
            .to_owned()
        };
        match self.app(app).kind {
            AppKind::ExternalClientApp => self.check(
                Stage::App,
                Factor::Installed,
                installed || !packaged,
                found,
                "installed",
                CauseId::PackagedAppNotInstalled,
            ),
            AppKind::ConnectedApp if grant == GrantKind::Device => self.check(
                Stage::App,
                Factor::Installed,
                installed,
                found,
                "installed",
                CauseId::DeviceBlockedUninstalled,
            ),
            AppKind::ConnectedApp => {
                let exempt = person.is_some_and(|id| {
                    let person = &self.state.people[id.0];
                    person.approve_uninstalled_apps || person.use_any_api_client
                });
                self.check(
                    Stage::App,
                    Factor::Installed,
                    installed || exempt,
                    found,
                    "installed",
                    CauseId::ConnectedAppUninstalled,
                )
            }
        }
    }

    /// App and OAuth plugin are on (step 4, before the secret is judged).
    pub(super) fn open(&mut self, app: AppId) -> Ruling {
        let (enabled, plugin) = (
            self.settings(app).enabled,
            self.settings(app).oauth_plugin_enabled,
        );
        self.check(
            Stage::App,
            Factor::AppEnabled,
            enabled,
            || enabled.to_string(),
            "true",
            CauseId::EcaDisabled,
        )?;
        self.check(
            Stage::App,
            Factor::OauthPluginEnabled,
            plugin,
            || plugin.to_string(),
            "true",
            CauseId::OauthPluginDisabled,
        )
    }

    /// Not blocked on the usage page.
    pub(super) fn not_blocked(&mut self, app: AppId) -> Ruling {
        let blocked = self.settings(app).blocked;
        self.check(
            Stage::App,
            Factor::AppBlocked,
            !blocked,
            || blocked.to_string(),
            "false",
            CauseId::AppBlocked,
        )
    }

    /// A local app is for users of its own org.
    pub(super) fn own_org(
        &mut self,
        app: AppId,
        person: PersonId,
        session_of_other_org: bool,
    ) -> Ruling {
        if self.settings(app).distribution_state != DistributionState::Local || !self.is_eca(app) {
            return Ok(());
        }
        self.check(
            Stage::App,
            Factor::BrowserSession,
            !session_of_other_org,
            || {
                if session_of_other_org {
                    "another org"
                } else {
                    "this org"
                }
                .to_owned()
            },
            "a session of this org",
            CauseId::BrowserSessionOtherOrg,
        )?;
        let home = self.state.people[person.0].home_org;
        self.check(
            Stage::App,
            Factor::HomeOrg,
            home == HomeOrg::Own,
            || home.word().to_owned(),
            "own",
            CauseId::LocalAppCrossOrg,
        )
    }

    /// The org is in service.
    pub(super) fn org_active(&mut self) -> Ruling {
        let active = self.state.org.active;
        self.check(
            Stage::Person,
            Factor::OrgActive,
            active,
            || active.to_string(),
            "true",
            CauseId::OrgInactive,
        )
    }
}
