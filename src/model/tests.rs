//! The healthy org passes everything, and one flipped setting is named.

use std::net::{IpAddr, Ipv4Addr};

use jiff::Timestamp;

use super::*;
use crate::cause::CauseId;
use crate::factor::{Delta, Factor};
use crate::oauth::{GrantKind, HostKind};

const HERE: Caller = Caller {
    host: HostKind::MyDomain,
    address: IpAddr::V4(Ipv4Addr::LOCALHOST),
};

fn token(grant: GrantKind, brings: Brings) -> Event {
    Event::Token(Token {
        caller: HERE,
        post: true,
        form: true,
        grant: Some(grant),
        client: ClientFact::Known(AppId(0)),
        secret: SecretFact::Right,
        scope_sent: false,
        verifier: VerifierFact::Absent,
        brings,
    })
}

fn judge(delta: &Delta, event: &Event) -> Option<CauseId> {
    let mut state = OrgState::healthy();
    set(&mut state, delta, Timestamp::UNIX_EPOCH).expect("the delta fits");
    decide(&state, event, Timestamp::UNIX_EPOCH, &mut ()).cause()
}

#[test]
fn client_credentials_name_the_flipped_setting() {
    let event = token(GrantKind::ClientCredentials, Brings::Nothing);
    let healthy = decide(&OrgState::healthy(), &event, Timestamp::UNIX_EPOCH, &mut ());
    assert!(matches!(healthy, Verdict::Proceed { .. }), "{healthy:?}");
    let cases = [
        (Delta::new(Factor::AppEnabled, false), CauseId::EcaDisabled),
        (
            Delta::new(Factor::ClientCredentialsInSettings, false),
            CauseId::CcOffInSettings,
        ),
        (
            Delta::new(Factor::ClientCredentialsInPolicies, false),
            CauseId::CcOffInPolicies,
        ),
        (
            Delta::new(Factor::ClientCredentialsFlowUser, ""),
            CauseId::CcRunAsMissing,
        ),
        (
            Delta::new(Factor::UserPermissionSets, Vec::new()),
            CauseId::CcRunAsNotPreauthorized,
        ),
        (
            Delta::new(Factor::Scopes, "Full,Web,RefreshToken"),
            CauseId::ScopeCcNoneValid,
        ),
    ];
    for (delta, cause) in cases {
        assert_eq!(judge(&delta, &event), Some(cause), "{delta:?}");
    }
}

#[test]
fn a_change_acts_after_its_propagation() {
    let mut state = OrgState::healthy();
    state.propagation = jiff::SignedDuration::from_mins(10);
    let event = token(GrantKind::ClientCredentials, Brings::Nothing);
    let start = Timestamp::UNIX_EPOCH;
    set(&mut state, &Delta::new(Factor::AppEnabled, false), start).expect("the delta fits");
    let at = |minutes: i64| {
        start
            .checked_add(jiff::SignedDuration::from_mins(minutes))
            .expect("in range")
    };
    assert_eq!(decide(&state, &event, at(5), &mut ()).cause(), None);
    assert_eq!(
        decide(&state, &event, at(10), &mut ()).cause(),
        Some(CauseId::EcaDisabled)
    );
}
