//! A file on its way into a draft: looked at, sealed, put into the folder, then
//! named in the draft.

use std::collections::BTreeSet;

use domain::forms::definition::{FieldKind, FileKind, FileType};
use domain::forms::{Answers, Compiled};
use internet_zone_store::applications::drafts::DraftFile;
use jiff::civil::Date;
use platform_web::{OrFault as _, Trouble};
use zeroize::Zeroizing;

use super::access::OpenDraft;
use super::content::{self, file_place};
use super::filled::Uploaded;
use super::messages;
use crate::forms::sniff;
use crate::look::{Look, Seen, Upload};
use crate::site::Site;
use crate::texts::TEXTS;

const MB: u64 = 1_000_000;
/// Bytes of the largest file that is read whole.
const LARGEST: u64 = 64 * 1024 * 1024;

/// A file taken, or the words why not.
pub(crate) type Taken = Result<DraftFile, String>;

/// What a file is an answer to.
#[derive(Clone, Copy)]
pub(crate) struct Question<'a> {
    /// What is asked for.
    pub(crate) label: &'a str,
    /// What is taken.
    pub(crate) kind: &'a FileKind,
    /// MB of all files of the draft, at most.
    pub(crate) total_mb: u32,
}

/// A file as it is announced.
#[derive(Clone, Copy)]
pub(super) struct Sent<'a> {
    /// The input it answers.
    pub(super) input: &'a str,
    /// Its name.
    pub(super) name: &'a str,
    /// Bytes.
    pub(super) size: u64,
}

/// The file question of a draft with this input name: of the form, or of a message.
pub(crate) fn question<'a>(open: &'a OpenDraft, input: &str) -> Option<Question<'a>> {
    if open.draft.is_message() {
        return (input == messages::FILES).then(messages::file_question);
    }
    let procedure = open.entry.procedure();
    let fields = procedure.pages.iter().flat_map(|page| &page.fields);
    let field = fields.into_iter().find(|field| field.id == input)?;
    let FieldKind::File(kind) = &field.kind else { return None };
    Some(Question { label: field.label.ja(), kind, total_mb: procedure.files_mb() })
}

/// Takes a file for a draft (NF-56). When it is taken its sealed bytes are in the
/// folder; the caller names it in the draft.
pub(crate) async fn take(site: &Site, open: &OpenDraft, sent: Uploaded) -> Result<Taken, Trouble> {
    let Some(question) = question(open, &sent.input) else {
        return Ok(Err(TEXTS.text("forms.file_gone").to_owned()));
    };
    let one = Sent { input: &sent.input, name: &sent.name, size: sent.size };
    if let Some(words) = too_much(question, &beside(site, open, &sent.input), one) {
        return Ok(Err(words));
    }
    if sent.busy {
        return Ok(Err(TEXTS.fill("forms.file_busy", &[("name", &sent.name)])));
    }
    // Up to 64 MB are hashed: not where others are answered.
    let read = move || {
        let sum = ring::digest::digest(&ring::digest::SHA256, &sent.bytes).as_ref().to_vec();
        (sniff::kind(&sent.name, &sent.bytes), sum, sent)
    };
    let (found, sha256, sent) = tokio::task::spawn_blocking(read).await.or_fault()?;
    let types = &question.kind.types;
    let Some((_, media)) = found.filter(|(kind, _)| types.is_empty() || types.contains(kind))
    else {
        return Ok(Err(wrong_kind(question, &sent.name)));
    };
    let look = match look(site, &sent.name, &sent.bytes, None).await {
        Seen::As(look) => look,
        Seen::WrongPassword => Look::Locked,
        Seen::Refused(why) => {
            let args: [(&str, &dyn std::fmt::Display); 2] = [("name", &sent.name), ("why", &why)];
            return Ok(Err(TEXTS.fill("forms.file_refused", &args)));
        }
    };
    let id = site.new_id();
    let file = DraftFile {
        look: look.kept(),
        password_sealed: None,
        name_sealed: content::seal_name(&site.vault, &id, &sent.name),
        input: sent.input,
        media: media.to_owned(),
        size: i64::try_from(sent.size).unwrap_or(i64::MAX),
        sha256,
        id: id.clone(),
    };
    let (vault, files) = (site.vault.clone(), site.files.clone());
    tokio::task::spawn_blocking(move || files.put(&id, &vault.seal(file_place(&id), &sent.bytes)))
        .await
        .or_fault()??;
    Ok(Ok(file))
}

/// Asks the sanitizer, where there is one.
async fn look(site: &Site, name: &str, bytes: &[u8], password: Option<Zeroizing<String>>) -> Seen {
    match &site.look_ahead {
        Some(ahead) => ahead.look(Upload { name, bytes, password }).await,
        None => Seen::As(Look::Unseen),
    }
}

/// Tries a password on a file of a draft; the words when it does not open it.
pub(crate) async fn unlock(
    site: &Site,
    file: &DraftFile,
    typed: Zeroizing<String>,
) -> Result<Taken, Trouble> {
    let name = content::name_of(&site.vault, file);
    let (vault, folder, id) = (site.vault.clone(), site.files.clone(), file.id.clone());
    let read = move || -> Result<Vec<u8>, platform_web::Fault> {
        Ok(vault.open(file_place(&id), &folder.get(&id)?)?)
    };
    let bytes = tokio::task::spawn_blocking(read).await.or_fault()??;
    let words = |key, why: &str| {
        let args: [(&str, &dyn std::fmt::Display); 2] = [("name", &name), ("why", &why)];
        Ok(Err(TEXTS.fill(key, &args)))
    };
    match look(site, &name, &bytes, Some(typed.clone())).await {
        // Nobody could look: the password goes with the file and is tried there.
        Seen::As(look @ (Look::Fits { .. } | Look::Unseen)) => Ok(Ok(DraftFile {
            look: look.kept(),
            password_sealed: Some(content::seal_password(&site.vault, &file.id, &typed)),
            ..file.clone()
        })),
        Seen::As(Look::Locked) | Seen::WrongPassword => words("forms.file_wrong_password", ""),
        Seen::Refused(why) => words("forms.file_refused", &why),
    }
}

