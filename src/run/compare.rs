//! What came out beside what was expected.

use crate::cause::CauseId;
use crate::diagnosis::Diagnosis;
use crate::evidence::PageKind;
use crate::exchange::Endpoint;
use crate::grant::{Breach, Outcome, StepRecord, UseAnswer};
use crate::oauth::{ErrorResponse, ScopeSet, TokenResponse};
use crate::report::Mismatch;
use crate::scenario::{Expect, Granted, Introspection, UseExpected, UseRefused};

/// The expectation in one line.
pub(super) fn say(expect: &Expect) -> String {
    match expect {
        Expect::Granted(granted) => {
            let mut text = "granted".to_owned();
            if let Some(UseExpected::Refused(refused)) = &granted.api {
                text = format!(
                    "{text}, REST refused with {}",
                    refused.error.as_deref().unwrap_or("any error")
                );
            }
            for cause in &granted.lacks {
                text = format!("{text}, lacking by {cause}");
            }
            text
        }
        Expect::Refused(refused) => {
            let code = if refused.error.is_empty() {
                "refused without a code"
            } else {
                &refused.error
            };
            refused
                .cause
                .map_or_else(|| code.to_owned(), |cause| format!("{code} by {cause}"))
        }
        Expect::Page(page) => {
            let text = format!(
                "the browser ends on the {} page",
                page.page.name().replace('_', " ")
            );
            page.cause
                .map_or(text.clone(), |cause| format!("{text} by {cause}"))
        }
        Expect::Unanswered(fault) => format!("no answer ({fault})"),
        Expect::OffProtocol(expected) => {
            let text = "an answer outside the protocol".to_owned();
            expected
                .cause
                .map_or(text.clone(), |cause| format!("{text} by {cause}"))
        }
    }
}

/// Everything in which the record differs from the expectation; empty where it is met.
pub(super) fn mismatches(
    expect: &Expect,
    record: &StepRecord,
    diagnosis: &Diagnosis,
) -> Vec<Mismatch> {
    let mut differ = Differ::default();
    match expect {
        Expect::Granted(granted) => match &record.outcome {
            Outcome::Granted(token) => differ.granted(granted, token, record, diagnosis),
            other => differ.outcome("granted", other),
        },
        Expect::Refused(expected) => match &record.outcome {
            Outcome::Refused { at, error } => {
                differ.error(expected, *at, error);
                differ.cause(expected.cause, expected.alone, diagnosis);
            }
            other => differ.outcome(&say(expect), other),
        },
        Expect::Page(expected) => match page_of(&record.outcome) {
            Some(page) => {
                differ.same("page", expected.page.name(), page.name());
                differ.cause(expected.cause, expected.alone, diagnosis);
            }
            None => differ.outcome(&say(expect), &record.outcome),
        },
        Expect::Unanswered(expected) => match &record.outcome {
            Outcome::Unanswered { fault, .. } => differ.same("fault", expected, fault.name()),
            other => differ.outcome(&say(expect), other),
        },
        Expect::OffProtocol(expected) => match &record.outcome {
            Outcome::OffProtocol { .. } => differ.cause(expected.cause, expected.alone, diagnosis),
            other => differ.outcome(&say(expect), other),
        },
    }
    differ.0
}

/// The page on which the browser ended.
fn page_of(outcome: &Outcome) -> Option<PageKind> {
    match outcome {
        Outcome::OffProtocol {
            breach: Breach::DeadEnd { url, .. },
            ..
        } => Some(PageKind::of_url(url)),
        _ => None,
    }
}

/// An outcome in a few words.
fn in_words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Granted(_) => "granted".to_owned(),
        Outcome::Refused { at, error } => format!("{} at {}", error_in_words(error), at.name()),
        Outcome::OffProtocol { breach, .. } => match page_of(outcome) {
            Some(page) if page != PageKind::Other => {
                format!("the browser ended on the {} page", page.label())
            }
            _ => breach.to_string(),
        },
        Outcome::Unanswered { fault, .. } => fault.to_string(),
        Outcome::NotSent { reason } => format!("nothing was sent: {reason}"),
    }
}

fn error_in_words(error: &ErrorResponse) -> String {
    match (&*error.error, &error.description) {
        ("", Some(sentence)) => format!("no code, \"{sentence}\""),
        (code, Some(sentence)) => format!("{code} \"{sentence}\""),
        (code, None) => code.to_owned(),
    }
}

#[derive(Default)]
struct Differ(Vec<Mismatch>);

impl Differ {
    fn note(&mut self, what: &str, expected: impl Into<String>, found: impl Into<String>) {
        self.0.push(Mismatch {
            what: what.to_owned(),
            expected: expected.into(),
            found: found.into(),
        });
    }

    fn same(&mut self, what: &str, expected: &str, found: &str) {
        if expected != found {
            self.note(what, expected, found);
        }
    }

    fn outcome(&mut self, expected: &str, found: &Outcome) {
        self.note("outcome", expected, in_words(found));
    }

    fn error(&mut self, expected: &crate::scenario::Refused, at: Endpoint, found: &ErrorResponse) {
        self.same("error", &expected.error, &found.error);
        if let Some(says) = &expected.says {
            self.same(
                "error_description",
                says,
                found.description.as_deref().unwrap_or("(none)"),
            );
        }
        if let Some(place) = expected.at {
            self.same("at", place.name(), at.name());
        }
    }

