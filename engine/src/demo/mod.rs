//! People and projects to try things with. They are made by the same use cases that real ones are made by.

mod accounts;
mod disputes;
mod pay;
mod weeks;

use chrono::TimeDelta;
use domain::FaultKind;
use domain::people::{Role, Roles, Status};
use serde::Deserialize;
use serde_json::Value;

use crate::Error;
use crate::act::Act;
use crate::dispute::Disputes;
use crate::notice::Notices;
use crate::payee::Payees;
use crate::payment::Payments;
use crate::payout::Payouts;
use crate::people::{Accept, Invitation, People};
use crate::project::{Draft, Projects};
use crate::rate::Rates;
use crate::run::{Runs, Start};
use crate::shelf::Shelves;

/// Everybody's password in the demo.
pub const PASSWORD: &str = "orbit kettle marble fox";

/// Who to sign in as, by role.
pub const SIGN_INS: [(&str, &str); 4] = [
    ("admin", "ada@example.com"),
    ("manager", "mara@example.com"),
    ("reviewer", "ravi@example.com"),
    ("annotator", "ana@example.com"),
];

type Cast = (&'static str, &'static str, &'static [Role], &'static str);

/// Who has joined already.
const JOINED: [Cast; 13] = [
    ("ada", "Ada Okafor", &[Role::Admin], "Europe/London"),
    ("mara", "Mara Lindqvist", &[Role::Manager], "Europe/Stockholm"),
    ("ravi", "Ravi Chandrasekhar", &[Role::Reviewer], "Asia/Kolkata"),
    ("ana", "Ana Pérez Villalobos", &[Role::Annotator], "America/Bogota"),
    ("teo", "Teo Nakamura", &[Role::Annotator, Role::Reviewer], "Asia/Tokyo"),
    ("ines", "Inês Figueiredo", &[Role::Manager, Role::Reviewer], "Europe/Lisbon"),
    ("kofi", "Kofi Asante", &[Role::Annotator], "Africa/Accra"),
    ("lena", "Lena Vogel", &[Role::Annotator], "Europe/Berlin"),
    ("marek", "Marek Dvořák", &[Role::Annotator], "Europe/Prague"),
    ("omar", "Omar Benkirane", &[Role::Annotator], "Africa/Casablanca"),
    ("rosa", "Rosa Quispe", &[Role::Annotator], "America/Lima"),
    ("sana", "Sana Iqbal", &[Role::Annotator], "Asia/Karachi"),
    ("yuki", "Yuki Sato", &[Role::Annotator], "Asia/Tokyo"),
];

/// Names for those who are invited and have not come yet.
const INVITED: [&str; 47] = [
    "Abena Mensah",
    "Agnieszka Wójcik",
    "Aleksandar Petrović",
    "Amara Nwosu",
    "Amir Haddad",
    "Anouk de Vries",
    "Arjun Mehta",
    "Astrid Bjørnstad",
    "Ayşe Demir",
    "Beatriz Carvalho",
    "Bence Szabó",
    "Björk Jónsdóttir",
    "Camila Rojas",
    "Chidi Eze",
    "Chloé Lefèvre",
    "Dagny Holm",
    "Dario Rossi",
    "Diyora Karimova",
    "Elif Kaya",
    "Emeka Obi",
    "Farah Siddiqui",
    "Fumiko Tanaka",
    "Gabriel Santos",
    "Giulia Bianchi",
    "Hana Kovářová",
    "Hugo Martin",
    "Ibrahim Diallo",
    "Imani Wanjiru",
    "Ivana Horvat",
    "Jakob Schneider",
    "Jin-ho Park",
    "Juana María de los Ángeles \
     Hernández-Castellanos y Villavicencio",
    "Kaito Mori",
    "Katarzyna Nowak",
    "Khadija Benali",
    "Lars Eriksen",
    "Leila Farahani",
    "Linh Nguyễn",
    "Lucía Fernández",
    "Magnus Andersson",
    "Maja Kowalska",
    "Malik Johnson",
    "Mei-Ling Chen",
    "Miguel Ángel Torres",
    "Nadia Rahman",
    "Niamh O'Sullivan",
    "Zsófia Nagy",
];

const PROJECTS: [(&str, &str, &str, &str); 6] = [
    ("RAD-3", "Radiology reports, wave 3", "Clínica Santa Engrácia", "EUR"),
    ("INTAKE", "Document intake", "Northlight Insurance", "GBP"),
    ("TRIAGE", "Customer triage", "Fjord Telecom", "SEK"),
    ("RECON", "Invoice reconciliation", "Meridian Logistics", "USD"),
    ("KYC-EU", "Identity checks, Europe", "Banco Atlântico", "EUR"),
    ("SPEECH-JA", "Speech transcription, Japanese", "Kaze Audio", "JPY"),
];

