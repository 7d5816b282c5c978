//! Settings by every name that people have for them, and their pages. Beside the factors there are fields that decide no flow of the seven
//! grants by themselves: `data/settings.csv` holds them, and for each field its default and its meaning (Metadata API guide).

use std::sync::LazyLock;

use serde::Deserialize;

use super::cause::place_in_file;
use super::list::{capped, names, sentence, statement, unique, unless_remark};
use super::page::Sections;
use super::words::same_letters;
use super::{Kind, Page, element, plain_words};
use crate::cause::{CauseId, Condition, Entry, conditions, entries, entry};
use crate::factor::{Factor, FactorKind};

/// Up to how many settings of one name each has its own part of the page.
const IN_FULL: usize = 3;

/// One row of `data/settings.csv`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    /// `Type.field`.
    path: &'static str,
    /// Other names of it: of connected apps, of objects.
    also: Vec<&'static str>,
    /// The words in Setup, where the field is no factor's.
    label: &'static str,
    default: &'static str,
    about: &'static str,
}

#[derive(Deserialize)]
struct Row {
    field: String,
    also: String,
    label: String,
    default: String,
    about: String,
}

static FIELDS: LazyLock<Vec<Field>> = LazyLock::new(|| {
    csv::Reader::from_reader(include_str!("data/settings.csv").as_bytes())
        .into_deserialize::<Row>()
        .map(|row| read(row.expect("invariant: settings.csv is well-formed")))
        .collect()
});

fn read(row: Row) -> Field {
    let also: &'static str = row.also.leak();
    Field {
        path: row.field.leak(),
        also: also.split(';').filter(|name| !name.is_empty()).collect(),
        label: row.label.leak(),
        default: row.default.leak(),
        about: row.about.leak(),
    }
}

/// A setting: a factor, or a field that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum One {
    Factor(Factor),
    Field(&'static Field),
}

/// The settings that go by one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Setting(Vec<One>);

impl Setting {
    /// The name of the page: of one type where many settings go by it.
    pub(super) fn name(&self) -> &'static str {
        match self.0.first() {
            Some(first) if self.0.len() > IN_FULL => {
                first.field().split('.').next().unwrap_or_default()
            }
            Some(One::Factor(factor)) => factor.key(),
            Some(One::Field(field)) => last_of(field.path),
            None => "",
        }
    }
}

/// Every setting with every name of it.
static SETTINGS: LazyLock<Vec<(One, Vec<&'static str>)>> = LazyLock::new(|| {
    let is_factor = |row: &Field| Factor::ALL.iter().any(|factor| factor.field() == row.path);
    let beyond = FIELDS.iter().filter(|row| !is_factor(row)).map(One::Field);
    let factors = Factor::ALL.iter().copied().map(One::Factor);
    factors
        .chain(beyond)
        .map(|one| (one, one.names()))
        .collect()
});

/// Names that a miss may have meant: keys, labels and fields.
pub(super) fn near_names() -> impl Iterator<Item = &'static str> {
    SETTINGS
        .iter()
        .flat_map(|(one, _)| match one {
            One::Factor(factor) => [factor.key(), factor.label(), last_of(factor.field())],
            One::Field(row) => [last_of(row.path), row.label, ""],
        })
        .filter(|name| !name.starts_with('('))
}

impl One {
    const fn field(self) -> &'static str {
        match self {
            Self::Factor(factor) => factor.field(),
            Self::Field(row) => row.path,
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Factor(factor) => factor.label(),
            Self::Field(row) => row.label,
        }
    }

    fn row(self) -> Option<&'static Field> {
        FIELDS.iter().find(|row| row.path == self.field())
    }

    /// Every name of it: key, label and its parts, `Type.field`, the type, the field, other names.
    fn names(self) -> Vec<&'static str> {
        let mut names = Vec::new();
        if let Self::Factor(factor) = self {
            names.push(factor.key());
        }
        names.extend(label_names(self.label()));
        if let Some(field) = unless_remark(self.field()) {
            names.push(field);
            names.push(last_of(field));
            names.extend(field.split('.').next());
            names.extend(last_of(field).strip_prefix("Permissions"));
        }
        names.extend(self.row().into_iter().flat_map(|row| row.also.iter()));
        names.retain(|name| !name.is_empty() && !name.starts_with('('));
        unique(names)
    }
}

