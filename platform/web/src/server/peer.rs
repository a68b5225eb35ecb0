//! Who is calling, also when a proxy stands in between.

use std::net::IpAddr;
use std::str::FromStr;

use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::request::Parts;
use serde::Deserialize;
use serde::de::Error as _;

use crate::result::{Fault, Trouble};

/// Address of the caller. Handlers take it as an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

/// Whether the caller's side of the connection is TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Secure(pub bool);

impl<S: Sync> FromRequestParts<S> for Peer {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Trouble> {
        let peer = parts.extensions.get::<Self>().copied();
        peer.ok_or_else(|| Fault::because("the request did not come through server::serve").into())
    }
}

/// Networks of proxies we believe, such as `["127.0.0.1", "10.1.0.0/16"]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Proxies(Vec<Network>);

impl Proxies {
    /// Reads a list of addresses and networks.
    ///
    /// # Errors
    /// [`BadNetwork`] names the entry that is neither.
    pub fn parse<'a>(list: impl IntoIterator<Item = &'a str>) -> Result<Self, BadNetwork> {
        list.into_iter().map(Network::from_str).collect::<Result<_, _>>().map(Self)
    }

    /// Whether none is believed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The caller behind trusted proxies: the last address of `X-Forwarded-For`
    /// that is not one of them. What a stranger writes there counts for nothing.
    pub(super) fn look_through(
        &self,
        remote: IpAddr,
        secure: bool,
        headers: &HeaderMap,
    ) -> (Peer, Secure) {
        let remote = remote.to_canonical();
        if self.is_empty() || !self.trusts(remote) {
            return (Peer(remote), Secure(secure));
        }
        let mut peer = remote;
        let hops = headers.get_all("x-forwarded-for").iter();
        let hops: Vec<&str> =
            hops.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(',')).collect();
        for hop in hops.into_iter().rev() {
            let Ok(address) = hop.trim().parse::<IpAddr>() else {
                break;
            };
            peer = address.to_canonical();
            if !self.trusts(peer) {
                break;
            }
        }
        let proto = headers.get("x-forwarded-proto");
        let forwarded = proto.is_some_and(|proto| proto == "https");
        (Peer(peer), Secure(secure || forwarded))
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.holds(address))
    }
}

/// An address with the number of leading bits that count.
#[derive(Clone, Copy, Debug)]
struct Network {
    base: IpAddr,
    bits: u32,
}

/// Not an address or network.
#[derive(Debug, thiserror::Error)]
#[error("{0} is not an address or a network such as 10.1.0.0/16")]
pub struct BadNetwork(String);

impl Network {
    fn holds(self, address: IpAddr) -> bool {
        match (self.base, address) {
            (IpAddr::V4(base), IpAddr::V4(address)) => {
                let differing = u32::from(base) ^ u32::from(address);
                differing.leading_zeros() >= self.bits
            }
            (IpAddr::V6(base), IpAddr::V6(address)) => {
                let differing = u128::from(base) ^ u128::from(address);
                differing.leading_zeros() >= self.bits
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

impl FromStr for Network {
    type Err = BadNetwork;

    fn from_str(text: &str) -> Result<Self, BadNetwork> {
        let bad = || BadNetwork(text.to_owned());
        let (base, bits) = match text.split_once('/') {
            Some((base, bits)) => (base, Some(bits)),
            None => (text, None),
        };
        let base: IpAddr = base.parse().map_err(|_| bad())?;
        let most = if base.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), |bits| bits.parse().map_err(|_| bad()))?;
        if bits > most {
            return Err(bad());
        }
        Ok(Self { base, bits })
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(remote: &str, forwarded: &str) -> String {
        let proxies = Proxies::parse(["127.0.0.1", "10.1.0.0/16"]).expect("both are networks");
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", forwarded.parse().expect("ASCII"));
        let remote = remote.parse().expect("an address");
        proxies.look_through(remote, false, &headers).0.0.to_string()
    }

    /// MN-7.2: a caller cannot choose the address it is seen under.
    #[test]
    fn only_a_trusted_proxy_is_believed() {
        assert_eq!(seen("203.0.113.9", "192.0.2.1"), "203.0.113.9");
        assert_eq!(seen("127.0.0.1", "192.0.2.1"), "192.0.2.1");
        assert_eq!(seen("127.0.0.1", "1.1.1.1, 192.0.2.1, 10.1.2.3"), "192.0.2.1");
        assert_eq!(seen("127.0.0.1", "192.0.2.1, nonsense"), "127.0.0.1");
        assert_eq!(seen("::ffff:127.0.0.1", "2001:db8::1"), "2001:db8::1");
    }

    #[test]
    fn a_wrong_network_is_named() {
        for wrong in ["10.0.0.0/33", "10.0.0", "x", "10.0.0.0/-1"] {
            let error = Proxies::parse([wrong]).expect_err(wrong);
            assert!(error.to_string().starts_with(wrong), "{error}");
        }
    }
}
