//! Running the server.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use engine::demo;
use engine::world::World;
use tokio::net::TcpListener;

use super::args::{Common, ServeOptions};
use crate::House;
use crate::http::{HttpOptions, Site, router};
use crate::lifecycle::{StopSignals, serve_until};

const CLOSE_WITHIN: Duration = Duration::from_secs(2);

/// How often what has run out is forgotten.
const SWEEP_EVERY: Duration = Duration::from_secs(600);

pub async fn run(common: &Common, options: ServeOptions) -> anyhow::Result<ExitCode> {
    let stop = StopSignals::listen()?;
    let site = Site::open(&site_dir(&options)?)?;
    // First the port: a second server on the same folder should stop before it touches anything.
    let listener = listen(options.listen).await?;
    let address = format!("http://{}", listener.local_addr()?);
    let house_options = common.house(&address);
    let db = house_options.open_db().await?;
    db.migrate().await.context("The database could not be migrated; nothing was changed")?;
    let house = house_options.furnish(db, World::Real)?;
    if options.demo {
        demo::load(&house.people, &house.projects, &house.at_the_console()).await?;
    }
    let base_url = house.people.policy().base_url.clone();
    announce(&house, &base_url, options.demo).await?;

    let http = HttpOptions {
        base_url,
        trust_proxy: options.trust_proxy,
        body_limit: options.body_limit_kb * 1024,
        timeout: Duration::from_secs(options.timeout_s),
    };
    let sweeping = tokio::spawn(sweep(house.clone()));
    let within = Duration::from_secs(options.stop_within_s);
    let finished = serve_until(listener, router(house.clone(), &site, http), stop.asked(), within).await?;
    sweeping.abort();
    // Every acknowledged change is on disk; a connection that cannot be closed at once is left to the system.
    if tokio::time::timeout(CLOSE_WITHIN, house.db.close()).await.is_err() {
        tracing::warn!("the database connections could not all be closed in time");
    }
    if finished {
        tracing::info!("stopped; every request had finished");
        Ok(ExitCode::SUCCESS)
    } else {
        tracing::warn!("stopped; some requests took longer than {} s and were cut off", within.as_secs());
        Ok(ExitCode::from(3))
    }
}

fn site_dir(options: &ServeOptions) -> anyhow::Result<PathBuf> {
    if let Some(folder) = &options.site_dir {
        return Ok(folder.clone());
    }
    let program = std::env::current_exe().context("The program does not know where it is; use --site-dir")?;
    Ok(program.with_file_name("site"))
}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => anyhow::anyhow!(
            "{address} is in use by another program. Stop it, or choose another address with --listen."
        ),
        std::io::ErrorKind::PermissionDenied => {
            anyhow::anyhow!("This user may not listen on {address}. Choose a port above 1023 with --listen.")
        }
        _ => anyhow::anyhow!("Cannot listen on {address}: {error}"),
    })
}

/// Says on standard output what the person who started it needs to know next.
async fn announce(house: &House, base_url: &str, demo_loaded: bool) -> anyhow::Result<()> {
    println!("Countersign is at {base_url}");
    if let Some(link) = house.people.setup_link(&house.at_the_console()).await? {
        println!(
            "Nobody is here yet. Set up the first admin with this link; it works once, for a day:\n  {link}"
        );
    } else if demo_loaded {
        println!("Sign in with the password  {}  as", demo::PASSWORD);
        for (role, email) in demo::SIGN_INS {
            println!("  {role:<10} {email}");
        }
    }
    Ok(())
}

async fn sweep(house: House) {
    let mut every = tokio::time::interval(SWEEP_EVERY);
    loop {
        every.tick().await;
        match house.people.sweep(house.world.now()).await {
            Ok(0) => {}
            Ok(gone) => tracing::debug!(gone, "forgot what had run out"),
            Err(error) => tracing::warn!(%error, "could not forget what has run out; will try again"),
        }
    }
}
