use chrono::Timelike;
use domain::people::{Permission, Person};
use engine::Error;
use engine::act::Act;
use engine::audit::{Audit, Filter};
use engine::payment::Payments;
use engine::people::{Filter as PeopleFilter, People};
use engine::project::{Filter as ProjectFilter, Projects};
use leptos::prelude::*;

use crate::audit::latest_lines;
use crate::project::short_list;
use crate::shell::commands::places;
use crate::ui::{Heading, banner, icon, in_app, load};
use crate::visit;

pub fn page() -> impl IntoView {
    load(content())
}

async fn content() -> Result<AnyView, Error> {
    let act = visit::act()?;
    let me = act.person()?.clone();
    let people = expect_context::<People>();
    let mine = expect_context::<Projects>()
        .list(&act, &ProjectFilter { of: Some(me.id), ..Default::default() }, 6)
        .await?;
    let invited = waiting_invitations(&act, &people).await?;
    let to_approve =
        if act.may(Permission::SeePay) { expect_context::<Payments>().waiting(&act).await? } else { 0 };
    let latest = latest_changes(&act).await?;
    let two_step = (!me.two_step && act.may(Permission::SeePeople)).then(|| {
        let words = view! {
            <strong>"Protect your account."</strong>
            " You can see everybody's data: "
            <a href="/profile/security">"set up two-step sign-in"</a>
            "."
        };
        banner("warn", words)
    });
    let doors: Vec<_> = places()
        .filter(|place| !place.about.is_empty())
        .map(|place| {
            let count = match place.href {
                "/people" => invited.clone().map(|count| (count, " invited")),
                "/pay" => (to_approve > 0).then(|| (to_approve.to_string(), " to approve")),
                _ => None,
            };
            let count = count.map(|(count, what)| view! { <span class="nav-count">{count}<span class="sr-only">{what}</span></span> });
            view! {
                <a class="door" href=place.href>{icon(place.icon)}<strong>{place.words}</strong>{count}<span>{place.about}</span></a>
            }
        })
        .collect();
    let projects = if mine.rows.is_empty() {
        let words = "You are not on a project yet. A manager adds you to one; it shows up here then.";
        view! { <div class="empty">{icon("inbox")}<p>{words}</p></div> }.into_any()
    } else {
        short_list(&mine.rows).into_any()
    };
    // Who sees all projects anyway does not wait to be added to one.
    let mine_shown = !(mine.rows.is_empty() && act.may(Permission::SeeAllProjects));
    let mine = mine_shown.then(|| {
        view! {
            <section class="section" aria-labelledby="mine">
                <h2 id="mine">"Your projects"</h2>
                <div class="card">{projects}</div>
            </section>
        }
    });
    let content = view! {
        {two_step}
        <section class="section" aria-labelledby="desks">
            <h2 id="desks">"Your desks"</h2>
            <div class="grid">{doors}</div>
        </section>
        {mine}
        {latest}
    };
    let sub = act.at.with_timezone(&me.zone.local(act.at).timezone()).format("%A, %-d %B").to_string();
    let heading = Heading { title: greeting(&me, &act), sub: Some(sub.into_any()), ..Heading::default() };
    Ok(in_app(heading, content))
}

fn greeting(me: &Person, act: &Act) -> String {
    let first = me.name.as_str().split_whitespace().next().unwrap_or_default();
    let words = match me.zone.local(act.at).hour() {
        5..12 => "Good morning",
        12..18 => "Good afternoon",
        18..23 => "Good evening",
        _ => "Hello",
    };
    format!("{words}, {first}")
}

/// How many have been invited and not joined, for those who could do something about it.
async fn waiting_invitations(act: &Act, people: &People) -> Result<Option<String>, Error> {
    const MOST: usize = 99;
    if !act.may(Permission::ManagePeople) {
        return Ok(None);
    }
    let filter = PeopleFilter { status: Some(domain::people::Status::Invited), ..PeopleFilter::default() };
    let page = people.list(act, &filter, MOST).await?;
    let more = if page.has_more { "+" } else { "" };
    Ok((!page.rows.is_empty()).then(|| format!("{}{more}", page.rows.len())))
}

async fn latest_changes(act: &Act) -> Result<Option<AnyView>, Error> {
    if !act.may(Permission::ReadAudit) {
        return Ok(None);
    }
    let page = expect_context::<Audit>().page(act, &Filter::default(), 6).await?;
    let view = view! {
        <section class="section" aria-labelledby="latest">
            <div class="section-header"><h2 id="latest">"Latest changes"</h2><a href="/audit">"All"</a></div>
            <div class="audit"><ol class="audit-list">{latest_lines(&page.rows, act.at)}</ol></div>
        </section>
    };
    Ok(Some(view.into_any()))
}
