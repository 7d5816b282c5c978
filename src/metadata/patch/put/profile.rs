//! What profiles say of their users.

use std::path::PathBuf;

use super::super::super::document::Document;
use super::super::super::edit::Fragment;
use super::super::super::fields;
use super::super::super::people::{DAYS, permission_name};
use super::super::super::record::Record;
use super::super::super::spell;
use super::super::super::types::RecordType;
use super::super::super::unwritable::Why;
use super::super::elements::{self, text_inside};
use super::{Putting, not_a_flag};
use crate::factor::{Delta, Factor};

const RANGES: &str = "loginIpRanges";
const HOURS: &str = "loginHours";
const PERMISSIONS: &str = "userPermissions";

impl Putting<'_> {
    pub(super) fn person(&mut self, delta: &Delta) -> Result<(), Why> {
        let factor = delta.factor;
        if let Some(permission) = permission_name(factor) {
            let enabled = delta.value.as_flag().ok_or_else(not_a_flag)?;
            return self.profiles(delta, RecordType::Profile, |document| {
                set_permission(document, permission, enabled)
            });
        }
        match factor {
            Factor::LoginIpRanges => {
                let ranges = spell::ranges(&delta.value).ok_or_else(|| Why::Value {
                    valid:
                        "addresses, ranges (203.0.113.0-203.0.113.15) or networks (203.0.113.0/28)"
                            .to_owned(),
                })?;
                self.profiles(delta, RecordType::Profile, |document| {
                    if ranges.is_empty() {
                        return empty(document, RANGES);
                    }
                    let ends = ("startAddress", "endAddress");
                    Ok(elements::set_ranges(document, &[RANGES], ends, &ranges)?)
                })
            }
            Factor::LoginHours => match delta.value.as_word() {
                Some("always") => self.profiles(delta, RecordType::Profile, |document| {
                    empty(document, HOURS)
                }),
                Some("never") => self.profiles(delta, RecordType::Profile, never),
                _ => Err(Why::NotSaid(
                    "login hours are in the org's time zone, which no metadata names",
                )),
            },
            Factor::ProfileSessionLevel | Factor::OrgSessionTimeout => {
                let kind = RecordType::ProfileSessionSetting;
                let path = fields::holding(kind, factor).ok_or(Why::NotInMetadata)?;
                let records = self.records_of_profiles(delta, kind)?;
                self.write(&records, &path, delta)
            }
            Factor::LoginFlow => Err(Why::NotSaid("a login flow is named there, not a switch")),
            Factor::PasswordExpired => Err(Why::NotSaid(
                "a password policy says when, not whose password",
            )),
            _ => Err(Why::OfAUser),
        }
    }

    fn profiles(
        &mut self,
        delta: &Delta,
        kind: RecordType,
        edit: impl Fn(Document) -> Result<Document, Why>,
    ) -> Result<(), Why> {
        for key in self.records_of_profiles(delta, kind)? {
            if self.value(&key, delta.factor).as_ref() != Some(&delta.value) {
                self.patch.edit_file(&key, &edit)?;
            }
        }
        Ok(())
    }

    /// The files of the profile that a delta names, or of every profile.
    fn records_of_profiles(
        &mut self,
        delta: &Delta,
        kind: RecordType,
    ) -> Result<Vec<PathBuf>, Why> {
        let profiles = self.project.profiles.iter().filter(|profile| {
            let named = delta.person.as_deref();
            named.is_none_or(|name| profile.name.eq_ignore_ascii_case(name))
        });
        let mut any = false;
        let records: Vec<&Record> = profiles
            .inspect(|_| any = true)
            .flat_map(|profile| &profile.records)
            .filter(|record| record.kind == kind)
            .collect();
        if !any {
            return Err(Why::NoProfile);
        }
        if records.is_empty() {
            return Err(Why::MissingRecord { kind });
        }
        let mut keys = Vec::new();
        for record in records {
            keys.push(self.patch.open(record)?);
        }
        Ok(keys)
    }
}

/// A group without elements: a deploy leaves alone what a profile does not name, so "none" has to be said.
fn empty(document: Document, name: &str) -> Result<Document, Why> {
    let document = elements::remove(document, &[name])?;
    Ok(elements::insert(document, &[name], |name| {
        Fragment::elements(name, Vec::new())
    })?)
}

/// Help: "To prohibit users from using the system on a specific day, set the start and end times to the same value."
fn never(document: Document) -> Result<Document, Why> {
    let document = elements::remove(document, &[HOURS])?;
    let ends = DAYS
        .iter()
        .flat_map(|day| ["End", "Start"].map(|end| Fragment::text(format!("{day}{end}"), "0")))
        .collect();
    Ok(elements::insert(document, &[HOURS], |name| {
        Fragment::elements(name, ends)
    })?)
}

fn set_permission(document: Document, permission: &str, enabled: bool) -> Result<Document, Why> {
    let text = enabled.to_string();
    let blocks = elements::ids(&document, &[PERMISSIONS]);
    let its = blocks
        .into_iter()
        .find(|id| text_inside(&document, *id, "name") == permission);
    let Some(block) = its else {
        let inner = vec![
            Fragment::text("enabled", text),
            Fragment::text("name", permission),
        ];
        return Ok(elements::insert(document, &[PERMISSIONS], |name| {
            Fragment::elements(name, inner)
        })?);
    };
    let switch = document
        .tree()
        .children(block)
        .find(|(_, child)| child.name() == "enabled")
        .map(|(id, _)| id);
    Ok(match switch {
        Some(id) => document.set(id, &text)?,
        None => document.insert(block, &Fragment::text("enabled", text))?,
    })
}
