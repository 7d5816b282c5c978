//! grantproof.
pub mod edge;
pub mod exchange;
pub mod grant;
pub mod oauth;
pub mod ports;
pub mod secret;
