//! `what-if`: a world beside the same world with changes, and what stands in the way; with `--from`, two versions of a project.

pub(super) mod args;
mod change;
mod given;
mod sides;
mod start;

use std::fmt::Write as _;

use super::args::{Format, WhatIf};
use super::failure::{Failure, OK};
use super::show::Shown;
use crate::cause::AppKind;
use crate::edge::terminal;
use crate::oauth::GrantKind;
use crate::report::json;
use crate::what_if::{
    BlockersView, Document, SCHEMA_VERSION, SingleView, Want, acting, blockers, compare, is_meant,
    singles, table, tree,
};
use crate::world::World;
use given::Given;

pub(super) fn run(arguments: &WhatIf, shown: Shown) -> Result<u8, Failure> {
    if let Some(from) = &arguments.change.from {
        return change::run(arguments, from, shown);
    }
    let (before, baseline) = start::start(arguments)?;
    let users = users(arguments, &before)?;
    let given = arguments
        .factors
        .iter()
        .map(|text| given::parse(text, &before))
        .collect::<Result<Vec<Given>, _>>()?;
    let mut after = before.clone();
    for one in &given {
        given::apply(one, &mut after)?;
    }
    let asked = Asked {
        grants: grants(arguments)?,
        users,
    };
    let wants = asked.wants(&before, &after);
    if wants.is_empty() {
        return Err(given::wrong(
            "none of these users acts in any of these grants",
            "client credentials act as the run-as user; an API Only user has no flow in a browser; leave `--user` or `--grant` away",
        ));
    }
    let left_out = asked.left_out(arguments, &before, &after);
    let way_out = arguments.blockers.then(|| {
        let meant = |want: &&Want| !left_out.contains(&want.grant);
        let wanted: Vec<Want> = wants.iter().filter(meant).cloned().collect();
        blockers(&after, &wanted)
    });
    let document = Document {
        schema_version: SCHEMA_VERSION,
        changes: given
            .iter()
            .flat_map(|one| given::values(one, &before))
            .collect(),
        cells: compare(&before, &after, &asked.grants, asked.users.as_deref()),
        singles: if given.is_empty() {
            SingleView::of(&after, &wants, singles(&after, &wants))
        } else {
            Vec::new()
        },
        trees: if arguments.trace {
            wants.iter().map(|want| tree(&after, want)).collect()
        } else {
            Vec::new()
        },
        blockers: way_out
            .as_ref()
            .map(|blockers| BlockersView::of(&after, blockers)),
        left_out: left_out.iter().map(|grant| grant.name()).collect(),
        baseline,
    };
    super::failure::print(&match arguments.format {
        Format::Json => json::document(&document),
        Format::Plain => plain(&document),
        Format::Human => {
            let width = terminal::width();
            let mut text = head(&document, width);
            text.push_str(&table(&document.cells, !given.is_empty(), width));
            text.push_str(&rest(arguments, &document, width));
            if let Some(blockers) = &way_out {
                text.push('\n');
                text.push_str(&blockers.to_text(width));
                if !document.left_out.is_empty() {
                    let off = document.left_out.join(", ");
                    let _ = writeln!(
                        text,
                        "\nSwitched off, and not looked at (`--grant` asks for it): {off}"
                    );
                }
            }
            coloured(&text, shown)
        }
    })?;
    Ok(OK)
}

/// Which grants, and of whom.
struct Asked {
    grants: Vec<GrantKind>,
    users: Option<Vec<String>>,
}

impl Asked {
    /// Each grant of each user who can act in it.
    fn wants(&self, before: &World, after: &World) -> Vec<Want> {
        let mut wants = Vec::new();
        for grant in &self.grants {
            for user in acting(&[after, before], *grant) {
                let named = |users: &Vec<String>| users.contains(&user);
                if self.users.as_ref().is_none_or(named) {
                    wants.push(Want::new(*grant, user));
                }
            }
        }
        wants
    }

    /// Grants that nobody can want: off before and after, and not asked for by name. Of interest to blockers alone.
    fn left_out(&self, arguments: &WhatIf, before: &World, after: &World) -> Vec<GrantKind> {
        let off = |grant: &GrantKind| !is_meant(before, *grant) && !is_meant(after, *grant);
        let named = !arguments.grant.is_empty() || !arguments.blockers;
        self.grants
            .iter()
            .copied()
            .filter(|grant| !named && off(grant))
            .collect()
    }
}

fn grants(arguments: &WhatIf) -> Result<Vec<GrantKind>, Failure> {
    if arguments.grant.is_empty() {
        return Ok(GrantKind::ALL.to_vec());
    }
    arguments
        .grant
        .iter()
        .map(|word| {
            GrantKind::parse(word).ok_or_else(|| {
                let names = GrantKind::ALL.map(GrantKind::name);
                let near = crate::scenario::nearest(word, names)
                    .map_or_else(String::new, |near| format!("did you mean `{near}`? "));
                given::wrong(
                    format!("there is no grant `{word}`"),
                    &format!("{near}valid: {}", names.join(", ")),
                )
            })
        })
        .collect()
}

