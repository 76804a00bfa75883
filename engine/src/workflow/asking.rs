//! Asking others, whoever they are: what is to be asked, and what came back.

use domain::run::Mishap;
use serde_json::{Value, json};

use crate::model::{Talk, Talked};
use crate::outbound::{Call, Failed, Outbound, Reply};

/// Something to be asked.
pub enum Asking {
    Service(Box<Call>),
    Model(Box<Talk>),
}

/// What came back, with what a person may want to see of it.
pub enum Answer {
    Service { reply: Result<Reply, Failed>, shown: Value },
    Model(Box<Talked>),
}

impl Asking {
    /// Whom it is asked of, as breakers know them.
    pub fn dependency(&self) -> String {
        match self {
            Self::Service(call) => format!("host:{}", call.host()),
            Self::Model(talk) => format!("model:{}", talk.model.1.name),
        }
    }

    pub async fn ask(self, outbound: &Outbound) -> Answer {
        match self {
            Self::Service(call) => {
                let reply = outbound.call(&call).await;
                Answer::Service { reply, shown: call.shown }
            }
            Self::Model(talk) => Answer::Model(Box::new(talk.hold(outbound).await)),
        }
    }
}

impl Answer {
    /// Who was asked what, and what was said, as it is kept.
    pub fn detail(&self) -> Value {
        match self {
            Self::Service { reply, shown } => {
                json!({ "request": shown, "status": reply.as_ref().ok().map(|reply| reply.status) })
            }
            Self::Model(talked) => json!(talked.record),
        }
    }

    /// What went wrong through no fault of whoever has asked.
    pub fn trouble(&self) -> Option<&str> {
        match self {
            Self::Service { reply: Ok(reply), .. } => (!(200..300).contains(&reply.status)
                && reply.mishap().is_theirs())
            .then_some("It answers with an error."),
            Self::Service { reply: Err(Failed::Mishap(mishap, because)), .. } if mishap.is_theirs() => {
                Some(because)
            }
            Self::Service { .. } => None,
            Self::Model(talked) => match &talked.found {
                Err(missed) if missed.mishap.is_some_and(Mishap::is_theirs) => Some(&missed.because),
                _ => None,
            },
        }
    }

    /// What it has cost, in millionths of a dollar, whatever came of it.
    pub const fn cost(&self) -> Option<i64> {
        match self {
            Self::Service { .. } => None,
            Self::Model(talked) => talked.record.cost,
        }
    }
}
