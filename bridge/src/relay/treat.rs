//! One raw item becomes one `in` item; its large files go ahead on `in.bulk`.
//! Nothing that is in it can make this fail.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bridge_contract::bundle::{CONTENT_LIMIT, NewItem};
use bridge_contract::digest::Digest;
use bridge_contract::ids::ApplicationId;
use bridge_contract::keys::{KeySet, LiveKeys, OpenKeys, VerifyKey};
use bridge_contract::messages::{
    BULK_KIND, BulkPart, Declared, HoldReason, InItem, Origin, Outcome, Part, RawItem, Sanitized,
    Split, ToStaff, UNREADABLE_KIND, Unreadable, Verdict,
};
use bridge_contract::pipe::{Password, PipeAnswer, PipeRequest};
use bridge_contract::place::Lane;
use bridge_contract::seal::{Series, seal_for};
use bridge_contract::wire::{decode, encode};
use futures_util::future::{FutureExt as _, join_all};
use tokio::sync::Semaphore;

use super::forget::Heard;
use super::sanitize::{NoAnswer, Sanitize};
use crate::faults::RoleFault;
use crate::own_lane::OwnLane;
use crate::running::blocking;
use crate::taker::Sealed;

/// Pauses between tries while a required malware scanner does not answer: five
/// minutes, in which a service is restarted. After them the file is held and
/// the application goes on; the lane does not stand still for one file.
const UNTIL_A_SCANNER_IS_BACK: [Duration; 5] = [
    Duration::from_secs(5),
    Duration::from_secs(15),
    Duration::from_secs(40),
    Duration::from_secs(80),
    Duration::from_secs(160),
];

/// What treating an item needs; shared by all items.
pub(super) struct Bench<S> {
    pub(super) keys: Arc<LiveKeys>,
    pub(super) openers: Arc<OpenKeys>,
    /// Seals what goes to L.
    pub(super) series: Arc<Series>,
    pub(super) sanitizer: S,
    /// Attachments in work at once.
    pub(super) places: Semaphore,
    /// Items opened or sealed at once.
    pub(super) hands: Semaphore,
    /// Rebuilt files above so many bytes travel apart.
    pub(super) bulk_above: usize,
    /// The lane they travel on.
    pub(super) bulk: Arc<Mutex<OwnLane>>,
    /// Hears what I says it has.
    pub(super) heard: Arc<Heard>,
}

/// What an opened item says.
pub(super) struct Opened {
    raw: RawItem,
    message: ToStaff,
}

/// An item after the first hand was laid on it.
pub(super) struct FirstLook {
    pub(super) origin: Origin,
    pub(super) item: Sealed,
    /// Which application it is about.
    pub(super) about: Option<ApplicationId>,
    pub(super) begun: Begun,
}

/// Where it stands.
pub(super) enum Begun {
    /// Nothing of it has to be rebuilt: it is sealed for L.
    Done(Result<NewItem, RoleFault>),
    /// Its files come next.
    Opened(Opened),
    /// Nobody can read it.
    Unreadable(String),
}

/// Opens items, one after the other on one thread: for a small one the way to a thread and back
/// costs as much as opening it. Those without files are sealed for L in the same go.
pub(super) async fn begin<S: Sanitize>(
    bench: &Arc<Bench<S>>,
    items: Vec<(Origin, Sealed)>,
) -> Result<Vec<FirstLook>, RoleFault> {
    let opener = Arc::clone(bench);
    // The semaphore is never closed; if it were, nothing would wait for it.
    let _hand = bench.hands.acquire().await;
    blocking(move || {
        let first = |(origin, item): (Origin, Sealed)| {
            // A panic costs this item, not those beside it and not the lane.
            let begun = catch_unwind(AssertUnwindSafe(|| begin_one(&opener, &item, origin)));
            let (about, begun) = begun
                .unwrap_or_else(|_| (None, Begun::Unreadable("opening it panicked".to_owned())));
            FirstLook { origin, item, about, begun }
        };
        Ok::<_, RoleFault>(items.into_iter().map(first).collect())
    })
    .await
}

