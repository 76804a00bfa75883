//! The net under everything: a request whose handling panicked is answered all the same.

use std::any::Any;
use std::panic::AssertUnwindSafe;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use domain::{Fault, FaultKind};
use engine::act::Act;
use futures_util::FutureExt;

use super::{Host, fault};

const MESSAGE: &str = "This was a mistake of ours, and it is in our log. Look whether what you did was saved before you \
                       try it again.";

pub async fn caught(State(host): State<Host>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let asked = Request::from_parts(parts.clone(), Body::empty());
    // Nothing of a request outlives it but what is behind locks, and those are not held across a panic.
    match AssertUnwindSafe(next.run(Request::from_parts(parts, body))).catch_unwind().await {
        Ok(response) => response,
        Err(panic) => {
            let request_id = asked.extensions().get::<Act>().map(|act| act.request_id.to_string());
            tracing::error!(panic = words(panic.as_ref()), request_id, "a request panicked");
            let mut internal = Fault::new(FaultKind::Internal, MESSAGE);
            internal.request_id = request_id;
            // If it was the page that panicked, its like may do so again; a document is made of nothing.
            let page =
                AssertUnwindSafe(fault::answer(&host.pages, asked, internal.clone())).catch_unwind().await;
            page.unwrap_or_else(|_| fault::document(&internal))
        }
    }
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a word")
}
