//! Two hundred pairs of wrong settings, chosen by a seed, over the wire: on a simulated org that has both, the flow is refused; changed in Setup
//! as the blockers propose, the same flow passes.

use std::fmt::Write as _;
use std::fs;

use grantproof::cause::{AppKind, CONDITIONS, Modelled};
use grantproof::factor::{Delta, Factor, FactorKind, Value};
use grantproof::oauth::GrantKind;
use grantproof::what_if::{Want, blockers};
use grantproof::world::{INSIDE, NOW, USER, World};
use serde_json::Value as Json;

use crate::program::run_in;

const PAIRS: usize = 200;
const SEED: u64 = 20_261_125;
/// Grants that need no other before them.
const GRANTS: [GrantKind; 2] = [GrantKind::JwtBearer, GrantKind::AuthorizationCode];

/// A value as YAML writes it; `None` for one that no file can hold.
fn yaml(value: &Value) -> Option<String> {
    match value {
        Value::Flag(_) | Value::Number(_) => Some(value.to_string()),
        Value::Word(word) => Some(format!("\"{word}\"")),
        Value::Names(names) => Some(format!("[{}]", names.join(", "))),
        Value::Absent => None,
    }
}

/// The sections of a file that set these values; `None` where a value, or a person other than the user, cannot stand there.
fn sections(deltas: &[Delta]) -> Option<String> {
    let mut parts: [String; 3] = Default::default();
    for delta in deltas {
        if delta.person.as_deref().is_some_and(|person| person != USER) {
            return None;
        }
        let at = match delta.factor.kind() {
            FactorKind::App => 0,
            FactorKind::Org => 1,
            FactorKind::Person => 2,
            FactorKind::Request | FactorKind::Environment => return None,
        };
        let _ = write!(
            parts[at],
            "{}{}: {}",
            if parts[at].is_empty() { "" } else { ", " },
            delta.factor.key(),
            yaml(&delta.value)?
        );
    }
    let [app, org, person] = parts;
    let mut text = Vec::new();
    if !app.is_empty() {
        text.push(format!("app: {{{app}}}"));
    }
    if !org.is_empty() {
        text.push(format!("org: {{{org}}}"));
    }
    if !person.is_empty() {
        text.push(format!("users: {{ana: {{{person}}}}}"));
    }
    Some(text.join(", "))
}

/// One condition of app, org or user, which a file can hold and a change can lift.
fn is_setting(row: &Modelled) -> bool {
    // What these read is not in Setup of the simulated org, or belongs to the callback that each run binds anew.
    let other = [
        Factor::CallbackUrl,
        Factor::HomeOrg,
        Factor::ConsumerSecret,
        Factor::AppDeleted,
        Factor::CustomScopes,
        Factor::LockSessionsToIp,
    ];
    row.conditions.len() == 1
        && !other.contains(&row.conditions[0].factor)
        && row.conditions[0].value != "without the one asked for"
        && matches!(
            row.conditions[0].factor.kind(),
            FactorKind::App | FactorKind::Org | FactorKind::Person
        )
}

/// A story that fails, and the same with the proposed change before the step.
fn stories(a: &Modelled, b: &Modelled, grant: GrantKind) -> Option<(String, String)> {
    let mut world = World::healthy(AppKind::ExternalClientApp);
    let mut wrong = Vec::new();
    for row in [a, b] {
        let condition = &row.conditions[0];
        let person = (condition.factor.kind() == FactorKind::Person).then_some(USER);
        world.put(condition, person).ok()?;
        wrong.push(condition.factor);
    }
    let set: Vec<Delta> = wrong
        .iter()
        .map(|factor| Some(Delta::new(*factor, world.read(*factor)?)))
        .collect::<Option<_>>()?;
    let want = Want::new(grant, USER);
    let found = blockers(&world, std::slice::from_ref(&want));
    let fix = found.fix.filter(|_| found.blockers.len() == 2)?;
    let mut changes = Vec::new();
    for remedy in &fix.remedies {
        let deltas = remedy.change.deltas(&world);
        if deltas.is_empty() {
            return None;
        }
        changes.extend(deltas);
    }
    let step = format!(
        "  - {{grant: {grant}, user: ana, from: {INSIDE}, expect: {{granted: true, {}api: granted}}}}\n",
        if grant == GrantKind::AuthorizationCode {
            "refresh_token: present, "
        } else {
            ""
        }
    );
    let head = format!(
        "story: {} and {}\nnow: {NOW}\n{}\nsteps:\n",
        a.cause,
        b.cause,
        sections(&set)?.replace("}, ", "}\n")
    );
    let change = format!("  - change: {{{}}}\n", sections(&changes)?);
    Some((format!("{head}{step}"), format!("{head}{change}{step}")))
}

fn statuses(folder: &std::path::Path) -> Vec<(String, String)> {
    let ran = run_in(folder, ["run", ".", "--no-journal", "--format", "json"]);
    let report: Json =
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
    report["scenarios"]
        .as_array()
        .unwrap_or_else(|| panic!("{}", ran.stderr))
        .iter()
        .map(|one| {
            let text = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
            (format!("{} {}", text("file"), text("name")), text("status"))
        })
        .collect()
}

#[test]
#[expect(clippy::print_stdout, reason = "the count is for people")]
fn two_wrong_settings_are_lifted_over_the_wire_as_proposed() {
    let rows: Vec<&Modelled> = CONDITIONS.iter().filter(|row| is_setting(row)).collect();
    let mut chance = fastrand::Rng::with_seed(SEED);
    let (broken, mended) = (
        tempfile::tempdir().expect("a folder"),
        tempfile::tempdir().expect("a folder"),
    );
    let mut count = 0;
    let mut tried = 0;
    while count < PAIRS && tried < 20_000 {
        tried += 1;
        let (a, b) = (
            rows[chance.usize(..rows.len())],
            rows[chance.usize(..rows.len())],
        );
        let grant = GRANTS[chance.usize(..GRANTS.len())];
        let differ = a.conditions[0].factor != b.conditions[0].factor;
        if !differ || ![a, b].iter().all(|row| row.grants.contains(&grant)) {
            continue;
        }
        if let Some((fails, passes)) = stories(a, b, grant) {
            let name = format!("{count:03}.yaml");
            fs::write(broken.path().join(&name), fails).expect("a file");
            fs::write(mended.path().join(&name), passes).expect("a file");
            count += 1;
        }
    }
    println!("{count} pairs of {tried} tried");
    assert_eq!(count, PAIRS);
    for (name, status) in statuses(broken.path()) {
        assert_eq!(status, "failed", "{name}");
    }
    let wrong: Vec<_> = statuses(mended.path())
        .into_iter()
        .filter(|(_, status)| status != "passed")
        .collect();
    assert!(wrong.is_empty(), "{} of {PAIRS}: {wrong:#?}", wrong.len());
}
