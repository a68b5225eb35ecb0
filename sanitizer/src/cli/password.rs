//! The password of a file, out of a file: arguments and environments are seen
//! by other programs.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use sanitizer_intermediate::Password;
use zeroize::Zeroizing;

/// Reads the only line of the file.
///
/// # Errors
/// When it cannot be read, or is no password of 1 to 256 bytes of UTF-8.
pub(super) fn read(path: &Path) -> io::Result<Password> {
    // Room for the line end and one byte more, to see what is too long. Never
    // grown, so no copy is left behind.
    let most = Password::LONGEST + 3;
    let mut text = Zeroizing::new(String::with_capacity(most));
    File::open(path)?.take(most as u64).read_to_string(&mut text)?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    let unusable = || io::Error::other("a password has one line of 1 to 256 bytes");
    if line.contains(['\n', '\r']) {
        return Err(unusable());
    }
    Password::new(line.to_owned()).ok_or_else(unusable)
}
