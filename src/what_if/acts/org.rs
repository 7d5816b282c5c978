//! Acts on the settings of the org. A safeguard that falls for every app and user is the widest change there is.

use super::super::breadth::Breadth;
use super::super::change::Change;
use super::{Acts, holds};
use crate::factor::Factor;

impl Acts<'_> {
    pub(super) fn org(&mut self) {
        use Breadth as B;
        let address = self.world.client.address;
        match self.factor {
            Factor::OrgPkceRequired => self.off(
                "PKCE for all apps of the org",
                "codes without PKCE, at every app of the org",
            ),
            Factor::UsernamePasswordBlocked => self.set(
                false,
                B::Org,
                "allow OAuth username-password flows",
                "passwords in requests, at every app of the org",
            ),
            Factor::ApiAccessControl => self.off(
                "API Access Control for internal users",
                "every app may call the API for every internal user",
            ),
            Factor::ApiAccessControlExternal => self.off(
                "API Access Control for customers and partners",
                "every app may call the API for every external user",
            ),
            Factor::MyDomainOnlyLogin => self.set(
                false,
                B::Org,
                "allow logins on the shared login host",
                "every user may log in on the shared host",
            ),
            Factor::NetworkAccess if !holds(&self.world.org.org.network_access, address) => {
                let does = format!("add {address} to the network access of the org");
                self.add(
                    address.to_string(),
                    B::Rule,
                    does,
                    "one address more is trusted, for every user of the org",
                );
            }
            Factor::DeviceActivation => {
                self.prove();
                self.off(
                    "identity verification from unknown addresses",
                    "a password is enough from any address, for every user of the org",
                );
            }
            Factor::EnforceIpEveryRequest => {
                self.stay_there();
                self.off(
                    "login IP ranges on every request",
                    "a token works from any address, for every user of the org",
                );
            }
            Factor::LockSessionsToIp => {
                self.stay_there();
                self.off(
                    "the lock of sessions to their address",
                    "a session works from any address, for every user of the org",
                );
            }
            Factor::MfaUiLogin => {
                self.prove();
                self.off(
                    "MFA for direct UI logins",
                    "a password is enough, for every user of the org",
                );
            }
            Factor::SsoOnlyLogin => self.set(
                false,
                B::Org,
                "allow logins with Salesforce credentials",
                "every user may log in with a password",
            ),
            Factor::SessionLevelMapping => self.set(
                true,
                B::Org,
                "let multi-factor authentication give high assurance sessions",
                "every session after a second factor is high assurance, in the whole org",
            ),
            Factor::ApiRequestLimit => self.set(
                true,
                B::Nothing,
                "wait until the limit of 24 hours leaves API requests",
                "nothing: it is waited",
            ),
            _ => {}
        }
    }

    /// A safeguard of the whole org is given up.
    fn off(&mut self, what: &str, loosens: &str) {
        self.set(
            false,
            Breadth::Org,
            format!("do not require {what}"),
            loosens,
        );
    }

    fn stay_there(&mut self) {
        let client = &self.world.client;
        if client.uses_from != client.address {
            let does = format!("use the token from {}, which took it", client.address);
            self.push(
                Change::UseFromThere,
                Breadth::Nothing,
                does,
                "nothing: the client changes",
            );
        }
    }
}
