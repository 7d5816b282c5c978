//! A short page about a cause, a former id, an error code, a sentence, a setting, or a pasted answer. Offline and pure.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::cause::{
    CauseId, Channel, Entry, Modelled, Shows, Standing, Wording, by_alias, conditions, entries,
    entry, outside_reason, wordings,
};
use crate::diagnosis::{diagnose, rfc_codes, splitting_probe};
use crate::evidence::{Observation, Seen, from_text};
use crate::factor::{Factor, Known};
use crate::oauth::GrantKind;

/// How many lines a list shows before it only counts.
const LISTED: usize = 8;
/// How many causes a list describes before it only names them.
const NAMED: usize = 6;
/// From how many sentences on a code's page only names the causes of each.
const MANY_SENTENCES: usize = 4;
/// How many sources are shown.
const SOURCES: usize = 4;
/// Characters of a cause's statement in a list.
const STATEMENT: usize = 110;

/// A page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Page {
    /// What was asked for, as it is called.
    pub topic: String,
    /// What sort of thing it is.
    pub kind: Kind,
    /// What it means, in a sentence or two.
    pub summary: String,
    /// The causes that the page names, most plausible first.
    pub causes: Vec<&'static str>,
    /// For a cause: every other cause with a wording of it, those that share most first.
    pub rivals: Vec<&'static str>,
    /// The rest, in the order of reading.
    pub sections: Vec<Section>,
}

/// What a topic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A cause of the catalogue.
    Cause,
    /// A former id of one or more causes.
    FormerId,
    /// An error code.
    Code,
    /// A setting, by key, label or metadata field.
    Setting,
    /// An answer, an address or a sentence, pasted.
    Answer,
}

/// A heading and its lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Section {
    /// One or two words.
    pub heading: &'static str,
    /// Each one is a paragraph or a point.
    pub items: Vec<String>,
    /// Whether a new group begins: a blank line in text.
    #[serde(skip)]
    begins_group: bool,
}

/// The page about a topic; `None` where nothing is called so (see [`near`]).
pub fn explain(topic: &str) -> Option<Page> {
    let topic = topic.trim();
    let word = topic.to_ascii_lowercase();
    if let Some(id) = CauseId::parse(&word) {
        return Some(cause_page(id));
    }
    match by_alias(&word).as_slice() {
        [] => {}
        [one] => {
            let mut page = cause_page(*one);
            page.summary = format!("{word} is the former id of {one}. {}", page.summary);
            page.kind = Kind::FormerId;
            return Some(page);
        }
        several => return Some(former_id_page(&word, several)),
    }
    setting_page(topic)
        .or_else(|| code_page(topic))
        .or_else(|| from_text(topic).and_then(|seen| answer_page(&seen)))
}

/// Names close to a topic that has no page, the closest first; at most five.
pub fn near(topic: &str) -> Vec<String> {
    let topic = topic.trim().to_ascii_lowercase();
    if topic.is_empty() {
        return Vec::new();
    }
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for about in entries() {
        names.insert(about.id.name());
        names.extend(about.aliases.iter().copied());
    }
    names.extend(
        wordings()
            .iter()
            .filter(|wording| wording.channel != Channel::HtmlPage)
            .map(|wording| wording.code),
    );
    for factor in Factor::ALL {
        names.extend([factor.key(), factor.label()]);
    }
    let mut scored: Vec<(f64, &str)> = names
        .into_iter()
        .filter(|name| !name.is_empty())
        .map(|name| {
            let lower = name.to_ascii_lowercase();
            let whole = strsim::jaro_winkler(&topic, &lower);
            // A part of a name is often what a person remembers.
            let part = if topic.len() > 3 && lower.contains(&topic) {
                0.9
            } else {
                0.0
            };
            (whole.max(part), name)
        })
        .filter(|(score, _)| *score >= 0.82)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    scored
        .into_iter()
        .take(5)
        .map(|(_, name)| name.to_owned())
        .collect()
}

