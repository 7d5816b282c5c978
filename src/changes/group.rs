//! Flows that flip alike, told together.

use super::document::{ChangeView, Document, FlowView};
use crate::cause::CauseId;
use crate::what_if::{Came, Flip, Outcome, labelled, whose};

/// Flows of one app with one reason.
pub(super) struct Group<'d> {
    pub(super) flows: Vec<&'d FlowView>,
}

impl<'d> Group<'d> {
    fn first(&self) -> &'d FlowView {
        self.flows[0]
    }

    pub(super) fn app(&self) -> &'d str {
        &self.first().app
    }

    pub(super) fn certain(&self) -> bool {
        self.first().certain
    }

    pub(super) fn flip(&self) -> Flip {
        self.first().flip
    }

    /// `authorization_code, device (ana, ben)`, and for whom alone.
    pub(super) fn who(&self) -> String {
        let flows = self.flows.iter();
        let who = whose(flows.map(|flow| (flow.grant, flow.user.as_str())));
        match &self.first().party {
            Some(party) => format!("{who}, {party}"),
            None => who,
        }
    }

    /// What became of them; where they differ in that, each.
    pub(super) fn before(&self) -> String {
        self.each(|flow| flow.before.as_ref())
    }

    /// What becomes of them.
    pub(super) fn after(&self) -> String {
        self.each(|flow| flow.after.as_ref())
    }

    fn each(&self, of: impl Fn(&'d FlowView) -> Option<&'d Outcome>) -> String {
        let outcomes: Vec<Option<&Outcome>> = self.flows.iter().map(|flow| of(flow)).collect();
        if let Some(said) = refused_alike(&outcomes) {
            return said;
        }
        let mut all: Vec<String> = Vec::new();
        for one in outcomes {
            let one = said(one);
            if !all.contains(&one) {
                all.push(one);
            }
        }
        all.join("; or ")
    }

    /// The check that decides, with what it found as `found` writes it; empty where the app itself comes or goes.
    pub(super) fn why(&self, found: impl Fn(&str) -> String) -> String {
        let Some(why) = &self.first().why else {
            return String::new();
        };
        let check = labelled(why.label, &why.check);
        let mut others = self.flows.iter().filter_map(|flow| flow.why.as_ref());
        // What users have differs from one to the next.
        if others.any(|other| other.found != why.found) {
            return format!("{check}: needed {}", why.needed);
        }
        format!(
            "{check}: found {}, needed {}",
            found(&why.found),
            why.needed
        )
    }

    pub(super) fn because(&self, document: &'d Document) -> Vec<&'d ChangeView> {
        let numbers = self.first().because.iter();
        numbers.map(|number| &document.changes[*number]).collect()
    }
}

/// What makes flows one group: the cause and the check, not at which endpoint or for whom.
fn reason(flow: &FlowView) -> (Option<CauseId>, Option<&str>) {
    let cause = flow.after.as_ref().and_then(|outcome| outcome.cause);
    (cause, flow.why.as_ref().map(|why| why.check.as_str()))
}

/// Refusals for one cause at several endpoints: `authorize, token refuse: user_not_preauthorized`.
fn refused_alike(outcomes: &[Option<&Outcome>]) -> Option<String> {
    let mut endpoints: Vec<&str> = Vec::new();
    let cause = outcomes.first().copied().flatten()?.cause?;
    for outcome in outcomes {
        let outcome = (*outcome)?;
        let refused = matches!(outcome.state, Came::Refused | Came::UseRefused);
        let at = outcome
            .at
            .filter(|_| refused && outcome.cause == Some(cause))?;
        if !endpoints.contains(&at.name()) {
            endpoints.push(at.name());
        }
    }
    let verb = if endpoints.len() == 1 {
        "refuses"
    } else {
        "refuse"
    };
    Some(format!("{} {verb}: {cause}", endpoints.join(", ")))
}

fn said(outcome: Option<&Outcome>) -> String {
    outcome.map_or_else(|| "no app".to_owned(), Outcome::say)
}

/// What happens: `newly blocked`.
pub(super) fn heading(group: &Group<'_>) -> &'static str {
    let token = |outcome: &Option<Outcome>| {
        outcome
            .as_ref()
            .is_some_and(|outcome| outcome.state == Came::Lacking)
    };
    match group.flip() {
        Flip::Breaks if token(&group.first().after) => "newly lacks something",
        Flip::Breaks => "newly blocked",
        Flip::Mends => "newly passes",
        Flip::None | Flip::OtherCause => "another cause",
        Flip::Uses => "passes, another use",
    }
}

/// A mark of its own.
pub(super) const fn mark(flip: Flip) -> &'static str {
    match flip {
        Flip::Breaks => "✗",
        Flip::Mends => "✓",
        _ => "!",
    }
}

/// The flows, in groups: those of one app together, what is blocked first, what only may exist last.
pub(super) fn groups(document: &Document) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for flow in &document.flows {
        let alike = |group: &&mut Group<'_>| {
            let own = group.first();
            own.app == flow.app
                && own.kind == flow.kind
                && own.party == flow.party
                && own.flip == flow.flip
                && reason(own) == reason(flow)
                && own.because == flow.because
        };
        match groups.iter_mut().find(alike) {
            Some(group) => group.flows.push(flow),
            None => groups.push(Group { flows: vec![flow] }),
        }
    }
    let rank = |flip: Flip| match flip {
        Flip::Breaks => 0,
        Flip::Mends => 1,
        _ => 2,
    };
    groups.sort_by_key(|group| (!group.certain(), rank(group.flip())));
    groups
}

/// What a reader has to know of an app that comes or goes; names as `name` writes them.
pub(super) fn notes(document: &Document, name: impl Fn(&str) -> String) -> Vec<String> {
    use super::document::State;
    let mut notes = Vec::new();
    for app in &document.apps {
        let renamed = app.renamed.as_deref().map(&name);
        let own = name(&app.name);
        match app.state {
            State::Removed => notes.push(match renamed {
                Some(new) => format!("{own} is gone; {new} seems to be the same app under another name, which for an org is a new app"),
                None => format!("{own} is gone: a deploy takes an app out of an org only with destructive changes"),
            }),
            State::Added if renamed.is_none() => notes.push(format!("{own} is new")),
            State::Added | State::Changed => {}
        }
    }
    notes
}
