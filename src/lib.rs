//! grantproof.
pub mod agent;
pub mod exchange;
pub mod grant;
pub mod oauth;
pub mod ports;
pub mod recorder;
pub mod secret;
