//! Malware scanners and how much they are needed.

use platform_service::config::Within;
use serde::Deserialize;

/// The scanners there are; none when absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scanners {
    /// clamd.
    pub clamd: Option<ClamdScanner>,
    /// A service that speaks ICAP.
    pub icap: Option<IcapScanner>,
}

/// What becomes of a file when a scanner does not answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// It does not go on; the relay tries again.
    #[default]
    Required,
    /// It goes on, and a line on standard error says so.
    IfAvailable,
}

/// clamd, by `INSTREAM`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClamdScanner {
    /// `host:port`, or the path of its socket.
    pub address: String,
    /// How much it is needed; `required` when absent.
    #[serde(default)]
    pub need: Need,
    /// Seconds for one file; 30 when absent.
    pub seconds: Option<Within<1, 600>>,
}

/// A scanner that speaks ICAP.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IcapScanner {
    /// `icap://host[:port]/service`.
    pub address: String,
    /// How much it is needed; `required` when absent.
    #[serde(default)]
    pub need: Need,
    /// Seconds for one file; 30 when absent.
    pub seconds: Option<Within<1, 600>>,
    /// What the service is asked for; `respmod` when absent.
    #[serde(default)]
    pub method: IcapMethod,
}

/// The two ways to show a file to an ICAP service.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IcapMethod {
    /// As the answer of a web site.
    #[default]
    Respmod,
    /// As something sent to one.
    Reqmod,
}

impl IcapMethod {
    /// Its word in the protocol.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Respmod => "RESPMOD",
            Self::Reqmod => "REQMOD",
        }
    }
}

const USUAL: u64 = 30;

impl ClamdScanner {
    /// Seconds it has for one file.
    #[must_use]
    pub fn seconds(&self) -> u64 {
        self.seconds.and_then(|it| u64::try_from(it.get()).ok()).unwrap_or(USUAL)
    }
}

impl IcapScanner {
    /// Seconds it has for one file.
    #[must_use]
    pub fn seconds(&self) -> u64 {
        self.seconds.and_then(|it| u64::try_from(it.get()).ok()).unwrap_or(USUAL)
    }
}