/// The treated item, sealed for L, without its stamp. Large files are durable on
/// their own lane when this returns.
pub(super) async fn finish<S: Sanitize>(
    bench: Arc<Bench<S>>,
    item: Sealed,
    origin: Origin,
    begun: Begun,
) -> Result<NewItem, RoleFault> {
    let stamp = item.entry.stamp.clone();
    let (kind, content) = match begun {
        Begun::Done(sealed) => return sealed,
        Begun::Opened(opened) => {
            let (verdicts, parts) = attachments(&bench, &opened).await;
            let application = opened.message.application().cloned();
            let message = opened.raw.message;
            let mut made = Sanitized { origin, stamp, message, verdicts, parts };
            let large = take_large(&mut made, bench.bulk_above);
            make_fit(&mut made, CONTENT_LIMIT);
            let bulk: Vec<_> = large.iter().map(|part| part.attachment_id.clone()).collect();
            send_ahead(&bench, application, large).await?;
            let content = match bulk.is_empty() {
                true => InItem::Sanitized(made),
                false => InItem::Split(Split { item: made, bulk }),
            };
            (item.entry.kind, content)
        }
        Begun::Unreadable(reason) => {
            tracing::error!(seq = origin.at.seq, idx = origin.at.idx, %reason, "a raw item is set aside");
            let sealed_sha256 = item.entry.sha256;
            (
                UNREADABLE_KIND,
                InItem::Unreadable(Unreadable { origin, stamp, sealed_sha256, reason }),
            )
        }
    };
    let _hand = bench.hands.acquire().await;
    let (keys, series) = (bench.keys.set(), Arc::clone(&bench.series));
    blocking(move || close(&keys, &series, (&item.entry.uuid, kind), &content)).await
}

/// Opens an item; one without files is sealed for L in the same go.
fn begin_one<S: Sanitize>(
    bench: &Bench<S>,
    item: &Sealed,
    origin: Origin,
) -> (Option<ApplicationId>, Begun) {
    let keys = bench.keys.set();
    let opened = match open(&bench.openers, &keys, item) {
        Ok(opened) => opened,
        Err(reason) => return (None, Begun::Unreadable(reason)),
    };
    if let ToStaff::PublicationReceipt(receipt) = &opened.message {
        bench.heard.i_says(receipt);
    }
    let about = opened.message.application().cloned();
    if !opened.message.attachments().is_empty() {
        return (about, Begun::Opened(opened));
    }
    let content = InItem::Sanitized(Sanitized {
        origin,
        stamp: item.entry.stamp.clone(),
        message: opened.raw.message,
        verdicts: Vec::new(),
        parts: Vec::new(),
    });
    let named = (item.entry.uuid.as_str(), item.entry.kind);
    (about, Begun::Done(close(&keys, &bench.series, named, &content)))
}

fn close(
    keys: &KeySet,
    series: &Series,
    (uuid, kind): (&str, u16),
    content: &InItem,
) -> Result<NewItem, RoleFault> {
    series.seal_for(keys, Lane::In, uuid, kind, content).ok_or_else(|| no_key(Lane::In))
}

/// The key set lists no key to seal to; the role does not start without.
fn no_key(lane: Lane) -> RoleFault {
    RoleFault::Panicked(format!("no key to seal items of lane {lane} to"))
}

/// Takes the files out that travel apart, in the order of the verdicts. One that no
/// bundle can hold is held.
fn take_large(made: &mut Sanitized, above: usize) -> Vec<Part> {
    let (large, small) = std::mem::take(&mut made.parts)
        .into_iter()
        .partition(|part: &Part| part.bytes.len() > above);
    made.parts = small;
    let (large, too_large): (Vec<_>, Vec<_>) =
        large.into_iter().partition(|part: &Part| part.bytes.len() + PART_FRAME <= CONTENT_LIMIT);
    for part in too_large {
        hold_too_large(made, &part);
    }
    large
}

/// Room for everything around the bytes of a [`BulkPart`].
const PART_FRAME: usize = 256;

/// Shows the large files on their own lane. Durable when it returns: the item that
/// waits for them must not be shown before. One that is shown again after a restart
/// has the same id and changes nothing.
async fn send_ahead<S: Sanitize>(
    bench: &Bench<S>,
    application: Option<ApplicationId>,
    parts: Vec<Part>,
) -> Result<(), RoleFault> {
    let Some(application_id) = application else { return Ok(()) };
    for part in parts {
        let (keys, lane) = (bench.keys.set(), Arc::clone(&bench.bulk));
        let application_id = application_id.clone();
        blocking(move || {
            let digest = Digest::of(&part.bytes).hex();
            let uuid = format!("{}.{}", part.attachment_id, &digest[..16]);
            let Part { attachment_id, bytes } = part;
            let content = BulkPart { application_id, attachment_id, bytes };
            let item = seal_for(&keys, Lane::InBulk, &uuid, BULK_KIND, &content)
                .ok_or_else(|| no_key(Lane::InBulk))?;
            lane.lock().unwrap_or_else(PoisonError::into_inner).publish(&[item])
        })
        .await?;
    }
    Ok(())
}

