//! Telling of a change those whom it could rob: the person, and the address that money went or will go to.

use domain::payee::Account;
use domain::people::{Email, Person};

use super::Payees;
use super::store::Kept;

impl Payees {
    pub(super) fn tell_of_change(&self, person: &Person, kept: &Kept, accounts: [Option<&Account>; 2]) {
        let Kept { shown, entered_by_name, .. } = kept;
        let from = if kept.counts_from > kept.entered_at {
            format!("It counts from {} on", kept.counts_from.format("%-d %B %Y, %H:%M UTC"))
        } else {
            "It counts from now on".to_owned()
        };
        let body = format!(
            "Hello {},\n\n{entered_by_name} has entered where your pay goes: {shown}. {from}.\n\nIf this is not right, \
             withdraw it while it is held, and tell whoever pays you:\n\n{}/my-pay/account\n",
            person.name,
            self.people.policy().base_url
        );
        self.tell_all(person, accounts, "Where your pay goes was changed", &body);
    }

    pub(super) fn tell_of_withdrawal(&self, person: &Person, kept: &Kept, account: Option<&Account>) {
        let body = format!(
            "Hello {},\n\nthe account {} was withdrawn. Your pay goes where it went before:\n\n{}/my-pay/account\n",
            person.name,
            kept.shown,
            self.people.policy().base_url
        );
        self.tell_all(person, [account, None], "Where your pay goes is as it was", &body);
    }

    fn tell_all(&self, person: &Person, accounts: [Option<&Account>; 2], subject: &str, body: &str) {
        let mut told: Vec<&Email> = vec![&person.email];
        for contact in accounts.into_iter().flatten().filter_map(Account::contact) {
            if !told.contains(&contact) {
                told.push(contact);
            }
        }
        for email in told {
            self.mailer.send(email, subject, body.to_owned());
        }
    }
}
