//! Clients and users that a change is about, beside those that every comparison has: who sends a callback URL that goes, comes from an address
//! that is shut out, has a permission set that is no longer selected; and clients that leave away what a setting comes to ask for.

use std::net::IpAddr;

use super::edit::{Edit, Owner};
use super::scene::Scene;
use crate::factor::{Delta, Factor, Value};
use crate::model::PersonId;
use crate::what_if;
use crate::world::{NOW, OUTSIDE, USER, World};

/// The entries of one list that are looked at.
const MOST: usize = 20;

/// A client or a user that something is otherwise for.
#[derive(Debug, Clone)]
pub(super) struct Party {
    /// Who that is, in words that follow the user's name.
    pub(super) words: String,
    /// Whether the files themselves speak of it: a URL that is registered, a permission set that is selected. Else it may not exist.
    pub(super) certain: bool,
    /// Whether it is a user, not a client.
    pub(super) is_a_user: bool,
    /// Only for this user.
    pub(super) user: Option<String>,
    /// What such a client can do to be like the others.
    pub(super) instead: Option<&'static str>,
    is: Is,
}

#[derive(Debug, Clone)]
enum Is {
    Sends(String),
    From(IpAddr),
    Has(String),
    Of(String),
    Unlisted,
    Does(Vec<(Factor, &'static str)>),
}

impl Party {
    /// A world of the scene with this party in it.
    pub(super) fn put(&self, world: &mut World) {
        match &self.is {
            Is::Sends(url) => world.client.redirect_uri.clone_from(url),
            Is::From(address) => {
                (world.client.address, world.client.uses_from) = (*address, *address);
            }
            Is::Has(set) => {
                if let Some(PersonId(id)) = world.org.person(USER) {
                    world.org.people[id].permission_sets = vec![set.clone()];
                    "(any other)".clone_into(&mut world.org.people[id].profile);
                }
            }
            Is::Unlisted => {
                if let Some(PersonId(id)) = world.org.person(USER) {
                    world.org.people[id].permission_sets = Vec::new();
                    "(any other)".clone_into(&mut world.org.people[id].profile);
                }
            }
            Is::Of(profile) => {
                if let Some(PersonId(id)) = world.org.person(USER) {
                    world.org.people[id].permission_sets = Vec::new();
                    world.org.people[id].profile.clone_from(profile);
                }
            }
            Is::Does(words) => {
                let url = world.client.redirect_uri.clone();
                for (factor, word) in words {
                    let _ = what_if::set(world, &Delta::new(*factor, *word));
                }
                world.client.redirect_uri = url;
            }
        }
    }
}

/// The parties that the changes of a scene are about, each with the number of its change.
pub(super) fn parties(scene: &Scene<'_>) -> Vec<(usize, Party)> {
    let of = |(number, edit): &(usize, &Edit)| {
        let parties = of(edit, scene).into_iter();
        parties
            .map(|party| (*number, party))
            .collect::<Vec<(usize, Party)>>()
    };
    scene.edits.iter().flat_map(of).collect()
}

fn of(edit: &Edit, scene: &Scene<'_>) -> Vec<Party> {
    match edit.factor {
        Factor::CallbackUrl => differing(edit)
            .into_iter()
            .filter(|url| *url != scene.before.client.redirect_uri)
            .map(|url| certain(format!("sends {url}"), Is::Sends(url)))
            .collect(),
        Factor::SelectedPermissionSets => differing(edit)
            .into_iter()
            .map(|set| Party {
                is_a_user: true,
                user: Some(USER.to_owned()),
                ..certain(format!("with only the permission set {set}"), Is::Has(set))
            })
            .collect(),
        Factor::SelectedProfiles => differing(edit)
            .into_iter()
            .map(|profile| Party {
                is_a_user: true,
                user: Some(USER.to_owned()),
                ..certain(format!("with only the profile {profile}"), Is::Of(profile))
            })
            .collect(),
        Factor::LoginIpRanges | Factor::TrustedIpRanges | Factor::NetworkAccess => addresses(edit)
            .into_iter()
            .map(|address| Party {
                user: match &edit.owner {
                    Owner::Profile(name) => Some(name.clone()),
                    _ => None,
                },
                ..certain(format!("from {address}"), Is::From(address))
            })
            .collect(),
        Factor::PermittedUsers => unlisted(scene).into_iter().collect(),
        factor => leaves_away(factor, edit, scene).into_iter().collect(),
    }
}

/// Where a list comes to be asked for: who is not on it. No file says who that is.
fn unlisted(scene: &Scene<'_>) -> Option<Party> {
    let listed = listed(&scene.after)?;
    Some(Party {
        certain: false,
        is_a_user: true,
        user: Some(USER.to_owned()),
        ..certain(format!("without {listed}"), Is::Unlisted)
    })
}

/// Whom the app of a world lists: `the permission set A or B`; `None` for nobody.
pub(super) fn listed(world: &World) -> Option<String> {
    let settings = world.org.apps[0].settings.at(NOW);
    let of = |what: &str, names: &[String]| {
        (!names.is_empty()).then(|| format!("the {what} {}", names.join(" or ")))
    };
    let sets = of("permission set", &settings.selected_permission_sets);
    let profiles = of("profile", &settings.selected_profiles);
    let both: Vec<String> = sets.into_iter().chain(profiles).collect();
    (!both.is_empty()).then(|| both.join(" or "))
}

/// Clients that leave away what a setting asks for. Few files speak of them.
fn leaves_away(factor: Factor, edit: &Edit, scene: &Scene<'_>) -> Option<Party> {
    let (words, instead, does) = match factor {
        Factor::PkceRequired | Factor::OrgPkceRequired => (
            "without PKCE",
            "let these clients use PKCE",
            vec![
                (Factor::CodeChallenge, "absent"),
                (Factor::CodeVerifier, "absent"),
            ],
        ),
        Factor::ConsumerSecretOptional
        | Factor::SecretRequiredForRefreshToken
        | Factor::SecretRequiredForTokenExchange => (
            "without a client secret",
            "let these clients send the consumer secret",
            vec![(Factor::ClientSecret, "absent")],
        ),
        Factor::MyDomainOnlyLogin => (
            "through login.salesforce.com",
            "let these clients use the My Domain URL",
            vec![(Factor::Host, "login")],
        ),
        _ => return None,
    };
    Some(Party {
        instead: Some(instead),
        certain: does[0].0 == Factor::ClientSecret && meant_without_secret(factor, edit, scene),
        ..certain(words.to_owned(), Is::Does(does))
    })
}

/// Whether the files before say that clients without a secret are meant: it is optional, or devices log in, and their refresh asked for none.
fn meant_without_secret(factor: Factor, edit: &Edit, scene: &Scene<'_>) -> bool {
    let settings = scene.before.org.apps[0].settings.at(NOW);
    let asked = matches!(&edit.before, Some((Value::Flag(true), _)));
    settings.consumer_secret_optional
        || (factor == Factor::SecretRequiredForRefreshToken
            && settings.device_flow_enabled
            && !asked)
}

fn certain(words: String, is: Is) -> Party {
    Party {
        words,
        certain: true,
        is_a_user: false,
        user: None,
        instead: None,
        is,
    }
}

/// The entries that only one version of a list has.
fn differing(edit: &Edit) -> Vec<String> {
    let (was, is) = edit.lists();
    let gone = was.iter().filter(|entry| !is.contains(entry));
    let come = is.iter().filter(|entry| !was.contains(entry));
    gone.chain(come)
        .take(MOST)
        .map(|entry| (*entry).to_owned())
        .collect()
}

/// For each range that differs, an address that only one version of the list holds.
fn addresses(edit: &Edit) -> Vec<IpAddr> {
    let (was, is) = edit.lists();
    let ends = |text: &str| {
        let (from, to) = text.split_once('-').unwrap_or((text, text));
        Some((from.parse::<IpAddr>().ok()?, to.parse::<IpAddr>().ok()?))
    };
    let holds = |list: &[&str], address: IpAddr| {
        let inside = |(from, to): (IpAddr, IpAddr)| {
            from.is_ipv4() == address.is_ipv4() && from <= address && address <= to
        };
        list.iter().filter_map(|text| ends(text)).any(inside)
    };
    let mut found = Vec::new();
    for range in differing(edit) {
        let Some((from, to)) = ends(&range) else {
            continue;
        };
        let only_one = |address: &IpAddr| holds(&was, *address) != holds(&is, *address);
        let first = [from, to].into_iter().find(only_one);
        found.extend(first.filter(|address| !found.contains(address)));
    }
    // No range at all lets everybody in.
    if was.is_empty() != is.is_empty() && !holds(&was, OUTSIDE) && !holds(&is, OUTSIDE) {
        found.push(OUTSIDE);
    }
    found
}
