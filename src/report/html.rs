//! One self-contained HTML file: no script, nothing loaded, a policy that forbids both. Reads well on paper and with a screen reader.

use std::sync::LazyLock;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

use super::human::summary;
use super::junit::escape;
use super::markdown::verdict;
use super::telling::{Tone, advice, first_trouble, result, rows, what};
use super::text::{count, duration, push};
use super::{ExchangeReport, RunReport, ScenarioReport, Status, StepReport};

const CSS: &str = include_str!("html.css");

/// The policy allows the one style sheet by its hash and nothing else.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(CSS));
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
});

/// The report as a document.
pub fn report(report: &RunReport) -> String {
    let run = &report.run;
    let verdict = verdict(report);
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>grantproof: {verdict}, {}</title>\n<style>{CSS}</style>\n</head>\n<body>\n<header>\n\
         <h1>grantproof: <span class=\"{}\">{verdict}</span></h1>\n<p>{}</p>\n\
         <p class=\"faint\">Target {}. Run <code>{}</code>, started <time datetime=\"{}\">{}</time>, version {}.</p>\n",
        &*POLICY,
        escape(&run.target),
        if verdict == "as expected" {
            "good"
        } else {
            "bad"
        },
        escape(&summary(&report.summary, run.took_ms)),
        escape(&run.target),
        escape(&run.id),
        escape(&run.started_at),
        escape(&run.started_at),
        escape(&run.version),
    );
    for bug in &run.bugs {
        push!(
            out,
            "<p class=\"notice\">This is a bug of grantproof: {}</p>\n",
            escape(bug)
        );
    }
    if run.interrupted {
        out.push_str("<p class=\"notice\">The run was interrupted. What finished is below.</p>\n");
    }
    out.push_str("</header>\n<main>\n");
    out.push_str(&troubles(report));
    out.push_str("<h2>Scenarios</h2>\n");
    for (at, scenario) in report.scenarios.iter().enumerate() {
        write_scenario(&mut out, at + 1, scenario);
    }
    let given = advice(report.scenarios.iter().flat_map(|scenario| &scenario.steps));
    if !given.is_empty() {
        out.push_str("<h2>Advice</h2>\n<ul>\n");
        for (id, text, times) in given {
            push!(
                out,
                "<li>{} <span class=\"faint\">(<code>{}</code>, {})</span></li>\n",
                escape(text),
                escape(id),
                count(times, "step")
            );
        }
        out.push_str("</ul>\n");
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

/// What did not go as expected, with a link to each.
fn troubles(report: &RunReport) -> String {
    let mut items = String::new();
    for (at, scenario) in report.scenarios.iter().enumerate() {
        if is_trouble(&scenario.status) {
            push!(
                items,
                "<li>{} <a href=\"#scenario-{}\">{}</a>: {}</li>\n",
                status(&scenario.status),
                at + 1,
                escape(&scenario.name),
                escape(&first_trouble(scenario.reason.as_deref(), &scenario.steps))
            );
        }
    }
    if items.is_empty() {
        return String::new();
    }
    format!("<h2>Not as expected</h2>\n<ul>\n{items}</ul>\n")
}

const fn is_trouble(status: &Status) -> bool {
    !matches!(status, Status::Passed | Status::Skipped)
}

fn status(status: &Status) -> String {
    let class = match status {
        Status::Passed => "good",
        Status::Failed | Status::Error => "bad",
        Status::Inconclusive | Status::Other(_) => "doubt",
        Status::Skipped => "faint",
    };
    format!(
        "<span class=\"status {class}\"><span aria-hidden=\"true\">{}</span> {}</span>",
        status.marks().0,
        escape(status.name())
    )
}

fn write_scenario(out: &mut String, number: usize, scenario: &ScenarioReport) {
    let open = if is_trouble(&scenario.status) {
        " open"
    } else {
        ""
    };
    push!(
        out,
        "<details class=\"scenario\" id=\"scenario-{number}\"{open}>\n<summary>{} <strong>{}</strong> \
         <span class=\"faint\">({})</span><span class=\"file faint\">{}</span></summary>\n<div>\n",
        status(&scenario.status),
        escape(&scenario.name),
        duration(scenario.took_ms),
        escape(&scenario.file)
    );
    if let Some(about) = &scenario.about {
        push!(out, "<p>{}</p>\n", escape(about));
    }
    if let Some(reason) = &scenario.reason {
        push!(out, "<p>{}</p>\n", escape(reason));
    }
    for step in &scenario.steps {
        write_step(out, step);
    }
    out.push_str("</div>\n</details>\n");
}

fn write_step(out: &mut String, step: &StepReport) {
    push!(
        out,
        "<section>\n<h3>{} Step {}: {}</h3>\n<p class=\"faint\">{}, {}</p>\n",
        status(&step.status),
        step.index,
        escape(&step.title),
        escape(&what(step)),
        duration(step.took_ms)
    );
    if is_trouble(&step.status) {
        for group in rows(step) {
            out.push_str("<dl>\n");
            for row in group {
                let tone = match row.tone {
                    Tone::Plain => "",
                    Tone::Bad => "bad",
                    Tone::Good => "good",
                    Tone::Doubt => "doubt",
                    Tone::Faint => "faint",
                };
                let class = if row.label == "Fix" {
                    " class=\"good\""
                } else {
                    ""
                };
                let lines: String = row
                    .lines
                    .iter()
                    .enumerate()
                    .map(|(at, line)| match (at, tone) {
                        (at, tone) if !tone.is_empty() && (at == 0 || tone == "faint") => {
                            format!("<p class=\"{tone}\">{}</p>", escape(line))
                        }
                        _ => format!("<p>{}</p>", escape(line)),
                    })
                    .collect();
                push!(out, "<dt{class}>{}</dt><dd>{lines}</dd>\n", row.label);
            }
            out.push_str("</dl>\n");
        }
    } else if let Some(result) = result(step) {
        push!(out, "<p>{}</p>\n", escape(&result));
    }
    if !step.exchanges.is_empty() {
        push!(
            out,
            "<details>\n<summary>{}</summary>\n",
            count(step.exchanges.len(), "exchange")
        );
        for exchange in &step.exchanges {
            write_exchange(out, exchange);
        }
        out.push_str("</details>\n");
    }
    out.push_str("</section>\n");
}

fn write_exchange(out: &mut String, exchange: &ExchangeReport) {
    let sent = &exchange.sent;
    let mut text = format!("{} {}\n", sent.method, sent.url);
    for header in &sent.headers {
        push!(text, "{}: {}\n", header.name, header.value);
    }
    if !sent.fields.is_empty() {
        text.push('\n');
    }
    for field in &sent.fields {
        push!(text, "{}={}\n", field.name, field.value);
    }
    if let Some(body) = &sent.body {
        push!(text, "\n{body}\n");
    }
    push!(
        out,
        "<p><code>{}</code> <span class=\"faint\">{}, {}</span></p>\n<pre>{}</pre>\n",
        escape(&exchange.endpoint),
        escape(&exchange.at),
        duration(exchange.took_ms),
        escape(text.trim_end())
    );
    let mut text = match (&exchange.received, &exchange.fault) {
        (Some(received), _) => format!("HTTP {}\n", received.status),
        (None, Some(fault)) => format!("no answer: {}", fault.text),
        (None, None) => "no answer".to_owned(),
    };
    if let Some(received) = &exchange.received {
        for header in &received.headers {
            push!(text, "{}: {}\n", header.name, header.value);
        }
        if !received.body.is_empty() {
            push!(text, "\n{}", received.body);
        }
    }
    push!(out, "<pre>{}</pre>\n", escape(text.trim_end()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use scraper::{Html, Selector};

    #[test]
    fn it_loads_nothing_and_runs_nothing() {
        let mut run = sample::run();
        run.scenarios[0].name = "<script>alert(1)</script><img src=x onerror=alert(1)>".to_owned();
        let text = report(&run);
        let page = Html::parse_document(&text);
        for forbidden in [
            "script",
            "img",
            "link",
            "iframe",
            "[onerror]",
            "[style]",
            "[src]",
        ] {
            let found = page.select(&Selector::parse(forbidden).unwrap()).count();
            assert_eq!(found, 0, "{forbidden}");
        }
        assert!(page.errors.is_empty(), "{:?}", page.errors);
        assert!(!text.contains('\u{1b}'));
        sample::keep("report.html", &report(&sample::run()));
    }

    #[test]
    fn the_style_sheet_is_the_one_that_the_policy_allows() {
        let text = report(&sample::run());
        let page = Html::parse_document(&text);
        let style = page
            .select(&Selector::parse("style").unwrap())
            .next()
            .unwrap();
        let hash = STANDARD.encode(Sha256::digest(style.text().collect::<String>()));
        assert!(text.contains(&format!("style-src 'sha256-{hash}'")));
    }

    #[test]
    fn what_failed_is_open_and_linked() {
        let page = Html::parse_document(&report(&sample::run()));
        let count = |selector: &str| page.select(&Selector::parse(selector).unwrap()).count();
        assert_eq!(count("details.scenario"), 4);
        assert_eq!(count("details.scenario[open]"), 2);
        assert_eq!(count("li > a[href^='#scenario-']"), 2);
    }
}
