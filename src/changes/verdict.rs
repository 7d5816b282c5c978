//! The answer in one sentence.

use super::document::{Document, FlowView};
use crate::what_if::{Flip, count};

impl Document {
    /// `2 flows newly blocked, 1 more for clients without a client secret, in 2 of 3 apps`.
    pub fn sentence(&self) -> String {
        let within = match self.filter {
            Some(_) => " within the filter",
            None => "",
        };
        let all = count(self.counts.apps_compared, "app");
        let mut said = Vec::new();
        for (flips, one, many) in [
            (&[Flip::Breaks][..], "newly blocked", "newly blocked"),
            (&[Flip::Mends], "newly passes", "newly pass"),
            (
                &[Flip::OtherCause, Flip::Uses],
                "comes out otherwise",
                "come out otherwise",
            ),
        ] {
            let flows = self.flows.iter().filter(|flow| flips.contains(&flow.flip));
            said.extend(parts(flows, one, many, said.is_empty()));
        }
        if said.is_empty() {
            return format!("No flow flips{within}, in {all}");
        }
        let mut apps: Vec<(&str, &str)> = Vec::new();
        for flow in &self.flows {
            if !apps.contains(&(flow.app.as_str(), flow.kind)) {
                apps.push((&flow.app, flow.kind));
            }
        }
        format!("{}{within}, in {} of {all}", said.join(", "), apps.len())
    }
}

/// What happens to flows: to those that are sure, then for each client and user that may not exist.
fn parts<'d>(
    flows: impl Iterator<Item = &'d FlowView>,
    one: &str,
    many: &str,
    first: bool,
) -> Vec<String> {
    let mut sure = 0;
    let mut possible: Vec<(String, usize)> = Vec::new();
    for flow in flows {
        if flow.certain {
            sure += 1;
            continue;
        }
        let whom = whom(flow);
        match possible.iter_mut().find(|(own, _)| *own == whom) {
            Some((_, number)) => *number += 1,
            None => possible.push((whom, 1)),
        }
    }
    let mut parts: Vec<String> = Vec::new();
    let flows = |number: usize| {
        if first {
            count(number, "flow")
        } else {
            number.to_string()
        }
    };
    let verb = |number: usize| if number == 1 { one } else { many };
    if sure > 0 {
        parts.push(format!("{} {}", flows(sure), verb(sure)));
    }
    for (whom, number) in possible {
        parts.push(if parts.is_empty() {
            format!("{} {} for {whom}", flows(number), verb(number))
        } else {
            format!("{number} more for {whom}")
        });
    }
    parts
}

/// For whom alone a flow flips: `clients without PKCE`.
pub(super) fn whom(flow: &FlowView) -> String {
    let kind = flow.party_kind.unwrap_or("client");
    format!("{kind}s {}", flow.party.as_deref().unwrap_or_default())
}
