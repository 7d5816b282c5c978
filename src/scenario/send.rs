//! `send:` of a grant.

use super::keys::{self, Key, Shape, certain_word};
use super::walk::{Fields, Walk};
use super::yaml::Node;
use crate::grant::{CertainValue, Deviations, Subject};

/// Reads the deviations.
pub fn read(node: &Node, walk: &mut Walk) -> Deviations {
    let Some(fields) = walk.fields(node, "`send:`", &keys::names(keys::SEND)) else {
        return Deviations::default();
    };
    let mut read = Read { fields, walk };
    let mut send = Deviations {
        without: read.names("without"),
        token_parameters: read.texts("token"),
        authorize_parameters: read.texts("authorize"),
        client_id: read.certain("client_id"),
        client_secret: read.certain("client_secret"),
        basic: read.certain("basic"),
        code: read.certain("code"),
        code_verifier: read.certain("code_verifier"),
        code_challenge: read.certain("code_challenge"),
        device_code: read.certain("device_code"),
        access_token: read.certain("access_token"),
        access_token_in_query: read.flag("access_token_in_query"),
        authorization_malformed: read.certain("authorization").is_some(),
        password: read.certain("password"),
        username: read.text("username"),
        security_token: read.certain("security_token"),
        aud: read.text("aud"),
        sub: read.text("sub"),
        without_claims: read.names("without_claims"),
        exp_in: read.number("exp_in"),
        jti: read.text("jti"),
        assertion: read.certain("assertion"),
        alg: read.word("alg").map(str::to_owned),
        grant_type: read.text("grant_type"),
        response_type: read.text("response_type"),
        json_body: read.flag("json_body"),
        get: read.flag("get"),
        subject_token: read.subject(),
        redeem_after: read.seconds("redeem_after"),
        poll_at_once: read.flag("poll_at_once"),
        without_person: read.flag("without_person"),
        person_after: read.seconds("person_after"),
        at_once: read.number("at_once").and_then(|n| u32::try_from(n).ok()),
        revoke_hint: read.text("revoke_hint"),
        ..Deviations::default()
    };
    match read.word("refresh_token") {
        Some("former") => send.refresh_token = Some(CertainValue::Former),
        Some("wrong") => send.refresh_token = Some(CertainValue::Wrong),
        Some("first") => send.first_refresh_token = true,
        _ => {}
    }
    // `absent` is told from an address by being none.
    match read.text("redirect_uri").as_deref() {
        Some("absent") => send.without.push("redirect_uri".to_owned()),
        other => send.redirect_uri = other.map(str::to_owned),
    }
    send.redirect_uri_at_token = read.text("redirect_uri_at_token");
    if let Some(prompt) = read.word("prompt") {
        send.authorize_parameters
            .push(("prompt".to_owned(), prompt.to_owned()));
    }
    if let Some(scope) = read.text("scope_at_token") {
        send.token_parameters.push(("scope".to_owned(), scope));
    }
    send
}

struct Read<'n, 'w> {
    fields: Fields<'n>,
    walk: &'w mut Walk,
}

impl Read<'_, '_> {
    fn shape(key: &str) -> Option<Shape> {
        keys::SEND
            .iter()
            .find(|Key { name, .. }| *name == key)
            .map(|key| key.shape)
    }

    fn certain(&mut self, key: &str) -> Option<CertainValue> {
        let node = self.fields.value(key)?;
        let Some(Shape::Certain(values)) = Self::shape(key) else {
            return None;
        };
        let words: Vec<&str> = values.iter().map(|value| certain_word(*value)).collect();
        let word = self.walk.word(node, "deviation of this value", &words)?;
        values
            .iter()
            .copied()
            .find(|value| certain_word(*value) == word)
    }

    fn word(&mut self, key: &str) -> Option<&'static str> {
        let node = self.fields.value(key)?;
        let Some(Shape::Words(words)) = Self::shape(key) else {
            return None;
        };
        self.walk.word(node, "deviation of this value", words)
    }

    fn number(&mut self, key: &str) -> Option<i64> {
        let node = self.fields.value(key)?;
        let Some(Shape::Number(from, to)) = Self::shape(key) else {
            return None;
        };
        self.walk.number_in(node, from, to)
    }

    fn text(&mut self, key: &str) -> Option<String> {
        self.fields.value(key).and_then(|node| self.walk.text(node))
    }

    fn names(&mut self, key: &str) -> Vec<String> {
        self.fields
            .value(key)
            .and_then(|node| self.walk.names(node))
            .unwrap_or_default()
    }

    fn flag(&mut self, key: &str) -> bool {
        self.fields
            .value(key)
            .is_some_and(|node| self.walk.flag(node) == Some(true))
    }

    fn seconds(&mut self, key: &str) -> Option<u64> {
        let node = self.fields.value(key)?;
        self.walk.duration(node).map(|time| time.as_secs())
    }

    fn texts(&mut self, key: &str) -> Vec<(String, String)> {
        let Some(entries) = self
            .fields
            .value(key)
            .and_then(|node| self.walk.entries(node, "texts by parameter"))
        else {
            return Vec::new();
        };
        entries
            .iter()
            .filter_map(|(key, node)| Some((key.name.clone(), self.walk.text(node)?)))
            .collect()
    }

    fn subject(&mut self) -> Option<Subject> {
        Some(match self.word("subject_token")? {
            "access_token" => Subject::AccessToken,
            "refresh_token" => Subject::RefreshToken,
            "jwt" => Subject::Jwt,
            _ => Subject::Wrong,
        })
    }
}