/// The example definitions of the repository, what they name before them.
const FILES: [&str; 11] = [
    include_str!("../../../workflows/models/desk-reader.yaml"),
    include_str!("../../../workflows/prompts/classify-document.yaml"),
    include_str!("../../../workflows/prompts/describe-article.yaml"),
    include_str!("../../../workflows/prompts/draft-article.yaml"),
    include_str!("../../../workflows/prompts/extract-fields.yaml"),
    include_str!("../../../workflows/prompts/sort-message.yaml"),
    include_str!("../../../workflows/article-drafting.yaml"),
    include_str!("../../../workflows/customer-triage.yaml"),
    include_str!("../../../workflows/document-intake.yaml"),
    include_str!("../../../workflows/identity-check.yaml"),
    include_str!("../../../workflows/invoice-check.yaml"),
];

/// What goes through them, as it would be sent over the API.
const ITEMS: &str = include_str!("../../../workflows/samples/items.ndjson");

/// Who works on what: project, person, role there.
const MEMBERS: [(&str, &str, Role); 18] = [
    ("RAD-3", "ana", Role::Annotator),
    ("RAD-3", "teo", Role::Annotator),
    ("RAD-3", "kofi", Role::Annotator),
    ("RAD-3", "lena", Role::Annotator),
    ("RAD-3", "marek", Role::Annotator),
    ("RAD-3", "omar", Role::Annotator),
    ("RAD-3", "rosa", Role::Annotator),
    ("RAD-3", "sana", Role::Annotator),
    ("RAD-3", "yuki", Role::Annotator),
    ("RAD-3", "ravi", Role::Reviewer),
    ("RAD-3", "mara", Role::Manager),
    ("INTAKE", "ana", Role::Annotator),
    ("INTAKE", "ines", Role::Manager),
    ("TRIAGE", "teo", Role::Reviewer),
    ("TRIAGE", "mara", Role::Manager),
    ("RECON", "ravi", Role::Reviewer),
    ("KYC-EU", "ines", Role::Reviewer),
    ("SPEECH-JA", "teo", Role::Annotator),
];

/// An item of the demo.
#[derive(Deserialize)]
struct Item {
    workflow: String,
    project: Option<String>,
    key: String,
    input: Value,
}

/// Where the demo is loaded.
pub struct Stage<'a> {
    pub people: &'a People,
    pub projects: &'a Projects,
    pub payees: &'a Payees,
    pub payouts: &'a Payouts,
    pub notices: &'a Notices,
    pub disputes: &'a Disputes,
    pub shelves: &'a Shelves,
    pub runs: &'a Runs,
    /// So many weeks of work it has behind it.
    pub weeks: u64,
}

/// So many weeks of work are enough for pay that was approved, whatever day it is.
pub const WEEKS: u64 = 10;

/// So many days ago it was set up.
const LIVED: i64 = 85;

/// Loads the demo into an empty house; answers `false`, and does nothing, if somebody is there.
pub async fn load(stage: &Stage<'_>, act: &Act) -> Result<bool, Error> {
    let Stage { people, projects, payees, payouts, notices, disputes, shelves, runs, weeks } = stage;
    if !people.is_empty().await? {
        return Ok(false);
    }
    let now = act;
    // The house has been at work for a while: there is pay that was approved, and pay that is to be.
    let act = &Act { at: now.at - TimeDelta::days(LIVED), ..now.clone() };
    for (login, name, roles, zone) in JOINED {
        let invited = people.invite(act, &invitation(login, name, roles, zone)).await?;
        let secret = invited.link.rsplit('/').next().unwrap_or_default().to_owned();
        let accept = Accept { name: name.to_owned(), zone: zone.to_owned(), password: PASSWORD.to_owned() };
        people.accept(act, &secret, &accept).await?;
    }
    let rows: Vec<_> = INVITED.iter().enumerate().map(|(n, name)| csv_row(n, name)).collect();
    people.import_csv(act, &format!("name,email,roles\n{}", rows.join("\n"))).await?;
    let rates = Rates::new((*projects).clone());
    for (code, name, client, currency) in PROJECTS {
        let draft = Draft {
            code: code.to_owned(),
            name: name.to_owned(),
            client: client.to_owned(),
            currency: currency.to_owned(),
            ..Draft::default()
        };
        let project = projects.make(act, &draft).await?;
        for (_, login, role) in MEMBERS.iter().filter(|(on, ..)| *on == code) {
            projects.set_member(act, project.id, &format!("{login}@example.com"), role.word()).await?;
        }
        pay::set_up(act, projects, &rates, &project).await?;
    }
    accounts::enter(act, now, people, payees).await?;
    accounts::set_payer(&weeks::by(act, people, weeks::SENDER).await?, payouts).await?;
    weeks::work(now, people, projects, payouts, *weeks).await?;
    read_old_notices(now, people, notices).await?;
    disputes::raise(now, people, &Payments::new(projects.db.clone()), disputes).await?;
    let act = now;
    for file in FILES {
        shelves.apply(act, file, None).await?;
    }
    let items = ITEMS.lines().map(serde_json::from_str).collect::<Result<Vec<Item>, _>>()?;
    let start = |Item { workflow, project, key, input }| Start { workflow, input, project, key: Some(key) };
    let items = items.into_iter().map(start);
    for started in runs.start(act, items.collect(), true).await? {
        started?;
    }
    Ok(true)
}

