//! The worlds that a what-if begins with: a healthy one, or an org that somebody describes, with a client that does right by it.

use std::net::{IpAddr, Ipv4Addr};

use super::acts::holds;
use super::want::settings;
use crate::cause::AppKind;
use crate::factor::{Delta, Factor};
use crate::model::OrgState;
use crate::world::{Client, INSIDE, USER, World};

/// A healthy org as the platform is: an External Client App has no username-password flow.
///
/// # Panics
///
/// Never: the one switch that it sets takes a flag.
pub fn healthy(kind: AppKind) -> World {
    let mut world = World::healthy(kind);
    world
        .set(&Delta::new(Factor::UsernamePasswordOnEca, false))
        .expect("invariant: a switch takes a flag");
    world
}

/// An org, with a client that sends what its first app has registered, from an address that its users may come from.
pub fn of_org(org: OrgState) -> World {
    let person = org
        .person(USER)
        .map(|id| &org.people[id.0])
        .or_else(|| org.people.first())
        .map(|person| person.username.clone());
    let mut world = World {
        org,
        client: Client::healthy(person.unwrap_or_default()),
    };
    fit(&mut world);
    world
}

/// Lets the client send a registered redirect URI, from an address that most users may come from, and gives the users a second factor where
/// the org asks for one.
pub fn fit(world: &mut World) {
    let registered = &settings(world).callback_urls;
    if !registered.contains(&world.client.redirect_uri)
        && let Some(url) = registered.first().cloned()
    {
        world.client.redirect_uri = url;
    }
    let org = &world.org.org;
    world.client.verifies = org.mfa_ui_login
        || org.device_activation
        || world.org.people.iter().any(|person| person.mfa_for_ui);
    let address = address(world);
    (world.client.address, world.client.uses_from) = (address, address);
}

/// The address that fits most users of the org and the lists of the app; the usual one where it fits as well as any.
fn address(world: &World) -> IpAddr {
    let settings = settings(world);
    let people = &world.org.people;
    let allowlist = settings.refresh_token_ip_allowlist.as_deref();
    let ranges = people
        .iter()
        .flat_map(|person| &person.login_ip_ranges)
        .chain(allowlist.unwrap_or_default());
    let candidates = [INSIDE, Ipv4Addr::LOCALHOST.into()]
        .into_iter()
        .chain(ranges.filter_map(|range| range.hosts().next()));
    let fits = |address: IpAddr| {
        let users = people.iter().filter(|person| {
            person.login_ip_ranges.is_empty() || holds(&person.login_ip_ranges, address)
        });
        users.count() + usize::from(allowlist.is_none_or(|list| holds(list, address)))
    };
    candidates
        .fold(None, |best: Option<(usize, IpAddr)>, address| {
            let fit = fits(address);
            match best {
                Some((most, _)) if most >= fit => best,
                _ => Some((fit, address)),
            }
        })
        .map_or(INSIDE, |(_, address)| address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cause::CauseId;
    use crate::oauth::GrantKind;
    use crate::what_if::Want;

    #[test]
    fn an_external_client_app_has_no_username_password_flow() {
        let want = Want::new(GrantKind::UsernamePassword, USER);
        let cause = |kind| want.problem(&healthy(kind)).map(|problem| problem.cause);
        assert_eq!(
            cause(AppKind::ExternalClientApp),
            Some(CauseId::UsernamePasswordUnsupportedEca)
        );
        assert_eq!(cause(AppKind::ConnectedApp), None);
    }

    #[test]
    fn the_client_does_right_by_the_org() {
        let mut org = OrgState::healthy();
        for delta in [
            Delta::new(Factor::CallbackUrl, "https://app.example.com/cb"),
            Delta::new(Factor::LoginIpRanges, "10.1.0.0/16"),
        ] {
            crate::model::set(&mut org, &delta, crate::world::NOW).expect("the value fits");
        }
        let world = of_org(org);
        assert_eq!(world.client.redirect_uri, "https://app.example.com/cb");
        assert!(Want::new(GrantKind::AuthorizationCode, USER).passes(&world));
        assert!(Want::new(GrantKind::JwtBearer, USER).passes(&world));
        assert!(!world.client.verifies);
        assert_eq!(of_org(OrgState::healthy()).client.address, INSIDE);
        let mut org = OrgState::healthy();
        org.org.mfa_ui_login = true;
        assert!(Want::new(GrantKind::Device, USER).passes(&of_org(org)));
    }
}
