//! The document around every page, and which address leads to which page.

pub mod commands;
pub mod nav;

use std::sync::Arc;

use axum::http::{HeaderValue, header};
use domain::Fault;
use leptos::config::LeptosOptions;
use leptos::hydration::HydrationScripts;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_meta::{MetaTags, Title, provide_meta_context};
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::{ParamSegment, StaticSegment as At, path};

use crate::palette::Palette;
use crate::ui::{Assets, fault_page};
use crate::{
    api_docs, audit, dispute, home, model, notice, payee, payment, payout, people, profile, project, rate,
    review, run, schedule, shelf, sign_in, timesheet, visit, webhook, workflow,
};

/// What only the head needs to know: the file names of the browser's side.
#[derive(Clone, Debug)]
pub struct Browser(pub LeptosOptions);

/// A request that was refused before it reached a page: the page says why.
#[derive(Clone, Debug)]
pub struct Refused(pub Fault);

/// In development: which start of the server a page comes from.
#[derive(Clone, Debug)]
pub struct Started(pub Arc<str>);

/// Where a page asks which start of the server it would come from now.
pub const STARTED: &str = "/dev/started";

/// The whole document.
pub fn document() -> impl IntoView {
    provide_meta_context();
    allow_only_our_own();
    let assets = use_context::<Assets>().unwrap_or_default();
    let theme = visit::cookie("theme").filter(|theme| theme == "light" || theme == "dark");
    let scripts = use_context::<Browser>().filter(|_| assets.knows("app.js"));
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" href=assets.path("favicon.svg") type="image/svg+xml" />
                <link
                    rel="preload"
                    href=assets.path("fonts/inter-latin-opsz-normal.woff2")
                    r#as="font"
                    r#type="font/woff2"
                    crossorigin="anonymous"
                />
                <link rel="stylesheet" href=assets.path("countersign.css") />
                // A table whose rows still arrive widens its columns as they do: the page is shown when it is there.
                <link rel="expect" href="#page-end" blocking="render" />
                {speculation()}
                {view! { <script nonce=use_nonce() inner_html=UNSEEN_TRANSITIONS></script> }}
                {reload_when_started_again()}
                {scripts.map(|Browser(options)| view! { <HydrationScripts options=options islands=true /> })}
                <MetaTags />
            </head>
            <body>
                <Title formatter=|title: String| if title.is_empty() { "Countersign".to_owned() } else { format!("{title} · Countersign") } />
                {routes()}
                <span id="page-end" hidden></span>
            </body>
        </html>
    }
}

/// Pages that are likely to be opened next are fetched as soon as the pointer rests on their link.
fn speculation() -> impl IntoView {
    const RULES: &str = r#"{"prefetch":[{"where":{"and":[{"href_matches":"/*"},{"not":{"href_matches":"/api/*"}},{"not":{"selector_matches":"[download],[data-no-prefetch]"}}]},"eagerness":"moderate"}]}"#;
    view! { <script type="speculationrules" nonce=use_nonce() inner_html=RULES></script> }
}

/// A busy browser gives the transition between two pages up, and reports that as an error of ours. It is none: the new
/// page is simply there at once.
const UNSEEN_TRANSITIONS: &str = "addEventListener('unhandledrejection', (event) => { \
     if (event.reason instanceof DOMException && event.reason.message.startsWith('Transition was')) \
       event.preventDefault() \
     })";

/// In development an open page asks now and then, and reloads when what serves it has changed.
fn reload_when_started_again() -> Option<impl IntoView> {
    let Started(this) = use_context()?;
    let script = format!(
        "setInterval(async () => {{ \
           try {{ \
             const start = await (await fetch('{STARTED}')).text(); \
             if (start !== '{this}') location.reload(); \
           }} catch {{ /* between two starts nobody answers */ }} \
         }}, 700)"
    );
    Some(view! { <script nonce=use_nonce() inner_html=script></script> })
}

