//! On what a form is filled in, as far as the browser says so. The kind is counted; what the browser
//! said is kept nowhere (NF-25).

use http::HeaderMap;
use http::header::USER_AGENT;
use internet_zone_store::filling::Filling;

tokio::task_local! {
    /// The device of the request at hand.
    pub(crate) static DEVICE: Device;
}

/// A kind of device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Device {
    /// A telephone or a tablet.
    Phone,
    /// A computer.
    Desk,
    /// The browser does not say.
    Unknown,
}

impl Device {
    /// What the headers of a request say.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let said = headers.get(USER_AGENT).and_then(|said| said.to_str().ok()).unwrap_or_default();
        let any = |words: &[&str]| words.iter().any(|word| said.contains(word));
        if any(&["Mobi", "Android", "iPhone", "iPad"]) {
            Self::Phone
        } else if any(&["Windows NT", "Macintosh", "X11", "CrOS"]) {
            Self::Desk
        } else {
            Self::Unknown
        }
    }

    /// The device of the request at hand; unknown outside one.
    pub(crate) fn now() -> Self {
        DEVICE.try_with(|device| *device).unwrap_or(Self::Unknown)
    }

    /// That an application was begun on it.
    pub(crate) const fn started(self) -> Filling {
        match self {
            Self::Phone => Filling::StartPhone,
            Self::Desk => Filling::StartDesk,
            Self::Unknown => Filling::StartUnknown,
        }
    }

    /// That an application was sent from it.
    pub(crate) const fn sent(self) -> Filling {
        match self {
            Self::Phone => Filling::SentPhone,
            Self::Desk => Filling::SentDesk,
            Self::Unknown => Filling::SentUnknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn of(said: &'static str) -> Device {
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, HeaderValue::from_static(said));
        Device::of(&headers)
    }

    /// NF-25: telephones and computers are told apart by what the browser says of itself.
    #[test]
    fn telephones_and_computers_are_told_apart() {
        let iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1";
        let android = "Mozilla/5.0 (Linux; Android 10; K) Chrome/130.0.0.0 Mobile Safari/537.36";
        let windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130.0.0.0 Safari/537.36";
        assert_eq!([of(iphone), of(android)], [Device::Phone; 2]);
        assert_eq!(of(windows), Device::Desk);
        assert_eq!([of("curl/8"), Device::of(&HeaderMap::new())], [Device::Unknown; 2]);
    }
}
