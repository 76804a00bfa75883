//! What several parts need, made when the first asks for it and never twice, even when making it failed.

use std::cell::{OnceCell, RefCell};
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};

use super::binaries::{self, Tests};
use crate::cluster::{Cluster, Commits};
use crate::place::Profile;
use crate::site::{self, Site};
use crate::{server, sh};

type Once<T> = OnceCell<Result<T, String>>;

pub struct Workshop {
    packages: Vec<&'static str>,
    tests: Once<Tests>,
    site: Once<Site>,
    server: Once<()>,
    cluster: Once<Cluster>,
    times: RefCell<Vec<(&'static str, Duration)>>,
}

impl Workshop {
    pub fn new(packages: Vec<&'static str>) -> Self {
        Self {
            packages,
            tests: Once::new(),
            site: Once::new(),
            server: Once::new(),
            cluster: Once::new(),
            times: RefCell::default(),
        }
    }

    /// The crates whose tests were asked for.
    pub fn packages(&self) -> &[&'static str] {
        &self.packages
    }

    pub fn tests(&self) -> Result<&Tests> {
        self.once(&self.tests, "building tests", || {
            sh::say("Building the tests");
            binaries::build(&self.packages)
        })
    }

    pub fn site(&self) -> Result<&Site> {
        self.once(&self.site, "building the site", || site::build(Profile::Release))
    }

    /// The program as it is shipped.
    pub fn server(&self) -> Result<()> {
        self.once(&self.server, "building the server", || server::build(Profile::Release)).copied()
    }

    pub fn cluster(&self) -> Result<&Cluster> {
        self.once(&self.cluster, "starting PostgreSQL", || Cluster::start(Commits::Fast))
    }

    pub fn time_spent(&self) -> Duration {
        self.times.borrow().iter().map(|(_, time)| *time).sum()
    }

    pub fn take_times(&self) -> Vec<(&'static str, Duration)> {
        self.times.take()
    }

    fn once<'a, T>(
        &'a self,
        cell: &'a Once<T>,
        name: &'static str,
        make: impl FnOnce() -> Result<T>,
    ) -> Result<&'a T> {
        let outcome = cell.get_or_init(|| {
            let begin = Instant::now();
            let outcome = make().map_err(|error| format!("{error:#}"));
            self.times.borrow_mut().push((name, begin.elapsed()));
            outcome
        });
        outcome.as_ref().map_err(|error| anyhow!("{name}: {error}"))
    }
}
