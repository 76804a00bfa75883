//! Dropping files, saying what their columns are, and taking them.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::audit::{Action, Thing};
use domain::ids::{DropId, FileId};
use domain::people::Permission;
use domain::timesheet::import::{Aside, Mapping};
use domain::{Fault, FaultKind};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::look::Looked;
use super::preview::Preview;
use crate::Error;
use crate::act::Act;
use crate::audit::{Entry, record};
use crate::db::{DbError, Tx};
use crate::timesheet::Timesheets;
use crate::timesheet::service::keep;
use crate::timesheet::store::file::{self, FileRow, FileState};
use crate::timesheet::store::{crowd, week::Said};

/// More than the projects of a large team send at once.
pub const MOST_FILES: usize = 100;

/// What was taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TakenFiles {
    pub files: usize,
    pub lines: usize,
    /// Those that were right when they were looked at, and are not any more.
    pub refused: usize,
}

/// How often somebody else may change lines while a file is being taken.
const TRIES: usize = 4;

/// A file as it comes in.
#[derive(Clone, Debug)]
pub struct Upload {
    pub name: String,
    pub content: Vec<u8>,
}

impl Timesheets {
    /// Reads files and says what would come of them. Nothing is taken yet.
    pub async fn drop_files(&self, act: &Act, uploads: Vec<Upload>) -> Result<DropId, Error> {
        act.need(Permission::EnterTime)?;
        let me = act.person()?.id;
        let uploads: Vec<_> = uploads.into_iter().filter(|upload| !upload.content.is_empty()).collect();
        if uploads.is_empty() {
            return Err(Fault::field("files", "Choose at least one file with something in it.").into());
        }
        if uploads.len() > MOST_FILES {
            let message = format!("At most {MOST_FILES} files at once. Send the rest by themselves.");
            return Err(Fault::new(FaultKind::TooLarge, message).into());
        }
        let id = DropId(act.world.id());
        let mut rows = Vec::new();
        for (place, upload) in (0..).zip(&uploads) {
            let row = FileRow {
                id: FileId(act.world.id()),
                drop_id: id,
                place,
                name: called(&upload.name),
                digest: Sha256::digest(&upload.content).to_vec(),
                identity: Vec::new(),
                size: i64::try_from(upload.content.len()).unwrap_or(i64::MAX),
                state: FileState::Waiting,
                mapping: None,
                preview: String::new(),
                taken_at: None,
            };
            rows.push(row);
        }
        let mut contents = Vec::new();
        for (row, upload) in rows.iter_mut().zip(uploads) {
            let content = Arc::new(upload.content);
            let looked = self.look_at(act, row, Arc::clone(&content)).await?;
            row.see(&looked)?;
            contents.push(content);
        }
        let mut tx = self.projects.db.begin().await?;
        file::insert_drop(&mut tx, id, me, act.at).await?;
        for (row, content) in rows.iter().zip(&contents) {
            file::insert(&mut tx, row, content).await?;
        }
        tx.commit().await?;
        Ok(id)
    }

    /// Looks at what is not taken again: people, rates or projects may be others by now.
    pub async fn look_again(&self, act: &Act, id: DropId) -> Result<(), Error> {
        self.drop_row(act, id).await?;
        for row in file::of_drop(&self.projects.db, id).await? {
            if row.state == FileState::Waiting {
                self.look_and_keep(act, row).await?;
            }
        }
        Ok(())
    }

