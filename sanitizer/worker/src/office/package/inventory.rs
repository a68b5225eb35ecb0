//! What a part that does not survive was, for the report.

use sanitizer_intermediate::RemovedKind;

/// Words in a media type or name, and what the part is. The first that fits
/// counts; `None` is for parts whose content is rebuilt or that say nothing.
const FATES: &[(&str, Option<RemovedKind>)] = &[
    ("vbaproject", Some(RemovedKind::Macros)),
    ("vbadata", Some(RemovedKind::Macros)),
    // Counted where their values are read.
    ("macrosheet", None),
    ("dialogsheet", Some(RemovedKind::MacroSheets)),
    ("attachedtoolbars", Some(RemovedKind::CustomUi)),
    ("customui", Some(RemovedKind::CustomUi)),
    ("userCustomization", Some(RemovedKind::CustomUi)),
    ("webextension", Some(RemovedKind::CustomUi)),
    ("keymapcustomizations", Some(RemovedKind::CustomUi)),
    ("ctrlprop", Some(RemovedKind::ActiveX)),
    ("activex", Some(RemovedKind::ActiveX)),
    ("afchunk", Some(RemovedKind::EmbeddedHtml)),
    ("text/html", Some(RemovedKind::EmbeddedHtml)),
    ("message/rfc822", Some(RemovedKind::EmbeddedHtml)),
    ("application/rtf", Some(RemovedKind::EmbeddedHtml)),
    ("oleobject", Some(RemovedKind::OleObjects)),
    ("printersettings", Some(RemovedKind::PrinterSettings)),
    ("devmode", Some(RemovedKind::PrinterSettings)),
    ("thumbnail", Some(RemovedKind::Thumbnails)),
    ("docprops/", Some(RemovedKind::Properties)),
    ("core-properties", Some(RemovedKind::Properties)),
    ("digital-signature", Some(RemovedKind::Signatures)),
    ("_xmlsignatures", Some(RemovedKind::Signatures)),
    ("externallink", None),
    ("connections", Some(RemovedKind::Connections)),
    ("querytable", Some(RemovedKind::Connections)),
    ("xmlmaps", Some(RemovedKind::Connections)),
    ("xl/model/", Some(RemovedKind::Connections)),
    ("volatiledependencies", Some(RemovedKind::Connections)),
    ("mailmerge", Some(RemovedKind::Connections)),
    ("recipientdata", Some(RemovedKind::Connections)),
    ("xl/revisions/", Some(RemovedKind::HiddenRevisions)),
    ("customxml", Some(RemovedKind::CustomData)),
    ("glossary", Some(RemovedKind::CustomData)),
    ("/tags/", Some(RemovedKind::CustomData)),
    ("pivotcache", Some(RemovedKind::CustomData)),
    ("pivottable", Some(RemovedKind::CustomData)),
    ("slicer", Some(RemovedKind::CustomData)),
    ("timeline", Some(RemovedKind::CustomData)),
    ("obfuscatedfont", Some(RemovedKind::Fonts)),
    ("fontdata", Some(RemovedKind::Fonts)),
    (".odttf", Some(RemovedKind::Fonts)),
    (".fntdata", Some(RemovedKind::Fonts)),
    ("video/", Some(RemovedKind::Media)),
    ("audio/", Some(RemovedKind::Media)),
    ("embeddings/", Some(RemovedKind::EmbeddedFiles)),
    // Counted one by one where they are read.
    ("comments", None),
    ("people", None),
    ("persons", None),
    ("commentauthors", None),
    // Nothing of these is missed.
    ("_rels/", None),
    ("[content_types]", None),
    ("websettings", None),
    ("styleswitheffects", None),
    ("fonttable", None),
    ("calcchain", None),
    ("binindex", None),
    ("binaryindex", None),
    ("presprops", None),
    ("viewprops", None),
    ("handoutmaster", None),
    ("theme", None),
    ("metadata", None),
    ("richdata", None),
    ("changesinfos", None),
    ("revisioninfo", None),
    ("diagram", None),
    ("charts/", None),
    ("drawing", None),
    ("sharedstrings", None),
    ("tablestyles", None),
    ("slidelayout", None),
    ("slidemaster", None),
    ("notesmaster", None),
    ("notesslide", None),
    ("image/", None),
    ("usernames", None),
];

/// Parts that whoever refers to them has told of.
const TOLD_OF: &str = "ctrlprop";

/// What is reported for a part; `used` parts were read for their content, or told of.
pub(super) fn removed(part: &str, media: Option<&str>, used: bool) -> Option<RemovedKind> {
    let part = part.to_lowercase().replace('\\', "/");
    let media = media.unwrap_or_default();
    let known = FATES.iter().find(|(word, _)| media.contains(word) || part.contains(word));
    match known {
        Some((TOLD_OF, _)) if used => None,
        Some((_, kind)) => *kind,
        None if used => None,
        None => Some(RemovedKind::UnknownParts),
    }
}
