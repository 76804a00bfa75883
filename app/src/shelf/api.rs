//! What can be done with files, whatever they are about.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::Failure;

/// What applying a file would do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PlanView {
    /// Where the page of what it is about is.
    pub page: String,
    pub name: String,
    pub title: String,
    pub version: i64,
    /// Whether it is the first version, and whether it says anything new.
    pub fresh: bool,
    pub same: bool,
    /// A unified diff of the file, if there was another before.
    pub difference: String,
}

#[cfg(feature = "ssr")]
impl From<engine::shelf::Plan> for PlanView {
    fn from(plan: engine::shelf::Plan) -> Self {
        use engine::shelf::Change;
        let (fresh, same) = (plan.change == Change::New, plan.change == Change::Same);
        let difference = match plan.change {
            Change::Changed { difference } => difference,
            Change::New | Change::Same => String::new(),
        };
        Self {
            page: super::page_of(plan.thing, &plan.name),
            name: plan.name,
            title: plan.title,
            version: plan.version,
            fresh,
            same,
            difference,
        }
    }
}

/// A file that was chosen wins over what was pasted.
#[server(prefix = "/do", endpoint = "plan_file")]
pub async fn plan_file(
    #[server(default)] source: String,
    #[server(default)] file: String,
) -> Result<PlanView, Failure> {
    let source = if file.trim().is_empty() { source } else { file };
    let shelves = expect_context::<engine::shelf::Shelves>();
    Ok(shelves.plan(&crate::visit::act()?, &crate::visit::plain_lines(&source)).await?.into())
}

#[server(prefix = "/do", endpoint = "apply_file")]
pub async fn apply_file(
    #[server(default)] source: String,
    #[server(default)] base: Option<i64>,
) -> Result<(), Failure> {
    let shelves = expect_context::<engine::shelf::Shelves>();
    let plan = shelves.apply(&crate::visit::act()?, &crate::visit::plain_lines(&source), base).await?;
    let words = if plan.change == engine::shelf::Change::Same {
        format!("{} said this already: version {} stays the newest.", plan.title, plan.version)
    } else {
        format!("Version {} of {} is applied.", plan.version, plan.title)
    };
    crate::visit::done(&super::page_of(plan.thing, &plan.name), &words);
    Ok(())
}
