//! One example of everything that crosses. All people are invented.

use std::collections::BTreeMap;

use bridge_contract::bundle::{
    Draft, Expect, NewItem, PREFIX_BYTES, Signer, build, index_bytes, verify,
};
use bridge_contract::carrier::{Answer, Fetched, Request};
use bridge_contract::digest::{Digest, hex};
use bridge_contract::evidence::{
    BundleRecord, Chain, Checker, Closing, FORMAT, Opening, ReceiptRecord, Record,
};
use bridge_contract::head::{Head, Lists, Trouble};
use bridge_contract::keys::{self, KeyEntry, KeyId, KeySet, Purpose, SigningKey, Who};
use bridge_contract::look::{LookAnswer, LookRequest};
use bridge_contract::messages::*;
use bridge_contract::pipe::{Password, PipeAnswer, PipeRequest};
use bridge_contract::place::{Environment, Host, Lane, Tenant};
use bridge_contract::reset::{Reset, ResetDocument};
use bridge_contract::share::{Secret, Share};
use bridge_contract::wire::{Wire, decode, encode};
use domain::applications::{Origin as Stage, State};
use domain::ids::{AccountId, ApplicationId, AttachmentId, DepartmentId, DocumentId, ProcedureId};
use jiff::Timestamp;
use jiff::civil::date;

pub(crate) const ROOT_SEED: [u8; 32] = [1; 32];
pub(crate) const OPEN_SEED: [u8; 32] = [3; 32];
pub(crate) const ITEM_CONTENT: &[u8] = "住民票の写し".as_bytes();
const SIGN_SEED: [u8; 32] = [2; 32];

/// File name and bytes of every example.
pub(crate) fn all() -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for message in to_staff() {
        files.push((format!("to-staff.{}.v1.bin", message.word()), encode(&message)));
    }
    for message in to_citizen() {
        files.push((format!("to-citizen.{}.v1.bin", message.word()), encode(&message)));
    }
    for message in to_business() {
        files.push((format!("to-business.{}.v1.bin", message.word()), encode(&message)));
    }
    for message in to_server_a() {
        files.push((format!("to-server-a.{}.v1.bin", message.word()), encode(&message)));
    }
    let mut one = |name: &str, bytes: Vec<u8>| files.push((name.to_owned(), bytes));
    one("withdrawal-asked.back.v1.bin", encode(&ToStaff::from(not_asked_any_more())));
    one("withdrawal-refused.request.v1.bin", encode(&ToCitizen::from(not_agreed())));
    one("submission.represented.v1.bin", encode(&ToStaff::from(Box::new(represented()))));
    one("submission.cosigned.v1.bin", encode(&ToStaff::from(Box::new(cosigned()))));
    one("correction.represented.v1.bin", encode(&ToStaff::from(corrected_by_delegate())));
    one("usage-counted.speed.v1.bin", encode(&ToStaff::from(speed_counted())));
    one("citizen-wrote.files.v1.bin", encode(&ToStaff::from(wrote_with_files())));
    one("procedure-closed.revision.v1.bin", encode(&ToCitizen::from(closed(3))));
    one("staff-wrote.files.v1.bin", encode(&ToCitizen::from(answered_with_files())));
    one("document-issued.message.v1.bin", encode(&ToCitizen::from(document_of_message())));
    one("raw-item.v1.bin", encode(&raw_item()));
    one("raw-item.v2.bin", encode(&locked_item()));
    one("look-request.v1.bin", encode(&look_request()));
    one("look-answer.v1.bin", encode(&look_answer()));
    one("in-item.sanitized.v1.bin", encode(&in_item()));
    one("in-item.unreadable.v1.bin", encode(&unreadable()));
    one("in-item.split.v1.bin", encode(&split()));
    one("bulk-part.v1.bin", encode(&bulk_part()));
    one("crossed.v1.bin", encode(&crossed()));
    one("held.v1.bin", encode(&held()));
    one("arrival.v1.bin", encode(&arrival()));
    one("pipe-request.v1.bin", encode(&pipe_request()));
    one("pipe-request.v2.bin", encode(&locked_request()));
    one("pipe-answer.v1.bin", encode(&pipe_answer()));
    one("keyset.v1.bin", key_set().sign(&seed_key(ROOT_SEED)));
    one("bundle.v1.kb", bundle());
    one("head.v1.bin", head());
    one("head.v2.bin", long_head(Vec::new()));
    one("head.v3.bin", long_head(troubles()));
    one("reset.v1.bin", reset().to_bytes());
    one("evidence.v1.jsonl", evidence());
    one("part.host.v1.bin", host_part().to_bytes());
    one("part.operator.v1.bin", operator_part().to_bytes());
    let printed: String = shares().iter().map(|it| it.code().to_string() + "\n").collect();
    one("share.v1.txt", printed.into_bytes());
    for (verb, request) in requests() {
        one(&format!("carrier.{verb}.v1.bin"), frame(&request));
    }
    for (verb, answer) in carrier_answers() {
        one(&format!("carrier.{verb}.v1.bin"), frame(&answer));
    }
    files
}

