use domain::audit::Thing;
use domain::people::Permission;
use engine::Error;
use engine::workflow::Workflows;
use leptos::prelude::*;

use crate::shelf;
use crate::ui::{Heading, empty, icon, in_app, load};
use crate::visit::{self, query};

const PAGE: usize = 50;

pub fn list_page() -> impl IntoView {
    load(content())
}

async fn content() -> Result<AnyView, Error> {
    let act = visit::act()?;
    let page = expect_context::<Workflows>().list(&act, query("after").as_deref(), PAGE).await?;
    let may_apply = act.may(Permission::ManageWorkflows);
    let apply = || {
        view! { <a class="button primary" href="/workflows/apply">{icon("upload")}"Apply a file"</a> }
    };
    let list = if page.rows.is_empty() {
        let words = "A workflow says what is done with each item that comes in. It is a file that you write, check and apply.";
        empty("workflow", "No workflows yet", words, may_apply.then(apply)).into_any()
    } else {
        shelf::list(Thing::Workflow, &page, act.at, "One workflow", "workflows").into_any()
    };
    let heading = Heading {
        title: "Workflows".to_owned(),
        actions: may_apply.then(|| apply().into_any()),
        ..Heading::default()
    };
    Ok(in_app(heading, list))
}
