//! From what a driver left to what the report keeps. A fold: nothing is judged here, and secrets of a token response are not copied.

use std::time::Duration;

use crate::exchange::{Exchange, Fault, Received, Sent};
use crate::grant::{Check, Outcome, StepRecord, UseAnswer};

use super::{
    CheckReport, ExchangeReport, FaultReport, OutcomeReport, Pair, ReceivedReport, SentReport,
    StepKind, StepReport, UseReport,
};

/// A duration in whole milliseconds, as every report has it.
pub fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl From<&StepRecord> for StepReport {
    /// Everything that the driver left. Place, title, expectation, status, diagnosis and duration are the runner's to fill in.
    fn from(record: &StepRecord) -> Self {
        Self {
            kind: StepKind::Grant,
            grant: Some(record.kind.name().to_owned()),
            host: Some(record.host.name().to_owned()),
            outcome: Some(OutcomeReport::from(&record.outcome)),
            exchanges: record.exchanges.iter().map(ExchangeReport::from).collect(),
            checks: record.checks.iter().map(CheckReport::from).collect(),
            uses: record.uses.iter().map(UseReport::from).collect(),
            turned_away: record.turned_away.clone(),
            ..Self::default()
        }
    }
}

impl From<&Outcome> for OutcomeReport {
    fn from(outcome: &Outcome) -> Self {
        let mut report = Self {
            name: outcome.name().to_owned(),
            ..Self::default()
        };
        match outcome {
            Outcome::Granted(token) => {
                report.scope.clone_from(&token.scope);
                report.members.clone_from(&token.members);
            }
            Outcome::Refused { at, error } => {
                report.at = Some(at.name().to_owned());
                report.error = Some(error.error.clone());
                report.error_description.clone_from(&error.description);
            }
            Outcome::OffProtocol { at, breach } => {
                report.at = Some(at.name().to_owned());
                report.breach = Some(breach.to_string());
            }
            Outcome::Unanswered { at, fault } => {
                report.at = Some(at.name().to_owned());
                report.fault = Some(fault.name().to_owned());
                report.detail = Some(fault.to_string());
            }
            Outcome::NotSent { reason } => report.detail = Some(reason.clone()),
        }
        report
    }
}

impl From<&Exchange> for ExchangeReport {
    fn from(exchange: &Exchange) -> Self {
        Self {
            endpoint: exchange.endpoint.name().to_owned(),
            at: exchange.at.to_string(),
            took_ms: millis(exchange.took),
            sent: SentReport::from(&exchange.sent),
            received: exchange.received.as_ref().ok().map(ReceivedReport::from),
            fault: exchange.received.as_ref().err().map(FaultReport::from),
        }
    }
}

impl From<&Sent> for SentReport {
    fn from(sent: &Sent) -> Self {
        Self {
            method: sent.method.clone(),
            url: sent.url.clone(),
            headers: pairs(&sent.headers),
            fields: pairs(&sent.fields),
            body: sent.body.clone(),
        }
    }
}

impl From<&Received> for ReceivedReport {
    fn from(received: &Received) -> Self {
        Self {
            status: received.status,
            headers: pairs(&received.headers),
            body: received.body.clone(),
            length: received.length,
        }
    }
}

impl From<&Fault> for FaultReport {
    fn from(fault: &Fault) -> Self {
        Self {
            name: fault.name().to_owned(),
            text: fault.to_string(),
        }
    }
}

impl From<&Check> for CheckReport {
    fn from(check: &Check) -> Self {
        Self {
            name: check.name.to_owned(),
            passed: check.passed,
            detail: check.detail.clone(),
        }
    }
}

impl From<&UseAnswer> for UseReport {
    fn from(answer: &UseAnswer) -> Self {
        Self {
            at: answer.at.name().to_owned(),
            status: answer.status,
            error: answer.error.as_ref().map(|error| error.error.clone()),
            error_description: answer
                .error
                .as_ref()
                .and_then(|error| error.description.clone()),
        }
    }
}

fn pairs(list: &[(String, String)]) -> Vec<Pair> {
    list.iter()
        .map(|(name, value)| Pair {
            name: name.clone(),
            value: value.clone(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::Endpoint;
    use crate::grant::Held;
    use crate::oauth::{GrantKind, HostKind, parse_token};

    #[test]
    fn a_granted_step_keeps_names_and_scope_and_no_token() {
        let body =
            br#"{"access_token":"CANARY-A","refresh_token":"CANARY-R","scope":"api refresh_token","signature":"CANARY-S"}"#;
        let record = StepRecord {
            kind: GrantKind::JwtBearer,
            host: HostKind::Login,
            exchanges: Vec::new(),
            outcome: Outcome::Granted(Box::new(parse_token(body).unwrap())),
            checks: Vec::new(),
            uses: vec![UseAnswer {
                at: Endpoint::Rest,
                status: Some(401),
                error: None,
            }],
            turned_away: Vec::new(),
            scope_asked: None,
            refresh_sent: None,
            held: Held::default(),
        };
        let report = StepReport::from(&record);
        let text = serde_json::to_string(&report).unwrap();
        assert!(!text.contains("CANARY"), "{text}");
        let outcome = report.outcome.unwrap();
        assert_eq!(outcome.scope.as_deref(), Some("api refresh_token"));
        assert_eq!(outcome.members.len(), 4);
        assert_eq!(report.host.as_deref(), Some("login"));
        assert!(report.uses[0].is_refused());
    }
}
