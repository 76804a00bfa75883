//! Items as lines of JSON, however long the stream: a few hundred are started at a time, and answered as soon as they are,
//! so that whatever happens to the stream, what was started is known.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::{Fault, FaultKind};
use engine::act::Act;
use engine::run::Start;
use futures_util::{StreamExt, stream};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::time::timeout;

use super::run_views::{ItemView, StartBody};
use super::runs::several;
use super::unread;
use crate::http::Host;

/// The most lines one stream may have.
const MOST_LINES: usize = 100_000;

/// How many of them share a transaction, or fewer if they are long.
const LINES_AT_ONCE: usize = 500;
const BYTES_AT_ONCE: usize = 1024 * 1024;

/// How long a client may leave us waiting for more.
const SILENT_FOR: Duration = Duration::from_secs(30);

pub fn start(host: Host, act: Act, body: Body) -> Response {
    // Without a bound: many clients send everything before they read anything, and must not wait for themselves. There
    // are no more answers than lines.
    let (answers, receiver) = unbounded_channel();
    tokio::spawn(async move {
        let mut taking = Taking { host, act, answers, items: Vec::new(), bytes: 0, lines: 0 };
        if let Err(fault) = taking.all(body).await {
            taking.say(ItemView::from(Err(fault)));
        }
    });
    let lines = stream::unfold(receiver, |mut receiver| async {
        let line: Bytes = receiver.recv().await?;
        Some((Ok::<_, Infallible>(line), receiver))
    });
    ([(header::CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(lines)).into_response()
}

struct Taking {
    host: Host,
    act: Act,
    answers: UnboundedSender<Bytes>,
    /// Read and not started yet, and how much they take.
    items: Vec<Result<Start, Fault>>,
    bytes: usize,
    lines: usize,
}

impl Taking {
    async fn all(&mut self, body: Body) -> Result<(), Fault> {
        let mut stream = body.into_data_stream();
        let mut rest = Vec::new();
        loop {
            let silent = |_| {
                Fault::new(FaultKind::Malformed, "The stream was silent for too long. Send the rest anew.")
            };
            let chunk = timeout(SILENT_FOR, stream.next()).await.map_err(silent)?.transpose();
            let Ok(chunk) = chunk else {
                self.answer().await?;
                return Err(Fault::new(FaultKind::Malformed, "The stream broke off here."));
            };
            let Some(chunk) = chunk else {
                self.line(&rest)?;
                return self.answer().await;
            };
            rest.extend_from_slice(&chunk);
            let mut from = 0;
            while let Some(length) =
                rest.get(from..).and_then(|rest| rest.iter().position(|byte| *byte == b'\n'))
            {
                self.line(rest.get(from..from + length).unwrap_or_default())?;
                from += length + 1;
                if self.items.len() >= LINES_AT_ONCE || self.bytes >= BYTES_AT_ONCE {
                    self.answer().await?;
                }
            }
            rest.drain(..from);
            if rest.len() > self.host.options.body_limit {
                self.answer().await?;
                let most = self.host.options.body_limit / 1024;
                return Err(Fault::new(FaultKind::TooLarge, format!("A line has at most {most} kB.")));
            }
        }
    }

    fn line(&mut self, line: &[u8]) -> Result<(), Fault> {
        let line = line.trim_ascii();
        if line.is_empty() {
            return Ok(());
        }
        self.lines += 1;
        if self.lines > MOST_LINES {
            let message = format!("A stream has at most {MOST_LINES} lines. Send the rest by itself.");
            return Err(Fault::new(FaultKind::TooLarge, message));
        }
        self.items.push(unread::read::<StartBody>(line).map(Start::from));
        self.bytes += line.len();
        Ok(())
    }

    /// Starts what was read, and says what became of it.
    async fn answer(&mut self) -> Result<(), Fault> {
        self.bytes = 0;
        let items = std::mem::take(&mut self.items);
        let started = several(&self.host, &self.act, items, false).await.map_err(|error| {
            tracing::error!(%error, request_id = %self.act.request_id, "lines could not be started");
            error.into_fault()
        })?;
        for one in started {
            self.say(ItemView::from(one));
        }
        if self.answers.is_closed() {
            return Err(Fault::new(FaultKind::Malformed, "Nobody reads the answers."));
        }
        Ok(())
    }

    fn say(&self, item: ItemView) {
        let Ok(mut line) = serde_json::to_vec(&item) else { return };
        line.push(b'\n');
        // Whoever has gone does not hear it.
        let _ = self.answers.send(line.into());
    }
}
