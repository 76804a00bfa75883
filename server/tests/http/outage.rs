//! A database that goes away and comes back, as seen through a wire that can be cut.

use std::sync::atomic::{AtomicBool, Ordering};

use engine::db::DbOptions;
use engine::testing::TestDb;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::*;

/// A wire to a server: cut, it breaks what runs over it and takes nothing new.
struct Wire {
    port: u16,
    whole: watch::Sender<bool>,
}

impl Wire {
    async fn to(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (whole, mut state) = watch::channel(true);
        tokio::spawn(async move {
            loop {
                let (mut near, _) = listener.accept().await.unwrap();
                if !*state.borrow_and_update() {
                    continue;
                }
                let (server, mut state) = (server.clone(), state.clone());
                tokio::spawn(async move {
                    let mut far = TcpStream::connect(server).await.unwrap();
                    tokio::select! {
                        _ = copy_bidirectional(&mut near, &mut far) => {}
                        _ = state.wait_for(|whole| !whole) => {}
                    }
                });
            }
        });
        Self { port, whole }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_goes_away_is_said_and_coming_back_is_enough() {
    static WRITING: AtomicBool = AtomicBool::new(true);
    let fresh = TestDb::postgres().await;
    let (before, server) = fresh.url.split_once('@').unwrap();
    let (server, name) = server.split_once('/').unwrap();
    let wire = Wire::to(server.to_owned()).await;
    let mut options = DbOptions::new(format!("{before}@127.0.0.1:{}/{name}", wire.port));
    options.wait = Duration::from_secs(1);
    let db = Db::open(&options).await.unwrap();
    let desk = Arc::new(Desk::new(db.clone()).await);
    let cookies = desk.sign_in("ada@example.com").await;

    // Somebody writes all the while.
    let writer = tokio::spawn({
        let (desk, cookies) = (Arc::clone(&desk), cookies.clone());
        async move {
            let (mut made, mut refused) = (Vec::new(), 0);
            for n in 0.. {
                if !WRITING.load(Ordering::SeqCst) {
                    break;
                }
                let code = format!("OUT-{n}");
                let form = [
                    ("code", code.as_str()),
                    ("name", "Outage"),
                    ("client", "Nobody"),
                    ("currency", "EUR"),
                    ("_from", "/projects/new"),
                ];
                match desk.post("make_project", &cookies, &form).await.status {
                    StatusCode::SEE_OTHER => made.push(code),
                    StatusCode::SERVICE_UNAVAILABLE => refused += 1,
                    other => panic!("{other}"),
                }
            }
            (made, refused)
        }
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    wire.whole.send(false).unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(desk.get("/healthz", "").await.status, StatusCode::OK);
    assert_eq!(desk.get("/readyz", "").await.status, StatusCode::SERVICE_UNAVAILABLE);
    let away = desk.get("/people", &cookies).await;
    assert_eq!(away.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(away.body.contains("does not answer"), "{}", away.body);

    wire.whole.send(true).unwrap();
    assert_eq!(desk.get("/readyz", "").await.status, StatusCode::OK);
    assert_eq!(desk.get("/people", &cookies).await.status, StatusCode::OK, "the session is still good");
    tokio::time::sleep(Duration::from_millis(300)).await;
    WRITING.store(false, Ordering::SeqCst);
    let (made, refused) = writer.await.unwrap();
    assert!(refused > 0, "the outage hit nobody");
    let act = act_of(&desk, "ada@example.com").await;
    let filter = engine::project::Filter { text: Some("OUT-".to_owned()), ..Default::default() };
    let kept = desk.house.projects.list(&act, &filter, 10_000).await.unwrap().rows;
    let kept: Vec<_> = kept.iter().map(|project| project.code.to_string()).collect();
    assert!(made.iter().all(|code| kept.contains(code)), "an acknowledged project is missing");
    assert_eq!(desk.house.audit.verify(&act).await.unwrap().broken, None);
    db.close().await;
    fresh.drop_it().await;
}
