//! What can be done about workflows.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::Failure;

/// What applying a definition would do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PlanView {
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
impl From<engine::workflow::Plan> for PlanView {
    fn from(plan: engine::workflow::Plan) -> Self {
        use engine::workflow::Change;
        let (fresh, same) = (plan.change == Change::New, plan.change == Change::Same);
        let difference = match plan.change {
            Change::Changed { difference } => difference,
            Change::New | Change::Same => String::new(),
        };
        Self {
            name: plan.name.to_string(),
            title: plan.title,
            version: plan.version,
            fresh,
            same,
            difference,
        }
    }
}

/// A file that was chosen wins over what was pasted.
#[server(prefix = "/do", endpoint = "plan_workflow")]
pub async fn plan_workflow(
    #[server(default)] source: String,
    #[server(default)] file: String,
) -> Result<PlanView, Failure> {
    let source = if file.trim().is_empty() { source } else { file };
    let workflows = expect_context::<engine::workflow::Workflows>();
    Ok(workflows.plan(&crate::visit::act()?, &crate::visit::plain_lines(&source)).await?.into())
}

#[server(prefix = "/do", endpoint = "apply_workflow")]
pub async fn apply_workflow(
    #[server(default)] source: String,
    #[server(default)] base: Option<i64>,
) -> Result<(), Failure> {
    let workflows = expect_context::<engine::workflow::Workflows>();
    let plan = workflows.apply(&crate::visit::act()?, &crate::visit::plain_lines(&source), base).await?;
    let words = if plan.change == engine::workflow::Change::Same {
        format!("{} said this already: version {} stays the newest.", plan.title, plan.version)
    } else {
        format!("Version {} of {} is applied.", plan.version, plan.title)
    };
    crate::visit::done(&format!("/workflows/{}", plan.name), &words);
    Ok(())
}
