//! The probe ladder as data: which requests tell which settings apart. Chains stand apart, each on an org of its own; the rungs of a chain
//! follow each other and use what those before them left. The order of the numbers is that of the public troubleshooting advice: what asks
//! least of a person first, what ends something last.

use crate::cause::CauseId;
use crate::diagnosis::ProbeClass;
use crate::factor::Factor;
use crate::grant::{CertainValue, Deviations, Subject};
use crate::oauth::GrantKind;

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// A user whom the app is meant for.
    Listed,
    /// A plain user who is on no list of the app and never approved it.
    Unlisted,
    /// A user whom the app is meant for, by a login without a second factor: single sign-on, which the org's setting does not reach.
    OneFactor,
    /// A user whose profile has login ranges, from an address outside them.
    Outside,
    /// A user whom the app is meant for, by a client that sends no secret.
    Public,
    /// A user whom the app is meant for, after a day.
    NextDay,
}

impl Who {
    /// In reports: about whom or what a diagnosis is.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Listed => "a listed user",
            Self::Unlisted => "a user who is not listed",
            Self::OneFactor => "a listed user without a second factor",
            Self::Outside => "a listed user outside the login ranges",
            Self::Public => "a client without the secret",
            Self::NextDay => "a listed user a day later",
        }
    }
}

/// What a refusal of a rung means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The flow is blocked.
    Blocks,
    /// By these causes the rung tells what it was sent for; by any other the app is at fault.
    Tells(&'static [CauseId]),
}

/// When a chain is climbed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Where the app is meant for its first grant.
    Meant,
    /// Whatever the app is meant for.
    Always,
    /// Where users have a second factor, and the app is meant for its first grant.
    Verifying,
    /// Where a user of the org has login ranges, and the app is meant for its first grant.
    Ranges,
}

/// One probe.
#[derive(Debug, Clone)]
pub struct Rung {
    /// Its number on the ladder.
    pub number: u8,
    /// The grant that is driven.
    pub grant: GrantKind,
    /// What is done, after the name of the grant; empty for the flow as it should be.
    pub does: &'static str,
    /// What it does to an org.
    pub class: ProbeClass,
    /// Who acts.
    pub who: Who,
    /// What is sent otherwise than it should be.
    pub sends: Deviations,
    /// The same in the words of the model.
    pub sets: &'static [(Factor, &'static str)],
    /// What a refusal means.
    pub refusal: Refusal,
    /// Hours that pass before it.
    pub after_hours: u64,
    /// What it means that it passed, where that is not plain.
    pub passed: &'static str,
}

/// Rungs that follow each other.
#[derive(Debug, Clone)]
pub struct Chain {
    /// When it is climbed.
    pub when: When,
    /// The rungs.
    pub rungs: Vec<Rung>,
}

impl Rung {
    /// A flow as it should be.
    fn new(number: u8, grant: GrantKind, class: ProbeClass) -> Self {
        Self {
            number,
            grant,
            does: "",
            class,
            who: Who::Listed,
            sends: Deviations::default(),
            sets: &[],
            refusal: Refusal::Blocks,
            after_hours: 0,
            passed: "",
        }
    }

    fn by(self, who: Who) -> Self {
        Self { who, ..self }
    }

    fn does(self, does: &'static str) -> Self {
        Self { does, ..self }
    }

    fn sends(self, sends: Deviations, sets: &'static [(Factor, &'static str)]) -> Self {
        Self {
            sends,
            sets,
            ..self
        }
    }

    fn tells(self, causes: &'static [CauseId], passed: &'static str) -> Self {
        Self {
            refusal: Refusal::Tells(causes),
            passed,
            ..self
        }
    }

    /// The title: number, grant, and what is done.
    pub fn title(&self) -> String {
        let space = if self.does.is_empty() { "" } else { " " };
        format!("{}{space}{}", self.grant.label(), self.does)
    }

    /// Whether nobody logs in: the request alone is judged.
    pub fn is_a_look(&self) -> bool {
        self.sends.without_person && self.grant == GrantKind::AuthorizationCode
    }

    /// Whether it is the flow itself, as the matrix has it.
    pub const fn is_the_flow(&self) -> bool {
        matches!(self.refusal, Refusal::Blocks)
    }
}

/// The causes by which a user who is not listed is kept out.
const KEPT_OUT: &[CauseId] = &[CauseId::UserNotPreauthorized];

