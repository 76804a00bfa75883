//! Opening what every command works with: the folder, the key, the database, the services over it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use chrono::TimeDelta;
use engine::act::{Act, Actor};
use engine::audit::Audit;
use engine::db::{Db, DbOptions, MigrationState};
use engine::demo;
use engine::dispute::Disputes;
use engine::errand::Errands;
use engine::gate::Gates;
use engine::mail::Mailer;
use engine::notice::Notices;
use engine::outbound::{Outbound, Secrets};
use engine::payee::Payees;
use engine::payment::Payments;
use engine::payout::Payouts;
use engine::people::{Hasher, People, Policy};
use engine::project::Projects;
use engine::rate::Rates;
use engine::review::Reviews;
use engine::run::Runs;
use engine::schedule::Schedules;
use engine::seal::Seal;
use engine::shelf::Shelves;
use engine::timesheet::Timesheets;
use engine::webhook::Webhooks;
use engine::world::World;

/// Whether what is not there is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Make {
    Never,
    IfMissing,
}

/// What to open, and where.
#[derive(Clone, Debug)]
pub struct HouseOptions {
    pub data_dir: PathBuf,
    pub database_url: Option<String>,
    /// 64 hexadecimal digits; read from or made in the data folder if absent.
    pub key: Option<String>,
    pub connections: u32,
    pub policy: Policy,
    pub smtp_url: Option<String>,
    /// The address mails come from.
    pub smtp_from: Option<String>,
    /// How long a change of where somebody is paid to is held.
    pub account_hold: TimeDelta,
    /// How long an answer to a dispute may take, on days on which somebody works.
    pub answer_within: TimeDelta,
    /// Hosts that steps may call wherever they are.
    pub allow_private: Vec<String>,
    /// Where models are asked here, if not where their cards say.
    pub model_url: Vec<(String, String)>,
}

/// The services, over one open database.
#[derive(Clone)]
pub struct House {
    pub db: Db,
    pub world: World,
    pub people: People,
    pub projects: Projects,
    pub rates: Rates,
    pub timesheets: Timesheets,
    pub payees: Payees,
    pub payments: Payments,
    pub payouts: Payouts,
    pub notices: Notices,
    pub disputes: Disputes,
    pub audit: Audit,
    pub shelves: Shelves,
    pub runs: Runs,
    pub reviews: Reviews,
    pub errands: Errands,
    pub gates: Gates,
    pub schedules: Schedules,
    pub webhooks: Webhooks,
    pub outbound: Outbound,
}

impl HouseOptions {
    pub fn url(&self) -> String {
        let file = || format!("sqlite://{}", self.data_dir.join("countersign.db").display());
        self.database_url.clone().unwrap_or_else(file)
    }

    pub fn key_file(&self) -> PathBuf {
        self.data_dir.join("countersign.key")
    }

    /// Opens the database without looking at what is in it. Only where one is to be made, a folder and a file that are
    /// not there are: a mistyped name must not look like an empty house.
    pub async fn open_db(&self, make: Make) -> anyhow::Result<Db> {
        let url = self.url();
        let mut options = DbOptions::new(&url);
        options.connections = self.connections;
        options.create = make == Make::IfMissing;
        match options.sqlite_path() {
            Some(path) if make == Make::Never && !path.exists() => bail!(
                "There is no database at {}. Check --data-dir and --database-url; `countersign serve` makes a new one.",
                path.display()
            ),
            Some(path) if make == Make::IfMissing => path.parent().map_or(Ok(()), make_folder)?,
            _ => {}
        }
        let known = ["sqlite:", "postgres://", "postgresql://"];
        if !known.iter().any(|kind| url.starts_with(kind)) {
            bail!("The database URL has to begin with sqlite:// or postgres://. Check --database-url.");
        }
        Db::open(&options).await.with_context(|| match options.sqlite_path() {
            Some(path) => format!(
                "The database file {} cannot be opened. Check that it is ours and that this user may write it and its \
                 folder. Restore a backup if it is damaged.",
                path.display()
            ),
            None => "PostgreSQL does not answer. Check DATABASE_URL, that the server runs, and that its user may \
                     connect."
                .to_owned(),
        })
    }

