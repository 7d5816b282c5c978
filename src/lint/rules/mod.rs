//! The static checks, one row each. They look at values beside each other; what a flow makes of them is for the model to say.

mod app;
mod flows;
mod tokens;

use super::subject::{Draft, Subject};

/// A static check.
pub(super) struct Rule {
    /// Its number in the list of checks.
    pub(super) check: &'static str,
    pub(super) find: fn(&Subject<'_, '_>, &mut Vec<Draft>),
}

const fn rule(check: &'static str, find: fn(&Subject<'_, '_>, &mut Vec<Draft>)) -> Rule {
    Rule { check, find }
}

/// Every check of an app. `L14`, `L24`, `L27` (values) and `L28` are of the files themselves: the reader finds them.
pub(super) const RULES: &[Rule] = &[
    rule("L1", flows::client_credentials_off_in_policies),
    rule("L2", flows::client_credentials_off_in_settings),
    rule("L3", flows::run_as_missing),
    rule("L4", flows::no_scope_for_client_credentials),
    rule("L5", flows::jwt_of_self_authorized_users),
    rule("L6", flows::jwt_without_refresh_scope),
    rule("L7", flows::certificate_ends),
    rule("L8", app::nobody_is_admitted),
    rule("L9", app::listed_by_id),
    rule("L10", tokens::refresh_token_expires_at_once),
    rule("L11", tokens::incomplete_refresh_policy),
    rule("L11", tokens::idle_refresh_fields),
    rule("L11", tokens::short_refresh_token),
    rule("L12", tokens::no_api_scope),
    rule("L13", tokens::no_refresh_scope),
    rule("L15", app::off),
    rule("L16", flows::high_assurance),
    rule("L17", flows::token_exchange),
    rule("L18", flows::code_and_credentials),
    rule("L19", tokens::device_must_send_the_secret),
    rule("L20", tokens::org_demands_pkce),
    rule("L21", tokens::public_client_without_pkce),
    rule("L22", flows::addresses_of_jwt_users),
    rule("L23", app::api_access_control),
    rule("L25", app::of_another_org),
    rule("L26", app::rotates_at_each_deploy),
    rule("L27", tokens::step_up),
    rule("L29", tokens::form_of_the_token),
    rule("L30", app::blocked),
];
