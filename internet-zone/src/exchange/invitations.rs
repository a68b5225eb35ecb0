//! Invitations that staff handed out, and took back (NF-45).

use bridge_contract::messages::{InvitationsGiven, InvitationsRevoked};
use bridge_lanes::Refusal;
use internet_zone_store::invitations::{self, NewInvitation};
use platform_store::{Tx, time};

use super::{FromStaff, poison};

impl FromStaff {
    pub(super) fn invitations(
        &self,
        tx: &mut Tx<'_>,
        given: &InvitationsGiven,
    ) -> Result<(), Refusal> {
        if given.uses == 0 {
            return Err(poison("invitations that are good for nothing"));
        }
        let procedure = given.procedure_id.as_str();
        let new = given.invitations.iter().map(|one| NewInvitation {
            id: one.id.clone(),
            procedure_id: procedure.to_owned(),
            key: invitations::key(&self.vault, one.digest),
            uses: i64::from(given.uses),
            until: time::to_micros(given.until),
        });
        let new: Vec<NewInvitation> = new.collect();
        invitations::given(tx, &self.by(), procedure, &new)?;
        Ok(())
    }

    pub(super) fn no_invitations(
        &self,
        tx: &mut Tx<'_>,
        ended: &InvitationsRevoked,
    ) -> Result<(), Refusal> {
        Ok(invitations::revoked(tx, &self.by(), &ended.ids)?)
    }
}
