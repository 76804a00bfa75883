//! Files as they are looked at.

use std::collections::BTreeSet;
use std::sync::PoisonError;

use chrono::{DateTime, Utc};
use domain::Fault;
use domain::ids::{DropId, FileId};
use domain::people::Permission;
use domain::timesheet::import::Mapping;

use super::preview::Preview;
use crate::Error;
use crate::act::Act;
use crate::timesheet::Timesheets;
use crate::timesheet::store::file::{self, DropRow, FileRow, FileState};

/// How a file stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    Taken(DateTime<Utc>),
    /// The same was taken before, under that name.
    Known {
        drop: DropId,
        name: String,
        at: DateTime<Utc>,
    },
    /// The same is further up in the same drop.
    Twice,
    /// Something has to be put right.
    Wrong,
    /// All its lines are here already.
    Empty,
    Ready,
}

/// A file as it is looked at.
#[derive(Clone, Debug)]
pub struct FileSeen {
    pub id: FileId,
    pub name: String,
    pub size: i64,
    pub digest: Vec<u8>,
    pub standing: Standing,
    pub preview: Preview,
    /// What somebody has said about its columns.
    pub mapping: Option<Mapping>,
}

/// Files that were dropped together, as they stand.
#[derive(Clone, Debug)]
pub struct Dropped {
    pub id: DropId,
    pub by: String,
    pub at: DateTime<Utc>,
    /// Whether they were brought by staff: then their lines are submitted, and otherwise drafts.
    pub for_staff: bool,
    /// Whether this server is at it.
    pub is_being_taken: bool,
    pub files: Vec<FileSeen>,
}

/// A drop in a list.
#[derive(Clone, Debug)]
pub struct DropBrief {
    pub id: DropId,
    pub by: String,
    pub at: DateTime<Utc>,
    pub names: Vec<String>,
    pub taken: usize,
}

impl Dropped {
    pub fn ready(&self) -> impl Iterator<Item = &FileSeen> {
        self.files.iter().filter(|file| file.standing == Standing::Ready)
    }

    /// Lines that would be taken and are unusual.
    pub fn unusual(&self) -> usize {
        self.ready().map(|file| file.preview.unusual_lines).sum()
    }
}

impl Timesheets {
    /// The drops of whoever asks; managers see those of everybody.
    pub async fn drops(&self, act: &Act, limit: i64) -> Result<Vec<DropBrief>, Error> {
        act.need(Permission::EnterTime)?;
        let of = if act.may(Permission::EditTimesheets) { None } else { Some(act.person()?.id) };
        let rows = file::drops(&self.projects.db, of, limit).await?;
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        let files = file::brief(&self.projects.db, &ids).await?;
        let brief = |row: DropRow| {
            let own = || files.iter().filter(|(drop, ..)| *drop == row.id);
            DropBrief {
                id: row.id,
                names: own().map(|(_, name, _)| name.clone()).collect(),
                taken: own().filter(|(.., state)| *state == FileState::Taken).count(),
                by: row.made_by_name,
                at: row.made_at,
            }
        };
        Ok(rows.into_iter().map(brief).collect())
    }

    pub async fn dropped(&self, act: &Act, id: DropId) -> Result<Dropped, Error> {
        let row = self.drop_row(act, id).await?;
        let rows = file::of_drop(&self.projects.db, id).await?;
        let identities: Vec<_> = rows.iter().map(|row| row.identity.clone()).collect();
        let known = file::known(&self.projects.db, &identities).await?;
        let mut seen = BTreeSet::new();
        let mut files = Vec::new();
        for row in rows {
            let preview: Preview = serde_json::from_str(&row.preview)?;
            let same = known.iter().find(|known| known.identity == row.identity && known.id != row.id);
            let again = !seen.insert(row.identity.clone());
            let standing = match (row.taken_at, same) {
                (Some(at), _) => Standing::Taken(at),
                (None, Some(same)) => {
                    Standing::Known { drop: same.drop_id, name: same.name.clone(), at: same.taken_at }
                }
                (None, None) if again => Standing::Twice,
                (None, None) if !preview.is_right() => Standing::Wrong,
                (None, None) if preview.lines() == 0 => Standing::Empty,
                (None, None) => Standing::Ready,
            };
            let mapping = row.mapping.as_deref().map(serde_json::from_str).transpose()?;
            let FileRow { id, name, size, digest, .. } = row;
            files.push(FileSeen { id, name, size, digest, standing, preview, mapping });
        }
        let is_being_taken = self.taking.lock().unwrap_or_else(PoisonError::into_inner).contains(&id);
        Ok(Dropped {
            id,
            is_being_taken,
            for_staff: for_staff(act),
            by: row.made_by_name,
            at: row.made_at,
            files,
        })
    }

    pub(super) async fn drop_row(&self, act: &Act, id: DropId) -> Result<DropRow, Error> {
        act.need(Permission::EnterTime)?;
        let row = file::drop_by_id(&self.projects.db, id).await?;
        let is_theirs = |row: &DropRow| {
            act.may(Permission::EditTimesheets) || act.person().is_ok_and(|me| me.id == row.made_by)
        };
        Ok(row.filter(is_theirs).ok_or_else(|| Fault::not_found("There are no such files."))?)
    }
}

/// Whether files are brought by staff: then their lines may be of anybody, and are submitted.
pub(super) fn for_staff(act: &Act) -> bool {
    act.may(Permission::EditTimesheets)
}
