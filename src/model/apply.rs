//! The only change of state, and the only loop.

use jiff::Timestamp;

use super::Session;
use super::decide::{Effect, FamilyPlan, Tokens, Verdict, decide};
use super::event::Event;
use super::settings::{DeltaError, set};
use super::state::{
    AccessId, AccessToken, Code, CodeId, Device, DeviceId, DeviceStanding, Ended, Family, FamilyId,
    OrgState, RefreshId, RefreshToken,
};
use crate::cause::AppKind;

/// Approvals (refresh tokens) of one user for one app; the sixth ends the oldest (wire facts 6.1).
const APPROVALS: usize = 5;

/// Handles of what effects made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Applied {
    /// The session opened.
    pub session: Option<Session>,
    /// The code issued.
    pub code: Option<CodeId>,
    /// The access token issued.
    pub access: Option<AccessId>,
    /// The refresh token issued.
    pub refresh: Option<RefreshId>,
    /// The device code issued.
    pub device: Option<DeviceId>,
}

/// Applies effects at a time.
pub fn apply(state: &mut OrgState, effects: &[Effect], now: Timestamp) -> Applied {
    let mut applied = Applied::default();
    for effect in effects {
        match effect {
            Effect::OpenSession(session) => applied.session = Some(*session),
            Effect::IssueCode {
                app,
                person,
                redirect_uri,
                challenge,
                scope,
                asked,
                level,
                verified,
            } => {
                state.codes.push(Code {
                    app: *app,
                    person: *person,
                    redirect_uri: redirect_uri.clone(),
                    challenge: *challenge,
                    scope: scope.clone(),
                    asked: asked.clone(),
                    issued_at: now,
                    spent: false,
                    level: *level,
                    verified: *verified,
                });
                applied.code = Some(CodeId(state.codes.len() - 1));
            }
            Effect::SpendCode(id) => state.codes[id.0].spent = true,
            Effect::IssueTokens(tokens) => issue(state, tokens, now, &mut applied),
            Effect::EndFamily(id, why) => {
                let ended = &mut state.families[id.0].ended;
                *ended = ended.or(Some(*why));
            }
            Effect::StartDevice { app, scope, asked } => {
                state.devices.push(Device {
                    app: *app,
                    scope: scope.clone(),
                    asked: asked.clone(),
                    issued_at: now,
                    polled_at: None,
                    standing: DeviceStanding::Pending,
                    level: super::SessionLevel::Standard,
                });
                applied.device = Some(DeviceId(state.devices.len() - 1));
            }
            Effect::Polled(id) => state.devices[id.0].polled_at = Some(now),
            Effect::SettleDevice {
                device,
                standing,
                level,
            } => {
                state.devices[device.0].standing = *standing;
                state.devices[device.0].level = *level;
            }
            Effect::RevokeAccess(id) => state.access_tokens[id.0].revoked = true,
        }
    }
    applied
}

fn issue(state: &mut OrgState, tokens: &Tokens, now: Timestamp, applied: &mut Applied) {
    let family = match tokens.family {
        FamilyPlan::None => None,
        FamilyPlan::New => Some(new_family(state, tokens, now)),
        FamilyPlan::Of { family, .. } => {
            state.families[family.0].last_used = now;
            Some(family)
        }
    };
    let refresh = match (tokens.family, family) {
        (FamilyPlan::New, Some(family)) if tokens.scope.asks_refresh() => Some(family),
        (
            FamilyPlan::Of {
                replaces: Some(old),
                ..
            },
            Some(family),
        ) => {
            state.refresh_tokens[old.0].replaced = true;
            Some(family)
        }
        _ => None,
    };
    if let Some(family) = refresh {
        state.refresh_tokens.push(RefreshToken {
            family,
            replaced: false,
        });
        applied.refresh = Some(RefreshId(state.refresh_tokens.len() - 1));
    }
    state.access_tokens.push(AccessToken {
        app: tokens.app,
        person: tokens.person,
        scope: tokens.scope.clone(),
        asked: tokens.asked.clone(),
        grant: tokens.grant,
        issued_at: now,
        expires_at: now
            .saturating_add(tokens.lifetime)
            .unwrap_or(Timestamp::MAX),
        family,
        address: tokens.address,
        level: tokens.level,
        jwt: tokens.jwt,
        revoked: false,
    });
    applied.access = Some(AccessId(state.access_tokens.len() - 1));
}

fn new_family(state: &mut OrgState, tokens: &Tokens, now: Timestamp) -> FamilyId {
    if tokens.scope.asks_refresh() {
        let alive: Vec<usize> = state
            .families
            .iter()
            .enumerate()
            .filter(|(_, family)| {
                family.app == tokens.app
                    && family.person == tokens.person
                    && family.ended.is_none()
                    && family.scope.asks_refresh()
            })
            .map(|(at, _)| at)
            .collect();
        if alive.len() >= APPROVALS {
            state.families[alive[0]].ended = Some(Ended::SixthApproval);
        }
    }
    let under = state.apps[tokens.app.0].settings.at(now).permitted_users;
    state.families.push(Family {
        app: tokens.app,
        person: tokens.person,
        scope: tokens.scope.clone(),
        grant: tokens.grant,
        granted_at: now,
        last_used: now,
        under,
        level: tokens.level,
        verified: tokens.verified,
        ended: None,
    });
    FamilyId(state.families.len() - 1)
}

/// Runs events on a state, each at its time, and gives the verdicts. The state is changed as an org would change.
pub fn replay(
    state: &mut OrgState,
    events: &[(Timestamp, Event)],
) -> Result<Vec<Verdict>, DeltaError> {
    let mut verdicts = Vec::with_capacity(events.len());
    for (now, event) in events {
        if let Event::Change(delta) = event {
            set(state, delta, *now)?;
        }
        let verdict = decide(state, event, *now, &mut ());
        if let Verdict::Proceed { effects, .. } | Verdict::Refuse { effects, .. } = &verdict {
            apply(state, effects, *now);
        }
        verdicts.push(verdict);
    }
    Ok(verdicts)
}

impl OrgState {
    /// Which kind of app the first one is; for wordings that depend on it.
    pub fn kind_of(&self, app: super::AppId) -> AppKind {
        self.apps[app.0].kind
    }
}
