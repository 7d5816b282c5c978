//! What one record says: its elements held against the table of its type.

use jiff::Timestamp;

use super::certificate::Validity;
use super::element::{Element, ElementId, Place, Secret};
use super::fields::{self, Absent, Field, Holds};
use super::finding::{Finding, FindingKind, nearest, shown};
use super::people;
use super::record::Record;
use super::types::RecordType;
use super::values::{self, Unread};
use crate::factor::{Factor, Provenance, Value};

/// Findings of one file.
const MOST: usize = 200;

/// What a record says.
#[derive(Debug, Default)]
pub(super) struct Learnt {
    pub(super) values: Vec<(Factor, Value, Provenance)>,
    pub(super) findings: Vec<Finding>,
    pub(super) certificate: Option<Validity>,
}

/// Reads a record. A certificate is judged by `now`.
pub(super) fn learn(record: &Record, now: Timestamp) -> Learnt {
    let table = fields::of(record.kind);
    let mut learner = Learner {
        record,
        now,
        all: table.all,
        learnt: Learnt::default(),
    };
    learner.look_at_every_element();
    learner.group(Some(record.tree.root()), table.fields, "");
    match record.kind {
        RecordType::ExtlClntAppOauthConfigurablePolicies => learner.oauth_policies(),
        RecordType::ExtlClntAppOauthSecuritySettings => learner.not_judged(
            record.tree.root_element(),
            None,
            "no document says what the elements of this type mean, so the refresh token IP allowlist stays unknown".to_owned(),
            "look at the app's Settings > Security in Setup",
        ),
        RecordType::Profile | RecordType::PermissionSet => people::learn(&mut learner),
        _ => {}
    }
    learner.learnt
}

/// A record being read.
pub(super) struct Learner<'r> {
    pub(super) record: &'r Record,
    now: Timestamp,
    /// Whether the table has every element of the type.
    all: bool,
    learnt: Learnt,
}