fn open(openers: &OpenKeys, keys: &KeySet, item: &Sealed) -> Result<Opened, String> {
    let content = item.open(openers, keys).map_err(|error| error.to_string())?;
    let raw: RawItem = decode(&content).map_err(|error| error.to_string())?;
    let message: ToStaff = decode(&raw.message).map_err(|error| error.to_string())?;
    if message.kind() != item.entry.kind {
        return Err("the kind in the index is not the message's".to_owned());
    }
    Ok(Opened { raw, message })
}

/// A verdict for each declared attachment, and the files that were rebuilt.
async fn attachments<S: Sanitize>(bench: &Bench<S>, opened: &Opened) -> (Vec<Verdict>, Vec<Part>) {
    let Some(application) = opened.message.application() else { return (Vec::new(), Vec::new()) };
    let treated = opened.message.attachments().iter().map(|declared| {
        let part = opened.raw.parts.iter().find(|part| part.attachment_id == declared.id);
        let passwords = opened.raw.passwords.iter();
        let mut passwords = passwords.filter(|known| known.attachment_id == declared.id);
        let password = passwords.next().map(|known| &known.password);
        attachment(bench, application, declared, part, password)
    });
    let (verdicts, parts): (Vec<_>, Vec<_>) = join_all(treated).await.into_iter().unzip();
    (verdicts, parts.into_iter().flatten().collect())
}

async fn attachment<S: Sanitize>(
    bench: &Bench<S>,
    application: &ApplicationId,
    declared: &Declared,
    part: Option<&Part>,
    password: Option<&Password>,
) -> (Verdict, Option<Part>) {
    let hold = |reason| {
        let id = declared.id.clone();
        (Verdict::unsigned_hold(id, declared.sha256, reason), None)
    };
    let whole = part.filter(|part| {
        part.bytes.len() as u64 == declared.size && Digest::of(&part.bytes) == declared.sha256
    });
    let Some(part) = whole else { return hold(HoldReason::Broken) };
    // The semaphore is never closed; if it were, nothing would be rebuilt.
    let Ok(_place) = bench.places.acquire().await else { return hold(HoldReason::WorkerFault) };
    let request = PipeRequest {
        application_id: application.clone(),
        declared: declared.clone(),
        bytes: part.bytes.clone(),
        password: password.cloned(),
    };
    // A panic costs this attachment, not its application and not the lane.
    let rebuilt = patiently(&UNTIL_A_SCANNER_IS_BACK, || async {
        let rebuilt = AssertUnwindSafe(bench.sanitizer.rebuild(request.clone())).catch_unwind();
        rebuilt.await.unwrap_or(Err(NoAnswer::Failed))
    });
    match rebuilt.await {
        Ok(answer) => accept(application, declared, answer, &bench.keys.set())
            .unwrap_or_else(|| hold(HoldReason::WorkerFault)),
        Err(NoAnswer::TooLong) => hold(HoldReason::Timeout),
        Err(NoAnswer::Later | NoAnswer::Failed) => hold(HoldReason::WorkerFault),
    }
}

/// Asks again after each pause while a scanner is down.
async fn patiently<F>(pauses: &[Duration], ask: impl Fn() -> F) -> Result<PipeAnswer, NoAnswer>
where
    F: Future<Output = Result<PipeAnswer, NoAnswer>>,
{
    let mut answer = ask().await;
    for pause in pauses {
        match answer {
            Err(NoAnswer::Later) => {
                tokio::time::sleep(*pause).await;
                answer = ask().await;
            }
            Ok(_) | Err(NoAnswer::TooLong | NoAnswer::Failed) => break,
        }
    }
    answer
}

