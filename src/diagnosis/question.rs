//! The cheapest next question: of all probes of the ladder (ECA facts section 6), readings of settings and looks into the login history, the
//! one that splits the remaining hypotheses best for what it costs.

use std::collections::BTreeMap;

use super::ask_words;
use super::clue::{Test, clues};
use super::hypothesis::Hypothesis;
use super::{Diagnosis, Next};
use crate::cause::{AppKind, CauseId, entry, login_history_of};
use crate::evidence::{Observation, Sheet, from_ran, known_key};
use crate::factor::{Delta, Factor, FactorKind, Known, Value};
use crate::oauth::GrantKind;
use crate::world::{RUN_AS, World};

/// What a probe does to a live org (design section 7.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProbeClass {
    /// Nothing is left behind.
    Reads,
    /// A row in the login history, a token.
    LeavesATrace,
    /// An approval slot: the sixth evicts the oldest.
    Spends,
    /// Something ends: a token family, a session.
    Ends,
}

impl ProbeClass {
    /// The word in reports and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reads => "reads",
            Self::LeavesATrace => "leaves_a_trace",
            Self::Spends => "spends",
            Self::Ends => "ends",
        }
    }

    /// What it costs beside a reading.
    const fn cost(self) -> f64 {
        match self {
            Self::Reads => 1.0,
            Self::LeavesATrace => 1.3,
            Self::Spends => 1.8,
            Self::Ends => 4.0,
        }
    }
}

/// What is to be done or looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// Run a grant, the client otherwise as it is but for these factors.
    Probe {
        /// The grant.
        grant: GrantKind,
        /// What the client does otherwise.
        with: Vec<(Factor, &'static str)>,
    },
    /// Read a setting, of the user where it is a person's, or of the run-as user.
    Setting {
        /// Which.
        factor: Factor,
        /// Whose.
        person: Option<&'static str>,
    },
    /// Read the status of the login in the login history.
    LoginHistory,
    /// Ask which flow failed.
    Flow,
    /// Ask a person whether a fact holds: the key, and the word.
    Fact {
        /// A key of the vocabulary.
        key: &'static str,
        /// Its value.
        word: &'static str,
    },
}

/// A question with the answer that each remaining cause would give.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// What is asked.
    pub ask: Ask,
    /// The question in words.
    pub text: String,
    /// What it does to a live org.
    pub class: ProbeClass,
    /// The possible answers, each with the causes that give it. A cause that the model does not play stands at every answer.
    pub answers: Vec<(String, Vec<CauseId>)>,
    /// Expected information, in bits.
    pub bits: f64,
}

/// A cause still in question, with its weight.
#[derive(Debug, Clone, Copy)]
pub struct Suspect {
    /// The cause.
    pub cause: CauseId,
    /// Its weight; need not be normalised.
    pub weight: f64,
}

/// Below this many bits nothing is learnt.
const WORTH_ASKING: f64 = 0.02;
/// Below this many bits one cause stands out, and its own check, or what is written for the answer, serves better.
const WORTH_TELLING: f64 = 0.5;
/// How sure an answer is that the model forecasts.
const SURE: f64 = 0.96;

/// The questions that tell the suspects apart, the best for its cost first. `base` is the world that is known; `flows` are the grants that
/// the app uses; what came of `failed`, as it is, was seen and is not asked again.
pub fn questions(
    suspects: &[Suspect],
    base: &World,
    failed: Option<GrantKind>,
    flows: &[GrantKind],
) -> Vec<Question> {
    let players: Vec<(Suspect, Option<World>)> = suspects
        .iter()
        .map(|suspect| {
            let world = Hypothesis::of(suspect.cause).map(|hypothesis| hypothesis.world(base));
            (*suspect, world)
        })
        .collect();
    let mut asked: Vec<Question> = probes(flows)
        .into_iter()
        .filter(|(ask, ..)| {
            !matches!(ask, Ask::Probe { grant, with } if Some(*grant) == failed && with.is_empty())
        })
        .map(|(ask, class, text)| question(ask, class, text, &players))
        .chain(
            settings(&players)
                .into_iter()
                .map(|(ask, text)| question(ask, ProbeClass::Reads, text, &players)),
        )
        .filter(|question| question.bits > WORTH_ASKING)
        .collect();
    asked.sort_by(|a, b| b.worth().total_cmp(&a.worth()));
    asked
}

