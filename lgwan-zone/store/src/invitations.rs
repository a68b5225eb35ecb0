//! Invitations to procedures that their address alone does not open (招待, NF-45), as staff handed them
//! out: by e-mail address, or as codes to print. They cross as digests; the codes and addresses stay here
//! until a while after their end.

use bridge_contract::messages::{InvitationUsed, invited_address, invited_code};
use diesel::prelude::*;
use domain::applications::GuestSecret;
use domain::ids::ProcedureId;
use platform_store::{Db, Tx, each_backend, insert_many, time};

use crate::post::{self, Invited, Sealed};
use crate::record::By;
use crate::schema::{application_invitations, applications, invitation_lots, invitations};

/// Most invitations of one lot.
pub const MOST: usize = 500;

/// How the invited show that they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// By a code on a slip.
    Code,
    /// By proving their e-mail address.
    Address,
}

impl Kind {
    /// The stored word.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Address => "address",
        }
    }

    /// Reads a stored word.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        [Self::Code, Self::Address].into_iter().find(|kind| kind.key() == key)
    }
}

/// Invitations handed out together.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = invitation_lots)]
pub struct Lot {
    /// Identifier.
    pub id: String,
    /// What they open.
    pub procedure_id: String,
    /// What staff call them.
    pub label: String,
    /// [`Kind`].
    pub kind: String,
    /// Applications each of them is good for.
    pub uses: i32,
    /// Microseconds; worth nothing from then on.
    pub until_at: i64,
    /// Microseconds.
    pub made_at: i64,
    /// Staff id.
    pub made_by: String,
}

/// One invitation.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = invitations, treat_none_as_default_value = false)]
pub struct Invitation {
    /// Identifier; it opens nothing.
    pub id: String,
    /// Its lot.
    pub lot_id: String,
    /// From 1.
    pub place: i32,
    /// The code, or the address.
    pub named: String,
    /// Applications sent by it.
    pub used: i32,
    /// Microseconds.
    pub revoked_at: Option<i64>,
}

/// A lot as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The lot.
    pub lot: Lot,
    /// How many there are.
    pub all: i64,
    /// Of them revoked.
    pub revoked: i64,
    /// Applications sent by them.
    pub used: i64,
}

/// What the citizens' zone is told of an invitation; `None` when it is neither a code nor an address.
#[must_use]
pub fn crossing(procedure: &ProcedureId, kind: Kind, one: &Invitation) -> Option<Invited> {
    let digest = match kind {
        Kind::Code => invited_code(procedure, &one.named.parse::<GuestSecret>().ok()?),
        Kind::Address => invited_address(procedure, &one.named),
    };
    Some(Invited { id: one.id.clone(), digest })
}

/// Hands out a lot: rows, message and audit record stand or fall together. `false`, and nothing
/// happens, when it was handed out before.
///
/// # Errors
/// When the database cannot be written.
pub fn hand_out(
    tx: &mut Tx<'_>,
    by: &By,
    (lot, each): (&Lot, &[Invitation]),
    message: &Sealed,
) -> QueryResult<bool> {
    let made = each_backend!(tx.db, conn => diesel::insert_into(invitation_lots::table)
        .values(lot).on_conflict_do_nothing().execute(conn))?;
    if made == 0 {
        return Ok(false);
    }
    insert_many!(tx.db, invitations::table, each)?;
    post::put(tx, message, by.at)?;
    let detail = format!("lot {} count {} uses {}", lot.id, each.len(), lot.uses);
    by.record(tx, "procedures.invitations_given", "procedure", &lot.procedure_id, &detail);
    Ok(true)
}

/// Lots of a procedure, newest first.
///
/// # Errors
/// When the database cannot be read.
pub fn lots(db: &mut Db, procedure: &str, limit: i64) -> QueryResult<Vec<Counted>> {
    let found: Vec<Lot> = invitation_lots::table
        .filter(invitation_lots::procedure_id.eq(procedure))
        .order((invitation_lots::made_at.desc(), invitation_lots::id.desc()))
        .limit(limit)
        .select(Lot::as_select())
        .load(db)?;
    let ids: Vec<&str> = found.iter().map(|lot| lot.id.as_str()).collect();
    let each: Vec<(String, i32, Option<i64>)> = invitations::table
        .filter(invitations::lot_id.eq_any(&ids))
        .select((invitations::lot_id, invitations::used, invitations::revoked_at))
        .load(db)?;
    let counted = |lot: Lot| {
        let (mut all, mut revoked, mut used) = (0, 0, 0);
        for (_, times, ended) in each.iter().filter(|(of, ..)| *of == lot.id) {
            all += 1;
            used += i64::from(*times);
            revoked += i64::from(ended.is_some());
        }
        Counted { lot, all, revoked, used }
    };
    Ok(found.into_iter().map(counted).collect())
}

