//! A request that takes too long is answered all the same.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use domain::{Fault, FaultKind};

use super::{Host, fault};

pub async fn within(State(host): State<Host>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let asked = Request::from_parts(parts.clone(), Body::empty());
    match tokio::time::timeout(host.options.timeout, next.run(Request::from_parts(parts, body))).await {
        Ok(response) => response,
        Err(_) => {
            let message =
                "This took too long and was given up. Look whether it was done before you try again.";
            fault::answer(&host.pages, asked, Fault::new(FaultKind::Unavailable, message)).await
        }
    }
}
