//! Two versions of a folder of metadata: which flows of which apps come out otherwise, and which changed line makes them.
//!
//! Everything is computed by running the worlds of the two versions, and worlds between them: with one change alone, and with all but one. An
//! app for which no value differs runs none. What a deploy does not change stays as it was: what the files no longer say, what the clients send
//! and where they come from, and who has which permission set (a scene). A party is a client or a user that one of the changes is about.

mod apps;
mod document;
mod edit;
mod findings;
mod fix;
mod flows;
mod group;
mod lines;
mod markdown;
mod party;
mod scene;
mod text;
mod verdict;

pub use apps::{Asked, Side, compare};
pub use document::{
    AppView, ChangeView, Counts, Document, FlowView, NewFinding, SCHEMA_VERSION, SideView, State,
    ValueView,
};
pub use markdown::markdown;
pub use text::{plain, to_text};