/// One lot with its invitations.
///
/// # Errors
/// When the database cannot be read.
pub fn find(db: &mut Db, lot: &str) -> QueryResult<Option<(Lot, Vec<Invitation>)>> {
    let found = invitation_lots::table.find(lot).select(Lot::as_select()).first(db).optional()?;
    let Some(found) = found else { return Ok(None) };
    let each = invitations::table
        .filter(invitations::lot_id.eq(lot))
        .order((invitations::place, invitations::id))
        .select(Invitation::as_select())
        .load(db)?;
    Ok(Some((found, each)))
}

/// Applications sent by the invitations of a lot, as far as they arrived: invitation, application, number.
///
/// # Errors
/// When the database cannot be read.
pub fn applications_of(db: &mut Db, lot: &str) -> QueryResult<Vec<(String, String, String)>> {
    let of = invitations::table.filter(invitations::lot_id.eq(lot)).select(invitations::id);
    application_invitations::table
        .inner_join(
            applications::table.on(applications::id.eq(application_invitations::application_id)),
        )
        .filter(application_invitations::invitation_id.eq_any(of))
        .order(applications::number)
        .select((application_invitations::invitation_id, applications::id, applications::number))
        .load(db)
}

/// Revokes invitations of a lot that stand; how many. What was sent by them stays sent.
///
/// # Errors
/// When the database cannot be written.
pub fn revoke(
    tx: &mut Tx<'_>,
    by: &By,
    (procedure, lot): (&str, &str),
    ids: &[String],
    message: &Sealed,
) -> QueryResult<usize> {
    let standing = invitations::table
        .filter(invitations::lot_id.eq(lot))
        .filter(invitations::id.eq_any(ids))
        .filter(invitations::revoked_at.is_null());
    let ended = diesel::update(standing)
        .set(invitations::revoked_at.eq(Some(time::to_micros(by.at))))
        .execute(tx.db)?;
    if ended > 0 {
        post::put(tx, message, by.at)?;
        let detail = format!("lot {lot} count {ended}");
        by.record(tx, "procedures.invitations_revoked", "procedure", procedure, &detail);
    }
    Ok(ended)
}

/// Notes who took the codes or addresses of a lot out, on paper or as a file.
pub fn taken_out(tx: &mut Tx<'_>, by: &By, procedure: &str, lot: &str) {
    by.record(
        tx,
        "procedures.invitations_taken_out",
        "procedure",
        procedure,
        &format!("lot {lot}"),
    );
}

/// Counts a use that the citizens' zone tells of. The application may not be here yet.
///
/// # Errors
/// When the database cannot be written.
pub fn used(tx: &mut Tx<'_>, told: &InvitationUsed) -> QueryResult<()> {
    diesel::update(invitations::table.find(&told.invitation_id))
        .set(invitations::used.eq(invitations::used + 1))
        .execute(tx.db)?;
    if let Some(application) = &told.application_id {
        let row = (
            application_invitations::application_id.eq(application.as_str()),
            application_invitations::invitation_id.eq(&told.invitation_id),
        );
        each_backend!(tx.db, conn => diesel::insert_into(application_invitations::table)
            .values(row).on_conflict_do_nothing().execute(conn))?;
    }
    Ok(())
}

/// What staff called the invitation an application was sent by: the lot, and the address that was
/// invited. The code opens the procedure and is not shown beside an application.
///
/// # Errors
/// When the database cannot be read.
pub fn of_application(db: &mut Db, application: &str) -> QueryResult<Option<(String, String)>> {
    let found: Option<(String, String, String)> = application_invitations::table
        .inner_join(
            invitations::table.on(invitations::id.eq(application_invitations::invitation_id)),
        )
        .inner_join(invitation_lots::table.on(invitation_lots::id.eq(invitations::lot_id)))
        .filter(application_invitations::application_id.eq(application))
        .select((invitation_lots::label, invitation_lots::kind, invitations::named))
        .first(db)
        .optional()?;
    Ok(found.map(|(label, kind, named)| {
        let address = if Kind::parse(&kind) == Some(Kind::Address) { named } else { String::new() };
        (label, address)
    }))
}

/// Deletes lots that ended before `before`; returns how many.
///
/// # Errors
/// When the database cannot be written.
pub fn sweep(tx: &mut Tx<'_>, before: i64) -> QueryResult<usize> {
    let over = invitation_lots::table.filter(invitation_lots::until_at.lt(before));
    diesel::delete(over).execute(tx.db)
}
