//! grantproof.
pub mod cause;
pub mod exchange;
pub mod factor;
pub mod grant;
pub mod model;
pub mod oauth;
pub mod org;
pub mod ports;
pub mod secret;