/// Reads every example back from its frozen bytes.
pub(crate) fn read_all(frozen: impl Fn(&str) -> Vec<u8>) {
    for message in to_staff() {
        same(&frozen(&format!("to-staff.{}.v1.bin", message.word())), message);
    }
    for message in to_citizen() {
        same(&frozen(&format!("to-citizen.{}.v1.bin", message.word())), message);
    }
    for message in to_business() {
        same(&frozen(&format!("to-business.{}.v1.bin", message.word())), message);
    }
    for message in to_server_a() {
        same(&frozen(&format!("to-server-a.{}.v1.bin", message.word())), message);
    }
    same(&frozen("withdrawal-asked.back.v1.bin"), ToStaff::from(not_asked_any_more()));
    same(&frozen("withdrawal-refused.request.v1.bin"), ToCitizen::from(not_agreed()));
    same(&frozen("submission.represented.v1.bin"), ToStaff::from(Box::new(represented())));
    same(&frozen("submission.cosigned.v1.bin"), ToStaff::from(Box::new(cosigned())));
    same(&frozen("correction.represented.v1.bin"), ToStaff::from(corrected_by_delegate()));
    same(&frozen("usage-counted.speed.v1.bin"), ToStaff::from(speed_counted()));
    same(&frozen("citizen-wrote.files.v1.bin"), ToStaff::from(wrote_with_files()));
    same(&frozen("procedure-closed.revision.v1.bin"), ToCitizen::from(closed(3)));
    same(&frozen("staff-wrote.files.v1.bin"), ToCitizen::from(answered_with_files()));
    same(&frozen("document-issued.message.v1.bin"), ToCitizen::from(document_of_message()));
    same(&frozen("raw-item.v1.bin"), raw_item());
    same(&frozen("raw-item.v2.bin"), locked_item());
    same(&frozen("look-request.v1.bin"), look_request());
    same(&frozen("look-answer.v1.bin"), look_answer());
    same(&frozen("in-item.sanitized.v1.bin"), in_item());
    same(&frozen("in-item.unreadable.v1.bin"), unreadable());
    same(&frozen("in-item.split.v1.bin"), split());
    same(&frozen("bulk-part.v1.bin"), bulk_part());
    same(&frozen("crossed.v1.bin"), crossed());
    same(&frozen("held.v1.bin"), held());
    same(&frozen("arrival.v1.bin"), arrival());
    same(&frozen("pipe-request.v1.bin"), pipe_request());
    same(&frozen("pipe-request.v2.bin"), locked_request());
    same(&frozen("pipe-answer.v1.bin"), pipe_answer());
    let head = Head::open(&frozen("head.v1.bin"), Lane::Raw, &key_set()).expect("signed");
    assert_eq!((head.epoch, head.seq), (1, 7));
    for (name, lists) in [("head.v2.bin", lists(Vec::new())), ("head.v3.bin", lists(troubles()))] {
        let head = Head::open(&frozen(name), Lane::Raw, &key_set()).expect("signed");
        assert_eq!(head.lists, lists, "{name}");
    }
    for (name, reads) in checked() {
        assert!(reads(&frozen(name)), "{name}");
    }
}

/// Whether bytes are read as the example of this name and nothing else.
type Reads = fn(&[u8]) -> bool;

