//! What can be done about projects.

use leptos::prelude::*;

use crate::Failure;

#[cfg(feature = "ssr")]
fn project_id(text: &str) -> Result<domain::ids::ProjectId, Failure> {
    text.parse().map_err(|_| domain::Fault::not_found("There is no such project.").into())
}

#[server(prefix = "/do", endpoint = "make_project")]
pub async fn make_project(
    code: String,
    name: String,
    client: String,
    currency: String,
) -> Result<(), Failure> {
    let draft = engine::project::Draft { code, name, client, currency, ..engine::project::Draft::default() };
    let projects = expect_context::<engine::project::Projects>();
    let project = projects.make(&crate::visit::act()?, &draft).await?;
    crate::visit::done(
        &format!("/projects/{}", project.id),
        &format!("{} is made. Add the people who work on it.", project.code),
    );
    Ok(())
}

#[server(prefix = "/do", endpoint = "change_project")]
pub async fn change_project(
    id: String,
    code: String,
    name: String,
    client: String,
    currency: String,
    status: String,
    version: i64,
) -> Result<(), Failure> {
    let draft = engine::project::Draft { code, name, client, currency, status, version };
    let projects = expect_context::<engine::project::Projects>();
    let project = projects.change(&crate::visit::act()?, project_id(&id)?, &draft).await?;
    crate::visit::done(&format!("/projects/{id}"), &format!("{} is saved.", project.code));
    Ok(())
}

#[server(prefix = "/do", endpoint = "set_member")]
pub async fn set_member(id: String, email: String, role: String) -> Result<(), Failure> {
    let projects = expect_context::<engine::project::Projects>();
    projects.set_member(&crate::visit::act()?, project_id(&id)?, &email, &role).await?;
    crate::visit::done(&format!("/projects/{id}"), &format!("{} is on the project.", email.trim()));
    Ok(())
}

#[server(prefix = "/do", endpoint = "assign_member")]
pub async fn assign_member(
    id: String,
    person: String,
    starts_on: String,
    ends_on: String,
    level: String,
    level_from: String,
) -> Result<(), Failure> {
    let person = person.parse().map_err(|_| Failure(domain::Fault::not_found("There is no such person.")))?;
    let draft = engine::project::AssignmentDraft { starts_on, ends_on, level, level_from };
    let projects = expect_context::<engine::project::Projects>();
    projects.assign(&crate::visit::act()?, project_id(&id)?, person, &draft).await?;
    crate::visit::done(&format!("/projects/{id}"), "The assignment is saved.");
    Ok(())
}

#[server(prefix = "/do", endpoint = "add_task")]
pub async fn add_task(
    id: String,
    name: String,
    paid_by: String,
    #[server(default)] unit: String,
    #[server(default)] day_hours: String,
    #[server(default)] day_units: String,
) -> Result<(), Failure> {
    let draft =
        engine::project::TaskDraft { name, paid_by, unit, day_hours, day_units, active: true, version: 0 };
    let projects = expect_context::<engine::project::Projects>();
    let task = projects.add_task(&crate::visit::act()?, project_id(&id)?, &draft).await?;
    let word = format!("{} is added. It needs a rate, if none is there for it yet.", task.name);
    crate::visit::done(&format!("/projects/{id}/tasks"), &word);
    Ok(())
}

#[server(prefix = "/do", endpoint = "change_task")]
pub async fn change_task(
    id: String,
    task: String,
    name: String,
    #[server(default)] unit: String,
    #[server(default)] day_hours: String,
    #[server(default)] day_units: String,
    #[server(default)] active: Vec<String>,
    version: i64,
) -> Result<(), Failure> {
    let gone = |_| Failure(domain::Fault::not_found("There is no such task on this project."));
    let (task, active) = (task.parse().map_err(gone)?, !active.is_empty());
    let paid_by = String::new();
    let draft = engine::project::TaskDraft { name, paid_by, unit, day_hours, day_units, active, version };
    let projects = expect_context::<engine::project::Projects>();
    let task = projects.change_task(&crate::visit::act()?, project_id(&id)?, task, &draft).await?;
    crate::visit::done(&format!("/projects/{id}/tasks"), &format!("{} is saved.", task.name));
    Ok(())
}

#[server(prefix = "/do", endpoint = "set_terms")]
pub async fn set_terms(
    id: String,
    version: i64,
    #[server(flatten)] terms: domain::project::TermsDraft,
) -> Result<(), Failure> {
    let projects = expect_context::<engine::project::Projects>();
    projects.set_terms(&crate::visit::act()?, project_id(&id)?, version, &terms).await?;
    crate::visit::done(&format!("/projects/{id}/terms"), "The periods and limits are saved.");
    Ok(())
}

#[server(prefix = "/do", endpoint = "remove_member")]
pub async fn remove_member(id: String, person: String) -> Result<(), Failure> {
    let person = person.parse().map_err(|_| Failure(domain::Fault::not_found("There is no such person.")))?;
    let projects = expect_context::<engine::project::Projects>();
    projects.remove_member(&crate::visit::act()?, project_id(&id)?, person).await?;
    crate::visit::done(&format!("/projects/{id}"), "Removed from the project.");
    Ok(())
}