/// The candidates of a diagnosis as suspects.
pub fn suspects(found: &Diagnosis) -> Vec<Suspect> {
    found
        .candidates
        .iter()
        .map(|one| Suspect {
            cause: one.cause,
            weight: one.weight,
        })
        .collect()
}

/// The grant to probe: the one that failed; where none is known, the web server flow.
pub fn flow_of(failed: Option<GrantKind>) -> [GrantKind; 1] {
    [failed.unwrap_or(GrantKind::AuthorizationCode)]
}

/// Puts the question that splits the candidates best in the place of the general probe, where every answer to it leaves fewer of them and
/// half a bit is learnt.
/// `known` is what is known of the app and its org, `failed` the grant that was seen to fail.
pub fn better_next(found: &mut Diagnosis, kind: AppKind, known: &Known, failed: Option<GrantKind>) {
    let suspects = suspects(found);
    let base = World::with(kind, known);
    let Some(best) = questions(&suspects, &base, failed, &flow_of(failed))
        .into_iter()
        .next()
    else {
        return;
    };
    let most = best.answers.iter().map(|(_, causes)| causes.len()).max();
    if best.bits >= WORTH_TELLING && most.is_some_and(|most| most < suspects.len()) {
        found.next = Some(best.as_next());
    }
}

/// What the suspects weigh after an answer.
pub fn learn(suspects: &mut [Suspect], question: &Question, answer: &str) {
    let given: Vec<CauseId> = question
        .answers
        .iter()
        .find(|(text, _)| text == answer)
        .map(|(_, causes)| causes.clone())
        .unwrap_or_default();
    let elsewhere: Vec<CauseId> = question
        .answers
        .iter()
        .filter(|(text, _)| text != answer)
        .flat_map(|(_, causes)| causes.iter().copied())
        .collect();
    for suspect in suspects.iter_mut() {
        suspect.weight *= match (
            given.contains(&suspect.cause),
            elsewhere.contains(&suspect.cause),
        ) {
            (true, false) => SURE,
            (true, true) => 0.5,
            (false, _) => 1.0 - SURE,
        };
    }
    let total: f64 = suspects.iter().map(|one| one.weight).sum();
    if total > 0.0 {
        for suspect in suspects {
            suspect.weight /= total;
        }
    }
}

/// What a world answers to a question.
pub fn answer_of(world: &World, ask: &Ask) -> Option<String> {
    match ask {
        Ask::Probe { grant, with } => {
            let as_it_is = came_of(world, *grant);
            if with.is_empty() {
                return Some(as_it_is);
            }
            let mut world = world.clone();
            for (factor, word) in with {
                world.set(&Delta::new(*factor, *word)).ok()?;
            }
            let came = came_of(&world, *grant);
            Some(if came == as_it_is {
                UNCHANGED.to_owned()
            } else {
                came
            })
        }
        Ask::Setting { factor, person } => read(world, *factor, *person),
        Ask::LoginHistory | Ask::Flow | Ask::Fact { .. } => None,
    }
}

/// What a probe comes to that changes nothing.
const UNCHANGED: &str = "the same as without that change";

/// What becomes of a grant, in the words of a person who watches it.
fn came_of(world: &World, grant: GrantKind) -> String {
    let ran = world.run(grant, &mut ());
    let seen: Vec<String> = from_ran(&ran, world.kind())
        .into_iter()
        .filter(Observation::is_failure)
        .map(|one| one.summary())
        .collect();
    match (ran.end.is_granted(), seen.is_empty()) {
        (true, true) => "it passes".to_owned(),
        (true, false) => format!("a token comes; {}", seen.join("; ")),
        (false, true) => "it cannot be run so".to_owned(),
        (false, false) => format!("refused; {}", seen.join("; ")),
    }
}