/// A label as Setup shows it: without the remark behind it, and the parts of a path or before and after a colon.
fn label_names(label: &'static str) -> Vec<&'static str> {
    let bare = label.split(" (").next().unwrap_or(label);
    let mut names = vec![label, bare];
    names.extend(
        bare.split_once(": ")
            .into_iter()
            .flat_map(|(page, field)| [page, field]),
    );
    names.extend(bare.rsplit_once(" > ").map(|(_, field)| field));
    names
}

fn last_of(field: &'static str) -> &'static str {
    field.rsplit('.').next().unwrap_or(field)
}

/// The settings of a name, and the name as it is spelt. Blanks, letter case, quotes and marks do not matter.
pub(super) fn named(topic: &str) -> Option<(&'static str, Setting)> {
    let mut spelt: Option<&'static str> = None;
    let mut found = Vec::new();
    for (one, names) in SETTINGS.iter() {
        // The spelling of the topic, where one of the names has it.
        let same = names
            .iter()
            .copied()
            .filter(|name| same_letters(name, topic));
        let Some(name) = same.max_by_key(|name| *name == topic) else {
            continue;
        };
        found.push(*one);
        if spelt != Some(topic) {
            spelt = Some(name);
        }
    }
    spelt.map(|spelt| (spelt, Setting(found)))
}

/// The settings that can have a value of this name, and the value as it is spelt: `SpecificLifetime`. Values of requests are left out.
pub(super) fn with_value(topic: &str) -> Option<(&'static str, Setting)> {
    let mut spelt = None;
    let mut found = Vec::new();
    for factor in Factor::ALL.iter().copied() {
        if matches!(factor.kind(), FactorKind::Request | FactorKind::Environment) {
            continue;
        }
        let mut words = factor.values().split('|');
        // One word alone says what kind of value it is: flag, number, text.
        let own = words.find(|word| same_letters(word, topic) && *word != factor.values());
        if let Some(word) = own {
            spelt.get_or_insert(word);
            found.push(One::Factor(factor));
        }
    }
    spelt.map(|spelt| (spelt, Setting(found)))
}

/// The page of one or more settings of a name.
pub(super) fn page(setting: &Setting) -> Page {
    let all = &setting.0;
    let mut page = Sections::default();
    let mut causes: Vec<CauseId> = Vec::new();
    for one in all {
        causes.extend(can_cause(*one).into_iter().map(|made| made.cause));
        if all.len() <= IN_FULL {
            page.group();
            part(&mut page, *one);
        }
    }
    if all.len() > IN_FULL {
        let line = |one: &One| match unless_remark(one.label()) {
            Some(label) => format!("{}: {label}", one.field()),
            None => one.field().to_owned(),
        };
        page.group();
        page.add("Settings", all.iter().map(line).collect());
    }
    let causes = unique(causes);
    Page {
        topic: setting.name().to_owned(),
        kind: Kind::Setting,
        summary: match all.as_slice() {
            [one] => summary(*one),
            several => format!("{} settings go by this name.", several.len()),
        },
        causes: names(&causes),
        rivals: Vec::new(),
        sections: page.into_vec(),
    }
}

fn summary(one: One) -> String {
    let whose = match one {
        One::Factor(factor) => match factor.kind() {
            FactorKind::App => "A setting of the app",
            FactorKind::Org => "A setting of the org",
            FactorKind::Person => "Of the user, the profile or a permission set",
            FactorKind::Request => "Sent by the client",
            FactorKind::Environment => "A circumstance, no setting",
        },
        One::Field(row) if row.path.starts_with("ExtlClntApp") => "A setting of the app",
        One::Field(row) if row.path.contains("Settings.") => "A setting of the org",
        One::Field(_) => "A field of the org's data",
    };
    match one.row() {
        Some(row) => sentence(&format!("{whose}: {}", row.about)),
        None => format!("{whose}."),
    }
}

/// What the page says of one setting.
fn part(page: &mut Sections, one: One) {
    let can_cause = can_cause(one);
    let label = unless_remark(one.label()).unwrap_or_default();
    let path = can_cause
        .iter()
        .map(|made| entry(made.cause))
        .find(|about| about.metadata_field.contains(one.field()))
        .and_then(|about| unless_remark(about.setup_path))
        .unwrap_or_default();
    let bare = label.split(" (").next().unwrap_or_default();
    if !path.contains(bare) || path.is_empty() {
        page.line("Label", label);
    }
    page.line("Setup", path);
    page.line("Field", unless_remark(one.field()).unwrap_or_default());
    page.add("Written", written(one));
    if let One::Factor(factor) = one {
        page.line("Values", values(factor));
    }
    page.line("Default", one.row().map_or("", |row| row.default));
    if let One::Factor(factor) = one {
        page.add("Plain words", plain_words::of_factor(factor));
        page.line("In files", place_in_file(factor));
    }
    let lines: Vec<String> = can_cause.iter().map(Made::line).collect();
    page.add(
        "Can cause",
        if lines.is_empty() {
            vec!["nothing that the catalogue knows".to_owned()]
        } else {
            capped(lines)
        },
    );
    let type_name = one.field().split('.').next().unwrap_or_default();
    page.add("Source", element::guide_of(type_name).into_iter().collect());
}

/// The element of the field with the value that people set it to.
fn written(one: One) -> Vec<String> {
    let value = match one {
        One::Factor(factor) => match factor.values() {
            "flag" if factor.label().ends_with("(inverse)") => "false",
            "flag" => "true",
            "number" => "number",
            "names" | "text" => "…",
            words => words.split('|').next().unwrap_or_default(),
        },
        One::Field(_) => "…",
    };
    // A state that the element stands for, or a record that is there or not, is no value of it.
    let is_state = matches!(one, One::Factor(factor)
        if !factor.field().contains('.') || factor == Factor::AppBlocked || factor == Factor::PasswordExpired);
    if is_state {
        return Vec::new();
    }
    element::line(one.field(), value).into_iter().collect()
}

/// A cause that a setting has to do with.
struct Made {
    cause: CauseId,
    /// The values that are wrong.
    when: Vec<&'static str>,
    /// The values that must be beside a wrong value of another setting.
    with: Vec<&'static str>,
}

/// The causes that a setting makes; those that it has to be beside come last. Without values where the row of the cause names the field alone.
fn can_cause(one: One) -> Vec<Made> {
    let mut found: Vec<Made> = entries()
        .iter()
        .filter_map(|about| made(one, about))
        .collect();
    found.sort_by_key(|made| made.when.is_empty() && !made.with.is_empty());
    found
}

fn made(one: One, about: &Entry) -> Option<Made> {
    let mut made = Made {
        cause: about.id,
        when: Vec::new(),
        with: Vec::new(),
    };
    for row in conditions(about.id) {
        let is_own = |condition: &Condition| one == One::Factor(condition.factor);
        match row.conditions.iter().position(is_own) {
            Some(0) => made.when.push(row.conditions[0].value),
            Some(at) => made.with.push(row.conditions[at].value),
            None => {}
        }
    }
    made.when = unique(made.when);
    made.with = unique(made.with);
    let has_value = !made.when.is_empty() || !made.with.is_empty();
    (has_value || names_field(about, one.field())).then_some(made)
}

impl Made {
    /// `refresh_policy_zero when Zero: …`
    fn line(&self) -> String {
        let cause = self.cause;
        let value = match (self.when.as_slice(), self.with.as_slice()) {
            ([], []) => String::new(),
            ([], with) => format!(" beside {}", quoted(with)),
            (when, _) => format!(" when {}", quoted(when)),
        };
        format!("{cause}{value}: {}", statement(entry(cause).setting))
    }
}

/// Values in a row; several words of one in quotes.
fn quoted(values: &[&str]) -> String {
    let quoted: Vec<String> = values
        .iter()
        .map(|value| {
            if value.contains(' ') {
                format!("\"{value}\"")
            } else {
                (*value).to_owned()
            }
        })
        .collect();
    quoted.join(" or ")
}

fn names_field(about: &Entry, field: &str) -> bool {
    if !field.contains('.') {
        return false;
    }
    let named = element::fields_in(about.metadata_field);
    let same_object = |column: &str| {
        // `NetworkMember (MemberId, NetworkId)`: an object with its fields behind it.
        field
            .split_once('.')
            .is_some_and(|(object, _)| column.starts_with(object))
            && named.is_empty()
    };
    named.iter().any(|named| named.field == field) || same_object(about.metadata_field)
}

fn values(factor: Factor) -> String {
    match factor.values() {
        "flag" => "true or false".to_owned(),
        "number" => "a number".to_owned(),
        "names" => "a list of names".to_owned(),
        "text" => "a text".to_owned(),
        words => words.split('|').collect::<Vec<_>>().join(", "),
    }
}
