//! What became of a grant, as it is compared and written.

use schemars::JsonSchema;
use serde::Serialize;

use super::want::{Want, no_refresh_token};
use crate::cause::CauseId;
use crate::exchange::Endpoint;
use crate::world::{End, Ran, World};

/// How a grant came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Came {
    /// The token came with nothing missing, and it can be used.
    Passes,
    /// The token came, and something is silently missing from it.
    Lacking,
    /// The token came, and a use that counts is refused; REST as a rule.
    UseRefused,
    /// It was refused.
    Refused,
    /// A page stands in between that nobody gets past.
    Page,
    /// It cannot be tried: there is no refresh token to send.
    NotTried,
}

/// What became of a grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Outcome {
    /// How it came out.
    pub state: Came,
    /// The first cause; `null` where it passes.
    #[serde(serialize_with = "optional_id")]
    #[schemars(with = "Option<String>")]
    pub cause: Option<CauseId>,
    /// The endpoint that says so.
    #[serde(serialize_with = "optional_endpoint")]
    #[schemars(with = "Option<String>")]
    pub at: Option<Endpoint>,
    /// Everything that is silently missing.
    #[serde(serialize_with = "ids")]
    #[schemars(with = "Vec<String>")]
    pub lacking: Vec<CauseId>,
    /// Every use that is refused.
    pub refused_uses: Vec<RefusedUse>,
}

/// A use of the token that is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RefusedUse {
    /// What was called.
    #[serde(serialize_with = "endpoint")]
    #[schemars(with = "String")]
    pub at: Endpoint,
    /// Why.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub cause: CauseId,
}

impl Outcome {
    /// Of a run of a want.
    pub fn of(world: &World, want: &Want, ran: &Ran) -> Self {
        let mut outcome = Self {
            state: Came::Passes,
            cause: ran.end.cause(),
            at: None,
            lacking: Vec::new(),
            refused_uses: Vec::new(),
        };
        match &ran.end {
            End::Granted { lacking } => {
                outcome.lacking.clone_from(lacking);
                outcome.uses(want, ran);
            }
            End::Refused { at, .. } => {
                (outcome.state, outcome.at) = (Came::Refused, Some(*at));
            }
            End::Page { at, .. } => (outcome.state, outcome.at) = (Came::Page, Some(*at)),
            End::NotTried => {
                outcome.state = Came::NotTried;
                outcome.cause = Some(no_refresh_token(world, world.org.person(&want.user)));
                outcome.at = Some(Endpoint::Token);
            }
        }
        outcome
    }

    fn uses(&mut self, want: &Want, ran: &Ran) {
        self.refused_uses = ran
            .uses
            .iter()
            // Introspection and revocation are no part of a grant, unless somebody wants them.
            .filter(|used| {
                matches!(used.at, Endpoint::Rest | Endpoint::Userinfo)
                    || want.uses.contains(&used.at)
            })
            .filter_map(|used| {
                Some(RefusedUse {
                    at: used.at,
                    cause: used.end.cause()?,
                })
            })
            .collect();
        let wanted = self
            .refused_uses
            .iter()
            .find(|used| want.uses.contains(&used.at));
        if !self.lacking.is_empty() {
            (self.state, self.at) = (Came::Lacking, Some(Endpoint::Token));
        } else if let Some(used) = wanted {
            (self.state, self.cause, self.at) = (Came::UseRefused, Some(used.cause), Some(used.at));
        }
    }

    /// Whether the token came with nothing missing, and can be used.
    pub fn passes(&self) -> bool {
        self.state == Came::Passes
    }

    /// In a few words: `passes`, `token refuses: secret_wrong`.
    pub fn say(&self) -> String {
        let cause = self.cause.map_or("no cause", CauseId::name);
        let at = self.at.map_or("", Endpoint::name);
        match self.state {
            Came::Passes => match self.refused_uses.first() {
                Some(used) => format!("passes; {} refuses: {}", used.at.name(), used.cause),
                None => "passes".to_owned(),
            },
            Came::Lacking => {
                let lacking: Vec<&str> = self.lacking.iter().map(|cause| cause.name()).collect();
                format!("token without {}", lacking.join(", "))
            }
            Came::UseRefused | Came::Refused => format!("{at} refuses: {cause}"),
            Came::Page => format!("ends on a page: {cause}"),
            Came::NotTried => format!("no refresh token: {cause}"),
        }
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands a field over by reference"
)]
pub(super) fn id<S: serde::Serializer>(id: &CauseId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(id.name())
}

#[expect(
    clippy::ref_option,
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands a field over by reference"
)]
pub(super) fn optional_id<S: serde::Serializer>(
    id: &Option<CauseId>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    id.map(CauseId::name).serialize(serializer)
}

fn ids<S: serde::Serializer>(ids: &[CauseId], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(ids.iter().map(|id| id.name()))
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands a field over by reference"
)]
pub(super) fn endpoint<S: serde::Serializer>(
    at: &Endpoint,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(at.name())
}

#[expect(
    clippy::ref_option,
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands a field over by reference"
)]
fn optional_endpoint<S: serde::Serializer>(
    at: &Option<Endpoint>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    at.map(Endpoint::name).serialize(serializer)
}