impl Question {
    /// It as the next step of a diagnosis.
    pub fn as_next(&self) -> Next {
        let mut separates: Vec<CauseId> = Vec::new();
        for (_, causes) in &self.answers {
            for cause in causes {
                if !separates.contains(cause) {
                    separates.push(*cause);
                }
            }
        }
        Next {
            probe: self.text.clone(),
            separates,
            class: Some(self.class),
        }
    }

    /// What it tells for what it costs.
    pub fn worth(&self) -> f64 {
        self.bits / self.class.cost()
    }
}

/// From which ratio a clue makes an answer the one that its cause gives.
const TELLING: f64 = 4.0;

/// Questions to a person about facts of the vocabulary that the clues use and the report does not tell. A cause without a clue may answer
/// either way.
pub fn fact_questions(suspects: &[Suspect], sheet: &Sheet) -> Vec<Question> {
    let mut votes: BTreeMap<(&'static str, &'static str), Vec<(CauseId, bool)>> = BTreeMap::new();
    for clue in clues() {
        let [atom] = clue.when.as_slice() else {
            continue;
        };
        let Test::Is(words) = &atom.test else {
            continue;
        };
        let asked = atom.key.starts_with("facts.") || atom.key.starts_with("request.");
        if !asked
            || sheet.get(atom.key).is_some()
            || !suspects.iter().any(|one| one.cause == clue.cause)
        {
            continue;
        }
        for word in words {
            let vote = if clue.ratio >= TELLING {
                true
            } else if clue.ratio <= 1.0 / TELLING {
                false
            } else {
                continue;
            };
            votes
                .entry((atom.key, word))
                .or_default()
                .push((clue.cause, vote));
        }
    }
    let players: Vec<(Suspect, Option<World>)> = suspects.iter().map(|one| (*one, None)).collect();
    votes
        .into_iter()
        .filter_map(|((key, word), votes)| {
            let known = known_key(key)?;
            let mut by_answer: BTreeMap<String, Vec<CauseId>> = BTreeMap::new();
            for (cause, yes) in &votes {
                let answer = if *yes { "yes" } else { "no" };
                by_answer.entry(answer.to_owned()).or_default().push(*cause);
            }
            by_answer.entry("yes".to_owned()).or_default();
            by_answer.entry("no".to_owned()).or_default();
            let open: Vec<CauseId> = suspects
                .iter()
                .map(|one| one.cause)
                .filter(|cause| !votes.iter().any(|(voted, _)| voted == cause))
                .collect();
            // Where only one side has a voice, the silent ones lean to the other.
            let bits = if by_answer.values().any(Vec::is_empty) {
                let mut leaning = by_answer.clone();
                if let Some(empty) = leaning.values_mut().find(|causes| causes.is_empty()) {
                    empty.extend(&open);
                }
                information(&leaning, &[], &players) * LEANING
            } else {
                information(&by_answer, &open, &players)
            };
            let text = ask_words::question(known, word);
            let (yes, no) = if word == "false" {
                ("no", "yes")
            } else {
                ("yes", "no")
            };
            let mut answers: Vec<(String, Vec<CauseId>)> = Vec::new();
            for (side, said) in [("yes", yes), ("no", no)] {
                let mut causes = by_answer.get(side).cloned().unwrap_or_default();
                causes.extend(&open);
                answers.push((said.to_owned(), causes));
            }
            (bits > WORTH_ASKING).then_some(Question {
                ask: Ask::Fact { key, word },
                text,
                class: ProbeClass::Reads,
                answers,
                bits,
            })
        })
        .collect()
}

/// How much of the information is taken where only one side of a question has a voice.
const LEANING: f64 = 0.4;

fn read(world: &World, factor: Factor, person: Option<&str>) -> Option<String> {
    let mut world = world.clone();
    if let Some(person) = person {
        person.clone_into(&mut world.client.person);
    }
    world.read(factor).map(|value| value.to_string())
}

