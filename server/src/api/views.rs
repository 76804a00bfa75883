//! What the API shows and takes. Kept apart from the domain's types: these may not change under anybody's program.

use chrono::{DateTime, Utc};
use domain::people::Person;
use domain::project::{Member, Project};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
pub struct PersonView {
    pub id: Uuid,
    pub email: String,
    pub name: String,
    /// annotator, reviewer, manager, admin
    pub roles: Vec<&'static str>,
    /// IANA time zone
    pub zone: String,
    /// invited, active or disabled
    pub status: &'static str,
    pub two_step: bool,
    /// Send it back with a change; a change to an older version is refused with 409.
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub seen_at: Option<DateTime<Utc>>,
}

impl From<Person> for PersonView {
    fn from(person: Person) -> Self {
        Self {
            id: person.id.0,
            email: person.email.to_string(),
            name: person.name.to_string(),
            roles: person.roles.iter().map(domain::people::Role::word).collect(),
            zone: person.zone.to_string(),
            status: person.status.word(),
            two_step: person.two_step,
            version: person.version,
            created_at: person.created_at,
            seen_at: person.seen_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct PeoplePage {
    pub people: Vec<PersonView>,
    /// Pass it as `after` for the next page; absent at the end.
    pub next: Option<Uuid>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PeopleQuery {
    /// Part of a name or an address
    pub text: Option<String>,
    /// annotator, reviewer, manager or admin
    pub role: Option<String>,
    /// invited, active or disabled
    pub status: Option<String>,
    /// The `next` of the page before
    pub after: Option<Uuid>,
    /// At most 200; 50 if absent
    pub limit: Option<usize>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitationBody {
    pub email: String,
    pub name: String,
    pub roles: Vec<String>,
    pub zone: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct InvitedView {
    pub person: PersonView,
    /// Works once, for seven days. It is not shown again.
    pub link: String,
    /// Whether it was also mailed.
    pub mailed: bool,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonChange {
    pub name: Option<String>,
    pub roles: Option<Vec<String>>,
    pub zone: Option<String>,
    pub version: i64,
}

#[derive(Serialize, ToSchema)]
pub struct ProjectView {
    pub id: Uuid,
    pub code: String,
    pub name: String,
    pub client: String,
    /// ISO 4217
    pub currency: String,
    /// active, paused or closed
    pub status: &'static str,
    pub version: i64,
    pub created_at: DateTime<Utc>,
}

impl From<Project> for ProjectView {
    fn from(project: Project) -> Self {
        Self {
            id: project.id.0,
            code: project.code.to_string(),
            name: project.name.to_string(),
            client: project.client.to_string(),
            currency: project.currency.to_string(),
            status: project.status.word(),
            version: project.version,
            created_at: project.created_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct ProjectsPage {
    pub projects: Vec<ProjectView>,
    /// Pass it as `after` for the next page; absent at the end.
    pub next: Option<Uuid>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ProjectsQuery {
    /// Part of a code, a name or a client
    pub text: Option<String>,
    /// active, paused or closed
    pub status: Option<String>,
    /// The `next` of the page before
    pub after: Option<Uuid>,
    /// At most 200; 50 if absent
    pub limit: Option<usize>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProjectBody {
    /// 2 to 24 letters, digits and hyphens
    pub code: String,
    pub name: String,
    pub client: String,
    /// ISO 4217
    pub currency: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProjectChange {
    pub code: Option<String>,
    pub name: Option<String>,
    pub client: Option<String>,
    pub currency: Option<String>,
    /// active, paused or closed
    pub status: Option<String>,
    pub version: i64,
}

#[derive(Serialize, ToSchema)]
pub struct MemberView {
    pub person_id: Uuid,
    pub name: String,
    pub email: String,
    /// annotator, reviewer or manager
    pub role: &'static str,
}

impl From<Member> for MemberView {
    fn from(member: Member) -> Self {
        Self {
            person_id: member.person_id.0,
            name: member.name.to_string(),
            email: member.email.to_string(),
            role: member.role.word(),
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberBody {
    /// annotator, reviewer or manager
    pub role: String,
}

/// What went wrong (RFC 9457).
#[derive(Serialize, ToSchema)]
pub struct Problem {
    pub r#type: String,
    pub title: String,
    pub status: u16,
    pub detail: String,
    /// For programs: invalid, signed-out, forbidden, not-found, conflict, gone, too-many, …
    pub kind: String,
    /// Which fields are wrong, and why
    pub errors: Vec<ProblemField>,
    /// Name it when you ask for help.
    pub request_id: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct ProblemField {
    pub field: String,
    pub message: String,
}
