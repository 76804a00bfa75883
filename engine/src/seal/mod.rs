//! Sealing what must not be readable in the database: XChaCha20-Poly1305 with a key that is kept elsewhere.
//!
//! Every sealed text is bound to what it is for, so that one cannot be moved to another row or passed off as another
//! kind of thing.

mod store;

use std::sync::Arc;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::Error;
use crate::db::Db;
use crate::secret::{from_hex, to_hex};
use crate::world::World;

/// The key. It prints nothing of itself.
#[derive(Clone)]
pub struct Seal(Arc<Keys>);

struct Keys {
    cipher: XChaCha20Poly1305,
    /// Makes marks by which something sealed is known again.
    marks: Hmac<Sha256>,
}

const NONCE: usize = 24;
const CHECK: &str = "check";

impl Seal {
    /// From 64 hexadecimal digits.
    pub fn from_hex(text: &str) -> Result<Self, Error> {
        let bytes = from_hex(text.trim()).filter(|bytes| bytes.len() == 32);
        let bytes = bytes.ok_or(Error::Seal("the key must be 64 hexadecimal digits (32 bytes)"))?;
        let unfit = Error::Seal("the key does not fit");
        let (Ok(cipher), Ok(derive)) =
            (XChaCha20Poly1305::new_from_slice(&bytes), <Hmac<Sha256> as Mac>::new_from_slice(&bytes))
        else {
            return Err(unfit);
        };
        // A key of their own: what is known of the one tells nothing of the other.
        let own = derive.chain_update("countersign marks").finalize().into_bytes();
        let marks = <Hmac<Sha256> as Mac>::new_from_slice(&own).map_err(|_| unfit)?;
        Ok(Self(Arc::new(Keys { cipher, marks })))
    }

    /// A new key, to be written where only the server can read it.
    pub fn new_key(world: &World) -> String {
        to_hex(&world.bytes::<32>())
    }

    /// Whether this is the key the database was first opened with. That first one is remembered by what it has sealed,
    /// so that a key that was lost and replaced is noticed at once, and not when a sealed value is next needed.
    pub async fn fits(&self, db: &Db, world: &World) -> Result<bool, Error> {
        if let Some(opens) = self.opens(db).await? {
            return Ok(opens);
        }
        // Of two servers that start at once with a key each, one finds here that it has the wrong one.
        let kept = store::keep_check(db, &self.seal(world, CHECK, CHECK)?).await?;
        Ok(self.open(CHECK, &kept).is_some())
    }

    /// The same without remembering anything; nothing if no key was ever seen.
    pub async fn opens(&self, db: &Db) -> Result<Option<bool>, Error> {
        Ok(store::check(db).await?.map(|kept| self.open(CHECK, &kept).is_some()))
    }

    /// Whether a key has been used with this database.
    pub async fn is_known_to(db: &Db) -> Result<bool, Error> {
        Ok(store::check(db).await?.is_some())
    }

    /// As text, for what is short.
    pub fn seal(&self, world: &World, purpose: &str, plain: &str) -> Result<String, Error> {
        Ok(to_hex(&self.seal_bytes(world, purpose, plain.as_bytes())?))
    }

    pub fn seal_bytes(&self, world: &World, purpose: &str, plain: &[u8]) -> Result<Vec<u8>, Error> {
        let nonce: [u8; NONCE] = world.bytes();
        let payload = Payload { msg: plain, aad: purpose.as_bytes() };
        let sealed = self.0.cipher.encrypt(XNonce::from_slice(&nonce), payload);
        let sealed = sealed.map_err(|_| Error::Seal("could not be sealed"))?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// A mark that is the same for the same text, and tells nothing of it to anybody without the key.
    pub fn known_again(&self, purpose: &str, plain: &str) -> Vec<u8> {
        self.0
            .marks
            .clone()
            .chain_update(purpose)
            .chain_update([0])
            .chain_update(plain)
            .finalize()
            .into_bytes()
            .to_vec()
    }

    /// `None` if it was not sealed with this key for this purpose.
    pub fn open(&self, purpose: &str, sealed: &str) -> Option<String> {
        String::from_utf8(self.open_bytes(purpose, &from_hex(sealed)?)?).ok()
    }

    pub fn open_bytes(&self, purpose: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE)?;
        let payload = Payload { msg: sealed, aad: purpose.as_bytes() };
        self.0.cipher.decrypt(XNonce::from_slice(nonce), payload).ok()
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::testing::on_both;

    #[test]
    fn what_is_sealed_opens_for_its_purpose_only() {
        let world = World::staged(DateTime::UNIX_EPOCH, 1);
        let seal = Seal::from_hex(&Seal::new_key(&world)).unwrap();
        let sealed = seal.seal(&world, "totp:ada", "secret").unwrap();
        assert_eq!(seal.open("totp:ada", &sealed).as_deref(), Some("secret"));
        assert_eq!(seal.open("totp:bob", &sealed), None);
        assert_eq!(Seal::from_hex(&Seal::new_key(&world)).unwrap().open("totp:ada", &sealed), None);
        assert_eq!(seal.open("totp:ada", "zz"), None);
        assert!(Seal::from_hex("short").is_err());
        let again = |purpose, plain| seal.known_again(purpose, plain);
        assert_eq!(again("account", "a"), again("account", "a"));
        assert_ne!(again("account", "a"), again("account", "b"));
        assert_ne!(
            again("account", "a"),
            Seal::from_hex(&Seal::new_key(&world)).unwrap().known_again("account", "a")
        );
    }

    #[tokio::test]
    async fn another_key_is_noticed() {
        on_both(async |db| {
            let world = World::staged(DateTime::UNIX_EPOCH, 1);
            let seal = || Seal::from_hex(&Seal::new_key(&world)).unwrap();
            let (first, second) = (seal(), seal());
            assert!(first.fits(&db, &world).await.unwrap());
            assert!(first.fits(&db, &world).await.unwrap());
            assert!(!second.fits(&db, &world).await.unwrap());
        })
        .await;
    }
}
