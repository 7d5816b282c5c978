//! The closed lists of words that Salesforce's metadata uses.

/// Declares a closed list of words.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$doc])* $variant),+
        }

        impl $name {
            /// The word as metadata spells it.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Reads the word; `None` for any other.
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }

            /// All words, for messages.
            pub const WORDS: &[&str] = &[$($word),+];
        }
    };
}

words! {
    /// `permittedUsersPolicyType`.
    PermittedUsers {
        /// All users may self-authorize.
        AllSelfAuthorized = "AllSelfAuthorized",
        /// Admin approved users are pre-authorized.
        AdminApprovedPreAuthorized = "AdminApprovedPreAuthorized",
    }
}
words! {
    /// `refreshTokenPolicyType`.
    RefreshTokenPolicy {
        /// Valid until revoked.
        Infinite = "Infinite",
        /// Immediately expire.
        Zero = "Zero",
        /// Expire after a time from issue.
        SpecificLifetime = "SpecificLifetime",
        /// Expire if not used for a time.
        SpecificInactivity = "SpecificInactivity",
    }
}
words! {
    /// `refreshTokenValidityUnit`.
    ValidityUnit {
        /// Hours.
        Hours = "Hours",
        /// Days.
        Days = "Days",
        /// Months, taken as 30 days.
        Months = "Months",
    }
}
words! {
    /// `ipRelaxationPolicyType`.
    IpRelaxation {
        /// Enforce IP restrictions.
        Enforce = "Enforce",
        /// Enforce IP restrictions, but relax for refresh tokens.
        EnforceRelaxRefresh = "Enforce_RelaxRefresh",
        /// Relax IP restrictions for activated devices.
        BypassSecondFactor = "Bypass_2factor",
        /// Relax IP restrictions.
        Bypass = "Bypass",
    }
}
words! {
    /// Session security levels, lowest first.
    SessionLevel {
        /// LOW.
        Low = "LOW",
        /// STANDARD.
        Standard = "STANDARD",
        /// HIGH_ASSURANCE.
        HighAssurance = "HIGH_ASSURANCE",
    }
}
words! {
    /// `policyAction`.
    PolicyAction {
        /// Block the user.
        Block = "Block",
        /// Raise the session level.
        RaiseSessionLevel = "RaiseSessionLevel",
        /// Known from the WSDL only.
        StepUpMfa = "StepUpMFA",
    }
}
words! {
    /// `distributionState`.
    DistributionState {
        /// This org only.
        Local = "Local",
        /// For a managed package.
        Packaged = "Packaged",
    }
}
words! {
    /// What certificate the app holds.
    Certificate {
        /// Valid, of the key that the client signs with.
        Valid = "valid",
        /// Past its end.
        Expired = "expired",
        /// Of another key.
        Other = "other",
        /// None uploaded: the flow is off.
        Absent = "absent",
    }
}
words! {
    /// The token exchange handler, seen from the app.
    Handler {
        /// Enabled for the app.
        Enabled = "enabled",
        /// Not enabled for the app.
        NotEnabled = "not_enabled",
        /// Its Apex refuses.
        Rejects = "rejects",
    }
}
words! {
    /// A permission set assignment, beyond its existence.
    Assignment {
        /// In effect.
        Active = "active",
        /// Past its end.
        Expired = "expired",
        /// Session-based and not activated.
        NotActivated = "not_activated",
    }
}
words! {
    /// The org.
    OrgEnvironment {
        /// `login.salesforce.com` is its generic host.
        Production = "production",
        /// `test.salesforce.com` is its generic host.
        Sandbox = "sandbox",
    }
}
words! {
    /// Whose user.
    HomeOrg {
        /// Of the org itself.
        Own = "own",
        /// Of another org.
        Other = "other",
    }
}
words! {
    /// `User.UserType`, as far as OAuth asks.
    UserType {
        /// Internal.
        Standard = "Standard",
        /// Portal or site user.
        External = "External",
    }
}
words! {
    /// What an earlier approval of a user left.
    Approved {
        /// None.
        None = "none",
        /// One with `refresh_token`.
        WithRefreshToken = "with_refresh_token",
        /// One without.
        WithoutRefreshToken = "without_refresh_token",
    }
}
