//! One throwaway process for one attachment (NF-32).

use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use bridge_contract::pipe::{ANSWER_LIMIT, PipeAnswer, PipeRequest};
use bridge_contract::wire::{decode, encode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};

use crate::config::Sanitizer;
use crate::faults::StartError;

/// Rebuilds attachments. A trait so that tests can do without the program.
pub trait Sanitize: Send + Sync + 'static {
    /// Rebuilds or holds one attachment.
    fn rebuild(
        &self,
        request: PipeRequest,
    ) -> impl Future<Output = Result<PipeAnswer, NoAnswer>> + Send;
}

/// The sanitizer gave no usable answer. The attachment is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// It took too long and was ended.
    #[error("it took too long")]
    TooLong,
    /// It cannot answer now because a malware scanner does not.
    #[error("a malware scanner is down")]
    Later,
    /// It died, or answered nonsense.
    #[error("it failed")]
    Failed,
}

/// Exit code of a sanitizer whose required scanner gives no answer.
const SCANNER_DOWN: i32 = 75;

/// The sanitizer program: request on standard input, answer on standard output.
#[derive(Clone, Debug)]
pub struct Program {
    program: PathBuf,
    arguments: Vec<String>,
    key: PathBuf,
    patience: Duration,
}

impl Program {
    /// The program of the settings, which will sign with the key in this file.
    ///
    /// # Errors
    /// [`StartError::Missing`] when there is no such program.
    pub fn new(config: &Sanitizer, key: PathBuf) -> Result<Self, StartError> {
        let program = config.program.clone();
        std::fs::metadata(&program).map_err(|why| StartError::Missing {
            what: format!("sanitizer.program {}", program.display()),
            why,
        })?;
        let seconds = u64::try_from(config.timeout_seconds.get()).unwrap_or(1);
        Ok(Self {
            program,
            arguments: config.arguments.clone(),
            key,
            patience: Duration::from_secs(seconds),
        })
    }

    fn start(&self) -> io::Result<Child> {
        Command::new(&self.program)
            .args(&self.arguments)
            .arg("--key")
            .arg(&self.key)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Its own log lines go where ours go.
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
    }

    /// The answer; `None` when a scanner is down.
    async fn converse(&self, request: &PipeRequest) -> io::Result<Option<Vec<u8>>> {
        let mut child = self.start()?;
        let missing = || io::Error::other("a pipe is missing");
        let mut input = child.stdin.take().ok_or_else(missing)?;
        let output = child.stdout.take().ok_or_else(missing)?;
        let bytes = encode(request);
        let write = async move {
            // A program that answers before it has read all is free to do so.
            let _ = input.write_all(&bytes).await;
            drop(input);
        };
        let read = async {
            let mut answer = Vec::new();
            let limit = ANSWER_LIMIT as u64 + 1;
            output.take(limit).read_to_end(&mut answer).await.map(|_| answer)
        };
        let ((), answer) = tokio::join!(write, read);
        let answer = answer?;
        let status = child.wait().await?;
        if status.code() == Some(SCANNER_DOWN) {
            return Ok(None);
        }
        if !status.success() || answer.len() > ANSWER_LIMIT {
            return Err(io::Error::other(format!("it ended with {status}")));
        }
        Ok(Some(answer))
    }
}

impl Sanitize for Program {
    async fn rebuild(&self, request: PipeRequest) -> Result<PipeAnswer, NoAnswer> {
        let id = request.declared.id.clone();
        // Dropping the conversation at the end of patience kills the process.
        let answer = match tokio::time::timeout(self.patience, self.converse(&request)).await {
            Err(_) => {
                tracing::warn!(attachment = %id, "the sanitizer took too long");
                return Err(NoAnswer::TooLong);
            }
            Ok(Err(error)) => {
                tracing::error!(attachment = %id, %error, "the sanitizer failed");
                return Err(NoAnswer::Failed);
            }
            Ok(Ok(None)) => {
                tracing::warn!(attachment = %id, "a malware scanner is down");
                return Err(NoAnswer::Later);
            }
            Ok(Ok(Some(answer))) => answer,
        };
        decode(&answer).map_err(|error| {
            tracing::error!(attachment = %id, %error, "the sanitizer's answer is malformed");
            NoAnswer::Failed
        })
    }
}
