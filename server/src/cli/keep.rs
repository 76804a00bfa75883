//! Looking after the database: migrations, the demo, backups.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use engine::db::Db;
use engine::demo;
use engine::world::World;

use super::args::Common;
use crate::house::Make;

pub async fn migrate(common: &Common) -> anyhow::Result<ExitCode> {
    let db = common.house("").open_db(Make::IfMissing).await?;
    migrated(&db).await?;
    println!("The database is up to date.");
    Ok(ExitCode::SUCCESS)
}

/// Brings the database up to date, or says what stands in the way.
pub async fn migrated(db: &Db) -> anyhow::Result<()> {
    db.migrate().await.context("The database could not be migrated; nothing was changed")
}

pub async fn demo(common: &Common) -> anyhow::Result<ExitCode> {
    let options = common.house("");
    let db = options.open_db(Make::IfMissing).await?;
    migrated(&db).await?;
    let house = options.furnish(db, World::Real).await?;
    if house.load_demo(demo::WEEKS).await? {
        println!("The demo is loaded. Everybody's password is  {}", demo::PASSWORD);
        for (role, email) in demo::SIGN_INS {
            println!("  {role:<10} {email}");
        }
    } else {
        println!("There are people here already; nothing was changed.");
    }
    Ok(ExitCode::SUCCESS)
}

pub async fn backup(common: &Common, file: &Path) -> anyhow::Result<ExitCode> {
    if file.exists() {
        bail!("{} exists. A backup never overwrites a file; choose another name.", file.display());
    }
    // A database that is not there, or not ours, is not backed up: an empty copy would look like a good one.
    let db = common.open_db().await?;
    if !db
        .copy_to(file)
        .await
        .with_context(|| format!("The backup could not be written to {}", file.display()))?
    {
        bail!("This is PostgreSQL: back it up with its own tools, pg_dump or a base backup.");
    }
    println!(
        "{} holds a copy of the database. Keep the key beside it: without it, sealed values stay closed.",
        file.display()
    );
    Ok(ExitCode::SUCCESS)
}
