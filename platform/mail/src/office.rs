//! How a written mail leaves: by SMTP, or into a folder.

use std::path::PathBuf;
use std::time::Duration;

use lettre::Address;
use lettre::address::Envelope;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
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

/// Why one mail did not leave: the server's number or one word, never an address.
#[derive(Debug, thiserror::Error)]
pub enum NotSent {
    /// Trying again may help.
    #[error("{0}")]
    Later(String),
    /// The mail server takes it at no time: nobody has this address.
    #[error("{0}")]
    Refused(String),
    /// It cannot be sent from here; trying again cannot help.
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
        self.post((id, to), subject, body, None).await
    }

    /// The same for news that nobody waits for: a mail program stops them by one POST to `stop` (RFC 8058).
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub async fn send_news(
        &self,
        id: &str,
        to: &str,
        subject: &str,
        body: String,
        stop: &str,
    ) -> Result<(), NotSent> {
        self.post((id, to), subject, body, Some(stop)).await
    }

    async fn post(
        &self,
        (id, to): (&str, &str),
        subject: &str,
        body: String,
        stop: Option<&str>,
    ) -> Result<(), NotSent> {
        let never = |why: &str| NotSent::Never(why.to_owned());
        let to = recipient(to).ok_or_else(|| never("no_address"))?;
        // The library would read the envelope back from the head, and does not know quoted addresses there.
        let envelope = Envelope::new(Some(self.from.email.clone()), vec![to.email.clone()])
            .map_err(|_| never("no_address"))?;
        let host = self.from.email.domain();
        let head = Message::builder()
            .envelope(envelope)
            .from(self.from.clone())
            .to(to)
            .subject(subject)
            .message_id(Some(format!("<{id}@{host}>")))
            .header(ContentType::TEXT_PLAIN);
        let stops = stop.map(stopping).into_iter().flatten();
        let head = stops.fold(head, |head, line| head.raw_header(line));
        let message = head.body(body).map_err(|_| never("not_put_together"))?;
        match &self.way {
            Way::Smtp(smtp) => smtp.send(message).await.map(|_| ()).map_err(|error| {
                let status = error.status().map(|code| code.to_string());
                let why = status.unwrap_or_else(|| "no_connection".to_owned());
                if error.is_permanent() { NotSent::Refused(why) } else { NotSent::Later(why) }
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

/// The lines of the head by which a mail program offers to stop news.
fn stopping(stop: &str) -> [HeaderValue; 2] {
    let line = |name, value| HeaderValue::new(HeaderName::new_from_ascii_str(name), value);
    [
        line("List-Unsubscribe", format!("<{stop}>")),
        line("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()),
    ]
}

/// Who gets a mail. Old carrier addresses (`a..b.@docomo.ne.jp`) have dots where the standard has none:
/// what stands before their @ is quoted, which mail servers read as the same address.
fn recipient(to: &str) -> Option<Mailbox> {
    to.parse().ok().or_else(|| {
        let (local, domain) = to.rsplit_once('@')?;
        let quoted = !local.contains(['"', '\\', ' ']);
        let address = quoted.then(|| Address::new(format!("\"{local}\""), domain).ok())?;
        Some(Mailbox::new(None, address?))
    })
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

#[cfg(test)]
mod tests {
    use platform_testkit::smtp::Sink;

    use super::*;

    fn office(sink: &Sink) -> PostOffice {
        let smtp = SmtpConfig {
            host: "127.0.0.1".to_owned(),
            port: sink.addr().port(),
            security: SmtpSecurity::None,
            user: None,
            password_file: None,
        };
        let from = "みらい市 <shinsei@mirai.example>".to_owned();
        PostOffice::new(&MailConfig { from, smtp: Some(smtp), folder: None }).expect("usable")
    }

    /// NF-29, NF-17: an address that a carrier gave out years ago gets its mail, in the envelope and in
    /// the head as the same quoted address; what is no address never does.
    #[tokio::test]
    async fn an_old_carrier_address_gets_its_mail() {
        let sink = Sink::start().expect("a port");
        let office = office(&sink);
        for (nth, (to, quoted)) in [
            ("a..b.@docomo.ne.jp", "\"a..b.\"@docomo.ne.jp"),
            (".hana-ko.@ezweb.ne.jp", "\".hana-ko.\"@ezweb.ne.jp"),
            ("hanako+x@example.jp", "hanako+x@example.jp"),
        ]
        .into_iter()
        .enumerate()
        {
            let sent = office.send(&nth.to_string(), to, "件名", "本文".to_owned()).await;
            assert!(sent.is_ok(), "{to}: {sent:?}");
            let mails = sink.wait_for(quoted, 1);
            assert!(mails[0].raw.contains(&format!("To: {quoted}\r\n")), "{}", mails[0].raw);
        }
        for bad in ["", "a", "a\"b@example.jp", "a\\@example.jp", "a b@example.jp", "a@", "a@b c"] {
            let sent = office.send("x", bad, "件名", "本文".to_owned()).await;
            assert!(matches!(sent, Err(NotSent::Never(_))), "{bad}: {sent:?}");
        }
        let sent = office.send("x", "refused@example.jp", "件名", "本文".to_owned()).await;
        assert!(matches!(&sent, Err(NotSent::Refused(why)) if why == "550"), "{sent:?}");
    }

    /// IK-2.1.1a: news carry where a mail program stops them with one press; nothing else does.
    #[tokio::test]
    async fn news_say_where_they_are_stopped() {
        let sink = Sink::start().expect("a port");
        let office = office(&sink);
        let stop = format!("https://shinsei.mirai.example/news/stop/a/{}", "0f".repeat(32));
        let sent = office.send_news("n", "a@example.jp", "件名", "本文".to_owned(), &stop).await;
        assert!(sent.is_ok(), "{sent:?}");
        let news = sink.wait_for("a@example.jp", 1)[0].raw.replace("\r\n ", "");
        for line in [
            format!("List-Unsubscribe: <{stop}>\r\n"),
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n".to_owned(),
        ] {
            assert!(news.contains(&line), "{news}");
        }
        let sent = office.send("m", "b@example.jp", "件名", "本文".to_owned()).await;
        assert!(sent.is_ok(), "{sent:?}");
        let other = sink.wait_for("b@example.jp", 1)[0].raw.clone();
        assert!(!other.contains("List-Unsubscribe"), "{other}");
    }
}