    /// Says what the columns of a file are, and what holds for all of it. What its columns are holds for files of the same
    /// layout, too: those of the drop, and those to come.
    pub async fn map_file(
        &self,
        act: &Act,
        id: DropId,
        file: FileId,
        mapping: &Mapping,
    ) -> Result<(), Error> {
        self.drop_row(act, id).await?;
        let me = act.person()?.id;
        let rows = file::of_drop(&self.projects.db, id).await?;
        let layout =
            |row: &FileRow| serde_json::from_str::<Preview>(&row.preview).map(|preview| preview.layout);
        let own = rows.iter().find(|row| row.id == file && row.state == FileState::Waiting);
        let own = own.ok_or_else(|| Fault::not_found("This file is not there to be taken any more."))?;
        let key = layout(own)?;
        let general = Mapping { aside: Aside::default(), ..mapping.clone() };
        let mut tx = self.projects.db.begin().await?;
        file::remember_layout(&mut tx, &key, &serde_json::to_string(&general)?, me, act.at).await?;
        tx.commit().await?;
        for mut row in rows.into_iter().filter(|row| row.state == FileState::Waiting) {
            if row.id == file {
                row.mapping = Some(serde_json::to_string(mapping)?);
            } else if layout(&row)? == key {
                // What was said about that file alone stays so.
                let before: Option<Mapping> = row.mapping.as_deref().map(serde_json::from_str).transpose()?;
                let aside = before.map(|before| before.aside).unwrap_or_default();
                row.mapping = Some(serde_json::to_string(&Mapping { aside, ..general.clone() })?);
            } else {
                continue;
            }
            self.look_and_keep(act, row).await?;
        }
        Ok(())
    }

    /// Takes every file that is right, each by itself. What is unusual has to be confirmed.
    pub async fn take_files(&self, act: &Act, id: DropId, confirm: bool) -> Result<TakenFiles, Error> {
        let dropped = self.dropped(act, id).await?;
        let ready: BTreeSet<_> = dropped.ready().map(|file| file.id).collect();
        if ready.is_empty() {
            return Err(Fault::conflict("There is nothing to take here. Look at the files again.").into());
        }
        if dropped.for_staff && dropped.unusual() > 0 && !confirm {
            let message = "Some of these lines are unusual. Confirm them if they are right.";
            return Err(Fault::field(crate::timesheet::CONFIRM, message).into());
        }
        let mut taken = TakenFiles::default();
        for row in file::of_drop(&self.projects.db, id).await? {
            if !ready.contains(&row.id) {
                continue;
            }
            match self.take_file(act, row).await? {
                Some(lines) => {
                    taken.files += 1;
                    taken.lines += lines;
                }
                None => taken.refused += 1,
            }
        }
        Ok(taken)
    }

    /// The same, whoever waits for it: after a while it goes on by itself, and nothing is answered.
    pub async fn take_files_within(
        &self,
        act: &Act,
        id: DropId,
        confirm: bool,
        wait: Duration,
    ) -> Result<Option<TakenFiles>, Error> {
        let Some(mark) = Mark::set(&self.taking, id) else {
            return Err(
                Fault::conflict("These files are being taken already. Look again in a moment.").into()
            );
        };
        let (timesheets, act) = (self.clone(), act.clone());
        let taking = tokio::spawn(async move {
            let _mark = mark;
            let taken = Box::pin(timesheets.take_files(&act, id, confirm)).await;
            if let Err(error) = &taken
                && !matches!(error, Error::Fault(_))
            {
                tracing::error!(%error, drop = %id, request_id = %act.request_id, "files could not be taken");
            }
            taken
        });
        match tokio::time::timeout(wait, taking).await {
            Ok(Ok(taken)) => taken.map(Some),
            Ok(Err(_)) => Err(DbError::GivenUp.into()),
            Err(_) => Ok(None),
        }
    }

    /// Forgets the files of a drop that were not taken.
    pub async fn forget_drop(&self, act: &Act, id: DropId) -> Result<(), Error> {
        self.drop_row(act, id).await?;
        let mut tx = self.projects.db.begin().await?;
        file::forget(&mut tx, id).await?;
        Ok(tx.commit().await?)
    }

    async fn content(&self, id: FileId) -> Result<Arc<Vec<u8>>, Error> {
        let content = file::content(&self.projects.db, id).await?;
        Ok(Arc::new(content.ok_or_else(|| Fault::not_found("There are no such files."))?))
    }

    async fn look_and_keep(&self, act: &Act, mut row: FileRow) -> Result<(), Error> {
        let content = self.content(row.id).await?;
        let looked = self.look_at(act, &row, content).await?;
        row.see(&looked)?;
        self.keep_preview(&row).await
    }

