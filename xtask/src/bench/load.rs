//! A small HTTP/1.1 load generator: a thread and a kept connection per client, each sending its next request when it has
//! read the whole answer to the one before. No compression is asked for, so the server's pages are what is measured.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

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
        let mut connection = None;
        for _ in 0..requests {
            let begin = Instant::now();
            match exchange(&mut connection, self.server, request.as_bytes()) {
                Ok(answer) if answer.status == 200 => latencies.push(begin.elapsed()),
                Ok(_) => errors += 1,
                Err(_) => {
                    errors += 1;
                    connection = None;
                }
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
fn percentile(ascending: &[Duration], percent: usize) -> Duration {
    let rank = (ascending.len() * percent).div_ceil(100).max(1);
    ascending.get(rank - 1).copied().unwrap_or_default()
}

pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn headers<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(it, _)| it == name).map(|(_, value)| value.as_str())
    }
}

/// One request over a connection of its own.
pub fn once(server: SocketAddr, request: &str) -> Result<Answer> {
    exchange(&mut None, server, request.as_bytes())
}

fn exchange(
    connection: &mut Option<BufReader<TcpStream>>,
    server: SocketAddr,
    request: &[u8],
) -> Result<Answer> {
    let reader = match connection {
        Some(reader) => reader,
        None => connection.insert(connect(server)?),
    };
    reader.get_mut().write_all(request).context("the connection broke while sending")?;
    let answer = read(reader)?;
    if answer.headers("connection").any(|value| value.eq_ignore_ascii_case("close")) {
        *connection = None;
    }
    Ok(answer)
}

fn connect(server: SocketAddr) -> Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect(server).context("cannot connect")?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    Ok(BufReader::with_capacity(64 * 1024, stream))
}

fn read(reader: &mut impl BufRead) -> Result<Answer> {
    let status = line(reader)?;
    let status =
        status.split(' ').nth(1).and_then(|code| code.parse().ok()).context("no status in the answer")?;
    let mut headers = Vec::new();
    loop {
        let line = line(reader)?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut answer = Answer { status, headers, body: Vec::new() };
    let length = answer.headers("content-length").next().map(str::parse).transpose();
    if answer.headers("transfer-encoding").any(|value| value.eq_ignore_ascii_case("chunked")) {
        answer.body = chunks(reader)?;
    } else if let Some(length) = length.context("the content length is no number")? {
        answer.body = vec![0; length];
        reader.read_exact(&mut answer.body).context("the answer ended early")?;
    }
    Ok(answer)
}

fn chunks(reader: &mut impl BufRead) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let head = line(reader)?;
        let length = head.split(';').next().unwrap_or_default().trim();
        let length = u64::from_str_radix(length, 16).context("the length of a chunk is no number")?;
        if length == 0 {
            while !line(reader)?.is_empty() {} // trailers
            return Ok(body);
        }
        if reader.take(length).read_to_end(&mut body)? as u64 != length {
            bail!("the answer ended within a chunk");
        }
        line(reader)?;
    }
}

fn line(reader: &mut impl BufRead) -> Result<String> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        bail!("the connection was closed");
    }
    Ok(line.trim_end().to_owned())
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

    #[test]
    fn an_answer_with_a_length_leaves_the_next_one_alone() {
        let mut bytes = &b"HTTP/1.1 303 See Other\r\nSet-Cookie: a=1; Path=/\r\nset-cookie: b=2\r\n\
                           Content-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"[..];
        let answer = read(&mut bytes).unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (303, &b"ok"[..]));
        assert_eq!(answer.headers("set-cookie").collect::<Vec<_>>(), ["a=1; Path=/", "b=2"]);
        assert_eq!(read(&mut bytes).unwrap().status, 200);
        assert!(read(&mut bytes).is_err());
    }

    #[test]
    fn an_answer_in_chunks_is_put_together() {
        let mut bytes = &b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
                           5\r\n<html\r\nA;x=y\r\n>0123</htm\r\n2\r\nl>\r\n0\r\n\r\nrest"[..];
        assert_eq!(read(&mut bytes).unwrap().body, b"<html>0123</html>");
        assert_eq!(bytes, b"rest");
    }
}
