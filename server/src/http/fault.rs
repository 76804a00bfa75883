//! Faults on their way out: a page for people, a document for programs.

use app::shell::Refused;
use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::{Fault, FaultKind};
use engine::Error;
use engine::act::Act;

use super::Pages;

/// Whether whoever asks would rather have a page.
pub fn wants_page(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}

pub fn status(fault: &Fault) -> StatusCode {
    StatusCode::from_u16(fault.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Answers a request with a fault instead of what it asked for.
pub async fn answer(pages: &Pages, request: Request, mut fault: Fault) -> Response {
    let id = request.extensions().get::<Act>().map(|act| act.request_id.to_string());
    fault.request_id = fault.request_id.or(id);
    if wants_page(request.headers()) && !request.uri().path().starts_with("/api/v1/") {
        let (mut parts, _) = request.into_parts();
        parts.extensions.insert(Refused(fault.clone()));
        with_retry(pages.render(parts).await, &fault)
    } else {
        document(&fault)
    }
}

/// As [`answer`], for what only the operator should read in full.
pub async fn log_and_answer(pages: &Pages, request: Request, error: Error) -> Response {
    if !matches!(error, Error::Fault(_)) {
        let request_id = request.extensions().get::<Act>().map(|act| act.request_id.to_string());
        tracing::error!(%error, request_id, "a request failed");
    }
    answer(pages, request, error.into_fault()).await
}

/// A problem document (RFC 9457).
pub fn document(fault: &Fault) -> Response {
    let body = serde_json::json!({
        "type": "about:blank",
        "title": fault.kind.title(),
        "status": fault.kind.status(),
        "detail": fault.message,
        "kind": fault.kind,
        "errors": fault.fields,
        "request_id": fault.request_id,
    });
    let mut response = (status(fault), Json(body)).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if fault.kind == FaultKind::SignedOut {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    with_retry(response, fault)
}

/// Says when to come back, where that is known.
pub fn with_retry(mut response: Response, fault: &Fault) -> Response {
    if let Some(seconds) = fault.retry_after_s {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