/// The whole ladder.
pub fn ladder() -> Vec<Chain> {
    let mut chains = vec![look(), device_start(), wrong_secret()];
    chains.extend(client_credentials());
    chains.extend([nobody(), jwt(), browser(), device(), exchange()]);
    chains.extend(strangers());
    chains.extend(outside());
    chains.extend([one_factor(), next_day()]);
    chains
}

fn chain(when: When, rungs: Vec<Rung>) -> Chain {
    Chain { when, rungs }
}

fn browser() -> Chain {
    let refresh = |number, class| Rung::new(number, GrantKind::RefreshToken, class);
    chain(
        When::Meant,
        vec![
            Rung::new(8, GrantKind::AuthorizationCode, ProbeClass::Spends),
            refresh(9, ProbeClass::LeavesATrace),
            refresh(9, ProbeClass::LeavesATrace)
                .does("without the consumer secret")
                .sends(without_secret(), &[(Factor::ClientSecret, "absent")])
                .tells(
                    &[CauseId::SecretMissingRefresh, CauseId::DeviceSecretRequired],
                    "a refresh needs no consumer secret",
                ),
            refresh(10, ProbeClass::Ends)
                .does("with the first token again")
                .sends(
                    Deviations {
                        first_refresh_token: true,
                        ..Deviations::default()
                    },
                    &[(Factor::RefreshTokenSent, "former")],
                )
                .tells(
                    &[CauseId::RefreshRotationReuse],
                    "refresh tokens do not rotate",
                ),
        ],
    )
}

fn without_secret() -> Deviations {
    Deviations {
        client_secret: Some(CertainValue::Absent),
        ..Deviations::default()
    }
}

/// What a browser without a session is shown: nobody logs in, so nothing is spent.
fn look() -> Chain {
    let nobody = Deviations {
        without_person: true,
        ..Deviations::default()
    };
    let without_pkce = Deviations {
        code_challenge: Some(CertainValue::Absent),
        ..nobody.clone()
    };
    let rung = |number| Rung::new(number, GrantKind::AuthorizationCode, ProbeClass::Reads);
    chain(
        When::Meant,
        vec![
            rung(1)
                .does("up to the login page")
                .sends(nobody, &[])
                .tells(
                    &[],
                    "consumer key, callback URL and the form of the request are taken",
                ),
            rung(2)
                .does("up to the login page, without a code challenge")
                .sends(without_pkce, &[(Factor::CodeChallenge, "absent")])
                .tells(
                    &[CauseId::PkceRequiredByApp, CauseId::PkceRequiredByOrg],
                    "PKCE is not required",
                ),
        ],
    )
}

fn device_start() -> Chain {
    let sends = Deviations {
        without_person: true,
        ..Deviations::default()
    };
    chain(
        When::Always,
        vec![
            Rung::new(3, GrantKind::Device, ProbeClass::LeavesATrace)
                .does("started, and left")
                .sends(sends, &[(Factor::DevicePerson, "not yet")])
                .tells(&[CauseId::DeviceFlowOff, CauseId::DeviceNotYetApproved], ""),
        ],
    )
}

fn wrong_secret() -> Chain {
    let sends = Deviations {
        client_secret: Some(CertainValue::Wrong),
        ..Deviations::default()
    };
    chain(
        When::Always,
        vec![
            Rung::new(4, GrantKind::ClientCredentials, ProbeClass::LeavesATrace)
                .does("with a wrong consumer secret")
                .sends(sends, &[(Factor::ClientSecret, "wrong")])
                .tells(
                    &[CauseId::SecretWrong, CauseId::SecretOptionalButWrong],
                    "a wrong consumer secret is taken",
                ),
        ],
    )
}

fn client_credentials() -> [Chain; 1] {
    let rung = Rung::new(5, GrantKind::ClientCredentials, ProbeClass::LeavesATrace);
    [chain(When::Meant, vec![rung])]
}

fn nobody() -> Chain {
    let sends = Deviations {
        sub: Some("nobody@grantproof.example".to_owned()),
        ..Deviations::default()
    };
    chain(
        When::Meant,
        vec![
            Rung::new(6, GrantKind::JwtBearer, ProbeClass::LeavesATrace)
                .does("for a user who does not exist")
                .sends(sends, &[(Factor::AssertionSubject, "unknown")])
                .tells(
                    &[CauseId::JwtSubjectWrong, CauseId::JwtUserNotSelfApproved],
                    "a token is given for nobody",
                ),
        ],
    )
}

