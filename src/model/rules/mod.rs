//! The rules, grouped by what they judge. Each check reads one setting and names one cause.

mod admission;
mod app;
mod authorize;
mod client;
mod device;
mod network;
mod person;
mod session;
mod token;
mod use_token;
