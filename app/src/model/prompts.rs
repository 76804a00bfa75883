use domain::audit::Thing;
use domain::people::Permission;
use domain::workflow::Template;
use engine::Error;
use engine::model::ReadyPrompt;
use engine::shelf::Shelves;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{PAGE, apply, next_version, tabs};
use crate::shelf::{self, Versions};
use crate::ui::{Heading, empty, in_app, load};
use crate::visit::{self, query};

pub fn prompts_page() -> impl IntoView {
    load(list())
}

async fn list() -> Result<AnyView, Error> {
    let act = visit::act()?;
    let page = expect_context::<Shelves>().prompts.list(&act, query("after").as_deref(), PAGE).await?;
    let may_apply = act.may(Permission::ManageWorkflows);
    let button = || apply("Apply a prompt", "prompt");
    let list = if page.rows.is_empty() {
        let words = "A prompt is what a model is asked, with places for what a step gives it. It is kept in versions, apart from the workflows that use it.";
        empty("message-square", "No prompts yet", words, may_apply.then(button)).into_any()
    } else {
        shelf::list(Thing::Prompt, &page, act.at, "One prompt", "prompts").into_any()
    };
    let actions = may_apply.then(|| button().into_any());
    let heading = Heading { title: "Models and prompts".to_owned(), actions, ..Heading::default() };
    Ok(in_app(heading, view! { {tabs("/prompts")} {list} }))
}

pub fn prompt_page() -> impl IntoView {
    let name = use_params_map().with_untracked(|params| params.get("name")).unwrap_or_default();
    load(one(name))
}

async fn one(name: String) -> Result<AnyView, Error> {
    let act = visit::act()?;
    let versions = Versions::of(&expect_context::<Shelves>().prompts, &act, &name).await?;
    let prompt = &versions.opened.what;
    let about =
        (!prompt.description.is_empty()).then(|| view! { <p class="lead">{prompt.description.clone()}</p> });
    let system = prompt.system.as_ref().map(|text| part("The system is told", "system", text));
    let names = ReadyPrompt::new(prompt.clone()).map(|ready| {
        let names: Vec<_> =
            ready.names().into_iter().map(|name| view! { <code>{name.to_owned()}</code> " " }).collect();
        (!names.is_empty()).then(|| view! { <p>"A step gives it " {names}</p> })
    });
    let content = view! {
        {about}
        {names.ok().flatten()}
        {system}
        {part("The user asks", "user", &prompt.user)}
        {versions.sections(act.at)}
    };
    let actions = act.may(Permission::ManageWorkflows).then(|| next_version("prompt", &name).into_any());
    Ok(in_app(Heading { actions, ..versions.heading() }, content))
}

fn part(title: &'static str, id: &'static str, text: &Template) -> impl IntoView + use<> {
    view! {
        <section class="section" aria-labelledby=id>
            <h2 id=id>{title}</h2>
            <pre class="code wrap" tabindex="0">{text.0.clone()}</pre>
        </section>
    }
}
