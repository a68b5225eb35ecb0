//! The process that reads: one target, input after input, on its pipes.
//!
//! ```text
//! stdin:  length (4 bytes, little end first) │ input
//! stdout: code (1 byte) │ length (2 bytes) │ words
//! ```

use std::io::{self, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

use rustix::process::{Resource, Rlimit, setrlimit};

use crate::targets::{End, Target};

/// Address space of the child: what a worker has, and a builder beside it.
pub const MEMORY: u64 = 1 << 30;

/// The first panic of the current input.
static PANIC: Mutex<Option<String>> = Mutex::new(None);

/// Codes of answers.
pub(crate) const READ: u8 = b'r';
pub(crate) const HELD: u8 = b'h';
pub(crate) const WRONG: u8 = b'w';
pub(crate) const PANICKED: u8 = b'p';

/// Answers until the other end closes.
///
/// # Errors
/// When a limit cannot be set or a pipe breaks.
pub fn serve(target: &Target) -> io::Result<()> {
    setrlimit(Resource::As, Rlimit { current: Some(MEMORY), maximum: Some(MEMORY) })?;
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|it| format!("{}:{}", short(it.file()), it.line()));
        if let Ok(mut first) = PANIC.lock() {
            first.get_or_insert(place.unwrap_or_default());
        }
    }));
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    while let Some(bytes) = next(&mut input)? {
        let end = catch_unwind(AssertUnwindSafe(|| (target.run)(&bytes)));
        let panic = PANIC.lock().ok().and_then(|mut it| it.take());
        let (code, words) = match (end, panic) {
            // A panic counts although a reader may have caught it.
            (_, Some(place)) => (PANICKED, place),
            (Err(_), None) => (PANICKED, "somewhere".to_owned()),
            (Ok(End::Read), None) => (READ, String::new()),
            (Ok(End::Held), None) => (HELD, String::new()),
            (Ok(End::Wrong(why)), None) => (WRONG, why),
        };
        let length = u16::try_from(words.len()).unwrap_or(0);
        output.write_all(&[code])?;
        output.write_all(&length.to_le_bytes())?;
        output.write_all(&words.as_bytes()[..usize::from(length)])?;
        output.flush()?;
    }
    Ok(())
}

fn next(input: &mut dyn Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    match input.read_exact(&mut length) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let mut bytes = vec![0; u32::from_le_bytes(length) as usize];
    input.read_exact(&mut bytes)?;
    Ok(Some(bytes))
}

/// A place in a library without the folders of this machine.
fn short(file: &str) -> String {
    match file.split_once("/registry/src/") {
        Some((_, rest)) => format!("library {}", rest.split_once('/').map_or(rest, |it| it.1)),
        None => file.to_owned(),
    }
}