/// What is signed or checked as a whole, and how each file is read.
pub(crate) fn checked() -> Vec<(&'static str, Reads)> {
    fn asked(bytes: &[u8], place: usize) -> bool {
        unframed(bytes) == requests().into_iter().nth(place).map(|(_, it)| it)
    }
    fn answered(bytes: &[u8], place: usize) -> bool {
        unframed(bytes) == carrier_answers().into_iter().nth(place).map(|(_, it)| it)
    }
    vec![
        ("reset.v1.bin", |it| ResetDocument::open(it, &operators()) == Ok(reset())),
        ("evidence.v1.jsonl", |it| checks(it).is_some_and(|items| items == 2)),
        ("part.host.v1.bin", |it| keys::Part::open(it) == Ok(host_part())),
        ("part.operator.v1.bin", |it| keys::Part::open(it) == Ok(operator_part())),
        ("share.v1.txt", |it| {
            let text = std::str::from_utf8(it).ok().and_then(|it| it.strip_suffix('\n'));
            let read = text.map(|it| it.split('\n').map(Share::parse).collect::<Vec<_>>());
            read == Some(shares().into_iter().map(Ok).collect())
        }),
        ("carrier.ask-head.v1.bin", |it| asked(it, 0)),
        ("carrier.ask-get.v1.bin", |it| asked(it, 1)),
        ("carrier.ask-put.v1.bin", |it| asked(it, 2)),
        ("carrier.head.v1.bin", |it| answered(it, 0)),
        ("carrier.have.v1.bin", |it| answered(it, 1)),
        ("carrier.piece.v1.bin", |it| answered(it, 2)),
        ("carrier.absent.v1.bin", |it| answered(it, 3)),
        ("carrier.refused.v1.bin", |it| answered(it, 4)),
    ]
}

fn same<T: Wire + PartialEq + std::fmt::Debug>(bytes: &[u8], expected: T) {
    assert_eq!(decode::<T>(bytes), Ok(expected));
}

fn seed_key(seed: [u8; 32]) -> SigningKey {
    SigningKey::from_seed(&seed).expect("any seed is a key")
}

fn at(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(1_792_000_000_000_000 + micros).expect("a time in 2026")
}

fn text(text: &str) -> String {
    text.to_owned()
}

fn answers() -> Answers {
    BTreeMap::from([
        (text("birth"), vec![text("1984-05-06")]),
        (text("kind"), vec![text("copy"), text("abstract")]),
        (text("name.family"), vec![text("山田")]),
    ])
}

fn application() -> ApplicationId {
    ApplicationId::from_bits(0x42)
}

fn declared() -> Declared {
    Declared {
        id: AttachmentId::from_bits(7),
        field: text("photo"),
        name: text("写真.png"),
        media: text("image/png"),
        size: 3,
        sha256: Digest::of(b"raw"),
    }
}

fn receipt(lane: Lane) -> Receipt {
    Receipt {
        lane,
        epoch: 1,
        stored_seq: 9,
        ingested_seq: 8,
        backup_seq: 5,
        head_hash: Digest::of(b"head"),
        missing: vec![SeqRange { first: 6, last: 7 }],
        quarantined: vec![Position { epoch: 1, seq: 4, idx: 2 }],
    }
}

fn submission() -> Submission {
    Submission {
        application_id: application(),
        procedure_id: ProcedureId::from_bits(1),
        revision: 3,
        definition_sha256: Digest::of(b"document"),
        applicant: Applicant::Account {
            id: AccountId::from_bits(2),
            display_name: text("山田 花子"),
            email: text("hanako@example.jp"),
        },
        answers: answers(),
        provenance: BTreeMap::from([(
            text("name.family"),
            Provenance { source: Source::Account, verified_at: Some(at(1)), changed: false },
        )]),
        attachments: vec![declared()],
        cosigners: Vec::new(),
    }
}

/// The same, with two people who agreed to it.
fn cosigned() -> Submission {
    let content = submission().agreed(answers()).digest();
    let one = |n: u128, name: &str, seconds: i64| Cosigned {
        kind: text("guarantor"),
        id: AccountId::from_bits(n),
        display_name: text(name),
        email: format!("person{n}@example.jp"),
        named: text(name),
        at: at(seconds),
        content,
    };
    Submission { cosigners: vec![one(5, "鈴木 一郎", 2), one(6, "", 3)], ..submission() }
}

fn delegate() -> Delegate {
    Delegate {
        id: AccountId::from_bits(4),
        display_name: text("山田 太郎"),
        email: text("taro@example.jp"),
    }
}