/// The files of a draft that count together with another one for this input.
pub(super) fn beside(site: &Site, open: &OpenDraft, input: &str) -> Vec<DraftFile> {
    if open.draft.correction.is_some() {
        return open.files.clone();
    }
    let (form, answers) = (&open.entry.form, &open.content.answers);
    counted((form, answers, site.today()), (&open.files, input))
}

/// Those of the same question, and of every one that is shown: what a hidden one has is not sent, and nobody
/// could take it away.
fn counted(
    (form, answers, today): (&Compiled, &Answers, Date),
    (files, input): (&[DraftFile], &str),
) -> Vec<DraftFile> {
    let view = form.view(answers, today);
    let fields = view.pages().into_iter().flat_map(|(page, _)| view.fields(page));
    let shown: BTreeSet<&str> = fields.map(|field| field.id.as_str()).collect();
    let counts = |file: &&DraftFile| file.input == input || shown.contains(file.input.as_str());
    files.iter().filter(counts).cloned().collect()
}

/// Why a file cannot be added to those a draft has, told by its size alone.
pub(super) fn too_much(
    question: Question<'_>,
    before: &[DraftFile],
    sent: Sent<'_>,
) -> Option<String> {
    let Question { label, kind, total_mb } = question;
    let same = before.iter().filter(|file| file.input == sent.input).count();
    let total: u64 = before.iter().map(content::bytes).sum::<u64>() + sent.size;
    if sent.size == 0 {
        return Some(TEXTS.fill("forms.file_empty", &[("label", &label), ("name", &sent.name)]));
    }
    if sent.size > (u64::from(kind.max_mb) * MB).min(LARGEST) {
        let args: [(&str, &dyn std::fmt::Display); 3] =
            [("label", &label), ("name", &sent.name), ("max", &kind.max_mb)];
        return Some(TEXTS.fill("forms.file_too_large", &args));
    }
    if same >= kind.max as usize {
        return Some(TEXTS.fill("forms.too_many_files", &[("label", &label), ("max", &kind.max)]));
    }
    (total > u64::from(total_mb) * MB)
        .then(|| TEXTS.fill("forms.files_too_large", &[("label", &label), ("max", &total_mb)]))
}

fn wrong_kind(Question { label, kind, .. }: Question<'_>, name: &str) -> String {
    let taken = if kind.types.is_empty() { &FileType::ALL[..] } else { &kind.types[..] };
    let kinds: Vec<&str> = taken.iter().map(|kind| TEXTS.text(sniff::name_key(*kind))).collect();
    let kinds = kinds.join(TEXTS.text("forms.list_separator"));
    TEXTS.fill("forms.file_kind_taken", &[("label", &label), ("name", &name), ("kinds", &kinds)])
}

/// Reads and opens the files of a draft, for sealing them to the other side.
pub(crate) async fn read_all(
    site: &Site,
    files: &[DraftFile],
) -> Result<Vec<internet_zone_store::post::File>, Trouble> {
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let (vault, folder, files) = (site.vault.clone(), site.files.clone(), files.to_vec());
    let read = move || -> Result<Vec<_>, platform_web::Fault> {
        files
            .iter()
            .map(|file| {
                let bytes = vault.open(file_place(&file.id), &folder.get(&file.id)?)?;
                Ok(internet_zone_store::post::File {
                    id: file.id.clone(),
                    input: file.input.clone(),
                    name: content::name_of(&vault, file),
                    media: file.media.clone(),
                    password: content::password_of(&vault, file),
                    bytes,
                })
            })
            .collect()
    };
    Ok(tokio::task::spawn_blocking(read).await.or_fault()??)
}

#[cfg(test)]
mod tests {
    use domain::forms::definition::Procedure;

    use super::*;

    /// NF-56: files of a question that is hidden now take no room from the others.
    #[test]
    fn what_a_hidden_question_has_takes_no_room() {
        let json = include_bytes!("../../../../deploy/sample-city/procedures/01-juminhyo.json");
        let procedure = Procedure::from_json(json).expect("a document");
        let form = Compiled::new(procedure).expect("it compiles");
        let file = |id: &str, input: &str| DraftFile {
            id: id.to_owned(),
            input: input.to_owned(),
            name_sealed: Vec::new(),
            media: "application/pdf".to_owned(),
            size: 10_000_000,
            sha256: Vec::new(),
            look: String::new(),
            password_sealed: None,
        };
        let files = [file("a", "mandate"), file("b", "identity")];
        let today: Date = "2026-06-01".parse().expect("a day");
        let counted = |relation: &str, input: &str| -> Vec<String> {
            let answers = Answers::from([("relation", relation)]);
            let files = super::counted((&form, &answers, today), (&files, input));
            files.into_iter().map(|file| file.id).collect()
        };
        assert_eq!(counted("agent", "identity"), ["a", "b"]);
        assert_eq!(counted("self", "identity"), ["b"]);
        assert_eq!(counted("self", "mandate"), ["a", "b"]);
    }
}
