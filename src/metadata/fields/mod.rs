//! The elements of each type: what they hold, which factor they decide, and what holds without them.
//!
//! Sources: the Metadata API guide, `https://developer.salesforce.com/docs/atlas.en-us.api_meta.meta/api_meta/meta_<type in lower case>.htm`,
//! and the WSDL (`https://github.com/forcedotcom/sf-skills`) for what the guide leaves out. A default stands here where one of these gives
//! it, or where records that the platform made by itself show it (noted at the row); anything else is unknown without its element.

mod app;
mod connected_app;
mod org;

use super::types::RecordType;
use crate::factor::Factor;

/// An element of a type.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) holds: Holds,
    /// The factors that it decides: none for most, two where one switch stands for two.
    pub(super) decides: &'static [Factor],
    pub(super) absent: Absent,
}

/// What an element holds.
#[derive(Debug)]
pub(super) enum Holds {
    /// A free text.
    Text,
    /// A text that no public structure keeps.
    Secret,
    /// Whatever stands inside.
    Open,
    /// These elements; given once.
    One(&'static [Field]),
    /// These elements; given any number of times.
    Many(&'static [Field]),
    /// `true` or `false`.
    Flag,
    /// A whole number within bounds.
    Number(i64, i64),
    /// One of some numbers.
    OneNumberOf(&'static [i64]),
    /// One of the words of its factor.
    OwnWord,
    /// One of some words, and what each means to its factor.
    Word(&'static [(&'static str, Means)]),
    /// Names separated by commas.
    Commas,
    /// Names on a line each.
    Lines,
    /// A name; given any number of times.
    Repeated,
    /// Scopes separated by commas.
    Scopes,
    /// A scope as connected apps spell it; given any number of times.
    RepeatedScope,
    /// A range of addresses, by the names of its ends; given any number of times.
    Ranges(&'static str, &'static str),
    /// A certificate in PEM form.
    Certificate,
    /// `infinite`, `zero`, `specific_lifetime:n:UNIT`, `specific_inactivity:n:UNIT`.
    RefreshTokenPolicy,
}

impl Holds {
    /// Whether the element may be given more than once.
    pub(super) const fn repeats(&self) -> bool {
        matches!(
            self,
            Self::Open | Self::Many(_) | Self::Repeated | Self::RepeatedScope | Self::Ranges(..)
        )
    }
}

/// What a word means to a factor.
#[derive(Debug, Clone, Copy)]
pub(super) enum Means {
    /// The factor's word.
    Word(&'static str),
    /// A number.
    Number(i64),
    /// Nothing that the factor knows.
    Nothing,
}

/// What holds without the element.
#[derive(Debug, Clone, Copy)]
pub(super) enum Absent {
    /// Nobody says.
    Unknown,
    /// Nothing is set, which is a value of its own: no names, no user, no timeout of the app.
    Nothing,
    /// A switch.
    Flag(bool),
    /// A word.
    Word(&'static str),
    /// A number.
    Number(i64),
    /// What holds without each of the elements inside.
    Inside,
}

/// The elements of a type.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields {
    pub(super) fields: &'static [Field],
    /// Whether these are all; otherwise others may stand beside.
    pub(super) all: bool,
}

/// Where a type holds a factor: the elements from the root down to the one that decides it.
pub(super) fn holding(kind: RecordType, factor: Factor) -> Option<Vec<&'static Field>> {
    within(of(kind).fields, factor)
}

fn within(fields: &'static [Field], factor: Factor) -> Option<Vec<&'static Field>> {
    fields.iter().find_map(|field| {
        if field.decides.contains(&factor) {
            return Some(vec![field]);
        }
        let Holds::One(inner) = field.holds else {
            return None;
        };
        let mut path = within(inner, factor)?;
        path.insert(0, field);
        Some(path)
    })
}

impl RecordType {
    /// The path of the element by which a record of this type decides a factor (`isPkceRequired`, `oauthConfig.isPkceRequired`).
    pub fn path_of(self, factor: Factor) -> Option<String> {
        let names = holding(self, factor)?.into_iter().map(|field| field.name);
        Some(names.collect::<Vec<_>>().join("."))
    }
}

const NONE: &[Field] = &[];

/// The elements of a type.
pub(super) const fn of(kind: RecordType) -> Fields {
    let (fields, all) = match kind {
        RecordType::ExternalClientApplication => (app::HEADER, true),
        RecordType::ExtlClntAppGlobalOauthSettings => (app::GLOBAL, true),
        RecordType::ExtlClntAppOauthSettings => (app::SETTINGS, true),
        RecordType::ExtlClntAppConfigurablePolicies => (app::POLICIES, true),
        RecordType::ExtlClntAppOauthConfigurablePolicies => (app::OAUTH_POLICIES, true),
        RecordType::ConnectedApp => (connected_app::CONNECTED_APP, true),
        RecordType::ExternalClientAppSettings => (org::EXTERNAL_CLIENT_APP, true),
        RecordType::ConnectedAppSettings => (org::CONNECTED_APP, true),
        RecordType::OauthOidcSettings => (org::OAUTH_OIDC, true),
        RecordType::MyDomainSettings => (org::MY_DOMAIN, false),
        RecordType::SecuritySettings => (org::SECURITY, false),
        RecordType::OauthCustomScope => (org::CUSTOM_SCOPE, true),
        RecordType::OauthTokenExchangeHandler => (org::TOKEN_EXCHANGE_HANDLER, true),
        RecordType::BlacklistedConsumer => (org::BLOCKED_CONSUMER, true),
        RecordType::ProfileSessionSetting => (org::PROFILE_SESSION, false),
        // Read by their own rules (`people`), or of no effect on OAuth.
        RecordType::Profile
        | RecordType::PermissionSet
        | RecordType::CorsWhitelistOrigin
        | RecordType::Certificate
        | RecordType::ExtlClntAppOauthSecuritySettings
        | RecordType::ExtlClntAppMobileSettings
        | RecordType::ExtlClntAppMobileConfigurablePolicies
        | RecordType::ExtlClntAppNotificationSettings
        | RecordType::ExtlClntAppPushSettings
        | RecordType::ExtlClntAppPushConfigurablePolicies
        | RecordType::ExtlClntAppSamlConfigurablePolicies
        | RecordType::ExtlClntAppCanvasSettings => (NONE, false),
    };
    Fields { fields, all }
}

/// An element that decides nothing.
const fn plain(name: &'static str, holds: Holds) -> Field {
    Field {
        name,
        holds,
        decides: &[],
        absent: Absent::Unknown,
    }
}

const fn text(name: &'static str) -> Field {
    plain(name, Holds::Text)
}

const fn flag(name: &'static str) -> Field {
    plain(name, Holds::Flag)
}

/// An element that decides a factor.
const fn decides(
    name: &'static str,
    factors: &'static [Factor],
    holds: Holds,
    absent: Absent,
) -> Field {
    Field {
        name,
        holds,
        decides: factors,
        absent,
    }
}

/// A switch that decides a factor, with its default.
const fn switch(name: &'static str, factors: &'static [Factor], default: bool) -> Field {
    decides(name, factors, Holds::Flag, Absent::Flag(default))
}

/// Key and formula of a custom attribute, in apps of both kinds.
const ATTRIBUTE: &[Field] = &[text("key"), text("formula")];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::factor::FactorKind;
    use std::collections::HashSet;

    /// Walks a type's elements with their paths.
    fn each(fields: &'static [Field], path: &str, see: &mut impl FnMut(&str, &'static Field)) {
        for field in fields {
            let path = if path.is_empty() {
                field.name.to_owned()
            } else {
                format!("{path}.{}", field.name)
            };
            see(&path, field);
            if let Holds::One(inner) | Holds::Many(inner) = field.holds {
                each(inner, &path, see);
            }
        }
    }

