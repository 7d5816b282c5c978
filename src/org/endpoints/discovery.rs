//! What anybody may read: the discovery document, keys, login page settings (wire facts section 1.4).

use serde_json::json;

use super::super::asked::Asked;
use super::super::keys as rsa_keys;
use super::super::respond::{self, Reply};
use crate::oauth::SCOPES;

/// `issuer` is the host that was asked. `code_challenge_methods_supported` is absent, as in every document seen.
pub(super) fn openid_configuration(asked: &Asked) -> Reply {
    let base = &asked.bases.asked;
    let oauth = |name: &str| format!("{base}/services/oauth2/{name}");
    let scopes: Vec<_> = SCOPES.iter().map(|scope| scope.wire).collect();
    respond::json(&json!({
        "issuer": base,
        "authorization_endpoint": oauth("authorize"),
        "token_endpoint": oauth("token"),
        "revocation_endpoint": oauth("revoke"),
        "userinfo_endpoint": oauth("userinfo"),
        "jwks_uri": format!("{base}/id/keys"),
        "registration_endpoint": oauth("register"),
        "introspection_endpoint": oauth("introspect"),
        "scopes_supported": scopes,
        // The values of these were not seen; those that follow from the other facts are given.
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "display_values_supported": ["page", "popup", "touch"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "end_session_endpoint": format!("{base}/services/auth/idp/oidc/logout"),
        "frontchannel_logout_supported": true,
        "frontchannel_logout_session_supported": false,
    }))
}

/// Login page settings that mobile clients read. Only what clients were seen to read is given.
pub(super) fn auth_configuration(asked: &Asked) -> Reply {
    respond::json(&json!({
        "LoginPage": {"LoginPageUrl": asked.bases.asked},
        "MobileSDK": {"UseAndroidNativeBrowserForAuthentication": false, "UseiOSNativeBrowserForAuthentication": false},
    }))
}

/// The keys of ID tokens and JWT access tokens.
pub(super) fn keys() -> Reply {
    respond::json(&rsa_keys::jwks())
}
