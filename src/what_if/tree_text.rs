//! A tree as text: a line for each stage with the names of the checks that count, and all that is known of a check that failed. `+2`: two
//! checks more passed, and would with any other value of their factors. Without colour; a mark begins a line.

use super::layout::{hang, hang_words};
use super::tree::{CheckNode, StageNode, State, Tree, Turn};

/// Changes shown under a failed check; more are only counted.
const TURNS: usize = 8;
/// Without its policy record an app falls back to defaults that let some flows pass: true, and no advice.
const NOT_TOLD: &str = "policyRecord=false";

impl Tree {
    /// The tree, in lines of at most `width` characters where its words allow it.
    pub fn to_text(&self, width: usize) -> String {
        let outcome = &self.outcome;
        let mut text = format!(
            "{} {}, {}: {}\n",
            self.state.mark(),
            self.grant,
            self.user,
            outcome.say()
        );
        let columns = Columns::of(self, width);
        let mut at = None;
        let mut stages = self.stages.as_slice();
        while let Some(first) = stages.first() {
            let head = if at == Some(first.at) {
                ""
            } else {
                first.at.name()
            };
            at = Some(first.at);
            // What was not reached is told by the names of its stages.
            let unreached = |stage: &&StageNode| stage.at == first.at && untouched(stage);
            let together = stages.iter().take_while(unreached).count();
            if together > 0 {
                columns.unreached(head, &stages[..together], &mut text);
            } else {
                columns.stage(head, first, &mut text);
            }
            stages = &stages[together.max(1)..];
        }
        text
    }
}

/// Whether nothing of a stage was reached.
fn untouched(stage: &StageNode) -> bool {
    stage
        .checks
        .iter()
        .all(|check| check.state == State::NotReached)
}

struct Columns {
    at: usize,
    stage: usize,
    width: usize,
}

impl Columns {
    fn of(tree: &Tree, width: usize) -> Self {
        let longest = |name: fn(&StageNode) -> &'static str| {
            tree.stages
                .iter()
                .map(|stage| name(stage).len())
                .max()
                .unwrap_or(0)
        };
        Self {
            at: longest(|stage| stage.at.name()),
            stage: longest(|stage| stage.stage),
            width,
        }
    }

    /// Where the names of the checks begin.
    const fn indent(&self) -> usize {
        4 + self.at + 2 + self.stage + 2
    }

    fn stage(&self, head: &str, stage: &StageNode, text: &mut String) {
        let mark = stage.state.mark();
        let name = stage.stage.replace('_', " ");
        let begin = format!(
            "  {mark} {head:<at$}  {name:<stage$}  ",
            at = self.at,
            stage = self.stage
        );
        let mut names: Vec<String> = Vec::new();
        let mut idle = 0;
        for check in &stage.checks {
            match shown(check) {
                Some(name) if names.contains(&name) => {}
                Some(name) => names.push(name),
                None => idle += 1,
            }
        }
        if idle > 0 {
            names.push(format!("+{idle}"));
        }
        hang(&begin, &names, ", ", self.width, text);
        let told = |check: &&CheckNode| matches!(check.state, State::Failed | State::Lacking);
        for check in stage.checks.iter().filter(told) {
            self.check(check, text);
        }
    }

    fn unreached(&self, head: &str, stages: &[StageNode], text: &mut String) {
        let begin = format!("  {} {head:<at$}  ", State::NotReached.mark(), at = self.at);
        let names: Vec<String> = stages
            .iter()
            .map(|stage| stage.stage.replace('_', " "))
            .collect();
        hang(&begin, &names, ", ", self.width, text);
    }

    fn check(&self, check: &CheckNode, text: &mut String) {
        self.field("found", &check.found, text);
        self.field("needed", check.needed, text);
        let turns: Vec<&Turn> = check
            .factors
            .iter()
            .flat_map(|factor| &factor.turns)
            .collect();
        let passing: Vec<String> = turns
            .iter()
            .filter(|turn| turn.outcome.passes() && !turn.change.starts_with(NOT_TOLD))
            .map(|turn| turn.change.clone())
            .collect();
        // Where nothing passes alone, what comes next is told.
        let next = turns
            .iter()
            .filter(|turn| turn.outcome.cause != Some(check.cause))
            .map(|turn| format!("{} ({})", turn.change, turn.outcome.say()));
        let (name, lines) = if passing.is_empty() {
            ("leads on", next.collect())
        } else {
            ("passes with", passing)
        };
        for (place, line) in lines.iter().take(TURNS).enumerate() {
            self.field(if place == 0 { name } else { "" }, line, text);
        }
        if lines.len() > TURNS {
            self.field("", &format!("{} more", lines.len() - TURNS), text);
        }
    }

    fn field(&self, name: &str, value: &str, text: &mut String) {
        let begin = format!("{:indent$}{name:<11}  ", "", indent = self.indent());
        hang_words(&begin, value, self.width, text);
    }
}

/// The name of a check, with its mark where it did not pass; `None` where no value of a factor alone changes what comes out.
fn shown(check: &CheckNode) -> Option<String> {
    match check.state {
        State::Failed | State::Lacking => Some(format!("{} {}", check.state.mark(), check.check)),
        State::Passed => check.is_relevant().then(|| check.check.clone()),
        State::NotReached => Some(check.check.clone()),
    }
}
