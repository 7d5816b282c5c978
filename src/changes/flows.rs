//! Which grants of which users flip in a scene, and which of its changes make each flip.

use std::cmp::Ordering;

use super::apps::Asked;
use super::fix::{fix, say_nobody};
use super::party::{Party, parties};
use super::scene::Scene;
use crate::exchange::Endpoint;
use crate::oauth::GrantKind;
use crate::what_if::{self, Came, Cell, Flip, Outcome, RefusedUse, Want, Why, acting, is_meant};
use crate::world::World;

/// A flow that comes out otherwise.
#[derive(Debug, Clone)]
pub(super) struct Flow {
    /// The place of the app.
    pub(super) app: usize,
    pub(super) grant: &'static str,
    /// Who acts; for client credentials the run-as user.
    pub(super) user: String,
    /// For whom alone, in words.
    pub(super) party: Option<String>,
    /// Whether that party is a user.
    pub(super) is_a_user: bool,
    /// Whether the files speak of that party.
    pub(super) certain: bool,
    pub(super) flip: Flip,
    /// `None` where there was no app.
    pub(super) before: Option<Outcome>,
    /// `None` where there is no app any more.
    pub(super) after: Option<Outcome>,
    pub(super) why: Option<Why>,
    /// What lets it pass again, where it breaks.
    pub(super) fix: Option<String>,
    /// The numbers of the changes that make it.
    pub(super) because: Vec<usize>,
}

impl Flow {
    fn of(cell: Cell, party: Option<&Party>, because: Vec<usize>) -> Self {
        Self {
            app: 0,
            grant: cell.grant,
            user: cell.user,
            party: party.map(|party| party.words.clone()),
            is_a_user: party.is_some_and(|party| party.is_a_user),
            certain: party.is_none_or(|party| party.certain),
            flip: flip(&cell.before, &cell.after),
            before: Some(cell.before),
            after: Some(cell.after),
            why: cell.why,
            fix: None,
            because,
        }
    }

    /// With what lets it pass again in the world after.
    fn mended_in(
        mut self,
        after: &World,
        grant: GrantKind,
        user: &str,
        instead: Option<&str>,
    ) -> Self {
        if self.flip == Flip::Breaks
            && let Some(before) = &self.before
        {
            self.fix = fix(after, &Want::new(grant, user), before, instead);
        }
        self
    }
}

/// How far a flow comes: no token that the API takes, one that lacks something, one that lacks nothing.
fn rank(outcome: &Outcome) -> u8 {
    let api = |used: &RefusedUse| used.at == Endpoint::Rest;
    match outcome.state {
        Came::Passes => 2,
        Came::Lacking if !outcome.refused_uses.iter().any(api) => 1,
        _ => 0,
    }
}

/// How a flow flips. A token that lacked something and no longer comes, or lacks more, is a loss too: not every client wants all of it.
pub(super) fn flip(before: &Outcome, after: &Outcome) -> Flip {
    let (was, is) = (rank(before), rank(after));
    let more = |one: &Outcome, other: &Outcome| {
        one.lacking.len() > other.lacking.len()
            && other
                .lacking
                .iter()
                .all(|cause| one.lacking.contains(cause))
    };
    match was.cmp(&is) {
        _ if before == after => Flip::None,
        Ordering::Greater => Flip::Breaks,
        Ordering::Less => Flip::Mends,
        Ordering::Equal if was == 2 => Flip::Uses,
        Ordering::Equal if was == 1 && more(after, before) => Flip::Breaks,
        Ordering::Equal if was == 1 && more(before, after) => Flip::Mends,
        Ordering::Equal => Flip::OtherCause,
    }
}

/// The flows of a scene that flip.
pub(super) fn flows(scene: &Scene<'_>, asked: &Asked) -> Vec<Flow> {
    let mut makers = Makers::of(scene);
    let mut flows = Vec::new();
    let mut usual: Vec<(GrantKind, String, Outcome, Outcome)> = Vec::new();
    each(scene, asked, None, |grant, user, cell, after| {
        let flip = flip(&cell.before, &cell.after);
        // A grant that is switched off has many reasons not to pass, and nobody waits for it.
        let off = !is_meant(&scene.before, grant) && !is_meant(&scene.after, grant);
        if flip != Flip::None && !(off && flip == Flip::OtherCause) {
            let because = makers.of_flip(grant, user, &cell, None);
            flows.push(Flow::of(cell.clone(), None, because).mended_in(after, grant, user, None));
        }
        usual.push((grant, user.to_owned(), cell.before, cell.after));
    });
    for (number, party) in parties(scene) {
        each(scene, asked, Some(&party), |grant, user, cell, after| {
            let as_usual = usual.iter().any(|(own, name, before, after)| {
                *own == grant && name == user && *before == cell.before && *after == cell.after
            });
            let flip = flip(&cell.before, &cell.after);
            let told = matches!(flip, Flip::Breaks | Flip::Mends);
            // What flips for everybody is told once.
            if flip == Flip::None || as_usual || !told {
                return;
            }
            let because = makers.of_flip(grant, user, &cell, Some(&party));
            if because.contains(&number) {
                let flow = Flow::of(cell, Some(&party), because);
                // Being like the others helps where it helps the others.
                let others_pass = usual.iter().any(|(own, name, before, after)| {
                    *own == grant && name == user && self::flip(before, after) != Flip::Breaks
                });
                let instead = party.instead.filter(|_| others_pass);
                flows.push(flow.mended_in(after, grant, user, instead));
            }
        });
    }
    flows
}

