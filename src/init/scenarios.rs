//! The starting scenarios: one for each grant, and one refusal that is expected. None changes the org, so that they run on a live one too.

use std::fmt::Write as _;

use crate::oauth::{GrantKind, Scope};

use super::Answers;
use super::files::{Content, File};

/// Scopes that the simulated org's app has by itself.
const HEALTHY: [&str; 4] = ["api", "refresh_token", "openid", "id"];

/// The files in `scenarios/`.
pub(super) fn scenarios(answers: &Answers) -> Vec<File> {
    let granted = answers.grants.iter().map(|grant| {
        let path = format!("scenarios/{}.yaml", grant.name());
        let purpose = format!("the {} passes", grant.label());
        File::new(path, purpose, Content::Text(passes(answers, *grant)))
    });
    let refused = File::new(
        "scenarios/refused.yaml",
        "a refusal that has to stay one",
        Content::Text(refused(answers)),
    );
    granted.chain([refused]).collect()
}

/// The scopes of an interactive request, as they travel.
fn asked(answers: &Answers) -> String {
    let words: Vec<&str> = answers.scopes.iter().map(|scope| scope.wire).collect();
    words.join(" ")
}

fn opens_api(answers: &Answers) -> bool {
    answers
        .scopes
        .iter()
        .any(|scope| matches!(scope.wire, "api" | "full"))
}

fn gives_refresh(answers: &Answers) -> bool {
    let refresh = |scope: &&Scope| matches!(scope.wire, "refresh_token" | "offline_access");
    answers.scopes.iter().any(refresh)
}

fn head(answers: &Answers, story: &str, tags: &str) -> String {
    let mut text = format!("story: {story}\ntags: [{tags}]\n");
    if answers
        .scopes
        .iter()
        .any(|scope| !HEALTHY.contains(&scope.wire))
    {
        let scopes: Vec<&str> = answers.scopes.iter().map(|scope| scope.metadata).collect();
        let _ = writeln!(
            text,
            "# The simulated org's app gets these scopes. On a live org the app has them already: take the line away there.\n\
             app: {{commaSeparatedOauthScopes: [{}]}}",
            scopes.join(", ")
        );
    }
    text.push_str("steps:\n");
    text
}

/// What a token has to be good for.
fn expect(answers: &Answers, refresh: Option<bool>) -> String {
    let mut parts = vec!["granted: true"];
    match refresh {
        Some(true) => parts.push("refresh_token: present"),
        Some(false) => parts.push("refresh_token: absent"),
        None => {}
    }
    if opens_api(answers) {
        parts.push("api: granted");
    }
    format!("    expect: {{{}}}\n", parts.join(", "))
}

fn login(answers: &Answers) -> String {
    format!(
        "  - grant: authorization_code\n    user: ana\n    scope: {}\n",
        asked(answers)
    )
}

fn passes(answers: &Answers, grant: GrantKind) -> String {
    let refresh = Some(gives_refresh(answers));
    let name = grant.name();
    let (story, steps) = match grant {
        GrantKind::AuthorizationCode => (
            "Ana logs in, and the app gets its tokens",
            login(answers) + &expect(answers, refresh),
        ),
        GrantKind::RefreshToken => (
            "A refresh token gives a new access token",
            format!(
                "{}    expect: granted\n  - grant: refresh_token\n{}",
                login(answers),
                expect(answers, None)
            ),
        ),
        GrantKind::ClientCredentials => (
            "The app logs in as its run-as user",
            format!(
                "  - grant: client_credentials\n{}",
                expect(answers, Some(false))
            ),
        ),
        GrantKind::JwtBearer => (
            "A server signs an assertion for Ana",
            format!(
                "  - grant: jwt_bearer\n    user: ana\n{}",
                expect(answers, Some(false))
            ),
        ),
        GrantKind::Device => (
            "A device without a keyboard is approved on another screen",
            format!(
                "  - grant: device\n    user: ana\n    scope: {}\n{}",
                asked(answers),
                expect(answers, refresh)
            ),
        ),
        GrantKind::TokenExchange | GrantKind::UsernamePassword => (
            "A token is exchanged for one of the org",
            format!(
                "{}    expect: granted\n  - grant: token_exchange\n    send: {{subject_token: access_token}}\n    \
                 expect: {{granted: true, refresh_token: absent}}\n",
                login(answers)
            ),
        ),
    };
    head(answers, story, &format!("granted, {name}")) + &steps
}

/// A mistake of the client that the org has to refuse: it changes nothing, so it can be tried on a live org.
fn refused(answers: &Answers) -> String {
    let (story, steps) = if answers.has(GrantKind::AuthorizationCode) {
        (
            "A code is of no use without the verifier of its challenge",
            format!(
                "{}    send: {{code_verifier: wrong}}\n    \
                 expect: {{refused: invalid_grant, at: token, cause: pkce_verifier_mismatch}}\n",
                login(answers)
            ),
        )
    } else if answers.has(GrantKind::ClientCredentials) {
        (
            "A wrong consumer secret opens nothing",
            "  - grant: client_credentials\n    send: {client_secret: wrong}\n    \
             expect: {refused: invalid_client, cause: secret_wrong}\n"
                .to_owned(),
        )
    } else if answers.has(GrantKind::JwtBearer) {
        (
            "An assertion that another key signed opens nothing",
            "  - grant: jwt_bearer\n    user: ana\n    send: {assertion: wrong}\n    \
             expect: {refused: invalid_client, cause: jwt_certificate_mismatch}\n"
                .to_owned(),
        )
    } else if answers.has(GrantKind::Device) {
        (
            "A device code that was never given opens nothing",
            format!(
                "  - grant: device\n    user: ana\n    scope: {}\n    send: {{device_code: wrong}}\n    \
                 expect: {{refused: invalid_request, at: token, cause: device_code_wrong}}\n",
                asked(answers)
            ),
        )
    } else if answers.has(GrantKind::RefreshToken) {
        (
            "A refresh token is of no use without the consumer secret",
            format!(
                "{}    expect: granted\n  - grant: refresh_token\n    send: {{client_secret: wrong}}\n    \
                 expect: {{refused: invalid_client, cause: secret_wrong}}\n",
                login(answers)
            ),
        )
    } else {
        (
            "What is no token is not exchanged",
            "  - grant: token_exchange\n    send: {subject_token: wrong}\n    \
             expect: {refused: invalid_request, cause: subject_token_invalid}\n"
                .to_owned(),
        )
    };
    head(answers, story, "refused") + &steps
}
