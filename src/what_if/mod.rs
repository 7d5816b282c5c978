//! The model sideways: what would become of each grant if something were otherwise, what stands in its way, and the smallest set of changes
//! that clears it. Everything is computed by running worlds; nothing here knows a rule of its own.
//!
//! - [`tree()`]: one grant as a tree of its checks, with the factors that would change the outcome.
//! - [`compare()`]: a world beside the same world with changes, for every grant and user.
//! - [`blockers()`]: what stands in the way of the grants that are wanted, and the narrowest way out.

mod acts;
pub mod baseline;
mod blockers;
mod blockers_text;
mod breadth;
mod change;
mod compare;
mod compare_text;
mod document;
mod layout;
mod names;
mod others;
mod outcome;
mod remedy;
mod tree;
mod tree_text;
mod want;

pub use acts::Remedy;
pub use blockers::{Blocker, Blockers, Fix, LARGEST, Stuck, blockers};
pub use breadth::{Breadth, Opening};
pub use change::{Change, after, set};
pub use compare::{Cell, Flip, Single, Why, acting, compare, singles};
pub use compare_text::table;
pub use document::{Baseline, BlockersView, Document, SCHEMA_VERSION, SingleView, Value};
pub use layout::{count, hang_words, push};
pub use names::{labelled, name, say, short, whose};
pub use others::{others, value};
pub use outcome::{Came, Outcome, RefusedUse};
pub use remedy::{NO_SETTING_HELPS, no_setting_helps, remedies};
pub use tree::{CheckNode, FactorNode, StageNode, State, Tree, Turn, tree};
pub use want::{Problem, Want, is_meant};

#[cfg(test)]
mod tests;
