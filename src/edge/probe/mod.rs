//! Finds out, for `doctor`, what this machine and a target are like. Nothing is changed, and nothing outside loopback is asked but the
//! hosts that are named.

mod machine;
mod network;
mod programs;

pub use machine::{environment, folders, loopback, mode, names, system};
pub use network::{Asked, ask, callback, trust};
pub use programs::{browser, find, keyring, sf};
