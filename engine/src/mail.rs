//! Sending mail, where SMTP is configured. A mail never holds up or fails what it tells of.

use std::sync::Arc;
use std::time::Duration;

use domain::people::Email;
use lettre::message::Mailbox;
use lettre::message::header::{ContentType, MIME_VERSION_1_0};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use tokio_util::task::TaskTracker;

use crate::Error;

#[derive(Clone)]
pub enum Mailer {
    Off,
    Smtp { server: Arc<AsyncSmtpTransport<Tokio1Executor>>, from: Mailbox, under_way: TaskTracker },
}

impl Mailer {
    /// From a URL like `smtps://user:password@mail.example.com` and the address mails come from.
    pub fn smtp(url: &str, from: &str) -> Result<Self, Error> {
        let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|error| Error::Mail(format!("the SMTP URL cannot be used: {error}")))?
            .timeout(Some(Duration::from_secs(20)))
            .build();
        let from = from
            .parse()
            .map_err(|error| Error::Mail(format!("the sender address cannot be used: {error}")))?;
        Ok(Self::Smtp { server: Arc::new(server), from, under_way: TaskTracker::new() })
    }

    pub const fn is_on(&self) -> bool {
        matches!(self, Self::Smtp { .. })
    }

    /// Waits until what is under way has been sent or has failed; `false` if that takes longer. Whoever ends the process
    /// calls it last.
    pub async fn finish(&self, within: Duration) -> bool {
        let Self::Smtp { under_way, .. } = self else { return true };
        under_way.close();
        tokio::time::timeout(within, under_way.wait()).await.is_ok()
    }

    /// Hands a mail over to be sent in the background; `false` if no mail is sent here.
    pub fn send(&self, to: &Email, subject: &str, body: String) -> bool {
        let Self::Smtp { server, under_way, .. } = self else { return false };
        let server = Arc::clone(server);
        match self.write(to, subject, body) {
            Ok(message) => {
                under_way.spawn(async move {
                    if let Err(error) = server.send(message).await {
                        tracing::error!(%error, "a mail could not be sent");
                    }
                });
                true
            }
            Err(error) => {
                tracing::error!(%error, "a mail could not be written");
                false
            }
        }
    }

    /// Sends a mail, and waits until the server has taken it.
    pub async fn deliver(&self, to: &Email, subject: &str, body: String) -> Result<(), Error> {
        let Self::Smtp { server, .. } = self else {
            return Err(Error::Mail("no mail is sent here".to_owned()));
        };
        let message = self.write(to, subject, body)?;
        server.send(message).await.map(drop).map_err(|error| Error::Mail(error.to_string()))
    }

    fn write(&self, to: &Email, subject: &str, body: String) -> Result<Message, Error> {
        let Self::Smtp { from, .. } = self else {
            return Err(Error::Mail("no mail is sent here".to_owned()));
        };
        let to =
            to.as_str().parse().map_err(|_| Error::Mail("an address cannot be written to".to_owned()))?;
        Message::builder()
            .from(from.clone())
            .to(Mailbox::new(None, to))
            .subject(subject)
            .message_id(None)
            .header(MIME_VERSION_1_0)
            .header(ContentType::TEXT_PLAIN)
            .body(body)
            .map_err(|error| Error::Mail(error.to_string()))
    }
}
