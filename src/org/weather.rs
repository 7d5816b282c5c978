//! How an org behaves as a server, policy aside: slow answers, faults now and then, and an end to clients that refresh without limit.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::model::FamilyId;

/// Refreshes are counted over so long.
const WINDOW: SignedDuration = SignedDuration::from_mins(1);
/// Grants whose refreshes are counted; more than these start anew.
const GRANTS: usize = 10_000;

/// What hears of a client that was stopped: one line.
pub type Told = Arc<dyn Fn(&str) + Send + Sync>;

/// The weather of an org. The default is fair.
#[derive(Clone, Default)]
pub struct Weather {
    /// Real time before each answer.
    pub latency: Duration,
    /// Of so many requests one ends in a fault of the server; 0: none.
    pub fail_one_in: u32,
    /// Which ones: the same seed strikes the same requests, counted as they come.
    pub seed: u64,
    /// Refreshes of one grant within a minute; those beyond are answered 429. 0: any number. jsforce refreshes as long as the API answers 401
    /// (real-clients 1e).
    pub refreshes_a_minute: usize,
    /// Hears once a minute of each client that was stopped.
    pub told: Option<Told>,
}

impl fmt::Debug for Weather {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Weather")
            .field("latency", &self.latency)
            .field("fail_one_in", &self.fail_one_in)
            .field("seed", &self.seed)
            .field("refreshes_a_minute", &self.refreshes_a_minute)
            .finish_non_exhaustive()
    }
}

/// The weather and what came so far.
#[derive(Default)]
pub(super) struct Sky {
    pub(super) weather: Weather,
    requests: u64,
    refreshes: HashMap<Option<FamilyId>, Refreshes>,
}

#[derive(Default)]
struct Refreshes {
    at: VecDeque<Timestamp>,
    told: Option<Timestamp>,
}

impl Sky {
    /// Counts a request: how long its answer takes, and whether it ends in a fault.
    pub(super) fn next(&mut self) -> (Duration, bool) {
        self.requests += 1;
        let one_in = u64::from(self.weather.fail_one_in);
        let fails = one_in > 0
            && mixed(self.weather.seed.wrapping_add(self.requests)).is_multiple_of(one_in);
        (self.weather.latency, fails)
    }

    /// Counts a refresh of a grant (`None`: of a token that is nobody's). Whether it is one too many; `app` is named where that is told.
    pub(super) fn refresh(&mut self, family: Option<FamilyId>, app: &str, now: Timestamp) -> bool {
        let most = self.weather.refreshes_a_minute;
        if most == 0 {
            return false;
        }
        if self.refreshes.len() >= GRANTS {
            self.refreshes.clear();
        }
        let within = |at: Timestamp| now.duration_since(at) < WINDOW;
        let own = self.refreshes.entry(family).or_default();
        while own.at.front().is_some_and(|at| !within(*at)) {
            own.at.pop_front();
        }
        if own.at.len() < most {
            own.at.push_back(now);
            return false;
        }
        if !own.told.is_some_and(within) {
            own.told = Some(now);
            if let Some(told) = &self.weather.told {
                told(&format!(
                    "org: a client of {app} refreshed one grant {most} times within a minute; further refreshes of it are answered 429"
                ));
            }
        }
        true
    }
}

/// `SplitMix64`: spreads a counter evenly.
fn mixed(seed: u64) -> u64 {
    let mut z = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn faults_fall_by_the_seed() {
        let fails = |seed| {
            let mut sky = Sky::default();
            sky.weather.fail_one_in = 10;
            sky.weather.seed = seed;
            (0..1000).map(|_| sky.next().1).collect::<Vec<_>>()
        };
        assert_eq!(fails(1), fails(1));
        assert_ne!(fails(1), fails(2));
        let count = fails(1).iter().filter(|fails| **fails).count();
        assert!((60..140).contains(&count), "{count}");
        assert!(!Sky::default().next().1, "fair by default");
    }

    #[test]
    fn a_grant_is_refreshed_so_often_a_minute_and_told_of_once() {
        let heard: Arc<Mutex<Vec<String>>> = Arc::default();
        let mut sky = Sky::default();
        sky.weather.refreshes_a_minute = 3;
        let ears = Arc::clone(&heard);
        sky.weather.told = Some(Arc::new(move |line| {
            ears.lock().unwrap().push(line.to_owned());
        }));
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        let one = Some(FamilyId(1));
        let too_many: Vec<bool> = (0..6).map(|_| sky.refresh(one, "Harness", at(0))).collect();
        assert_eq!(too_many, [false, false, false, true, true, true]);
        assert!(
            !sky.refresh(Some(FamilyId(2)), "Harness", at(0)),
            "another grant"
        );
        assert!(!sky.refresh(one, "Harness", at(61)), "a minute later");
        let heard = heard.lock().unwrap();
        assert_eq!(heard.len(), 1, "{heard:?}");
        assert!(
            heard[0].contains("Harness refreshed one grant 3 times"),
            "{heard:?}"
        );
    }
}
