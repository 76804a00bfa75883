//! What one was told, the latest first.

use chrono::{DateTime, Utc};
use domain::ids::NoticeId;
use engine::Error;
use engine::notice::{Notice, Notices};
use engine::people::People;
use leptos::prelude::*;

use crate::ui::{Heading, ago, button_form, empty, icon, in_app, load};
use crate::visit;

const PAGE: usize = 50;

pub fn notices_page() -> impl IntoView {
    load(content())
}

async fn content() -> Result<AnyView, Error> {
    let act = visit::act()?;
    let notices = expect_context::<Notices>();
    let after: Option<NoticeId> = visit::query("after").and_then(|id| id.parse().ok());
    let page = notices.mine(&act, after, PAGE).await?;
    let unread = notices.unread(&act).await?;
    let latest = page.rows.first().map(|it| it.id.to_string());
    let read_all = latest.filter(|_| unread > 0 && after.is_none()).map(|upto| {
        let button = view! { <button class="button">{icon("check-check")}"Mark all as read"</button> };
        button_form("read_notices", vec![("upto", upto)], button)
    });
    let heading = Heading {
        title: "Notices".to_owned(),
        sub: Some("What happened that you have to know of.".into_any()),
        actions: read_all.map(IntoAny::into_any),
        narrow: true,
        ..Heading::default()
    };
    let mail = mail(notices.is_mailed(&act).await?);
    if page.rows.is_empty() {
        let none = empty(
            "bell",
            "Nothing to tell",
            "When a line of your timesheet comes back or is due, or your pay is on its way, it is said here.",
            (),
        );
        return Ok(in_app(heading, view! { {none} {mail} }));
    }
    let older = page.rows.last().filter(|_| page.has_more).map(|it| {
        let href = format!("/notices?after={}", it.id);
        view! { <div class="form-actions"><a class="button" href=href>"Older ones"</a></div> }
    });
    let rows: Vec<_> = page.rows.iter().map(|it| row(it, act.at)).collect();
    Ok(in_app(heading, view! { <div class="card"><ul class="notices">{rows}</ul></div> {older} {mail} }))
}

/// Following one that is not read marks it as read; so it is a button, and works as a link does.
fn row(it: &Notice, now: DateTime<Utc>) -> impl IntoView + use<> {
    let class = if it.read_at.is_some() { "notice" } else { "notice unread" };
    let look = if it.kind.is_pressing() { "triangle-alert" } else { "info" };
    let words = view! {
        {icon(look)}
        <span class="grow">
            <span class="title">{it.kind.label()}{it.read_at.is_none().then(|| view! { <span class="sr-only">", not read"</span> })}</span>
            <span class="sentence">{it.sentence.clone()}</span>
            <span class="sub">{ago(it.made_at, now)}</span>
        </span>
    };
    let whole = if it.read_at.is_some() {
        view! { <a class="notice-link" href=it.path.clone()>{words}</a> }.into_any()
    } else {
        let button = view! { <button class="notice-link">{words}</button> };
        button_form("open_notice", vec![("notice", it.id.to_string())], button)
    };
    view! { <li class=class>{whole}</li> }
}

/// Only where mail is sent at all.
fn mail(mailed: bool) -> Option<impl IntoView> {
    expect_context::<People>().sends_mail().then(|| {
        let (says, word) = if mailed {
            ("What you have not read after two minutes is mailed to you.", "Mail me nothing of it")
        } else {
            ("Nothing of this is mailed to you.", "Mail it to me")
        };
        let button = view! { <button class="button small">{word}</button> };
        view! {
            <section class="section notice-mail" aria-label="By mail">
                <p class="muted">{says}</p>
                {button_form("mail_notices", vec![("mailed", (!mailed).to_string())], button)}
            </section>
        }
    })
}