fn jwt() -> Chain {
    let rung = Rung::new(7, GrantKind::JwtBearer, ProbeClass::LeavesATrace);
    chain(When::Meant, vec![rung])
}

fn device() -> Chain {
    chain(
        When::Meant,
        vec![
            Rung::new(8, GrantKind::Device, ProbeClass::Spends),
            Rung::new(9, GrantKind::RefreshToken, ProbeClass::LeavesATrace)
                .does("of a device, without the consumer secret")
                .by(Who::Public)
                .sends(
                    without_secret(),
                    &[
                        (Factor::RefreshTokenOrigin, "device"),
                        (Factor::ClientSecret, "absent"),
                    ],
                )
                .tells(&[], "a device needs no consumer secret to refresh"),
        ],
    )
}

fn exchange() -> Chain {
    let sends = Deviations {
        subject_token: Some(Subject::Jwt),
        ..Deviations::default()
    };
    let rung = Rung::new(8, GrantKind::TokenExchange, ProbeClass::LeavesATrace);
    chain(When::Meant, vec![rung.sends(sends, &[])])
}

fn strangers() -> [Chain; 2] {
    [GrantKind::JwtBearer, GrantKind::AuthorizationCode].map(|grant| {
        let (number, class) = match grant {
            GrantKind::JwtBearer => (7, ProbeClass::LeavesATrace),
            _ => (8, ProbeClass::Spends),
        };
        chain(
            When::Meant,
            vec![
                Rung::new(number, grant, class)
                    .does("by a user who is not listed")
                    .by(Who::Unlisted)
                    .tells(KEPT_OUT, "any user of the org may use the app"),
            ],
        )
    })
}

fn outside() -> [Chain; 2] {
    [GrantKind::JwtBearer, GrantKind::AuthorizationCode].map(|grant| {
        chain(
            When::Ranges,
            vec![
                Rung::new(12, grant, ProbeClass::LeavesATrace)
                    .does("from outside the login ranges")
                    .by(Who::Outside)
                    .tells(&[], "login ranges do not hold here"),
            ],
        )
    })
}

fn one_factor() -> Chain {
    let rung = |grant, class, does| {
        Rung::new(8, grant, class)
            .does(does)
            .by(Who::OneFactor)
            .tells(&[], "no second factor is needed")
    };
    chain(
        When::Verifying,
        vec![
            rung(
                GrantKind::AuthorizationCode,
                ProbeClass::Spends,
                "by a login without a second factor",
            ),
            rung(
                GrantKind::RefreshToken,
                ProbeClass::LeavesATrace,
                "after a login without a second factor",
            ),
        ],
    )
}

fn next_day() -> Chain {
    let mut later = Rung::new(9, GrantKind::RefreshToken, ProbeClass::LeavesATrace)
        .does("a day later")
        .by(Who::NextDay)
        .tells(&[], "a refresh token lives longer than a day");
    later.after_hours = 25;
    chain(
        When::Meant,
        vec![
            Rung::new(8, GrantKind::AuthorizationCode, ProbeClass::Spends)
                .does("for a refresh later")
                .by(Who::NextDay)
                .tells(&[], ""),
            later,
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cause::AppKind;
    use crate::world::World;

    #[test]
    fn every_grant_but_the_legacy_one_has_a_rung_of_its_own() {
        let ladder = ladder();
        for grant in GrantKind::ALL {
            let rungs = ladder.iter().flat_map(|chain| &chain.rungs);
            let own = rungs.filter(|rung| rung.grant == grant && rung.is_the_flow());
            let expected = usize::from(grant != GrantKind::UsernamePassword);
            assert_eq!(own.count(), expected, "{grant}");
        }
    }

    #[test]
    fn the_model_knows_what_every_rung_sends() {
        for rung in ladder().iter().flat_map(|chain| &chain.rungs) {
            let mut world = World::healthy(AppKind::ExternalClientApp);
            for (factor, word) in rung.sets {
                let delta = crate::factor::Delta::new(*factor, *word);
                world.set(&delta).expect("a word of the factor");
            }
        }
    }
}
