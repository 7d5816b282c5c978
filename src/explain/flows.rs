//! The table of flows: the seven grants that grantproof drives, the others that the catalogue speaks of, and the calls with a token.
//! Requests and hosts: the Salesforce Help page that each row names, and RFC 6749, 7523, 7522, 8628 and 8693.

use crate::factor::Factor;
use crate::oauth::GrantKind;

/// One flow, or one call.
#[derive(Debug, PartialEq)]
pub(super) struct Flow {
    /// The name on the page.
    pub(super) name: &'static str,
    /// Salesforce's name.
    pub(super) label: &'static str,
    /// Every other word for it: of the facts files, of `grant_type`, of `LoginHistory.LoginSubType`.
    pub(super) words: &'static [&'static str],
    /// The grant that a driver of ours makes of it.
    pub(super) grant: Option<GrantKind>,
    /// What it is.
    pub(super) about: &'static str,
    /// What is sent; empty for a word that stands for many flows.
    pub(super) request: &'static str,
    /// Which hosts take it.
    pub(super) host: &'static str,
    /// What must be set so that it works at all.
    pub(super) needs: &'static [(Factor, &'static str)],
    /// Its words in the catalogue's lists of failing flows; `all` goes with every flow.
    pub(super) fails: &'static [&'static str],
    /// The Help page.
    pub(super) source: &'static str,
}

/// A row without anything, for what a call has not.
const OTHER: Flow = Flow {
    name: "",
    label: "",
    words: &[],
    grant: None,
    about: "",
    request: "",
    host: "",
    needs: &[],
    fails: &[],
    source: "",
};

use Factor as F;

