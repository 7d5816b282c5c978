//! What came before a refresh that failed, as our own client knows it: which of its refresh tokens it sent, how old that one was, and whether
//! it had served before.

use super::shown::{Line, Side};
use crate::cause::CauseId as C;
use crate::cause::CauseId;
use crate::evidence::Observation;

/// Until this age no limit of hours or days can have passed, and no five newer approvals are likely.
const YOUNG: i64 = 300;
/// With so many later ones the approval is none of the five newest.
const APPROVALS: usize = 5;

/// What the course speaks for a cause, or against it.
pub(super) fn of_course(cause: CauseId, observation: &Observation) -> Vec<Line> {
    let Some(sent) = observation.facts.refresh_sent else {
        return Vec::new();
    };
    let line = |side, text: String| vec![Line { side, text }];
    let young = sent.age.filter(|age| (0..=YOUNG).contains(age));
    match cause {
        C::RefreshRotationReuse if sent.replaced => line(
            Side::For,
            "the request carried a refresh token that a newer one had replaced".to_owned(),
        ),
        C::RefreshRotationReuse => line(
            Side::Against,
            "no refresh had replaced the refresh token that was sent".to_owned(),
        ),
        C::ScopeRefreshMissing | C::ScopeRefreshNotRequested => line(
            Side::Against,
            "a refresh token had come, so its scope had been granted".to_owned(),
        ),
        C::RefreshPolicyZero if sent.refreshes > 0 => line(
            Side::Against,
            "a refresh passed before, which this policy never allows".to_owned(),
        ),
        C::RefreshLifetimePassed
        | C::RefreshInactivityPassed
        | C::RefreshIdleTtl
        | C::RefreshFiveApprovals
        | C::RefreshRevoked
        | C::RiskyIpRevocation
        | C::SecretRotated
            if sent.replaced =>
        {
            line(
                Side::Against,
                "the refresh token that was sent had been replaced, which is enough".to_owned(),
            )
        }
        C::RefreshFiveApprovals if sent.later_logins >= APPROVALS => line(
            Side::For,
            format!("{} later logins had brought others", sent.later_logins),
        ),
        C::RefreshPolicyZero => match young.filter(|_| sent.later_logins < APPROVALS) {
            Some(age) => line(
                Side::For,
                format!("the refresh token was {age} s old, and this was its first use"),
            ),
            None => Vec::new(),
        },
        C::RefreshLifetimePassed | C::RefreshInactivityPassed | C::RefreshIdleTtl => match young {
            Some(age) => line(
                Side::Against,
                format!("the refresh token was {age} s old: no such limit can have passed"),
            ),
            None => Vec::new(),
        },
        C::RefreshFiveApprovals => match young {
            Some(age) => line(
                Side::Against,
                format!("the refresh token was {age} s old, and the oldest is dropped"),
            ),
            None => Vec::new(),
        },
        _ => Vec::new(),
    }
}