fn users(arguments: &WhatIf, world: &World) -> Result<Option<Vec<String>>, Failure> {
    if arguments.user.is_empty() {
        return Ok(None);
    }
    arguments
        .user
        .iter()
        .map(|name| given::user(name, world))
        .collect::<Result<Vec<String>, _>>()
        .map(Some)
}

/// What is compared with what.
fn head(document: &Document, width: usize) -> String {
    let about = &document.baseline;
    let kind = if about.kind == AppKind::ConnectedApp.name() {
        "connected app"
    } else {
        "External Client App"
    };
    let mut text = format!("Baseline  {}, {kind} {}\n", about.source, about.app);
    for assumed in &about.assumed {
        let _ = writeln!(text, "          {assumed}");
    }
    let said = |value: &crate::what_if::Value| match &value.person {
        Some(person) => format!("{}@{person}={}", value.factor, value.value),
        None => format!("{}={}", value.factor, value.value),
    };
    let longest = document
        .changes
        .iter()
        .map(|value| said(value).chars().count())
        .max()
        .unwrap_or(0);
    for (place, value) in document.changes.iter().enumerate() {
        let name = if place == 0 { "What if" } else { "" };
        let already = if value.was.as_ref() == Some(&value.value) {
            " (is so already)"
        } else {
            ""
        };
        let line = format!(
            "{name:<8}  {:longest$}  {}{already}",
            said(value),
            value.label
        );
        // The label helps, and is cut where there is no room.
        if line.chars().count() > width {
            text.extend(line.chars().take(width.saturating_sub(1)));
            text.push('…');
        } else {
            text.push_str(line.trim_end());
        }
        text.push('\n');
    }
    text.push('\n');
    text
}

/// What follows the table.
fn rest(arguments: &WhatIf, document: &Document, width: usize) -> String {
    let mut text = String::new();
    for tree in &document.trees {
        text.push('\n');
        text.push_str(&tree.to_text(width));
    }
    if !document.trees.is_empty() {
        text.push_str("\n+N: N checks more passed, and would with any other value.\n");
    }
    let alone = arguments.trace || arguments.blockers;
    if !document.singles.is_empty() && !alone {
        text.push_str("\nOne value alone would flip:\n\n");
        for single in &document.singles {
            text.push_str(&single.to_text(width));
        }
    }
    text
}

/// A line for each grant and user; then, where they were asked for, one for each check, blocker, change and grant that nothing helps.
fn plain(document: &Document) -> String {
    let mut text = String::new();
    for cell in &document.cells {
        let why = cell.why.as_ref().map_or("", |why| &why.check);
        let _ = writeln!(
            text,
            "{}\t{}\t{}\t{}\t{}\t{why}",
            cell.grant,
            cell.user,
            cell.flip.name(),
            cell.before.say(),
            cell.after.say(),
        );
    }
    for tree in &document.trees {
        for stage in &tree.stages {
            for check in &stage.checks {
                let _ = writeln!(
                    text,
                    "check\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
                    tree.grant,
                    tree.user,
                    stage.at.name(),
                    stage.stage,
                    check.check,
                    check.state.name(),
                    check.found
                );
            }
        }
    }
    let Some(blockers) = &document.blockers else {
        return text;
    };
    for blocker in &blockers.blockers {
        for one in &blocker.blocks {
            let why = &blocker.why;
            let _ = writeln!(
                text,
                "blocker\t{}\t{}\t{}\t{}",
                one.grant, one.user, why.cause, why.check
            );
        }
    }
    for remedy in blockers.fix.iter().flat_map(|fix| &fix.remedies) {
        let _ = writeln!(text, "change\t{}\t{}", remedy.does, remedy.loosens);
    }
    for stuck in &blockers.stuck {
        let _ = writeln!(
            text,
            "stuck\t{}\t{}\t{}\t{}",
            stuck.grant, stuck.user, stuck.cause, stuck.reason
        );
    }
    text
}

/// The marks in colour, where colour is wanted.
fn coloured(text: &str, shown: Shown) -> String {
    if !shown.colour {
        return text.to_owned();
    }
    let style = crate::report::Style {
        colour: true,
        ..crate::report::Style::PLAIN
    };
    let mut coloured = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '✓' => coloured.push_str(&style.good("✓")),
            '✗' => coloured.push_str(&style.bad("✗")),
            '·' => coloured.push_str(&style.faint("·")),
            _ => coloured.push(c),
        }
    }
    coloured
}
