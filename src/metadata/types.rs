//! The types of metadata records that decide a login, and how their files are called.
//!
//! Folders, suffixes and root elements: the registry of `forcedotcom/source-deploy-retrieve` (`src/registry/metadataRegistry.json`) and the
//! Metadata API guide, `https://developer.salesforce.com/docs/atlas.en-us.api_meta.meta/api_meta/meta_<type>.htm`.

/// Whose side of an app a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// What the developer fixed; travels with a package.
    Developer,
    /// What the admin of each org decides; never packaged.
    Admin,
    /// A legacy connected app, which holds both.
    Both,
    /// Of the org, not of an app.
    Org,
}

/// Declares the closed set of types. A suffix with a stem before its dot is the whole name of a file.
macro_rules! types {
    ($($(#[$doc:meta])* $variant:ident = ($folder:literal, $suffix:literal, $side:ident)),+ $(,)?) => {
        /// A type of metadata record. Its name is that of the root element.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum RecordType {
            $($(#[$doc])* $variant),+
        }

        impl RecordType {
            /// Every type.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The root element.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant)),+ }
            }

            /// The folder of its files; empty where no source names it.
            pub const fn folder(self) -> &'static str {
                match self { $(Self::$variant => $folder),+ }
            }

            /// How a file name ends, before `-meta.xml`; for settings the whole name.
            pub const fn suffix(self) -> &'static str {
                match self { $(Self::$variant => $suffix),+ }
            }

            /// Whose side of an app it is.
            pub const fn side(self) -> Side {
                match self { $(Self::$variant => Side::$side),+ }
            }
        }
    };
}

types! {
    /// The header of an External Client App.
    ExternalClientApplication = ("externalClientApps", ".eca", Developer),
    /// Key, callback URLs, flow switches.
    ExtlClntAppGlobalOauthSettings = ("extlClntAppGlobalOauthSets", ".ecaGlblOauth", Developer),
    /// Scopes and trusted addresses.
    ExtlClntAppOauthSettings = ("extlClntAppOauthSettings", ".ecaOauth", Developer),
    /// App and plugins on or off.
    ExtlClntAppConfigurablePolicies = ("extlClntAppPolicies", ".ecaPlcy", Admin),
    /// Who, from where, for how long.
    ExtlClntAppOauthConfigurablePolicies = ("extlClntAppOauthPolicies", ".ecaOauthPlcy", Admin),
    /// In the registry without a document.
    ExtlClntAppOauthSecuritySettings = ("extlClntAppOauthSecuritySettings", ".ecaOauthSecurity", Developer),
    /// No effect on OAuth.
    ExtlClntAppMobileSettings = ("extlClntAppMobileSettings", ".ecaMobile", Developer),
    /// No effect on OAuth.
    ExtlClntAppMobileConfigurablePolicies = ("extlClntAppMobilePolicies", ".ecaMobilePlcy", Admin),
    /// No effect on OAuth.
    ExtlClntAppNotificationSettings = ("extlClntAppNotifSettings", ".ecaNotifications", Developer),
    /// No effect on OAuth.
    ExtlClntAppPushSettings = ("", ".ecaPush", Developer),
    /// No effect on OAuth.
    ExtlClntAppPushConfigurablePolicies = ("", ".ecaPushPlcy", Admin),
    /// No effect on OAuth.
    ExtlClntAppSamlConfigurablePolicies = ("", ".ecaSamlPlcy", Admin),
    /// No effect on OAuth.
    ExtlClntAppCanvasSettings = ("", ".ecaCanvas", Developer),
    /// A legacy connected app.
    ConnectedApp = ("connectedApps", ".connectedApp", Both),
    /// Settings of External Client Apps.
    ExternalClientAppSettings = ("settings", "ExternalClientApp.settings", Org),
    /// API Access Control.
    ConnectedAppSettings = ("settings", "ConnectedApp.settings", Org),
    /// Flows blocked or opened for the org.
    OauthOidcSettings = ("settings", "OauthOidc.settings", Org),
    /// My Domain policies.
    MyDomainSettings = ("settings", "MyDomain.settings", Org),
    /// Network access, sessions, passwords.
    SecuritySettings = ("settings", "Security.settings", Org),
    /// A custom scope.
    OauthCustomScope = ("oauthcustomscopes", ".oauthcustomscope", Org),
    /// A token exchange handler and the apps it is enabled for.
    OauthTokenExchangeHandler = ("oauthtokenexchangehandlers", ".oauthtokenexchangehandler", Org),
    /// A blocked app.
    BlacklistedConsumer = ("blacklistedConsumers", ".blacklistedConsumer", Org),
    /// A profile.
    Profile = ("profiles", ".profile", Org),
    /// A permission set.
    PermissionSet = ("permissionsets", ".permissionset", Org),
    /// Session settings of a profile.
    ProfileSessionSetting = ("profileSessionSettings", ".profileSessionSetting", Org),
    /// An origin that browsers may call from.
    CorsWhitelistOrigin = ("corsWhitelistOrigins", ".corsWhitelistOrigin", Org),
    /// A certificate of the org; the certificate itself is a file beside.
    Certificate = ("certs", ".crt", Org),
}

/// What a file name says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Named {
    /// A record, and its full name.
    Record(RecordType, String),
    /// The body of a certificate (`certs/Name.crt`), and its name.
    CertificateBody(String),
    /// A file in the folder of an app's records whose suffix no type has.
    Misnamed(RecordType),
}

/// How a folder of metadata is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// Of a Salesforce DX project: `*-meta.xml`.
    Source,
    /// Of a package for the Metadata API.
    Metadata,
}

