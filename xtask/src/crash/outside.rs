//! A service outside that keeps a log, as services with idempotency keys do: what comes again under the same key is
//! answered as at first, and is not written again.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use anyhow::{Context, Result};

#[derive(Clone)]
pub struct Outside {
    pub address: SocketAddr,
    log: Arc<Mutex<Log>>,
}

#[derive(Default)]
struct Log {
    /// The place in the log by key.
    places: BTreeMap<String, u64>,
    /// How often something came again.
    repeats: u64,
}

impl Outside {
    pub fn open() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").context("cannot listen for effects")?;
        let outside = Self { address: listener.local_addr()?, log: Arc::default() };
        let listening = outside.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let outside = listening.clone();
                // A client that is killed ends its connection.
                thread::spawn(move || while let Ok(()) = outside.serve(&stream) {});
            }
        });
        Ok(outside)
    }

    /// Where a key stands in the log.
    pub fn place(&self, key: &str) -> Option<u64> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).places.get(key).copied()
    }

    pub fn repeats(&self) -> u64 {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).repeats
    }

    fn append(&self, key: String) -> u64 {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        let next = log.places.len() as u64 + 1;
        if let Some(place) = log.places.get(&key).copied() {
            log.repeats += 1;
            return place;
        }
        log.places.insert(key, next);
        next
    }

    fn serve(&self, stream: &TcpStream) -> Result<()> {
        let mut reader = BufReader::new(stream);
        let (mut key, mut length, mut line) = (String::new(), 0, String::new());
        loop {
            line.clear();
            anyhow::ensure!(reader.read_line(&mut line)? > 0, "closed");
            let Some((name, value)) = line.trim().split_once(':') else {
                if line.trim().is_empty() {
                    break;
                }
                continue;
            };
            match name.to_ascii_lowercase().as_str() {
                "idempotency-key" | "webhook-id" => value.trim().clone_into(&mut key),
                "content-length" => length = value.trim().parse()?,
                _ => {}
            }
        }
        reader.read_exact(&mut vec![0; length])?;
        let body = format!(r#"{{"place": {}}}"#, self.append(key));
        let mut stream = stream;
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())?;
        Ok(())
    }
}
