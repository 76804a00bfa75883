//! The signature of the Standard Webhooks scheme: whoever knows the secret can tell that a message is ours, and when it was
//! sent.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// How secrets of the scheme begin.
const PREFIX: &str = "whsec_";

/// One of the keys of a secret: while one is replaced by another, both sign.
pub struct Key(Vec<u8>);

impl Key {
    /// The keys of a secret, with spaces between: `whsec_…` and base64, or any text. Nobody could check a signature by none.
    pub fn all_of(secret: &str) -> Result<Vec<Self>, String> {
        let key = |word: &str| match word.strip_prefix(PREFIX) {
            None => Ok(Self(word.as_bytes().to_vec())),
            Some(rest) => match STANDARD.decode(rest) {
                Ok(decoded) if !decoded.is_empty() => Ok(Self(decoded)),
                _ => Err(format!("After {PREFIX}, the secret that signs it must be base64, and is not.")),
            },
        };
        let keys = secret.split_whitespace().map(key).collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() {
            return Err("The secret that signs it is empty.".to_owned());
        }
        Ok(keys)
    }
}

/// The signatures of a message as their header holds them.
pub fn sign(keys: &[Key], id: &str, timestamp: i64, body: &str) -> String {
    let one = |key: &Key| {
        // A key may have any length.
        let mut mac = Hmac::<Sha256>::new_from_slice(&key.0).ok()?;
        mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
        Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
    };
    keys.iter().filter_map(one).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_the_scheme() {
        // The example that implementations of the scheme are tested with.
        let keys = Key::all_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signed = sign(&keys, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        let two = sign(&Key::all_of("old new").unwrap(), "m", 1, "{}");
        assert_eq!(two.split(' ').count(), 2, "while a secret is replaced, both sign");
        assert_ne!(two.split(' ').next(), two.split(' ').nth(1));
    }

    #[test]
    fn a_secret_that_signs_nothing_is_found_out() {
        for wrong in ["", "  ", "whsec_", "whsec_not base64", "whsec_%%%", "good whsec_%%%"] {
            assert!(Key::all_of(wrong).is_err(), "{wrong}");
        }
    }
}
