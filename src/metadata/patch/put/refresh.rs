//! The refresh token policy: three factors that go together.

use std::path::{Path, PathBuf};

use super::super::super::fields;
use super::super::super::spell;
use super::super::super::types::RecordType;
use super::super::super::unwritable::Why;
use super::super::elements;
use super::Putting;
use crate::cause::AppKind;
use crate::factor::{Delta, Factor, Value};

pub(super) const FACTORS: [Factor; 3] = [
    Factor::RefreshTokenPolicy,
    Factor::RefreshTokenValidityPeriod,
    Factor::RefreshTokenValidityUnit,
];

/// What the three are to be.
struct Wanted<'d> {
    policy: Option<&'d Value>,
    period: Option<&'d Value>,
    unit: Option<&'d Value>,
}

impl Putting<'_> {
    pub(super) fn refresh(&mut self, deltas: &[&Delta]) -> Result<(), Why> {
        for delta in deltas {
            valid(delta)?;
        }
        let of = |factor| {
            let mut values = deltas.iter().rev();
            values
                .find(|delta| delta.factor == factor)
                .map(|delta| &delta.value)
        };
        let wanted = Wanted {
            policy: of(Factor::RefreshTokenPolicy),
            period: of(Factor::RefreshTokenValidityPeriod),
            unit: of(Factor::RefreshTokenValidityUnit),
        };
        for key in self.refresh_records()? {
            let [policy, period, unit] = FACTORS.map(|factor| self.value(&key, factor));
            let so_already =
                |delta: &&Delta| self.value(&key, delta.factor).as_ref() == Some(&delta.value);
            if deltas.iter().all(so_already) {
                continue;
            }
            let policy = wanted.policy.or(policy.as_ref());
            // Period and unit of another policy do not stay beside one that has none.
            let counts = policy.and_then(Value::as_word).is_some_and(has_period);
            let period = wanted.period.or(period.as_ref().filter(|_| counts));
            let unit = wanted.unit.or(unit.as_ref().filter(|_| counts));
            if counts && wanted.policy.is_some() && (period.is_none() || unit.is_none()) {
                return Err(Why::Incomplete(PERIOD_AND_UNIT));
            }
            if self.app.kind == AppKind::ConnectedApp {
                self.connected_app_refresh(&key, policy, period, unit)?;
            } else {
                self.eca_refresh(&key, wanted.policy.is_some(), [policy, period, unit])?;
            }
        }
        Ok(())
    }

    pub(super) fn refresh_holds(&mut self, delta: &Delta) -> bool {
        let keys = self.refresh_records().unwrap_or_default();
        let mut keys = keys.iter();
        keys.all(|key| self.value(key, delta.factor).as_ref() == Some(&delta.value))
    }

    fn refresh_records(&mut self) -> Result<Vec<PathBuf>, Why> {
        self.records(match self.app.kind {
            AppKind::ExternalClientApp => RecordType::ExtlClntAppOauthConfigurablePolicies,
            AppKind::ConnectedApp => RecordType::ConnectedApp,
        })
    }

    /// Policy, period and unit in their elements. Without one of the two, a new policy takes its element away.
    fn eca_refresh(
        &mut self,
        key: &Path,
        is_new: bool,
        values: [Option<&Value>; 3],
    ) -> Result<(), Why> {
        let names = [
            "refreshTokenPolicyType",
            "refreshTokenValidityPeriod",
            "refreshTokenValidityUnit",
        ];
        for (name, value) in names.into_iter().zip(values) {
            self.patch.edit_file(key, |document| {
                Ok(match value {
                    Some(value) => elements::set(document, &[name], &value.to_string())?,
                    None if is_new => elements::remove(document, &[name])?,
                    None => document,
                })
            })?;
        }
        Ok(())
    }

    /// The three in one text.
    fn connected_app_refresh(
        &mut self,
        key: &Path,
        policy: Option<&Value>,
        period: Option<&Value>,
        unit: Option<&Value>,
    ) -> Result<(), Why> {
        let policy = policy.and_then(Value::as_word).unwrap_or("Infinite");
        if !has_period(policy) && (period.is_some() || unit.is_some()) {
            return Err(Why::NotSaid(
                "a connected app has period and unit in a policy that expires alone",
            ));
        }
        let period = match period {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        };
        let text = spell::refresh_policy(policy, period, unit.and_then(Value::as_word))
            .ok_or(Why::Incomplete(PERIOD_AND_UNIT))?;
        let path = fields::holding(RecordType::ConnectedApp, Factor::RefreshTokenPolicy)
            .ok_or(Why::NotInMetadata)?;
        self.groups(key, &path)?;
        let names: Vec<&str> = path.iter().map(|field| field.name).collect();
        self.patch
            .edit_file(key, |document| Ok(elements::set(document, &names, &text)?))
    }
}

const PERIOD_AND_UNIT: &str = "period and unit of the refresh token policy";

/// Whether a policy counts a period.
fn has_period(policy: &str) -> bool {
    !matches!(policy, "Infinite" | "Zero")
}

fn valid(delta: &Delta) -> Result<(), Why> {
    let kind = RecordType::ExtlClntAppOauthConfigurablePolicies;
    let path = fields::holding(kind, delta.factor).ok_or(Why::NotInMetadata)?;
    let field = path.last().ok_or(Why::NotInMetadata)?;
    spell::spell(field, delta.factor, &delta.value).map(|_| ())
}
