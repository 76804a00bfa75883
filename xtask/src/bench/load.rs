//! A small load generator: a thread and a kept connection per client, each sending its next request when it has
//! read the whole answer to the one before. No compression is asked for, so the server's pages are what is measured.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use crate::client::Connection;

pub struct Load<'a> {
    pub server: SocketAddr,
    pub path: &'a str,
    pub cookie: &'a str,
    pub connections: usize,
    pub requests: usize,
}

pub struct Measured {
    pub requests_per_second: f64,
    pub errors: usize,
    /// Ascending.
    latencies: Vec<Duration>,
}

impl Load<'_> {
    /// Sends all requests. An answer other than 200 is an error, and so is a connection that breaks.
    pub fn run(&self) -> Measured {
        let begin = Instant::now();
        let each = self.requests / self.connections;
        let mut latencies = Vec::with_capacity(self.requests);
        let mut errors = 0;
        thread::scope(|scope| {
            let clients: Vec<_> = (0..self.connections).map(|_| scope.spawn(|| self.client(each))).collect();
            for client in clients {
                match client.join() {
                    Ok((good, bad)) => {
                        latencies.extend(good);
                        errors += bad;
                    }
                    Err(_) => errors += each,
                }
            }
        });
        let good = u32::try_from(latencies.len()).unwrap_or(u32::MAX);
        let requests_per_second = f64::from(good) / begin.elapsed().as_secs_f64();
        latencies.sort_unstable();
        Measured { requests_per_second, errors, latencies }
    }

    fn client(&self, requests: usize) -> (Vec<Duration>, usize) {
        let request = format!(
            "GET {} HTTP/1.1\r\nHost: {}\r\nAccept: text/html\r\nCookie: {}\r\n\r\n",
            self.path, self.server, self.cookie
        );
        let (mut latencies, mut errors) = (Vec::with_capacity(requests), 0);
        let mut connection = Connection::to(self.server);
        for _ in 0..requests {
            let begin = Instant::now();
            match connection.exchange(&request) {
                Ok(answer) if answer.status == 200 => latencies.push(begin.elapsed()),
                _ => errors += 1,
            }
        }
        (latencies, errors)
    }
}

impl Measured {
    pub fn percentile(&self, percent: usize) -> Duration {
        percentile(&self.latencies, percent)
    }
}

/// The smallest value that at least `percent` of all do not exceed.
pub fn percentile(ascending: &[Duration], percent: usize) -> Duration {
    let rank = (ascending.len() * percent).div_ceil(100).max(1);
    ascending.get(rank - 1).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let ms = |values: &[u64]| values.iter().copied().map(Duration::from_millis).collect::<Vec<_>>();
        let hundred = ms(&(1..=100).collect::<Vec<_>>());
        assert_eq!(percentile(&hundred, 50), Duration::from_millis(50));
        assert_eq!(percentile(&hundred, 99), Duration::from_millis(99));
        assert_eq!(percentile(&ms(&[7]), 99), Duration::from_millis(7));
        assert_eq!(percentile(&[], 99), Duration::ZERO);
    }
}
