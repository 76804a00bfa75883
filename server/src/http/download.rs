//! What leaves as a file.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use domain::{Fault, FaultKind};
use engine::act::Act;

/// Who asks for it.
pub fn asks(request: &Request) -> Result<Act, Fault> {
    let act = request.extensions().get().cloned();
    act.ok_or_else(|| Fault::new(FaultKind::Internal, "The request was not prepared."))
}

/// A file of this kind, which the browser keeps under this name.
pub fn attachment(kind: &'static str, name: &str, content: impl Into<Body>) -> Response {
    let mut response = Response::new(content.into());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}
