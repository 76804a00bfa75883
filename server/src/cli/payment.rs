use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use engine::payout::bundle::verify;

use super::args::PaymentCommand;

pub fn run(what: &PaymentCommand) -> anyhow::Result<ExitCode> {
    let PaymentCommand::Verify { bundle, audit_log } = what;
    let open = |path: &Path| {
        File::open(path).map(BufReader::new).with_context(|| format!("{} cannot be opened.", path.display()))
    };
    let mut log = audit_log.as_deref().map(open).transpose()?;
    let log = log.as_mut().map(|log| log as &mut dyn BufRead);
    let checks = verify(open(bundle)?, log).map_err(anyhow::Error::msg)?;
    let mut holds = true;
    for check in &checks {
        if check.wrong.is_empty() {
            println!("right  {}", check.what);
            continue;
        }
        holds = false;
        println!("WRONG  {}", check.what);
        for wrong in &check.wrong {
            println!("       {wrong}");
        }
    }
    if holds {
        println!("The bundle holds.");
        return Ok(ExitCode::SUCCESS);
    }
    println!("The bundle does not hold. Compare it with another copy, and with the page of its batch.");
    Ok(ExitCode::from(2))
}
