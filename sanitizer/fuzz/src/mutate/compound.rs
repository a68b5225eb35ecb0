//! Damage to streams of a compound file (OLE2).

use std::io::{Cursor, Read as _, Seek as _, Write as _};
use std::path::PathBuf;

use super::{MOST_BYTES, Words, plain};
use crate::dice::Dice;

/// The file with one damaged stream; `None` when it is no compound file.
pub(super) fn damaged(
    file: &[u8],
    other: &[u8],
    words: &Words,
    dice: &mut Dice,
) -> Option<Vec<u8>> {
    let mut compound = cfb::CompoundFile::open(Cursor::new(file.to_vec())).ok()?;
    let streams: Vec<PathBuf> =
        compound.walk().filter(cfb::Entry::is_stream).map(|it| it.path().to_owned()).collect();
    let path = dice.pick(&streams)?;
    let mut stream = compound.open_stream(path).ok()?;
    let mut data = Vec::new();
    (&mut stream).take(MOST_BYTES as u64).read_to_end(&mut data).ok()?;
    let data = plain::damaged(&data, other, words, dice);
    stream.set_len(data.len() as u64).ok()?;
    stream.rewind().ok()?;
    stream.write_all(&data).ok()?;
    stream.flush().ok()?;
    drop(stream);
    Some(compound.into_inner().into_inner())
}
