//! Calls to the outside world, and what they may reach: not our own network, unless somebody has said so.

mod call;
mod guard;
mod secrets;

use std::collections::BTreeMap;
use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};

pub use call::{Call, Failed, Reply};
pub use secrets::{MASK, Secrets};

use self::guard::{Allowed, Guarded};
use crate::Error;
use crate::mail::Mailer;
use crate::notice::Post;

/// Makes calls. Cloning it is cheap.
#[derive(Clone)]
pub struct Outbound {
    client: reqwest::Client,
    allowed: Allowed,
    secrets: Secrets,
    /// Where models are asked here, if not where their cards say.
    model_addresses: Arc<BTreeMap<String, String>>,
    /// How people are written to; nothing where no mail is sent.
    post: Option<Post>,
}

impl Outbound {
    /// Calls may reach public addresses, and hosts named here wherever they are; `*` names all.
    pub fn new(allowed: &[String], secrets: Secrets) -> Result<Self, Error> {
        // Of two that are begun in one process, the first brings it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let allowed = Allowed::new(allowed);
        let client = || {
            reqwest::Client::builder()
                .user_agent(concat!("countersign/", env!("CARGO_PKG_VERSION")))
                // Where a service sends us is for whoever wrote the definition to decide.
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .dns_resolver(Arc::new(Guarded(allowed.clone())))
        };
        let client = match client().build() {
            Err(error) => {
                // As in an image that holds nothing but the program.
                tracing::debug!(%error, "the system knows no certificate authorities; taking those we bring along");
                client().tls_backend_preconfigured(with_our_own_authorities()).build()
            }
            built => built,
        };
        Ok(Self {
            client: client.map_err(|error| Error::Outbound(error.to_string()))?,
            allowed,
            secrets,
            model_addresses: Arc::default(),
            post: None,
        })
    }

    /// Asks these models elsewhere than their cards say: what a card says goes for every place it is used in.
    #[must_use]
    pub fn with_model_addresses(self, addresses: BTreeMap<String, String>) -> Self {
        Self { model_addresses: Arc::new(addresses), ..self }
    }

    /// Notices are mailed by this server, with links to where people reach us.
    #[must_use]
    pub fn with_mail(self, mailer: Mailer, base_url: String) -> Self {
        let post = mailer.is_on().then_some(Post { mailer, base_url });
        Self { post, ..self }
    }

    pub const fn post(&self) -> Option<&Post> {
        self.post.as_ref()
    }

    pub fn model_address(&self, model: &str) -> Option<&String> {
        self.model_addresses.get(model)
    }

    pub const fn secrets(&self) -> &Secrets {
        &self.secrets
    }
}

fn with_our_own_authorities() -> ClientConfig {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()
}
