use chrono::{DateTime, Utc};
use domain::people::{Permission, Scope};
use engine::Error;
use engine::people::{People, Token};
use leptos::prelude::*;

use super::TokenView;
use super::details::{heading, tabs};
use crate::ui::{
    Field, FormState, ago, banner, button_form, choices, date, field, form, icon, in_app, load, secret,
    select, tag,
};
use crate::visit;

pub fn tokens_page() -> impl IntoView {
    load(content())
}

async fn content() -> Result<AnyView, Error> {
    let act = visit::act()?;
    let me = act.person()?.id;
    let tokens = expect_context::<People>().tokens(&act, me).await?;
    let state = FormState::of("make_token");
    let made = state.outcome::<TokenView>();
    let note = made.as_ref().map(|made| {
        let title = format!("{} is made.", made.name);
        view! {
            {banner("ok", view! { <strong>{title}</strong> " Copy it now: it is shown only this once." })}
            {secret("API token", &made.secret)}
        }
    });
    let rows: Vec<_> = tokens.iter().map(|token| row(token, act.at)).collect();
    let list = if rows.is_empty() {
        view! { <div class="empty">{icon("key-round")}<h3>"No tokens yet"</h3><p>"A token lets a program of yours use the API with your rights, or fewer."</p></div> }.into_any()
    } else {
        view! { <ul class="list">{rows}</ul> }.into_any()
    };
    // Only what a person may do anyway is offered for a token.
    let useful = |scope: &Scope| match scope {
        Scope::PeopleRead => act.may(Permission::SeePeople),
        Scope::PeopleWrite => act.may(Permission::ManagePeople),
        Scope::PeopleAdmin => act.may(Permission::Appoint),
        Scope::ProjectsRead => true,
        Scope::ProjectsWrite => act.may(Permission::ManageMembers),
        Scope::AuditRead => act.may(Permission::ReadAudit),
        Scope::WorkflowsRead => act.may(Permission::SeeWorkflows),
        Scope::WorkflowsWrite => act.may(Permission::ManageWorkflows),
        Scope::RunsRead => act.may(Permission::SeeRuns),
        Scope::RunsWrite => act.may(Permission::StartRuns),
        Scope::ErrandsWrite => act.may(Permission::DoErrands),
        Scope::ReviewsRead => act.may(Permission::SeeReviews),
        Scope::TimesheetsRead | Scope::TimesheetsWrite => act.may(Permission::EnterTime),
        Scope::PayRead => act.may(Permission::SeePay) || act.may(Permission::SeeOwnPay),
        Scope::PayWrite => act.may(Permission::ManagePay),
        Scope::ReviewsWrite => act.may(Permission::Decide),
    };
    let scopes = Scope::ALL.iter().filter(|scope| useful(scope));
    let scopes =
        scopes.map(|scope| (scope.word(), scope.label(), "", *scope == Scope::ProjectsRead)).collect();
    let lifetimes = [("30", "30 days"), ("90", "90 days"), ("365", "A year")];
    let lifetimes = lifetimes.map(|(days, words)| (days.to_owned(), words.to_owned()));
    // What was posted stays only while something is wrong with it.
    let state = if made.is_some() { FormState::of("") } else { state };
    let inside = view! {
        <div class="form-row">
            {field(&state, Field { name: "name", label: "What is it for?", rule: "token-name", autocomplete: "off", ..Field::default() })}
            {select(&state, Field { name: "days", label: "Works for", value: "90".to_owned(), ..Field::default() }, lifetimes)}
        </div>
        {choices(&state, "scopes", "What it may do", scopes)}
        <div class="form-actions"><button class="button primary">"Make the token"</button></div>
    };
    let content = view! {
        {tabs("/profile/tokens")}
        <div class="stack">
            {note}
            <section class="card" aria-labelledby="tokens">
                <div class="card-header">
                    <div>
                        <h2 id="tokens">"Your tokens"</h2>
                        <p class="sub">"For the API at " <a href="/api/docs">"/api/v1"</a></p>
                    </div>
                </div>
                {list}
            </section>
            <section class="card" aria-labelledby="new-token">
                <div class="card-header"><h2 id="new-token">"New token"</h2></div>
                <div class="card-body">{form(&FormState::of("make_token"), inside)}</div>
            </section>
        </div>
    };
    Ok(in_app(heading(), content))
}

fn row(token: &Token, now: DateTime<Utc>) -> impl IntoView + use<> {
    let works = token.works(now);
    let state = match (token.revoked_at.is_some(), works) {
        (true, _) => tag("neutral", "Revoked"),
        (false, true) => tag("ok", "Works"),
        (false, false) => tag("neutral", "Expired"),
    };
    let used = match token.used_at {
        Some(at) => view! { "last used " {ago(at, now)} }.into_any(),
        None => "never used".into_any(),
    };
    let name = token.name.as_str().to_owned();
    let revoke = works.then(|| {
        let label = format!("Revoke {name}");
        let button = view! { <button class="button small" aria-label=label>"Revoke"</button> };
        button_form("revoke_token", vec![("id", token.id.to_string())], button)
    });
    view! {
        <li>
            {icon("key-round")}
            <div class="grow">
                <p class="title">{name.clone()} " " {state}</p>
                <p class="sub">
                    <span class="mono">{token.hint.clone()}"…"</span> " · " {token.scopes.to_string()} " · until "
                    {date(token.expires_at)} " · " {used}
                </p>
            </div>
            {revoke}
        </li>
    }
}
