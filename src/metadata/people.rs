//! What profiles and permission sets say of their users.
//!
//! Sources: `https://developer.salesforce.com/docs/atlas.en-us.api_meta.meta/api_meta/meta_profile.htm` and `…/meta_permissionset.htm`.
//! A deploy of a profile leaves alone what its file does not name: "to delete login hour restrictions from a profile that previously had
//! them, you must explicitly include an empty loginHours tag". So an absent element says nothing, and an empty one says "none".

use super::certificate::Validity;
use super::element::{Element, ElementId};
use super::learn::Learner;
use super::record::Record;
use super::types::RecordType;
use super::values::{self, Unread};
use crate::factor::{Factor, Known, Value};

/// A profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredProfile {
    /// Its name.
    pub name: String,
    /// Its records: `Profile`, `ProfileSessionSetting`, each from as many folders as have one.
    pub records: Vec<Record>,
    /// What they say of its users.
    pub known: Known,
}

/// A permission set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredPermissionSet {
    /// Its API name.
    pub name: String,
    /// Its record.
    pub record: Record,
    /// What it says of the users it is assigned to. Who these are, metadata does not know.
    pub known: Known,
    /// Whether it must be activated in a session (`hasActivationRequired`); `None` where the file does not say.
    pub activation_required: Option<bool>,
}

/// A certificate of the org.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredCertificate {
    /// Its name.
    pub name: String,
    /// The file of the certificate itself.
    pub file: String,
    /// For how long it holds.
    pub validity: Validity,
}

/// Reads what the tables do not cover.
pub(super) fn learn(learner: &mut Learner<'_>) {
    permissions(learner);
    if learner.record.kind == RecordType::Profile {
        login_ip_ranges(learner);
        login_hours(learner);
        login_flows(learner);
    }
}

/// The factor of a user permission: `ApiEnabled` is `PermissionSet.PermissionsApiEnabled`.
fn permission(name: &str) -> Option<Factor> {
    let mut factors = Factor::ALL.iter().copied();
    factors.find(|factor| permission_name(*factor) == Some(name))
}

/// The user permission that a factor is: `PermissionSet.PermissionsApiEnabled` is `ApiEnabled`.
pub(super) fn permission_name(factor: Factor) -> Option<&'static str> {
    factor.field().strip_prefix("PermissionSet.Permissions")
}

fn permissions(learner: &mut Learner<'_>) {
    let record = learner.record;
    for (id, element) in record.tree.find_all("userPermissions") {
        let text = |name: &str| {
            record
                .tree
                .children(id)
                .find(|(_, child)| child.name() == name)
                .map_or("", |(_, child)| child.text())
        };
        let Some(factor) = permission(text("name")) else {
            continue;
        };
        match values::read_flag("enabled", text("enabled")) {
            Ok(value) => learner.push(factor, element, value),
            Err(unread) => learner.unread(element, "userPermissions.enabled", unread),
        }
    }
}

/// `<loginIpRanges/>` without ends: no ranges.
fn is_empty_tag(element: &Element) -> bool {
    !element.has_children() && element.text().is_empty()
}

fn login_ip_ranges(learner: &mut Learner<'_>) {
    let record = learner.record;
    let given = record.tree.find_all("loginIpRanges");
    let Some((_, first)) = given.first() else {
        return;
    };
    let mut ranges = Vec::new();
    let mut wrong = false;
    for (id, element) in given.iter().filter(|(_, element)| !is_empty_tag(element)) {
        match values::read_range(&record.tree, *id, element, "startAddress", "endAddress") {
            Ok(range) => ranges.push(range),
            Err(unread) => {
                wrong = true;
                learner.unread(element, "loginIpRanges", unread);
            }
        }
    }
    if !wrong {
        learner.push(Factor::LoginIpRanges, first, ranges.into());
    }
}

pub(super) const DAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];
/// Minutes of a day.
const DAY: i64 = 24 * 60;

fn login_hours(learner: &mut Learner<'_>) {
    let record = learner.record;
    let Some((id, element)) = record.tree.find("loginHours") else {
        return;
    };
    let mut hours = Vec::new();
    for day in DAYS {
        match hours_of(learner, id, day) {
            Ok(Some(range)) => hours.push(range),
            Ok(None) => {}
            Err((at, unread)) => return learner.unread(at, "loginHours", unread),
        }
    }
    let every_day = hours.len() == DAYS.len();
    if is_empty_tag(element) || every_day && hours.iter().all(|day| *day == (0, DAY)) {
        learner.push(Factor::LoginHours, element, "always".into());
    } else if every_day && hours.iter().all(|(from, to)| from == to) {
        // Help: "To prohibit users from using the system on a specific day, set the start and end times to the same value."
        learner.push(Factor::LoginHours, element, "never".into());
    } else {
        learner.not_judged(
            element,
            Some("loginHours"),
            "login hours differ by day, and are in the org's time zone, which no metadata names; they stay unknown".to_owned(),
            "compare them by hand with the time of the login",
        );
    }
}

/// Minutes from midnight between which a day is open; `None` where the file does not name the day.
fn hours_of<'r>(
    learner: &Learner<'r>,
    id: ElementId,
    day: &str,
) -> Result<Option<(i64, i64)>, (&'r Element, Unread)> {
    let tree = &learner.record.tree;
    let end = |suffix: &str| {
        let name = format!("{day}{suffix}");
        tree.children(id)
            .map(|(_, child)| child)
            .find(|child| child.name() == name)
    };
    let (Some(from), Some(to)) = (end("Start"), end("End")) else {
        return Ok(None);
    };
    let minute =
        |element: &'r Element| match values::read_number(element.name(), element.text(), 0, DAY) {
            Ok(Value::Number(minute)) => Ok(minute),
            Ok(_) => Ok(0),
            Err(unread) => Err((element, unread)),
        };
    Ok(Some((minute(from)?, minute(to)?)))
}

fn login_flows(learner: &mut Learner<'_>) {
    let flow = learner.record.tree.find("loginFlows");
    if let Some((_, element)) = flow.filter(|(_, element)| element.has_children()) {
        learner.push(Factor::LoginFlow, element, true.into());
    }
}
