//! clamd: `INSTREAM`, chunks of at most 64 KiB, one line of answer.
//!
//! ```text
//! ─▶ zINSTREAM\0 │ length (4 bytes, big end first) │ chunk │ … │ 0 0 0 0
//! ◀─ stream: OK\0   or   stream: NAME FOUND\0   or   … ERROR\0
//! ```

use std::io::{self, Read, Write};
use std::time::Duration;

use super::Opinion;
use super::link::Link;
use crate::policy::ClamdScanner;

const CHUNK: usize = 64 << 10;
/// Longest answer read.
const MOST_WORDS: u64 = 4_096;

pub(super) fn ask(scanner: &ClamdScanner, bytes: &[u8]) -> io::Result<Opinion> {
    let patience = Duration::from_secs(scanner.seconds());
    let mut link = Link::dial(&scanner.address, patience)?;
    let sent = send(&mut link, bytes);
    let mut words = Vec::new();
    let heard = link.take(MOST_WORDS).read_to_end(&mut words);
    // It may answer, and close, before it has heard all.
    if words.is_empty() {
        sent?;
        heard?;
    }
    opinion(&words)
}

fn send(link: &mut Link, bytes: &[u8]) -> io::Result<()> {
    link.write_all(b"zINSTREAM\0")?;
    for chunk in bytes.chunks(CHUNK) {
        let length = u32::try_from(chunk.len()).map_err(io::Error::other)?;
        link.write_all(&length.to_be_bytes())?;
        link.write_all(chunk)?;
    }
    link.write_all(&[0; 4])?;
    link.flush()
}

fn opinion(words: &[u8]) -> io::Result<Opinion> {
    let words = String::from_utf8_lossy(words);
    let line = words.trim_end_matches(['\0', '\n']);
    if line == "stream: OK" {
        return Ok(Opinion::Clean);
    }
    if let Some(name) = line.strip_prefix("stream: ").and_then(|it| it.strip_suffix(" FOUND")) {
        return Ok(Opinion::Hit(name.to_owned()));
    }
    if line.starts_with("INSTREAM size limit exceeded") {
        return Ok(Opinion::TooLarge);
    }
    Err(io::Error::other(format!("it says {line:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-32: only the exact words of a clean file count as clean.
    #[test]
    fn nothing_but_ok_is_ok() {
        assert_eq!(opinion(b"stream: OK\0").expect("an opinion"), Opinion::Clean);
        let hit = Opinion::Hit("Eicar-Test-Signature".to_owned());
        assert_eq!(opinion(b"stream: Eicar-Test-Signature FOUND\0").expect("an opinion"), hit);
        let large = opinion(b"INSTREAM size limit exceeded. ERROR\0").expect("an opinion");
        assert_eq!(large, Opinion::TooLarge);
        for odd in [&b""[..], b"OK", b"stream: OK FOUND OK", b"UNKNOWN COMMAND\0", b"stream: OK\0x"]
        {
            assert!(opinion(odd).is_err(), "{odd:?}");
        }
    }
}