fn question(
    ask: Ask,
    class: ProbeClass,
    text: String,
    players: &[(Suspect, Option<World>)],
) -> Question {
    let mut by_answer: BTreeMap<String, Vec<CauseId>> = BTreeMap::new();
    let mut unplayed = Vec::new();
    for (suspect, world) in players {
        let answer = match (&ask, world) {
            (Ask::LoginHistory, _) => {
                let statuses = login_history_of(suspect.cause);
                Some(
                    statuses
                        .first()
                        .map_or("none of these", |row| row.text)
                        .to_owned(),
                )
            }
            (_, Some(world)) => answer_of(world, &ask),
            (_, None) => None,
        };
        match answer {
            Some(answer) => by_answer.entry(answer).or_default().push(suspect.cause),
            None => unplayed.push(suspect.cause),
        }
    }
    let bits = information(&by_answer, &unplayed, players);
    let mut answers: Vec<(String, Vec<CauseId>)> = by_answer.into_iter().collect();
    for (_, causes) in &mut answers {
        causes.extend(&unplayed);
    }
    Question {
        ask,
        text,
        class,
        answers,
        bits,
    }
}

/// Expected information of a split, in bits: the entropy of the answers, less what a cause outside the model blurs.
fn information(
    by_answer: &BTreeMap<String, Vec<CauseId>>,
    unplayed: &[CauseId],
    players: &[(Suspect, Option<World>)],
) -> f64 {
    let weight = |causes: &[CauseId]| -> f64 {
        players
            .iter()
            .filter(|(suspect, _)| causes.contains(&suspect.cause))
            .map(|(suspect, _)| suspect.weight)
            .sum()
    };
    let total: f64 = players.iter().map(|(suspect, _)| suspect.weight).sum();
    let played = total - weight(unplayed);
    if total <= 0.0 || played <= 0.0 {
        return 0.0;
    }
    let entropy: f64 = by_answer
        .values()
        .map(|causes| weight(causes) / played)
        .filter(|share| *share > 0.0)
        .map(|share| -share * share.log2())
        .sum();
    entropy * played / total
}

