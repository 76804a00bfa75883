//! Looks at everything that could keep the server from working, and says what to do about each finding.

use std::fmt::Display;
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use chrono::TimeDelta;
use engine::db::{Db, DbOptions, MigrationState};
use engine::seal::Seal;
use engine::world::World;

use super::args::Common;
use super::config;
use super::serve::site_dir;
use crate::HouseOptions;
use crate::house::Make;
use crate::http::{HttpOptions, Site};

const LEAST_MB: u64 = 500;

/// How far the clocks of this machine and of the database may be apart.
const CLOCKS_APART: TimeDelta = TimeDelta::seconds(5);

/// One finding: whether it is fine, what was looked at, and what there is to say about it.
struct Finding {
    fine: bool,
    about: &'static str,
    said: String,
}

fn fine(about: &'static str, said: impl Into<String>) -> Finding {
    Finding { fine: true, about, said: said.into() }
}

fn wrong(about: &'static str, said: impl Into<String>) -> Finding {
    Finding { fine: false, about, said: said.into() }
}

pub async fn run(common: &Common) -> anyhow::Result<ExitCode> {
    let options = common.house("http://127.0.0.1:3000");
    let mut findings = vec![configuration(common, &options), serving()];
    findings.extend(folder(&options));
    findings.push(clock());
    let made = DbOptions::new(options.url()).sqlite_path().is_none_or(|file| file.exists());
    match options.open_db(Make::Never).await {
        Err(_) if !made => {
            findings.push(fine("database", "there is none yet; the server makes it"));
            findings.push(key(&options, false));
        }
        Ok(db) => {
            findings.extend(database(&db).await);
            findings.push(key(&options, Seal::is_known_to(&db).await.unwrap_or(false)));
            findings.extend(sealed(&options, &db).await);
        }
        Err(error) => {
            findings.push(wrong("database", sentence(&format!("{error:#}"))));
            findings.push(key(&options, false));
        }
    }
    for finding in &findings {
        let mark = if finding.fine { "ok   " } else { "WRONG" };
        println!("{mark}  {:<12} {}", finding.about, finding.said);
    }
    Ok(if findings.iter().all(|finding| finding.fine) { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

fn configuration(common: &Common, options: &HouseOptions) -> Finding {
    let base = &options.policy.base_url;
    if !(base.starts_with("http://") || base.starts_with("https://")) {
        return wrong("config", format!("--base-url is “{base}”; it must begin with http:// or https://."));
    }
    if let Err(error) = options.mailer() {
        return wrong(
            "config",
            format!("{} Check --smtp-url and --smtp-from.", sentence(&format!("{error:#}"))),
        );
    }
    if base.starts_with("http://") && HttpOptions::is_secure(base) {
        let why = "browsers on other machines keep a sign-in only over https; put a proxy with a certificate in front";
        return wrong("config", format!("--base-url is {base}, but {why}, and say https://…."));
    }
    let mail = if common.smtp_url.is_some() {
        "mail is sent"
    } else {
        "no mail is sent; links are shown to be copied"
    };
    fine("config", format!("links begin with {base}; {mail}"))
}

/// What only `serve` is told is looked at, too: it would not start with something it cannot read.
fn serving() -> Finding {
    let options = match config::serve_options() {
        Ok(options) => options,
        Err(error) => {
            let text = format!("{error:#}");
            let first = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
            let said = format!(
                "{} Put it right; `countersign serve --help` says what may stand there.",
                sentence(first)
            );
            return wrong("serve", said);
        }
    };
    let listen = options.listen;
    match site_dir(&options).and_then(|folder| Site::open(&folder).map(|_| folder)) {
        Ok(folder) => fine("serve", format!("listens on {listen}, with the site in {}", folder.display())),
        Err(error) if options.site_dir.is_some() => wrong("serve", sentence(&format!("{error:#}"))),
        Err(_) => {
            fine("serve", format!("listens on {listen}; there is no site here, which only `serve` needs"))
        }
    }
}

/// Tries to write where data is to be kept: what may be written is only known by writing.
fn folder(options: &HouseOptions) -> Vec<Finding> {
    let mut folders = vec![options.data_dir.clone()];
    let of_database = DbOptions::new(options.url()).sqlite_path();
    folders.extend(of_database.and_then(|file| file.parent().map(Path::to_path_buf)));
    folders.dedup();
    folders.iter().flat_map(|folder| [writable(folder), disk(folder)]).collect()
}

fn writable(data: &Path) -> Finding {
    let folder = data.display();
    if !data.is_dir() {
        return can_be_made(data);
    }
    let probe = data.join(".doctor");
    let written = fs::write(&probe, "may I?");
    let _ = fs::remove_file(&probe);
    match written {
        Ok(()) => fine("data folder", format!("{folder} can be written")),
        Err(error) if error.kind() == std::io::ErrorKind::StorageFull => {
            wrong("data folder", format!("The disk of {folder} is full. Make room, or move the folder."))
        }
        Err(error) => wrong(
            "data folder",
            format!("{folder} cannot be written: {error}. Change its owner or its rights."),
        ),
    }
}

/// A folder that is not there yet is made in the nearest one that is.
fn can_be_made(data: &Path) -> Finding {
    let folder = data.display();
    let here = Path::new(".");
    let nearest = data.ancestors().skip(1).find(|above| above.is_dir()).unwrap_or(here);
    let probe = nearest.join(".countersign-doctor");
    let made = fs::create_dir(&probe);
    let _ = fs::remove_dir(&probe);
    match made {
        Ok(()) => fine("data folder", format!("{folder} does not exist yet; the server makes it")),
        Err(error) => wrong(
            "data folder",
            format!(
                "{folder} does not exist, and cannot be made in {}: {error}. Change the rights of that one, or name \
                 another with --data-dir.",
                nearest.display()
            ),
        ),
    }
}

/// With one full stop at its end, whoever wrote it.
fn sentence(text: &str) -> String {
    format!("{}.", text.trim_end_matches(['.', ' ']))
}

/// How much room there is left, on Unix.
fn disk(folder: &Path) -> Finding {
    // What is not there yet will be on the disk of the nearest folder that is.
    let folder = folder.ancestors().find(|above| above.is_dir()).unwrap_or(Path::new("."));
    #[cfg(unix)]
    if let Ok(disk) = rustix::fs::statvfs(folder) {
        let megabytes = disk.f_bavail.saturating_mul(disk.f_frsize) / 1_000_000;
        let said = format!("{megabytes} MB are free at {}", folder.display());
        return if megabytes < LEAST_MB {
            wrong("disk", format!("Only {said}. Make room: below {LEAST_MB} MB it is soon full."))
        } else {
            fine("disk", said)
        };
    }
    fine("disk", format!("the room left at {} cannot be told", folder.display()))
}

/// The key, and whether the database knows one already.
fn key(options: &HouseOptions, known: bool) -> Finding {
    let file = options.key_file();
    let text = match &options.key {
        Some(key) => key.clone(),
        None if !file.exists() && known => {
            return wrong(
                "key",
                format!(
                    "{} is gone, and this database was opened with a key before. Put it back from where you keep a \
                     copy, or give it with COUNTERSIGN_KEY.",
                    file.display()
                ),
            );
        }
        None if !file.exists() => {
            return fine("key", format!("{} does not exist yet; the server makes it", file.display()));
        }
        None => match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) => {
                let said = format!(
                    "{} cannot be read: {error}. Change its owner or its rights so that the server can read it.",
                    file.display()
                );
                return wrong("key", said);
            }
        },
    };
    if let Err(error) = Seal::from_hex(&text) {
        return wrong(
            "key",
            format!("{error}. Restore the key from where you keep it; a new one does not open old seals."),
        );
    }
    #[cfg(unix)]
    if options.key.is_none() {
        use std::os::unix::fs::PermissionsExt;
        let open = fs::metadata(&file).is_ok_and(|data| data.permissions().mode() & 0o077 != 0);
        if open {
            return wrong("key", format!("Others can read {0}. Run: chmod 600 {0}", file.display()));
        }
    }
    fine("key", "it is well formed, and only its owner can read it")
}

/// Whether the key is the one this database knows. It is not asked of a database that knows none yet.
async fn sealed(options: &HouseOptions, db: &Db) -> Option<Finding> {
    if db.migration_state().await.ok()? != MigrationState::Current {
        return None;
    }
    let text = options.key.clone().or_else(|| fs::read_to_string(options.key_file()).ok())?;
    let seal = Seal::from_hex(&text).ok()?;
    let file = options.key_file();
    match seal.opens(db).await {
        Ok(None) => None,
        Ok(Some(true)) => Some(fine("seals", "the key opens what this database has sealed")),
        Ok(Some(false)) => Some(wrong(
            "seals",
            format!(
                "This is not the key this database was first opened with. Give that one with COUNTERSIGN_KEY, or put it \
                 back into {}.",
                file.display()
            ),
        )),
        Err(error) => Some(wrong("seals", asked_in_vain(&error))),
    }
}

/// A clock that is far off lets sessions end early and codes fail. It is compared with when this program was built.
fn clock() -> Finding {
    let now = World::Real.now();
    let built = fs::metadata(std::env::current_exe().unwrap_or_default()).and_then(|data| data.modified());
    let built: Option<chrono::DateTime<chrono::Utc>> = built.ok().map(Into::into);
    match built {
        Some(built) if now < built - TimeDelta::days(1) => wrong(
            "clock",
            format!("It shows {now}, which is before this program was made. Set it, best by NTP."),
        ),
        _ => fine("clock", format!("{}", now.format("%Y-%m-%d %H:%M:%S UTC"))),
    }
}

/// Leases and due times are told by the database's clock where several servers share it.
async fn clocks(db: &Db) -> Option<Finding> {
    let theirs = db.clock().await.ok()??;
    let apart = (World::Real.now() - theirs).abs();
    Some(if apart > CLOCKS_APART {
        let s = apart.num_seconds();
        wrong("clocks", format!("This machine and the database are {s} s apart. Set both, best by NTP."))
    } else {
        fine("clocks", "this machine and the database agree")
    })
}

/// What the database said instead of an answer, and where to look.
fn asked_in_vain(error: &dyn Display) -> String {
    let look = "Look whether the database is running and reachable, and whether the user in --database-url may read and \
                write it.";
    format!("{} {look}", sentence(&error.to_string()))
}

/// Whether somebody else writes and does not end.
async fn held(db: &Db) -> Option<Finding> {
    let tried = tokio::time::timeout(Duration::from_secs(10), db.begin()).await;
    match tried {
        Ok(Ok(_)) => None,
        Ok(Err(error)) => {
            let said = format!("Nothing can be written: {}", asked_in_vain(&error));
            Some(wrong("writing", said))
        }
        Err(_) => Some(wrong(
            "writing",
            "Another program holds the database. Look which one it is, and stop it or wait until it has finished.",
        )),
    }
}

async fn database(db: &Db) -> Vec<Finding> {
    let mut findings = Vec::new();
    match tokio::time::timeout(Duration::from_secs(10), db.ping()).await {
        Ok(Ok(())) => findings.push(fine("database", format!("{} answers", db.engine()))),
        Ok(Err(error)) => {
            return vec![wrong("database", asked_in_vain(&error))];
        }
        Err(_) => {
            let said = "It has not answered within ten seconds. Look whether it is running, reachable from here and not \
                        overloaded.";
            return vec![wrong("database", said)];
        }
    }
    findings.extend(clocks(db).await);
    findings.extend(held(db).await);
    findings.push(match db.migration_state().await {
        Ok(MigrationState::Current) => fine("migrations", "all are run"),
        Ok(MigrationState::Behind(n)) => {
            wrong("migrations", format!("{n} are missing. Run `countersign migrate`."))
        }
        Ok(MigrationState::Ahead) => {
            wrong("migrations", "A newer version of Countersign has been here. Use that version.")
        }
        Err(error) => wrong("migrations", asked_in_vain(&error)),
    });
    findings.push(match db.self_check().await {
        Ok(found) if found.is_empty() => fine("data", "the engine finds nothing wrong with it"),
        Ok(found) => wrong("data", format!("{}. Restore a backup.", found.join("; "))),
        Err(error) => wrong("data", asked_in_vain(&error)),
    });
    findings
}
