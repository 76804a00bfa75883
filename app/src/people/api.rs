//! What can be done about people.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::Failure;

/// Somebody invited, with the link that is shown this once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InvitedView {
    pub id: String,
    pub name: String,
    pub email: String,
    pub link: String,
    pub mailed: bool,
}

/// How a row of a file would be taken.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RowView {
    pub line: u64,
    pub name: String,
    pub email: String,
    pub roles: String,
    pub zone: String,
    pub known: bool,
    /// What is wrong, column by column.
    pub faults: Vec<String>,
}

#[cfg(feature = "ssr")]
impl From<engine::people::Invited> for InvitedView {
    fn from(invited: engine::people::Invited) -> Self {
        Self {
            id: invited.person.id.to_string(),
            name: invited.person.name.to_string(),
            email: invited.person.email.to_string(),
            link: invited.link,
            mailed: invited.mailed,
        }
    }
}

#[cfg(feature = "ssr")]
fn person_id(text: &str) -> Result<domain::ids::PersonId, Failure> {
    text.parse().map_err(|_| domain::Fault::not_found("There is no such person.").into())
}

#[server(prefix = "/do", endpoint = "invite_person")]
pub async fn invite_person(
    email: String,
    name: String,
    #[server(default)] roles: Vec<String>,
) -> Result<InvitedView, Failure> {
    let invitation = engine::people::Invitation { email, name, roles, zone: String::new() };
    let people = expect_context::<engine::people::People>();
    Ok(people.invite(&crate::visit::act()?, &invitation).await?.into())
}

#[server(prefix = "/do", endpoint = "preview_people")]
pub async fn preview_people(
    #[server(default)] csv: String,
    #[server(default)] file: String,
) -> Result<Vec<RowView>, Failure> {
    let text = if file.trim().is_empty() { csv } else { file };
    let people = expect_context::<engine::people::People>();
    let preview = people.preview_csv(&crate::visit::act()?, &text).await?;
    let view = |row: engine::people::CsvRow| RowView {
        line: row.line,
        name: row.invitation.name,
        email: row.invitation.email,
        roles: row.invitation.roles.join(", "),
        zone: row.invitation.zone,
        known: row.known,
        faults: row.faults.into_iter().map(|(_, message)| message).collect(),
    };
    Ok(preview.rows.into_iter().map(view).collect())
}

#[server(prefix = "/do", endpoint = "import_people")]
pub async fn import_people(csv: String) -> Result<Vec<InvitedView>, Failure> {
    let people = expect_context::<engine::people::People>();
    let invited = people.import_csv(&crate::visit::act()?, &csv).await?;
    Ok(invited.into_iter().map(InvitedView::from).collect())
}

#[server(prefix = "/do", endpoint = "change_person")]
pub async fn change_person(
    id: String,
    name: String,
    #[server(default)] roles: Vec<String>,
    zone: String,
    version: i64,
) -> Result<(), Failure> {
    let change = engine::people::Change { name, roles, zone, version };
    let people = expect_context::<engine::people::People>();
    let person = people.change(&crate::visit::act()?, person_id(&id)?, &change).await?;
    crate::visit::done(&format!("/people/{id}"), &format!("{} is saved.", person.name));
    Ok(())
}

#[server(prefix = "/do", endpoint = "disable_person")]
pub async fn disable_person(id: String) -> Result<(), Failure> {
    let people = expect_context::<engine::people::People>();
    let person = people.disable(&crate::visit::act()?, person_id(&id)?).await?;
    crate::visit::done(
        &format!("/people/{id}"),
        &format!("{} is disabled and signed out everywhere.", person.name),
    );
    Ok(())
}

#[server(prefix = "/do", endpoint = "enable_person")]
pub async fn enable_person(id: String) -> Result<(), Failure> {
    let people = expect_context::<engine::people::People>();
    let person = people.enable(&crate::visit::act()?, person_id(&id)?).await?;
    crate::visit::done(&format!("/people/{id}"), &format!("{} may come in again.", person.name));
    Ok(())
}

/// For somebody who has lost both phone and recovery codes.
#[server(prefix = "/do", endpoint = "reset_two_step")]
pub async fn reset_two_step(id: String) -> Result<(), Failure> {
    let people = expect_context::<engine::people::People>();
    let person = people.reset_two_step(&crate::visit::act()?, person_id(&id)?).await?;
    let words = format!("{} signs in with the password alone, and is signed out everywhere.", person.name);
    crate::visit::done(&format!("/people/{id}"), &words);
    Ok(())
}

/// A fresh invitation, or a link to choose a new password.
#[server(prefix = "/do", endpoint = "new_link")]
pub async fn new_link(id: String) -> Result<InvitedView, Failure> {
    let people = expect_context::<engine::people::People>();
    Ok(people.new_link(&crate::visit::act()?, person_id(&id)?).await?.into())
}

/// Ends one session, one's own or, for an admin, anybody's.
#[server(prefix = "/do", endpoint = "end_session")]
pub async fn end_session(person: String, session: String) -> Result<(), Failure> {
    let people = expect_context::<engine::people::People>();
    people.end_session(&crate::visit::act()?, person_id(&person)?, &session).await?;
    crate::visit::done(&crate::visit::form_page(), "The session has ended.");
    Ok(())
}

/// Ends every session of a person but the one at hand.
#[server(prefix = "/do", endpoint = "end_other_sessions")]
pub async fn end_other_sessions(person: String) -> Result<(), Failure> {
    let people = expect_context::<engine::people::People>();
    let keep = crate::visit::session_hash();
    let ended =
        people.end_other_sessions(&crate::visit::act()?, person_id(&person)?, keep.as_deref()).await?;
    let words = if ended == 1 { "One session ended.".to_owned() } else { format!("{ended} sessions ended.") };
    crate::visit::done(&crate::visit::form_page(), &words);
    Ok(())
}