    /// The cause must be among those named, or the only one.
    fn cause(&mut self, expected: Option<CauseId>, alone: bool, diagnosis: &Diagnosis) {
        let Some(expected) = expected else {
            return;
        };
        let named: Vec<&str> = diagnosis.named().map(CauseId::name).collect();
        let found = if named.is_empty() {
            "no cause".to_owned()
        } else {
            named.join(", ")
        };
        if !named.contains(&expected.name()) {
            self.note("cause", expected.name(), found);
        } else if alone && named.len() > 1 {
            self.note("cause", format!("{expected} alone"), found);
        }
    }

    fn granted(
        &mut self,
        expected: &Granted,
        token: &TokenResponse,
        record: &StepRecord,
        diagnosis: &Diagnosis,
    ) {
        if let Some(scope) = &expected.scope {
            let found = ScopeSet::from_wire(token.scope.as_deref().unwrap_or_default());
            let same =
                scope.iter().all(|one| found.has(one)) && found.iter().all(|one| scope.has(one));
            if !same {
                self.note("scope", scope.to_wire(), found.to_wire());
            }
        }
        self.presence(
            "refresh_token",
            expected.refresh_token,
            token.refresh_token.is_some(),
        );
        self.presence("id_token", expected.id_token, token.id_token.is_some());
        for cause in &expected.lacks {
            self.cause(Some(*cause), false, diagnosis);
        }
        let answer = |at: Endpoint| record.uses.iter().find(|answer| answer.at == at);
        self.used(
            "api",
            expected.api.as_ref(),
            answer(Endpoint::Rest),
            diagnosis,
        );
        self.used(
            "userinfo",
            expected.userinfo.as_ref(),
            answer(Endpoint::Userinfo),
            diagnosis,
        );
        self.used(
            "revocation",
            expected.revocation.as_ref(),
            answer(Endpoint::Revoke),
            diagnosis,
        );
        if let Some(introspection) = &expected.introspection {
            self.introspection(
                introspection,
                answer(Endpoint::Introspect),
                record,
                diagnosis,
            );
        }
    }

    fn presence(&mut self, what: &str, expected: Option<bool>, found: bool) {
        let word = |present: bool| if present { "present" } else { "absent" };
        if let Some(expected) = expected.filter(|expected| *expected != found) {
            self.note(what, word(expected), word(found));
        }
    }

    fn used(
        &mut self,
        what: &str,
        expected: Option<&UseExpected>,
        found: Option<&UseAnswer>,
        diagnosis: &Diagnosis,
    ) {
        match (expected, found) {
            (None, _) => {}
            (Some(_), None) => self.note(what, "an answer", "not called"),
            (Some(UseExpected::Granted), Some(answer)) if is_success(answer) => {}
            (Some(UseExpected::Granted), Some(answer)) => {
                self.note(what, "granted", answer_in_words(answer));
            }
            (Some(UseExpected::Refused(refused)), Some(answer)) => {
                self.refused_use(what, refused, answer, diagnosis);
            }
        }
    }

    fn refused_use(
        &mut self,
        what: &str,
        expected: &UseRefused,
        answer: &UseAnswer,
        diagnosis: &Diagnosis,
    ) {
        if is_success(answer) {
            self.note(
                what,
                expected.error.as_deref().unwrap_or("refused"),
                "granted",
            );
            return;
        }
        let error = answer.error.clone().unwrap_or_default();
        if let Some(status) = expected
            .status
            .filter(|status| Some(*status) != answer.status)
        {
            self.note(what, status.to_string(), answer_in_words(answer));
        }
        if let Some(code) = expected.error.as_ref().filter(|code| **code != error.error) {
            self.note(what, code.as_str(), answer_in_words(answer));
        }
        if let Some(says) = expected
            .says
            .as_ref()
            .filter(|says| Some(*says) != error.description.as_ref())
        {
            self.note(what, says.as_str(), answer_in_words(answer));
        }
        self.cause(expected.cause, false, diagnosis);
    }

    fn introspection(
        &mut self,
        expected: &Introspection,
        answer: Option<&UseAnswer>,
        record: &StepRecord,
        diagnosis: &Diagnosis,
    ) {
        let active = record
            .checks
            .iter()
            .find(|check| check.name == "introspection")
            .and_then(|check| check.passed);
        let word = |active: Option<bool>| match active {
            Some(true) => "active",
            Some(false) => "inactive",
            None => "no answer that tells",
        };
        match expected {
            Introspection::Active => self.same("introspection", "active", word(active)),
            Introspection::Inactive => self.same("introspection", "inactive", word(active)),
            Introspection::Refused(refused) => match answer {
                Some(answer) => self.refused_use("introspection", refused, answer, diagnosis),
                None => self.note("introspection", "an answer", "not called"),
            },
        }
    }
}

fn is_success(answer: &UseAnswer) -> bool {
    answer.error.is_none()
        && answer
            .status
            .is_some_and(|status| (200..300).contains(&status))
}

fn answer_in_words(answer: &UseAnswer) -> String {
    let status = answer
        .status
        .map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    match &answer.error {
        Some(error) => format!("{status} {}", error_in_words(error)),
        None => status,
    }
}