fn cause_page(id: CauseId) -> Page {
    let about = entry(id);
    let shown: Vec<&Wording> = wordings().iter().filter(|w| w.cause == id).collect();
    let mut page = Builder::default();
    page.group();
    page.section("Fix", vec![sentence(about.fix)]);
    page.section("Setup", place_in_org(about.setup_path));
    page.section("Metadata", place_in_org(about.metadata_field));
    page.section("Confirm", place_in_org(&sentence(about.probe)));
    page.group();
    page.section("Shows as", shows_as(id, &shown));
    page.section("Fails", vec![list(&about.flows_failing)]);
    page.section("Still works", vec![works(about)]);
    page.group();
    let rivals = rivals(id, &shown);
    page.section("Same words", named(&rivals));
    page.section("Told apart", split(&shown));
    page.group();
    page.section("Standing", vec![standing(about)]);
    page.section("Simulated", simulated(id));
    page.section("Sources", sources(about, &shown));
    Page {
        topic: id.name().to_owned(),
        kind: Kind::Cause,
        summary: sentence(about.setting),
        causes: vec![id.name()],
        rivals: names(&rivals),
        sections: page.sections,
    }
}

fn former_id_page(word: &str, causes: &[CauseId]) -> Page {
    let mut page = Builder::default();
    page.group();
    page.section("Now", named(causes));
    Page {
        topic: word.to_owned(),
        kind: Kind::FormerId,
        summary: format!("A former id, now {} causes.", causes.len()),
        causes: names(causes),
        rivals: Vec::new(),
        sections: page.sections,
    }
}

fn setting_page(topic: &str) -> Option<Page> {
    let same = |name: &str| name.eq_ignore_ascii_case(topic);
    let factors: Vec<Factor> = Factor::ALL
        .iter()
        .copied()
        .filter(|factor| {
            let own = factor.field().rsplit('.').next().unwrap_or_default();
            same(factor.key()) || same(factor.label()) || same(factor.field()) || same(own)
        })
        .collect();
    let first = factors.first()?;
    let mut page = Builder::default();
    let mut causes: Vec<CauseId> = Vec::new();
    for factor in &factors {
        page.group();
        page.section("Setup", vec![factor.label().to_owned()]);
        page.section("Metadata", vec![factor.field().to_owned()]);
        page.section("Values", vec![values(*factor)]);
        let mut lines = Vec::new();
        for about in entries() {
            let rows: Vec<_> = conditions(about.id).collect();
            let wrong: Vec<&str> = rows
                .iter()
                .flat_map(|row| row.conditions)
                .filter(|condition| condition.factor == *factor)
                .map(|condition| condition.value)
                .collect();
            // A cause that the model does not produce names the field in its row.
            let by_field = rows.is_empty()
                && factor.field().contains('.')
                && about.metadata_field.contains(factor.field());
            if wrong.is_empty() && !by_field {
                continue;
            }
            if !causes.contains(&about.id) {
                causes.push(about.id);
            }
            let value = if wrong.is_empty() {
                String::new()
            } else {
                format!(" when {}", unique(wrong).join(" or "))
            };
            lines.push(format!("{}{value}: {}", about.id, statement(about.setting)));
        }
        page.section("Can cause", capped(lines));
    }
    if let Some(cause) = causes.first() {
        page.group();
        page.section("Found at", vec![entry(*cause).setup_path.to_owned()]);
    }
    Some(Page {
        topic: first.key().to_owned(),
        kind: Kind::Setting,
        summary: match factors.len() {
            1 => format!("A setting of {}.", section_words(*first)),
            count => format!("{count} settings go by this name."),
        },
        causes: names(&causes),
        rivals: Vec::new(),
        sections: page.sections,
    })
}

