//! grantproof.
