//! The simulated org. (Minimal: the tenant's engineer owns this file.)

pub mod directory;
pub mod rest;