fn correction() -> Correction {
    Correction {
        application_id: application(),
        round: 1,
        answers: answers(),
        attachments: vec![declared()],
        by: None,
    }
}

/// The same, sent by a delegate.
fn corrected_by_delegate() -> Correction {
    Correction { by: Some(delegate()), ..correction() }
}

/// The same, filled in by a delegate.
fn represented() -> Submission {
    let by = delegate();
    let (id, display_name) = (AccountId::from_bits(2), text("山田 花子"));
    let email = text("hanako@example.jp");
    Submission { applicant: Applicant::Represented { id, display_name, email, by }, ..submission() }
}

fn to_staff() -> Vec<ToStaff> {
    vec![
        receipt(Lane::PubDoc).into(),
        Box::new(submission()).into(),
        correction().into(),
        Withdrawal { application_id: application(), reason: text("都合により") }.into(),
        DocumentOpened {
            application_id: application(),
            document_id: DocumentId::from_bits(5),
            at: at(2),
        }
        .into(),
        CopyAsked {
            application_id: application(),
            account_id: AccountId::from_bits(3),
            draft_id: text("01k9draft"),
        }
        .into(),
        UsageCounted {
            day: date(2026, 11, 20),
            counts: vec![
                UsageCount { procedure_id: None, what: Usage::Visit, count: 1_234 },
                UsageCount {
                    procedure_id: Some(ProcedureId::from_bits(2)),
                    what: Usage::Download,
                    count: 5,
                },
            ],
        }
        .into(),
        FillingCounted {
            day: date(2026, 11, 20),
            counts: vec![FillingCount {
                procedure_id: ProcedureId::from_bits(2),
                page: text("about"),
                what: Filling::Reached,
                count: 9,
            }],
        }
        .into(),
        WordsMissed {
            day: date(2026, 11, 20),
            words: vec![MissedWord { word: text("ドッグラン"), count: 7 }],
        }
        .into(),
        CitizenWrote {
            application_id: application(),
            message_id: text("01k9message"),
            by: Some(delegate()),
            words: text("いつごろ届きますか。"),
            files: 0,
        }
        .into(),
        FilesWritten {
            application_id: application(),
            message_id: text("01k9message"),
            attachments: vec![declared()],
        }
        .into(),
        SentAtTerminal {
            application_id: application(),
            procedure_id: ProcedureId::from_bits(2),
            terminal: text("市民課 1番"),
        }
        .into(),
        InvitationUsed {
            invitation_id: text("01k9invitation"),
            application_id: Some(application()),
        }
        .into(),
        WithdrawalAsked {
            application_id: application(),
            request_id: text("01k9request"),
            reason: Some(text("転居することになったため")),
        }
        .into(),
        EventsTold {
            first: 41,
            prev: Digest::of(b"event 40"),
            events: vec![ToldEvent {
                at: at(8),
                actor: text("account:01k9account"),
                session: text("0123456789abcdef"),
                ip: text("192.0.2.7"),
                act: text("applications.arrived"),
                object: text("application:01k9application"),
                result: text("ok"),
                detail: text("number=2026-0000-0000"),
            }],
        }
        .into(),
        UptimeTold { stretches: vec![Uptime { since: at(9), until: at(60_000_009) }] }.into(),
    ]
}

/// A request that is taken back.
fn not_asked_any_more() -> WithdrawalAsked {
    WithdrawalAsked { application_id: application(), request_id: text("01k9request"), reason: None }
}

/// The answer to a request.
fn not_agreed() -> WithdrawalRefused {
    WithdrawalRefused {
        application_id: application(),
        request_id: Some(text("01k9request")),
        state: State::Reviewing,
        at: at(14),
        note_public: Some(text("調査が終わっているため")),
        expected: Some(date(2026, 11, 30)),
    }
}

fn wrote_with_files() -> CitizenWrote {
    CitizenWrote {
        application_id: application(),
        message_id: text("01k9message"),
        by: None,
        words: text("診断書をお送りします。"),
        files: 2,
    }
}

fn closed(revision: u32) -> ProcedureClosed {
    ProcedureClosed { procedure_id: ProcedureId::from_bits(1), at: at(3), revision }
}