fn code_page(topic: &str) -> Option<Page> {
    let shown: Vec<&Wording> = wordings()
        .iter()
        .filter(|wording| !wording.code.is_empty() && wording.code.eq_ignore_ascii_case(topic))
        .collect();
    // `Invalid_Scope` of one endpoint is not `invalid_scope` of another.
    let exact = shown.iter().any(|wording| wording.code == topic);
    let shown: Vec<&Wording> = shown
        .into_iter()
        .filter(|wording| !exact || wording.code == topic)
        .collect();
    let code = shown.first()?.code;
    let texts = unique(shown.iter().map(|wording| wording.text).collect());
    let mut all: Vec<CauseId> = Vec::new();
    let mut page = Builder::default();
    let many = texts.len() > MANY_SENTENCES;
    let mut lines = Vec::new();
    for text in texts
        .iter()
        .filter(|text| text.is_some() || texts.len() == 1)
    {
        let of_text: Vec<&Wording> = shown.iter().copied().filter(|w| w.text == *text).collect();
        let causes = unique(usual_first(&of_text));
        let says = text.map_or_else(
            || "(no sentence was recorded)".to_owned(),
            |text| format!("\"{text}\""),
        );
        if many {
            lines.push(format!("{says}: {}", short_list(&causes)));
        } else {
            let places = unique(of_text.iter().map(|w| place(w.channel)).collect());
            let probe = splitting_probe("", text.unwrap_or_default())
                .or_else(|| splitting_probe(code, "").filter(|_| texts.len() <= 2));
            page.group();
            page.section("Says", vec![says]);
            page.section("At", vec![places.join("; ")]);
            page.section("Causes", named(&causes));
            let probe = probe.filter(|_| causes.len() > 1);
            page.section("Told apart", probe.map(sentence).into_iter().collect());
        }
        all.extend(causes);
    }
    page.group();
    page.section("Sentences", lines);
    let bare: Vec<&Wording> = shown.iter().copied().filter(|w| w.text.is_none()).collect();
    if texts.len() > 1 && !bare.is_empty() {
        let causes = unique(usual_first(&bare));
        page.group();
        let line = format!("known for {}", short_list(&causes));
        page.section("No sentence", vec![line]);
        all.extend(causes);
    }
    let causes = unique(all);
    let alone = matches!(causes.as_slice(), [_]);
    if let [one] = causes.as_slice() {
        let about = entry(*one);
        page.group();
        page.section("Confirm", vec![sentence(about.probe)]);
        page.section("Fix", vec![sentence(about.fix)]);
    }
    Some(Page {
        topic: code.to_owned(),
        kind: Kind::Code,
        summary: if alone {
            "An error code that one cause gives.".to_owned()
        } else {
            format!(
                "An error code that {} causes give. The sentence beside it tells more: explain the whole answer, in quotes.",
                causes.len()
            )
        },
        causes: names(&causes),
        rivals: Vec::new(),
        sections: page.sections,
    })
}

fn answer_page(seen: &Observation) -> Option<Page> {
    let diagnosis = diagnose(std::slice::from_ref(seen), &Known::new());
    let mut page = Builder::default();
    if diagnosis.is_empty() {
        return None;
    }
    let causes: Vec<CauseId> = diagnosis.named().collect();
    page.group();
    page.section("Causes", named(&causes));
    if causes.is_empty() {
        page.section(
            "Causes",
            vec!["Unexplained: no wording of the catalogue fits.".to_owned()],
        );
    }
    let next = diagnosis.next.as_ref();
    page.section(
        "Told apart",
        next.map(|next| vec![sentence(&next.probe)])
            .unwrap_or_default(),
    );
    if let Some(first) = diagnosis.candidates.first() {
        page.group();
        let whose = if causes.len() > 1 { "First fix" } else { "Fix" };
        page.section(whose, vec![sentence(first.fix.action)]);
        page.section("Setup", place_in_org(first.fix.setup_path));
        page.section("Metadata", place_in_org(first.fix.metadata_field));
    }
    let topic = match &seen.seen {
        Seen::Answer(answer) => answer.summary(),
        _ => seen.summary(),
    };
    Some(Page {
        topic,
        kind: Kind::Answer,
        summary: match causes.len() {
            0 => "No cause of the catalogue answers like this.".to_owned(),
            1 => "One cause answers like this.".to_owned(),
            count => format!("{count} causes answer like this, the usual one first."),
        },
        causes: names(&causes),
        rivals: Vec::new(),
        sections: page.sections,
    })
}

#[derive(Default)]
struct Builder {
    sections: Vec<Section>,
    begins_group: bool,
}

impl Builder {
    fn group(&mut self) {
        self.begins_group = true;
    }

    /// Adds a section, unless nothing is in it.
    fn section(&mut self, heading: &'static str, items: Vec<String>) {
        let items: Vec<String> = items.into_iter().filter(|item| !item.is_empty()).collect();
        if items.is_empty() {
            return;
        }
        self.sections.push(Section {
            heading,
            items,
            begins_group: std::mem::take(&mut self.begins_group),
        });
    }
}

