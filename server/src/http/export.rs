//! The audit log as a file, streamed: it may be longer than memory.

use std::collections::HashMap;

use app::audit::{Unclear, Wanted};
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::Uri;
use axum::response::Response;
use domain::people::Permission;
use domain::{Fault, FaultKind};
use engine::Error;
use engine::act::Act;
use engine::audit::{Audit, Filter, Line, csv_head, csv_row, jsonl_row};
use futures_util::stream;

use super::download::{asks, attachment};
use super::{Host, fault};

pub async fn csv(State(host): State<Host>, request: Request) -> Response {
    send(&host, request, "text/csv; charset=utf-8", "audit.csv", Some(csv_head), csv_row).await
}

pub async fn jsonl(State(host): State<Host>, request: Request) -> Response {
    send(&host, request, "application/jsonl", "audit.jsonl", None, jsonl_row).await
}

async fn send(
    host: &Host,
    request: Request,
    kind: &'static str,
    name: &str,
    head: Option<fn() -> Result<String, Error>>,
    row: fn(&Line) -> Result<String, Error>,
) -> Response {
    let (act, filter) = match wanted(host, asks(&request), request.uri().clone()).await {
        Ok(wanted) => wanted,
        Err(error) => return fault::log_and_answer(&host.pages, request, error).await,
    };
    let head = head.map(|head| head()).transpose();
    let begin = (Some(0), head.map(Option::unwrap_or_default));
    let audit = host.house.audit.clone();
    let chunks = stream::try_unfold(begin, move |(after, head)| {
        let (audit, act, filter) = (audit.clone(), act.clone(), filter.clone());
        async move {
            let Some(after) = after else { return Ok(None) };
            let made = match head {
                Ok(head) => chunk(&audit, &act, &filter, after, head, row).await,
                Err(error) => Err(error),
            };
            // Its beginning has been sent with a good status: breaking off is all that is left, and a word to the log.
            let (text, next) = made.inspect_err(|error| {
                tracing::error!(%error, request_id = %act.request_id, "an export broke off");
            })?;
            Ok::<_, Error>(Some((Bytes::from(text), (next, Ok(String::new())))))
        }
    });
    attachment(kind, name, Body::from_stream(chunks))
}

/// Who asks, and for which lines: the address says it as that of the page does.
async fn wanted(host: &Host, act: Result<Act, Fault>, address: Uri) -> Result<(Act, Filter), Error> {
    let act = act?;
    act.need(Permission::ReadAudit)?;
    let query = address.query().unwrap_or_default();
    let values: HashMap<String, String> = serde_html_form::from_str(query)
        .map_err(|_| Fault::new(FaultKind::Malformed, "The address of this export cannot be read."))?;
    let wanted = Wanted::read(|name| values.get(name).filter(|value| !value.contains('\0')).cloned());
    match wanted.filter(&act, &host.house.people).await? {
        Ok(filter) => Ok((act, filter)),
        Err(Unclear(why)) => Err(Fault::new(FaultKind::Invalid, why).into()),
    }
}

/// Some lines as text, and the place to go on from; none at the end.
async fn chunk(
    audit: &Audit,
    act: &Act,
    filter: &Filter,
    after: i64,
    mut text: String,
    row: fn(&Line) -> Result<String, Error>,
) -> Result<(String, Option<i64>), Error> {
    let lines = audit.lines_after(act, filter, after).await?;
    for line in &lines {
        text.push_str(&row(line)?);
    }
    Ok((text, lines.last().map(|line| line.seq)))
}
