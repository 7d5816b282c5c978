//! The wish to stop.

use std::future::Future;

use super::Error;

/// Which wish it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Ctrl-C, SIGINT.
    Interrupt,
    /// SIGTERM. Never on Windows.
    Terminate,
}

/// Resolves when somebody asks the program to stop. The handlers are in place when this returns, not only when it is first polled,
/// so a signal that comes between the two is not lost. Needs a tokio runtime. [`Error::Signal`] where the system refuses.
#[cfg(unix)]
pub fn stop() -> Result<impl Future<Output = Stop> + Send + 'static, Error> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt =
        signal(SignalKind::interrupt()).map_err(|source| Error::Signal { source })?;
    let mut terminate =
        signal(SignalKind::terminate()).map_err(|source| Error::Signal { source })?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => Stop::Interrupt,
            _ = terminate.recv() => Stop::Terminate,
        }
    })
}

/// Resolves when somebody asks the program to stop. The handler is in place when this returns.
/// Needs a tokio runtime. [`Error::Signal`] where the system refuses.
#[cfg(windows)]
pub fn stop() -> Result<impl Future<Output = Stop> + Send + 'static, Error> {
    let mut interrupt =
        tokio::signal::windows::ctrl_c().map_err(|source| Error::Signal { source })?;
    Ok(async move {
        interrupt.recv().await;
        Stop::Interrupt
    })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_signal_between_the_call_and_the_wait_is_not_lost() {
        let stopped = stop().expect("a handler");
        let killed = std::process::Command::new("kill")
            .args(["-TERM", &std::process::id().to_string()])
            .status();
        assert!(killed.is_ok_and(|status| status.success()));
        assert_eq!(stopped.await, Stop::Terminate);
    }
}
