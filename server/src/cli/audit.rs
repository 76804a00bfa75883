use std::io::Write;
use std::process::ExitCode;

use engine::act::Act;
use engine::audit::{Audit, Filter, csv_head, csv_row, jsonl_row};

use engine::world::World;

use super::args::{AuditCommand, Common, ExportFormat};
use crate::house::at_the_console;

pub async fn run(common: &Common, what: AuditCommand) -> anyhow::Result<ExitCode> {
    let audit = Audit::new(common.open_db().await?);
    let act = at_the_console(&World::Real);
    match what {
        AuditCommand::Verify => verify(&audit, &act).await,
        AuditCommand::Export { format } => export(&audit, &act, format).await,
    }
}

async fn verify(audit: &Audit, act: &Act) -> anyhow::Result<ExitCode> {
    let verified = audit.verify(act).await?;
    if let Some(broken) = verified.broken {
        println!("The chain breaks at line {}: {}.", broken.seq, broken.why);
        println!("{} lines before it hold. Compare with a backup or an export from before.", verified.lines);
        return Ok(ExitCode::from(2));
    }
    println!("The chain holds: {} lines, ending in {}", verified.lines, verified.head);
    Ok(ExitCode::SUCCESS)
}

async fn export(audit: &Audit, act: &Act, format: ExportFormat) -> anyhow::Result<ExitCode> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if format == ExportFormat::Csv {
        out.write_all(csv_head()?.as_bytes())?;
    }
    let mut after = 0;
    loop {
        let lines = audit.lines_after(act, &Filter::default(), after).await?;
        for line in &lines {
            let row = if format == ExportFormat::Csv { csv_row(line)? } else { jsonl_row(line)? };
            out.write_all(row.as_bytes())?;
        }
        match lines.last() {
            Some(line) => after = line.seq,
            None => break,
        }
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}
