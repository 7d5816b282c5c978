//! grantproof.
fn main(){}
