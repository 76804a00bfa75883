//! Timesheets as a table, streamed: they may be longer than memory.

use std::collections::HashMap;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use domain::{Fault, FaultKind};
use engine::Error;
use engine::act::Act;
use engine::timesheet::{Place, Wanted};
use futures_util::stream;

use super::download::{asks, attachment};
use super::{Host, fault};

pub async fn csv(State(host): State<Host>, request: Request) -> Response {
    let timesheets = host.house.timesheets.clone();
    let begun = wanted(&request).and_then(|(act, wanted)| Ok((timesheets.begin_export(&act)?, act, wanted)));
    let ((head, place), act, wanted) = match begun {
        Ok(begun) => begun,
        Err(error) => return fault::log_and_answer(&host.pages, request, error).await,
    };
    let name = format!("timesheets-{}-{}.csv", wanted.from, wanted.until);
    let chunks = stream::try_unfold((head, Some(place)), move |(text, place): (String, Option<Place>)| {
        let (timesheets, act, wanted) = (timesheets.clone(), act.clone(), wanted.clone());
        async move {
            if !text.is_empty() {
                return Ok(Some((Bytes::from(text), (String::new(), place))));
            }
            let Some(place) = place else { return Ok(None) };
            // Its beginning has been sent with a good status: breaking off is all that is left, and a word to the log.
            let (text, next) = timesheets.export(&act, &wanted, &place).await.inspect_err(|error| {
                tracing::error!(%error, request_id = %act.request_id, "an export broke off");
            })?;
            Ok::<_, Error>(Some((Bytes::from(text), (String::new(), next))))
        }
    });
    attachment("text/csv; charset=utf-8", &name, Body::from_stream(chunks))
}

/// Who asks, and for which lines.
fn wanted(request: &Request) -> Result<(Act, Wanted), Error> {
    let values: HashMap<String, String> =
        serde_html_form::from_str(request.uri().query().unwrap_or_default())
            .map_err(|_| Fault::new(FaultKind::Malformed, "The address of this export cannot be read."))?;
    let value = |name: &str| values.get(name).map(String::as_str).unwrap_or_default();
    let wanted = Wanted::parse(value("from"), value("until"), value("project"))?;
    Ok((asks(request)?, wanted))
}
