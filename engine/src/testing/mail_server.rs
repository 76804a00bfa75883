//! A mail server of a test's own.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// Takes mails and hands their text over.
pub fn mail_server() -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let (sender, mails) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let sender = sender.clone();
            std::thread::spawn(move || converse(stream, &sender));
        }
    });
    (url, mails)
}

fn converse(mut stream: TcpStream, sender: &Sender<String>) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
    stream.write_all(b"220 test\r\n").unwrap();
    while let Some(line) = lines.next() {
        let answer = match line.split([' ', ':']).next().unwrap_or_default() {
            "DATA" => {
                stream.write_all(b"354 go on\r\n").unwrap();
                let mail: Vec<_> = lines.by_ref().take_while(|line| line != ".").collect();
                sender.send(mail.join("\n")).unwrap();
                "250 kept"
            }
            "QUIT" => "221 bye",
            _ => "250 ok",
        };
        if stream.write_all(format!("{answer}\r\n").as_bytes()).is_err() {
            return;
        }
    }
}

pub fn next_mail(mails: &Receiver<String>) -> String {
    mails.recv_timeout(Duration::from_secs(10)).expect("a mail")
}
