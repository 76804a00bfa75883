use std::io::{BufRead, Write};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use engine::people::{Filter, Invitation};

use super::args::{Common, PersonCommand, Who};

const MAIL_WITHIN: Duration = Duration::from_secs(25);

pub async fn run(common: &Common, what: PersonCommand) -> anyhow::Result<ExitCode> {
    let house = common.open().await?;
    let (people, act) = (&house.people, house.at_the_console());
    match what {
        PersonCommand::Add(who) => {
            // Read first: whoever gives up at the prompt has not added anybody.
            let password = read_password()?;
            let added = people.add(&act, &invitation(who), &password).await?;
            println!("{} can sign in as {}.", added.name, added.email);
        }
        PersonCommand::Invite(who) => {
            let invited = people.invite(&act, &invitation(who)).await?;
            let mailed = if invited.mailed { " It is being mailed." } else { "" };
            println!(
                "{} is invited.{mailed} The link works once, for seven days:\n  {}",
                invited.person.name, invited.link
            );
        }
        PersonCommand::List => list(&house).await?,
        PersonCommand::Disable { email } => {
            let person = people.by_email(&act, &email).await?;
            people.disable(&act, person.id).await?;
            println!("{} is disabled and signed out everywhere.", person.name);
        }
        PersonCommand::ResetPassword { email } => {
            let person = people.by_email(&act, &email).await?;
            let made = people.new_link(&act, person.id).await?;
            println!("With this link {} chooses a password. It works once:\n  {}", person.name, made.link);
        }
        PersonCommand::ResetTwoStep { email } => {
            let person = people.by_email(&act, &email).await?;
            people.reset_two_step(&act, person.id).await?;
            println!("{} signs in with the password alone, and is signed out everywhere.", person.name);
        }
    }
    if !people.finish_mail(MAIL_WITHIN).await {
        eprintln!("The mail server takes long: pass the link on yourself, the mail may not arrive.");
    }
    Ok(ExitCode::SUCCESS)
}

fn invitation(who: Who) -> Invitation {
    Invitation { email: who.email, name: who.name, roles: who.roles, zone: who.zone }
}

fn read_password() -> anyhow::Result<String> {
    eprint!("Password: ");
    std::io::stderr().flush()?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("No password could be read")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

async fn list(house: &crate::House) -> anyhow::Result<()> {
    const PAGE: usize = 500;
    let mut filter = Filter::default();
    loop {
        let page = house.people.list(&house.at_the_console(), &filter, PAGE).await?;
        for person in &page.rows {
            println!("{}\t{}\t{}\t{}", person.email, person.name, person.roles, person.status);
        }
        filter.after = page.rows.last().map(|person| person.id);
        if !page.has_more {
            return Ok(());
        }
    }
}
