//! The two APIs, and the manners one can ask for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::stream;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::answer::{Answer, Question, schema_in};
use crate::chance::chance;
use crate::oddity::Oddity;

/// How long it is silent when it is late.
const LATE: Duration = Duration::from_mins(1);

/// Questions whose repetitions are counted; beyond that, it begins anew.
const MOST_KNOWN: usize = 100_000;

/// How it behaves, by chance: each a share of all questions from 0 to 1.
#[derive(Clone, Copy, Debug, Default)]
pub struct Manners {
    /// How long it thinks before each answer.
    pub delay: Duration,
    /// Answers that are no JSON.
    pub bad_json: f64,
    /// Questions it leaves unanswered until whoever asks gives up.
    pub time_outs: f64,
    /// Questions it puts off.
    pub busy: f64,
    /// Answers that are wrong.
    pub drift: f64,
    /// Another seed is another chance.
    pub seed: u64,
}

#[derive(Clone)]
struct Desk {
    manners: Manners,
    /// How often each question was asked: what went wrong by chance goes right when it is asked again.
    asked: Arc<Mutex<HashMap<String, u64>>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Api {
    OpenAi,
    Anthropic,
}

/// Answers until it is dropped.
pub async fn serve(listener: TcpListener, manners: Manners) -> std::io::Result<()> {
    let desk = Desk { manners, asked: Arc::default() };
    let router = Router::new()
        .route("/healthz", get(|| async { "a stand-in for a model" }))
        .route(
            "/v1/models",
            get(|| async { Json(json!({ "data": [{ "id": "stand-in", "object": "model" }] })) }),
        )
        .route("/v1/chat/completions", post(openai))
        .route("/v1/messages", post(anthropic))
        .with_state(desk);
    axum::serve(listener, router).await
}

async fn openai(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> Response {
    desk.answer(Api::OpenAi, &headers, &body).await
}

async fn anthropic(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> Response {
    desk.answer(Api::Anthropic, &headers, &body).await
}

impl Desk {
    async fn answer(&self, api: Api, headers: &HeaderMap, body: &[u8]) -> Response {
        let Ok(body) = serde_json::from_slice::<Value>(body) else {
            return refusal(StatusCode::BAD_REQUEST, "The body is not JSON.");
        };
        let told = |role: &str| -> Vec<&str> {
            let messages = body.get("messages").and_then(Value::as_array);
            let of_role = messages.into_iter().flatten().filter(|message| message["role"] == role);
            of_role.filter_map(|message| message["content"].as_str()).collect()
        };
        let Some(text) = told("user").first().copied() else {
            return refusal(StatusCode::BAD_REQUEST, "There is no message of a user.");
        };
        let system = body.get("system").and_then(Value::as_str).or_else(|| told("system").first().copied());
        let mends = !told("assistant").is_empty();
        let again = self.again(&body.to_string());
        let oddity = Oddity::of_model(body["model"].as_str().unwrap_or_default());
        let oddity = oddity
            .or_else(|| self.by_chance(text, again))
            .filter(|oddity| *oddity != Oddity::UnfitOnce || !mends);
        tokio::time::sleep(self.manners.delay).await;

        let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok()).unwrap_or_default();
        let wavers = oddity == Some(Oddity::Wavering) && chance(self.manners.seed, "wavering", key) < 0.5;
        let drifted = wavers || chance(self.manners.seed, "drift", text) < self.manners.drift;
        let schema = schema_in(&body, system.unwrap_or_default());
        let Answer { text: said, sure } =
            Question { text, schema, seed: self.manners.seed, drifted }.answer();
        let good = |said: &str, reason: &str| envelope(api, &body, said, sure, reason);
        match oddity {
            Some(Oddity::Html) => html(),
            Some(Oddity::Nothing) => StatusCode::OK.into_response(),
            Some(Oddity::Huge) => Json(good(&"x".repeat(10 * 1024 * 1024), "stop")).into_response(),
            Some(Oddity::Half) => half(&good(&said, "stop").to_string()),
            Some(Oddity::Late) => {
                tokio::time::sleep(LATE).await;
                Json(good(&said, "stop")).into_response()
            }
            Some(Oddity::Busy) => {
                let mut refusal = refusal(StatusCode::TOO_MANY_REQUESTS, "Come back in a second.");
                refusal.headers_mut().insert("retry-after", axum::http::HeaderValue::from_static("1"));
                refusal
            }
            Some(Oddity::Error) => refusal(StatusCode::INTERNAL_SERVER_ERROR, "Something broke."),
            Some(Oddity::Forbidden) => refusal(StatusCode::FORBIDDEN, "This key may not use this model."),
            Some(Oddity::Fenced) => Json(good(&format!("```json\n{said}\n```"), "stop")).into_response(),
            Some(Oddity::BadJson) => Json(good(&said[..boundary(&said)], "stop")).into_response(),
            Some(Oddity::Unfit | Oddity::UnfitOnce) => {
                Json(good("{\"this\": \"does not fit\"}", "stop")).into_response()
            }
            Some(Oddity::Cut) => Json(good(&said[..boundary(&said)], "length")).into_response(),
            Some(Oddity::Refusal) => Json(
                json!({ "choices": [{ "message": { "content": null, "refusal": "I would rather not." } }],
                    "stop_reason": "refusal", "content": [] }),
            )
            .into_response(),
            Some(Oddity::Wavering) | None => Json(good(&said, "stop")).into_response(),
        }
    }

    /// How often the same was asked before.
    fn again(&self, question: &str) -> u64 {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.len() >= MOST_KNOWN {
            asked.clear();
        }
        let count = asked.entry(question.to_owned()).or_default();
        *count += 1;
        *count - 1
    }

    fn by_chance(&self, text: &str, again: u64) -> Option<Oddity> {
        let Manners { bad_json, time_outs, busy, seed, .. } = self.manners;
        let shares = [(Oddity::BadJson, bad_json), (Oddity::Late, time_outs), (Oddity::Busy, busy)];
        let drawn = chance(seed.wrapping_add(again), "oddity", text);
        let mut below = 0.0;
        shares.into_iter().find_map(|(oddity, share)| {
            below += share;
            (drawn < below).then_some(oddity)
        })
    }
}

/// The answer as its API sends it.
fn envelope(api: Api, body: &Value, said: &str, sure: f64, reason: &str) -> Value {
    // Four letters are a token, one with another.
    let tokens = |text: usize| text.div_ceil(4);
    let (read, written) = (tokens(body.to_string().len()), tokens(said.len()));
    if api == Api::Anthropic {
        let reason = if reason == "length" { "max_tokens" } else { "end_turn" };
        return json!({
            "type": "message", "role": "assistant", "model": body["model"], "stop_reason": reason,
            "content": [{ "type": "text", "text": said }],
            "usage": { "input_tokens": read, "output_tokens": written },
        });
    }
    let logprobs = body["logprobs"].as_bool().unwrap_or_default().then(|| {
        let words = said.split_inclusive(' ').map(|word| json!({ "token": word, "logprob": sure.ln() }));
        json!({ "content": words.collect::<Vec<_>>() })
    });
    json!({
        "object": "chat.completion", "model": body["model"],
        "choices": [{ "index": 0, "message": { "role": "assistant", "content": said }, "logprobs": logprobs,
                      "finish_reason": reason }],
        "usage": { "prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written },
    })
}

fn refusal(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "error": { "message": message } }))).into_response()
}

fn html() -> Response {
    let page = "<!doctype html><title>502 Bad Gateway</title><h1>502 Bad Gateway</h1>";
    ([("content-type", "text/html")], page).into_response()
}

/// Sends half of it, and hangs up.
fn half(whole: &str) -> Response {
    let first = Bytes::copy_from_slice(&whole.as_bytes()[..whole.len() / 2]);
    let pieces = [Ok(first), Err(std::io::Error::other("hung up"))];
    Body::from_stream(stream::iter(pieces)).into_response()
}

/// The middle of a text, where it can be cut.
fn boundary(text: &str) -> usize {
    (0..=text.len() / 2).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}
