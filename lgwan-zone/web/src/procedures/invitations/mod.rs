//! Invitations to a procedure (招待, NF-45): handed out by address or as codes, counted, revoked.

pub mod list;
pub mod lot;

use domain::forms::definition::{Listing, Procedure};
use domain::identity::Action;
use platform_web::{Reply, Trouble};

use super::show;
use crate::guard::Who;
use crate::site::Site;

/// A procedure this person may invite to.
async fn load(site: &Site, who: &Who, id: &str) -> Result<Procedure, Trouble> {
    let (row, procedure) = show::load(site, who, id, Action::EditDefinition).await?;
    if procedure.listing != Listing::Invite {
        let back = format!("/procedures/{}", row.id);
        return Err(Reply::conflict("procedures.not_by_invitation").link(back).into());
    }
    Ok(procedure)
}

fn path(procedure: &str, lot: &str) -> String {
    format!("/procedures/{procedure}/invitations/{lot}")
}