fn answered_with_files() -> StaffWrote {
    StaffWrote {
        application_id: application(),
        message_id: text("01k9answer"),
        words: text("様式をお送りします。"),
        at: at(7),
        files: 1,
    }
}

fn document_of_message() -> DocumentIssued {
    DocumentIssued {
        application_id: application(),
        document_id: DocumentId::from_bits(6),
        name: text("様式.docx"),
        media: text("application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        bytes: b"PK".to_vec(),
        at: at(7),
        message_id: Some(text("01k9answer")),
    }
}

fn to_citizen() -> Vec<ToCitizen> {
    vec![
        receipt(Lane::Raw).into(),
        ProcedurePublished {
            procedure_id: ProcedureId::from_bits(1),
            revision: 3,
            document: b"{}".to_vec(),
            files: vec![PublishedFile {
                id: text("form"),
                name: text("申請書.pdf"),
                media: text("application/pdf"),
                bytes: b"%PDF".to_vec(),
            }],
        }
        .into(),
        closed(0).into(),
        StatusChanged {
            application_id: application(),
            state: State::Correction(Stage::Reviewing),
            at: at(4),
            note_public: Some(text("確認中です")),
            expected: Some(date(2026, 11, 30)),
        }
        .into(),
        CorrectionAsked {
            application_id: application(),
            round: 1,
            reason: text("生年月日をご確認ください"),
            due: Some(date(2026, 12, 1)),
            fields: vec![text("birth")],
            prefill: answers(),
            context: BTreeMap::new(),
        }
        .into(),
        AttachmentHeld {
            application_id: application(),
            attachment_id: AttachmentId::from_bits(7),
            name: text("写真.png"),
            reason: HoldReason::Encrypted,
        }
        .into(),
        DocumentIssued {
            application_id: application(),
            document_id: DocumentId::from_bits(5),
            name: text("決定通知書.pdf"),
            media: text("application/pdf"),
            bytes: b"%PDF".to_vec(),
            at: at(5),
            message_id: None,
        }
        .into(),
        DepartmentsPublished {
            at: at(6),
            departments: vec![Department {
                id: DepartmentId::from_bits(9),
                name: text("市民課"),
                phone: text("000-000-0000"),
                place: text("本庁舎 1 階"),
            }],
        }
        .into(),
        CopyGiven {
            draft_id: text("01k9draft"),
            application_id: application(),
            answers: Some(answers()),
        }
        .into(),
        StaffWrote {
            application_id: application(),
            message_id: text("01k9answer"),
            words: text("今週中に発送します。"),
            at: at(7),
            files: 0,
        }
        .into(),
        CheckpointTold { seq: 7, at: at(10), hash: Digest::of(b"event 7"), signature: vec![9; 64] }
            .into(),
        InvitationsGiven {
            procedure_id: ProcedureId::from_bits(1),
            uses: 1,
            until: at(11),
            invitations: vec![Invitation {
                id: text("01k9invitation"),
                digest: invited_address(&ProcedureId::from_bits(1), "hanako@example.jp"),
            }],
        }
        .into(),
        InvitationsRevoked { ids: vec![text("01k9invitation")] }.into(),
        ApplicationsGone { application_ids: vec![application()], at: at(10) }.into(),
        WithdrawalRefused {
            application_id: application(),
            request_id: None,
            state: State::Notified,
            at: at(13),
            note_public: Some(text("交付を決定しました。")),
            expected: None,
        }
        .into(),
        DepartmentChanged {
            application_id: application(),
            department_id: DepartmentId::from_bits(9),
            at: at(12),
        }
        .into(),
        RevisionChanged { application_id: application(), revision: 3, at: at(13) }.into(),
        TrialEnded { procedure_id: ProcedureId::from_bits(1), at: at(14) }.into(),
    ]
}

fn to_business() -> Vec<ToBusiness> {
    vec![
        GenerationPart {
            job: text("resident"),
            generation: text("000001"),
            path: text("resident_000001.csv"),
            offset: 0,
            bytes: b"a,b\r\n".to_vec(),
        }
        .into(),
        GenerationEnd {
            job: text("resident"),
            generation: text("000001"),
            files: vec![ExportedFile {
                path: text("resident_000001.csv"),
                size: 5,
                sha256: Digest::of(b"a,b\r\n"),
            }],
            end_name: text("resident_000001.end"),
            end_bytes: b"{}".to_vec(),
        }
        .into(),
    ]
}

fn to_server_a() -> Vec<ToServerA> {
    vec![
        GenerationStored { job: text("resident"), generation: text("000001"), at: at(7) }.into(),
        RefusedGeneration {
            job: text("resident"),
            generation: text("000001"),
            at: at(8),
            reason: text("a file differs"),
        }
        .into(),
        PickedUp {
            job: text("resident"),
            generation: text("000001"),
            outcome: PickupOutcome::Error,
            at: at(9),
            detail: b"line 3".to_vec(),
        }
        .into(),
    ]
}

fn raw_item() -> RawItem {
    RawItem {
        message: encode(&ToStaff::from(Box::new(submission()))),
        parts: vec![Part { attachment_id: AttachmentId::from_bits(7), bytes: b"raw".to_vec() }],
        passwords: Vec::new(),
    }
}

fn locked_item() -> RawItem {
    let password = Password::new(text("春の窓口")).expect("a password");
    let locked = PartPassword { attachment_id: AttachmentId::from_bits(7), password };
    RawItem { passwords: vec![locked], ..raw_item() }
}

fn look_request() -> LookRequest {
    let password = Password::new(text("春の窓口")).ok();
    LookRequest { name: text("証明.pdf"), bytes: b"raw".to_vec(), password }
}

fn look_answer() -> LookAnswer {
    LookAnswer::Rebuilt(vec![text("マクロを2件取り除きます。")])
}

fn arrival() -> Arrival {
    Arrival { number: Some(text("2026-000123-4")), at: at(0) }
}

fn origin() -> Origin {
    Origin { at: Position { epoch: 1, seq: 12, idx: 0 }, items: 1, hash: Digest::of(b"raw header") }
}

fn verdict() -> Verdict {
    let rebuilt = Outcome::Rebuilt(Rebuilt {
        out_sha256: Digest::of(b"new"),
        size: 3,
        media: text("image/png"),
        name: text("写真.png"),
        removed: vec![Removed { what: text("metadata"), place: String::new(), count: 4 }],
    });
    let attachment = AttachmentId::from_bits(7);
    Verdict::sign(&application(), attachment, Digest::of(b"raw"), rebuilt, 1, &seed_key(SIGN_SEED))
}

fn in_item() -> InItem {
    InItem::Sanitized(Sanitized {
        origin: origin(),
        stamp: encode(&arrival()),
        message: raw_item().message,
        verdicts: vec![verdict()],
        parts: vec![Part { attachment_id: AttachmentId::from_bits(7), bytes: b"new".to_vec() }],
    })
}

fn split() -> InItem {
    InItem::Split(Split {
        item: Sanitized {
            origin: origin(),
            stamp: encode(&arrival()),
            message: raw_item().message,
            verdicts: vec![verdict()],
            parts: vec![],
        },
        bulk: vec![AttachmentId::from_bits(7)],
    })
}

fn speed_counted() -> UsageCounted {
    let count = |what, count| UsageCount { procedure_id: None, what, count };
    let counts = vec![count(Usage::Ms100, 1_234), count(Usage::Slower, 5)];
    UsageCounted { day: date(2026, 11, 20), counts }
}

fn bulk_part() -> BulkPart {
    BulkPart {
        application_id: application(),
        attachment_id: AttachmentId::from_bits(7),
        bytes: b"new".to_vec(),
    }
}

fn held() -> Vec<Held> {
    vec![
        Held { lane: Lane::Raw, epoch: 1, ingested: 7, kept: 5 },
        Held { lane: Lane::In, epoch: 1, ingested: 9, kept: 0 },
    ]
}

fn crossed() -> Crossed {
    let before = Origin { at: Position { epoch: 1, seq: 11, idx: 3 }, items: 4, ..origin() };
    Crossed { origin: origin(), floor: Some(before) }
}

fn unreadable() -> InItem {
    InItem::Unreadable(Unreadable {
        origin: origin(),
        stamp: encode(&arrival()),
        sealed_sha256: Digest::of(b"sealed"),
        reason: text("the seal is broken"),
    })
}

fn pipe_request() -> PipeRequest {
    let bytes = b"raw".to_vec();
    PipeRequest { application_id: application(), declared: declared(), bytes, password: None }
}

fn locked_request() -> PipeRequest {
    let password = Password::new(text("春の窓口")).expect("a password");
    PipeRequest { password: Some(password), ..pipe_request() }
}

fn pipe_answer() -> PipeAnswer {
    PipeAnswer { verdict: verdict(), rebuilt: Some(b"new".to_vec()) }
}

fn key_set() -> KeySet {
    let entry =
        |purpose, public| KeyEntry { purpose, public, valid_from: 0, valid_until: u64::MAX };
    KeySet {
        tenant: Tenant::parse("mirai-city").expect("a good name"),
        environment: Environment::Demo,
        version: 1,
        keys: vec![
            entry(Purpose::Sign(Lane::Raw), seed_key(SIGN_SEED).verify_key().0),
            entry(Purpose::Seal(Lane::Raw), [4; 32]),
            entry(Purpose::Verdict, seed_key(SIGN_SEED).verify_key().0),
            entry(Purpose::Transport(Host::Internet), [5; 32]),
        ],
    }
}

fn signer(key: &SigningKey) -> Signer<'_> {
    let set = key_set();
    Signer { tenant: set.tenant, environment: set.environment, key_set_version: 1, key }
}

