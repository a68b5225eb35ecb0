//! `sanitizer look`: one throwaway process for one file, before it is sent.

use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::process::Stdio;
use std::time::Duration;

use bridge_contract::look::{LookAnswer, LookRequest};
use bridge_contract::pipe::Password;
use bridge_contract::wire::{decode, encode};
use internet_zone_web::look::{Look, LookAhead, Seen, Upload};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};
use tokio::sync::Semaphore;

use crate::config::LookConfig;

/// Most bytes of an answer that are read.
const ANSWER_LIMIT: u64 = 64 * 1024;

/// Starts the sanitizer to look at files.
#[derive(Debug)]
pub(crate) struct Sanitizer {
    program: PathBuf,
    patience: Duration,
    places: Semaphore,
    asks: bool,
}

impl Sanitizer {
    /// The sanitizer of the settings.
    ///
    /// # Errors
    /// When there is no such program.
    pub(crate) fn new(config: &LookConfig) -> io::Result<Self> {
        std::fs::metadata(&config.program)?;
        let seconds = u64::try_from(config.timeout_seconds.get()).unwrap_or(1);
        let places = usize::try_from(config.parallel.get()).unwrap_or(1);
        Ok(Self {
            program: config.program.clone(),
            patience: Duration::from_secs(seconds),
            places: Semaphore::new(places),
            asks: config.ask_passwords,
        })
    }

    async fn seen(&self, file: Upload<'_>) -> Seen {
        let Ok(password) = file.password.map(Password::new).transpose() else {
            return Seen::WrongPassword;
        };
        let request =
            LookRequest { name: file.name.to_owned(), bytes: file.bytes.to_vec(), password };
        match tokio::time::timeout(self.patience, self.converse(request)).await {
            Ok(Ok(answer)) => self.judge(answer),
            Ok(Err(error)) => {
                tracing::warn!(%error, "no look at a file");
                Seen::As(Look::Unseen)
            }
            Err(_) => {
                tracing::warn!("a look at a file took too long");
                Seen::As(Look::Unseen)
            }
        }
    }

    fn judge(&self, answer: LookAnswer) -> Seen {
        match answer {
            LookAnswer::Rebuilt(lines) => Seen::As(Look::Fits { lines }),
            LookAnswer::Locked(_) if self.asks => Seen::As(Look::Locked),
            LookAnswer::WrongPassword(_) if self.asks => Seen::WrongPassword,
            LookAnswer::Locked(why) | LookAnswer::WrongPassword(why) | LookAnswer::Held(why) => {
                Seen::Refused(why)
            }
        }
    }

    async fn converse(&self, request: LookRequest) -> io::Result<LookAnswer> {
        let _place = self.places.acquire().await.map_err(io::Error::other)?;
        let mut child = self.start()?;
        let missing = || io::Error::other("a pipe is missing");
        let mut input = child.stdin.take().ok_or_else(missing)?;
        let output = child.stdout.take().ok_or_else(missing)?;
        let bytes = encode(&request);
        drop(request);
        let write = async move {
            // A program that answers before it has read all is free to do so.
            let _ = input.write_all(&bytes).await;
            drop(input);
        };
        let read = async {
            let mut answer = Vec::new();
            output.take(ANSWER_LIMIT).read_to_end(&mut answer).await.map(|_| answer)
        };
        let ((), answer) = tokio::join!(write, read);
        let answer = answer?;
        let status = child.wait().await?;
        if !status.success() {
            return Err(io::Error::other(format!("it ended with {status}")));
        }
        decode(&answer).map_err(io::Error::other)
    }

    fn start(&self) -> io::Result<Child> {
        Command::new(&self.program)
            .arg("look")
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Its own log lines go where ours go.
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
    }
}

impl LookAhead for Sanitizer {
    fn look<'a>(&'a self, file: Upload<'a>) -> Pin<Box<dyn Future<Output = Seen> + Send + 'a>> {
        Box::pin(self.seen(file))
    }
}

#[cfg(test)]
mod tests {
    use platform_service::config::Within;

    use super::*;

    async fn seen_by(script: &str) -> Seen {
        let folder = tempfile::tempdir().expect("a folder");
        let program = folder.path().join("sanitizer");
        platform_testkit::script::lay_script(&program, script);
        let config = LookConfig {
            program,
            timeout_seconds: Within::new(2).expect("within"),
            parallel: Within::new(1).expect("within"),
            ask_passwords: true,
        };
        let sanitizer = Sanitizer::new(&config).expect("it is there");
        sanitizer.look(Upload { name: "a.pdf", bytes: b"%PDF-", password: None }).await
    }

    /// IK-3.5.3: a sanitizer that fails, hangs or talks nonsense refuses no file.
    #[tokio::test]
    async fn a_look_that_fails_refuses_nothing() {
        for script in
            ["exit 1", "exec sleep 60", "cat >/dev/null; echo nonsense", "yes | head -c 90000"]
        {
            assert_eq!(seen_by(script).await, Seen::As(Look::Unseen), "{script}");
        }
        // The same script with an answer that reads: 1 │ 4 │ "no".
        let held = r"cat >/dev/null; printf '\001\004\000\000\000\002no'";
        assert_eq!(seen_by(held).await, Seen::Refused("no".to_owned()));
    }
}
