//! JUnit XML for CI servers: a suite a file, a case a scenario. A scenario that cannot be judged is an `error` of type `inconclusive`,
//! for the format has no third word and a green case would hide it.

use super::human::{self, Layout};
use super::telling::{brief, first_trouble};
use super::text::push;
use super::{RunReport, ScenarioReport, Status, Style, Summary};

/// The report as XML.
pub fn report(report: &RunReport) -> String {
    let mut files: Vec<(&str, Vec<&ScenarioReport>)> = Vec::new();
    for scenario in &report.scenarios {
        match files.iter_mut().find(|(file, _)| *file == scenario.file) {
            Some((_, scenarios)) => scenarios.push(scenario),
            None => files.push((&scenario.file, vec![scenario])),
        }
    }
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    push!(
        out,
        "<testsuites name=\"grantproof\" {} time=\"{}\" timestamp=\"{}\">\n",
        counts(&report.summary),
        seconds(report.run.took_ms),
        escape(&report.run.started_at)
    );
    for (file, scenarios) in files {
        let mut summary = Summary::default();
        for scenario in &scenarios {
            summary.add(scenario);
        }
        let took = scenarios.iter().map(|scenario| scenario.took_ms).sum();
        push!(
            out,
            "  <testsuite name=\"{}\" {} skipped=\"{}\" time=\"{}\" timestamp=\"{}\">\n",
            escape(file),
            counts(&summary),
            summary.skipped,
            seconds(took),
            escape(&report.run.started_at)
        );
        for scenario in scenarios {
            out.push_str(&case(scenario));
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

fn counts(summary: &Summary) -> String {
    format!(
        "tests=\"{}\" failures=\"{}\" errors=\"{}\"",
        summary.scenarios(),
        summary.failed,
        summary.error + summary.inconclusive
    )
}

fn case(scenario: &ScenarioReport) -> String {
    let mut out = format!(
        "    <testcase name=\"{}\" classname=\"{}\" file=\"{}\" time=\"{}\">\n",
        escape(&scenario.name),
        escape(&class(&scenario.file)),
        escape(&scenario.file),
        seconds(scenario.took_ms)
    );
    let why = first_trouble(scenario.reason.as_deref(), &scenario.steps);
    let (element, kind) = match scenario.status {
        Status::Passed => ("", ""),
        Status::Failed => ("failure", "failed"),
        Status::Error => (
            "error",
            scenario
                .error_kind
                .as_ref()
                .map_or("error", |kind| kind.name()),
        ),
        Status::Inconclusive | Status::Other(_) => ("error", "inconclusive"),
        Status::Skipped => ("skipped", ""),
    };
    match element {
        "" => {}
        "skipped" => push!(out, "      <skipped message=\"{}\"/>\n", escape(&why)),
        _ => {
            let layout = Layout {
                style: Style::PLAIN,
                ..Layout::default()
            };
            push!(
                out,
                "      <{element} message=\"{}\" type=\"{}\">{}</{element}>\n",
                escape(&why),
                escape(kind),
                escape(&human::scenario(scenario, &layout))
            );
        }
    }
    if !scenario.steps.is_empty() {
        let mut steps = String::new();
        for step in &scenario.steps {
            push!(steps, "{}. {} [{}]\n", step.index, brief(step), step.status);
        }
        push!(out, "      <system-out>{}</system-out>\n", escape(&steps));
    }
    out.push_str("    </testcase>\n");
    out
}

/// The file as a dotted name, as CI servers group by it.
fn class(file: &str) -> String {
    file.trim_end_matches(".yaml")
        .trim_matches(['/', '.'])
        .replace(['/', '\\'], ".")
}

fn seconds(millis: u64) -> String {
    format!("{}.{:03}", millis / 1_000, millis % 1_000)
}

/// Text for content and attributes. What XML 1.0 does not allow (section 2.2) becomes U+FFFD; line breaks survive in attributes.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use quick_xml::{Reader, events::Event};

    #[test]
    fn it_is_well_formed_and_counts_what_it_holds() {
        let text = report(&sample::run());
        let mut reader = Reader::from_str(&text);
        reader.config_mut().check_end_names = true;
        let (mut cases, mut failures, mut errors, mut skipped) = (0, 0, 0, 0);
        loop {
            match reader.read_event().unwrap() {
                Event::Start(tag) => match tag.name().as_ref() {
                    "testcase" => cases += 1,
                    "failure" => failures += 1,
                    "error" => errors += 1,
                    _ => {}
                },
                Event::Empty(tag) if tag.name().as_ref() == "skipped" => skipped += 1,
                Event::Eof => break,
                _ => {}
            }
        }
        assert_eq!((cases, failures, errors, skipped), (4, 1, 1, 1));
        assert!(
            text.contains("tests=\"4\" failures=\"1\" errors=\"1\""),
            "{text}"
        );
        assert!(!text.contains('\u{1b}'));
        sample::keep("junit.xml", &text);
    }

    #[test]
    fn control_characters_are_replaced() {
        assert_eq!(escape("a\u{0}<b>\u{1b}\n"), "a\u{fffd}&lt;b&gt;\u{fffd}\n");
    }
}