fn bundle() -> Vec<u8> {
    let draft =
        Draft { lane: Lane::Raw, epoch: 1, seq: 7, prev: Digest::of(b"before"), at: at(10) };
    let item = |uuid: &str, sealed: &[u8]| NewItem {
        uuid: text(uuid),
        kind: 2,
        stamp: encode(&arrival()),
        sealed: sealed.to_vec(),
    };
    let items = [
        item("00000000000000000000000042", b"first sealed item"),
        item("00000000000000000000000043", b"second sealed item"),
    ];
    build(&draft, &items, &signer(&seed_key(SIGN_SEED))).bytes
}

fn head() -> Vec<u8> {
    let place = (1, 7, Digest::of(b"header"));
    Head::sign(Lane::Raw, place, at(11), &signer(&seed_key(SIGN_SEED)))
}

fn long_head(troubles: Vec<Trouble>) -> Vec<u8> {
    let place = (1, 7, Digest::of(b"header"));
    Head::sign_with(Lane::Raw, place, lists(troubles), at(11), &signer(&seed_key(SIGN_SEED)))
}

fn lists(troubles: Vec<Trouble>) -> Lists {
    let recent = vec![(6, Digest::of(b"before")), (7, Digest::of(b"header"))];
    Lists { recent, done: vec![KeyId([7; 8])], troubles }
}

