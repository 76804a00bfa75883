//! Steps that ask a service: the request from what is known, and what is taken from the answer.

use std::time::Duration;

use domain::run::Mishap;
use domain::workflow::{Http, Method, Template};
use serde_json::{Value, json};

use super::expression::{self, Known, Scope};
use super::interpret::{Outcome, Why, compile_all, fraction, is_too_deep, object};
use super::schema::Schema;
use super::template;
use crate::outbound::{Call, Failed, Reply, Secrets};

/// A request ready to be made again and again.
pub struct PreparedHttp {
    method: Method,
    url: template::Compiled,
    headers: Vec<(String, template::Compiled)>,
    body: Vec<(String, expression::Compiled)>,
    idempotency: Option<template::Compiled>,
    accept: Vec<u16>,
    set: Vec<(String, expression::Compiled)>,
    confidence: Option<expression::Compiled>,
    output: Option<Schema>,
    timeout: Duration,
}

/// As much as services that keep such keys take.
const LONGEST_KEY: usize = 255;

/// The answer, as its expressions name it.
pub const RESPONSE: &str = "response";

impl PreparedHttp {
    pub fn new(http: &Http, timeout: Duration) -> Result<Self, String> {
        let headers = http
            .headers
            .iter()
            .map(|(name, Template(text))| Ok((name.clone(), template::Compiled::new(text)?)));
        Ok(Self {
            method: http.method,
            url: template::Compiled::new(&http.url.0)?,
            headers: headers.collect::<Result<_, String>>()?,
            body: compile_all(&http.body)?,
            idempotency: http.idempotency.as_ref().map(|it| template::Compiled::new(&it.0)).transpose()?,
            accept: http.accept.clone(),
            set: compile_all(&http.set)?,
            confidence: http.confidence.as_ref().map(|it| expression::Compiled::new(&it.0)).transpose()?,
            output: http.output.as_ref().map(Schema::new).transpose()?,
            timeout,
        })
    }

    /// The request; unless the definition says otherwise, `key` tells the other side which repetitions are the same.
    pub fn call(&self, known: &Known, scope: &Scope, secrets: &Secrets, key: String) -> Result<Call, String> {
        let url = self.url.fill(known, secrets).map_err(|why| format!("“url” cannot be filled in: {why}"))?;
        let (mut headers, mut shown) = (Vec::new(), serde_json::Map::new());
        for (name, template) in &self.headers {
            let filled = template
                .fill(known, secrets)
                .map_err(|why| format!("The header “{name}” cannot be filled in: {why}"))?;
            headers.push((name.clone(), filled.text));
            shown.insert(name.clone(), Value::String(filled.shown));
        }
        let names =
            self.headers.iter().flat_map(|(_, template)| template.secrets()).chain(self.url.secrets());
        let used = names.map(|name| secrets.get(name).map(str::to_owned)).collect::<Result<_, _>>()?;
        let body = match self.body.as_slice() {
            [] => None,
            fields => Some(
                object(fields, scope)
                    .map_err(|(name, why)| format!("“{name}” of the body has no value: {why}"))?,
            ),
        };
        let key = match &self.idempotency {
            None => key,
            Some(template) => own_key(template, known, secrets)?,
        };
        let mut shown = json!({ "method": self.method, "url": url.shown, "headers": shown, "body": body });
        if let Some(members) = shown.as_object_mut() {
            members.retain(|_, value| {
                !value.is_null() && value.as_object().is_none_or(|inner| !inner.is_empty())
            });
        }
        Ok(Call {
            method: self.method,
            url: url.text,
            headers,
            body: body.map(|body| body.to_string()),
            timeout: self.timeout,
            idempotency_key: key,
            shown,
            secrets: used,
        })
    }

    /// Which statuses are good; those from 200 to 299 if it says none.
    pub fn accept(&self) -> &[u16] {
        &self.accept
    }

    /// What the step comes to, given what came back.
    pub fn outcome(&self, known: &Known, answer: Result<&Reply, Failed>) -> Outcome {
        let reply = match answer {
            Ok(reply) => reply,
            Err(Failed::Wrong(because)) => return Outcome::faulty(because),
            Err(Failed::Mishap(mishap, because)) => return Outcome::mishap(mishap, because),
        };
        if !is_good(reply.status, &self.accept) {
            return Outcome::Failed {
                why: Why::Mishap { mishap: reply.mishap(), after: reply.after },
                because: format!("The answer has the status {}{}.", reply.status, reply.quoted()),
            };
        }
        self.taken(known, reply).unwrap_or_else(|because| Outcome::mishap(Mishap::Invalid, because))
    }

    fn taken(&self, known: &Known, reply: &Reply) -> Result<Outcome, String> {
        let response = json!({ "status": reply.status, "body": reply.body });
        if is_too_deep(&response) {
            return Err("The answer is nested too deeply.".to_owned());
        }
        let scope = Scope::of(known)?.with(RESPONSE, &response)?;
        let output = match self.set.as_slice() {
            [] => response,
            set => object(set, &scope).map_err(|(name, why)| {
                format!("“{name}” cannot be taken from the answer: {why}{}", reply.quoted())
            })?,
        };
        let faults = self.output.as_ref().map(|schema| schema.faults(&output)).unwrap_or_default();
        if let Some(first) = faults.first() {
            let place = if first.field.is_empty() { String::new() } else { format!("{}: ", first.field) };
            return Err(format!(
                "What was taken from the answer does not fit the schema: {place}{}.",
                first.message
            ));
        }
        let confidence = self.confidence.as_ref().map(|it| fraction("confidence", it, &scope)).transpose()?;
        Ok(Outcome::Success { output, confidence })
    }
}

/// The key that a definition names. It travels in a header.
fn own_key(template: &template::Compiled, known: &Known, secrets: &Secrets) -> Result<String, String> {
    let key = template
        .fill(known, secrets)
        .map_err(|why| format!("“idempotency” cannot be filled in: {why}"))?
        .text;
    let fits = (1..=LONGEST_KEY).contains(&key.len())
        && key.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    if fits {
        Ok(key)
    } else {
        Err(format!("“idempotency” must come to 1 to {LONGEST_KEY} plain characters, and comes to “{key}”."))
    }
}

/// Whether a status is one of those that are good.
pub(super) fn is_good(status: u16, accept: &[u16]) -> bool {
    if accept.is_empty() { (200..300).contains(&status) } else { accept.contains(&status) }
}
