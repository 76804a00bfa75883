//! Pages: every address that nothing else answers.

use std::pin::Pin;
use std::sync::Arc;

use app::api_docs::Description;
use app::shell::{Browser, Started, document};
use app::visit::Cookies;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{Method, header};
use axum::response::Response;
use domain::{Fault, FaultKind};
use leptos::config::LeptosOptions;
use leptos::prelude::provide_context;

use super::{Host, HttpOptions, Site, fault};
use crate::{House, api};

type Rendering = Pin<Box<dyn Future<Output = Response> + Send>>;

/// Renders pages. Cloning it is cheap.
#[derive(Clone)]
pub struct Pages {
    render: Arc<dyn Fn(Request) -> Rendering + Send + Sync>,
    context: Context,
}

/// What pages and server functions find when they ask for it.
#[derive(Clone)]
pub struct Context {
    house: House,
    site: Site,
    browser: Browser,
    cookies: Cookies,
    api: Description,
    started: Option<Started>,
}

impl Context {
    pub fn provide(&self) {
        provide_context(self.house.people.clone());
        provide_context(self.house.projects.clone());
        provide_context(self.house.rates.clone());
        provide_context(self.house.timesheets.clone());
        provide_context(self.house.payees.clone());
        provide_context(self.house.payments.clone());
        provide_context(self.house.payouts.clone());
        provide_context(self.house.notices.clone());
        provide_context(self.house.disputes.clone());
        provide_context(self.house.audit.clone());
        provide_context(self.house.gates.clone());
        provide_context(self.house.schedules.clone());
        provide_context(self.house.webhooks.clone());
        provide_context(self.house.shelves.clone());
        provide_context(self.house.shelves.workflows.clone());
        provide_context(self.house.runs.clone());
        provide_context(self.house.reviews.clone());
        provide_context(self.site.assets());
        provide_context(self.browser.clone());
        provide_context(self.cookies);
        provide_context(self.api.clone());
        if let Some(started) = &self.started {
            provide_context(started.clone());
        }
    }
}

impl Pages {
    pub fn new(house: &House, site: &Site, http: &HttpOptions) -> Self {
        // Rendering spawns on whatever this names. A second router in one process finds it named already.
        let _ = any_spawner::Executor::init_tokio();
        // `/pkg/app.HASH.js` is called by its name without the ending, and expects `app.HASH_bg.wasm` beside it.
        let script = site.assets().path("app.js");
        let name = script.trim_start_matches("/pkg/").trim_end_matches(".js").to_owned();
        let options = LeptosOptions::builder().output_name(name).site_pkg_dir("pkg").build();
        let context = Context {
            house: house.clone(),
            site: site.clone(),
            browser: Browser(options),
            cookies: Cookies { secure: http.secure() },
            api: Description(Arc::new(serde_json::from_str(api::openapi_json()).unwrap_or_default())),
            started: http.reload_pages.then(|| Started(house.world.id().to_string().into())),
        };
        let provided = context.clone();
        let render = leptos_axum::render_app_async_with_context(move || provided.provide(), document);
        Self { render: Arc::new(move |request| Box::pin(render(request))), context }
    }

    pub fn context(&self) -> Context {
        self.context.clone()
    }

    /// Which start of the server this is, if pages may ask.
    pub fn started(&self) -> Option<&str> {
        self.context.started.as_ref().map(|started| started.0.as_ref())
    }

    /// Renders the page at an address, whatever the request was that led there.
    pub async fn render(&self, mut parts: Parts) -> Response {
        parts.method = Method::GET;
        parts.headers.remove(header::CONTENT_LENGTH);
        parts.headers.remove(header::CONTENT_TYPE);
        (self.render)(Request::from_parts(parts, Body::empty())).await
    }
}

pub async fn page(State(host): State<Host>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let wrong =
            Fault::new(FaultKind::WrongMethod, "A page can only be looked at. Forms are sent to /do/….");
        return fault::answer(&host.pages, request, wrong).await;
    }
    let (parts, _) = request.into_parts();
    host.pages.render(parts).await
}
