//! The device flow: start and poll at the token endpoint, a page for the person in between.

use jiff::SignedDuration;

use super::super::decide::{
    Effect, FamilyPlan, Judge, Page, Ruling, Tokens, Verdict, interrupt, proceed, refuse,
};
use super::super::event::{Caller, DevicePage, DeviceStart};
use super::super::state::{AppId, DeviceId, DeviceStanding, PersonId};
use super::super::trace::{Stage, Trace};
use super::super::words::{PermittedUsers, SessionLevel};
use crate::cause::CauseId;
use crate::factor::Factor;
use crate::oauth::GrantKind;

const DEVICE: GrantKind = GrantKind::Device;
/// Both codes live ten minutes (wire facts 6.1).
const DEVICE_CODE_LIFE: SignedDuration = SignedDuration::from_mins(10);
/// The interval of the start response is five seconds; the threshold of `slow_down` is not known, so one second of grace is given.
const SHORTEST_PAUSE: SignedDuration = SignedDuration::from_secs(4);

impl<T: Trace> Judge<'_, T> {
    pub(in super::super) fn device_start(&mut self, request: &DeviceStart) -> Ruling<Verdict> {
        self.post(request.post)?;
        let app = self.client(request.caller, request.client)?;
        self.eca_host(request.caller, app)?;
        self.open(app)?;
        self.installed(app, DEVICE, None)?;
        self.not_blocked(app)?;
        let on = self.settings(app).device_flow_enabled;
        self.check(
            Stage::Grant,
            Factor::DeviceFlowEnabled,
            on,
            || on.to_string(),
            "true",
            CauseId::DeviceFlowOff,
        )?;
        let scope = self.scopes(app, request.scope.as_ref())?;
        let lacking = self.lacking(app, request.scope.as_ref(), &scope);
        Ok(proceed(
            vec![Effect::StartDevice {
                app,
                scope,
                asked: request.scope.clone(),
            }],
            lacking,
        ))
    }

    pub(in super::super) fn device_page(&mut self, page: &DevicePage) -> Ruling<Verdict> {
        self.device_known(page.device, CauseId::DeviceCodeStale)?;
        let Some(id) = page.device else {
            return refuse(Stage::Grant, CauseId::DeviceCodeStale, Vec::new());
        };
        let device = &self.state.devices[id.0];
        let app = device.app;
        self.device_fresh(id)?;
        let Some(session) = page.session else {
            return interrupt(Page::Login);
        };
        let person = session.person;
        self.open(app)?;
        self.own_org(app, person, session.other_org)?;
        self.in_service(person, DEVICE)?;
        self.interactive(person)?;
        self.permitted(app, person, DEVICE, None)?;
        self.address(app, person, DEVICE, page.caller, session.verified)?;
        self.session_level(app, person, DEVICE, session.level)?;
        // Under self-authorize the person is asked at every run (wire facts 2.5); under pre-approval never.
        let asks = self.settings(app).permitted_users == PermittedUsers::AllSelfAuthorized;
        let standing = match page.consent {
            None if asks => return interrupt(Page::Approval),
            Some(false) => DeviceStanding::Denied,
            _ => DeviceStanding::Approved(person),
        };
        Ok(proceed(
            vec![Effect::SettleDevice {
                device: id,
                standing,
                level: session.level,
            }],
            Vec::new(),
        ))
    }

    pub(super) fn device_poll(
        &mut self,
        app: AppId,
        device: Option<DeviceId>,
        caller: Caller,
    ) -> Ruling<Verdict> {
        let on = self.settings(app).device_flow_enabled;
        self.check(
            Stage::Grant,
            Factor::DeviceFlowEnabled,
            on,
            || on.to_string(),
            "true",
            CauseId::DeviceFlowOff,
        )?;
        let own = device.filter(|id| self.state.devices[id.0].app == app);
        self.device_known(own, CauseId::DeviceCodeWrong)?;
        let Some(id) = own else {
            return refuse(Stage::Grant, CauseId::DeviceCodeWrong, Vec::new());
        };
        self.device_fresh(id)?;
        let device = self.state.devices[id.0].clone();
        let spent = device.standing == DeviceStanding::Spent;
        self.check(
            Stage::Grant,
            Factor::DeviceCodeAge,
            !spent,
            || if spent { "used" } else { "unused" }.to_owned(),
            "unused",
            CauseId::DeviceCodeStale,
        )?;
        let too_fast = device
            .polled_at
            .is_some_and(|last| self.now.duration_since(last) < SHORTEST_PAUSE);
        let polled = || vec![Effect::Polled(id)];
        self.check_with(
            Stage::Grant,
            Factor::DevicePolling,
            !too_fast,
            || {
                if too_fast {
                    "less than the interval"
                } else {
                    "the interval"
                }
                .to_owned()
            },
            "five seconds between two polls",
            CauseId::DevicePollingTooFast,
            polled,
        )?;
        let standing = device.standing;
        let pending = matches!(standing, DeviceStanding::Pending | DeviceStanding::Spent);
        self.check_with(
            Stage::Consent,
            Factor::DevicePerson,
            !pending,
            || if pending { "not yet" } else { "answered" }.to_owned(),
            "an answer at the device page",
            CauseId::DeviceNotYetApproved,
            polled,
        )?;
        let denied = standing == DeviceStanding::Denied;
        self.check_with(
            Stage::Consent,
            Factor::Consent,
            !denied,
            || if denied { "Deny" } else { "Allow" }.to_owned(),
            "Allow",
            CauseId::UserDeniedConsent,
            polled,
        )?;
        let DeviceStanding::Approved(person) = standing else {
            return refuse(Stage::Consent, CauseId::DeviceNotYetApproved, polled());
        };
        self.admitted_without_page(app, person, DEVICE, caller, device.level)?;
        let tokens = Tokens {
            app,
            person,
            scope: device.scope.clone(),
            asked: device.asked.clone(),
            grant: DEVICE,
            lifetime: self.token_lifetime(app),
            jwt: self.settings(app).named_user_jwt,
            level: device.level,
            verified: device.level == SessionLevel::HighAssurance,
            address: caller.address,
            family: FamilyPlan::New,
        };
        let lacking = self.lacking(app, device.asked.as_ref(), &device.scope);
        let settle = Effect::SettleDevice {
            device: id,
            standing: DeviceStanding::Spent,
            level: device.level,
        };
        Ok(proceed(
            vec![settle, Effect::IssueTokens(Box::new(tokens))],
            lacking,
        ))
    }

    /// What is judged again at the token endpoint, when the person is long gone from the page.
    fn admitted_without_page(
        &mut self,
        app: AppId,
        person: PersonId,
        grant: GrantKind,
        caller: Caller,
        level: SessionLevel,
    ) -> Ruling {
        self.permitted(app, person, grant, None)?;
        self.in_service(person, grant)?;
        self.address(
            app,
            person,
            grant,
            caller,
            level == SessionLevel::HighAssurance,
        )
    }

    fn device_known(&mut self, device: Option<DeviceId>, cause: CauseId) -> Ruling {
        self.check(
            Stage::Grant,
            Factor::DeviceCode,
            device.is_some(),
            || if device.is_some() { "known" } else { "unknown" }.to_owned(),
            "a device code of this app",
            cause,
        )
    }

    fn device_fresh(&mut self, id: DeviceId) -> Ruling {
        let age = self.now.duration_since(self.state.devices[id.0].issued_at);
        self.check(
            Stage::Grant,
            Factor::DeviceCodeAge,
            age <= DEVICE_CODE_LIFE,
            || format!("{} s", age.as_secs()),
            "at most 10 minutes",
            CauseId::DeviceCodeStale,
        )
    }
}
