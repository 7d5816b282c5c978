//! Reports: a fold of scanned records into data ([`RunReport`]), and pure functions from it to text. No new facts, no I/O.

pub mod exit;
mod model;
mod place;
mod record;
mod scrub;
mod shapes;
mod words;

pub use model::{
    Advice, Candidate, CheckReport, DiagnosisReport, ExchangeReport, FaultReport, Fix, Mismatch,
    NextProbe, OutcomeReport, Pair, ReceivedReport, RuledOut, RunInfo, RunReport, SCHEMA_VERSION,
    ScenarioReport, SentReport, StandingReport, StepReport, Summary, UseReport,
};
pub use place::{host, place};
pub use record::millis;
pub use scrub::{Scan, WITHHELD, scrub, scrub_value};
pub use shapes::{REMOVED, remove_shapes, scan_shapes};
pub use words::{Certainty, ErrorKind, Status, StepKind};
