//! Acts on a user, and on the profile and the permission sets that give the user what it has.

use super::super::breadth::Breadth;
use super::super::change::Change;
use super::super::want::settings;
use super::{Acts, holds};
use crate::factor::{Delta, Factor};
use crate::model::{Assignment, Person, SessionLevel};
use crate::world::NOW;

impl Acts<'_> {
    pub(super) fn person(&mut self) {
        use Breadth as B;
        let Some(someone) = self.someone().cloned() else {
            return;
        };
        let name = self.name();
        let profile = &someone.profile;
        match self.factor {
            Factor::UserActive => self.set(
                true,
                B::OneUserEverywhere,
                format!("activate {name}"),
                format!("{name} may log in, everywhere"),
            ),
            Factor::UserFrozen => self.set(
                false,
                B::OneUserEverywhere,
                format!("unfreeze {name}"),
                format!("{name} may log in, everywhere"),
            ),
            Factor::UserLocked => self.set(
                false,
                B::AsBefore,
                format!("unlock {name}"),
                format!("nothing new: {name} may try the password again"),
            ),
            Factor::PasswordExpired => self.set(
                false,
                B::Nothing,
                format!("let {name} set a new password in a browser"),
                "nothing: the person changes the password",
            ),
            Factor::LoginRate => self.set(
                false,
                B::Nothing,
                "wait an hour, and keep tokens in place of logging in each time",
                "nothing: it is waited",
            ),
            Factor::HomeOrg => self.set(
                "own",
                B::Nothing,
                "log in as a user of the org of the app",
                "nothing: another user logs in",
            ),
            Factor::ApiEnabled => self.set(
                true,
                B::OneUserEverywhere,
                format!("give {name} the permission API Enabled"),
                format!("{name} may use the API, with every app"),
            ),
            Factor::ApiOnlyUser => self.set(
                false,
                B::OneUserEverywhere,
                format!("take API Only User from {name}"),
                format!("{name} may log in to the user interface"),
            ),
            Factor::MfaForApi => self.set(
                false,
                B::OneUserEverywhere,
                format!("do not require MFA of {name} for API logins"),
                format!("a password is enough for {name}, at every API login"),
            ),
            Factor::MfaForUi => {
                self.prove();
                self.set(
                    false,
                    B::OneUserEverywhere,
                    format!("do not require MFA of {name} for logins"),
                    format!("a password is enough for {name}, at every login"),
                );
            }
            Factor::UseAnyApiClient => self.set(
                true,
                B::OneUserEverywhere,
                format!("give {name} the permission Use Any API Client"),
                format!("{name} may use every app, listed or not"),
            ),
            Factor::ApproveUninstalledApps => self.set(
                true,
                B::OneUserEverywhere,
                format!("give {name} the permission Approve Uninstalled Connected Apps"),
                format!("{name} may use every app that is not installed"),
            ),
            Factor::UserPermissionSets => self.permission_sets(&someone),
            Factor::PermissionSetAssignment => {
                let does = if someone.assignment == Assignment::NotActivated {
                    format!("activate the session-based permission set for {name}")
                } else {
                    format!("renew the assignment of the permission set to {name}")
                };
                self.set(
                    "active",
                    B::OneUser,
                    does,
                    format!("one user more may use the app: {name}"),
                );
            }
            Factor::LoginIpRanges => {
                let client = &self.world.client;
                let mut addresses = vec![client.address, client.uses_from];
                addresses.dedup();
                for address in addresses {
                    if !someone.login_ip_ranges.is_empty()
                        && !holds(&someone.login_ip_ranges, address)
                    {
                        let does = format!(
                            "add {address} to the login IP ranges of the profile {profile}"
                        );
                        self.add(
                            address.to_string(),
                            B::OneEntry,
                            does,
                            format!("one address more, for the users of the profile {profile}"),
                        );
                    }
                }
            }
            Factor::LoginHours => self.hours(&someone),
            Factor::ProfileSessionLevel
                if someone.profile_session_level == SessionLevel::HighAssurance =>
            {
                self.set(
                    "STANDARD",
                    B::OneProfile,
                    format!("do not require a high assurance session of the profile {profile}"),
                    format!("no second factor for the users of the profile {profile}"),
                );
            }
            Factor::LoginFlow => self.set(
                false,
                B::OneProfile,
                format!("disconnect the login flow from the profile {profile}"),
                format!("the login flow no longer runs for the users of the profile {profile}"),
            ),
            Factor::Approval => self.set(
                "with_refresh_token",
                B::Nothing,
                format!(
                    "let {name} log in once through the web server flow with refresh_token, and \
     allow"
                ),
                "nothing: the person approves",
            ),
            _ => {}
        }
    }

    /// A new assignment has no end, so that it also heals one that has ended.
    fn permission_sets(&mut self, someone: &Person) {
        let name = self.name();
        let listed = &settings(self.world).selected_permission_sets;
        let missing: Vec<&String> = listed
            .iter()
            .filter(|set| !someone.permission_sets.contains(set))
            .collect();
        for set in missing {
            let (does, loosens) = (
                format!("assign the permission set {set} to {name}"),
                format!("one user more may use the app: {name}"),
            );
            if someone.assignment == Assignment::Expired {
                let mut sets = someone.permission_sets.clone();
                sets.push(set.clone());
                let deltas = vec![
                    Delta::new(Factor::UserPermissionSets, sets).of(&someone.username),
                    Delta::new(Factor::PermissionSetAssignment, "active").of(&someone.username),
                ];
                self.push(Change::Together(deltas), Breadth::OneUser, does, loosens);
            } else {
                self.add(set.clone(), Breadth::OneUser, does, loosens);
            }
        }
    }

    /// The hours stretched over the present.
    fn hours(&mut self, someone: &Person) {
        let Some((from, to)) = someone.login_hours else {
            return;
        };
        let minute = NOW.as_second().rem_euclid(86_400) / 60;
        let hour = minute / 60 * 60;
        let (from, to) = if from == to {
            (hour, hour + 60)
        } else {
            (from.min(hour), to.max(hour + 60))
        };
        let hours = format!(
            "{:02}:{:02}-{:02}:{:02}",
            from / 60,
            from % 60,
            to / 60,
            to % 60
        );
        let profile = &someone.profile;
        self.set(
            hours.as_str(),
            Breadth::OneEntry,
            format!("stretch the login hours of the profile {profile} to {hours} (UTC)"),
            format!("more hours, for the users of the profile {profile}"),
        );
    }
}
