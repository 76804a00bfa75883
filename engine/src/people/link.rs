//! One-time links. The secret is in the link and nowhere else: the database keeps its hash.

use chrono::TimeDelta;
use domain::ids::{LinkId, PersonId};
use domain::people::Person;
use domain::{Fault, FaultKind};

use super::{People, store};
use crate::Error;
use crate::act::{Act, Actor};
use crate::db::Tx;
use crate::secret::{hash, new_secret};

#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub enum LinkKind {
    /// The first admin's, before there is anybody.
    Setup,
    Invite,
    Reset,
}

impl LinkKind {
    const fn path(self) -> &'static str {
        match self {
            Self::Setup => "set-up",
            Self::Invite => "invitation",
            Self::Reset => "reset",
        }
    }

    /// An invitation may wait for somebody's holiday to end; a reset is wanted now.
    pub const fn lifetime(self) -> TimeDelta {
        match self {
            Self::Setup => TimeDelta::hours(24),
            Self::Invite => TimeDelta::days(7),
            Self::Reset => TimeDelta::hours(2),
        }
    }
}

/// A link that works at the moment.
#[derive(Clone, Debug)]
pub struct OpenLink {
    pub id: LinkId,
    pub kind: LinkKind,
    pub person: Option<Person>,
}

impl People {
    /// Makes a link, and retires the older ones like it unless somebody unknown asked: a stranger must not be able to
    /// make an admin's link worthless. Answers the whole address, to be shown or mailed.
    pub(super) async fn make_link(
        &self,
        tx: &mut Tx,
        act: &Act,
        kind: LinkKind,
        person: Option<PersonId>,
    ) -> Result<String, Error> {
        if !(matches!(act.actor, Actor::Nobody) && kind == LinkKind::Reset) {
            store::link::retire(tx, kind, person, act.at).await?;
        }
        let (row, address) = self.draw_link(act, kind, person);
        store::link::insert(tx, &[row]).await?;
        Ok(address)
    }

    /// A link that is still to be kept, and its whole address.
    pub(super) fn draw_link(
        &self,
        act: &Act,
        kind: LinkKind,
        person: Option<PersonId>,
    ) -> (store::link::NewRow, String) {
        let secret = new_secret(&act.world);
        let row = store::link::NewRow {
            id: LinkId(act.world.id()),
            kind,
            secret_hash: hash(&secret),
            person_id: person,
            created_at: act.at,
            expires_at: act.at + kind.lifetime(),
        };
        (row, format!("{}/{}/{secret}", self.policy.base_url, kind.path()))
    }

    /// Looks a link up without using it, for the page it leads to.
    pub async fn open_link(&self, act: &Act, kind: LinkKind, secret: &str) -> Result<OpenLink, Error> {
        let row = store::link::by_secret(&self.db, &hash(secret)).await?.filter(|row| row.kind == kind);
        let row = row.ok_or_else(|| {
            Fault::not_found("This link is not one of ours. Check that you copied all of it.")
        })?;
        if row.used_at.is_some() {
            return Err(gone(kind, "was already used, or a newer one was made").into());
        }
        if row.expires_at <= act.at {
            return Err(gone(kind, "has expired").into());
        }
        let person = match row.person_id {
            Some(id) => store::person::by_id(&self.db, id).await?,
            None => None,
        };
        Ok(OpenLink { id: row.id, kind, person })
    }

    /// Uses a link up inside the transaction of what it was for.
    pub(super) async fn use_link(&self, tx: &mut Tx, act: &Act, link: &OpenLink) -> Result<(), Error> {
        if store::link::use_up(tx, link.id, act.at).await? {
            Ok(())
        } else {
            Err(gone(link.kind, "was already used").into())
        }
    }
}

fn gone(kind: LinkKind, why: &str) -> Fault {
    let help = match kind {
        LinkKind::Setup => "Start the server again to get a new one.",
        LinkKind::Invite => {
            "If you have already joined, sign in. Otherwise ask an admin for a new invitation."
        }
        LinkKind::Reset => "Ask for a new one on the sign-in page, or ask an admin.",
    };
    Fault::new(FaultKind::Gone, format!("This link {why}. {help}"))
}
