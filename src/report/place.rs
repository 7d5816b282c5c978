//! The places of a flow in words for people, by the names of [`Endpoint`].

use crate::exchange::Endpoint;

/// Every endpoint, with what a person calls it.
const PLACES: [(Endpoint, &str); 14] = [
    (Endpoint::Discovery, "the discovery document"),
    (Endpoint::Authorize, "the authorization endpoint"),
    (Endpoint::Page, "a page of the server"),
    (Endpoint::ErrorPage, "an error page of the server"),
    (Endpoint::Callback, "the callback"),
    (Endpoint::Token, "the token endpoint"),
    (
        Endpoint::DeviceAuthorization,
        "the start of the device flow",
    ),
    (Endpoint::DevicePage, "the device page"),
    (Endpoint::Jwks, "the keys of the server"),
    (Endpoint::Userinfo, "the userinfo endpoint"),
    (Endpoint::Identity, "the identity URL"),
    (Endpoint::Rest, "the REST API"),
    (Endpoint::Introspect, "the introspection endpoint"),
    (Endpoint::Revoke, "the revocation endpoint"),
];

/// What a person calls the endpoint of this name; a name of a later version as it is.
pub fn place(name: &str) -> &str {
    PLACES
        .iter()
        .find(|(endpoint, _)| endpoint.name() == name)
        .map_or(name, |(_, words)| words)
}

/// Whether it is a name of an endpoint.
pub fn is_place(name: &str) -> bool {
    PLACES.iter().any(|(endpoint, _)| endpoint.name() == name)
}

/// A host kind as it follows "on".
pub fn host(name: &str) -> &str {
    match name {
        "my_domain" => "the My Domain host",
        "login" => "the shared login host",
        "test" => "the shared test host",
        "site" => "the site host",
        "issuer" => "the issuer",
        other => other,
    }
}
