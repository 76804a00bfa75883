//! Finding out what would come of a file, as things are.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use domain::ids::{PersonId, ProjectId};
use domain::people::Zone;
use domain::timesheet::import::{Aside, Mapping, Role};
use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;

use super::crowd::{Crowd, Grounds};
use super::judge::Judged;
use super::names::{self, Known, Meant};
use super::preview::Preview;
use super::read::{Read, Remembered, read};
use super::seen::for_staff;
use crate::Error;
use crate::act::Act;
use crate::db::{Db, DbError};
use crate::timesheet::Timesheets;
use crate::timesheet::store::file::{self, FileRow};

/// What is known of a file once it was looked at.
pub(super) struct Looked {
    pub preview: Preview,
    pub crowd: Option<Crowd>,
    pub judged: Judged,
}

impl Looked {
    /// What tells a file from others: what is in it, and what is said of it besides.
    pub fn identity(&self, digest: &[u8]) -> Vec<u8> {
        let (said, above, by_name) =
            (&self.preview.mapping.aside, &self.preview.above, &self.preview.by_name);
        let besides =
            |role: Role, said: &Option<String>, above: &Option<String>, by_name: &Option<String>| {
                let by_name = by_name.clone().filter(|_| above.is_none() && !self.preview.has(role));
                said.clone().or(by_name).unwrap_or_default()
            };
        let mut hash = Sha256::new();
        hash.update(digest);
        for word in [
            besides(Role::Project, &said.project, &above.project, &by_name.project),
            besides(Role::Person, &said.person, &above.person, &by_name.person),
            besides(Role::Task, &said.task, &above.task, &by_name.task),
            said.week.map(|day| day.to_string()).unwrap_or_default(),
        ] {
            hash.update([0]);
            hash.update(word);
        }
        hash.finalize().to_vec()
    }

    fn nothing(preview: Preview) -> Self {
        Self { preview, crowd: None, judged: Judged::default() }
    }
}

impl Timesheets {
    /// Reads a file, finds out what its words mean, and judges its lines.
    pub(super) async fn look_at(
        &self,
        act: &Act,
        row: &FileRow,
        content: Arc<Vec<u8>>,
    ) -> Result<Looked, Error> {
        // What is read takes many times the memory of the file.
        let _turn = self.reading.acquire().await.map_err(|_| DbError::GivenUp)?;
        let db = &self.projects.db;
        let said: Option<Mapping> = row.mapping.as_deref().map(serde_json::from_str).transpose()?;
        let mut remembered = Remembered::new();
        for (key, mapping) in file::layouts(db).await? {
            remembered.insert(key, serde_json::from_str(&mapping)?);
        }
        let me = act.person()?;
        let today = me.zone.local(act.at).date_naive();
        let aside = said.as_ref().map(|said| said.aside.clone()).unwrap_or_default();
        let done = spawn_blocking(move || read(&content, said.as_ref(), &remembered, today)).await;
        let read = match done {
            Ok(Ok(read)) => read,
            Ok(Err(wrong)) => return Ok(Looked::nothing(Preview::unreadable(wrong.to_string()))),
            Err(error) => {
                tracing::error!(%error, file = %row.id, "reading a file has failed");
                let why = "This file cannot be read. Open it in a spreadsheet program and save it anew.";
                return Ok(Looked::nothing(Preview::unreadable(why.to_owned())));
            }
        };
        let mut preview = Preview::of(&read);
        let staff = for_staff(act);
        let known = Known::read(db, act, staff).await?;
        let by_name = known.in_name(&format!("{} {}", row.name, read.sheet));
        preview.by_name = by_name.clone();
        let (meant, projects) = meanings(db, &read, &known, &aside, &by_name).await?;
        preview.projects = projects.frames.values().map(|frame| frame.project.code.to_string()).collect();
        preview.projects.sort();
        let people: BTreeSet<PersonId> = meant.iter().flatten().map(|(person, ..)| *person).collect();
        let people: Vec<_> = people.into_iter().collect();
        let zones: HashMap<PersonId, Zone> =
            people.iter().filter_map(|id| Some((*id, known.someone(*id)?.zone.clone()))).collect();
        let mut called: HashMap<ProjectId, Vec<&str>> = HashMap::new();
        for (line, meant) in read.lines.iter().zip(&meant) {
            if let (Some(id), Ok((_, project, _))) = (line.external_id.as_deref(), meant) {
                called.entry(*project).or_default().push(id);
            }
        }
        let days = read.lines.iter().map(|line| line.on);
        let days = (days.clone().min().unwrap_or(today), days.max().unwrap_or(today));
        let mut crowd = Crowd::gather(db, projects, &people, days, &called, (act.at, staff)).await?;
        drop(called);
        let (act, file) = (act.clone(), row.id);
        let judging = spawn_blocking(move || {
            let judged = Judged::of(&read, &meant, &zones, &mut crowd, &act, file);
            (judged, crowd)
        });
        let (judged, crowd) = judging.await.map_err(|_| DbError::GivenUp)?;
        judged.tell(&mut preview);
        Ok(Looked { preview, crowd: Some(crowd), judged })
    }
}

/// What the lines of a file mean, and the projects they are for.
async fn meanings(
    db: &Db,
    read: &Read,
    known: &Known,
    aside: &Aside,
    by_name: &Aside,
) -> Result<(Vec<Meant>, Grounds), DbError> {
    let or = |text: &str, aside: Option<&String>| {
        if text.is_empty() { aside.cloned().unwrap_or_default() } else { text.to_owned() }
    };
    let person_aside = aside.person.as_ref().or(by_name.person.as_ref());
    let project_aside = aside.project.as_ref().or(by_name.project.as_ref());
    let people: Vec<Result<PersonId, String>> =
        read.people.iter().map(|text| known.person(&or(text, person_aside)).map(|it| it.id)).collect();
    let projects: Vec<Result<ProjectId, String>> =
        read.projects.iter().map(|text| known.project(&or(text, project_aside)).map(|it| it.id)).collect();
    let used: BTreeSet<ProjectId> = projects.iter().flatten().copied().collect();
    let used = known.projects.iter().filter(|project| used.contains(&project.id)).cloned().collect();
    let grounds = Grounds::gather(db, used).await?;
    let mut tasks = HashMap::new();
    let mut meant = Vec::with_capacity(read.lines.len());
    for line in &read.lines {
        let one = match (people.get(line.person), projects.get(line.project)) {
            (Some(Ok(person)), Some(Ok(project))) => {
                let (person, project) = (*person, *project);
                let task = tasks.entry((project, line.task)).or_insert_with(|| {
                    let text = or(read.tasks.get(line.task).map_or("", String::as_str), aside.task.as_ref());
                    match grounds.frames.get(&project) {
                        Some(frame) => names::task(&grounds.tasks, &frame.project, &text),
                        None => Err("There is no such project.".to_owned()),
                    }
                });
                task.clone().map(|task| (person, project, task)).map_err(|why| (Role::Task, why))
            }
            (Some(Err(why)), _) => Err((Role::Person, why.clone())),
            (_, Some(Err(why))) => Err((Role::Project, why.clone())),
            _ => Err((Role::Person, "This row cannot be read.".to_owned())),
        };
        meant.push(one);
    }
    Ok((meant, grounds))
}
