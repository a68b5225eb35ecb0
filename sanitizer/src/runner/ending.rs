//! How a worker ended, and what that says about the file.

use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;

use rustix::process::Signal;
use sanitizer_intermediate::codec::DecodeError;
use sanitizer_intermediate::{Answer, HoldReason};

use super::{Reading, RunError};

/// Exit code of a worker whose walls could not be raised.
const UNCONFINED: i32 = 71;

pub(super) struct Ending {
    pub(super) answer: Result<Answer, DecodeError>,
    pub(super) status: ExitStatus,
    pub(super) timed_out: bool,
    pub(super) diagnosis: String,
}

impl Ending {
    /// The answer counts only from a worker that ended well in time.
    pub(super) fn judge(self) -> Result<Reading, RunError> {
        let Self { answer, status, timed_out, diagnosis } = self;
        if status.code() == Some(UNCONFINED) {
            return Err(RunError::Unconfined(diagnosis));
        }
        let reason = match answer {
            Ok(answer) if status.success() && !timed_out => {
                let Answer { confinement, kind, outcome } = answer;
                let confinement = Some(confinement);
                return Ok(Reading { kind, confinement, outcome, diagnosis: None });
            }
            _ if timed_out => HoldReason::Timeout,
            Err(DecodeError::TooLong) => HoldReason::TooLarge,
            Ok(_) | Err(_) => reason(status, &diagnosis),
        };
        let told = format!("{status}; {diagnosis}");
        Ok(Reading::held(reason, Some(told)))
    }
}

/// What killed it: the CPU limit, the memory limit, or a bug.
fn reason(status: ExitStatus, diagnosis: &str) -> HoldReason {
    let signal = status.signal();
    if signal == Some(Signal::XCPU.as_raw()) {
        HoldReason::Timeout
    } else if signal == Some(Signal::ABORT.as_raw()) && diagnosis.contains("memory allocation of") {
        HoldReason::TooComplex
    } else {
        HoldReason::WorkerFault
    }
}
