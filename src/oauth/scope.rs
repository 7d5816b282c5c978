//! Scopes: wire value, metadata token, Setup label (wire facts section 4), and the sets that grants work with.

/// One row of the scope table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// What is sent in `scope`.
    pub wire: &'static str,
    /// The token in `ExtlClntAppOauthSettings.commaSeparatedOauthScopes`.
    pub metadata: &'static str,
    /// The words on the Setup page, where a source gives them.
    pub label: &'static str,
}

const fn row(wire: &'static str, metadata: &'static str, label: &'static str) -> Scope {
    Scope {
        wire,
        metadata,
        label,
    }
}

/// Every scope with both a wire value and a metadata token.
pub const SCOPES: &[Scope] = &[
    row("api", "Api", "Manage user data via APIs"),
    row("web", "Web", "Manage user data via Web browsers"),
    row("full", "Full", "Full access"),
    row(
        "refresh_token",
        "RefreshToken",
        "Perform requests at any time",
    ),
    row(
        "offline_access",
        "OfflineAccess",
        "Perform requests at any time",
    ),
    row("openid", "OpenID", "Access unique user identifiers"),
    row("id", "Basic", "Access the identity URL service"),
    row("profile", "Profile", "Access the identity URL service"),
    row("email", "Email", "Access the identity URL service"),
    row("address", "Address", "Access the identity URL service"),
    row("phone", "Phone", "Access the identity URL service"),
    row(
        "chatter_api",
        "Chatter",
        "Access Connect REST API resources",
    ),
    row(
        "visualforce",
        "CustomApplications",
        "Access Visualforce applications",
    ),
    row(
        "custom_permissions",
        "CustomPermissions",
        "Access custom permissions",
    ),
    row("wave_api", "Wave", "Access Analytics REST API resources"),
    row(
        "eclair_api",
        "Eclair",
        "Access Analytics REST API charts geodata",
    ),
    row("pardot_api", "Pardot", "Manage Pardot services"),
    row("lightning", "Lightning", "Access Lightning applications"),
    row("content", "Content", "Access content resources"),
    row("chatbot_api", "Chatbot", "Access chatbot services"),
    row("cdp_api", "CDP", "Access all Data Cloud API resources"),
    row(
        "cdp_ingest_api",
        "CDPIngest",
        "Manage Data Cloud ingestion API data",
    ),
    row(
        "cdp_profile_api",
        "CDPProfile",
        "Manage Data Cloud profile data",
    ),
    row(
        "cdp_query_api",
        "CDPQuery",
        "Perform ANSI SQL queries on Data Cloud data",
    ),
    row(
        "cdp_segment_api",
        "CDPSegment",
        "Perform segmentation on Data Cloud data",
    ),
    row(
        "cdp_identityresolution_api",
        "CDPIdentityResolution",
        "Manage Data Cloud identity resolution",
    ),
    row(
        "cdp_calculated_insight_api",
        "CDPCalculatedInsight",
        "Manage Data Cloud calculated insight data",
    ),
    row(
        "einstein_gpt_api",
        "EinsteinGPT",
        "Access Einstein GPT services",
    ),
    row(
        "sfap_api",
        "SFApiPlatform",
        "Access the Salesforce API Platform",
    ),
    row(
        "interaction_api",
        "Interaction",
        "Access Interaction API resources",
    ),
    row("scrt_api", "SCRT", ""),
    row("mcp_api", "MCP", "Access MCP servers"),
    row(
        "user_registration_api",
        "UserRegistration",
        "Access Headless Registration API",
    ),
    row(
        "forgot_password",
        "ForgotPassword",
        "Access Headless Forgot Password API",
    ),
    row(
        "pwdless_login_api",
        "PwdlessLogin",
        "Access Headless Passwordless Login API",
    ),
];

impl Scope {
    /// The row of a wire value or of a metadata token.
    pub fn find(word: &str) -> Option<&'static Self> {
        SCOPES
            .iter()
            .find(|scope| scope.wire == word || scope.metadata == word)
            // The older spelling of connected apps.
            .or_else(|| (word == "SFAP").then(|| Self::find("sfap_api")).flatten())
    }
}

/// A set of wire scopes in the order in which they were named. Order carries no meaning (RFC 6749 section 3.3).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScopeSet(Vec<String>);

impl ScopeSet {
    /// Reads a list separated by spaces, as on the wire.
    pub fn from_wire(text: &str) -> Self {
        text.split_ascii_whitespace().collect()
    }

    /// Whether the set holds the wire value.
    pub fn has(&self, wire: &str) -> bool {
        self.0.iter().any(|scope| scope == wire)
    }

    /// Whether a token with this set may call the REST API: `api` or `full`.
    pub fn opens_api(&self) -> bool {
        self.has("api") || self.has("full")
    }

    /// Whether the set asks for a refresh token: `refresh_token` and `offline_access` are synonyms.
    pub fn asks_refresh(&self) -> bool {
        self.has("refresh_token") || self.has("offline_access")
    }

    /// Whether the identity URL and userinfo answer: `openid`, `id` (its family) or `full`.
    pub fn opens_identity(&self) -> bool {
        [
            "openid", "id", "profile", "email", "address", "phone", "full", "api",
        ]
        .iter()
        .any(|scope| self.has(scope))
    }

    /// Whether an app with this set covers a requested scope (wire facts section 4, "Rules").
    pub fn covers(&self, wire: &str) -> bool {
        self.has(wire)
            || match wire {
                "refresh_token" | "offline_access" => self.asks_refresh(),
                "chatter_api" => self.opens_api(),
                "visualforce" => self.has("web") || self.has("full"),
                "id" | "profile" | "email" | "address" | "phone" => {
                    ["id", "profile", "email", "address", "phone", "full"]
                        .iter()
                        .any(|scope| self.has(scope))
                }
                // `full` does not reach these.
                "openid" | "mcp_api" | "sfap_api" => false,
                _ => self.has("full") && Scope::find(wire).is_some(),
            }
    }

    /// Adds a scope once.
    pub fn add(&mut self, wire: impl Into<String>) {
        let wire = wire.into();
        if !self.has(&wire) {
            self.0.push(wire);
        }
    }

    /// Takes a scope out.
    pub fn remove(&mut self, wire: &str) {
        self.0.retain(|scope| scope != wire);
    }

    /// The scopes in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether nothing is in the set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The wire form.
    pub fn to_wire(&self) -> String {
        self.0.join(" ")
    }
}

impl<S: Into<String>> FromIterator<S> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = S>>(scopes: I) -> Self {
        let mut set = Self::default();
        for scope in scopes {
            set.add(scope);
        }
        set
    }
}
