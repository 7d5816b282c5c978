//! grantproof.
pub mod cause;
pub mod diagnosis;
pub mod evidence;
pub mod exchange;
pub mod explain;
pub mod factor;
pub mod grant;
pub mod model;
pub mod oauth;
pub mod ports;
pub mod secret;