/// All but the last was read by whoever has joined.
async fn read_old_notices(now: &Act, people: &People, notices: &Notices) -> Result<(), Error> {
    for (login, ..) in JOINED {
        let act = weeks::by(now, people, &format!("{login}@example.com")).await?;
        if let Some(before_last) = notices.mine(&act, None, 2).await?.rows.get(1) {
            notices.read_all(&act, before_last.id).await?;
        }
    }
    Ok(())
}

fn invitation(login: &str, name: &str, roles: &[Role], zone: &str) -> Invitation {
    Invitation {
        email: format!("{login}@example.com"),
        name: name.to_owned(),
        roles: Roles::of(roles).iter().map(|role| role.word().to_owned()).collect(),
        zone: zone.to_owned(),
    }
}

fn csv_row(n: usize, name: &str) -> String {
    let login: String = name.to_lowercase().chars().map(plain).collect();
    let login = login.split(' ').filter(|part| !part.is_empty()).take(3).collect::<Vec<_>>().join(".");
    let roles = if n % 7 == 3 { "annotator+reviewer" } else { "annotator" };
    format!("\"{name}\",{login}@example.com,{roles}")
}

/// The letter as it would stand in an address.
fn plain(letter: char) -> char {
    match letter {
        'á' | 'ã' | 'ä' | 'å' => 'a',
        'ç' | 'ć' => 'c',
        'é' | 'è' | 'ė' | 'ê' | 'ễ' => 'e',
        'í' => 'i',
        'ñ' | 'ń' => 'n',
        'ó' | 'ö' | 'ø' => 'o',
        'ř' => 'r',
        'ş' | 'š' => 's',
        'ú' | 'ü' | 'ů' => 'u',
        c if c.is_ascii_alphanumeric() || c == ' ' => c,
        _ => '-',
    }
}

/// Whether the people of the demo are here, so that whoever starts it again is told how to sign in.
pub async fn is_here(people: &People, act: &Act) -> Result<bool, Error> {
    for (_, email) in SIGN_INS {
        match people.by_email(act, email).await {
            Ok(person) if person.status == Status::Active => {}
            Ok(_) => return Ok(false),
            Err(Error::Fault(fault)) if fault.kind == FaultKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::act::Actor;
    use crate::audit::Audit;
    use crate::people::{Attempt, SignedIn};
    use crate::testing::{a_seal, on_both, payees_of, people_of, staged_world};

    #[tokio::test]
    async fn the_demo_loads_once_and_everybody_can_sign_in() {
        on_both(async |db| {
            let people = people_of(db.clone());
            let projects = Projects::new(db.clone(), people.clone());
            let shelves = Shelves::new(&db);
            let act = Act::new(&staged_world(), Actor::System("demo"), "demo");
            assert!(!is_here(&people, &act).await.unwrap());
            let runs = Runs::new(db.clone());
            let payees = payees_of(db.clone(), people.clone());
            let payouts = Payouts::new(db.clone(), a_seal());
            let notices = Notices::new(db.clone());
            let stage = Stage {
                people: &people,
                notices: &notices,
                disputes: &Disputes::new(db.clone(), TimeDelta::hours(72)),
                projects: &projects,
                payees: &payees,
                payouts: &payouts,
                shelves: &shelves,
                runs: &runs,
                weeks: WEEKS,
            };
            assert!(load(&stage, &act).await.unwrap());
            assert!(!load(&stage, &act).await.unwrap());
            assert!(is_here(&people, &act).await.unwrap());
            for (_, email) in SIGN_INS {
                let attempt =
                    Attempt { email: email.to_owned(), password: PASSWORD.to_owned(), device: None };
                assert!(matches!(people.sign_in(&act, &attempt).await.unwrap(), SignedIn::In(_)), "{email}");
            }
            assert_eq!(Audit::new(db).verify(&act).await.unwrap().broken, None);
        })
        .await;
    }
}