    async fn keep_preview(&self, row: &FileRow) -> Result<(), Error> {
        let mut tx = self.projects.db.begin().await?;
        file::set_preview(&mut tx, row).await?;
        Ok(tx.commit().await?)
    }

    /// Takes one file in one transaction. Answers with its lines; nothing if it is not right any more.
    async fn take_file(&self, act: &Act, mut row: FileRow) -> Result<Option<usize>, Error> {
        let content = self.content(row.id).await?;
        for _ in 0..TRIES {
            let looked = self.look_at(act, &row, Arc::clone(&content)).await?;
            row.see(&looked)?;
            let Looked { preview, crowd, judged, .. } = looked;
            let Some(crowd) = crowd.filter(|_| preview.is_right()) else {
                self.keep_preview(&row).await?;
                return Ok(None);
            };
            let mut tx = self.projects.db.begin().await?;
            let turns = crowd::take_turns(&mut tx, &crowd.people()).await?;
            if !crowd.is_as_it_was(&turns) {
                // Somebody has changed lines that these were judged by.
                continue;
            }
            match file::take(&mut tx, &row, act.at).await {
                Ok(true) => {}
                Ok(false) => return Ok(None),
                // The same file was taken a moment ago, in another drop.
                Err(error) if error.is_taken() => return Ok(None),
                Err(error) => return Err(error.into()),
            }
            let frames = &crowd.grounds.frames;
            let kept =
                keep(&mut tx, act, &|id| frames.get(&id).cloned(), &judged.before, &judged.entered).await;
            match kept {
                // Somebody else has called a line so at the very same moment. Looked at once more, that is said.
                Err(Error::Database(error)) if error.is_taken() => continue,
                kept => kept?,
            }
            let weeks: Vec<_> = judged
                .weeks
                .iter()
                .map(|(person, week)| {
                    let said = crowd.weeks.get(&(*person, *week)).copied().unwrap_or_default();
                    let submitted_at = if crowd.for_staff { Some(act.at) } else { said.submitted_at };
                    (*person, *week, Said { idle: false, submitted_at, ..said })
                })
                .collect();
            crowd::say(&mut tx, &weeks).await?;
            self.tell_taken(&mut tx, act, &row, &preview).await?;
            tx.commit().await?;
            return Ok(Some(preview.lines()));
        }
        let message =
            "Others keep changing the timesheets that are in these files. Take them again in a moment.";
        Err(Fault::conflict(message).into())
    }

    async fn tell_taken(
        &self,
        tx: &mut Tx,
        act: &Act,
        row: &FileRow,
        preview: &Preview,
    ) -> Result<(), Error> {
        let after = json!({
            "sha256": crate::secret::to_hex(&row.digest), "new": preview.new, "changed": preview.changed,
            "people": preview.people, "minutes": preview.minutes, "units": preview.units, "projects": preview.projects,
            "from": preview.days.map(|days| days.0), "until": preview.days.map(|days| days.1),
        });
        let line: Entry<'_, (), _> = Entry {
            action: Action::FileTaken,
            thing: Thing::Timesheet,
            thing_id: row.id.to_string(),
            thing_name: &row.name,
            before: None,
            after: Some(after),
        };
        record(tx, act, line).await
    }
}

impl FileRow {
    /// It is as it was looked at just now.
    fn see(&mut self, looked: &Looked) -> Result<(), Error> {
        self.preview = serde_json::to_string(&looked.preview)?;
        self.identity = looked.identity(&self.digest);
        Ok(())
    }
}

/// That files are being taken, as long as it is there.
struct Mark {
    all: Arc<Mutex<HashSet<DropId>>>,
    id: DropId,
}

impl Mark {
    fn set(all: &Arc<Mutex<HashSet<DropId>>>, id: DropId) -> Option<Self> {
        let is_new = all.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
        is_new.then(|| Self { all: Arc::clone(all), id })
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

/// The name of a file without its folders, and without what cannot be shown.
fn called(name: &str) -> String {
    let own = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let shown: String = own.chars().filter(|c| !c.is_control()).take(200).collect();
    if shown.trim().is_empty() { "file".to_owned() } else { shown }
}