/// The answer, if it is about this attachment, signed, and its file is the one
/// it names.
fn accept(
    application: &ApplicationId,
    declared: &Declared,
    answer: PipeAnswer,
    keys: &KeySet,
) -> Option<(Verdict, Option<Part>)> {
    let PipeAnswer { verdict, rebuilt } = answer;
    let sanitizer: Vec<VerifyKey> = keys.verdict_keys().collect();
    let about = verdict.attachment_id == declared.id
        && verdict.in_sha256 == declared.sha256
        && verdict.signature.is_some()
        && verdict.holds_for(application, sanitizer);
    let part = match (&verdict.outcome, rebuilt) {
        (Outcome::Held(_) | Outcome::Infected(_), None) => None,
        (Outcome::Rebuilt(made), Some(bytes))
            if made.size == bytes.len() as u64 && made.out_sha256 == Digest::of(&bytes) =>
        {
            Some(Part { attachment_id: declared.id.clone(), bytes })
        }
        (Outcome::Held(_) | Outcome::Infected(_) | Outcome::Rebuilt(_), _) => return None,
    };
    about.then_some((verdict, part))
}

/// Rebuilt files can be larger than the originals. The largest are held until
/// the item fits a bundle.
fn make_fit(made: &mut Sanitized, limit: usize) {
    while size(made) > limit {
        let largest = made.parts.iter().enumerate().max_by_key(|(_, part)| part.bytes.len());
        let Some((index, _)) = largest else { return };
        let part = made.parts.remove(index);
        hold_too_large(made, &part);
    }
}

fn hold_too_large(made: &mut Sanitized, part: &Part) {
    let about = made.verdicts.iter_mut().find(|one| one.attachment_id == part.attachment_id);
    if let Some(verdict) = about {
        let (id, sent) = (verdict.attachment_id.clone(), verdict.in_sha256);
        *verdict = Verdict::unsigned_hold(id, sent, HoldReason::TooLarge);
    }
}

/// An upper bound of the encoded size without encoding the files.
fn size(made: &Sanitized) -> usize {
    let files: usize = made.parts.iter().map(|part| part.bytes.len() + 64).sum();
    files + made.message.len() + encode(&made.verdicts).len() + made.stamp.len() + 256
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use bridge_contract::ids::AttachmentId;
    use bridge_contract::messages::Position;

    use super::*;

    /// NF-32: a file waits for a scanner that is down, and not for ever.
    #[tokio::test]
    async fn a_file_waits_for_its_scanner() {
        let tries = |down_for: usize| async move {
            let asked = Cell::new(0);
            let answer = patiently(&[Duration::ZERO; 3], || {
                asked.set(asked.get() + 1);
                let down = asked.get() <= down_for;
                async move { Err(if down { NoAnswer::Later } else { NoAnswer::Failed }) }
            });
            (answer.await.expect_err("no answer"), asked.get())
        };
        assert_eq!(tries(0).await, (NoAnswer::Failed, 1));
        assert_eq!(tries(2).await, (NoAnswer::Failed, 3));
        assert_eq!(tries(9).await, (NoAnswer::Later, 4));
    }

    /// NF-32: files that grew too large together are held, the largest first,
    /// and the application still travels.
    #[test]
    fn the_largest_files_are_held_until_the_item_fits() {
        let sizes = [1000, 9000, 3000, 100];
        let id = |place: usize| AttachmentId::from_bits(place as u128);
        let hold = |place| Verdict::unsigned_hold(id(place), Digest::ZERO, HoldReason::Broken);
        let mut made = Sanitized {
            origin: Origin {
                at: Position { epoch: 1, seq: 1, idx: 0 },
                items: 1,
                hash: Digest::ZERO,
            },
            stamp: Vec::new(),
            message: Vec::new(),
            verdicts: (0..sizes.len()).map(hold).collect(),
            parts: sizes
                .iter()
                .enumerate()
                .map(|(place, size)| Part { attachment_id: id(place), bytes: vec![0; *size] })
                .collect(),
        };
        make_fit(&mut made, 3000);
        assert!(encode(&InItem::Sanitized(made.clone())).len() <= 3000);
        let kept: Vec<usize> = made.parts.iter().map(|part| part.bytes.len()).collect();
        assert_eq!(kept, [1000, 100]);
        let reasons: Vec<&Outcome> = made.verdicts.iter().map(|one| &one.outcome).collect();
        let (broken, large) =
            (Outcome::Held(HoldReason::Broken), Outcome::Held(HoldReason::TooLarge));
        assert_eq!(reasons, [&broken, &large, &large, &broken]);
    }
}
