#![doc = include_str!("ARCHITECTURE.md")]

pub mod agent;
pub mod cause;
pub mod cli;
pub mod edge;
pub mod exchange;
pub mod factor;
pub mod grant;
pub mod model;
pub mod oauth;
pub mod plan;
pub mod ports;
pub mod recorder;
pub mod scenario;
pub mod secret;
pub mod target;
