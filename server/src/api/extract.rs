//! Reading requests strictly, and refusing them in words.

use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::{Fault, FaultKind};
use engine::Error;
use serde::de::DeserializeOwned;

use super::unread;
use crate::http::{Host, problem};

/// A route's way to say no.
pub struct Refusal(Error);

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self(fault.into())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        if !matches!(self.0, Error::Fault(_)) {
            // The span of the request names its id.
            tracing::error!(error = %self.0, "an API request failed");
        }
        refusal(self.0.into_fault())
    }
}

/// A problem document that leaves its fault beside it, for the layer that knows the id of the request.
pub fn refusal(fault: Fault) -> Response {
    let mut response = problem(&fault);
    response.extensions_mut().insert(fault);
    response
}

/// Who asks.
pub struct Act(pub engine::act::Act);

impl<S: Sync> FromRequestParts<S> for Act {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let act = parts.extensions.get::<engine::act::Act>().cloned();
        act.map(Self).ok_or_else(|| Fault::new(FaultKind::Internal, "The request was not prepared.").into())
    }
}

/// A JSON body that holds exactly what is known.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Host> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, host: &Host) -> Result<Self, Refusal> {
        let kind = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        if !kind.starts_with("application/json") {
            return Err(
                Fault::new(FaultKind::WrongType, "Send JSON, with Content-Type: application/json.").into()
            );
        }
        let bytes = Bytes::from_request(request, host).await.map_err(|rejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                let most = host.options.body_limit / 1024;
                Fault::new(
                    FaultKind::TooLarge,
                    format!("This is more than the {most} kB that are taken at once."),
                )
            } else {
                Fault::new(FaultKind::Malformed, "The body broke off.")
            }
        })?;
        Ok(Self(unread::read(&bytes)?))
    }
}

/// The query, holding exactly what is known.
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let Query(asked) = Query::from_request_parts(parts, state)
            .await
            .map_err(|rejection: QueryRejection| unread::query(&rejection.body_text()))?;
        Ok(Self(asked))
    }
}

/// What the path names; what cannot be read leads nowhere.
pub struct Named<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Named<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let nothing = |_| Fault::not_found("There is nothing at this address.");
        let Path(named) = Path::from_request_parts(parts, state).await.map_err(nothing)?;
        Ok(Self(named))
    }
}

/// An id in the path; one that is none leads nowhere.
pub fn id<T: std::str::FromStr>(text: &str) -> Result<T, Fault> {
    text.parse().map_err(|_| Fault::not_found("There is nothing with this id."))
}
