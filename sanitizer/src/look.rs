//! A look at one file for the one who is about to send it: what would become of
//! it, in sentences (IK-3.5.3). The bytes are those of `bridge_contract::look`.

use std::collections::BTreeMap;
use std::io::{Read, Write};

use bridge_contract::look::{LookAnswer, LookRequest};
use bridge_contract::wire;
use sanitizer_intermediate::{Findings, HoldReason, Password};

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
    let treated = rebuilder.rebuild_sent(&Sent { name, bytes, password: password.as_ref() })?;
    let words = Words::japanese();
    let advice = |reason| {
        words.held(reason, treated.kind).map_or_else(String::new, |it| it.what.clone() + &it.next)
    };
    Ok(match &treated.end {
        End::Rebuilt(rebuilt) => LookAnswer::Rebuilt(lines(&rebuilt.findings, &words)),
        End::Held(HoldReason::Encrypted) => LookAnswer::Locked(advice(HoldReason::Encrypted)),
        End::Held(HoldReason::WrongPassword) => {
            LookAnswer::WrongPassword(advice(HoldReason::WrongPassword))
        }
        End::Held(reason) => LookAnswer::Held(advice(*reason)),
    })
}

/// One sentence for each kind of thing that the sender would miss.
fn lines(findings: &Findings, words: &Words) -> Vec<String> {
    let mut removed = BTreeMap::new();
    for it in findings.removed().iter().filter(|it| words.is_telling(it.kind.code())) {
        *removed.entry(it.kind).or_insert(0_u32) += it.count;
    }
    let mut changed = BTreeMap::new();
    for it in findings.changed().iter().filter(|it| words.is_telling(it.kind.code())) {
        *changed.entry(it.kind).or_insert(0_u32) += it.count;
    }
    let removed = removed.into_iter().map(|(kind, count)| words.will_remove(kind, count));
    let changed = changed.into_iter().map(|(kind, count)| words.will_change(kind, count));
    removed.chain(changed).take(MOST_LINES).collect()
}
