//! Starting and stopping, over a real socket.

use std::convert::Infallible;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Instant;

use axum::routing::get;
use engine::testing::TestDb;
use host::{Patience, serve_until};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::*;

/// A desk with a slow route, listening; the sender asks it to stop.
async fn slow_desk(
    takes: Duration,
    within: Duration,
) -> (std::net::SocketAddr, oneshot::Sender<()>, tokio::task::JoinHandle<bool>, TestDb) {
    let fresh = TestDb::sqlite().await;
    let desk = Desk::new(fresh.db.clone()).await;
    let slow = get(move || async move {
        tokio::time::sleep(takes).await;
        "finished"
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let endless =
        get(async || Body::from_stream(futures_util::stream::repeat(Ok::<_, Infallible>(vec![7; 65536]))));
    let router = desk.router.clone().route("/slow", slow).route("/endless", endless);
    let serving = tokio::spawn(async move {
        let asked = async move {
            let _ = stopped.await;
        };
        let patience = Patience {
            head_within: Duration::from_millis(700),
            read_within: Duration::from_millis(700),
            stop_within: within,
        };
        serve_until(listener, router, asked, patience).await
    });
    (address, stop, serving, fresh)
}

fn ask(address: std::net::SocketAddr) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        answer
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_under_way_finish_and_new_ones_are_refused() {
    let (address, stop, serving, _fresh) =
        slow_desk(Duration::from_millis(600), Duration::from_secs(5)).await;
    let under_way = ask(address);
    tokio::time::sleep(Duration::from_millis(200)).await;
    stop.send(()).unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(TcpStream::connect(address).is_err(), "a new connection was taken");
    assert!(serving.await.unwrap(), "a request was cut off");
    assert!(under_way.join().unwrap().ends_with("finished"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_was_kept_open_is_asked_nothing_more() {
    let (address, stop, serving, _fresh) = slow_desk(Duration::ZERO, Duration::from_secs(5)).await;
    let (said, hear) = std::sync::mpsc::channel();
    let (go, gone) = std::sync::mpsc::channel::<()>();
    let kept = std::thread::spawn(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let mut first = [0; 4096];
        let length = stream.read(&mut first).unwrap();
        said.send(String::from_utf8_lossy(&first[..length]).into_owned()).unwrap();
        gone.recv().unwrap();
        let _ = stream.write_all(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
        let mut rest = String::new();
        let _ = stream.read_to_string(&mut rest);
        rest
    });
    let first = tokio::task::spawn_blocking(move || hear.recv().unwrap()).await.unwrap();
    assert!(first.starts_with("HTTP/1.1 200"), "{first}");
    stop.send(()).unwrap();
    assert!(serving.await.unwrap(), "an idle connection was waited for");
    go.send(()).unwrap();
    assert!(!kept.join().unwrap().contains("finished"), "it was answered after the server was asked to stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_ends_within_its_time() {
    let (address, stop, serving, _fresh) =
        slow_desk(Duration::from_secs(30), Duration::from_millis(300)).await;
    let under_way = ask(address);
    tokio::time::sleep(Duration::from_millis(200)).await;
    let asked = Instant::now();
    stop.send(()).unwrap();
    assert!(!serving.await.unwrap(), "the slow request finished?");
    assert!(asked.elapsed() < Duration::from_secs(3));
    drop(under_way);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_never_ends_its_request_is_let_go() {
    let (address, _stop, _serving, _fresh) = slow_desk(Duration::ZERO, Duration::from_secs(5)).await;
    let began = Instant::now();
    let trickle = std::thread::spawn(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(b"GET /slow HTTP/1.1\r\nHost:").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).map(|_| answer)
    });
    let closed = trickle.join().unwrap();
    assert!(closed.is_err() || closed.is_ok_and(|answer| !answer.contains("200 OK")));
    let took = began.elapsed();
    assert!((Duration::from_millis(600)..Duration::from_secs(5)).contains(&took), "closed after {took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_stops_reading_is_let_go() {
    let (address, stop, serving, _fresh) = slow_desk(Duration::ZERO, Duration::from_secs(10)).await;
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    // If it were still served, stopping would wait for it, and cut it off in the end.
    stop.send(()).unwrap();
    assert!(serving.await.unwrap(), "a client that does not read was still served");
    drop(stream);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_takes_too_long_is_answered() {
    let fresh = TestDb::sqlite().await;
    let desk = Desk::with(fresh.db.clone(), |options| options.timeout = Duration::from_millis(300)).await;
    let seat = fresh.db.begin().await.unwrap();
    // The one writer is held, so signing in waits.
    let form = [("email", "ada@example.com"), ("password", demo::PASSWORD)];
    let answer = desk.post("sign_in", "", &form).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.body.contains("took too long"));
    drop(seat);
    desk.sign_in("ada@example.com").await;
}
