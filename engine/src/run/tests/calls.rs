//! Steps that ask others, who are slow, wrong, or not there.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode};

use super::*;

/// What the service answers: the first of the list, until only one is left.
#[derive(Clone, Copy)]
pub(super) enum Says {
    Fine,
    Status(u16),
    StatusAfter(u16, u64),
    Html,
    Half,
    Nothing,
    Endless,
    TooLate,
    Redirect,
    Echo,
}

/// A service on this machine that notes who asked.
#[derive(Clone)]
pub(super) struct Service {
    pub(super) address: std::net::SocketAddr,
    says: Arc<Mutex<Vec<Says>>>,
    /// By idempotency key, how often; and the last authorization.
    asked: Arc<Mutex<BTreeMap<String, usize>>>,
    authorization: Arc<Mutex<String>>,
    last: Arc<Mutex<Asked>>,
}

/// A request as it came.
#[derive(Clone, Default)]
pub(super) struct Asked {
    pub(super) path: String,
    headers: BTreeMap<String, String>,
    pub(super) body: String,
}

impl Asked {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(String::as_str).unwrap_or_default()
    }
}

impl Service {
    pub(super) async fn that(says: &[Says]) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let service = Self {
            address: listener.local_addr().unwrap(),
            says: Arc::new(Mutex::new(says.to_vec())),
            asked: Arc::default(),
            authorization: Arc::default(),
            last: Arc::default(),
        };
        let router = Router::new().fallback(answer).with_state(service.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        service
    }

    fn note(&self, request: &Request) {
        let header = |name: &str| {
            request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or("").to_owned()
        };
        *self.asked.lock().unwrap().entry(header("idempotency-key")).or_default() += 1;
        *self.authorization.lock().unwrap() = header("authorization");
    }

    pub(super) fn last(&self) -> Asked {
        self.last.lock().unwrap().clone()
    }

    pub(super) fn says_from_now_on(&self, says: Says) {
        *self.says.lock().unwrap() = vec![says];
    }

    pub(super) fn times(&self) -> Vec<usize> {
        self.asked.lock().unwrap().values().copied().collect()
    }
}

