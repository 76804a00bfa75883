//! What travels between a browser and the server functions.

use domain::{Fault, FaultKind};
use leptos::prelude::*;
use leptos::server_fn::codec::JsonEncoding;
use serde::{Deserialize, Serialize};

/// How a server function fails: the fault in words a person reads, and nothing else. What an operator should see has
/// been logged before this is made.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Failure(pub Fault);

impl FromServerFnError for Failure {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        Self(match error {
            ServerFnErrorErr::Request(_) => Fault::new(
                FaultKind::Unavailable,
                "The server cannot be reached. Check your connection and try again.",
            ),
            ServerFnErrorErr::Args(why) | ServerFnErrorErr::MissingArg(why) => {
                Fault::new(FaultKind::Invalid, format!("The form was not complete: {why}."))
            }
            ServerFnErrorErr::Deserialization(_) => {
                Fault::new(FaultKind::Invalid, "The form could not be read. Reload the page and try again.")
            }
            _ => Fault::new(FaultKind::Internal, "Something went wrong on our side."),
        })
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self(fault)
    }
}

#[cfg(feature = "ssr")]
impl Failure {
    /// See [`Fault::gathered_at`].
    #[must_use]
    pub fn gathered_at(self, field: &str) -> Self {
        Self(self.0.gathered_at(field))
    }
}

#[cfg(feature = "ssr")]
impl From<engine::Error> for Failure {
    fn from(error: engine::Error) -> Self {
        let request_id = crate::visit::request_id();
        if !matches!(error, engine::Error::Fault(_)) {
            tracing::error!(%error, %request_id, "a request failed");
        }
        let mut fault = error.into_fault();
        fault.request_id = Some(request_id);
        Self(fault)
    }
}
