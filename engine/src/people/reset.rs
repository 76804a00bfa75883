//! Passwords: changing one's own, and choosing a new one by link.

use domain::Fault;
use domain::audit::Action;
use domain::fault::Check;
use domain::people::{Email, NewPassword, Person, Status, Throttle};

use super::invite::no_such_person;
use super::trail::entry;
use super::two_step::own_key;
use super::{LinkKind, People, store};
use crate::Error;
use crate::act::{Act, Actor};
use crate::audit::record;

impl People {
    /// Mails a link to choose a new password, if there is such an account. The answer is the same either way, and so
    /// is the time: what is done for an account that exists is done behind the answer.
    pub async fn request_reset(&self, act: &Act, email: &str) -> Result<(), Error> {
        let email = Email::parse(email).map_err(|wrong| Fault::field("email", wrong.to_string()))?;
        let keys = [
            (format!("address:{}", act.address), Throttle::ADDRESS),
            (format!("mail:{email}"), Throttle::MAIL),
        ];
        self.charge(act, &keys).await?;
        let (people, act) = (self.clone(), act.clone());
        tokio::spawn(async move {
            if let Err(error) = people.mail_reset_link(&act, &email).await {
                tracing::error!(%error, request_id = %act.request_id, "a reset link could not be made");
            }
        });
        Ok(())
    }

    async fn mail_reset_link(&self, act: &Act, email: &Email) -> Result<(), Error> {
        let person = store::person::by_email(&self.db, email).await?;
        let Some(person) = person.filter(|person| person.status == Status::Active) else { return Ok(()) };
        if !self.mailer.is_on() {
            return Ok(());
        }
        let mut tx = self.db.begin().await?;
        let link = self.make_link(&mut tx, act, LinkKind::Reset, Some(person.id)).await?;
        record(&mut tx, act, entry(Action::LinkMade, &person, None, None)).await?;
        tx.commit().await?;
        self.mail_reset(&person, &link);
        Ok(())
    }

    pub(super) fn mail_reset(&self, person: &Person, link: &str) -> bool {
        self.mailer.send(
            &person.email,
            "Choose a new password for Countersign",
            format!(
                "Hello {},\n\nchoose a new password here:\n\n{link}\n\nThe link works once, for two hours. If you did \
                 not ask for it, you need not do anything.\n",
                person.name
            ),
        )
    }

    /// Sets a new password by link, and ends every session: whoever had the old one is out.
    pub async fn reset(&self, act: &Act, secret: &str, password: &str) -> Result<Person, Error> {
        let link = self.open_link(act, LinkKind::Reset, secret).await?;
        let person = link
            .person
            .clone()
            .filter(|person| person.status == Status::Active)
            .ok_or_else(no_such_person)?;
        let password =
            NewPassword::parse(password).map_err(|wrong| Fault::field("password", wrong.to_string()))?;
        let hash = self.hash_for(act, &person, password).await?;
        let mut tx = self.db.begin().await?;
        self.use_link(&mut tx, act, &link).await?;
        store::link::retire(&mut tx, LinkKind::Reset, Some(person.id), act.at).await?;
        store::credential::set_password(&mut tx, person.id, &hash, act.at).await?;
        store::session::delete_all(&mut tx, person.id, None).await?;
        let act = Act { actor: Actor::Person { person: person.clone().into(), scopes: None }, ..act.clone() };
        record(&mut tx, &act, entry(Action::PasswordReset, &person, None, None)).await?;
        tx.commit().await?;
        Ok(person)
    }

    /// That it is them who are signed in, and not whoever found their browser open.
    pub(crate) async fn prove(&self, act: &Act, password: &str) -> Result<(), Error> {
        let keys = [own_key(act.person_in_browser()?.id)];
        self.charge(act, &keys).await?;
        let credential = store::credential::of(&self.db, act.person()?.id).await?;
        let hash = credential.map(|credential| credential.password_hash);
        if !self.hasher.verify(hash, password.to_owned()).await? {
            return Err(Fault::field("password", "This is not your password.").into());
        }
        let mut tx = self.db.begin().await?;
        self.forgive(&mut tx, &keys).await?;
        Ok(tx.commit().await?)
    }

    /// Changes one's own password; every other session ends.
    pub async fn change_password(
        &self,
        act: &Act,
        now: &str,
        new: &str,
        keep: Option<&str>,
    ) -> Result<(), Error> {
        let me = act.person_in_browser()?.clone();
        let mut check = Check::default();
        let new = check.field("password", NewPassword::parse(new));
        if now.is_empty() {
            check.wrong("current", "Enter the password you have now.");
        }
        let Some(new) = new.filter(|_| !now.is_empty()) else { return Err(check.fault().into()) };
        let keys = [own_key(me.id)];
        self.charge(act, &keys).await?;
        let hash = store::credential::of(&self.db, me.id).await?.map(|credential| credential.password_hash);
        if !self.hasher.verify(hash, now.to_owned()).await? {
            return Err(Fault::field("current", "This is not your password.").into());
        }
        let hash = self.hash_for(act, &me, new).await?;
        let mut tx = self.db.begin().await?;
        self.forgive(&mut tx, &keys).await?;
        store::credential::set_password(&mut tx, me.id, &hash, act.at).await?;
        store::session::delete_all(&mut tx, me.id, keep).await?;
        record(&mut tx, act, entry(Action::PasswordChanged, &me, None, None)).await?;
        Ok(tx.commit().await?)
    }
}