/// One line for each answer: where, status, code, sentence; then standing and flows.
fn shows_as(id: CauseId, shown: &[&Wording]) -> Vec<String> {
    let silent = conditions(id).any(|row| row.shows == Shows::Silent);
    let silent = silent.then(|| {
        "no error: the token comes, and what the scope leaves out is missing from it".to_owned()
    });
    if shown.is_empty() {
        let codes = rfc_codes(id);
        let line = if !codes.is_empty() {
            format!(
                "{} (documented; servers other than Salesforce)",
                codes.join(", ")
            )
        } else if id.name().starts_with("bcp_") {
            "nothing fails: it is advice".to_owned()
        } else {
            "no answer of its own was recorded; the data of the org decide".to_owned()
        };
        return vec![silent.unwrap_or(line)];
    }
    let mut lines: Vec<(String, Vec<&str>, Standing)> = Vec::new();
    for wording in shown {
        let line = answer_line(wording);
        let flow = flow_words(wording.flow);
        match lines.iter_mut().find(|(have, ..)| *have == line) {
            Some((_, flows, standing)) => {
                if !flows.contains(&flow) {
                    flows.push(flow);
                }
                *standing = (*standing).max(wording.standing);
            }
            None => lines.push((line, vec![flow], wording.standing)),
        }
    }
    // The best known answer first.
    lines.sort_by_key(|(.., standing)| std::cmp::Reverse(*standing));
    let lines = lines.into_iter().map(|(line, flows, standing)| {
        let flows: Vec<_> = if flows.contains(&"any grant") {
            vec!["any grant"]
        } else {
            flows.into_iter().filter(|flow| !flow.is_empty()).collect()
        };
        let flows = if flows.is_empty() {
            String::new()
        } else {
            format!("; {}", flows.join(", "))
        };
        format!("{line} ({}{flows})", standing.name())
    });
    capped(silent.into_iter().chain(lines).collect())
}

fn answer_line(wording: &Wording) -> String {
    let mut parts = vec![format!("{}:", place(wording.channel))];
    parts.extend(wording.status.map(|status| status.to_string()));
    if wording.channel == Channel::HtmlPage && !wording.code.is_empty() {
        parts.push(wording.code.replace('_', " "));
    } else if !wording.code.is_empty() {
        parts.push(wording.code.to_owned());
    }
    match wording.text {
        Some(text) if text != wording.code => parts.push(format!("\"{text}\"")),
        _ => {}
    }
    if wording.code.is_empty() && wording.text.is_none() {
        parts.push("words not recorded".to_owned());
    }
    parts.join(" ")
}

fn flow_words(flow: &str) -> &str {
    match flow {
        "token_any" | "any" => "any grant",
        "rest_api" | "userinfo" | "identity" | "introspect" | "revoke" | "authorize_any"
        | "browser" => "",
        other => other,
    }
}

/// A channel in a person's words.
const fn place(channel: Channel) -> &'static str {
    match channel {
        Channel::AuthorizeRawBody => "authorize, bare text",
        Channel::AuthorizeUnspecified => "authorize",
        Channel::CallbackRedirect => "callback",
        Channel::CallbackFragment => "callback fragment",
        Channel::ErrorPage => "error page",
        Channel::HtmlPage => "browser page",
        Channel::TokenJson => "token",
        Channel::RevokeResponse => "revoke",
        Channel::ResourcePlain => "userinfo or identity",
        Channel::IntrospectJson => "introspect",
        Channel::RestJson => "REST call",
        Channel::LoginHistory => "Login History",
    }
}

/// Other causes with a wording of this one (same place, code and sentence, a flow in common), those that share most first.
fn rivals(id: CauseId, shown: &[&Wording]) -> Vec<CauseId> {
    let shares = |own: &Wording, other: &Wording| {
        own.channel == other.channel
            && own.code == other.code
            && own.text == other.text
            && (!own.code.is_empty() || own.text.is_some())
            && (own.flow == other.flow
                || own.grants.iter().any(|grant| other.grants.contains(grant)))
    };
    let shared_by = |wording: &Wording| shown.iter().any(|own| shares(own, wording));
    let found: Vec<&Wording> = wordings()
        .iter()
        .filter(|wording| wording.cause != id && shared_by(wording))
        .collect();
    let mut rivals = unique(usual_first(&found));
    let answers = |cause: CauseId| {
        let of_cause = found.iter().filter(|wording| wording.cause == cause);
        unique(of_cause.map(|w| (w.channel, w.code, w.text)).collect()).len()
    };
    rivals.sort_by_key(|cause| std::cmp::Reverse(answers(*cause)));
    rivals
}

/// The causes of wordings, those of errors.csv before ours.
fn usual_first(shown: &[&Wording]) -> Vec<CauseId> {
    let mut sorted = shown.to_vec();
    sorted.sort_by_key(|wording| wording.chosen);
    sorted.into_iter().map(|wording| wording.cause).collect()
}

/// What separates the causes of the answers of a page.
fn split(shown: &[&Wording]) -> Vec<String> {
    let probes = shown
        .iter()
        .filter_map(|wording| splitting_probe(wording.code, wording.text.unwrap_or_default()));
    unique(probes.collect())
        .into_iter()
        .take(2)
        .map(sentence)
        .collect()
}

