//! Reports: a fold of scanned records into data ([`RunReport`]), and pure functions from it to text. No new facts, no I/O.

mod causes;
pub mod exit;
mod fold;
pub mod har;
pub mod html;
pub mod human;
pub mod json;
mod judgement;
pub mod junit;
mod kind;
pub mod markdown;
mod model;
mod place;
pub mod plain;
mod record;
#[cfg(test)]
pub(crate) mod sample;
mod scrub;
mod shapes;
mod style;
mod telling;
mod text;
mod verdicts;
mod words;

pub use causes::origin;
pub use fold::{fold, fold_advice};
pub use judgement::{JudgedCheck, Judgement};
pub use kind::{Rendered, ReportKind, ReportRequest, ReportRequestError, finish, render};
pub use model::{
    Advice, Candidate, CheckReport, DiagnosisReport, ExchangeReport, FaultReport, Fix, Mismatch,
    NextProbe, OutcomeReport, Pair, ReceivedReport, RuledOut, RunInfo, RunReport, SCHEMA_VERSION,
    ScenarioReport, SentReport, StandingReport, StepReport, Summary, UseReport,
};
pub use place::{host, place};
pub use record::millis;
pub use scrub::{Scan, WITHHELD, scrub, scrub_value};
pub use shapes::{REMOVED, remove_shapes, scan_shapes};
pub use style::Style;
pub use text::{count, one_line, wrap};
pub use verdicts::{Verdict, Verdicts};
pub use words::{Certainty, ErrorKind, Status, StepKind};
