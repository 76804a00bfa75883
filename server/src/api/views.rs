//! What the API shows and takes. Kept apart from the domain's types: these may not change under anybody's program.

use chrono::{DateTime, Utc};
use domain::people::Person;
use domain::project::{Member, Project};
use engine::shelf::{Change, Entry, Opened, Plan, Shelved, VersionLine};
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

/// A workflow, a model or a prompt
#[derive(Serialize, ToSchema)]
pub struct EntryView {
    pub name: String,
    pub title: String,
    /// The newest version
    pub version: i64,
    pub changed_at: DateTime<Utc>,
}

#[derive(Serialize, ToSchema)]
pub struct WorkflowsPage {
    pub workflows: Vec<EntryView>,
    /// Pass it as `after` for the next page
    pub next: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct ModelsPage {
    pub models: Vec<EntryView>,
    /// Pass it as `after` for the next page
    pub next: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct PromptsPage {
    pub prompts: Vec<EntryView>,
    /// Pass it as `after` for the next page
    pub next: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EntriesQuery {
    /// The `next` of the page before
    pub after: Option<String>,
    /// 1 to 200; 50 if not said
    pub limit: Option<usize>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplyBody {
    /// The file, YAML or JSON, as text
    pub source: String,
    /// Only say what would happen
    pub dry_run: Option<bool>,
    /// The version this is a change of, 0 for a new one: refused with 409 if another has come since
    pub base: Option<i64>,
}

#[derive(Serialize, ToSchema)]
pub struct PlanView {
    pub name: String,
    pub title: String,
    /// The newest version afterwards
    pub version: i64,
    /// new, same or changed
    pub change: &'static str,
    /// What is different in the file, as a unified diff
    pub difference: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct VersionView {
    pub name: String,
    pub number: i64,
    /// SHA-256 of the definition
    pub hash: String,
    /// The file as it was applied
    pub source: String,
    /// What was read from it
    pub definition: serde_json::Value,
    pub author: String,
    pub applied_at: DateTime<Utc>,
}

#[derive(Serialize, ToSchema)]
pub struct VersionLineView {
    pub number: i64,
    pub hash: String,
    pub author: String,
    pub applied_at: DateTime<Utc>,
}

#[derive(Serialize, ToSchema)]
pub struct VersionsPage {
    pub versions: Vec<VersionLineView>,
    /// Pass it as `before` for the next page
    pub next: Option<i64>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct VersionsQuery {
    /// The `next` of the page before
    pub before: Option<i64>,
    /// 1 to 200; 50 if not said
    pub limit: Option<usize>,
}

impl From<Entry> for EntryView {
    fn from(entry: Entry) -> Self {
        Self { name: entry.name, title: entry.title, version: entry.version, changed_at: entry.changed_at }
    }
}

impl From<Plan> for PlanView {
    fn from(plan: Plan) -> Self {
        let (change, difference) = match plan.change {
            Change::New => ("new", None),
            Change::Same => ("same", None),
            Change::Changed { difference } => ("changed", Some(difference)),
        };
        Self { name: plan.name, title: plan.title, version: plan.version, change, difference }
    }
}

impl<T: Shelved> From<Opened<T>> for VersionView {
    fn from(opened: Opened<T>) -> Self {
        let Opened { entry, version, what } = opened;
        Self {
            name: entry.name,
            number: version.number,
            hash: version.hash,
            definition: serde_json::json!(what),
            source: version.source,
            author: version.author_name,
            applied_at: version.applied_at,
        }
    }
}

impl From<VersionLine> for VersionLineView {
    fn from(line: VersionLine) -> Self {
        Self { number: line.number, hash: line.hash, author: line.author_name, applied_at: line.applied_at }
    }
}