fn troubles() -> Vec<Trouble> {
    let trouble = |stopped, part: &str, code: &str, detail: &str| Trouble {
        host: Host::Internet,
        stopped,
        part: part.to_owned(),
        code: code.to_owned(),
        detail: detail.to_owned(),
    };
    vec![
        trouble(true, "lane pub.ctl", "halted", ""),
        trouble(false, "spool", "spool_full", "97 % / 12 %"),
    ]
}

fn operators() -> KeySet {
    let mut set = key_set();
    set.keys.extend(operator_part().keys);
    set.keys.extend([operator_entry([9; 32])]);
    set
}

fn operator_entry(seed: [u8; 32]) -> KeyEntry {
    let public = seed_key(seed).verify_key().0;
    KeyEntry { purpose: Purpose::Operator, public, valid_from: 0, valid_until: u64::MAX }
}

fn operator_part() -> keys::Part {
    let KeySet { tenant, environment, .. } = key_set();
    let keys = vec![operator_entry([8; 32])];
    keys::Part { tenant, environment, who: Who::Operator, keys }
}

fn host_part() -> keys::Part {
    let KeySet { tenant, environment, keys, .. } = key_set();
    let of_i = |key: &KeyEntry| Who::Host(Host::Internet).may_have(key.purpose);
    let keys = keys.into_iter().filter(of_i).collect();
    keys::Part { tenant, environment, who: Who::Host(Host::Internet), keys }
}

/// Two operators let `raw` begin anew after bundle 7.
fn reset() -> ResetDocument {
    let KeySet { tenant, environment, .. } = key_set();
    let mut document = Reset {
        tenant,
        environment,
        lane: Lane::Raw,
        old_epoch: 1,
        old_seq: 7,
        old_hash: Digest::of(b"header"),
        at: at(12),
    }
    .proposed();
    for seed in [[8; 32], [9; 32]] {
        document.sign(&seed_key(seed), &operators()).expect("an operator");
    }
    document
}

