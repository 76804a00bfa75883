//! What stands around the content of a page: the navigation of somebody signed in, or the quiet sheet of somebody who
//! is not yet.

use domain::{Fault, FaultKind};
use engine::Error;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_meta::{Body, Title};

use super::icon::{Assets, icon};
use super::message::{banner, error_page};
use super::toast::Toast;
use crate::shell::nav::{mobile_bar, sidebar};
use crate::shell::overlays;
use crate::{Failure, visit};

/// The head of a page.
#[derive(Default)]
pub struct Heading {
    pub title: String,
    /// What stands beside the title: a tag.
    pub beside: Option<AnyView>,
    pub sub: Option<AnyView>,
    /// The way back: words and address of the page above.
    pub above: Option<(&'static str, &'static str)>,
    pub actions: Option<AnyView>,
    /// Narrow, for forms.
    pub narrow: bool,
}

/// Waits for a page, and shows why there is none if there is none.
pub fn load<F>(page: F) -> impl IntoView
where
    F: Future<Output = Result<AnyView, Error>> + Send + 'static,
{
    let page = async move {
        match page.await {
            Ok(page) => page,
            Err(error) => refused(error),
        }
    };
    view! { <Suspense>{Suspend::new(page)}</Suspense> }
}

/// Whoever is not signed in is sent to do so and then comes back; everybody else is told.
fn refused(error: Error) -> AnyView {
    let Failure(fault) = Failure::from(error);
    if fault.kind == FaultKind::SignedOut && visit::posted().is_none() {
        visit::send_on(&format!("/sign-in?next={}", visit::percent(&visit::here())));
        return plain(fault.kind.title(), view! { <p><a href="/sign-in">"Sign in"</a></p> });
    }
    fault_page(&fault)
}

pub fn fault_page(fault: &Fault) -> AnyView {
    if let (Some(response), Ok(status)) =
        (use_context::<ResponseOptions>(), axum::http::StatusCode::from_u16(fault.kind.status()))
    {
        response.set_status(status);
    }
    let content = error_page(fault, &visit::request_id());
    if visit::me().is_some() {
        let heading = Heading { title: fault.kind.title().to_owned(), ..Heading::default() };
        frame(&heading.title, content.into_any(), false)
    } else {
        plain(fault.kind.title(), content).into_any()
    }
}

/// A page of somebody signed in.
pub fn in_app(heading: Heading, content: impl IntoView + 'static) -> AnyView {
    let Heading { title, beside, sub, above, actions, narrow } = heading;
    let above = above.map(|(words, href)| {
        view! {
            <nav aria-label="Breadcrumb">
                <ol class="breadcrumb">
                    <li><a href=href>{words}</a></li>
                    <li><span aria-current="page">{title.clone()}</span></li>
                </ol>
            </nav>
        }
    });
    let content = view! {
        <header class="page-header">
            <div class="titles">
                {above}
                <h1>{title.clone()} " " {beside}</h1>
                {sub.map(|sub| view! { <p class="sub">{sub}</p> })}
            </div>
            {actions.map(|actions| view! { <div class="actions">{actions}</div> })}
        </header>
        {notices()}
        {content.into_any()}
    };
    frame(&title, content.into_any(), narrow)
}

/// What the last action has said: a word of success carried over, or a fault of this very post.
fn notices() -> impl IntoView {
    let sprite = use_context::<Assets>().unwrap_or_default().path("icons.svg");
    let flash = visit::take_flash().map(|words| view! { <Toast words=words sprite=sprite /> });
    let fault = visit::posted().and_then(|posted| posted.outcome.as_ref().err().cloned());
    // What is wrong with a field stands beside the field.
    let fault = fault.filter(|fault| fault.fields.is_empty()).map(|fault| {
        // Whoever asks for help about what is not their own doing can name it.
        let id = fault.request_id.filter(|_| fault.kind.needs_help());
        let id = id.map(|id| view! { <p class="request-id">"Request " <code>{id}</code></p> });
        banner("bad", view! { {fault.message} {id} })
    });
    view! { {flash}{fault} }
}

fn frame(title: &str, content: AnyView, narrow: bool) -> AnyView {
    let class = if narrow { "page narrow" } else { "page" };
    view! {
        <Title text=title.to_owned() />
        <Body attr:class="app" />
        <a class="skip-link" href="#main">"Skip to content"</a>
        {mobile_bar().into_any()}
        {sidebar().into_any()}
        <main class="main" id="main" tabindex="-1"><div class=class>{content}</div></main>
        {overlays().into_any()}
    }
    .into_any()
}

/// A page of somebody who is not signed in, or about to be.
pub fn plain(title: &str, content: impl IntoView + 'static) -> AnyView {
    view! {
        <Title text=title.to_owned() />
        <Body attr:class="plain" />
        <a class="skip-link" href="#main">"Skip to content"</a>
        <div class="plain-main">
            <header>
                <a class="brand large" href="/"><span class="brand-mark">{icon("mark")}</span>"Countersign"</a>
            </header>
            <main class="plain-sheet" id="main" tabindex="-1">
                {notices()}
                {content.into_any()}
            </main>
            <footer class="plain-foot"><span>"Countersign"</span></footer>
        </div>
        <aside class="plain-aside" aria-label="About Countersign">
            <p class="line">"What a machine proposes, a person countersigns."</p>
            <p>"Hours, decisions and payments of one team, each with a name beside it."</p>
        </aside>
    }
    .into_any()
}
