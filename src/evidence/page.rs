//! Pages of the authorization server where a browser can end, told by their paths.

use url::Url;

/// Which page it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PageKind {
    /// Username and password.
    Login,
    /// A second factor, or the code for an unknown device.
    Verification,
    /// A new password.
    ChangePassword,
    /// A screen flow after login.
    LoginFlow,
    /// Allow or deny.
    Approval,
    /// The approval came too late.
    ApprovalExpired,
    /// The device flow's page.
    Device,
    /// Any other.
    Other,
}

impl PageKind {
    /// The word in wordings.csv, reports and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Verification => "verification",
            Self::ChangePassword => "change_password",
            Self::LoginFlow => "login_flow",
            Self::Approval => "approval",
            Self::ApprovalExpired => "approval_expired",
            Self::Device => "device",
            Self::Other => "other",
        }
    }

    /// The word in a sentence about "the … page".
    pub const fn label(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Verification => "identity verification",
            Self::ChangePassword => "change-password",
            Self::LoginFlow => "login flow",
            Self::Approval => "approval",
            Self::ApprovalExpired => "\"approval expired\"",
            Self::Device => "device connect",
            Self::Other => "unknown",
        }
    }

    /// Tells a page by the path of its address.
    pub fn of_url(url: &str) -> Self {
        let path = Url::parse(url).map_or_else(
            |_| url.split(['?', '#']).next().unwrap_or_default().to_owned(),
            |url| url.path().to_owned(),
        );
        let path = path.to_ascii_lowercase();
        let begins = |start: &str| path.starts_with(start);
        // `/loginflow` before `/login`: the longer path is another page.
        if begins("/loginflow") {
            Self::LoginFlow
        } else if begins("/_ui/identity/verification") || begins("/_ui/identity/phone") {
            Self::Verification
        } else if begins("/_ui/system/security/changepassword") {
            Self::ChangePassword
        } else if begins("/approval-expired") {
            Self::ApprovalExpired
        } else if begins("/setup/connect") {
            Self::Device
        } else if begins("/setup/secur/remoteaccessauthorizationpage") {
            Self::Approval
        } else if begins("/login") {
            Self::Login
        } else {
            Self::Other
        }
    }
}
