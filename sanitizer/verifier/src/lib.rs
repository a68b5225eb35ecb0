//! A second opinion on rebuilt files (NF-32).
//!
//! It accepts the language our encoders write and nothing else, and shares no
//! code with them or with the readers of uploads: what one of them overlooks,
//! this one does not know either and refuses.
//!
//! | kind | what is accepted |
//! |---|---|
//! | PDF | one revision, every byte accounted for, dictionaries and operators of a list |
//! | docx, xlsx, pptx | a ZIP with one meaning, parts, references and elements of a list |
//! | PNG, JPEG, GIF, TIFF | chunks, segments and tags of a list, nothing after the end |
//! | text, CSV | UTF-8 without hidden characters |
//! | ZIP | as above; every member is verified by its name |

#![forbid(unsafe_code)]

mod bytes;
mod image;
mod inflate;
mod kind;
mod office;
mod pdf;
mod refusal;
mod text;
mod xml;
mod zip;

pub use kind::Kind;
pub use refusal::Refusal;

/// Bytes all packed parts of a file may unfold to.
const MOST_UNFOLDED: usize = 1 << 30;
/// Archives within archives.
const DEEPEST: usize = 4;

/// Says whether a file is one of ours.
///
/// # Errors
/// [`Refusal`] when anything in it is not what our encoders write.
pub fn verify(kind: Kind, bytes: &[u8]) -> Result<(), Refusal> {
    let mut purse = inflate::Purse::new(MOST_UNFOLDED);
    at_depth(kind, bytes, 0, &mut purse)
}

fn at_depth(
    kind: Kind,
    bytes: &[u8],
    depth: usize,
    purse: &mut inflate::Purse,
) -> Result<(), Refusal> {
    match kind {
        Kind::Pdf => pdf::verify(bytes, purse),
        Kind::Docx => office::verify(office::Family::Word, bytes, purse),
        Kind::Xlsx => office::verify(office::Family::Sheet, bytes, purse),
        Kind::Pptx => office::verify(office::Family::Slides, bytes, purse),
        Kind::Jpeg => image::jpeg(bytes).map(|_| ()),
        Kind::Png => image::png(bytes, purse),
        Kind::Gif => image::gif(bytes),
        Kind::Tiff => image::tiff(bytes, purse),
        Kind::Text => text::plain(bytes),
        Kind::Csv => text::csv(bytes),
        Kind::Zip => archive(bytes, depth, purse),
    }
}

fn archive(bytes: &[u8], depth: usize, purse: &mut inflate::Purse) -> Result<(), Refusal> {
    if depth == DEEPEST {
        return Err(Refusal::of("archives nested too deep"));
    }
    for member in zip::members(bytes, purse)? {
        if member.name.ends_with('/') {
            if !member.data.is_empty() {
                return Err(Refusal::of("a folder with content"));
            }
            continue;
        }
        if member.data.is_empty() {
            continue;
        }
        // A text may have no extension: nothing opens it by mistake.
        let last = member.name.rsplit('/').next().unwrap_or_default();
        let kind = match last.rsplit_once('.') {
            None => Kind::Text,
            Some((_, extension)) => {
                Kind::of_extension(extension).ok_or(Refusal::of("a member of no known kind"))?
            }
        };
        at_depth(kind, &member.data, depth + 1, purse)?;
    }
    Ok(())
}
