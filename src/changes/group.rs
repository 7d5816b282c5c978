//! Flows that flip alike, told together.

use super::document::{ChangeView, Document, FlowView};
use super::verdict::whom;
use crate::cause::CauseId;
use crate::exchange::Endpoint;
use crate::factor::Factor;
use crate::what_if::{Came, Flip, Outcome, labelled, name, short, whose};
use crate::world::{RUN_AS, USER};

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

    /// The possible ones: for whom alone, `clients without PKCE`.
    pub(super) fn whom(&self) -> String {
        whom(self.first())
    }

    /// `authorization_code, device (stand-in user ana)`, and for whom alone; names as `name` writes them, sentences as `prose`.
    pub(super) fn who(
        &self,
        name: impl Fn(&str) -> String,
        prose: impl Fn(&str) -> String,
    ) -> String {
        let mut names: Vec<(String, String)> = Vec::new();
        for flow in &self.flows {
            let user = match stand_in(&flow.user) {
                true => format!("stand-in user {}", name(&flow.user)),
                false if flow.user.starts_with('(') => flow.user.clone(),
                false => name(&flow.user),
            };
            names.push((name(flow.grant), user));
        }
        let pairs = names.iter();
        let who = whose(pairs.map(|(grant, user)| (grant.as_str(), user.as_str())));
        match &self.first().party {
            Some(party) => format!("{who}, {}", prose(party)),
            None => who,
        }
    }

    /// What became of them; where they differ in that, of which what.
    pub(super) fn before(&self, name: impl Fn(&str) -> String) -> String {
        self.each(|flow| flow.before.as_ref(), &name)
    }

    /// What becomes of them.
    pub(super) fn after(&self, name: impl Fn(&str) -> String) -> String {
        self.each(|flow| flow.after.as_ref(), &name)
    }

    fn each(
        &self,
        of: impl Fn(&'d FlowView) -> Option<&'d Outcome>,
        name: &impl Fn(&str) -> String,
    ) -> String {
        if let Some(said) = self.refused_alike(&of, name) {
            return said;
        }
        let mut all: Vec<(String, Vec<String>)> = Vec::new();
        for flow in &self.flows {
            let (one, grant) = (said(of(flow), name), name(flow.grant));
            match all.iter_mut().find(|(own, _)| *own == one) {
                Some((_, grants)) if grants.contains(&grant) => {}
                Some((_, grants)) => grants.push(grant),
                None => all.push((one, vec![grant])),
            }
        }
        match &all[..] {
            [(one, _)] => one.clone(),
            all => all
                .iter()
                .map(|(one, grants)| format!("{}: {one}", grants.join(", ")))
                .collect::<Vec<_>>()
                .join("; "),
        }
    }

    /// Refusals for one cause at several endpoints: `authorize refuses with user_not_preauthorized (so does token for refresh_token)`.
    fn refused_alike(
        &self,
        of: &impl Fn(&'d FlowView) -> Option<&'d Outcome>,
        name: &impl Fn(&str) -> String,
    ) -> Option<String> {
        let cause = of(self.first())?.cause?;
        let mut endpoints: Vec<(&str, Vec<String>)> = Vec::new();
        for flow in &self.flows {
            let outcome = of(flow)?;
            let refused = matches!(outcome.state, Came::Refused | Came::UseRefused);
            let at = outcome
                .at
                .filter(|_| refused && outcome.cause == Some(cause))?;
            let grant = name(flow.grant);
            match endpoints.iter_mut().find(|(own, _)| *own == at.name()) {
                Some((_, grants)) if grants.contains(&grant) => {}
                Some((_, grants)) => grants.push(grant),
                None => endpoints.push((at.name(), vec![grant])),
            }
        }
        let (first, others) = endpoints.split_first()?;
        let said = format!("{} refuses with {}", first.0, name(cause.name()));
        let others: Vec<String> = others
            .iter()
            .map(|(at, grants)| format!("{at} for {}", grants.join(", ")))
            .collect();
        Some(match others.len() {
            0 => said,
            1 => format!("{said} (so does {})", others[0]),
            _ => format!("{said} (so do {})", others.join(", ")),
        })
    }

    /// What lets them pass again; where that differs, each.
    pub(super) fn fixes(&self) -> Vec<&'d str> {
        let mut all: Vec<&str> = Vec::new();
        for flow in &self.flows {
            if let Some(fix) = &flow.fix
                && !all.contains(&fix.as_str())
            {
                all.push(fix);
            }
        }
        all
    }

    /// The check that decides, with what it found as `found` writes it; empty where the app itself comes or goes.
    pub(super) fn why(&self, found: impl Fn(&str) -> String) -> String {
        let Some(why) = &self.first().why else {
            return String::new();
        };
        let check = labelled(why.label, &found(&why.check));
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

fn said(outcome: Option<&Outcome>, name: &impl Fn(&str) -> String) -> String {
    let Some(outcome) = outcome else {
        return "no app".to_owned();
    };
    let cause = |cause: CauseId| name(cause.name());
    let own = outcome.cause.map_or_else(String::new, cause);
    let at = outcome.at.map_or("", Endpoint::name);
    match outcome.state {
        Came::Lacking => {
            let lacking = outcome.lacking.iter();
            let lacking: Vec<String> = lacking
                .map(|id| format!("{} ({})", missing(*id), cause(*id)))
                .collect();
            format!("a token, but without {}", lacking.join(" and "))
        }
        Came::Refused | Came::UseRefused => format!("{at} refuses with {own}"),
        Came::Page => format!("ends on a page: {own}"),
        Came::NotTried => format!("no refresh token to send: {own}"),
        Came::Passes => match outcome.refused_uses.first() {
            Some(used) => format!(
                "passes; {} refuses with {}",
                used.at.name(),
                cause(used.cause)
            ),
            None => "passes".to_owned(),
        },
    }
}

/// What a token is without.
const fn missing(cause: CauseId) -> &'static str {
    match cause {
        CauseId::ScopeOpenidMissing => "openid",
        CauseId::ScopeIdentityNotRequested => "an ID token, for openid was not asked for",
        CauseId::ScopeRefreshMissing | CauseId::ScopeRefreshNotRequested => "a refresh token",
        _ => "something",
    }
}

/// Whether a user is none of the files: they know profiles and the run-as user alone.
fn stand_in(user: &str) -> bool {
    user == short(USER) || user == short(RUN_AS)
}

/// A setting that another change needs beside it: `needed by SpecificInactivity`.
pub(super) fn needed_by(document: &Document, change: &ChangeView) -> Option<String> {
    let is_of = |factors: &[Factor]| factors.iter().any(|own| name(*own) == change.factor);
    let (needs, values) = if is_of(&[
        Factor::RefreshTokenValidityPeriod,
        Factor::RefreshTokenValidityUnit,
    ]) {
        (
            Factor::RefreshTokenPolicy,
            &["SpecificLifetime", "SpecificInactivity"][..],
        )
    } else if is_of(&[Factor::SelectedPermissionSets, Factor::SelectedProfiles]) {
        (Factor::PermittedUsers, &["AdminApprovedPreAuthorized"][..])
    } else {
        return None;
    };
    let mut others = document.changes.iter();
    let own = others.find(|other| other.app == change.app && other.factor == name(needs))?;
    let value = &own.after.as_ref()?.value;
    values
        .contains(&value.as_str())
        .then(|| format!("needed by {value}"))
}

/// What rests on it all.
pub(super) const STANDING: &str = "By grantproof's model of the platform; not tried on a real org.";

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
