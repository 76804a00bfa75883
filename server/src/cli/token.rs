use std::process::ExitCode;

use engine::people::NewToken;

use super::args::{Common, TokenCommand};

pub async fn run(common: &Common, what: TokenCommand) -> anyhow::Result<ExitCode> {
    let house = common.open().await?;
    let (people, act) = (&house.people, house.at_the_console());
    match what {
        TokenCommand::Create { email, name, scopes, days } => {
            let owner = people.by_email(&act, &email).await?;
            let made = people.make_token_for(&act, &owner, &NewToken { name, scopes, days }).await?;
            println!("{}", made.secret);
            eprintln!(
                "Keep it now: it is shown only this once. It works until {}.",
                made.token.expires_at.date_naive()
            );
        }
        TokenCommand::List { email } => {
            let owner = people.by_email(&act, &email).await?;
            for token in people.tokens(&act, owner.id).await? {
                let state = if token.works(act.at) { "works" } else { "ended" };
                let (id, hint, name, scopes) = (token.id, &token.hint, token.name.as_str(), &token.scopes);
                println!("{id}\t{hint}…\t{state}\tuntil {}\t{name}\t{scopes}", token.expires_at.date_naive());
            }
        }
        TokenCommand::Revoke { email, id } => {
            let owner = people.by_email(&act, &email).await?;
            people.revoke_token(&act, owner.id, id.parse()?).await?;
            println!("The token is worthless now.");
        }
    }
    Ok(ExitCode::SUCCESS)
}