fn works(about: &Entry) -> String {
    // A remark in parentheses often repeats the list: the list is enough where there is one.
    let plain: Vec<&str> = about
        .flows_working
        .iter()
        .copied()
        .filter(|flow| !flow.starts_with('('))
        .collect();
    if plain.is_empty() {
        let remarks: Vec<&str> = about
            .flows_working
            .iter()
            .map(|remark| remark.trim_matches(['(', ')']))
            .collect();
        return remarks.join("; ");
    }
    list(&plain)
}

fn standing(about: &Entry) -> String {
    let rule = about.rule.name();
    if wordings().iter().any(|wording| wording.cause == about.id) {
        format!("rule {rule}, words {}", about.wording.name())
    } else {
        format!("rule {rule}")
    }
}

/// A path, a field or a probe; words in parentheses say that there is none.
fn place_in_org(text: &str) -> Vec<String> {
    let is_remark = text.starts_with('(') && text.ends_with(')');
    (!is_remark).then(|| text.to_owned()).into_iter().collect()
}

/// How the simulated org produces it, or why it does not.
fn simulated(id: CauseId) -> Vec<String> {
    if let Some(reason) = outside_reason(id) {
        return vec![format!("No: {reason}.")];
    }
    let rows: Vec<String> = unique(conditions(id).map(condition_line).collect());
    capped(rows)
}

fn condition_line(row: &Modelled) -> String {
    let all: Vec<String> = row
        .conditions
        .iter()
        .map(|condition| {
            format!(
                "{}.{} = {}",
                condition.factor.kind().section(),
                condition.factor.key(),
                condition.value
            )
        })
        .collect();
    let grants: Vec<&str> = row.grants.iter().map(|grant| grant.name()).collect();
    let grants = match grants.len() {
        0 => String::new(),
        all if all == GrantKind::ALL.len() => " (all grants)".to_owned(),
        _ => format!(" ({})", grants.join(", ")),
    };
    format!("{}{grants}", all.join(" and "))
}

fn sources(about: &Entry, shown: &[&Wording]) -> Vec<String> {
    let own = about.sources.iter().copied();
    let of_wordings = shown.iter().flat_map(|wording| wording.source.split(" | "));
    let all: Vec<&str> = unique(own.chain(of_wordings).map(str::trim).collect())
        .into_iter()
        .filter(|source| source.contains("://"))
        .collect();
    let all = if all.is_empty() {
        about.sources.clone()
    } else {
        all
    };
    all.into_iter().take(SOURCES).map(str::to_owned).collect()
}

fn values(factor: Factor) -> String {
    match factor.values() {
        "flag" => "true or false".to_owned(),
        "number" => "a number".to_owned(),
        "names" => "a list of names".to_owned(),
        "text" => "a text".to_owned(),
        words => words.split('|').collect::<Vec<_>>().join(", "),
    }
}

fn section_words(factor: Factor) -> &'static str {
    use crate::factor::FactorKind;
    match factor.kind() {
        FactorKind::App => "the app",
        FactorKind::Org => "the org",
        FactorKind::Person => "the user",
        FactorKind::Request => "the request",
        FactorKind::Environment => "the environment",
    }
}

/// Each cause with its statement.
fn named(causes: &[CauseId]) -> Vec<String> {
    let lines = causes
        .iter()
        .map(|cause| format!("{cause}: {}", statement(entry(*cause).setting)))
        .collect::<Vec<_>>();
    if lines.len() <= NAMED + 1 {
        return lines;
    }
    let mut shown: Vec<String> = lines.into_iter().take(NAMED).collect();
    shown.push(format!("also {}", short_list(&causes[NAMED..])));
    shown
}

