//! Flows under way in browsers: what was asked for, kept while a person is on the pages.

use std::collections::{HashMap, VecDeque};

use jiff::Timestamp;

use crate::model::{DeviceId, PersonId, Session};

/// More flows than this are not kept at once; the oldest is forgotten, as if its pages had expired.
const MOST: usize = 1_000;

/// What a person is on the pages for.
#[derive(Debug, Clone)]
pub(super) enum Errand {
    /// An authorization request.
    Authorize(Box<AuthorizeRequest>),
    /// A device that asks.
    Device(DeviceId),
    /// Nothing: somebody opened the login page.
    Home,
}

/// An authorization request as sent.
#[derive(Debug, Clone)]
pub(super) struct AuthorizeRequest {
    pub(super) client_id: Option<String>,
    pub(super) response_type: Option<String>,
    pub(super) redirect_uri: Option<String>,
    pub(super) scope: Option<String>,
    pub(super) state: Option<String>,
    pub(super) challenge: Option<String>,
    pub(super) challenge_method: Option<String>,
    pub(super) nonce: Option<String>,
    /// `prompt` holds `login`: a session that the browser has does not count.
    pub(super) asks_login: bool,
    /// `prompt=none` or `immediate=true`.
    pub(super) immediate: bool,
}

/// A flow under way.
#[derive(Debug, Clone)]
pub(super) struct Flow {
    pub(super) errand: Errand,
    pub(super) started: Timestamp,
    /// Who proved a password in this flow and has to prove more.
    pub(super) verifying: Option<PersonId>,
    /// The session that this flow opened.
    pub(super) session: Option<Session>,
    /// The next page says that something was refused.
    pub(super) refused: bool,
}

impl Flow {
    pub(super) fn new(errand: Errand, started: Timestamp) -> Self {
        Self {
            errand,
            started,
            verifying: None,
            session: None,
            refused: false,
        }
    }
}

/// All flows of an org by their handles.
#[derive(Debug, Default)]
pub(super) struct Flows {
    by_handle: HashMap<String, Flow>,
    order: VecDeque<String>,
}

impl Flows {
    pub(super) fn put(&mut self, handle: String, flow: Flow) {
        while self.order.len() >= MOST {
            if let Some(oldest) = self.order.pop_front() {
                self.by_handle.remove(&oldest);
            }
        }
        self.order.push_back(handle.clone());
        self.by_handle.insert(handle, flow);
    }

    pub(super) fn find(&self, handle: &str) -> Option<&Flow> {
        self.by_handle.get(handle)
    }

    pub(super) fn find_mut(&mut self, handle: &str) -> Option<&mut Flow> {
        self.by_handle.get_mut(handle)
    }

    /// Ends a flow; its place in the order goes with it.
    pub(super) fn end(&mut self, handle: &str) {
        if self.by_handle.remove(handle).is_some() {
            self.order.retain(|one| one != handle);
        }
    }
}
