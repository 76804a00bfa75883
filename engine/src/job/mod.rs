//! Work of the product itself. It is done as steps of runs, by the same engine as everything else: with a trace, tries, a
//! time-out and a dead letter if it cannot be done.

mod audit;
mod retention;

use std::sync::Arc;

use domain::{FaultKind, Wrong};
use serde_json::{Value, json};

use crate::Error;
use crate::act::{Act, Actor};
use crate::db::Db;
use crate::notice::{self, Post};
use crate::payment::{self, Payments};
use crate::workflow::Workflows;
use crate::world::World;

/// Who is written down as having done it.
pub const AUTHOR: &str = "Countersign";

/// The workflows that come with the product, each by its name.
const BUILT_IN: [(&str, &str); 4] = [
    ("house-keeping", include_str!("house-keeping.yaml")),
    ("reminders", include_str!("reminders.yaml")),
    (CONSOLIDATION, include_str!("consolidation.yaml")),
    (MAILS, include_str!("mails.yaml")),
];

/// The workflow that is started whenever there is something to consolidate.
pub const CONSOLIDATION: &str = "consolidation";

/// The workflow that is started whenever there is something to mail.
pub const MAILS: &str = "mails";

/// Applies the workflows that come with the product, unless somebody has made them their own.
pub async fn apply_built_in(workflows: &Workflows, world: &World) -> Result<(), Error> {
    let act = Act::new(world, Actor::System(AUTHOR), world.id().to_string());
    for (name, source) in BUILT_IN {
        match workflows.open(&act, name, None).await {
            Ok(opened) if opened.version.author_name != AUTHOR => {}
            Err(Error::Fault(fault)) if fault.kind != FaultKind::NotFound => return Err(fault.into()),
            Ok(_) | Err(Error::Fault(_)) => drop(workflows.apply(&act, source, None).await?),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The jobs there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    /// Follows the chain of the audit log from its beginning to its end.
    CheckAudit,
    /// Forgets runs that have ended longer ago than their workflows want them kept.
    ForgetRuns,
    /// Computes the payments of everybody whose lines have changed.
    ConsolidatePay,
    /// Tells those whose timesheets are due soon, and not in.
    RemindOfCutOff,
    /// Mails what people were told and have not read.
    MailNotices,
    /// Forgets what people were told and have read long ago.
    ForgetNotices,
}

impl Job {
    pub const ALL: [Self; 6] = [
        Self::CheckAudit,
        Self::ForgetRuns,
        Self::ConsolidatePay,
        Self::RemindOfCutOff,
        Self::MailNotices,
        Self::ForgetNotices,
    ];

    pub const fn word(self) -> &'static str {
        match self {
            Self::CheckAudit => "check_audit",
            Self::ForgetRuns => "forget_runs",
            Self::ConsolidatePay => "consolidate_pay",
            Self::RemindOfCutOff => "remind_of_cut_off",
            Self::MailNotices => "mail_notices",
            Self::ForgetNotices => "forget_notices",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|job| job.word() == text)
    }

    /// The name of one, as a definition writes it.
    pub fn name(text: &str) -> Result<String, Wrong> {
        Self::parse(text)
            .map(|job| job.word().to_owned())
            .ok_or_else(|| crate::written::one_of(&Self::ALL, Self::word))
    }
}

/// Does jobs. Cloning it is cheap.
#[derive(Clone)]
pub struct Jobs(Arc<Desk>);

struct Desk {
    db: Db,
    world: World,
    /// How people are written to; nothing where no mail is sent.
    post: Option<Post>,
}

impl Jobs {
    pub fn new(db: Db, world: World, post: Option<Post>) -> Self {
        Self(Arc::new(Desk { db, world, post }))
    }

    /// What it has found, or why it could not be done.
    pub async fn run(&self, job: Job) -> Result<Value, Error> {
        let Desk { db, world, post } = &*self.0;
        let act = Act::new(world, Actor::System(AUTHOR), world.id().to_string());
        match job {
            Job::CheckAudit => audit::check(db, &act).await,
            Job::ForgetRuns => retention::forget_runs(db, &act).await,
            Job::ConsolidatePay => {
                let done = Payments::new(db.clone()).consolidate(&act).await?;
                Ok(json!({ "people": done.people, "changed": done.changed }))
            }
            Job::RemindOfCutOff => Ok(json!({ "people": payment::remind_all(db, &act).await? })),
            Job::MailNotices => match post {
                Some(post) => post.send_due(db, &act).await,
                None => Ok(json!({ "mailed": 0, "failed": 0 })),
            },
            Job::ForgetNotices => Ok(json!({ "notices": notice::forget(db, &act).await? })),
        }
    }
}
