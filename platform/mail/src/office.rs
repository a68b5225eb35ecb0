//! How a written mail leaves: by SMTP, or into a folder.

use std::path::PathBuf;
use std::time::Duration;

use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use platform_service::secret;

use crate::{MailConfig, SmtpConfig, SmtpSecurity};

/// How mails leave.
pub struct PostOffice {
    from: Mailbox,
    way: Way,
}

enum Way {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Folder(PathBuf),
}

/// Why mails cannot leave at all.
#[derive(Debug, thiserror::Error)]
pub enum BadMail {
    /// The sender is no address.
    #[error("mail.from: {0}")]
    From(lettre::address::AddressError),
    /// Neither server nor folder, or both.
    #[error("mail: exactly one of smtp and folder is needed")]
    OneWay,
    /// User without password, or the other way round.
    #[error("mail.smtp: user and password_file belong together")]
    Credentials,
    /// The password cannot be read.
    #[error(transparent)]
    Password(#[from] std::io::Error),
    /// TLS cannot be set up for this host.
    #[error("mail.smtp: {0}")]
    Smtp(#[from] lettre::transport::smtp::Error),
}

/// Why one mail did not leave. No addresses in the words.
#[derive(Debug, thiserror::Error)]
pub enum NotSent {
    /// Trying again may help.
    #[error("{0}")]
    Later(String),
    /// Trying again cannot help.
    #[error("{0}")]
    Never(String),
}

impl PostOffice {
    /// Reads the settings.
    ///
    /// # Errors
    /// [`BadMail`] names what is wrong with them.
    pub fn new(config: &MailConfig) -> Result<Self, BadMail> {
        let from = config.from.parse().map_err(BadMail::From)?;
        let way = match (&config.smtp, &config.folder) {
            (Some(smtp), None) => Way::Smtp(transport(smtp)?),
            (None, Some(folder)) => {
                std::fs::create_dir_all(folder)?;
                Way::Folder(folder.clone())
            }
            (Some(_), Some(_)) | (None, None) => return Err(BadMail::OneWay),
        };
        Ok(Self { from, way })
    }

    /// Sends one mail. `id` names it in the folder and in its header.
    ///
    /// # Errors
    /// [`NotSent`] says whether trying again may help.
    pub async fn send(
        &self,
        id: &str,
        to: &str,
        subject: &str,
        body: String,
    ) -> Result<(), NotSent> {
        let never = |why: &str| NotSent::Never(why.to_owned());
        let to: Mailbox = to.parse().map_err(|_| never("the recipient is no address"))?;
        let host = self.from.email.domain();
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(subject)
            .message_id(Some(format!("<{id}@{host}>")))
            .header(ContentType::TEXT_PLAIN)
            .body(body)
            .map_err(|_| never("the mail cannot be put together"))?;
        match &self.way {
            Way::Smtp(smtp) => smtp.send(message).await.map(|_| ()).map_err(|error| {
                let status = error.status().map(|code| code.to_string());
                let why = status.unwrap_or_else(|| "no connection".to_owned());
                if error.is_permanent() { NotSent::Never(why) } else { NotSent::Later(why) }
            }),
            Way::Folder(folder) => {
                let (draft, place) =
                    (folder.join(format!(".{id}")), folder.join(format!("{id}.eml")));
                let written = tokio::fs::write(&draft, message.formatted()).await;
                let moved = match written {
                    Ok(()) => tokio::fs::rename(&draft, &place).await,
                    Err(error) => Err(error),
                };
                moved.map_err(|error| NotSent::Later(error.to_string()))
            }
        }
    }
}

fn transport(config: &SmtpConfig) -> Result<AsyncSmtpTransport<Tokio1Executor>, BadMail> {
    let host = config.host.as_str();
    let builder = match config.security {
        SmtpSecurity::Tls => AsyncSmtpTransport::<Tokio1Executor>::relay(host)?,
        SmtpSecurity::Starttls => AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(host)?,
        SmtpSecurity::None => AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host),
    };
    let builder = builder.port(config.port).timeout(Some(Duration::from_secs(20)));
    Ok(match (&config.user, &config.password_file) {
        (None, None) => builder.build(),
        (Some(user), Some(file)) => {
            let password = secret::read(file)?;
            let password = String::from_utf8_lossy(&password).trim_end().to_owned();
            builder.credentials(Credentials::new(user.clone(), password)).build()
        }
        (Some(_), None) | (None, Some(_)) => return Err(BadMail::Credentials),
    })
}