/// The probes of the ladder for the flows of an app.
fn probes(flows: &[GrantKind]) -> Vec<(Ask, ProbeClass, String)> {
    let mut probes = Vec::new();
    let mut add = |grant, with: Vec<(Factor, &'static str)>, class, text: String| {
        probes.push((Ask::Probe { grant, with }, class, text));
    };
    for grant in flows {
        let class = match grant {
            GrantKind::AuthorizationCode | GrantKind::Device => ProbeClass::Spends,
            _ => ProbeClass::LeavesATrace,
        };
        let label = grant.label();
        add(
            *grant,
            Vec::new(),
            class,
            format!("Run the {label} with the same app and user"),
        );
        add(
            *grant,
            vec![(Factor::Host, "my_domain")],
            class,
            format!("Run the {label} on the org's My Domain host, nothing else changed"),
        );
        add(
            *grant,
            vec![(Factor::SourceAddress, "inside")],
            class,
            format!("Run the {label} from an address inside the user's login IP ranges"),
        );
        match grant {
            GrantKind::AuthorizationCode => {
                add(
                    *grant,
                    vec![
                        (Factor::CodeChallenge, "right"),
                        (Factor::CodeVerifier, "right"),
                    ],
                    class,
                    "Run the web server flow with PKCE (S256), challenge and verifier recomputed"
                        .to_owned(),
                );
                add(
                    *grant,
                    vec![(Factor::ScopeAsked, "granted by the app")],
                    class,
                    "Run the web server flow without a scope parameter: all scopes of the app are granted".to_owned(),
                );
                add(
                    *grant,
                    vec![
                        (Factor::Code, "right"),
                        (Factor::CodeAge, "at most 15 minutes"),
                    ],
                    class,
                    "Run the web server flow again and redeem the fresh code at once, once"
                        .to_owned(),
                );
            }
            GrantKind::RefreshToken => {
                add(
                    *grant,
                    vec![
                        (Factor::RefreshTokenAge, "within the period"),
                        (Factor::RefreshTokenIdle, "within the period"),
                        (Factor::RefreshTokenRevoked, "no"),
                        (Factor::ApprovalCount, "at most 5"),
                        (Factor::RefreshTokenSent, "current"),
                        (Factor::RefreshAtOnce, "one"),
                    ],
                    ProbeClass::Spends,
                    "Log in anew and refresh within seconds, alone".to_owned(),
                );
                add(
                    *grant,
                    vec![(Factor::ClientSecret, "right")],
                    class,
                    "Refresh with the consumer secret taken from Setup again".to_owned(),
                );
            }
            GrantKind::JwtBearer => {
                for (factor, word, text) in [
                    (
                        Factor::AssertionAudience,
                        "right",
                        "Send the assertion with the org's My Domain as aud",
                    ),
                    (
                        Factor::AssertionExpiry,
                        "ahead",
                        "Send an assertion with exp three minutes ahead, by the Date header of the server",
                    ),
                    (
                        Factor::AssertionKey,
                        "right",
                        "Sign with the key whose public half stands in the certificate on the app",
                    ),
                    (
                        Factor::AssertionSubject,
                        "unknown",
                        "Send the assertion for a username that does not exist, right in all else",
                    ),
                    (
                        Factor::AssertionForm,
                        "JWT",
                        "Send an assertion made by another library",
                    ),
                ] {
                    add(*grant, vec![(factor, word)], class, text.to_owned());
                }
            }
            GrantKind::ClientCredentials | GrantKind::TokenExchange => {
                add(
                    *grant,
                    vec![(Factor::ClientSecret, "right")],
                    class,
                    format!("Run the {label} with the consumer secret taken from Setup again"),
                );
                add(
                    *grant,
                    vec![(Factor::ClientSecret, "wrong")],
                    class,
                    format!("Run the {label} with a secret that is wrong on purpose"),
                );
            }
            GrantKind::Device => add(
                *grant,
                vec![
                    (Factor::DeviceCodeAge, "at most 10 minutes"),
                    (Factor::DevicePerson, "approved"),
                    (Factor::DevicePolling, "kept"),
                    (Factor::DeviceCode, "right"),
                ],
                class,
                "Start the device flow anew, approve at once, poll at the interval".to_owned(),
            ),
            GrantKind::UsernamePassword => add(
                *grant,
                vec![(Factor::SecurityToken, "right")],
                class,
                "Run the username-password flow with the newest security token after the password"
                    .to_owned(),
            ),
        }
    }
    probes.push((
        Ask::LoginHistory,
        ProbeClass::Reads,
        "Read LoginHistory.Status of the user for this minute (Setup > Login History)".to_owned(),
    ));
    probes
}

/// The settings on which the suspects rest.
fn settings(players: &[(Suspect, Option<World>)]) -> Vec<(Ask, String)> {
    let mut asks: Vec<(Ask, String)> = Vec::new();
    for (suspect, _) in players {
        let Some(row) = Hypothesis::of(suspect.cause).and_then(|one| one.row) else {
            continue;
        };
        for condition in row.conditions {
            let factor = condition.factor;
            if matches!(factor.kind(), FactorKind::Request | FactorKind::Environment) {
                continue;
            }
            let person = World::whose(row, factor);
            let ask = Ask::Setting { factor, person };
            if asks.iter().any(|(own, _)| *own == ask) {
                continue;
            }
            let whose = match person {
                Some(RUN_AS) => " of the run-as user",
                Some(_) => " of the user",
                None => "",
            };
            let about = entry(suspect.cause);
            let place = if about.setup_path.starts_with('(') {
                String::new()
            } else {
                format!("; {}", about.setup_path)
            };
            let text = format!(
                "Read \"{}\"{whose} ({}{place})",
                factor.label(),
                factor.field()
            );
            asks.push((ask, text));
        }
    }
    asks
}

/// What a read setting says, as known from the org.
pub fn known_of(ask: &Ask, answer: &str, known: &mut Known) {
    if let Ask::Setting { factor, .. } = ask {
        let value = match answer {
            "true" => Value::Flag(true),
            "false" => Value::Flag(false),
            "(absent)" | "(none)" => Value::Absent,
            other => other.into(),
        };
        known.learn(
            *factor,
            value,
            crate::factor::Provenance::Query("asked".to_owned()),
        );
    }
}
