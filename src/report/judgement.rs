//! What a simulated org judged in a step, request by request. It stands beside the diagnosis, which never sees it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Style;
use super::text::{push, wrap};

/// One judgement of the org.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Judgement {
    /// What was judged: `authorize`, `page_answer`, `token`, `use`, …
    pub event: String,
    /// `proceed`, `interrupt`, `refuse`, or `fault`.
    pub verdict: String,
    /// The cause of a refusal or an extra page.
    pub cause: Option<String>,
    /// What is silently missing from something granted.
    pub lacking: Vec<String>,
    /// Every check that was made, in order.
    pub checks: Vec<JudgedCheck>,
}

/// One check of a judgement.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct JudgedCheck {
    /// The stage of the flow.
    pub stage: String,
    /// What was read: a key of the factor table.
    pub check: String,
    /// `Type.field` of metadata.
    pub field: String,
    /// What was found.
    pub found: String,
    /// What was needed.
    pub needed: String,
    /// Whether it sufficed.
    pub passed: bool,
    /// The cause that a failure names.
    pub cause: String,
}

/// The judgements of a step as lines: one for each stage with its checks, and all that is known of a check that failed. Indented as deep as
/// the values of a step.
pub(super) fn tell(judgements: &[Judgement], indent: usize, labels: usize, width: usize) -> String {
    let mut out = String::new();
    let mut label = "Trace";
    let checks = judgements.iter().flat_map(|judgement| &judgement.checks);
    let widest = checks.map(|check| check.stage.len()).max().unwrap_or(0);
    for judgement in judgements {
        let cause = judgement
            .cause
            .as_deref()
            .map(|cause| format!(": {cause}"))
            .or_else(|| {
                let lacking = judgement.lacking.join(", ");
                (!lacking.is_empty()).then(|| format!(", lacking {lacking}"))
            })
            .unwrap_or_default();
        push!(
            out,
            "{:indent$}{label:<labels$}{} {}{cause}\n",
            "",
            judgement.event.replace('_', " "),
            past(&judgement.verdict),
        );
        label = "";
        stages(judgement, indent + labels + 2, widest, width, &mut out);
    }
    out
}

/// A verdict as something that happened.
fn past(verdict: &str) -> &str {
    match verdict {
        "proceed" => "proceeded",
        "interrupt" => "stopped at a page",
        "refuse" => "was refused",
        "fault" => "met a fault of the server",
        other => other,
    }
}

/// The stages of a judgement, those that follow one another with one name together.
fn stages(judgement: &Judgement, indent: usize, widest: usize, width: usize, out: &mut String) {
    let mut checks = judgement.checks.as_slice();
    while let Some(first) = checks.first() {
        let together = checks
            .iter()
            .take_while(|check| check.stage == first.stage)
            .count();
        let (stage, rest) = checks.split_at(together);
        checks = rest;
        let passed = stage.iter().all(|check| check.passed);
        let mut names: Vec<&str> = Vec::new();
        for check in stage {
            if !names.contains(&check.check.as_str()) {
                names.push(&check.check);
            }
        }
        let head = format!(
            "{:indent$}{} {:widest$}  ",
            "",
            if passed { '✓' } else { '✗' },
            first.stage.replace('_', " ")
        );
        let deep = head.chars().count();
        let room = width.saturating_sub(deep).max(20);
        let mut lines = wrap(&names.join(", "), room);
        for check in stage.iter().filter(|check| !check.passed) {
            let told = format!(
                "{}: found {}, needed {}",
                check.check, check.found, check.needed
            );
            lines.extend(wrap(&told, room));
        }
        for (place, line) in lines.iter().enumerate() {
            let begin = if place == 0 {
                head.clone()
            } else {
                " ".repeat(deep)
            };
            push!(out, "{}\n", format!("{begin}{line}").trim_end());
        }
    }
}

/// The marks in colour.
pub(super) fn painted(text: &str, style: Style) -> String {
    text.replace('✓', &style.good(if style.unicode { "✓" } else { "ok" }))
        .replace('✗', &style.bad(if style.unicode { "✗" } else { "no" }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(stage: &str, check: &str, passed: bool) -> JudgedCheck {
        JudgedCheck {
            stage: stage.to_owned(),
            check: check.to_owned(),
            found: "Zero".to_owned(),
            needed: "any other than Zero".to_owned(),
            passed,
            ..JudgedCheck::default()
        }
    }

    #[test]
    fn a_stage_is_a_line_and_a_failed_check_says_what_it_found() {
        let refused = Judgement {
            event: "token".to_owned(),
            verdict: "refuse".to_owned(),
            cause: Some("refresh_policy_zero".to_owned()),
            checks: vec![
                check("request", "get", true),
                check("request", "json_body", true),
                check("grant", "refreshTokenPolicyType", false),
            ],
            ..Judgement::default()
        };
        let granted = Judgement {
            event: "use".to_owned(),
            verdict: "proceed".to_owned(),
            lacking: vec!["scope_openid_missing".to_owned()],
            ..Judgement::default()
        };
        assert_eq!(
            tell(&[refused, granted], 4, 12, 100),
            "    Trace       token was refused: refresh_policy_zero\n                  ✓ request  get, json_body\n                  ✗ grant    \
             refreshTokenPolicyType\n                             refreshTokenPolicyType: found Zero, needed any other than Zero\n\
             \u{20}               use proceeded, lacking scope_openid_missing\n"
        );
    }

    #[test]
    fn narrow_lines_hang() {
        let judgement = Judgement {
            event: "token".to_owned(),
            checks: (0..12)
                .map(|number| check("request", &format!("factor_{number}"), true))
                .collect(),
            ..Judgement::default()
        };
        for line in tell(&[judgement], 4, 12, 60).lines() {
            assert!(line.chars().count() <= 60, "{line}");
        }
    }
}
