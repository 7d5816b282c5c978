//! The cheapest look that tells the causes of one answer apart (ECA facts section 2.1, wire facts section 5.4).

/// For a browser that ended on a page.
pub(super) const PAGE: &str = "Read LoginHistory.Status of the user for this minute: the words of the page were not recorded, the row names the reason";

/// Sentence, or code where the sentence does not matter; then the probe.
const SPLITS: &[(&str, &str)] = &[
    (
        "invalid_client_id",
        "Repeat on My Domain; then with a key known to be good on the same host; then compare the age of the app with 10 minutes",
    ),
    (
        "invalid client credentials",
        "Repeat with a secret that is wrong on purpose, then without one: if nothing changes, the secret was never right. For jwt_bearer compare the public keys",
    ),
    (
        "oauth_flow_disabled",
        "Read IsEnabled and OauthPluginStatus of the app's policies: this answer comes before the secret is judged",
    ),
    (
        "External client app is not installed in this org",
        "Repeat the same call on My Domain; if it still fails, read distributionState and OauthToken.AppMenuItemId",
    ),
    (
        "user hasn't approved this consumer",
        "Query User by the username of `sub`, then OauthToken of that user for the app, then Permitted Users of the policy",
    ),
    (
        "user is not admin approved to access this app",
        "Read Permitted Users of the app: AllSelfAuthorized means the org's API Access Control; else look for a listed and active assignment of the user",
    ),
    (
        "ip restricted",
        "See whether the profile has Login IP Ranges, and which of web server, refresh and JWT bearer fail from this address",
    ),
    (
        "expired access/refresh token",
        "Refresh at once after a new login: if that fails, the policy is Zero. Else read the OauthToken row, its LastUsedDate, and the number of rows",
    ),
    (
        "authentication failure",
        "Read LoginHistory.Status of the user for this minute: it names the reason",
    ),
    (
        "no client credentials user enabled",
        "Read the policy record: the flow switch and Run As (ExtlClntAppOauthConfigurablePolicies)",
    ),
    (
        "OAUTH_APPROVAL_ERROR_GENERIC",
        "Read `error` in the page's own address; ask for scope=api only; try another user; repeat on My Domain",
    ),
    (
        "This session is not valid for use with the REST API",
        "Read `scope` of the token response for api or full; call from inside the IP range; try a user of another profile",
    ),
    (
        "Session expired or invalid",
        "Refresh and repeat, with instance_url of the token response",
    ),
    (
        "API_DISABLED_FOR_ORG",
        "Repeat the same call as an admin: if it passes, the user lacks API Enabled",
    ),
    (
        "expired authorization code",
        "Look at the grant and the times: code older than 15 minutes, code used twice, assertion past its exp",
    ),
    (
        "grant type not supported",
        "Send a grant that is known to work to the same address, and look at the content type of the request",
    ),
    (
        "invalid assertion",
        "Verify the signature locally with the certificate that is uploaded on the app",
    ),
    (
        "invalid code verifier",
        "Recompute the challenge from the verifier that was sent: the harness does so in its checks",
    ),
    (
        "redirect_uri must match configuration",
        "Compare redirect_uri byte for byte with the Callback URL list, and the one at the token endpoint with the one at authorize",
    ),
    (
        "missing required code challenge",
        "Compare isPkceRequired of the app with isPkceRequired of the org (OauthOidcSettings)",
    ),
    (
        "OAUTH_APP_ACCESS_DENIED",
        "Read LoginHistory.Status for this minute, then Permitted Users of the app and the assignments of the user",
    ),
    (
        "OAUTH_APP_BLOCKED",
        "Open the OAuth Usage page: Unblock is shown for a blocked app; then try a user with Use Any API Client",
    ),
    (
        "Bad_OAuth_Token",
        "Read `scope` of the token response for openid or id, then repeat with a new token",
    ),
];

/// What tells the causes of an answer apart; `None` where no table says so.
pub fn splitting_probe(code: &str, text: &str) -> Option<&'static str> {
    let find = |word: &str| {
        let found = SPLITS.iter().find(|(key, _)| *key == word);
        found.map(|(_, probe)| *probe)
    };
    find(text).or_else(|| find(code))
}
