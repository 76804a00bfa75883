//! Inviting many from a CSV file: looked at first, then all or nobody.

use std::collections::HashMap;

use domain::Fault;
use domain::audit::Action;
use domain::people::{Email, Permission, Person};

use super::invite::{Guest, may_look_after};
use super::trail::entry;
use super::{Invitation, Invited, LinkKind, People, store};
use crate::Error;
use crate::act::Act;
use crate::audit::record_all;

/// More than this is not an invitation any more.
const MAX_ROWS: usize = 2000;

const COLUMNS: [&str; 4] = ["email", "name", "roles", "zone"];

/// One row of the file, with what is wrong with it.
#[derive(Clone, Debug)]
pub struct CsvRow {
    /// As a spreadsheet counts, the heading being line 1.
    pub line: u64,
    pub invitation: Invitation,
    /// Column and message.
    pub faults: Vec<(String, String)>,
    /// Already a person here: nothing is done about them.
    pub known: bool,
}

#[derive(Clone, Debug)]
pub struct CsvPreview {
    pub rows: Vec<CsvRow>,
}

impl CsvPreview {
    pub fn new_people(&self) -> usize {
        self.rows.iter().filter(|row| !row.known && row.faults.is_empty()).count()
    }

    pub fn known(&self) -> usize {
        self.rows.iter().filter(|row| row.known).count()
    }

    pub fn faulty(&self) -> usize {
        self.rows.iter().filter(|row| !row.faults.is_empty()).count()
    }
}

impl People {
    /// Reads a file and says what would happen.
    pub async fn preview_csv(&self, act: &Act, text: &str) -> Result<CsvPreview, Error> {
        act.need(Permission::ManagePeople)?;
        let mut rows = parse(text)?;
        let emails: Vec<_> = rows.iter().filter_map(|row| Email::parse(&row.invitation.email).ok()).collect();
        let known = store::person::known(&self.db, &emails).await?;
        let mut first_seen: HashMap<Email, u64> = HashMap::new();
        for row in &mut rows {
            let Ok(email) = Email::parse(&row.invitation.email) else { continue };
            if let Some(line) = first_seen.get(&email) {
                row.faults.push(("email".to_owned(), format!("The same address stands in line {line}.")));
                continue;
            }
            row.known = known.contains(&email);
            first_seen.insert(email, row.line);
        }
        Ok(CsvPreview { rows })
    }

    /// Invites everybody in the file who is not known yet; if a single row is wrong, nobody.
    pub async fn import_csv(&self, act: &Act, text: &str) -> Result<Vec<Invited>, Error> {
        let preview = self.preview_csv(act, text).await?;
        if preview.faulty() > 0 {
            let message = format!("{} rows need another look; nobody was invited.", preview.faulty());
            return Err(Fault::field("csv", message).into());
        }
        if preview.new_people() == 0 {
            return Err(Fault::field("csv", "Everybody in this file is already here.").into());
        }
        let guests: Result<Vec<Guest>, Fault> =
            preview.rows.iter().filter(|row| !row.known).map(|row| row.invitation.parse()).collect();
        let people: Vec<Person> = guests?.into_iter().map(|guest| guest.into_person(act)).collect();
        for person in &people {
            may_look_after(act, person.roles)?;
        }
        let (links, addresses): (Vec<_>, Vec<_>) =
            people.iter().map(|person| self.draw_link(act, LinkKind::Invite, Some(person.id))).unzip();
        let trail: Vec<_> =
            people.iter().map(|person| entry(Action::PersonImported, person, None, Some(person))).collect();
        let mut tx = self.db.begin().await?;
        store::person::insert(&mut tx, &people).await.map_err(|error| {
            let message = "Somebody in this file was added just now. Look at the preview again.";
            if error.is_taken() { Fault::conflict(message).into() } else { Error::from(error) }
        })?;
        store::link::insert(&mut tx, &links).await?;
        record_all(&mut tx, act, &trail).await?;
        tx.commit().await?;
        drop(trail);
        let invite = |(person, link): (Person, String)| {
            let mailed = self.mail_invitation(act, &person, &link);
            Invited { person, link, mailed }
        };
        Ok(people.into_iter().zip(addresses).map(invite).collect())
    }
}

fn parse(text: &str) -> Result<Vec<CsvRow>, Fault> {
    let wrong = |message: String| Fault::field("csv", message);
    // Browsers post line ends as CRLF, of which the reader would count one too few.
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    // What stands in place of bytes that are no text.
    if text.contains('\u{fffd}') {
        let message =
            "This file is not in UTF-8, and its accented letters would be lost. Save it as “CSV UTF-8”.";
        return Err(wrong(message.to_owned()));
    }
    // Spreadsheets in half of Europe write semicolons.
    let heading = text.lines().next().unwrap_or_default();
    let delimiter = if heading.contains(';') && !heading.contains(',') { b';' } else { b',' };
    let mut reader = ::csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .trim(::csv::Trim::All)
        .from_reader(text.as_bytes());
    let columns = reader.headers().map_err(|_| wrong("This is not a CSV file.".to_owned()))?.clone();
    let column = |name: &str| columns.iter().position(|column| column.eq_ignore_ascii_case(name));
    let (Some(email), Some(name), Some(roles)) = (column("email"), column("name"), column("roles")) else {
        let message = "The first line must name the columns email, name and roles; zone may be added.";
        return Err(wrong(message.to_owned()));
    };
    // A column of another name would be lost without a word, and may only be misspelt.
    let known =
        |column: &&str| column.is_empty() || COLUMNS.iter().any(|known| known.eq_ignore_ascii_case(column));
    if let Some(unknown) = columns.iter().find(|column| !known(column)) {
        let message = format!(
            "The column “{unknown}” means nothing here. Columns are {}; remove others.",
            COLUMNS.join(", ")
        );
        return Err(wrong(message));
    }
    let zone = column("zone");
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| wrong(format!("The file cannot be read further: {error}.")))?;
        if record.iter().all(str::is_empty) {
            continue;
        }
        if rows.len() == MAX_ROWS {
            return Err(wrong(format!("Invite at most {MAX_ROWS} people with one file.")));
        }
        let value = |at: Option<usize>| at.and_then(|at| record.get(at)).unwrap_or_default().to_owned();
        let words = value(Some(roles));
        let invitation = Invitation {
            email: value(Some(email)),
            name: value(Some(name)),
            roles: words
                .split([' ', ',', ';', '|', '+'])
                .filter(|w| !w.is_empty())
                .map(str::to_owned)
                .collect(),
            zone: value(zone),
        };
        let faults = invitation.parse().err().map_or_else(Vec::new, |fault| {
            fault.fields.into_iter().map(|fault| (fault.field, fault.message)).collect()
        });
        let line = record.position().map_or(0, ::csv::Position::line);
        rows.push(CsvRow { line, invitation, faults, known: false });
    }
    if rows.is_empty() { Err(wrong("There is nobody in this file.".to_owned())) } else { Ok(rows) }
}
