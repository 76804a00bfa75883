//! As much of an HTTP/1.1 client as it takes to ask our own server.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail};

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

/// A connection that is kept from one request to the next, and made again after it broke.
pub struct Connection {
    server: SocketAddr,
    open: Option<BufReader<TcpStream>>,
}

impl Connection {
    pub const fn to(server: SocketAddr) -> Self {
        Self { server, open: None }
    }

    /// Sends a request and reads the whole answer.
    pub fn exchange(&mut self, request: &str) -> Result<Answer> {
        // Put back only if it is good for another request.
        let mut reader = match self.open.take() {
            Some(reader) => reader,
            None => connect(self.server)?,
        };
        reader.get_mut().write_all(request.as_bytes()).context("the connection broke while sending")?;
        let answer = read(&mut reader)?;
        if !answer.headers("connection").any(|value| value.eq_ignore_ascii_case("close")) {
            self.open = Some(reader);
        }
        Ok(answer)
    }
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
