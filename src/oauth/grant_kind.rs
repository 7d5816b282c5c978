//! The seven grants that grantproof drives, with the words that RFCs, Salesforce and the facts files use for them.

use std::fmt;

/// A grant this tool drives. Closed on purpose: a new one breaks every `match` that must learn it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum GrantKind {
    /// RFC 6749 section 4.1 with PKCE (RFC 7636). Salesforce: "web server flow".
    AuthorizationCode,
    /// RFC 6749 section 4.4. Salesforce: "client credentials flow", My Domain only, with a run-as user.
    ClientCredentials,
    /// RFC 7523 section 2.1. Salesforce: "JWT bearer flow".
    JwtBearer,
    /// RFC 6749 section 6. Salesforce: "refresh token flow".
    RefreshToken,
    /// RFC 8628 in spirit. Salesforce: "device flow", started and polled at the token endpoint.
    Device,
    /// RFC 6749 section 4.3, legacy. Salesforce: "username-password flow".
    UsernamePassword,
    /// RFC 8693. Salesforce: "token exchange flow", My Domain only.
    TokenExchange,
}

impl GrantKind {
    /// All grants, in the order in which reports list them.
    pub const ALL: [Self; 7] = [
        Self::AuthorizationCode,
        Self::ClientCredentials,
        Self::JwtBearer,
        Self::RefreshToken,
        Self::Device,
        Self::UsernamePassword,
        Self::TokenExchange,
    ];

    /// The name in code, YAML and JSON (design section 2).
    pub const fn name(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::ClientCredentials => "client_credentials",
            Self::JwtBearer => "jwt_bearer",
            Self::RefreshToken => "refresh_token",
            Self::Device => "device",
            Self::UsernamePassword => "username_password",
            Self::TokenExchange => "token_exchange",
        }
    }

    /// Salesforce's own name, for people who administer an org.
    pub const fn label(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "web server flow",
            Self::ClientCredentials => "client credentials flow",
            Self::JwtBearer => "JWT bearer flow",
            Self::RefreshToken => "refresh token flow",
            Self::Device => "device flow",
            Self::UsernamePassword => "username-password flow",
            Self::TokenExchange => "token exchange flow",
        }
    }

    /// The `grant_type` that the token endpoint takes for it in Salesforce's dialect.
    pub const fn grant_type(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::ClientCredentials => "client_credentials",
            Self::JwtBearer => "urn:ietf:params:oauth:grant-type:jwt-bearer",
            Self::RefreshToken => "refresh_token",
            Self::Device => "device",
            Self::UsernamePassword => "password",
            Self::TokenExchange => "urn:ietf:params:oauth:grant-type:token-exchange",
        }
    }

    /// The other words of the facts files for it.
    pub const fn aliases(self) -> &'static [&'static str] {
        match self {
            Self::AuthorizationCode => &["web_server", "ws"],
            Self::ClientCredentials => &["cc"],
            Self::JwtBearer => &["jwt"],
            Self::RefreshToken => &["refresh", "rt"],
            Self::Device => &["dev", "device_code"],
            Self::UsernamePassword => &["password", "up"],
            Self::TokenExchange => &["tx"],
        }
    }

    /// Reads a name or an alias; `None` for any other word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|grant| grant.name() == word || grant.aliases().contains(&word))
    }

    /// Whether a person acts in a browser during the grant.
    pub const fn asks_the_person(self) -> bool {
        matches!(self, Self::AuthorizationCode | Self::Device)
    }
}

impl fmt::Display for GrantKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
