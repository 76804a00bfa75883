//! Files of timesheets, as programs see them.

use chrono::{DateTime, NaiveDate, Utc};
use domain::Fault;
use domain::timesheet::import::{Aside, DayOrder, Mapping, Role};
use engine::timesheet::import::{DropBrief, Dropped, FileSeen, Preview, Said, Standing, TakenFiles};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Files that were brought together
#[derive(Serialize, ToSchema)]
pub struct DropBriefView {
    pub id: Uuid,
    pub by: String,
    pub at: DateTime<Utc>,
    pub names: Vec<String>,
    pub taken: usize,
}

#[derive(Serialize, ToSchema)]
pub struct DropView {
    pub id: Uuid,
    pub by: String,
    pub at: DateTime<Utc>,
    /// Whether what is taken is submitted; otherwise it becomes drafts
    pub submits: bool,
    /// Lines that are ready and unusual: taking them needs `confirm`
    pub unusual: usize,
    pub files: Vec<FileView>,
}

#[derive(Serialize, ToSchema)]
pub struct FileView {
    pub id: Uuid,
    pub name: String,
    pub sha256: String,
    /// ready, needs_you, taken, taken_before, twice or nothing_new
    pub state: &'static str,
    /// Why it cannot be read at all
    pub unreadable: Option<String>,
    pub projects: Vec<String>,
    pub from: Option<NaiveDate>,
    pub until: Option<NaiveDate>,
    pub people: usize,
    /// Lines that are new, that change one, and that are here as they are
    pub new: usize,
    pub changed: usize,
    pub same: usize,
    pub minutes: i64,
    pub units: i64,
    pub columns: Vec<ColumnView>,
    /// What is to be put right before it can be taken
    pub wrong: Vec<SaidView>,
    pub unusual: Vec<SaidView>,
}

#[derive(Serialize, ToSchema)]
pub struct ColumnView {
    pub title: String,
    /// person, project, task, date, hours, units, note, external_id, on_day or ignored
    pub says: &'static str,
}

/// The same said about some rows
#[derive(Serialize, ToSchema)]
pub struct SaidView {
    pub column: Option<String>,
    pub message: String,
    /// The first of them
    pub rows: Vec<u32>,
    pub count: usize,
}

/// What the columns of a file say, and what holds for all of its rows where no column says it
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ColumnsBody {
    /// For each column person, project, task, date, hours, units, note, external_id, on_day or ignored
    pub columns: Vec<String>,
    /// day_first or month_first, where dates are only numbers
    pub day_order: Option<String>,
    pub person: Option<String>,
    pub project: Option<String>,
    pub task: Option<String>,
    /// Any day of the week that a sheet of weekdays is about
    pub week: Option<NaiveDate>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeBody {
    /// What is unusual was looked at, and is so
    #[serde(default)]
    pub confirm: bool,
}

#[derive(Serialize, ToSchema)]
pub struct TakenView {
    pub files: usize,
    pub lines: usize,
    /// Files that were right when they were looked at, and are not any more
    pub refused: usize,
    /// They are still being taken: look again
    pub goes_on: bool,
}

impl From<Option<TakenFiles>> for TakenView {
    fn from(taken: Option<TakenFiles>) -> Self {
        let TakenFiles { files, lines, refused } = taken.unwrap_or_default();
        Self { files, lines, refused, goes_on: taken.is_none() }
    }
}

impl From<DropBrief> for DropBriefView {
    fn from(it: DropBrief) -> Self {
        Self { id: it.id.0, by: it.by, at: it.at, names: it.names, taken: it.taken }
    }
}

impl From<Dropped> for DropView {
    fn from(it: Dropped) -> Self {
        Self {
            unusual: it.unusual(),
            id: it.id.0,
            by: it.by,
            at: it.at,
            submits: it.for_staff,
            files: it.files.into_iter().map(FileView::from).collect(),
        }
    }
}

impl From<FileSeen> for FileView {
    fn from(file: FileSeen) -> Self {
        let it = &file.preview;
        Self {
            id: file.id.0,
            sha256: file.digest.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat(),
            state: word(&file.standing),
            unreadable: it.unreadable.clone(),
            projects: it.projects.clone(),
            from: it.days.map(|days| days.0),
            until: it.days.map(|days| days.1),
            people: it.people,
            new: it.new,
            changed: it.changed,
            same: it.same,
            minutes: it.minutes,
            units: it.units,
            columns: it
                .columns
                .iter()
                .map(|column| ColumnView { title: column.title.clone(), says: column.role.word() })
                .collect(),
            wrong: it.flaws.iter().map(|said| said_view(it, said)).collect(),
            unusual: it.unusual.iter().map(|said| said_view(it, said)).collect(),
            name: file.name,
        }
    }
}

const fn word(standing: &Standing) -> &'static str {
    match standing {
        Standing::Ready => "ready",
        Standing::Wrong => "needs_you",
        Standing::Taken(_) => "taken",
        Standing::Known { .. } => "taken_before",
        Standing::Twice => "twice",
        Standing::Empty => "nothing_new",
    }
}

fn said_view(preview: &Preview, said: &Said) -> SaidView {
    SaidView {
        column: said.column.map(|column| preview.title(column)),
        message: said.message.clone(),
        rows: said.rows.clone(),
        count: said.count,
    }
}

impl ColumnsBody {
    pub fn mapping(self) -> Result<Mapping, Fault> {
        let role = |word: &String| {
            Role::parse(word).ok_or_else(|| Fault::field("columns", format!("No column can say “{word}”.")))
        };
        let order = |word: &str| {
            DayOrder::parse(word).ok_or_else(|| Fault::field("day_order", "Write day_first or month_first."))
        };
        Ok(Mapping {
            roles: self.columns.iter().map(role).collect::<Result<_, _>>()?,
            day_order: self.day_order.as_deref().map(order).transpose()?,
            aside: Aside { person: self.person, project: self.project, task: self.task, week: self.week },
        })
    }
}
