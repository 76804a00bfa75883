//! Running the server.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context;
use engine::demo;
use engine::job;
use engine::run::Pool;
use engine::world::World;
use tokio::net::TcpListener;

use super::args::{Common, ServeOptions};
use super::keep::migrated;
use super::stand_in::StandIn;
use super::work;
use crate::house::Make;
use crate::http::{Host, HttpOptions, Site, router};
use crate::lifecycle::{Patience, StopSignals, serve_until};
use crate::{House, HouseOptions};

/// Long enough for a bad line, and for a browser that opens a connection before it knows what to ask.
const HEAD_WITHIN: Duration = Duration::from_secs(20);
const READ_WITHIN: Duration = Duration::from_mins(1);

pub const CLOSE_WITHIN: Duration = Duration::from_secs(2);
const MAIL_WITHIN: Duration = Duration::from_secs(5);

/// Prints a line. If nobody listens any more, the server goes on all the same.
macro_rules! say {
    ($($words:tt)*) => {{
        use std::io::Write;
        let _ = writeln!(std::io::stdout(), $($words)*);
    }};
}

/// How often what has run out is forgotten.
const SWEEP_EVERY: Duration = Duration::from_mins(10);

pub async fn run(common: &Common, options: ServeOptions) -> anyhow::Result<ExitCode> {
    let mut stop = StopSignals::listen()?;
    let site = Site::open(&site_dir(&options)?)?;
    // First the port: a second server on the same folder should stop before it touches anything.
    let listener = listen(options.listen).await?;
    let address = reached_at(listener.local_addr()?);
    let mut house_options = common.house(&address);
    let stand_in = if options.demo { StandIn::beside(&mut house_options).await? } else { None };
    // Until there is something to be kept, whoever asks us to stop need not wait.
    let house = tokio::select! {
        house = move_in(&house_options, options.demo) => house?,
        () = stop.asked() => {
            tracing::info!("stopped before it had started");
            return Ok(ExitCode::SUCCESS);
        }
    };
    let base_url = house.people.policy().base_url.clone();
    announce(&house, &base_url, options.demo).await?;
    if let Some(stand_in) = &stand_in {
        say!("A stand-in for a model, which understands nothing, answers the demo at {}", stand_in.url);
    }
    for advice in advice(common, options.listen, &base_url, options.trust_proxy) {
        tracing::warn!("{advice}");
    }

    let http = HttpOptions {
        base_url,
        trust_proxy: options.trust_proxy,
        body_limit: options.body_limit_kb as usize * 1024,
        upload_limit: options.upload_limit_kb as usize * 1024,
        timeout: Duration::from_secs(options.timeout_s),
        reload_pages: options.reload_pages,
    };
    let sweeping = tokio::spawn(sweep(house.clone()));
    let patience = Patience {
        head_within: HEAD_WITHIN,
        read_within: READ_WITHIN,
        stop_within: Duration::from_secs(options.work.stop_within_s),
    };
    let pool = work::start(&house, &options.work);
    let host = Host::new(house.clone(), &site, http);
    let closing = host.closing.clone();
    let router = router(host, &site);
    let mut asked_at = None;
    let errands = house.errands.clone();
    let asked = async {
        stop.asked().await;
        asked_at = Some(Instant::now());
        // Requests and steps under way have the same time, at the same time.
        pool.iter().for_each(Pool::begin_to_stop);
        errands.stop_waiting();
        closing.cancel();
    };
    let answered = serve_until(listener, router, asked, patience).await;
    sweeping.abort();
    let used = asked_at.map(|at| at.elapsed()).unwrap_or_default();
    let reached = match pool {
        Some(pool) => work::finish(pool, patience.stop_within.saturating_sub(used)).await,
        None => true,
    };
    if !house.people.finish_mail(MAIL_WITHIN).await {
        tracing::warn!("some mails were still under way and may not have been sent");
    }
    // Every acknowledged change is on disk; a connection that cannot be closed at once is left to the system.
    if tokio::time::timeout(CLOSE_WITHIN, house.db.close()).await.is_err() {
        tracing::warn!("the database connections could not all be closed in time");
    }
    if answered && reached {
        tracing::info!("stopped; every request and every step had finished");
        Ok(ExitCode::SUCCESS)
    } else {
        let within = options.work.stop_within_s;
        tracing::warn!("stopped; some requests or steps took longer than {within} s and were cut off");
        Ok(ExitCode::from(3))
    }
}

/// Opens the database, in the shape this program knows, and everything over it.
async fn move_in(options: &HouseOptions, demo_wanted: bool) -> anyhow::Result<House> {
    let db = options.open_db(Make::IfMissing).await?;
    migrated(&db).await?;
    let house = options.furnish(db, World::Real).await?;
    job::apply_built_in(&house.shelves.workflows, &house.world).await?;
    if demo_wanted {
        house.load_demo(demo::WEEKS).await?;
    }
    Ok(house)
}

pub fn site_dir(options: &ServeOptions) -> anyhow::Result<PathBuf> {
    if let Some(folder) = &options.site_dir {
        return Ok(folder.clone());
    }
    let program = std::env::current_exe().context("The program does not know where it is; use --site-dir")?;
    Ok(program.with_file_name("site"))
}

/// The address for a browser on this machine. One that means "every address" is none that a browser could open.
fn reached_at(listening: SocketAddr) -> String {
    let port = listening.port();
    match listening.ip() {
        ip if !ip.is_unspecified() => format!("http://{listening}"),
        IpAddr::V4(_) => format!("http://127.0.0.1:{port}"),
        IpAddr::V6(_) => format!("http://[::1]:{port}"),
    }
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

/// What works, but perhaps not as it was meant.
fn advice(common: &Common, listening: SocketAddr, base_url: &str, trust_proxy: bool) -> Vec<&'static str> {
    let mut advice = Vec::new();
    if listening.ip().is_unspecified() && common.base_url.is_none() {
        advice.push(
            "It listens on every address, but only browsers on this machine can sign in: say with --base-url under \
             which address others reach it.",
        );
    }
    if base_url.starts_with("https://") && !trust_proxy {
        advice.push(
            "The base URL begins with https://, so there is a proxy in front, but without --trust-proxy everybody \
             seems to come from its address, and is throttled as one.",
        );
    }
    if base_url.starts_with("http://") && HttpOptions::is_secure(base_url) {
        advice.push(
            "The base URL begins with http://, but browsers keep sign-ins from other machines only over https: put a \
             proxy with a certificate in front, and say --base-url https://….",
        );
    }
    advice
}

/// Says on standard output what the person who started it needs to know next.
async fn announce(house: &House, base_url: &str, demo_wanted: bool) -> anyhow::Result<()> {
    say!("Countersign is at {base_url}");
    if let Some(link) = house.people.setup_link(&house.at_the_console()).await? {
        say!(
            "Nobody is here yet. Set up the first admin with this link; it works once, for a day:\n  {link}"
        );
    } else if demo_wanted && demo::is_here(&house.people, &house.at_the_console()).await? {
        say!("Sign in with the password  {}  as", demo::PASSWORD);
        for (role, email) in demo::SIGN_INS {
            say!("  {role:<10} {email}");
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