impl Learner<'_> {
    fn look_at_every_element(&mut self) {
        for element in &self.record.tree.elements {
            let what = match element.secret() {
                Some(Secret::ConsumerSecret) => "a consumer secret",
                Some(Secret::PrivateKey) => "a private key",
                None => continue,
            };
            self.find(
                FindingKind::SecretInFile,
                element,
                None,
                format!("{what} stands in this file"),
                "take it out, and replace it wherever the file was shared; it does not belong under source control",
            );
        }
        for element in &self.record.tree.elements {
            if element.has_stray_text() {
                self.find(
                    FindingKind::StrayContent,
                    element,
                    None,
                    format!("text stands between the elements of `{}`", element.name()),
                    "take it out, or put it into the element that it belongs to",
                );
            }
        }
    }

    /// Reads the elements inside an element; without one, what holds without them.
    fn group(&mut self, id: Option<ElementId>, fields: &'static [Field], path: &str) {
        let record = self.record;
        let children: Vec<(ElementId, &Element)> =
            id.map_or_else(Vec::new, |id| record.tree.children(id).collect());
        if self.all {
            self.unknown(&children, fields, path);
        }
        for field in fields {
            let given: Vec<(ElementId, &Element)> = children
                .iter()
                .copied()
                .filter(|(_, child)| {
                    child.is_metadata() && child.name() == field.name && !child.is_nil()
                })
                .collect();
            self.field(field, &given, &join(path, field.name));
        }
    }

    fn unknown(&mut self, children: &[(ElementId, &Element)], fields: &[Field], path: &str) {
        let names = || fields.iter().map(|field| field.name);
        for (_, child) in children {
            let known = child.is_metadata()
                && (names().any(|name| name == child.name())
                    // Every type inherits it.
                    || path.is_empty() && child.name() == "fullName");
            if known || self.is_full() {
                continue;
            }
            let owner = if path.is_empty() {
                self.record.kind.name()
            } else {
                path
            };
            let name = shown(child.name());
            let help = match nearest(child.name(), names()) {
                Some(near) if near != child.name() => format!("did you mean `{near}`?"),
                _ => "it is kept as it is; a newer API version than this tool knows may have it"
                    .to_owned(),
            };
            self.find(
                FindingKind::UnknownElement,
                child,
                Some(&join(path, &name)),
                format!("`{owner}` has no element `{name}`"),
                help,
            );
        }
    }

    fn field(&mut self, field: &'static Field, given: &[(ElementId, &Element)], path: &str) {
        let Some((_, first)) = given.first() else {
            return self.absent(field, path);
        };
        if given.len() > 1 && !field.holds.repeats() {
            self.find(
                FindingKind::RepeatedElement,
                given[1].1,
                Some(path),
                format!("`{}` is given {} times", field.name, given.len()),
                "keep one of them",
            );
            // Which one the platform takes is not documented, so only what they agree on is learnt.
            let differ = given.iter().any(|(_, other)| {
                other.text() != first.text() || other.has_children() || first.has_children()
            });
            if differ {
                return;
            }
        }
        match &field.holds {
            Holds::One(inner) => self.group(Some(given[0].0), inner, path),
            Holds::Many(inner) => {
                for (id, _) in given {
                    self.group(Some(*id), inner, path);
                }
            }
            Holds::Open => {}
            Holds::Ranges(start, end) => self.ranges(field, given, path, (start, end)),
            _ => self.leaf(field, given, path),
        }
    }

    fn absent(&mut self, field: &'static Field, path: &str) {
        let value = match field.absent {
            Absent::Unknown => return,
            Absent::Inside => {
                if let Holds::One(inner) = &field.holds {
                    self.group(None, inner, path);
                }
                return;
            }
            Absent::Nothing => Value::Absent,
            Absent::Flag(flag) => Value::Flag(flag),
            Absent::Word(word) => word.into(),
            Absent::Number(number) => number.into(),
        };
        for factor in field.decides {
            self.learnt
                .values
                .push((*factor, value.clone(), Provenance::Default));
        }
    }

    fn ranges(
        &mut self,
        field: &'static Field,
        given: &[(ElementId, &Element)],
        path: &str,
        (start, end): (&str, &str),
    ) {
        let mut ranges = Vec::new();
        for (id, element) in given {
            match values::read_range(&self.record.tree, *id, element, start, end) {
                Ok(range) => ranges.push(range),
                Err(unread) => self.unread(element, path, unread),
            }
        }
        if ranges.len() == given.len() {
            self.value(field, given[0].1, &Value::Names(ranges));
        }
    }

    /// Reads elements that hold a text.
    fn leaf(&mut self, field: &'static Field, given: &[(ElementId, &Element)], path: &str) {
        let first = given[0].1;
        for (_, element) in given {
            if element.has_children() {
                self.find(
                    FindingKind::StrayContent,
                    element,
                    Some(path),
                    format!("`{}` holds elements where a text belongs", field.name),
                    "take them out",
                );
                return;
            }
            // Named already; what it hides is no value.
            if element.secret().is_some() {
                return;
            }
        }
        let text = first.text();
        let empty = given.iter().all(|(_, element)| element.text().is_empty());
        if empty && matches!(field.absent, Absent::Nothing) {
            return self.value(field, first, &Value::Absent);
        }
        let read = match &field.holds {
            Holds::Text => Ok(Some(text.into())),
            Holds::Flag => values::read_flag(field.name, text).map(Some),
            Holds::Number(from, to) => values::read_number(field.name, text, *from, *to).map(Some),
            Holds::OneNumberOf(valid) => values::read_one_number(field.name, text, valid).map(Some),
            Holds::OwnWord => field.decides.first().map_or(Ok(None), |factor| {
                values::read_own_word(field.name, text, *factor).map(Some)
            }),
            Holds::Word(words) => values::read_word(field.name, text, words),
            Holds::Commas => Ok(Some(values::names(text, &[',']).into())),
            Holds::Lines => Ok(Some(values::names(text, &['\n', '\r']).into())),
            Holds::Repeated => {
                let names = given.iter().map(|(_, element)| element.text().to_owned());
                let names: Vec<String> = names.filter(|name| !name.is_empty()).collect();
                Ok(Some(names.into()))
            }
            Holds::Scopes => {
                let names = values::names(text, &[',']).into_iter();
                let names = names.map(|name| (name, first)).collect();
                return self.scopes(field, names, path, false);
            }
            Holds::RepeatedScope => {
                let names = given.iter().map(|(_, one)| (one.text().to_owned(), *one));
                let names = names.filter(|(name, _)| !name.is_empty()).collect();
                return self.scopes(field, names, path, true);
            }
            Holds::Certificate => return self.certificate(field, first, path),
            Holds::RefreshTokenPolicy => return self.refresh_policy(first, path),
            Holds::Secret | Holds::Open | Holds::One(_) | Holds::Many(_) | Holds::Ranges(..) => {
                Ok(None)
            }
        };
        match read {
            Ok(Some(value)) => self.value(field, first, &value),
            Ok(None) => {}
            Err(unread) => self.unread(first, path, unread),
        }
    }

    fn scopes(
        &mut self,
        field: &'static Field,
        names: Vec<(String, &Element)>,
        path: &str,
        connected_app: bool,
    ) {
        let mut scopes = Vec::new();
        let mut wrong = false;
        let first = names.first().map(|(_, element)| *element);
        for (name, element) in names {
            match values::read_scope(&name, connected_app) {
                Ok(Some(scope)) => scopes.push(scope.to_owned()),
                Ok(None) => {}
                Err(unread) => {
                    wrong = true;
                    self.unread(element, path, unread);
                }
            }
        }
        if let Some(first) = first.filter(|_| !wrong) {
            self.value(field, first, &scopes.into());
        }
    }

    fn certificate(&mut self, field: &'static Field, element: &Element, path: &str) {
        if element.text().is_empty() {
            return self.value(field, element, &"absent".into());
        }
        match values::read_certificate(field.name, element.text(), self.now) {
            Ok((value, validity)) => {
                self.learnt.certificate = Some(validity);
                self.value(field, element, &value);
            }
            Err(unread) => self.unread(element, path, unread),
        }
    }

    fn refresh_policy(&mut self, element: &Element, path: &str) {
        match values::read_refresh_policy(element.name(), element.text()) {
            Ok(read) => {
                for (factor, value) in read {
                    self.push(factor, element, value);
                }
            }
            Err(unread) => self.unread(element, path, unread),
        }
    }

    /// What no single element of the OAuth policies says.
    fn oauth_policies(&mut self) {
        let root = self.record.tree.root_element();
        self.push(Factor::PolicyRecord, root, true.into());
        let values = &mut self.learnt.values;
        // The default policy is 365 days from issue; under any other, a missing number is just missing.
        let by_default = values.iter().any(|(factor, _, from)| {
            *factor == Factor::RefreshTokenPolicy && *from == Provenance::Default
        });
        if by_default {
            for (factor, value) in [
                (Factor::RefreshTokenValidityPeriod, Value::Number(365)),
                (Factor::RefreshTokenValidityUnit, "Days".into()),
            ] {
                if !values.iter().any(|(known, ..)| *known == factor) {
                    values.push((factor, value, Provenance::Default));
                }
            }
        }
        // The token then lives as long as the user's session, whatever the number says.
        if self.record.text("namedUserJwtSessionTimeoutType") == Some("UserSession") {
            values.retain(|(factor, ..)| *factor != Factor::NamedUserJwtTimeout);
        }
    }

    fn value(&mut self, field: &'static Field, element: &Element, value: &Value) {
        for factor in field.decides {
            self.push(*factor, element, value.clone());
        }
    }

    pub(super) fn push(&mut self, factor: Factor, element: &Element, value: Value) {
        let from = self.record.provenance(element);
        self.learnt.values.push((factor, value, from));
    }

    pub(super) fn not_judged(
        &mut self,
        element: &Element,
        path: Option<&str>,
        message: String,
        help: &str,
    ) {
        self.find(FindingKind::NotJudged, element, path, message, help);
    }

    pub(super) fn unread(&mut self, element: &Element, path: &str, unread: Unread) {
        self.find(
            unread.kind,
            element,
            Some(path),
            unread.message,
            unread.help,
        );
    }

    fn find(
        &mut self,
        kind: FindingKind,
        element: &Element,
        path: Option<&str>,
        message: String,
        help: impl Into<String>,
    ) {
        if self.is_full() {
            return;
        }
        let finding = self
            .record
            .finding(kind, element.place(), path, message, help);
        self.learnt.findings.push(finding);
        if self.is_full() {
            let rest = self.record.finding(
                FindingKind::NotRead,
                Place::START,
                None,
                format!("more than {MOST} findings; the rest is left out"),
                "mend these first",
            );
            self.learnt.findings.push(rest);
        }
    }

    /// Whether a file has as many findings as anybody would read.
    fn is_full(&self) -> bool {
        self.learnt.findings.len() >= MOST
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}
