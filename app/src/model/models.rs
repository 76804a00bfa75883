use domain::audit::Thing;
use domain::model::{Card, Price};
use domain::people::Permission;
use engine::Error;
use engine::shelf::Shelves;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{PAGE, apply, next_version, tabs};
use crate::shelf::{self, Versions};
use crate::ui::{Heading, dollars, empty, facts, in_app, load};
use crate::visit::{self, query};

pub fn models_page() -> impl IntoView {
    load(list())
}

async fn list() -> Result<AnyView, Error> {
    let act = visit::act()?;
    let page = expect_context::<Shelves>().models.list(&act, query("after").as_deref(), PAGE).await?;
    let may_apply = act.may(Permission::ManageWorkflows);
    let button = || apply("Apply a model", "model");
    let list = if page.rows.is_empty() {
        let words = "A card says where a model is asked, what it costs and who answers for it. Steps of workflows name it.";
        empty("bot", "No models yet", words, may_apply.then(button)).into_any()
    } else {
        shelf::list(Thing::Model, &page, act.at, "One model", "models").into_any()
    };
    let actions = may_apply.then(|| button().into_any());
    let heading = Heading { title: "Models and prompts".to_owned(), actions, ..Heading::default() };
    Ok(in_app(heading, view! { {tabs("/models")} {list} }))
}

pub fn model_page() -> impl IntoView {
    let name = use_params_map().with_untracked(|params| params.get("name")).unwrap_or_default();
    load(one(name))
}

async fn one(name: String) -> Result<AnyView, Error> {
    let act = visit::act()?;
    let versions = Versions::of(&expect_context::<Shelves>().models, &act, &name).await?;
    let card = &versions.opened.what;
    let notes = (!card.notes.is_empty()).then(|| view! { <p class="lead">{card.notes.clone()}</p> });
    let content = view! {
        {notes}
        <section class="card" aria-label="The card"><div class="card-body">{about(card)}</div></section>
        {versions.sections(act.at)}
    };
    let actions = act.may(Permission::ManageWorkflows).then(|| next_version("model", &name).into_any());
    Ok(in_app(Heading { actions, ..versions.heading() }, content))
}

fn about(card: &Card) -> impl IntoView + use<> {
    let text = |text: &str| {
        if text.is_empty() {
            view! { <span class="muted">"not said"</span> }.into_any()
        } else {
            text.to_owned().into_any()
        }
    };
    let mono = |text: String| view! { <span class="mono">{text}</span> }.into_any();
    let tokens = |most: Option<u32>| text(&most.map(|most| format!("{most} tokens")).unwrap_or_default());
    let mut pairs = vec![
        ("Provider", text(&card.provider)),
        ("Asked as", mono(card.id.clone())),
        ("API", format!("{}, JSON {}", card.api.label(), card.answers.label()).into_any()),
        ("Address", mono(card.url.clone())),
        (
            "Secret",
            card.key.as_ref().map_or_else(|| "none: the API is open".into_any(), |key| mono(key.clone())),
        ),
        ("Price", price(card.price).into_any()),
        ("Question and answer", tokens(card.limits.context)),
        ("Answer", tokens(card.limits.output)),
        ("Owner", text(&card.owner)),
    ];
    if !card.extra.is_empty() {
        let extra = serde_json::to_string(&card.extra).unwrap_or_default();
        pairs.push(("Also sent", mono(extra)));
    }
    facts(pairs)
}

fn price(price: Option<Price>) -> String {
    match price {
        Some(Price { input, output }) => {
            format!("{} in, {} out, by the million tokens", dollars(input), dollars(output))
        }
        None => "nobody bills for it".to_owned(),
    }
}
