//! Starting to listen, and stopping so that nothing is lost.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// Serves until `stop` resolves. From then on no new connection is taken, requests under way finish, and what has
/// not finished within the given time is cut off. Answers whether everything had finished.
pub async fn serve_until(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()> + Send + 'static,
    within: Duration,
) -> std::io::Result<bool> {
    let (stopping, mut stopped) = watch::channel(false);
    let graceful = async move {
        stop.await;
        let _ = stopping.send(true);
    };
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(graceful);
    let too_late = async move {
        // The channel closing without a word means that serving ended by itself.
        if stopped.wait_for(|stopping| *stopping).await.is_ok() {
            tokio::time::sleep(within).await;
        } else {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        ended = serving => ended.map(|()| true),
        () = too_late => Ok(false),
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
    pub async fn asked(mut self) {
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
    pub async fn asked(self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
