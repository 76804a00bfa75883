//! Which addresses may be called. A definition is written by an admin, but what is put into its templates comes from
//! outside: nobody shall make us call our own database, or what a cloud tells only its own machines.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Name, Resolve, Resolving};

/// Hosts that may be called wherever they are.
#[derive(Clone, Debug)]
pub struct Allowed(Arc<[String]>);

/// An address that must not be called.
#[derive(Debug)]
pub struct Private(pub String);

impl fmt::Display for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} lies in a private network. If it is meant, allow it with --allow-private {}.",
            self.0, self.0
        )
    }
}

impl std::error::Error for Private {}

impl Allowed {
    pub fn new(hosts: &[String]) -> Self {
        Self(hosts.iter().map(|host| host.trim().to_ascii_lowercase()).collect())
    }

    fn allows(&self, host: &str) -> bool {
        let host = host.trim_matches(['[', ']']).to_ascii_lowercase();
        self.0.iter().any(|allowed| allowed == "*" || *allowed == host)
    }

    /// Names are looked at when they are resolved; a bare address never is.
    pub fn check(&self, host: &str) -> Result<(), Private> {
        match host.trim_matches(['[', ']']).parse::<IpAddr>() {
            Ok(address) if !is_public(address) && !self.allows(host) => Err(Private(host.to_owned())),
            _ => Ok(()),
        }
    }
}

/// Resolves names to addresses that may be called. The connection is made to what was looked at here, so that a name
/// cannot mean something else a moment later.
pub struct Guarded(pub Allowed);

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = self.0.clone();
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let all = tokio::net::lookup_host((host.as_str(), 0)).await?;
            let everywhere = allowed.allows(&host);
            let good: Vec<SocketAddr> = all.filter(|address| everywhere || is_public(address.ip())).collect();
            if good.is_empty() {
                return Err(Private(host).into());
            }
            Ok(Box::new(good.into_iter()) as Box<dyn Iterator<Item = SocketAddr> + Send>)
        })
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let special = a == 0 || (a == 192 && b == 0 && c == 0) || (a == 198 && (b == 18 || b == 19)) || a >= 240;
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || shared
        || special)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    // Addresses that stand for one of the old kind lead to that.
    let inner = match segments {
        [0, 0, 0, 0, 0, 0xffff | 0, _, _] | [0x64, 0xff9b, 0, 0, 0, 0, _, _] => {
            Some((segments[6], segments[7]))
        }
        [0x2002, ..] => Some((segments[1], segments[2])),
        _ => None,
    };
    if let Some((high, low)) = inner {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        return is_public_v4(Ipv4Addr::new(a, b, c, d));
    }
    // Global unicast is all there is to reach; within it lie examples.
    (segments[0] & 0xe000) == 0x2000 && !(segments[0] == 0x2001 && segments[1] == 0xdb8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_everybody_can_reach_is_public() {
        let public = |text: &str| is_public(text.parse().unwrap());
        for address in ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"] {
            assert!(public(address), "{address}");
        }
        for address in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "::1",
            "::",
            "fc00::1",
            "fe80::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "fec0::1",
        ] {
            assert!(!public(address), "{address}");
        }
    }

    #[test]
    fn a_bare_address_is_looked_at_too() {
        let some = Allowed::new(&["127.0.0.1".to_owned()]);
        assert!(
            some.check("127.0.0.1").is_ok()
                && some.check("10.0.0.1").is_err()
                && some.check("[::1]").is_err()
        );
        assert!(some.check("8.8.8.8").is_ok() && some.check("example.com").is_ok());
        assert!(Allowed::new(&["*".to_owned()]).check("10.0.0.1").is_ok());
    }
}
