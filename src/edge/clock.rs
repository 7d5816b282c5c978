//! Clocks: the system's, and one that a sleep moves.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;

use crate::ports::{Boxed, Clock};

/// The clock of the system, and tokio's timer.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the port through which all others get the time"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep(&self, duration: Duration) -> Boxed<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// The clock of one scenario on an embedded target: it stands still until somebody sleeps on it or moves it.
/// Clones share the time. It never goes back, whoever moves it and however many at once.
#[derive(Debug, Clone)]
pub struct VirtualClock {
    start: Timestamp,
    /// Nanoseconds since `start`; 584 years fit.
    offset: Arc<AtomicU64>,
}

impl VirtualClock {
    /// A clock that stands at `start`.
    pub fn new(start: Timestamp) -> Self {
        Self {
            start,
            offset: Arc::default(),
        }
    }

    /// Moves the clock on. Two callers at once move it by the sum.
    pub fn advance(&self, duration: Duration) {
        let by = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        // A plain `fetch_add` would wrap at the end of time, and the clock would go back.
        let _ = self
            .offset
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |offset| {
                Some(offset.saturating_add(by))
            });
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        let offset = Duration::from_nanos(self.offset.load(Ordering::Acquire));
        self.start.checked_add(offset).unwrap_or(Timestamp::MAX)
    }

    /// Takes no time: the clock is moved and the caller goes on.
    fn sleep(&self, duration: Duration) -> Boxed<'_, ()> {
        Box::pin(async move { self.advance(duration) })
    }
}

/// The time of the system, moved forward: for a simulated org that serves real clients and whose clock a test can move. A sleep moves it
/// and returns.
#[derive(Debug, Clone)]
pub struct MovedClock(VirtualOffset);

type VirtualOffset = std::sync::Arc<std::sync::Mutex<Duration>>;

impl MovedClock {
    /// A clock that shows the system's time until it is moved.
    pub fn new() -> Self {
        Self(VirtualOffset::default())
    }
}

impl Default for MovedClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for MovedClock {
    fn now(&self) -> Timestamp {
        let moved = *self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        SystemClock
            .now()
            .checked_add(moved)
            .unwrap_or(Timestamp::MAX)
    }

    fn sleep(&self, duration: Duration) -> Boxed<'_, ()> {
        let mut moved = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        *moved = moved.saturating_add(duration);
        Box::pin(std::future::ready(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_sleep_moves_the_virtual_clock_and_takes_no_time() {
        let clock = VirtualClock::new(Timestamp::UNIX_EPOCH);
        let shared = clock.clone();
        clock.sleep(Duration::from_hours(30 * 24)).await;
        assert_eq!(shared.now().as_second(), 30 * 86_400);
    }

    #[test]
    fn concurrent_movers_add_up_and_nobody_sees_it_go_back() {
        let clock = VirtualClock::new(Timestamp::UNIX_EPOCH);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let mut last = clock.now();
                    for _ in 0..1_000 {
                        clock.advance(Duration::from_millis(1));
                        let now = clock.now();
                        assert!(now > last);
                        last = now;
                    }
                });
            }
        });
        assert_eq!(clock.now().as_millisecond(), 4_000);
    }

    #[test]
    fn the_end_of_time_is_an_end() {
        let clock = VirtualClock::new(Timestamp::MAX);
        clock.advance(Duration::MAX);
        clock.advance(Duration::MAX);
        assert_eq!(clock.now(), Timestamp::MAX);
    }
}
