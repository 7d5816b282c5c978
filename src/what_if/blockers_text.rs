//! Blockers as text: each with its check, then the way out and what it opens.

use super::blockers::{Blocker, Blockers, Fix};
use super::layout::{count, hang_words, push};
use super::names;
use crate::oauth::GrantKind;

impl Blockers {
    /// The blockers and the way out. Without colour.
    pub fn to_text(&self, width: usize) -> String {
        let mut text = String::new();
        if self.blockers.is_empty() {
            return "Nothing stands in the way.\n".to_owned();
        }
        push(
            &mut text,
            &format!("{}:", count(self.blockers.len(), "blocker")),
        );
        for blocker in &self.blockers {
            blocker.write(width, &mut text);
        }
        if let Some(fix) = &self.fix {
            fix.write(width, &mut text);
        }
        if !self.stuck.is_empty() {
            text.push_str("\nNo change helps:\n");
        }
        for stuck in &self.stuck {
            let who = format!("{} ({})", stuck.grant, names::short(&stuck.user));
            let line = format!("{who}: {}: {}", stuck.problem.cause, stuck.reason);
            hang_words("    ", &line, width, &mut text);
        }
        text
    }
}

impl Blocker {
    fn write(&self, width: usize, text: &mut String) {
        let problem = &self.problem;
        hang_words(
            "  ✗ ",
            &format!("{}: {}", problem.cause, whose(&self.blocks)),
            width,
            text,
        );
        let check = format!(
            "{} ({}): found {}, needed {}",
            problem.factor.label(),
            names::name(problem.factor),
            problem.found,
            problem.needed
        );
        hang_words("    ", &check, width, text);
    }
}

impl Fix {
    fn write(&self, width: usize, text: &mut String) {
        let changes = count(self.remedies.len(), "change");
        let head = if self.smallest {
            format!("The smallest way out, {changes}:")
        } else {
            format!("A way out, {changes} (a smaller one was not searched for):")
        };
        text.push('\n');
        push(text, &head);
        for remedy in &self.remedies {
            hang_words("  ✓ ", &remedy.does, width, text);
            hang_words(
                "    ",
                &format!(
                    "setting  {} ({})",
                    remedy.factor.label(),
                    remedy.factor.field()
                ),
                width,
                text,
            );
            hang_words("    ", &format!("opens    {}", remedy.loosens), width, text);
        }
    }
}

/// Grants by user: `jwt_bearer, refresh_token (ana)`.
fn whose(blocks: &[(GrantKind, String)]) -> String {
    let mut users: Vec<(&str, Vec<&str>)> = Vec::new();
    for (grant, user) in blocks {
        match users.iter_mut().find(|(own, _)| *own == user.as_str()) {
            Some((_, grants)) => grants.push(grant.name()),
            None => users.push((user, vec![grant.name()])),
        }
    }
    users
        .into_iter()
        .map(|(user, grants)| match names::short(user) {
            "" => grants.join(", "),
            user => format!("{} ({user})", grants.join(", ")),
        })
        .collect::<Vec<_>>()
        .join("; ")
}
