//! AES, as the programs that lock files use it.

use aes::Aes256;
use aes::cipher::{BlockCipherEncrypt as _, KeyInit as _};

/// Encrypts whole blocks with a key of 32 bytes, each mixed with the one before.
pub(super) fn chained(key: &[u8], start: &[u8], bytes: &[u8]) -> Vec<u8> {
    let cipher = Aes256::new_from_slice(key).expect("a key of 32 bytes");
    let mut before: [u8; 16] = start.try_into().expect("a block");
    let mut out = Vec::new();
    for block in bytes.chunks(16) {
        let mut block: [u8; 16] = block.try_into().expect("whole blocks");
        block.iter_mut().zip(before).for_each(|(byte, other)| *byte ^= other);
        cipher.encrypt_block((&mut block).into());
        out.extend(block);
        before = block;
    }
    out
}

/// Encrypts whole blocks with a key of 16 bytes, each on its own.
pub(super) fn separate(key: &[u8], bytes: &[u8]) -> Vec<u8> {
    let cipher = aes::Aes128::new_from_slice(key).expect("a key of 16 bytes");
    let mut out = Vec::new();
    for block in bytes.chunks(16) {
        let mut block: [u8; 16] = block.try_into().expect("whole blocks");
        cipher.encrypt_block((&mut block).into());
        out.extend(block);
    }
    out
}

/// Fills up to whole blocks.
pub(super) fn padded(bytes: &[u8]) -> Vec<u8> {
    let mut padded = bytes.to_vec();
    padded.resize(bytes.len().next_multiple_of(16), 0);
    padded
}
