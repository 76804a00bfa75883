//! Asking others, whoever they are: what is to be asked, and what came back.

use std::time::Duration;

use domain::run::Mishap;
use serde_json::{Value, json};

use super::http::is_good;
use super::interpret::Outcome;
use crate::Error;
use crate::gate::Heard;
use crate::job::{Job, Jobs};
use crate::model::{Talk, Talked};
use crate::outbound::{Call, Failed, Outbound, Reply};

/// Something to be asked.
pub enum Asking {
    Service {
        call: Box<Call>,
        /// Which statuses are good, if not those from 200 to 299.
        accept: Vec<u16>,
    },
    Model(Box<Talk>),
    /// Work of the product itself, and how long it may take.
    Job(Job, Duration),
}

/// What came back, with what a person may want to see of it.
pub enum Answer {
    Service { reply: Result<Reply, Failed>, shown: Value, accept: Vec<u16> },
    Model(Box<Talked>),
    Job(Outcome),
}

impl Asking {
    /// Whom it is asked of, as breakers know them.
    pub fn dependency(&self) -> String {
        match self {
            Self::Service { call, .. } => format!("host:{}", call.host()),
            Self::Model(talk) => format!("model:{}", talk.model.1.name),
            Self::Job(job, _) => format!("job:{}", job.word()),
        }
    }

    /// Nobody does jobs of the product where there are none to do them.
    pub async fn ask(self, outbound: &Outbound, jobs: Option<&Jobs>) -> Answer {
        match self {
            Self::Service { call, accept } => {
                let reply = outbound.call(&call).await;
                Answer::Service { reply, shown: call.shown, accept }
            }
            Self::Model(talk) => Answer::Model(Box::new(talk.hold(outbound).await)),
            Self::Job(job, within) => Answer::Job(done(job, within, jobs).await),
        }
    }
}

impl Answer {
    /// Who was asked what, and what was said, as it is kept.
    pub fn detail(&self) -> Value {
        match self {
            Self::Service { reply, shown, .. } => {
                json!({ "request": shown, "status": reply.as_ref().ok().map(|reply| reply.status) })
            }
            Self::Model(talked) => json!(talked.record),
            Self::Job(_) => Value::Null,
        }
    }

    /// What it says of whoever was asked.
    pub fn heard(&self) -> Heard<'_> {
        match self {
            Self::Service { reply, accept, .. } => Heard::of(reply, |status| is_good(status, accept)),
            Self::Job(_) => Heard::Nothing,
            Self::Model(talked) => match &talked.found {
                Ok(_) => Heard::Well,
                Err(missed) => match missed.mishap {
                    Some(mishap) if mishap.is_theirs() => Heard::Trouble(&missed.because),
                    Some(_) => Heard::Well,
                    // It was not even asked.
                    None => Heard::Nothing,
                },
            },
        }
    }

    /// What it has cost, in millionths of a dollar, whatever came of it.
    pub const fn cost(&self) -> Option<i64> {
        match self {
            Self::Service { .. } | Self::Job(_) => None,
            Self::Model(talked) => talked.record.cost,
        }
    }
}

/// What a job comes to. What is wrong with the product or its data is wrong whoever tries; a database that is away is not.
async fn done(job: Job, within: Duration, jobs: Option<&Jobs>) -> Outcome {
    let Some(jobs) = jobs else {
        return Outcome::faulty(format!("A server would have to do the job {}.", job.word()));
    };
    match tokio::time::timeout(within, jobs.run(job)).await {
        Ok(Ok(output)) => Outcome::Success { output, confidence: None },
        Ok(Err(Error::Fault(fault))) => Outcome::faulty(fault.message),
        Ok(Err(error)) => Outcome::mishap(Mishap::Server, error.to_string()),
        Err(_) => Outcome::mishap(Mishap::Timeout, "It took longer than it may.".to_owned()),
    }
}