    /// Opens everything over a database that is up to date.
    pub async fn furnish(&self, db: Db, world: World) -> anyhow::Result<House> {
        let seal = Seal::from_hex(&self.read_key(&db, &world).await?).context("The key is not usable")?;
        if !seal.fits(&db, &world).await? {
            bail!(
                "This is not the key this database was first opened with; what was sealed with that one would stay \
                 closed. Give it with --key or COUNTERSIGN_KEY, or put it back into {}.",
                self.key_file().display()
            );
        }
        let mailer = self.mailer()?;
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let people =
            People::new(db.clone(), Hasher::new(cores), seal.clone(), mailer.clone(), self.policy.clone());
        let payouts = Payouts::new(db.clone(), seal.clone());
        let outbound = outbound(&self.allow_private, &self.model_url)?
            .with_mail(mailer.clone(), self.policy.base_url.clone());
        let payees = Payees::new(people.clone(), db.clone(), seal, mailer, self.account_hold);
        let projects = Projects::new(db.clone(), people.clone());
        let rates = Rates::new(projects.clone());
        let timesheets = Timesheets::new(projects.clone());
        let payments = Payments::new(db.clone());
        let runs = Runs::new(db.clone());
        Ok(House {
            audit: Audit::new(db.clone()),
            shelves: Shelves::new(&db),
            reviews: Reviews::new(db.clone(), runs.clone()),
            webhooks: Webhooks::new(db.clone(), runs.clone()),
            schedules: Schedules::new(db.clone()),
            gates: Gates::new(db.clone()),
            errands: Errands::new(db.clone(), runs.clone()),
            runs,
            notices: Notices::new(db.clone()),
            disputes: Disputes::new(db.clone(), self.answer_within),
            outbound,
            db,
            world,
            people,
            projects,
            rates,
            timesheets,
            payees,
            payments,
            payouts,
        })
    }

    pub fn mailer(&self) -> anyhow::Result<Mailer> {
        match (&self.smtp_url, &self.smtp_from) {
            (Some(url), Some(from)) => Mailer::smtp(url, from).context("Mail is not configured right"),
            (Some(_), None) => bail!("--smtp-url is given without --smtp-from, the address mails come from."),
            (None, _) => Ok(Mailer::Off),
        }
    }

    /// For the commands other than `serve`: they do not migrate by themselves.
    pub async fn open(&self) -> anyhow::Result<House> {
        let db = self.open_current_db().await?;
        self.furnish(db, World::Real).await
    }

    /// A database that is there and has the shape this program knows; the key is not needed for it.
    pub async fn open_current_db(&self) -> anyhow::Result<Db> {
        let db = self.open_db(Make::Never).await?;
        match db.migration_state().await? {
            MigrationState::Current => Ok(db),
            MigrationState::Behind(n) => {
                bail!(
                    "The database lacks {n} migrations. Run `countersign migrate` first, or start the server."
                )
            }
            MigrationState::Ahead => {
                bail!("The database was migrated by a newer version of Countersign. Use that version.")
            }
        }
    }

    /// The key: given, or kept in the data folder, where it is made the first time. For a database that knows a key
    /// already no other is made: it could only be the wrong one.
    async fn read_key(&self, db: &Db, world: &World) -> anyhow::Result<String> {
        if let Some(key) = &self.key {
            return Ok(key.clone());
        }
        let file = self.key_file();
        if !file.exists() {
            if Seal::is_known_to(db).await? {
                bail!(
                    "The key file {} is gone. Put it back from where you keep a copy, or give the key with \
                     COUNTERSIGN_KEY: what was sealed with it stays closed without it.",
                    file.display()
                );
            }
            make_folder(&self.data_dir)?;
            write_secret(&file, &Seal::new_key(world))
                .with_context(|| format!("The key file {} cannot be written.", file.display()))?;
        }
        fs::read_to_string(&file).with_context(|| {
            format!("The key file {} cannot be read. Without it, sealed values stay closed.", file.display())
        })
    }
}

impl House {
    /// Loads the demo if there is nobody yet.
    pub async fn load_demo(&self, weeks: u64) -> anyhow::Result<bool> {
        let Self { people, projects, payees, payouts, notices, disputes, shelves, runs, .. } = self;
        let stage =
            demo::Stage { people, projects, payees, payouts, notices, disputes, shelves, runs, weeks };
        Ok(demo::load(&stage, &self.at_the_console()).await?)
    }

    pub fn at_the_console(&self) -> Act {
        at_the_console(&self.world)
    }
}

/// Calls to the outside, with the secrets of this process's environment.
pub fn outbound(allow_private: &[String], model_url: &[(String, String)]) -> anyhow::Result<Outbound> {
    // A variable that is no text is no secret of ours.
    let variables = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let outbound = Outbound::new(allow_private, Secrets::from_variables(variables))?;
    Ok(outbound.with_model_addresses(model_url.iter().cloned().collect()))
}

/// Somebody at the keyboard of the server.
pub fn at_the_console(world: &World) -> Act {
    Act::new(world, Actor::System("command line"), world.id().to_string())
}

fn make_folder(folder: &Path) -> anyhow::Result<()> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    let mut making = fs::DirBuilder::new();
    making.recursive(true);
    // What is kept in it is nobody else's business.
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut making, 0o700);
    making.create(folder).with_context(|| {
        format!(
            "The folder {} cannot be made. Choose another with --data-dir, or change who may write there.",
            folder.display()
        )
    })
}

/// Writes a file only its owner can read, whole and never over an existing one: of two servers that start at once, the
/// second reads what the first has written, and never half of it.
fn write_secret(file: &Path, text: &str) -> std::io::Result<()> {
    let draft = file.with_extension(format!("{}.draft", std::process::id()));
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut open = options.open(&draft)?;
    let written = open.write_all(text.as_bytes()).and_then(|()| open.sync_all());
    let named = written.and_then(|()| match fs::hard_link(&draft, file) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        named => named,
    });
    fs::remove_file(&draft)?;
    named
}
