//! Where the annotators of the demo are paid to, and from where. One has not said so, and one has changed it yesterday.

use chrono::TimeDelta;
use domain::payee::{AccountDraft, Method};
use domain::payout::PayerDraft;

use super::PASSWORD;
use crate::Error;
use crate::act::{Act, Actor};
use crate::payee::Payees;
use crate::payout::Payouts;
use crate::people::People;

/// Who, how, and what tells the account.
const FIRST: [(&str, Method, &str); 8] = [
    ("ana", Method::Paypal, "ana@example.com"),
    ("teo", Method::Wise, "teo@example.com"),
    ("kofi", Method::Wise, "kofi.asante@example.com"),
    ("lena", Method::Iban, "DE89 3704 0044 0532 0130 00"),
    ("marek", Method::Iban, "CZ65 0800 0000 1920 0014 5399"),
    ("omar", Method::Paypal, "omar.benkirane@example.com"),
    ("rosa", Method::Paypal, "rosa@example.com"),
    ("yuki", Method::Manual, "With the payroll of Kaze Audio"),
];

const CHANGED: (&str, Method, &str) = ("rosa", Method::Wise, "rosa.quispe@example.com");

/// What they entered when they came, and yesterday.
pub async fn enter(then: &Act, now: &Act, people: &People, payees: &Payees) -> Result<(), Error> {
    for (login, method, tells) in FIRST {
        one(then, people, payees, login, method, tells).await?;
    }
    let yesterday = Act { at: now.at - TimeDelta::hours(20), ..now.clone() };
    let (login, method, tells) = CHANGED;
    one(&yesterday, people, payees, login, method, tells).await
}

/// Whose account they are paid from.
pub async fn set_payer(act: &Act, payouts: &Payouts) -> Result<(), Error> {
    let payer = PayerDraft {
        name: "Countersign Demo Desk".to_owned(),
        iban: "PT50 0002 0123 1234 5678 9015 4".to_owned(),
        town: "Lisboa".to_owned(),
        country: "PT".to_owned(),
        ..PayerDraft::default()
    };
    payouts.set_payer(act, 0, &payer).await
}

async fn one(
    act: &Act,
    people: &People,
    payees: &Payees,
    login: &str,
    method: Method,
    tells: &str,
) -> Result<(), Error> {
    let person = people.by_email(act, &format!("{login}@example.com")).await?;
    let draft = AccountDraft {
        method: method.word().to_owned(),
        holder: person.name.to_string(),
        iban: tells.to_owned(),
        email: tells.to_owned(),
        way: tells.to_owned(),
        ..AccountDraft::default()
    };
    let whose = person.id;
    let act = Act { actor: Actor::Person { person: person.into(), scopes: None }, ..act.clone() };
    payees.enter(&act, whose, &draft, PASSWORD).await.map(drop)
}
