//! Files of timesheets as they come in: bytes, and not text, so they go by a way of their own.

use app::timesheet::BRING;
use app::visit::{FormPage, Posted};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{MethodRouter, post};
use domain::{Fault, FaultKind};
use engine::Error;
use engine::act::Act;
use engine::timesheet::import::{MOST_FILES, Upload};

use super::{Host, fault, forms};

/// Where a form brings files.
pub fn route(host: &Host) -> MethodRouter<Host> {
    post(bring).fallback(forms::only_posted).layer(DefaultBodyLimit::max(host.options.upload_limit))
}

async fn bring(State(host): State<Host>, request: Request) -> Response {
    let wants_page = fault::wants_page(request.headers());
    let (parts, body) = request.into_parts();
    let act = parts.extensions.get::<Act>().cloned();
    let brought = match act {
        Some(act) => {
            let uploads = uploads(&host, Request::from_parts(parts.clone(), body)).await;
            match uploads {
                Ok(uploads) => Box::pin(host.house.timesheets.drop_files(&act, uploads)).await,
                Err(wrong) => Err(wrong.into()),
            }
        }
        None => Err(Fault::new(FaultKind::Internal, "The request was not prepared.").into()),
    };
    let error = match brought {
        Ok(id) => return Redirect::to(&format!("{BRING}/{id}")).into_response(),
        Err(error) => error,
    };
    let mut parts = parts;
    let request_id = parts.extensions.get::<Act>().map(|act| act.request_id.to_string());
    if !matches!(error, Error::Fault(_)) {
        tracing::error!(%error, request_id, "files could not be read");
    }
    let mut wrong = error.into_fault();
    wrong.request_id = wrong.request_id.or(request_id);
    if !wants_page {
        return fault::with_retry((fault::status(&wrong), axum::Json(&wrong)).into_response(), &wrong);
    }
    parts.extensions.insert(FormPage(BRING.to_owned()));
    let posted = Posted { action: "bring_files".to_owned(), values: Vec::new(), outcome: Err(wrong) };
    forms::shown_again(&host, parts, BRING, posted).await
}

/// The files of a form, whatever their fields are called.
pub async fn uploads(host: &Host, request: Request) -> Result<Vec<Upload>, Fault> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("multipart/form-data")) {
        return Err(Fault::new(FaultKind::WrongType, "Send the files as a form (multipart/form-data)."));
    }
    let broken = |error: axum::extract::multipart::MultipartError| {
        if error.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
            forms::too_large(host.options.upload_limit)
        } else {
            Fault::new(FaultKind::Malformed, "The upload broke off. Try again.")
        }
    };
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| forms::unreadable())?;
    let mut uploads = Vec::new();
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let Some(name) = field.file_name().map(str::to_owned) else { continue };
        if uploads.len() > MOST_FILES {
            return Err(Fault::new(FaultKind::TooLarge, format!("At most {MOST_FILES} files at once.")));
        }
        let content = field.bytes().await.map_err(broken)?.to_vec();
        uploads.push(Upload { name, content });
    }
    Ok(uploads)
}
