//! Sending mail, where SMTP is configured. A mail never holds up or fails what it tells of.

use std::sync::Arc;

use domain::people::Email;
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use crate::Error;

#[derive(Clone)]
pub enum Mailer {
    Off,
    Smtp { server: Arc<AsyncSmtpTransport<Tokio1Executor>>, from: Mailbox },
}

impl Mailer {
    /// From a URL like `smtps://user:password@mail.example.com` and the address mails come from.
    pub fn smtp(url: &str, from: &str) -> Result<Self, Error> {
        let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|error| Error::Mail(format!("the SMTP URL cannot be used: {error}")))?
            .timeout(Some(std::time::Duration::from_secs(20)))
            .build();
        let from = from
            .parse()
            .map_err(|error| Error::Mail(format!("the sender address cannot be used: {error}")))?;
        Ok(Self::Smtp { server: Arc::new(server), from })
    }

    pub const fn is_on(&self) -> bool {
        matches!(self, Self::Smtp { .. })
    }

    /// Hands a mail over to be sent in the background; `false` if no mail is sent here.
    pub fn send(&self, to: &Email, subject: &str, body: String) -> bool {
        let Self::Smtp { server, from } = self else { return false };
        let Ok(to) = to.as_str().parse() else { return false };
        let message = Message::builder()
            .from(from.clone())
            .to(Mailbox::new(None, to))
            .subject(subject)
            .header(ContentType::TEXT_PLAIN)
            .body(body);
        let server = Arc::clone(server);
        match message {
            Ok(message) => {
                tokio::spawn(async move {
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
}