async fn answer(State(service): State<Service>, request: Request) -> Response<Body> {
    service.note(&request);
    let headers = request.headers().iter();
    let headers =
        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap_or("").to_owned())).collect();
    let path = request.uri().path().to_owned();
    let body = axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap();
    *service.last.lock().unwrap() =
        Asked { path, headers, body: String::from_utf8_lossy(&body).into_owned() };
    let says = {
        let mut says = service.says.lock().unwrap();
        if says.len() > 1 { says.remove(0) } else { says[0] }
    };
    let with = |status: u16, body: &str| {
        Response::builder().status(status).body(Body::from(body.to_owned())).unwrap()
    };
    match says {
        Says::Fine => with(200, r#"{"total": 42, "currency": "EUR"}"#),
        Says::Status(status) => with(status, "no"),
        Says::StatusAfter(status, seconds) => {
            let mut response = with(status, "later");
            response.headers_mut().insert("retry-after", seconds.into());
            response
        }
        Says::Html => with(200, "<html><body>Welcome!</body></html>"),
        Says::Half => with(200, r#"{"total": 4"#),
        Says::Nothing => with(200, ""),
        Says::Endless => with(200, &"x".repeat(3 << 20)),
        Says::TooLate => {
            tokio::time::sleep(Duration::from_secs(5)).await;
            with(200, "{}")
        }
        Says::Echo => with(401, r#"{"error": "the token hunter2 is not valid"}"#),
        Says::Redirect => {
            let mut response = with(StatusCode::FOUND.as_u16(), "");
            response.headers_mut().insert("location", "http://169.254.169.254/".parse().unwrap());
            response
        }
    }
}

/// A floor with a workflow that asks the service once, tries three times, and does not wait long.
async fn asking(db: &Db, url: &str) -> Floor {
    let floor = Floor::new(db, World::Real).await;
    let source = format!(
        "
name: ask
steps:
  ask:
    http:
      url: '{url}/{{{{ input.id|urlencode }}}}'
      headers: {{Authorization: 'Bearer {{{{ secrets.token }}}}'}}
      body: {{id: input.id}}
      set: {{total: response.body.total}}
      output: {{type: object, properties: {{total: {{type: integer}}}}}}
    timeout: 300ms
    retry: {{attempts: 3, first: 10ms}}
  after: {{needs: ask, rule: {{set: {{twice: steps.ask.total * 2}}}}}}
output: {{twice: steps.after.twice}}
"
    );
    Workflows::new(db.clone()).apply(&floor.act(), &source, None).await.unwrap();
    floor
}

async fn ask(db: &Db, service: &Service) -> Whole {
    let floor = asking(db, &format!("http://{}", service.address)).await;
    let pool = floor.pool("w");
    let whole = floor.ended(floor.start("ask", json!({ "id": "a b" })).await).await;
    assert!(pool.stop(Duration::from_secs(5)).await);
    whole
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_taken_and_its_secret_is_not_kept() {
    on_both(async |db| {
        let service = Service::that(&[Says::Fine]).await;
        let whole = ask(&db, &service).await;
        assert_eq!(whole.run.output.as_deref(), Some(r#"{"twice":84}"#), "{whole:?}");
        assert_eq!(*service.authorization.lock().unwrap(), "Bearer hunter2");
        assert_eq!(
            service.asked.lock().unwrap().keys().next().unwrap(),
            &format!("{}:ask:http", whole.run.id)
        );
        let detail = whole.attempts[0].detail.as_ref().unwrap();
        assert!(detail.contains("a%20b") && detail.contains("Bearer •••"), "{detail}");
        assert!(!format!("{whole:?}").contains("hunter2"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_by_is_waited_for_and_carries_the_same_key() {
    on_both(async |db| {
        let service = Service::that(&[Says::Status(500), Says::StatusAfter(429, 1), Says::Fine]).await;
        let whole = ask(&db, &service).await;
        assert_eq!(whole.run.state, RunState::Success, "{whole:?}");
        assert_eq!(service.times(), [3], "one key for all tries");
        let tries: Vec<_> = whole.attempts.iter().filter(|attempt| attempt.step.as_str() == "ask").collect();
        assert!(tries[0].retry_at.is_some() && tries[1].retry_at.is_some() && tries[2].retry_at.is_none());
        let waited = tries[2].started_at - tries[1].finished_at;
        assert!(waited >= chrono::TimeDelta::seconds(1), "it was asked to come back in a second: {waited}");
        // The first wait may be over before it was written down; the second is a second at least.
        assert!(whole.run.lease_epoch >= 2, "while it waits, nobody holds it");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_definition_may_say_what_the_same_work_is_known_by() {
    on_both(async |db| {
        let service = Service::that(&[Says::Fine]).await;
        let floor = Floor::new(&db, World::Real).await;
        let source = format!(
            "
name: pay
steps:
  pay: {{http: {{url: 'http://{}/', body: {{n: input.n}}, idempotency: 'invoice-{{{{ input.n }}}}'}}}}
",
            service.address
        );
        Workflows::new(db.clone()).apply(&floor.act(), &source, None).await.unwrap();
        let with_secret = source.replace("invoice-", "{{ secrets.token }}");
        assert!(Workflows::new(db.clone()).apply(&floor.act(), &with_secret, None).await.is_err());
        let pool = floor.pool("w");
        for _ in 0..2 {
            let whole = floor.ended(floor.start("pay", json!({ "n": 7 })).await).await;
            assert_eq!(whole.run.state, RunState::Success, "{whole:?}");
        }
        assert_eq!(*service.asked.lock().unwrap(), [("invoice-7".to_owned(), 2)].into());
        let unfit = floor.ended(floor.start("pay", json!({ "n": "a\nb" })).await).await;
        assert!(unfit.run.error.as_deref().unwrap().contains("“idempotency” must come to"), "{unfit:?}");
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_comes_back_has_a_clear_end() {
    on_both(async |db| {
        for (says, tries, reason, words) in [
            (Says::Status(500), 3, "exhausted", "status 500"),
            (Says::Status(404), 1, "faulty", "status 404: no"),
            (Says::Html, 3, "exhausted", "cannot be taken from the answer"),
            (Says::Half, 3, "exhausted", "cannot be taken from the answer"),
            (Says::Nothing, 3, "exhausted", "cannot be taken from the answer"),
            (Says::Endless, 3, "exhausted", "more than 1024 kB"),
            (Says::TooLate, 3, "exhausted", "took too long"),
            (Says::Redirect, 1, "faulty", "status 302"),
            (Says::Echo, 1, "faulty", "the token ••• is not valid"),
        ] {
            let service = Service::that(&[says]).await;
            let whole = ask(&db, &service).await;
            let dead = whole.dead.expect(words);
            assert_eq!((service.times(), dead.reason.word()), (vec![tries], reason), "{words}");
            assert!(dead.error.contains(words), "{words}: {}", dead.error);
            assert_eq!(dead.attempts, i64::try_from(tries).unwrap());
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_with_nothing_to_fill_it_ends_the_run_in_words() {
    on_both(async |db| {
        let service = Service::that(&[Says::Fine]).await;
        let floor = Floor::new(&db, World::Real).await;
        let source = format!(
            "name: gap\nsteps:\n  ask: {{http: {{method: POST, url: 'http://{}/{{{{ input.id }}}}', body: {{of: project.code}}}}}}",
            service.address
        );
        Workflows::new(db.clone()).apply(&floor.act(), &source, None).await.unwrap();
        let pool = floor.pool("w");
        let whole = floor.ended(floor.start("gap", json!({ "other": 1 })).await).await;
        let dead = whole.dead.unwrap();
        assert_eq!((whole.run.state, dead.reason.word(), dead.step.as_str()), (RunState::Failed, "faulty", "ask"));
        assert!(dead.error.contains("“url” cannot be filled in: there is no input.id"), "{}", dead.error);
        assert!(service.times().is_empty(), "somebody was asked all the same");
        // What belongs to no project has one without a code.
        assert_eq!(floor.ended(floor.start("gap", json!({ "id": "7" })).await).await.run.state, RunState::Success);
        assert_eq!((service.last().path.as_str(), service.last().body.as_str()), ("/7", r#"{"of":""}"#));
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_there_and_a_place_that_must_not_be_called() {
    on_both(async |db| {
        // Bound and dropped: nobody listens there.
        let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        for (url, reason, words) in [
            (format!("http://{gone}"), "exhausted", "no connection"),
            ("http://10.0.0.1".to_owned(), "faulty", "private network"),
            ("http://localhost".to_owned(), "faulty", "private network"),
            ("http://[::1]:1".to_owned(), "faulty", "private network"),
            (r#"{{ "file" }}:///etc/passwd"#.to_owned(), "faulty", "http or https"),
        ] {
            let floor = asking(&db, &url).await;
            let pool = floor.pool("w");
            let whole = floor.ended(floor.start("ask", json!({ "id": "x" })).await).await;
            let dead = whole.dead.expect(words);
            assert_eq!(dead.reason.word(), reason, "{dead:?}");
            assert!(dead.error.contains(words), "{dead:?}");
            pool.stop(Duration::from_secs(5)).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_dead_letters_it_is_tried_as_often_as_at_first() {
    on_both(async |db| {
        let service = Service::that(&[
            Says::Status(500),
            Says::Status(500),
            Says::Status(500),
            Says::Status(500),
            Says::Fine,
        ])
        .await;
        let floor = asking(&db, &format!("http://{}", service.address)).await;
        let pool = floor.pool("w");
        let run = floor.start("ask", json!({ "id": "x" })).await;
        assert!(floor.ended(run).await.dead.is_some());
        floor.runs.retry(&floor.act(), run, None).await.unwrap();
        let whole = floor.ended(run).await;
        assert_eq!((whole.run.state, service.times()), (RunState::Success, vec![5]), "{whole:?}");
        assert!(whole.dead.is_none());
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_step_keeps_its_lease_and_is_given_back_when_the_worker_leaves() {
    on_both(async |db| {
        let service = Service::that(&[Says::TooLate]).await;
        let floor = Floor::new(&db, World::Real).await;
        let source = format!(
            "name: slow\nsteps:\n  ask: {{http: {{url: 'http://{}'}}, timeout: 30s}}\n",
            service.address
        );
        Workflows::new(db.clone()).apply(&floor.act(), &source, None).await.unwrap();
        let pool = floor.pool_leasing("slow", Duration::from_millis(900));
        let run = floor.start("slow", json!({})).await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        let whole = floor.whole(run).await;
        assert!(whole.events.is_empty(), "its lease was renewed: {:?}", whole.events);
        assert_eq!(service.times(), [1]);
        assert!(!pool.stop(Duration::from_millis(100)).await, "it was dropped");
        let standing = floor.whole(run).await.standing.unwrap();
        assert!(!standing.taken && standing.crashes == 0, "{standing:?}");
        service.says.lock().unwrap()[0] = Says::Fine;
        let other = floor.pool("other");
        let whole = floor.ended(run).await;
        assert_eq!((whole.run.state, whole.attempts.len()), (RunState::Success, 1));
        assert_eq!(service.times(), [2], "begun again, under the same key");
        other.stop(Duration::from_secs(5)).await;
    })
    .await;
}
