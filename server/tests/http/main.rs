//! The HTTP server from outside, on both databases.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod accounts;
mod api;
mod bad_input;
mod disputes;
mod errands;
mod events;
mod files;
mod outage;
mod pages;
mod panics;
mod payments;
mod payouts;
mod rates;
mod reviews;
mod runs;
mod sign_in;
mod stopping;
mod timesheets;
mod webhooks;
mod workflows;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use engine::act::{Act, Actor};
use engine::audit::Audit;
use engine::db::Db;
use engine::demo;
use engine::errand::Errands;
use engine::gate::Gates;
use engine::outbound::{Outbound, Secrets};
use engine::payment::Payments;
use engine::payout::Payouts;
use engine::people::{NewToken, People};
use engine::project::Projects;
use engine::rate::Rates;
use engine::review::Reviews;
use engine::run::Runs;
use engine::schedule::Schedules;
use engine::shelf::Shelves;
use engine::testing::{a_seal, guarded_people_of, payees_of, people_of};
use engine::timesheet::Timesheets;
use engine::webhook::Webhooks;
use engine::world::World;
use host::House;
use host::http::{Host, HttpOptions, Site, router};
use tower::ServiceExt;

/// A server with the demo in it.
pub struct Desk {
    pub router: Router,
    pub house: Box<House>,
    pub host: Host,
    site: Arc<tempfile::TempDir>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: axum::http::HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The cookies it sets, as a browser would send them back.
    pub fn cookies(&self) -> String {
        let all = self.headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
        all.filter_map(|cookie| cookie.split(';').next()).collect::<Vec<_>>().join("; ")
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.body))
    }
}

impl Desk {
    pub async fn new(db: Db) -> Self {
        Self::with(db, |_| ()).await
    }

    /// A house whose policy asks managers and admins for two steps.
    pub async fn guarded(db: Db) -> Self {
        let people = guarded_people_of(db.clone());
        Self::of(db, people, |_| ()).await
    }

    pub async fn with(db: Db, adjust: impl FnOnce(&mut HttpOptions)) -> Self {
        let people = people_of(db.clone());
        Self::of(db, people, adjust).await
    }

    async fn of(db: Db, people: People, adjust: impl FnOnce(&mut HttpOptions)) -> Self {
        let runs = Runs::new(db.clone());
        let house = House {
            notices: engine::notice::Notices::new(db.clone()),
            disputes: engine::dispute::Disputes::new(db.clone(), chrono::TimeDelta::hours(72)),
            reviews: Reviews::new(db.clone(), runs.clone()),
            webhooks: Webhooks::new(db.clone(), runs.clone()),
            schedules: Schedules::new(db.clone()),
            gates: Gates::new(db.clone()),
            errands: Errands::new(db.clone(), runs.clone()),
            audit: Audit::new(db.clone()),
            shelves: Shelves::new(&db),
            runs,
            outbound: Outbound::new(&["127.0.0.1".to_owned()], Secrets::default()).unwrap(),
            payees: payees_of(db.clone(), people.clone()),
            payouts: Payouts::new(db.clone(), a_seal()),
            payments: Payments::new(db.clone()),
            timesheets: Timesheets::new(Projects::new(db.clone(), people.clone())),
            rates: Rates::new(Projects::new(db.clone(), people.clone())),
            projects: Projects::new(db.clone(), people.clone()),
            world: World::Real,
            people,
            db,
        };
        Box::pin(house.load_demo(1)).await.unwrap();
        let site = tempfile::tempdir().unwrap();
        std::fs::write(site.path().join("manifest.json"), "{}").unwrap();
        std::fs::create_dir(site.path().join("pkg")).unwrap();
        std::fs::write(site.path().join("pkg/app.0123456789ab.js"), "let x = 1;").unwrap();
        let mut options = HttpOptions {
            base_url: "http://127.0.0.1:3000".to_owned(),
            trust_proxy: true,
            body_limit: 64 * 1024,
            upload_limit: 512 * 1024,
            timeout: Duration::from_secs(10),
            reload_pages: false,
        };
        adjust(&mut options);
        let files = Site::open(site.path()).unwrap();
        let host = Host::new(house.clone(), &files, options);
        Self { router: router(host.clone(), &files), house: Box::new(house), host, site: Arc::new(site) }
    }

    /// The folder of the site.
    pub fn site(&self) -> &std::path::Path {
        self.site.path()
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 1 << 24).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    pub async fn get(&self, path: &str, cookies: &str) -> Answer {
        self.send(browser("GET", path, cookies).body(Body::empty()).unwrap()).await
    }

    /// As a browser without a script posts a form.
    pub async fn post(&self, action: &str, cookies: &str, form: &[(&str, &str)]) -> Answer {
        let body = serde_html_form::to_string(form).unwrap();
        let request = browser("POST", &format!("/do/{action}"), cookies)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body));
        self.send(request.unwrap()).await
    }

    /// Signs somebody of the demo in; answers their cookies.
    pub async fn sign_in(&self, email: &str) -> String {
        let answer = self.post("sign_in", "", &[("email", email), ("password", demo::PASSWORD)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        answer.cookies()
    }

    pub async fn token(&self, email: &str, scopes: &[&str]) -> String {
        let act = self.house.at_the_console();
        let owner = self.house.people.by_email(&act, email).await.unwrap();
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let new = NewToken { name: "test".to_owned(), scopes, days: 1 };
        self.house.people.make_token_for(&act, &owner, &new).await.unwrap().secret
    }

    pub async fn api(&self, method: &str, path: &str, token: &str, body: &str) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }
}

pub fn browser(method: &str, path: &str, cookies: &str) -> axum::http::request::Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header(header::ACCEPT, "text/html")
        .header(header::HOST, "127.0.0.1:3000")
        .header(header::ORIGIN, "http://127.0.0.1:3000")
        .header(header::USER_AGENT, "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")
        .header(header::COOKIE, cookies)
}

/// Somebody of the demo, as the use cases see them.
pub async fn act_of(desk: &Desk, email: &str) -> Act {
    let person = desk.house.people.by_email(&desk.house.at_the_console(), email).await.unwrap();
    Act::new(&desk.house.world, Actor::Person { person: Arc::new(person), scopes: None }, "test")
}
