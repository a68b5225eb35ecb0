//! Rebuilt files: stored before the transaction under the attachment's own id,
//! so that a second try finds them there. A file the verifier does not know as
//! one of ours is not stored; its row says it is held.

use std::borrow::Cow;
use std::io;

use bridge_contract::digest::Digest;
use bridge_contract::messages::{Declared, HoldReason, Outcome, Rebuilt, Verdict};
use bridge_lanes::{FromCitizen, Unprepared};
use domain::ids::ApplicationId;
use lgwan_zone_store::applications::rows::Attachment;
use lgwan_zone_store::post::{Office, Sealed};
use platform_store::files::Files;
use sanitizer_verifier::{Kind, verify};

/// Has every rebuilt file seen by the verifier before anybody can open it
/// (NF-32). One it refuses is held, as if its rebuild had failed.
pub(super) fn second_look(from: &FromCitizen) -> Cow<'_, FromCitizen> {
    let refused = |verdict: &Verdict| match &verdict.outcome {
        Outcome::Held(_) | Outcome::Infected(_) => false,
        Outcome::Rebuilt(rebuilt) => {
            let id = &verdict.attachment_id;
            let part = from.parts.iter().find(|part| part.attachment_id == *id);
            !part.is_some_and(|part| is_ours(rebuilt, &part.bytes, id.as_str()))
        }
    };
    let refused: Vec<bool> = from.verdicts.iter().map(refused).collect();
    if !refused.contains(&true) {
        return Cow::Borrowed(from);
    }
    let mut seen = from.clone();
    for (verdict, _) in seen.verdicts.iter_mut().zip(refused).filter(|(_, refused)| *refused) {
        verdict.outcome = Outcome::Held(HoldReason::WorkerFault);
        seen.parts.retain(|part| part.attachment_id != verdict.attachment_id);
    }
    Cow::Owned(seen)
}

fn is_ours(rebuilt: &Rebuilt, bytes: &[u8], id: &str) -> bool {
    let found = match Kind::of_media(&rebuilt.media) {
        Some(kind) => verify(kind, bytes).map_err(|refusal| refusal.what()),
        None => Err("a type our encoders do not write"),
    };
    if let Err(why) = found {
        tracing::warn!(attachment = id, why, "a rebuilt file is refused and held");
    }
    found.is_ok()
}

/// Stores every rebuilt file of a message.
pub(super) fn keep(files: &Files, from: &FromCitizen) -> Result<(), Unprepared> {
    for part in &from.parts {
        let name = part.attachment_id.as_str();
        match files.put(name, &part.bytes) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                if Digest::of(&files.get(name)?) != Digest::of(&part.bytes) {
                    let why = format!("attachment {name} is there with other content");
                    return Err(Unprepared::Poison(why));
                }
                // Young again: nobody takes it for a file without a row before its row is there.
                files.put_again(name, &part.bytes)?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// The rows of the declared files with their verdicts, in the same order.
pub(super) fn rows(
    application: &str,
    round: i32,
    declared: &[Declared],
    verdicts: &[Verdict],
) -> Vec<Attachment> {
    declared
        .iter()
        .zip(verdicts)
        .map(|(file, verdict)| {
            let mut row = plain(application, round, file, verdict);
            match &verdict.outcome {
                Outcome::Rebuilt(rebuilt) => {
                    "rebuilt".clone_into(&mut row.outcome);
                    row.out_name = Some(rebuilt.name.clone());
                    row.out_media = Some(rebuilt.media.clone());
                    row.out_size = i64::try_from(rebuilt.size).ok();
                    row.out_sha256 = Some(rebuilt.out_sha256.hex());
                    row.file_id = Some(file.id.to_string());
                    let removed: Vec<(&str, u32)> =
                        rebuilt.removed.iter().map(|one| (one.what.as_str(), one.count)).collect();
                    row.removed = serde_json::to_string(&removed).unwrap_or_default();
                }
                Outcome::Held(reason) => hold(&mut row, *reason, None),
                Outcome::Infected(name) => hold(&mut row, HoldReason::ScannerHit, Some(name)),
            }
            row
        })
        .collect()
}

/// What the citizens' zone is told of the files that are held.
pub(super) fn told(
    office: &Office,
    application: &ApplicationId,
    declared: &[Declared],
    verdicts: &[Verdict],
) -> Vec<Sealed> {
    let held = |(file, verdict): (&Declared, &Verdict)| {
        let reason = verdict.outcome.hold_reason()?;
        Some(office.held(application, &file.id, &file.name, reason))
    };
    declared.iter().zip(verdicts).filter_map(held).collect()
}

/// A file that does not cross; `malware` as the scanner calls it.
fn hold(row: &mut Attachment, reason: HoldReason, malware: Option<&String>) {
    "held".clone_into(&mut row.outcome);
    row.hold_reason = Some(reason.word().to_owned());
    row.malware = malware.cloned();
}

fn plain(application: &str, round: i32, file: &Declared, verdict: &Verdict) -> Attachment {
    Attachment {
        id: file.id.to_string(),
        application_id: application.to_owned(),
        round,
        field: file.field.clone(),
        name: file.name.clone(),
        media: file.media.clone(),
        size: i64::try_from(file.size).unwrap_or(i64::MAX),
        sha256: file.sha256.hex(),
        outcome: String::new(),
        out_name: None,
        out_media: None,
        out_size: None,
        out_sha256: None,
        file_id: None,
        hold_reason: None,
        malware: None,
        removed: "[]".to_owned(),
        policy: verdict.policy_version.to_string(),
        message_id: None,
    }
}
