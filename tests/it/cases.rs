//! Field cases: how often the confirmed cause is first, or among the first three; also with every clue dropped that rests on the case itself;
//! and what may not change a ranking.

use std::fs;
use std::path::Path;

use grantproof::cause::CauseId;
use grantproof::diagnosis::{
    Certainty, Clue, Diagnosis, clues, diagnose_report, diagnose_report_by, prior_rows,
};
use grantproof::evidence::{Report, from_case};

/// A case, and what was confirmed.
struct Case {
    id: String,
    text: String,
    source: String,
    cause: String,
    also: Vec<String>,
}

impl Case {
    fn report(&self) -> Report {
        from_case(&self.id, &self.text).expect("a case is read")
    }

    /// 1, 2, … for the place of the confirmed cause; `None` where it is not named.
    fn place(&self, found: &Diagnosis) -> Option<usize> {
        found
            .named()
            .position(|cause| cause.name() == self.cause)
            .map(|at| at + 1)
    }

    fn among_three(&self, found: &Diagnosis) -> bool {
        found.named().take(3).any(|cause| {
            cause.name() == self.cause || self.also.iter().any(|id| id == cause.name())
        })
    }
}

fn value_of<'t>(line: &'t str, key: &str) -> Option<&'t str> {
    let rest = line.strip_prefix(key)?.trim_start().strip_prefix('=')?;
    rest.trim().strip_prefix('"')?.strip_suffix('"')
}

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/cases");
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("the cases are there")
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "toml"))
        .collect();
    files.sort();
    files
        .into_iter()
        .map(|file| {
            let text = fs::read_to_string(&file).expect("readable");
            let (head, tail) = text.split_once("\n[cause]").expect("a confirmed cause");
            let ids: Vec<String> = tail
                .lines()
                .filter_map(|line| value_of(line, "id"))
                .map(str::to_owned)
                .collect();
            let (cause, also) = ids.split_first().expect("an id");
            Case {
                id: file
                    .file_stem()
                    .expect("a name")
                    .to_string_lossy()
                    .into_owned(),
                source: head
                    .lines()
                    .find_map(|line| value_of(line, "source"))
                    .expect("a source")
                    .to_owned(),
                cause: cause.clone(),
                also: also.to_vec(),
                text,
            }
        })
        .collect()
}

fn share(part: usize, whole: usize) -> f64 {
    f64::from(u32::try_from(part).expect("few")) / f64::from(u32::try_from(whole).expect("few"))
}

/// Squared distance of the weights from the truth, unlisted causes taken as zero.
fn brier(case: &Case, found: &Diagnosis) -> f64 {
    let truth = found
        .candidates
        .iter()
        .find(|one| one.cause.name() == case.cause)
        .map_or(0.0, |one| one.weight);
    let others: f64 = found
        .candidates
        .iter()
        .filter(|one| one.cause.name() != case.cause)
        .map(|one| one.weight * one.weight)
        .sum();
    (1.0 - truth).powi(2) + others
}

#[test]
#[expect(clippy::print_stdout, reason = "the figures are for people")]
fn the_confirmed_cause_is_first_or_among_the_first_three() {
    let cases = cases();
    let (mut first, mut three, mut squared) = (0, 0, 0.0);
    let (mut first_left_out, mut three_left_out, mut squared_left_out) = (0, 0, 0.0);
    for case in &cases {
        let report = case.report();
        let found = diagnose_report(&report);
        first += usize::from(case.place(&found) == Some(1));
        three += usize::from(case.among_three(&found));
        squared += brier(case, &found);
        let rests_on_it = |clue: &Clue| clue.source.contains(&case.source);
        let found = diagnose_report_by(&report, &|clue| !rests_on_it(clue));
        first_left_out += usize::from(case.place(&found) == Some(1));
        three_left_out += usize::from(case.among_three(&found));
        squared_left_out += brier(case, &found);
    }
    let count = cases.len();
    let n = f64::from(u32::try_from(count).expect("few"));
    println!(
        "{count} cases: first {:.3}, among three {:.3}, Brier {:.3}; \
         left out: first {:.3}, among three {:.3}, Brier {:.3}; {} clues, {} priors",
        share(first, count),
        share(three, count),
        squared / n,
        share(first_left_out, count),
        share(three_left_out, count),
        squared_left_out / n,
        clues().len(),
        prior_rows(),
    );
    assert!(share(first, count) >= 0.85, "{first} of {count} first");
    assert!(
        share(three, count) >= 0.96,
        "{three} of {count} among three"
    );
}

/// What counts of a ranking.
fn ranking(found: &Diagnosis) -> Vec<&'static str> {
    found.named().map(CauseId::name).collect()
}

#[test]
fn names_and_unrelated_facts_change_no_ranking() {
    for case in cases() {
        let report = case.report();
        let before = ranking(&diagnose_report(&report));
        let mut renamed = report.clone();
        renamed.id = Some("another".to_owned());
        "another".clone_into(&mut renamed.input);
        assert_eq!(ranking(&diagnose_report(&renamed)), before, "{}", case.id);
        let other_names = case
            .text
            .replace("<mydomain>", "<other>")
            .replace("<org>", "<elsewhere>")
            .replace("Mass_Action", "Another_Provider");
        let other = from_case(&case.id, &other_names).expect("a case");
        assert_eq!(ranking(&diagnose_report(&other)), before, "{}", case.id);
        let mut more = report;
        more.sheet.learn("facts.weather", "rain");
        assert_eq!(ranking(&diagnose_report(&more)), before, "{}", case.id);
    }
}

#[test]
fn a_field_less_makes_nobody_surer() {
    for case in cases() {
        let report = case.report();
        let before = diagnose_report(&report);
        let sure_before: Vec<_> = before
            .candidates
            .iter()
            .filter(|one| one.certainty >= Certainty::Implied)
            .map(|one| one.cause)
            .collect();
        let keys: Vec<String> = report.sheet.iter().map(|(key, _)| key.to_owned()).collect();
        for key in keys {
            let mut less = report.clone();
            less.sheet.forget(&key);
            let after = diagnose_report(&less);
            for one in &after.candidates {
                assert!(
                    one.certainty < Certainty::Implied
                        || sure_before.contains(&one.cause)
                        || one.cause.name() == case.cause,
                    "{} without {key}: {} is {}",
                    case.id,
                    one.cause,
                    one.certainty.name()
                );
            }
            // What is ruled out stays so only by another field.
            for gone in &before.ruled_out {
                assert!(!gone.evidence.is_empty(), "{}: {}", case.id, gone.cause);
            }
        }
    }
}