/// Ids in a row, the rest only counted.
fn short_list(causes: &[CauseId]) -> String {
    let shown = names(&causes[..causes.len().min(LISTED)]).join(", ");
    match causes.len().saturating_sub(LISTED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn capped(mut lines: Vec<String>) -> Vec<String> {
    if lines.len() > LISTED {
        let more = lines.len() - (LISTED - 1);
        lines.truncate(LISTED - 1);
        lines.push(format!("and {more} more"));
    }
    lines
}

fn names(causes: &[CauseId]) -> Vec<&'static str> {
    causes.iter().map(|cause| cause.name()).collect()
}

fn list(words: &[&str]) -> String {
    words.join(", ")
}

fn unique<T: PartialEq>(all: Vec<T>) -> Vec<T> {
    let mut kept: Vec<T> = Vec::new();
    for one in all {
        if !kept.contains(&one) {
            kept.push(one);
        }
    }
    kept
}

/// A statement cut at a word, for a list.
fn statement(text: &str) -> String {
    if text.chars().count() <= STATEMENT {
        return text.to_owned();
    }
    let mut cut = String::new();
    for word in text.split(' ') {
        if cut.chars().count() + word.chars().count() + 2 > STATEMENT {
            break;
        }
        if !cut.is_empty() {
            cut.push(' ');
        }
        cut.push_str(word);
    }
    cut.trim_end_matches([',', ';', ':']).to_owned() + " …"
}

/// A text with a full stop at its end.
fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() || text.ends_with(['.', '!', '?', ')']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

/// The page as plain text, wrapped at `width` columns (at least 40). A word that is longer than a line, such as an address, stays whole.
pub fn to_text(page: &Page, width: usize) -> String {
    let width = width.max(40);
    let mut out = String::new();
    wrap(&mut out, &page.topic, 0, "", width);
    wrap(&mut out, &page.summary, 0, "", width);
    let indent = page
        .sections
        .iter()
        .map(|section| section.heading.len())
        .max()
        .unwrap_or_default()
        + 4;
    for section in &page.sections {
        if section.begins_group {
            out.push('\n');
        }
        for (at, item) in section.items.iter().enumerate() {
            let heading = if at == 0 { section.heading } else { "" };
            let lead = format!("  {heading:<rest$}", rest = indent - 2);
            // What follows the first line of a point is set in, so that points stay apart.
            let hang = indent + if section.items.len() > 1 { 2 } else { 0 };
            wrap(&mut out, item, hang, &lead, width);
        }
    }
    out
}

/// Adds a paragraph: `lead` before its first line, `hang` spaces before each other.
fn wrap(out: &mut String, text: &str, hang: usize, lead: &str, width: usize) {
    let mut column = lead.chars().count();
    out.push_str(lead);
    let mut first = true;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if !first && column + 1 + length > width {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', hang));
            column = hang;
        } else if !first {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
        first = false;
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_alias_code_sentence_and_setting_has_a_page() {
        for about in entries() {
            let page = explain(about.id.name()).expect("a page of the cause");
            assert_eq!(page.kind, Kind::Cause);
            for alias in &about.aliases {
                let page = explain(alias).unwrap_or_else(|| panic!("{alias}"));
                assert!(page.causes.contains(&about.id.name()), "{alias}");
            }
        }
        for wording in wordings() {
            if !wording.code.is_empty() && wording.channel != Channel::HtmlPage {
                assert!(explain(wording.code).is_some(), "{}", wording.code);
            }
            if let Some(text) = wording.text {
                let page = explain(text).unwrap_or_else(|| panic!("{text}"));
                assert!(
                    page.causes.contains(&wording.cause.name()),
                    "{text}: {page:?}"
                );
            }
        }
        for factor in Factor::ALL {
            for name in [factor.key(), factor.label(), factor.field()] {
                assert!(explain(name).is_some(), "{name}");
            }
        }
    }

    #[test]
    fn lines_keep_the_width_unless_a_word_is_longer() {
        for about in entries() {
            let page = explain(about.id.name()).expect("a page");
            for width in [80, 100] {
                for line in to_text(&page, width).lines() {
                    let words = line.split_whitespace().count();
                    let lone = words <= 2 && line.contains(['/', '.', ',']);
                    assert!(line.chars().count() <= width || lone, "{line}");
                    assert_eq!(line, line.trim_end());
                }
            }
        }
    }

    #[test]
    fn a_pasted_answer_is_explained() {
        let page = explain("{\"error\":\"invalid_grant\",\"error_description\":\"ip restricted\"}")
            .expect("a page");
        assert_eq!(page.kind, Kind::Answer);
        assert!(page.causes.contains(&"profile_ip_app_enforce"));
        let page = explain("https://localhost:1717/OauthRedirect?error=OAUTH_APP_BLOCKED&error_description=this+app+is+blocked+by+admin").expect("a page");
        assert_eq!(page.causes[0], "app_blocked");
    }

    #[test]
    fn a_miss_offers_near_names() {
        assert_eq!(explain("user_not_preautorized"), None);
        assert_eq!(near("user_not_preautorized")[0], "user_not_preauthorized");
        assert!(near("oauth_flow_disable").contains(&"oauth_flow_disabled".to_owned()));
        assert!(near("").is_empty());
    }
}