/// Every flow and call that the facts name.
pub(super) const FLOWS: &[Flow] = &[
    Flow {
        name: "authorization_code",
        label: "web server flow",
        words: &[
            "web_server",
            "code",
            "OauthWebServer",
            "authorization code flow",
            "authorization code grant",
            "response_type=code",
            "web server",
        ],
        grant: Some(GrantKind::AuthorizationCode),
        about: "A person logs in and approves in a browser; the code of the callback is exchanged for a token",
        request: "response_type=code at authorize, then grant_type=authorization_code with code, redirect_uri, client_id, client_secret, code_verifier",
        host: "My Domain; login and test serve connected apps and packaged apps, but a Local External Client App not dependably",
        fails: &["web_server", "authorization_code"],
        source: "https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_web_server_flow.htm",
        ..OTHER
    },
    Flow {
        name: "client_credentials",
        label: "client credentials flow",
        words: &["OauthClientCredentials", "client credentials"],
        grant: Some(GrantKind::ClientCredentials),
        about: "The client alone asks, and acts as the run-as user of the app's policies",
        request: "grant_type=client_credentials with client_id and client_secret, without scope",
        host: "My Domain alone",
        needs: &[
            (F::ClientCredentialsInSettings, "true"),
            (F::ClientCredentialsInPolicies, "true"),
            (F::ClientCredentialsFlowUser, "username"),
        ],
        fails: &["client_credentials"],
        source: "https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_client_credentials_flow.htm",
    },
    Flow {
        name: "jwt_bearer",
        label: "JWT bearer flow",
        words: &[
            "jwt bearer",
            "jwt",
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
        ],
        grant: Some(GrantKind::JwtBearer),
        about: "The client signs an assertion for a user who consented before, by policy or by an earlier login",
        request: "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer with assertion: RS256, iss = consumer key, sub = username, aud, exp",
        host: "My Domain (login and test in principle); aud names the same login server",
        needs: &[(F::Certificate, "PEM")],
        fails: &["jwt_bearer"],
        source: "https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_jwt_flow.htm",
    },
    Flow {
        name: "refresh_token",
        label: "refresh token flow",
        words: &["refresh", "OauthRefreshToken", "refresh token grant"],
        grant: Some(GrantKind::RefreshToken),
        about: "A refresh token of an earlier login gives a new access token",
        request: "grant_type=refresh_token with refresh_token, client_id and client_secret, without scope",
        host: "where the login was, or instance_url",
        fails: &["refresh", "refresh_token"],
        source: "https://help.salesforce.com/s/articleView?id=remoteaccess_oauth_refresh_token_flow.htm",
        ..OTHER
    },
    Flow {
        name: "device",
        label: "device flow",
        words: &[
            "device_code",
            "device authorization",
            "response_type=device_code",
            "grant_type=device",
        ],
        grant: Some(GrantKind::Device),
        about: "A device shows a code, which a person types into /setup/connect; the device polls meanwhile",
        request: "response_type=device_code at the token endpoint, then grant_type=device with code, every 5 seconds for 10 minutes",
        host: "login, test and My Domain",
        needs: &[(F::DeviceFlowEnabled, "true")],
        fails: &["device"],
        source: "https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_device_flow.htm",
    },
    Flow {
        name: "username_password",
        label: "username-password flow",
        words: &[
            "password",
            "grant_type=password",
            "OauthUsernamePassword",
            "resource owner password",
            "password grant",
        ],
        grant: Some(GrantKind::UsernamePassword),
        about: "Legacy: the client sends the password of a person. External Client Apps do not have it; move to client_credentials or jwt_bearer",
        request: "grant_type=password with username, password (security token appended), client_id and client_secret",
        host: "login, test and My Domain, connected apps alone",
        needs: &[(F::UsernamePasswordBlocked, "false")],
        fails: &["username_password"],
        source: "https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_username_password_flow.htm",
    },
    Flow {
        name: "token_exchange",
        label: "token exchange flow",
        words: &[
            "OauthTokenExchange",
            "urn:ietf:params:oauth:grant-type:token-exchange",
        ],
        grant: Some(GrantKind::TokenExchange),
        about: "A token of an identity provider is exchanged for one of the org; Apex maps it to a user",
        request: "grant_type=urn:ietf:params:oauth:grant-type:token-exchange with subject_token, subject_token_type and client_id",
        host: "My Domain alone",
        needs: &[
            (F::TokenExchangeInSettings, "true"),
            (F::TokenExchangeInPolicies, "true"),
        ],
        fails: &["token_exchange"],
        source: "https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_token_exchange_configure.htm",
    },
    Flow {
        name: "user_agent",
        label: "user-agent flow",
        words: &[
            "implicit",
            "response_type=token",
            "OauthUserAgent",
            "OauthUserAgentIdToken",
            "implicit grant",
        ],
        about: "A browser client gets the token in the fragment of the callback. RFC 9700 advises against it: use authorization_code with PKCE",
        request: "response_type=token at authorize",
        host: "login, test and My Domain",
        fails: &["user_agent"],
        source: "https://help.salesforce.com/s/articleView?id=remoteaccess_oauth_user_agent_flow.htm",
        ..OTHER
    },
    Flow {
        name: "hybrid",
        label: "hybrid web server flow",
        words: &[
            "hybrid_web_server",
            "hybrid_token",
            "hybrid_auth_code",
            "hybrid_refresh",
            "OauthHybridWebServer",
            "OauthHybridUserAgent",
            "OauthHybridRefreshToken",
            "OauthHybridTokenExchange",
            "hybrid app token flow",
        ],
        about: "The web server or user-agent flow of a mobile app, with a browser session beside the token",
        request: "response_type=hybrid_token, or grant_type=hybrid_auth_code; refreshed by grant_type=hybrid_refresh",
        host: "login, test and My Domain",
        fails: &["hybrid"],
        source: "https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_hybrid_web_server_flow.htm",
        ..OTHER
    },
    Flow {
        name: "saml_bearer",
        label: "SAML bearer flow",
        words: &[
            "saml bearer assertion flow",
            "saml2-bearer",
            "urn:ietf:params:oauth:grant-type:saml2-bearer",
            "saml",
        ],
        about: "As jwt_bearer, with a SAML assertion (RFC 7522)",
        request: "grant_type=urn:ietf:params:oauth:grant-type:saml2-bearer with assertion",
        host: "login, test and My Domain",
        fails: &["saml_bearer"],
        source: "https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_SAML_bearer_flow.htm",
        ..OTHER
    },
    Flow {
        name: "code_credentials",
        label: "Authorization Code and Credentials flow",
        words: &[
            "headless",
            "headless login",
            "guest",
            "authorization code and credentials",
            "response_type=code_credentials",
            "OauthOtpLogin",
        ],
        about: "Headless: an app of a site shows its own login form and posts the credentials to authorize",
        request: "POST to authorize of a site, header Auth-Request-Type, response_type=code_credentials, credentials in the body",
        host: "a site host alone",
        fails: &["code_credentials"],
        source: "https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_endpoints.htm",
        ..OTHER
    },
    Flow {
        name: "register",
        label: "dynamic client registration",
        words: &["dynamic client registration", "dynamic registration"],
        about: "A client registers itself (RFC 7591)",
        request: "POST to /services/oauth2/register with an initial access token",
        host: "My Domain",
        fails: &["register"],
        source: "https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_endpoints.htm",
        ..OTHER
    },
    Flow {
        name: "soap_login",
        label: "SOAP login()",
        words: &["soap login", "soap"],
        about: "No OAuth: username and password by SOAP",
        request: "login() of the SOAP API",
        host: "login, test and My Domain",
        fails: &["soap_login"],
        source: "https://help.salesforce.com/s/articleView?id=xcloud.domain_name_setting_login_policy.htm",
        ..OTHER
    },
    Flow {
        name: "api_call",
        label: "a REST call with a token",
        words: &["rest_api", "rest", "api_json", "REST API"],
        about: "Several policies refuse only here: the token is issued, its use is refused",
        request: "GET /services/data/vNN.0/… with Authorization: Bearer",
        host: "instance_url of the token response",
        fails: &["api_call"],
        source: "https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_endpoints.htm",
        ..OTHER
    },
    Flow {
        name: "userinfo",
        label: "UserInfo",
        words: &["id_token", "openid connect"],
        about: "OpenID Connect: who the token is for; refused with a bare word, not JSON",
        request: "GET /services/oauth2/userinfo with Authorization: Bearer",
        host: "instance_url of the token response",
        fails: &["id_token"],
        source: "https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_using_openid.htm",
        ..OTHER
    },
    Flow {
        name: "identity",
        label: "identity URL",
        words: &["identity service", "id url"],
        about: "The address in `id` of the token response; refused with a bare word, not JSON",
        request: "GET the address with Authorization: Bearer",
        host: "as `id` says",
        fails: &["id_token"],
        source: "https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_using_openid.htm",
        ..OTHER
    },
    Flow {
        name: "introspect",
        label: "token introspection",
        words: &["introspection"],
        about: "RFC 7662: whether a token lives; `active: false` is an answer, not an error",
        request: "POST to /services/oauth2/introspect with token, client_id and client_secret",
        host: "My Domain",
        fails: &["introspect"],
        source: "https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oidc_token_introspection_endpoint.htm",
        ..OTHER
    },
    Flow {
        name: "revoke",
        label: "token revocation",
        words: &["revocation"],
        about: "RFC 7009: ends a token",
        request: "POST to /services/oauth2/revoke with token",
        host: "My Domain",
        fails: &["revoke"],
        source: "https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_revoke_token.htm",
        ..OTHER
    },
    Flow {
        name: "singleaccess",
        label: "single access (UI bridge)",
        words: &["ui_session", "frontdoor", "single access"],
        about: "A token opens a browser session; it needs the scope web or full",
        request: "POST to /services/oauth2/singleaccess with Authorization: Bearer",
        host: "instance_url of the token response",
        fails: &["ui_session"],
        source: "https://help.salesforce.com/s/articleView?id=xcloud.frontdoor_singleaccess.htm",
        ..OTHER
    },
    Flow {
        name: "hosted_mcp",
        label: "hosted MCP server",
        words: &["mcp", "mcp server"],
        about: "A call of a hosted MCP server; it wants the scope mcp_api and an access token in JWT format",
        request: "a call at api.salesforce.com with Authorization: Bearer",
        host: "api.salesforce.com",
        fails: &["hosted_mcp"],
        source: "https://developer.salesforce.com/docs/platform/hosted-mcp-servers/guide/create-external-client-app.html",
        ..OTHER
    },
    Flow {
        name: "metadata_deploy",
        label: "deploy of metadata",
        words: &["deploy"],
        about: "No login: a file of the app is refused when it is deployed",
        request: "sf project deploy start",
        host: "",
        fails: &["metadata_deploy"],
        source: "https://developer.salesforce.com/docs/atlas.en-us.api_meta.meta/api_meta/meta_extlclntappoauthconfigurablepolicies.htm",
        ..OTHER
    },
    Flow {
        name: "token_any",
        label: "any grant, at the token endpoint",
        words: &["any", "all", "any grant"],
        about: "In the lists of answers: whichever grant it is",
        fails: &["all"],
        source: "https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_flows.htm",
        ..OTHER
    },
    Flow {
        name: "browser",
        label: "any flow with a browser, at the authorization endpoint",
        words: &["authorize_any", "authorize"],
        about: "In the lists of answers: whichever flow sends a person to the login page",
        fails: &["web_server"],
        source: "https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_flows.htm",
        ..OTHER
    },
];
