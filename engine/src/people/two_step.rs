//! Signing in in two steps: time-based codes (RFC 6238) and recovery codes.

use chrono::{DateTime, TimeDelta, Utc};
use domain::audit::Action;
use domain::ids::PersonId;
use domain::people::{Permission, Person, Status, Throttle};
use domain::{Fault, FaultKind};
use totp_rs::{Algorithm, Secret, TOTP};

use super::invite::{may_look_after, no_such_person};
use super::trail::entry;
use super::{Admitted, People, store};
use crate::Error;
use crate::act::{Act, Actor};
use crate::audit::record;
use crate::secret::hash;
use crate::world::World;

pub const RECOVERY_CODES: usize = 10;

/// How long after the password the code may come.
const PATIENCE: TimeDelta = TimeDelta::minutes(10);

const STEP: i64 = 30;
/// One step early or late: phones' clocks are never quite right.
const SKEW: i64 = 1;

/// What somebody needs to add the account to their app.
#[derive(Clone, Debug)]
pub struct Enrolment {
    /// For typing in, in groups of four.
    pub secret: String,
    /// For the QR code.
    pub url: String,
}

impl People {
    /// Draws the secret for an app; [`People::enrolment`] shows it. It counts once a right code was shown.
    pub async fn begin_enrolment(&self, act: &Act) -> Result<(), Error> {
        let me = act.person_in_browser()?;
        let encoded = Secret::Raw(act.world.bytes::<20>().to_vec()).to_encoded().to_string();
        let sealed = self.seal.seal(&act.world, &purpose(me.id), &encoded)?;
        let mut tx = self.db.begin().await?;
        if !store::credential::draw_totp(&mut tx, me.id, &sealed).await? {
            return Err(Fault::conflict("Two-step sign-in is already on.").into());
        }
        Ok(tx.commit().await?)
    }

    /// What to add to an app, from the beginning of the enrolment to its end.
    pub async fn enrolment(&self, act: &Act) -> Result<Option<Enrolment>, Error> {
        let me = act.person_in_browser()?;
        let credential = store::credential::of(&self.db, me.id).await?.filter(|kept| !kept.totp_enabled);
        let secret = credential.and_then(|kept| self.seal.open(&purpose(me.id), &kept.totp_secret?));
        let Some(encoded) = secret else { return Ok(None) };
        let url = format!(
            "otpauth://totp/Countersign:{}?secret={encoded}&issuer=Countersign&algorithm=SHA1&digits=6&period={STEP}",
            me.email.as_str().replace('+', "%2B")
        );
        let groups: Vec<&str> =
            encoded.as_bytes().chunks(4).filter_map(|group| str::from_utf8(group).ok()).collect();
        Ok(Some(Enrolment { secret: groups.join(" "), url }))
    }

    /// Turns two-step sign-in on. Answers the recovery codes, which are shown once.
    pub async fn enable_two_step(&self, act: &Act, code: &str) -> Result<Vec<String>, Error> {
        let me = act.person_in_browser()?.clone();
        self.charge(act, &[code_key(me.id)]).await?;
        let credential = store::credential::of(&self.db, me.id).await?;
        let sealed = credential.as_ref().and_then(|credential| credential.totp_secret.as_deref());
        let step = self.matching_step(act, me.id, sealed, code)?;
        let (Some(step), Some(sealed)) = (step, sealed) else {
            let message = "This code is not right. Wait for the next one and try it.";
            return Err(Fault::field("code", message).into());
        };
        let codes = recovery_codes(&act.world);
        let mut tx = self.db.begin().await?;
        if !store::credential::enable_totp(&mut tx, me.id, sealed, step).await? {
            let message = "Two-step sign-in was set up anew or turned on elsewhere. Reload the page.";
            return Err(Fault::conflict(message).into());
        }
        store::credential::clear_recovery(&mut tx, me.id).await?;
        let hashes: Vec<_> = codes.iter().map(|code| hash(code)).collect();
        store::credential::add_recovery(&mut tx, me.id, &hashes).await?;
        self.forgive(&mut tx, &[code_key(me.id)]).await?;
        record(&mut tx, act, entry(Action::TotpEnabled, &me, None, None)).await?;
        tx.commit().await?;
        Ok(codes)
    }

    pub async fn disable_two_step(&self, act: &Act, password: &str) -> Result<(), Error> {
        self.prove(act, password).await?;
        let me = act.person_in_browser()?.clone();
        let mut tx = self.db.begin().await?;
        store::credential::clear_totp(&mut tx, me.id).await?;
        store::credential::clear_recovery(&mut tx, me.id).await?;
        record(&mut tx, act, entry(Action::TotpDisabled, &me, None, None)).await?;
        Ok(tx.commit().await?)
    }

