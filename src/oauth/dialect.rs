//! Where Salesforce differs from the RFCs, and what kind of host a request goes to.

use std::fmt;

/// How an authorization server speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Dialect {
    /// Salesforce: fixed paths, device start at the token endpoint, `grant_type=device`, no `expires_in`.
    #[default]
    Salesforce,
    /// Any RFC 6749 server: endpoints by discovery (RFC 8414 or OpenID Connect), device flow by RFC 8628.
    Rfc,
}

/// What a host stands for. Comes from the target file, never from guessing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HostKind {
    /// `login.salesforce.com`: any production org, shared.
    Login,
    /// `test.salesforce.com`: any sandbox, shared.
    Test,
    /// The org's own My Domain.
    MyDomain,
    /// An Experience Cloud site.
    Site,
    /// The issuer of an RFC server.
    Issuer,
}

impl HostKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [
        Self::Login,
        Self::Test,
        Self::MyDomain,
        Self::Site,
        Self::Issuer,
    ];

    /// The name in YAML and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Test => "test",
            Self::MyDomain => "my_domain",
            Self::Site => "site",
            Self::Issuer => "issuer",
        }
    }

    /// Reads the name; `None` for any other word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == word)
    }

    /// Whether the host is shared by many orgs.
    pub const fn is_generic(self) -> bool {
        matches!(self, Self::Login | Self::Test)
    }
}

impl fmt::Display for HostKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
