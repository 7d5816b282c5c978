//! Carries out the commands of the second door on the default org.

use http::header::{AUTHORIZATION, HOST, ORIGIN};
use http::{HeaderMap, HeaderName};

use super::names::Ports;
use super::rest::RestAnswer;
use super::rest::door::{
    DoorCommand, DoorFault, DoorFaultKind, DoorHeaders, DoorRefusal, LedgerLine, done, guard,
    ledger, parse, state,
};
use super::tenant::{FaultAt, FaultKind, Tenant};
use crate::model::AppId;
use crate::secret::Secret;

/// A request at the door: guarded first, then read, then carried out.
pub(super) async fn answer(
    tenant: &Tenant,
    ports: &Ports,
    token: &Secret,
    headers: &HeaderMap,
    request: (&str, &str, &[u8]),
) -> RestAnswer {
    let port = ports.admin.unwrap_or_default();
    let hosts = ["127.0.0.1", "localhost", "[::1]"].map(|name| format!("{name}:{port}"));
    let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
    let sent = DoorHeaders {
        host: single(headers, HOST),
        origin: single(headers, ORIGIN),
        has_origin: headers.contains_key(ORIGIN),
        authorization: single(headers, AUTHORIZATION),
    };
    let (method, path, body) = request;
    let command = guard(&sent, &hosts, token).and_then(|()| parse(method, path, body));
    let outcome = match command {
        Ok(command) => carry_out(tenant, command).await,
        Err(refusal) => Err(refusal),
    };
    outcome.unwrap_or_else(|refusal| refusal.render())
}

/// A header that came once and is text.
fn single(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut all = headers.get_all(name).iter();
    match (all.next(), all.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

async fn carry_out(tenant: &Tenant, command: DoorCommand) -> Result<RestAnswer, DoorRefusal> {
    match command {
        DoorCommand::Advance(span) => tenant.advance(span.unsigned_abs()).await,
        DoorCommand::Change { delta, app } => {
            let app = app_of(tenant, app.as_deref())?;
            tenant.change(&delta, app)?;
        }
        DoorCommand::Fault { at, kind, times } => {
            for _ in 0..times {
                let at = match at {
                    DoorFault::Token => FaultAt::Token,
                    DoorFault::Rest => FaultAt::Rest,
                };
                let kind = match kind {
                    DoorFaultKind::ServerError => FaultKind::ServerError,
                    DoorFaultKind::LostResponse => FaultKind::LostResponse,
                    DoorFaultKind::SessionExpired => FaultKind::SessionExpired,
                };
                tenant.fault(at, kind);
            }
        }
        DoorCommand::Hold(time) => tenant.hold_refreshes(time.unsigned_abs()),
        DoorCommand::Ledger => {
            let entries = tenant.ledger();
            return Ok(ledger(entries.iter().map(|entry| LedgerLine {
                at: entry.at,
                event: entry.event,
                verdict: entry.verdict,
                cause: entry.cause,
                lacking: &entry.lacking,
                stage: entry.stage,
                checks: &entry.checks,
            })));
        }
        DoorCommand::State => return Ok(tenant.look(|org, _| state(org, tenant.now()))),
    }
    Ok(done(tenant.now()))
}

fn app_of(tenant: &Tenant, name: Option<&str>) -> Result<AppId, DoorRefusal> {
    tenant.look(|state, _| match name {
        None => Ok(AppId(0)),
        Some(name) => state
            .app(name)
            .ok_or_else(|| DoorRefusal::no_app(name, state)),
    })
}