    /// The second step of signing in: a code from the app, or one of the recovery codes.
    ///
    /// The right password was given at some moment; it counts for ten minutes, and only while it is still right.
    pub async fn second_step(
        &self,
        act: &Act,
        id: PersonId,
        since: DateTime<Utc>,
        code: &str,
        device: Option<&str>,
    ) -> Result<Admitted, Error> {
        self.charge(act, &[code_key(id)]).await?;
        let again = || Fault::new(FaultKind::SignedOut, "Too much time has passed. Please sign in again.");
        let credential = store::credential::of(&self.db, id).await?;
        let changed_at = credential.as_ref().map(|credential| credential.changed_at);
        let Some(password_of) = changed_at.filter(|changed| *changed <= since && act.at - since <= PATIENCE)
        else {
            return Err(again().into());
        };
        let person =
            store::person::by_id(&self.db, id).await?.filter(|person| person.status == Status::Active);
        let person = person.ok_or_else(|| Fault::new(FaultKind::SignedOut, "Please sign in again."))?;
        let sealed = credential.as_ref().and_then(|credential| credential.totp_secret.as_deref());
        let step = self.matching_step(act, id, sealed, code)?;
        let mut tx = self.db.begin().await?;
        let right = match step {
            Some(step) => store::credential::use_step(&mut tx, id, step).await?,
            None => {
                let used = store::credential::use_recovery(&mut tx, id, &hash(&tidy(code)), act.at).await?;
                if used {
                    let by_them = Actor::Person { person: person.clone().into(), scopes: None };
                    let act = Act { actor: by_them, ..act.clone() };
                    record(&mut tx, &act, entry(Action::RecoveryUsed, &person, None, None)).await?;
                }
                used
            }
        };
        if !right {
            return Err(Fault::field(
                "code",
                "This code is not right, or was used before. Wait for the next one.",
            )
            .into());
        }
        tx.commit().await?;
        let mut keys = self.throttles(act, person.email.as_str(), device);
        keys.push(code_key(id));
        self.welcome(act, &person, &keys).await?;
        Ok(Admitted { person, password_of })
    }

    pub async fn recovery_codes_left(&self, act: &Act) -> Result<i64, Error> {
        Ok(store::credential::recovery_left(&self.db, act.person()?.id).await?)
    }

    /// Turns the second step off for somebody who has lost both phone and recovery codes. Whoever is signed in as them
    /// is out: if it was not them who asked, that is noticed soon.
    pub async fn reset_two_step(&self, act: &Act, id: PersonId) -> Result<Person, Error> {
        act.need(Permission::ManagePeople)?;
        if act.person().is_ok_and(|me| me.id == id) {
            return Err(Fault::conflict("Turn your own off in your profile, with your password.").into());
        }
        let mut tx = self.db.begin().await?;
        let before = store::person::by_id_in(&mut tx, id).await?.ok_or_else(no_such_person)?;
        may_look_after(act, before.roles)?;
        if !before.two_step {
            return Err(Fault::conflict(format!("{} signs in with one step.", before.name)).into());
        }
        store::credential::clear_totp(&mut tx, id).await?;
        store::credential::clear_recovery(&mut tx, id).await?;
        store::session::delete_all(&mut tx, id, None).await?;
        let after = Person { two_step: false, ..before.clone() };
        record(&mut tx, act, entry(Action::TotpReset, &after, Some(&before), Some(&after))).await?;
        tx.commit().await?;
        Ok(after)
    }

    /// The time step a code belongs to, if it is right around now.
    fn matching_step(
        &self,
        act: &Act,
        id: PersonId,
        sealed: Option<&str>,
        code: &str,
    ) -> Result<Option<i64>, Error> {
        let Some(encoded) = sealed.and_then(|sealed| self.seal.open(&purpose(id), sealed)) else {
            return Ok(None);
        };
        let secret =
            Secret::Encoded(encoded).to_bytes().map_err(|_| Error::Seal("a two-step secret is damaged"))?;
        let totp = TOTP::new(Algorithm::SHA1, 6, 0, 30, secret)
            .map_err(|_| Error::Seal("a two-step secret is short"))?;
        let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        let now = act.at.timestamp() / STEP;
        Ok((now - SKEW..=now + SKEW).find(|step| {
            u64::try_from(step * STEP).is_ok_and(|time| same(totp.generate(time).as_bytes(), code.as_bytes()))
        }))
    }
}

/// Compares without telling by its time where the first difference is.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |all, (a, b)| all | (a ^ b)) == 0
}

fn purpose(id: PersonId) -> String {
    format!("totp:{id}")
}

/// Whoever is signed in and gives their password once more: strangers' guesses do not count here.
pub(super) fn own_key(id: PersonId) -> (String, Throttle) {
    (format!("own:{id}"), Throttle::ACCOUNT)
}

fn code_key(id: PersonId) -> (String, Throttle) {
    (format!("code:{id}"), Throttle::CODE)
}

/// Ten characters that cannot be mistaken for one another, in two groups: 50 bits.
fn recovery_codes(world: &World) -> Vec<String> {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
    let code = || {
        let letters: String =
            world.bytes::<10>().iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
        format!("{}-{}", &letters[..5], &letters[5..])
    };
    std::iter::repeat_with(code).take(RECOVERY_CODES).collect()
}

/// A recovery code as it was shown, however it is typed.
fn tidy(code: &str) -> String {
    let letters: String = code.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    match letters.split_at_checked(5) {
        Some((first, second)) => format!("{first}-{second}"),
        None => letters,
    }
}
