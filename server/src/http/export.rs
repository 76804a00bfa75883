//! The audit log as a file, streamed: it may be longer than memory.

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use domain::Fault;
use engine::Error;
use engine::act::Act;
use engine::audit::{Audit, Line, csv_head, csv_row, jsonl_row};
use futures_util::stream;

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
    let act = request.extensions().get::<Act>().cloned();
    let act = match act.map(|act| act.need(domain::people::Permission::ReadAudit).map(|()| act)) {
        Some(Ok(act)) => act,
        Some(Err(wrong)) => return fault::answer(&host.pages, request, wrong).await,
        None => {
            return fault::answer(&host.pages, request, Fault::forbidden("The request was not prepared."))
                .await;
        }
    };
    let head = head.map(|head| head()).transpose();
    let begin = (Some(0), head.map(Option::unwrap_or_default));
    let audit = host.house.audit.clone();
    let chunks = stream::try_unfold(begin, move |(after, head)| {
        let (audit, act) = (audit.clone(), act.clone());
        async move {
            let Some(after) = after else { return Ok(None) };
            let (text, next) = chunk(&audit, &act, after, head?, row).await?;
            Ok::<_, Error>(Some((Bytes::from(text), (next, Ok(String::new())))))
        }
    });
    let mut response = Response::new(Body::from_stream(chunks));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// Some lines as text, and the place to go on from; none at the end.
async fn chunk(
    audit: &Audit,
    act: &Act,
    after: i64,
    mut text: String,
    row: fn(&Line) -> Result<String, Error>,
) -> Result<(String, Option<i64>), Error> {
    let lines = audit.lines_after(act, after).await?;
    for line in &lines {
        text.push_str(&row(line)?);
    }
    Ok((text, lines.last().map(|line| line.seq)))
}
