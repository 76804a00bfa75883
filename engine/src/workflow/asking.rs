//! Asking others, whoever they are: what is to be asked, and what came back.

use std::time::Duration;

use domain::run::Mishap;
use serde_json::{Value, json};

use super::interpret::Outcome;
use crate::Error;
use crate::job::{Job, Jobs};
use crate::model::{Talk, Talked};
use crate::outbound::{Call, Failed, Outbound, Reply};

/// Something to be asked.
pub enum Asking {
    Service(Box<Call>),
    Model(Box<Talk>),
    /// Work of the product itself, and how long it may take.
    Job(Job, Duration),
}

/// What came back, with what a person may want to see of it.
pub enum Answer {
    Service { reply: Result<Reply, Failed>, shown: Value },
    Model(Box<Talked>),
    Job(Outcome),
}

impl Asking {
    /// Whom it is asked of, as breakers know them.
    pub fn dependency(&self) -> String {
        match self {
            Self::Service(call) => format!("host:{}", call.host()),
            Self::Model(talk) => format!("model:{}", talk.model.1.name),
            Self::Job(job, _) => format!("job:{}", job.word()),
        }
    }

    /// Nobody does jobs of the product where there are none to do them.
    pub async fn ask(self, outbound: &Outbound, jobs: Option<&Jobs>) -> Answer {
        match self {
            Self::Service(call) => {
                let reply = outbound.call(&call).await;
                Answer::Service { reply, shown: call.shown }
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
            Self::Service { reply, shown } => {
                json!({ "request": shown, "status": reply.as_ref().ok().map(|reply| reply.status) })
            }
            Self::Model(talked) => json!(talked.record),
            Self::Job(_) => Value::Null,
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
            Self::Service { .. } | Self::Job(_) => None,
            Self::Model(talked) => match &talked.found {
                Err(missed) if missed.mishap.is_some_and(Mishap::is_theirs) => Some(&missed.because),
                _ => None,
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
