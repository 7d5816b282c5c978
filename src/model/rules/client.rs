//! Client authentication (step 5): PKCE never replaces the secret, and a secret that is sent is always judged.

use super::super::decide::{Judge, Ruling};
use super::super::event::SecretFact;
use super::super::state::AppId;
use super::super::trace::{Stage, Trace};
use crate::cause::CauseId;
use crate::factor::Factor;
use crate::oauth::GrantKind;

impl<T: Trace> Judge<'_, T> {
    /// `of_device`: the refresh token came of a device flow, whose clients have no secret as a rule.
    pub(super) fn client_authentication(
        &mut self,
        app: AppId,
        grant: GrantKind,
        secret: SecretFact,
        of_device: bool,
    ) -> Ruling {
        let settings = self.settings(app);
        let (required, factor, missing) = match grant {
            GrantKind::AuthorizationCode => (
                !settings.consumer_secret_optional,
                Factor::ConsumerSecretOptional,
                CauseId::SecretMissingWebServer,
            ),
            GrantKind::RefreshToken => (
                settings.secret_required_for_refresh_token,
                Factor::SecretRequiredForRefreshToken,
                if of_device {
                    CauseId::DeviceSecretRequired
                } else {
                    CauseId::SecretMissingRefresh
                },
            ),
            GrantKind::TokenExchange => (
                settings.secret_required_for_token_exchange,
                Factor::SecretRequiredForTokenExchange,
                CauseId::SecretMissingTokenExchange,
            ),
            GrantKind::ClientCredentials | GrantKind::UsernamePassword => {
                (true, Factor::ClientSecret, CauseId::SecretWrong)
            }
            // The device starts and polls without a secret; an assertion needs none.
            GrantKind::Device | GrantKind::JwtBearer => {
                (false, Factor::ClientSecret, CauseId::SecretWrong)
            }
        };
        self.check(
            Stage::ClientAuthentication,
            Factor::BasicHeader,
            secret != SecretFact::Malformed,
            || {
                if secret == SecretFact::Malformed {
                    "a header that cannot be decoded"
                } else {
                    "readable, or none"
                }
                .to_owned()
            },
            "base64 of client_id:client_secret",
            CauseId::ClientAuthHeaderMalformed,
        )?;
        self.check(
            Stage::ClientAuthentication,
            factor,
            !(required && secret == SecretFact::Absent),
            || {
                match (required, secret) {
                    (true, SecretFact::Absent) => "required, and none sent",
                    (true, _) => "required, and sent",
                    (false, _) => "not required",
                }
                .to_owned()
            },
            "the consumer secret",
            missing,
        )?;
        self.check(
            Stage::ClientAuthentication,
            Factor::ConsumerSecret,
            secret != SecretFact::Former,
            || {
                if secret == SecretFact::Former {
                    "one that was replaced"
                } else {
                    "no former one"
                }
                .to_owned()
            },
            "the present consumer secret",
            CauseId::SecretRotated,
        )?;
        let wrong = if required || grant == GrantKind::Device {
            CauseId::SecretWrong
        } else {
            CauseId::SecretOptionalButWrong
        };
        self.check(
            Stage::ClientAuthentication,
            Factor::ClientSecret,
            secret != SecretFact::Wrong || grant == GrantKind::JwtBearer,
            || {
                if secret == SecretFact::Wrong {
                    "wrong"
                } else {
                    "right or not needed"
                }
                .to_owned()
            },
            "the consumer secret",
            wrong,
        )
    }
}
