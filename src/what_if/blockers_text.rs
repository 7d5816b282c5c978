//! Blockers as text: each with its check, then the way out and what it opens.

use super::blockers::{Blocker, Blockers, Fix};
use super::layout::{count, hang_words, push};
use super::names;

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
        let blocks = self
            .blocks
            .iter()
            .map(|(grant, user)| (grant.name(), names::short(user)));
        let line = format!("{}: {}", problem.cause, names::whose(blocks));
        hang_words("  ✗ ", &line, width, text);
        let check = format!(
            "{}: found {}, needed {}",
            names::labelled(problem.factor.label(), &names::name(problem.factor)),
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
            // What the client sends and where it stands is no setting.
            if !remedy.factor.field().starts_with('(') {
                let setting = names::labelled(remedy.factor.label(), remedy.factor.field());
                hang_words("    setting  ", &setting, width, text);
            }
            hang_words("    opens    ", &remedy.loosens, width, text);
        }
    }
}
