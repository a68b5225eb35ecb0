//! The rows as stored. Times are microseconds since the epoch, UTC.

use diesel::prelude::*;
use domain::forms::AttachedFile;
use domain::forms::definition::FileType;
use domain::identity::Owner;
use domain::ids::{BadId, StaffId};

/// One application.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::schema::applications)]
pub struct Application {
    /// Identifier, the same in both zones.
    pub id: String,
    /// Receipt number, such as `2026-000123-4`.
    pub number: String,
    /// What was applied for.
    pub procedure_id: String,
    /// Revision of the definition the citizen filled in.
    pub revision: i32,
    /// Department that handles it.
    pub department_id: String,
    /// State code of `domain::applications::State`.
    pub state: String,
    /// Moves by one with every step; a step names the version it saw.
    pub version: i32,
    /// `account`, `guest` or `anonymous`; `desk` or `staff` when it began in this zone.
    pub applicant_kind: String,
    /// Account id in the citizens' zone.
    pub applicant_account: Option<String>,
    /// Name as far as it is known; empty for anonymous ones.
    pub applicant_name: String,
    /// Address for notices, when there is one.
    pub applicant_email: Option<String>,
    /// Legal arrival (到達), decided in the citizens' zone.
    pub arrived_at: i64,
    /// When it came into this database.
    pub ingested_at: i64,
    /// Last change.
    pub updated_at: i64,
    /// Newest round of answers, 0 for the first.
    pub round: i32,
    /// Files of all rounds.
    pub attachments: i32,
    /// Files that could not be rebuilt.
    pub held: i32,
    /// Day until which the applicant should correct, ISO.
    pub due: Option<String>,
    /// When the last day of 標準処理期間 ends; none while nothing runs.
    pub deadline_at: Option<i64>,
    /// Open days that were left when it was sent back, while the applicant corrects.
    pub days_left: Option<i32>,
    /// How many stages approve a decision before it is told (決裁).
    pub approvals: i32,
    /// The member of staff who applied (庁内の申請).
    pub applied_by: Option<String>,
}

impl Application {
    /// Whose it is, as a desk sees it.
    ///
    /// # Errors
    /// [`BadId`] when the stored id is none.
    pub fn owner(&self) -> Result<Owner, BadId> {
        match &self.applied_by {
            None => Ok(Owner::Bearer),
            Some(id) => StaffId::parse(id).map(Owner::Colleague),
        }
    }

    /// Whether this member of staff applied for it: nobody decides their own (NB-2.1).
    #[must_use]
    pub fn is_of(&self, staff: &str) -> bool {
        self.applied_by.as_deref() == Some(staff)
    }
}

/// One round of answers.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::schema::application_answers)]
pub struct Answers {
    /// Whose.
    pub application_id: String,
    /// 0 for the first, then one a correction.
    pub round: i32,
    /// JSON: input name to values, complete for this round.
    pub answers: String,
    /// JSON: input name to source.
    pub provenance: String,
    /// JSON list of the input names that changed in this round.
    pub changed: String,
    /// Arrival of this round.
    pub received_at: i64,
    /// JSON list of the field ids whose answers do not hold here; staff look again.
    pub doubts: String,
}

/// Who filled in for the applicant (NF-16).
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::schema::application_delegates)]
pub struct Delegate {
    /// Account id in the citizens' zone.
    pub account_id: String,
    /// Name of the account; may be empty.
    pub name: String,
    /// Its address.
    pub email: String,
}

/// Who agreed before it was sent (連署).
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::schema::application_cosigners)]
pub struct Cosigner {
    /// Whose application it is.
    pub application_id: String,
    /// From 1, in the order in which the procedure asks.
    pub seq: i64,
    /// Which of the procedure's co-signers.
    pub kind: String,
    /// Account id in the citizens' zone.
    pub account_id: String,
    /// Name of the account; may be empty.
    pub name: String,
    /// Its address.
    pub email: String,
    /// What the applicant called them.
    pub named: String,
    /// Microseconds.
    pub agreed_at: i64,
    /// Lower-case hex digest of what they agreed to.
    pub content: String,
    /// Whether that is what arrived.
    pub fits: bool,
}

