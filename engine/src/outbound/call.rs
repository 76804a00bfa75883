use std::time::Duration;

use domain::run::Mishap;
use domain::workflow::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Response, StatusCode, Url};
use serde_json::Value;

use super::Outbound;
use super::guard::Private;
use super::secrets::MASK;

/// The most of an answer that is read.
const LARGEST_ANSWER: usize = 1024 * 1024;

/// The longest time a service may ask us to stay away.
const LONGEST_AWAY: Duration = Duration::from_hours(1);

/// A request, with everything filled in.
#[derive(Clone)]
pub struct Call {
    pub method: Method,
    pub url: String,
    pub headers: Vec<(String, String)>,
    /// JSON, as it is sent.
    pub body: Option<String>,
    pub timeout: Duration,
    /// What the other side knows a repetition of the same by.
    pub idempotency_key: String,
    /// As it may be shown: without secrets.
    pub shown: Value,
    /// The secrets in it: an answer may echo them, and is kept and shown.
    pub secrets: Vec<String>,
}

/// An answer, whatever its status.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    /// JSON if it is, else text; null if there is nothing.
    pub body: Value,
    /// When the other side wants to be asked again.
    pub after: Option<Duration>,
}

/// Why there was no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failed {
    /// Trying again may help.
    Mishap(Mishap, String),
    /// The call itself is wrong.
    Wrong(String),
}

impl Call {
    /// Whom it goes to; the whole address if it cannot be told.
    pub fn host(&self) -> String {
        let Ok(url) = Url::parse(&self.url) else { return self.url.clone() };
        let host = url.host_str().unwrap_or_default();
        url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }
}

impl Outbound {
    pub async fn call(&self, call: &Call) -> Result<Reply, Failed> {
        let url = Url::parse(&call.url)
            .map_err(|error| Failed::Wrong(format!("The URL cannot be read: {error}.")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Failed::Wrong(format!(
                "The URL begins with {}, and not with http or https.",
                url.scheme()
            )));
        }
        let host = url.host_str().unwrap_or_default();
        self.allowed.check(host).map_err(|private| Failed::Wrong(private.to_string()))?;
        let method = match call.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Patch => reqwest::Method::PATCH,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut request = self.client.request(method, url).timeout(call.timeout).headers(headers(call)?);
        if let Some(body) = &call.body {
            request = request.body(body.clone());
        }
        let response = request.send().await.map_err(|error| failed(&error))?;
        read(response, &call.secrets).await
    }
}

fn headers(call: &Call) -> Result<HeaderMap, Failed> {
    let mut headers = HeaderMap::new();
    if call.body.is_some() {
        headers.insert(reqwest::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    let ours = [("accept".to_owned(), "application/json, text/*;q=0.5".to_owned())];
    let key = ("idempotency-key".to_owned(), call.idempotency_key.clone());
    for (name, value) in ours.iter().chain([&key]).chain(&call.headers) {
        let parsed = HeaderName::try_from(name.as_str()).ok().zip(HeaderValue::try_from(value.as_str()).ok());
        // The value may hold a secret.
        let (key, value) =
            parsed.ok_or_else(|| Failed::Wrong(format!("The header “{name}” holds what no header may.")))?;
        headers.insert(key, value);
    }
    Ok(headers)
}

async fn read(mut response: Response, secrets: &[String]) -> Result<Reply, Failed> {
    let (status, after) = (response.status(), retry_after(&response));
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|error| failed(&error))? {
        body.extend_from_slice(&piece);
        if body.len() > LARGEST_ANSWER {
            let most = LARGEST_ANSWER / 1024;
            return Err(Failed::Mishap(Mishap::Invalid, format!("The answer has more than {most} kB.")));
        }
    }
    let text = masked(String::from_utf8_lossy(&body).into_owned(), secrets);
    let body = match serde_json::from_str(&text) {
        Ok(value) => value,
        Err(_) if text.trim().is_empty() => Value::Null,
        Err(_) => Value::String(text),
    };
    Ok(Reply { status: status.as_u16(), body, after })
}

/// An answer without the secrets it was asked with, as they are and as they stand in URLs and in JSON.
fn masked(text: String, secrets: &[String]) -> String {
    secrets.iter().filter(|secret| !secret.is_empty()).fold(text, |text, secret| {
        let quoted = Value::from(secret.as_str()).to_string();
        let in_url = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
        [secret.as_str(), quoted.trim_matches('"'), &in_url]
            .iter()
            .fold(text, |text, secret| if text.contains(secret) { text.replace(secret, MASK) } else { text })
    })
}

/// Only in seconds: the other form is a time of a clock that may not be ours.
fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_AWAY))
}

fn failed(error: &reqwest::Error) -> Failed {
    if let Some(private) = private(error) {
        return Failed::Wrong(private);
    }
    if error.is_timeout() {
        return Failed::Mishap(Mishap::Timeout, "The answer took too long.".to_owned());
    }
    if error.is_connect() {
        return Failed::Mishap(Mishap::Network, format!("There is no connection: {}.", innermost(error)));
    }
    Failed::Mishap(Mishap::Network, format!("The connection broke off: {}.", innermost(error)))
}

fn private(error: &reqwest::Error) -> Option<String> {
    let mut next: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = next {
        if let Some(private) = error.downcast_ref::<Private>() {
            return Some(private.to_string());
        }
        next = error.source();
    }
    None
}

/// What it comes down to: the outer errors only say where.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut inner = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}

impl Reply {
    /// The beginning of what it says, behind a colon, for a message about an answer that was not what it should be.
    pub fn quoted(&self) -> String {
        const MOST: usize = 200;
        let text = match &self.body {
            Value::Null => return String::new(),
            Value::String(text) => text.trim().to_owned(),
            other => other.to_string(),
        };
        let shown: String = text.chars().take(MOST).collect();
        let more = if shown.len() < text.len() { "…" } else { "" };
        format!(": {shown}{more}")
    }

    /// What its status says, if that is none of a good answer.
    pub fn mishap(&self) -> Mishap {
        match StatusCode::from_u16(self.status) {
            Ok(StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) => Mishap::Busy,
            Ok(StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT) => Mishap::Timeout,
            Ok(status) if status.is_server_error() => Mishap::Server,
            _ => Mishap::Refused,
        }
    }
}