/// A page may load and run what comes from here, and nothing else.
fn allow_only_our_own() {
    let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) else { return };
    let policy = format!(
        "default-src 'self'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval' 'inline-speculation-rules'; \
         style-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}

fn routes() -> AnyView {
    if let Some(Refused(fault)) = visit::refused() {
        return fault_page(&fault);
    }
    view! {
        <Router>
            <FlatRoutes fallback=sign_in::nowhere>
                <Route path=path!("/") view=home::page />
                <Route path=path!("/sign-in") view=sign_in::page />
                <Route path=path!("/sign-in/code") view=sign_in::code_page />
                <Route path=path!("/forgot") view=sign_in::forgot_page />
                <Route path=(At("set-up"), ParamSegment("secret")) view=sign_in::set_up_page />
                <Route path=(At("invitation"), ParamSegment("secret")) view=sign_in::invitation_page />
                <Route path=(At("reset"), ParamSegment("secret")) view=sign_in::reset_page />
                <Route path=path!("/people") view=people::list_page />
                <Route path=path!("/people/invite") view=people::invite_page />
                <Route path=path!("/people/import") view=people::import_page />
                <Route path=(At("people"), ParamSegment("id")) view=people::person_page />
                <Route path=path!("/projects") view=project::list_page />
                <Route path=path!("/projects/new") view=project::new_page />
                <Route path=(At("projects"), ParamSegment("id")) view=project::project_page />
                <Route path=(At("projects"), ParamSegment("id"), At("edit")) view=project::edit_page />
                <Route path=(At("projects"), ParamSegment("id"), At("tasks")) view=project::tasks_page />
                <Route path=(At("projects"), ParamSegment("id"), At("tasks"), ParamSegment("task")) view=project::task_page />
                <Route path=(At("projects"), ParamSegment("id"), At("rates")) view=rate::rates_page />
                <Route path=(At("projects"), ParamSegment("id"), At("terms")) view=project::terms_page />
                <Route path=(At("projects"), ParamSegment("id"), At("members"), ParamSegment("person")) view=project::assignment_page />
                <Route path=path!("/timesheet") view=timesheet::week_page />
                <Route path=path!("/timesheet/files") view=timesheet::bring_page />
                <Route path=(At("timesheet"), At("files"), ParamSegment("id")) view=timesheet::dropped_page />
                <Route path=path!("/my-pay") view=payment::mine_page />
                <Route path=path!("/my-pay/account") view=payee::own_page />
                <Route path=path!("/notices") view=notice::notices_page />
                <Route path=path!("/pay") view=payment::batches_page />
                <Route path=path!("/pay/accounts") view=payee::list_page />
                <Route path=(At("pay"), At("accounts"), ParamSegment("id")) view=payee::person_page />
                <Route path=path!("/pay/disputes") view=dispute::disputes_page />
                <Route path=path!("/pay/report") view=payout::report_page />
                <Route path=path!("/pay/payer") view=payout::payer_page />
                <Route path=(At("pay"), At("files"), ParamSegment("id")) view=payout::sheet_page />
                <Route path=path!("/pay/thresholds") view=payment::thresholds_page />
                <Route path=(At("pay"), ParamSegment("id")) view=payment::batch_page />
                <Route path=(At("payments"), ParamSegment("id")) view=payment::slip_page />
                <Route path=path!("/workflows") view=workflow::list_page />
                <Route path=path!("/workflows/apply") view=shelf::apply_page />
                <Route path=(At("workflows"), ParamSegment("name")) view=workflow::workflow_page />
                <Route path=(At("workflows"), ParamSegment("name"), At("start")) view=run::start_page />
                <Route path=(At("workflows"), ParamSegment("name"), At("move")) view=run::move_page />
                <Route path=path!("/models") view=model::models_page />
                <Route path=(At("models"), ParamSegment("name")) view=model::model_page />
                <Route path=path!("/prompts") view=model::prompts_page />
                <Route path=(At("prompts"), ParamSegment("name")) view=model::prompt_page />
                <Route path=path!("/runs") view=run::list_page />
                <Route path=path!("/runs/change") view=run::change_page />
                <Route path=(At("runs"), ParamSegment("id")) view=run::trace_page />
                <Route path=path!("/reviews") view=review::queue_page />
                <Route path=(At("reviews"), ParamSegment("id")) view=review::item_page />
                <Route path=path!("/dead-letters") view=run::dead_page />
                <Route path=path!("/schedules") view=schedule::schedules_page />
                <Route path=path!("/webhooks") view=webhook::list_page />
                <Route path=(At("webhooks"), ParamSegment("id")) view=webhook::message_page />
                <Route path=path!("/queues") view=run::queues_page />
                <Route path=path!("/profile") view=profile::details_page />
                <Route path=path!("/profile/security") view=profile::security_page />
                <Route path=path!("/profile/tokens") view=profile::tokens_page />
                <Route path=path!("/audit") view=audit::page />
                <Route path=path!("/api/docs") view=api_docs::page />
            </FlatRoutes>
        </Router>
    }
    .into_any()
}

/// What lies above the page when it is called: the palette and the sheet of shortcuts.
pub fn overlays() -> impl IntoView {
    let sprite = use_context::<Assets>().unwrap_or_default().path("icons.svg");
    view! { <Palette commands=commands::for_me() sprite=sprite /> }
}
