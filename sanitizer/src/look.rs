//! [`LookAhead`] for the citizens' service: one request, one answer in sentences
//! (IK-3.5.3). The bytes are those of `bridge_contract::look`.

use std::io::{Read, Write};

use bridge_contract::look::{LookAnswer, LookRequest};
use bridge_contract::wire;
use sanitizer_intermediate::{HoldReason, Password};

use crate::look_ahead::LookAhead;
use crate::pipe::PipeError;
use crate::rebuild::{End, Rebuilder, Sent};
use crate::words::Words;

/// Largest request read.
const REQUEST_LIMIT: u64 = 600 << 20;
/// Most sentences; a file full of oddities needs no longer list.
const MOST_LINES: usize = 20;

/// Looks at one file.
///
/// # Errors
/// [`PipeError`] when the fault is ours or the request is not one.
pub fn serve(
    input: &mut dyn Read,
    output: &mut dyn Write,
    rebuilder: &Rebuilder,
) -> Result<(), PipeError> {
    let mut bytes = Vec::new();
    input.take(REQUEST_LIMIT).read_to_end(&mut bytes)?;
    let request: LookRequest = wire::decode(&bytes)?;
    drop(bytes);
    output.write_all(&wire::encode(&answer(&request, rebuilder)?))?;
    Ok(output.flush()?)
}

/// What would become of a file.
///
/// # Errors
/// [`PipeError::Rebuild`] when the fault is ours.
pub fn answer(request: &LookRequest, rebuilder: &Rebuilder) -> Result<LookAnswer, PipeError> {
    let LookRequest { name, bytes, password } = request;
    let password = password.as_ref().and_then(|it| Password::new(it.reveal().to_owned()));
    let sent = Sent { name, bytes, password: password.as_ref() };
    let treated = rebuilder.rebuild_sent(&sent)?;
    let seen = LookAhead::new(&sent, &treated, rebuilder.policy.version, &Words::japanese());
    let mut lines = seen.sentences;
    lines.truncate(MOST_LINES);
    Ok(match &treated.end {
        End::Rebuilt(_) => LookAnswer::Rebuilt(lines),
        End::Held(HoldReason::WrongPassword) => LookAnswer::WrongPassword(lines.concat()),
        End::Held(_) if seen.needs_password => LookAnswer::Locked(lines.concat()),
        End::Held(_) => LookAnswer::Held(lines.concat()),
    })
}
