//! How a service is told where mails go.

use std::path::PathBuf;

use serde::Deserialize;

/// How mails leave: by a mail server, or into a folder where there is none.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailConfig {
    /// Sender: `みらい市 <shinsei@city.example>` or the address alone.
    pub from: String,
    /// The mail server.
    #[serde(default)]
    pub smtp: Option<SmtpConfig>,
    /// A folder that gets one `.eml` file a mail when there is no server.
    #[serde(default)]
    pub folder: Option<PathBuf>,
}

/// The mail server.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpConfig {
    /// Host name.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How the connection is protected.
    #[serde(default)]
    pub security: SmtpSecurity,
    /// User name, with `password_file`.
    #[serde(default)]
    pub user: Option<String>,
    /// File that holds the password.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
}

/// How the connection to the mail server is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmtpSecurity {
    /// TLS from the first byte.
    #[default]
    Tls,
    /// TLS after a greeting, required.
    Starttls,
    /// None: only to a server on the same host or network segment.
    None,
}
