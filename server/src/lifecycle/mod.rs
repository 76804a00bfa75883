//! Starting to listen, and stopping so that nothing is lost.

mod stalled;

use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::extract::ConnectInfo;
use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};
use tower::Layer;

use self::stalled::NotStalled;

/// How long a full table of open files, or the like, is given to get better.
const ACCEPT_AGAIN_AFTER: Duration = Duration::from_millis(100);

/// How patient the server is with connections.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// How long a client may take to send the head of a request: a connection that trickles, or says nothing, is
    /// closed. (Whoever takes too long over the body is answered by the time limit of requests.)
    pub head_within: Duration,
    /// How long a client may leave an answer unread.
    pub read_within: Duration,
    /// How long requests under way may still take once the server is asked to stop.
    pub stop_within: Duration,
}

/// Serves until `stop` resolves. From then on no new connection is taken, requests under way finish, and what has
/// not finished within the given time is cut off. Answers whether everything had finished.
///
/// This is what `axum::serve` does, and limits to how long a client may take, which that has no place for.
pub async fn serve_until(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()>,
    patience: Patience,
) -> bool {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(patience.head_within);
    let under_way = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        let (stream, peer) = tokio::select! {
            () = &mut stop => break,
            connection = accept(&listener) => connection,
        };
        let service = TowerToHyperService::new(Extension(ConnectInfo(peer)).layer(router.clone()));
        let stream = TokioIo::new(NotStalled::new(stream, patience.read_within));
        let connection = under_way.watch(http.serve_connection(stream, service));
        tokio::spawn(async move {
            // Clients come and go as they like; what a request did is logged where it is answered.
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection broke off");
            }
        });
    }
    drop(listener);
    tokio::time::timeout(patience.stop_within, under_way.shutdown()).await.is_ok()
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                // Answers are written whole; waiting to fill a packet would only delay them.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "a connection was gone at once");
                }
                return (stream, peer);
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(ACCEPT_AGAIN_AFTER).await;
            }
        }
    }
}

/// The signals that ask the process to stop, heard from the moment this is made.
pub struct StopSignals {
    #[cfg(unix)]
    interrupt: Signal,
    #[cfg(unix)]
    terminate: Signal,
}

#[cfg(unix)]
impl StopSignals {
    pub fn listen() -> std::io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Resolves when one of them comes.
    pub async fn asked(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
impl StopSignals {
    pub fn listen() -> std::io::Result<Self> {
        Ok(Self {})
    }

    /// Resolves when Ctrl-C is pressed.
    pub async fn asked(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