impl Form {
    /// The form of a file by its name.
    pub(super) fn of_file(name: &str) -> Self {
        if name.ends_with(SOURCE) {
            Self::Source
        } else {
            Self::Metadata
        }
    }
}

/// The ending of source form.
pub(super) const SOURCE: &str = "-meta.xml";

impl RecordType {
    /// The five records of an External Client App, header first.
    pub const ECA: [Self; 5] = [
        Self::ExternalClientApplication,
        Self::ExtlClntAppGlobalOauthSettings,
        Self::ExtlClntAppOauthSettings,
        Self::ExtlClntAppConfigurablePolicies,
        Self::ExtlClntAppOauthConfigurablePolicies,
    ];

    /// Whether a record names its app in the element `externalClientApplication`.
    pub const fn is_linked(self) -> bool {
        !matches!(self.side(), Side::Org | Side::Both)
            && !matches!(self, Self::ExternalClientApplication)
    }

    /// Whether it is a record of the org, not of an app.
    pub(super) const fn is_of_the_org(self) -> bool {
        matches!(self.side(), Side::Org)
    }

    /// Whether it is one of the settings files, of which an org has one each.
    pub fn is_settings(self) -> bool {
        self.folder() == "settings"
    }

    /// What the name of a file in a folder of this name says; `None` for a file that is none of ours.
    pub(super) fn of_file(folder: &str, name: &str) -> Option<Named> {
        let (stem, source) = match name.strip_suffix(SOURCE) {
            Some(stem) => (stem, true),
            None => (name, false),
        };
        for kind in Self::ALL.iter().copied() {
            let Some(full_name) = kind.full_name(stem) else {
                continue;
            };
            // Without `-meta.xml`, `.profile` and the like are endings of many things: there the folder must fit.
            return match (source, kind) {
                (false, _) if folder != kind.folder() || folder.is_empty() => None,
                (false, Self::Certificate) => Some(Named::CertificateBody(full_name)),
                _ => Some(Named::Record(kind, full_name)),
            };
        }
        let misnamed = Self::ALL.iter().copied().find(|kind| {
            let of_an_app = !matches!(kind.side(), Side::Org | Side::Both);
            source && of_an_app && !folder.is_empty() && folder == kind.folder()
        });
        misnamed.map(Named::Misnamed)
    }

    /// How a file of this type is called in its folder.
    pub(super) fn file_name(self, name: &str, form: Form) -> String {
        let name = if self.is_settings() {
            String::new()
        } else {
            encoded(name)
        };
        // What describes a file of its own is called like it in both forms.
        let ending = if form == Form::Source || self == Self::Certificate {
            SOURCE
        } else {
            ""
        };
        format!("{name}{}{ending}", self.suffix())
    }

    fn full_name(self, stem: &str) -> Option<String> {
        if self.is_settings() {
            let name = self.suffix().trim_end_matches(".settings");
            return (stem == self.suffix()).then(|| name.to_owned());
        }
        let name = stem.strip_suffix(self.suffix())?;
        (!name.is_empty()).then(|| decoded(name))
    }
}

/// What a file name cannot hold on some system, or what would lead to another folder.
const ENCODED: &percent_encoding::AsciiSet = &percent_encoding::CONTROLS
    .add(b'%')
    .add(b'/')
    .add(b'\\')
    .add(b':')
    .add(b'*')
    .add(b'?')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'|');

fn encoded(name: &str) -> String {
    // Characters beyond ASCII are left as they are: all systems take them.
    let mut kept = String::new();
    for c in name.chars() {
        if c.is_ascii() {
            kept.extend(percent_encoding::utf8_percent_encode(
                c.encode_utf8(&mut [0; 4]),
                ENCODED,
            ));
        } else {
            kept.push(c);
        }
    }
    match kept.strip_prefix('.') {
        Some(rest) => format!("%2E{rest}"),
        None => kept,
    }
}

/// File names write characters such as `:` and `%` as `%3A` and `%25`.
fn decoded(name: &str) -> String {
    percent_encoding::percent_decode_str(name)
        .decode_utf8()
        .map_or_else(|_| name.to_owned(), std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_is_known_by_both_forms_of_its_file_name() {
        for kind in RecordType::ALL.iter().copied() {
            let stem = if kind.is_settings() { "" } else { "acme__Name" };
            let name = format!("{stem}{}", kind.suffix());
            let source = RecordType::of_file("anywhere", &format!("{name}-meta.xml"));
            assert!(
                matches!(&source, Some(Named::Record(found, _)) if *found == kind),
                "{name}: {source:?}"
            );
            if kind.folder().is_empty() {
                continue;
            }
            match RecordType::of_file(kind.folder(), &name) {
                Some(Named::Record(found, _)) => assert_eq!(found, kind),
                Some(Named::CertificateBody(name)) => assert_eq!(name, "acme__Name"),
                other => panic!("{name}: {other:?}"),
            }
            assert_eq!(RecordType::of_file("anywhere", &name), None);
        }
    }

    #[test]
    fn names_are_decoded_and_wrong_suffixes_seen() {
        assert_eq!(
            RecordType::of_file("profiles", "Custom%3A Sales.profile-meta.xml"),
            Some(Named::Record(
                RecordType::Profile,
                "Custom: Sales".to_owned()
            ))
        );
        assert_eq!(
            RecordType::of_file("extlClntAppPolicies", "A.ecaPolicy-meta.xml"),
            Some(Named::Misnamed(RecordType::ExtlClntAppConfigurablePolicies))
        );
        assert_eq!(
            RecordType::of_file("profiles", ".profile-meta.xml"),
            None,
            "a record has a name"
        );
        assert_eq!(RecordType::of_file("lwc", "a.js-meta.xml"), None);
    }
}