/// Shares of thirty-two sevens. Their points lie on `7 + 32 · number` (GF(256)).
fn shares() -> Vec<Share> {
    let secret = [7; 32];
    let one = |number: u8| Share {
        kind: Secret::Seed,
        id: Share::id_of(&secret),
        number,
        points: vec![7 ^ (32 * number); 32].into(),
    };
    vec![one(1), one(2), one(3)]
}

/// What I hands to an auditor about the one bundle of these examples.
fn evidence() -> Vec<u8> {
    let (file, keys) = (bundle(), key_set());
    let bundle = verify(&file, &Expect { lane: Lane::Raw, keys: &keys }).expect("just built");
    let time = || text("2026-11-20T01:00:00Z");
    let opening = Record::Opening(Opening {
        format: text(FORMAT),
        zone: text("internet"),
        tenant: keys.tenant.to_string(),
        environment: keys.environment.to_string(),
        made_at: time(),
    });
    let sent = Record::Bundle(BundleRecord {
        lane: text("raw"),
        end: text("sender"),
        envelope: hex(&file[..PREFIX_BYTES]),
        entries: hex(&index_bytes(bundle.items.iter().map(|item| &item.entry))),
        state: text("ingested"),
        times: vec![(text("ready"), time()), (text("ingested"), time())],
        set_aside: Vec::new(),
    });
    let receipt = Receipt {
        stored_seq: 7,
        ingested_seq: 7,
        backup_seq: 0,
        head_hash: bundle.verified.hash,
        missing: Vec::new(),
        quarantined: Vec::new(),
        ..receipt(Lane::Raw)
    };
    let receipt = hex(&encode(&receipt));
    let heard = Record::Receipt(ReceiptRecord { receipt, received_at: time() });
    let mut lines = String::new();
    for record in [opening, sent, heard] {
        lines += &(serde_json::to_string(&record).expect("JSON") + "\n");
    }
    let closing = Closing { bundles: 1, sha256: Digest::of(lines.as_bytes()).to_string() };
    lines += &(serde_json::to_string(&Record::Closing(closing)).expect("JSON") + "\n");
    lines.into_bytes()
}

/// Items of `raw` that an auditor finds, when every line holds.
fn checks(file: &[u8]) -> Option<u64> {
    let (lines, keys) = (std::str::from_utf8(file).ok()?, key_set());
    let mut checker = Checker::new(&keys, None);
    // A line ends with one line feed, the last one too.
    let lines = lines.strip_suffix('\n')?.split('\n');
    lines.into_iter().try_for_each(|line| checker.line(line)).ok()?;
    let findings = checker.finish().ok()?;
    findings.chains.values().next().map(Chain::items)
}

fn fetched() -> Fetched {
    Fetched { epoch: 1, seq: 7 }
}

fn requests() -> Vec<(&'static str, Request)> {
    let (lane, at) = (Lane::Raw, fetched());
    vec![
        ("ask-head", Request::Head { lane, known: at, wait_ms: 2_000 }),
        ("ask-get", Request::Get { lane, at, offset: 4 << 20 }),
        ("ask-put", Request::Put { lane: Lane::PubCtl, at, bundle: b"MADOBNDL".to_vec() }),
    ]
}

fn carrier_answers() -> Vec<(&'static str, Answer)> {
    vec![
        ("head", Answer::Head(head())),
        ("have", Answer::Have(fetched())),
        ("piece", Answer::Piece { size: (4 << 20) + 3, bytes: b"end".to_vec() }),
        ("absent", Answer::Absent),
        ("refused", Answer::Refused),
    ]
}

/// A value as it stands on the connection.
fn frame(value: &impl Wire) -> Vec<u8> {
    let bytes = encode(value);
    let length = u32::try_from(bytes.len()).expect("short");
    [length.to_be_bytes().as_slice(), &bytes].concat()
}

fn unframed<T: Wire>(bytes: &[u8]) -> Option<T> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let whole = u32::from_be_bytes(*length) as usize == rest.len();
    whole.then(|| decode(rest).ok()).flatten()
}
