//! When a project pays, and what can be entered on it.

use domain::Fault;
use domain::audit::{Action, Thing};
use domain::ids::ProjectId;
use domain::people::Permission;
use domain::project::{Terms, TermsDraft};

use super::service::no_such_project;
use super::{Projects, store};
use crate::Error;
use crate::act::Act;
use crate::audit::{Entry, record};
use crate::payment;

impl Projects {
    /// Those that were set, or the usual ones.
    pub async fn terms(&self, act: &Act, project: ProjectId) -> Result<Terms, Error> {
        self.get(act, project).await?;
        let set = store::terms::of(&self.db, project).await?;
        Ok(set.unwrap_or_else(|| Terms::usual(project)))
    }

    pub async fn set_terms(
        &self,
        act: &Act,
        project: ProjectId,
        version: i64,
        draft: &TermsDraft,
    ) -> Result<Terms, Error> {
        act.need(Permission::ManagePay)?;
        let mut tx = self.db.begin().await?;
        let of = store::project::by_id_in(&mut tx, project).await?.ok_or_else(no_such_project)?;
        let before = store::terms::of_in(&mut tx, project).await?;
        let after = draft.parse(project, version, &of.currency)?;
        if !store::terms::set(&mut tx, &after).await? {
            let message = "Somebody else has changed this since you opened the page. Reload, then try again.";
            return Err(Fault::conflict(message).into());
        }
        payment::due::calendar(&mut tx, act, project).await?;
        let after = Terms { version: after.version + 1, ..after };
        let line = Entry {
            action: Action::TermsSet,
            thing: Thing::Project,
            thing_id: project.to_string(),
            thing_name: of.code.as_str(),
            before: before.as_ref(),
            after: Some(&after),
        };
        record(&mut tx, act, line).await?;
        tx.commit().await?;
        Ok(after)
    }
}
