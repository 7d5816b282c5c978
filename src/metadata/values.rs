//! The text of an element as the value of a factor, or why it is none.

use std::net::IpAddr;

use super::certificate::Validity;
use super::element::{Element, ElementId, Tree};
use super::fields::Means;
use super::finding::{FindingKind, nearest, shown};
use crate::factor::{Factor, Value};
use crate::oauth::{SCOPES, Scope};
use jiff::Timestamp;

/// Why a text is no value, for a [`Finding`](super::Finding).
#[derive(Debug)]
pub(super) struct Unread {
    pub(super) kind: FindingKind,
    pub(super) message: String,
    pub(super) help: String,
}

impl Unread {
    fn value(name: &str, text: &str, valid: &str) -> Self {
        let message = if text.is_empty() {
            format!("`{name}` is empty")
        } else {
            format!("`{name}` cannot be `{}`", shown(text))
        };
        Self {
            kind: FindingKind::UnknownValue,
            message,
            help: format!("valid: {valid}"),
        }
    }
}

/// `xsd:boolean`.
pub(super) fn flag(text: &str) -> Option<bool> {
    match text {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

pub(super) fn read_flag(name: &str, text: &str) -> Result<Value, Unread> {
    flag(text)
        .map(Value::Flag)
        .ok_or_else(|| Unread::value(name, text, "true, false"))
}

pub(super) fn read_number(name: &str, text: &str, from: i64, to: i64) -> Result<Value, Unread> {
    let valid = if to == i64::MAX {
        format!("a whole number from {from}")
    } else {
        format!("a whole number from {from} to {to}")
    };
    text.parse()
        .ok()
        .filter(|number| (from..=to).contains(number))
        .map(Value::Number)
        .ok_or_else(|| Unread::value(name, text, &valid))
}

pub(super) fn read_one_number(name: &str, text: &str, valid: &[i64]) -> Result<Value, Unread> {
    let found = text.parse().ok().filter(|number| valid.contains(number));
    found.map(Value::Number).ok_or_else(|| {
        let valid: Vec<String> = valid.iter().map(ToString::to_string).collect();
        Unread::value(name, text, &valid.join(", "))
    })
}

/// One of the words that the factor itself has.
pub(super) fn read_own_word(name: &str, text: &str, factor: Factor) -> Result<Value, Unread> {
    let words = factor.values();
    if words.split('|').any(|word| word == text) {
        return Ok(text.into());
    }
    Err(wrong_word(name, text, words.split('|').collect()))
}

/// One of some words. `Ok(None)` for a word that no factor knows.
pub(super) fn read_word(
    name: &str,
    text: &str,
    words: &[(&'static str, Means)],
) -> Result<Option<Value>, Unread> {
    match words.iter().find(|(word, _)| *word == text) {
        Some((_, Means::Word(means))) => Ok(Some((*means).into())),
        Some((_, Means::Number(number))) => Ok(Some((*number).into())),
        Some((_, Means::Nothing)) => Ok(None),
        None => Err(wrong_word(
            name,
            text,
            words.iter().map(|(word, _)| *word).collect(),
        )),
    }
}

fn wrong_word(name: &str, text: &str, words: Vec<&str>) -> Unread {
    let mut unread = Unread::value(name, text, &words.join(", "));
    if let Some(near) = nearest(text, words) {
        unread.help = format!("did you mean `{near}`? {}", unread.help);
    }
    unread
}

/// Names separated by commas, or by the ends of lines.
pub(super) fn names(text: &str, separators: &[char]) -> Vec<String> {
    text.split(separators)
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .collect()
}

/// A scope that metadata has and no request asks for, so that it has no wire value (WSDL).
pub(super) const SILENT_SCOPES: &[&str] = &["DataCloudUserClaims"];

/// A scope by its name in metadata, as this tool names it. `Ok(None)` for one that no request asks for.
pub(super) fn read_scope(name: &str, connected_app: bool) -> Result<Option<&'static str>, Unread> {
    if SILENT_SCOPES.contains(&name) {
        return Ok(None);
    }
    let scope = Scope::find(name);
    match scope {
        Some(scope) if scope.metadata == name => Ok(Some(scope.metadata)),
        // "SFAP" is what connected apps call it.
        Some(scope) if connected_app && name == "SFAP" => Ok(Some(scope.metadata)),
        _ => {
            let valid = SCOPES.iter().map(|scope| scope.metadata);
            let meant = scope
                .map(|scope| scope.metadata)
                .or_else(|| nearest(name, valid));
            let help = meant.map_or_else(
                || "metadata names scopes like `Api`, `RefreshToken`, `OpenID`".to_owned(),
                |meant| format!("metadata calls it `{meant}`"),
            );
            Err(Unread {
                kind: FindingKind::UnknownScope,
                message: format!("metadata has no scope `{}`", shown(name)),
                help,
            })
        }
    }
}

/// A range of addresses as `start-end`.
pub(super) fn read_range(
    tree: &Tree,
    id: ElementId,
    element: &Element,
    start: &str,
    end: &str,
) -> Result<String, Unread> {
    let text = |name: &str| {
        tree.children(id)
            .find(|(_, child)| child.is_metadata() && child.name() == name)
            .map_or("", |(_, child)| child.text())
    };
    let (from, to) = (text(start), text(end));
    let ordered = match (from.parse::<IpAddr>(), to.parse::<IpAddr>()) {
        (Ok(from), Ok(to)) => from.is_ipv4() == to.is_ipv4() && from <= to,
        _ => false,
    };
    if ordered {
        return Ok(format!("{from}-{to}"));
    }
    Err(Unread {
        kind: FindingKind::UnknownValue,
        message: format!(
            "`{}` is no range: `{start}` is `{}`, `{end}` is `{}`",
            element.name(),
            shown(from),
            shown(to)
        ),
        help: "give two IP addresses of one family, the lower one first".to_owned(),
    })
}

/// The word for a certificate at a time.
pub(super) fn read_certificate(
    name: &str,
    text: &str,
    now: Timestamp,
) -> Result<(Value, Validity), Unread> {
    let validity = Validity::of(text).ok_or_else(|| Unread {
        kind: FindingKind::UnreadableCertificate,
        message: format!("`{name}` holds no certificate in PEM form"),
        help: "paste the certificate whole, from `-----BEGIN CERTIFICATE-----` to `-----END CERTIFICATE-----`"
            .to_owned(),
    })?;
    if now < validity.from {
        return Err(Unread {
            kind: FindingKind::NotJudged,
            message: format!("the certificate is not valid before {}", validity.from),
            help: "nothing says what the platform does with it until then".to_owned(),
        });
    }
    let word = if now > validity.until {
        "expired"
    } else {
        "valid"
    };
    Ok((word.into(), validity))
}

/// `oauthPolicy.refreshTokenPolicy` of a connected app, which holds three factors in one text.
pub(super) fn read_refresh_policy(name: &str, text: &str) -> Result<Vec<(Factor, Value)>, Unread> {
    let policy = |word: &str| (Factor::RefreshTokenPolicy, Value::from(word));
    match text {
        "infinite" => return Ok(vec![policy("Infinite")]),
        "zero" => return Ok(vec![policy("Zero")]),
        _ => {}
    }
    let parts: Vec<&str> = text.split(':').collect();
    let specific = match parts[..] {
        [kind, period, unit] => specific_policy(kind, period, unit),
        _ => None,
    };
    specific
        .map(|(word, period, unit)| {
            vec![
                policy(word),
                (Factor::RefreshTokenValidityPeriod, Value::Number(period)),
                (Factor::RefreshTokenValidityUnit, unit.into()),
            ]
        })
        .ok_or_else(|| {
            Unread::value(
                name,
                text,
                "infinite, zero, specific_lifetime:n:UNIT, specific_inactivity:n:UNIT (UNIT: HOURS, DAYS, MONTHS)",
            )
        })
}

fn specific_policy(
    kind: &str,
    period: &str,
    unit: &str,
) -> Option<(&'static str, i64, &'static str)> {
    let word = match kind {
        "specific_lifetime" => "SpecificLifetime",
        "specific_inactivity" => "SpecificInactivity",
        _ => return None,
    };
    let unit = match unit {
        "HOURS" => "Hours",
        "DAYS" => "Days",
        "MONTHS" => "Months",
        _ => return None,
    };
    let period = period.parse().ok().filter(|period| *period >= 0)?;
    Some((word, period, unit))
}
