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

#[server(prefix = "/do", endpoint = "remove_member")]
pub async fn remove_member(id: String, person: String) -> Result<(), Failure> {
    let person = person.parse().map_err(|_| Failure(domain::Fault::not_found("There is no such person.")))?;
    let projects = expect_context::<engine::project::Projects>();
    projects.remove_member(&crate::visit::act()?, project_id(&id)?, person).await?;
    crate::visit::done(&format!("/projects/{id}"), "Removed from the project.");
    Ok(())
}
