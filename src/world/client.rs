//! The client's side of a world: what it sends, from where, and what happened before, each as a word of the factor table.

use std::net::{IpAddr, Ipv4Addr};

use crate::factor::{Delta, Factor};
use crate::model::{
    AssertionFact, Caller, ChallengeFact, ClientFact, DeltaError, PersonId, SecretFact,
    SubjectFact, VerifierFact,
};
use crate::oauth::{GrantKind, HostKind, ScopeSet};

use super::World;

/// An address that a healthy client comes from (RFC 5737).
pub const INSIDE: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9));
/// An address that no range of a story holds (RFC 5737).
pub const OUTSIDE: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));

/// What a client does. A factor that was never set has the first word of its table, which is the healthy one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Who logs in, and for whom assertions speak.
    pub person: String,
    /// The redirect URI that it sends.
    pub redirect_uri: String,
    /// The scope that it asks for; `None` asks for all that the app has.
    pub scope: Option<ScopeSet>,
    /// Where it comes from.
    pub address: IpAddr,
    /// Where it uses tokens from.
    pub uses_from: IpAddr,
    /// Whether the person proves the identity where a page asks for it.
    pub verifies: bool,
    /// Whether its refresh token was granted before the app was switched to admin approval.
    pub approved_before_switch: bool,
    words: Vec<(Factor, String)>,
}

impl Client {
    /// A client that does everything right.
    pub fn healthy(person: impl Into<String>) -> Self {
        Self {
            person: person.into(),
            redirect_uri: "https://localhost/callback".to_owned(),
            scope: None,
            address: INSIDE,
            uses_from: INSIDE,
            verifies: false,
            approved_before_switch: false,
            words: Vec::new(),
        }
    }

    /// The word of a factor of the request or the environment.
    pub fn word(&self, factor: Factor) -> &str {
        self.words
            .iter()
            .find(|(own, _)| *own == factor)
            .map_or_else(
                || factor.values().split('|').next().unwrap_or_default(),
                |(_, word)| word,
            )
    }

    /// Whether a factor has a word.
    pub(super) fn is(&self, factor: Factor, word: &str) -> bool {
        self.word(factor) == word
    }

    /// Sets a factor of the request or the environment to one of its words.
    pub(super) fn set(&mut self, delta: &Delta) -> Result<(), DeltaError> {
        let factor = delta.factor;
        let given = delta.value.to_string();
        let word = factor
            .values()
            .split('|')
            .find(|word| word.eq_ignore_ascii_case(&given))
            .ok_or_else(|| DeltaError::Value {
                key: factor.key(),
                value: given.clone(),
                valid: factor.values().replace('|', ", "),
            })?;
        self.say(factor, word);
        match factor {
            Factor::SourceAddress => {
                self.address = if word == "outside" { OUTSIDE } else { INSIDE };
                self.uses_from = self.address;
            }
            Factor::RedirectUri if word == "wrong" => {
                "https://localhost/other".clone_into(&mut self.redirect_uri);
            }
            Factor::RedirectUri => "https://localhost/callback".clone_into(&mut self.redirect_uri),
            _ => {}
        }
        Ok(())
    }

    fn say(&mut self, factor: Factor, word: &str) {
        match self.words.iter_mut().find(|(own, _)| *own == factor) {
            Some((_, own)) => word.clone_into(own),
            None => self.words.push((factor, word.to_owned())),
        }
    }

    /// The request as the org sees where it comes from and goes to.
    pub(super) fn caller(&self) -> Caller {
        Caller {
            host: match self.word(Factor::Host) {
                "login" => HostKind::Login,
                "test" => HostKind::Test,
                _ => HostKind::MyDomain,
            },
            address: self.address,
        }
    }

    pub(super) fn client_id(&self) -> ClientFact {
        match self.word(Factor::ClientId) {
            "wrong" => ClientFact::Unknown,
            "former" => ClientFact::Former(World::APP),
            "absent" => ClientFact::Absent,
            _ => ClientFact::Known(World::APP),
        }
    }

    pub(super) fn secret(&self) -> SecretFact {
        if self.is(Factor::BasicHeader, "malformed") {
            return SecretFact::Malformed;
        }
        secret(self.word(Factor::ClientSecret))
    }

    pub(super) fn password(&self) -> SecretFact {
        secret(self.word(Factor::Password))
    }

    pub(super) fn security_token(&self) -> SecretFact {
        secret(self.word(Factor::SecurityToken))
    }

    pub(super) fn challenge(&self) -> ChallengeFact {
        match self.word(Factor::CodeChallenge) {
            "absent" => ChallengeFact::Absent,
            "malformed" => ChallengeFact::Malformed,
            _ => ChallengeFact::Present,
        }
    }

    /// The verifier that a grant sends: with a code the one of the challenge, else none, unless the client does otherwise.
    pub(super) fn verifier(&self, grant: GrantKind) -> VerifierFact {
        let with_code = grant == GrantKind::AuthorizationCode;
        match self.word(Factor::CodeVerifier) {
            "given" => VerifierFact::Wrong,
            "wrong" if with_code => VerifierFact::Wrong,
            "malformed" if with_code => VerifierFact::BadCharset,
            "right" if with_code && !self.is(Factor::CodeChallenge, "absent") => {
                VerifierFact::Right
            }
            _ => VerifierFact::Absent,
        }
    }

    pub(super) fn assertion(&self, person: Option<PersonId>) -> AssertionFact {
        AssertionFact {
            well_formed: self.is(Factor::AssertionForm, "JWT"),
            rs256: self.is(Factor::AssertionAlgorithm, "RS256"),
            complete: self.is(Factor::AssertionClaims, "complete"),
            signature: self.is(Factor::AssertionKey, "right"),
            audience: self.is(Factor::AssertionAudience, "right"),
            in_time: self.is(Factor::AssertionExpiry, "ahead"),
            replayed: self.is(Factor::AssertionJti, "used"),
            person: person.filter(|_| self.is(Factor::AssertionSubject, "username of this org")),
        }
    }

    pub(super) fn subject(&self, person: Option<PersonId>) -> SubjectFact {
        match (self.word(Factor::SubjectToken), person) {
            ("JWT access token", _) => SubjectFact::OwnJwt,
            ("accepted", Some(person)) => SubjectFact::Of(person),
            _ => SubjectFact::Invalid,
        }
    }

    /// The scope to ask for, of an app that has `all`.
    pub fn asks(&self, all: &ScopeSet) -> Option<ScopeSet> {
        let without = |names: &[&str]| {
            let mut scope = all.clone();
            for name in names {
                scope.remove(name);
            }
            Some(scope)
        };
        match self.word(Factor::ScopeAsked) {
            "unknown name" => {
                let mut scope = all.clone();
                scope.add("no_such_scope");
                Some(scope)
            }
            "without api" => without(&["api", "full"]),
            "without refresh_token" => without(&["refresh_token", "offline_access"]),
            "without openid" => without(&["openid"]),
            _ => self.scope.clone(),
        }
    }
}

fn secret(word: &str) -> SecretFact {
    match word {
        "wrong" => SecretFact::Wrong,
        "former" => SecretFact::Former,
        "absent" => SecretFact::Absent,
        _ => SecretFact::Right,
    }
}