/// One file with the sanitizer's verdict.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::schema::application_attachments)]
pub struct Attachment {
    /// Identifier.
    pub id: String,
    /// Whose.
    pub application_id: String,
    /// Round it came with.
    pub round: i32,
    /// Field it was given in.
    pub field: String,
    /// Name the citizen gave.
    pub name: String,
    /// Media type the citizen's browser declared.
    pub media: String,
    /// Bytes of the original.
    pub size: i64,
    /// Lower-case hex SHA-256 of the original.
    pub sha256: String,
    /// `rebuilt` or `held`.
    pub outcome: String,
    /// Name of the rebuilt file.
    pub out_name: Option<String>,
    /// Media type of the rebuilt file.
    pub out_media: Option<String>,
    /// Bytes of the rebuilt file.
    pub out_size: Option<i64>,
    /// SHA-256 of the rebuilt file.
    pub out_sha256: Option<String>,
    /// Where the rebuilt file is kept.
    pub file_id: Option<String>,
    /// Why it was held.
    pub hold_reason: Option<String>,
    /// JSON list of what was removed.
    pub removed: String,
    /// Version of the sanitizing policy.
    pub policy: String,
    /// What a scanner calls the malware in it.
    pub malware: Option<String>,
    /// The message it came with; `None` for a file of the form.
    pub message_id: Option<String>,
}

impl Attachment {
    /// The file as the checks of a form know it.
    #[must_use]
    pub fn checked(&self) -> AttachedFile {
        AttachedFile {
            id: self.id.clone(),
            name: self.name.clone(),
            bytes: u64::try_from(self.size).unwrap_or(0),
            kind: FileType::of_media(&self.media),
            locked: false,
        }
    }
}

/// One line of the history.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::schema::application_events)]
pub struct Event {
    /// Whose.
    pub application_id: String,
    /// Place in the history, from 1.
    pub seq: i32,
    /// When.
    pub at: i64,
    /// Staff id, `applicant` or `system`.
    pub actor: String,
    /// Name to show; empty for `applicant` and `system`.
    pub actor_name: String,
    /// What happened, a catalogue key.
    pub act: String,
    /// State before.
    pub from_state: Option<String>,
    /// State after.
    pub to_state: String,
    /// Reason or note, as the actor wrote it.
    pub words: String,
    /// Version of the application with it; 0 before versions were noted.
    pub version: i32,
}

/// One internal note.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::schema::application_notes)]
pub struct Note {
    /// Identifier.
    pub id: String,
    /// Whose.
    pub application_id: String,
    /// When.
    pub at: i64,
    /// Who.
    pub staff_id: String,
    /// The note.
    pub words: String,
}

/// One request for correction (差戻し).
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::schema::corrections)]
pub struct Correction {
    /// Whose.
    pub application_id: String,
    /// From 1; the round of answers that comes back has the same number.
    pub round: i32,
    /// When it was asked for.
    pub asked_at: i64,
    /// By whom.
    pub asked_by: String,
    /// Reason the applicant reads.
    pub reason: String,
    /// Day, ISO.
    pub due: String,
    /// JSON list of the field ids that may be changed.
    pub fields: String,
    /// When the answer arrived.
    pub answered_at: Option<i64>,
}

/// One issued document (交付文書).
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::schema::issued_documents)]
pub struct Document {
    /// Identifier, the same in both zones.
    pub id: String,
    /// Whose.
    pub application_id: String,
    /// Title.
    pub title: String,
    /// 文書番号.
    pub number: String,
    /// Name the citizen downloads it by.
    pub file_name: String,
    /// Media type.
    pub media: String,
    /// Bytes.
    pub size: i64,
    /// Lower-case hex SHA-256.
    pub sha256: String,
    /// Where it is kept.
    pub file_id: String,
    /// When it was issued.
    pub issued_at: i64,
    /// By whom.
    pub issued_by: String,
    /// When the applicant opened it first.
    pub opened_at: Option<i64>,
    /// The message it went with; `None` for one that was issued.
    pub message_id: Option<String>,
    /// The post whose certificate signed it; `None` when we did not sign it.
    pub signed_by: Option<String>,
}