/// Compares each grant of each user.
fn each(
    scene: &Scene<'_>,
    asked: &Asked,
    party: Option<&Party>,
    mut tell: impl FnMut(GrantKind, &str, Cell, &World),
) {
    let (mut before, mut after) = (scene.before.clone(), scene.after.clone());
    if let Some(party) = party {
        party.put(&mut before);
        party.put(&mut after);
    }
    let only = party.and_then(|party| party.user.as_ref());
    for grant in &asked.grants {
        for user in acting(&[&before, &after], *grant) {
            let machine = *grant == GrantKind::ClientCredentials;
            // A party that is one user has no part in what the run-as user does.
            if only.is_some_and(|only| *only != user || machine) || !asked.names(&user) {
                continue;
            }
            let users = [user.clone()];
            for mut cell in what_if::compare(&before, &after, &[*grant], Some(&users)) {
                // What passes now is told by what stood in the way.
                let mends = flip(&cell.before, &cell.after) == Flip::Mends;
                if mends {
                    let problem = Want::new(*grant, user.as_str()).problem(&before);
                    cell.why = problem.map(Why::from);
                }
                if let Some(why) = &mut cell.why {
                    say_nobody(why, if mends { &before } else { &after });
                }
                tell(*grant, &user, cell, &after);
            }
        }
    }
}

/// The flows of an app that is in one version alone: those with a token.
pub(super) fn standing(world: &World, asked: &Asked, flip: Flip) -> Vec<Flow> {
    let mut flows = Vec::new();
    for cell in what_if::compare(world, world, &asked.grants, None) {
        if rank(&cell.before) > 0 && asked.names(&cell.user) {
            let mut flow = Flow::of(cell, None, Vec::new());
            (flow.flip, flow.why) = (flip, None);
            if flip == Flip::Breaks {
                flow.after = None;
            } else {
                flow.before = None;
            }
            flows.push(flow);
        }
    }
    flows
}

/// Worlds with one change alone, and with all but one; made when the first flow flips.
struct Makers<'s, 'e> {
    scene: &'s Scene<'e>,
    tried: Option<Vec<Tried>>,
}

struct Tried {
    number: usize,
    alone: World,
    without: World,
}

impl<'s, 'e> Makers<'s, 'e> {
    fn of(scene: &'s Scene<'e>) -> Self {
        Self { scene, tried: None }
    }

    /// The changes that make a flip: each that makes it alone, and each without which it is none. Where there is neither, a smallest set that
    /// makes it together.
    fn of_flip(
        &mut self,
        grant: GrantKind,
        user: &str,
        cell: &Cell,
        party: Option<&Party>,
    ) -> Vec<usize> {
        let scene = self.scene;
        if let [(only, _)] = scene.edits[..] {
            return vec![only];
        }
        let flips = |world: &World| {
            let mut world = world.clone();
            if let Some(party) = party {
                party.put(&mut world);
            }
            let want = Want::new(grant, user);
            let (ran, _) = want.run(&world);
            let outcome = Outcome::of(&world, &want, &ran);
            match flip(&cell.before, &cell.after) {
                one @ (Flip::Breaks | Flip::Mends) => flip(&cell.before, &outcome) == one,
                _ => outcome == cell.after,
            }
        };
        let tried = self.tried.get_or_insert_with(|| {
            let numbers = scene.edits.iter().map(|(number, _)| *number);
            numbers
                .map(|number| Tried {
                    number,
                    alone: scene.with(|own| own == number),
                    without: scene.with(|own| own != number),
                })
                .collect()
        });
        let makers: Vec<usize> = tried
            .iter()
            .filter(|tried| flips(&tried.alone) || !flips(&tried.without))
            .map(|tried| tried.number)
            .collect();
        if !makers.is_empty() {
            return makers;
        }
        let mut together: Vec<usize> = tried.iter().map(|tried| tried.number).collect();
        for tried in tried.iter() {
            let fewer: Vec<usize> = together
                .iter()
                .copied()
                .filter(|number| *number != tried.number)
                .collect();
            if flips(&scene.with(|number| fewer.contains(&number))) {
                together = fewer;
            }
        }
        together
    }
}
