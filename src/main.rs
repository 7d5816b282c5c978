//! grantproof.
fn main() {}