    #[test]
    fn an_element_decides_the_factor_that_names_it() {
        let mut seen = 0;
        for kind in RecordType::ALL.iter().copied() {
            // Connected apps decide the factors that their twins name.
            if kind == RecordType::ConnectedApp {
                continue;
            }
            each(of(kind).fields, "", &mut |path, field| {
                for factor in field.decides {
                    seen += 1;
                    let own = format!("{}.{path}", kind.name());
                    let profile = *factor == Factor::OrgSessionTimeout
                        && kind == RecordType::ProfileSessionSetting;
                    assert!(profile || factor.field() == own, "{own}: {factor:?}");
                }
            });
        }
        assert!(seen > 45, "{seen}");
    }

    #[test]
    fn an_element_is_listed_once() {
        for kind in RecordType::ALL.iter().copied() {
            let mut seen = HashSet::new();
            each(of(kind).fields, "", &mut |path, _| {
                assert!(seen.insert(path.to_owned()), "{kind:?}.{path}");
            });
        }
    }

    #[test]
    fn every_setting_that_metadata_names_is_read() {
        let mut read: HashSet<Factor> = HashSet::new();
        for kind in RecordType::ALL.iter().copied() {
            each(of(kind).fields, "", &mut |_, field| {
                read.extend(field.decides);
            });
        }
        // By the links between records, or by rules of their own.
        read.extend([
            Factor::AppBlocked,
            Factor::PolicyRecord,
            Factor::TokenExchangeHandler,
            Factor::LoginIpRanges,
            Factor::LoginHours,
            Factor::LoginFlow,
        ]);
        // Metadata has the element, and its text does not say what the factor is.
        let silent = [
            Factor::AppDeleted,
            Factor::ConsumerKey,
            Factor::ConsumerSecret,
            Factor::RefreshTokenIpAllowlist,
            Factor::MyDomainHostNeeded,
            Factor::DeviceActivation,
            Factor::PasswordExpired,
        ];
        let types: HashSet<&str> = RecordType::ALL.iter().map(|kind| kind.name()).collect();
        for factor in Factor::ALL.iter().copied() {
            let kind = factor.field().split('.').next().unwrap_or_default();
            // Permissions are fields of the object, and `userPermissions` of the metadata.
            let declared = !matches!(factor.kind(), FactorKind::Request | FactorKind::Environment);
            if declared && types.contains(kind) && !factor.field().starts_with("PermissionSet.") {
                assert_ne!(
                    read.contains(&factor),
                    silent.contains(&factor),
                    "{factor:?}"
                );
            }
        }
    }
}
