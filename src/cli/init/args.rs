//! The flags of `init`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::args::Format;
use crate::init::Given;

/// `grantproof init`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  grantproof init\n  \
                  grantproof init my-app --yes --contact you@acme.com --my-domain https://acme.my.salesforce.com\n  \
                  grantproof init --yes --grants client_credentials --run-as integration@acme.com\n\n\
                  No file that is there is changed, .gitignore aside, which gets the line that it lacks. Run it again to go on after a failure.")]
pub struct Init {
    /// The folder, made if there is none. In a Salesforce DX project the metadata goes to its package directory.
    #[arg(default_value = ".")]
    pub dir: PathBuf,
    /// Ask nothing: take the flags, and the defaults for the rest.
    #[arg(long, short)]
    pub yes: bool,
    /// Developer name of the app; without it that of the folder.
    #[arg(long)]
    pub name: Option<String>,
    /// Its grants: authorization_code, refresh_token, client_credentials, jwt_bearer, device, token_exchange. Repeatable, or separated by
    /// commas; the first two and jwt_bearer without it.
    #[arg(long, value_name = "GRANT,…")]
    pub grants: Vec<String>,
    /// Its callback URL. Repeatable: the first is that of grantproof.
    #[arg(long, value_name = "URL")]
    pub callback: Vec<String>,
    /// E-mail address of who is responsible for it.
    #[arg(long, value_name = "EMAIL")]
    pub contact: Option<String>,
    /// Its scopes; without it what the grants need. Repeatable, or separated by commas.
    #[arg(long, value_name = "SCOPE,…")]
    pub scopes: Vec<String>,
    /// The org's own base URL.
    #[arg(long, value_name = "URL")]
    pub my_domain: Option<String>,
    /// Username that client credentials and the token exchange handler act as.
    #[arg(long, value_name = "USERNAME")]
    pub run_as: Option<String>,
    /// The permission set that admits a user; without it NAME_Users.
    #[arg(long, value_name = "NAME")]
    pub permission_set: Option<String>,
    /// How the result is written to stdout.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

impl Init {
    /// The flags as answers.
    pub(super) fn given(&self) -> Given {
        let joined = |words: &[String]| (!words.is_empty()).then(|| words.join(","));
        Given {
            name: self.name.clone(),
            grants: joined(&self.grants),
            callback: self.callback.clone(),
            contact: self.contact.clone(),
            scopes: joined(&self.scopes),
            my_domain: self.my_domain.clone(),
            run_as: self.run_as.clone(),
            permission_set: self.permission_set.clone(),
        }
    }
}
