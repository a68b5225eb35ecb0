//! Invitations to procedures that their address alone does not open (NF-45). What opens them crosses
//! as a digest: neither the code on a printed slip nor the address of whoever was invited.

use domain::applications::GuestSecret;
use domain::ids::{ApplicationId, ProcedureId};
use jiff::Timestamp;

use crate::digest::Digest;
use crate::wire::record;

record! {
    /// Invitations that staff hand out together.
    pub struct InvitationsGiven {
        /// What they open.
        pub procedure_id: ProcedureId,
        /// Applications each of them is good for, at least 1.
        pub uses: u32,
        /// The first moment at which they are worth nothing.
        pub until: Timestamp,
        /// Each of them.
        pub invitations: Vec<Invitation>,
    }
}

record! {
    /// One of them.
    pub struct Invitation {
        /// Identifier; it opens nothing.
        pub id: String,
        /// Of a code ([`invited_code`]) or of an address ([`invited_address`]).
        pub digest: Digest,
    }
}

record! {
    /// Invitations that are worth nothing any more.
    pub struct InvitationsRevoked {
        /// Their identifiers.
        pub ids: Vec<String>,
    }
}

record! {
    /// An application is being sent by an invitation. It goes out in the transaction of the
    /// application itself, or of its place on a waiting list.
    pub struct InvitationUsed {
        /// The invitation.
        pub invitation_id: String,
        /// The application; none where the procedure asks for nobody.
        pub application_id: Option<ApplicationId>,
    }
}

/// Digest of the code that opens a procedure: 80 random bits, so nobody finds it by trying.
#[must_use]
pub fn invited_code(procedure: &ProcedureId, code: &GuestSecret) -> Digest {
    of(b"madoguchi invitation code 1", procedure, code.bytes())
}

/// Digest of the e-mail address that was invited; case makes no difference. Whoever has a list of
/// addresses can try them, so it is kept under a key where it arrives.
#[must_use]
pub fn invited_address(procedure: &ProcedureId, address: &str) -> Digest {
    let address = address.to_ascii_lowercase();
    of(b"madoguchi invitation address 1", procedure, address.as_bytes())
}

fn of(tag: &[u8], procedure: &ProcedureId, value: &[u8]) -> Digest {
    // The identifier has a fixed length, so the two cannot run into each other.
    Digest::tagged(tag, &[procedure.as_str().as_bytes(), value].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-45: a code opens one procedure, an address is known however it is typed, and neither is taken
    /// for the other.
    #[test]
    fn what_opens_one_procedure_opens_no_other() {
        let (one, other) = (ProcedureId::from_bits(1), ProcedureId::from_bits(2));
        let code = GuestSecret::from_random([7; 10]);
        assert_ne!(invited_code(&one, &code), invited_code(&other, &code));
        assert_eq!(
            invited_address(&one, "Hanako@example.jp"),
            invited_address(&one, "hanako@EXAMPLE.jp")
        );
        assert_ne!(invited_address(&one, "a@x.jp"), invited_address(&other, "a@x.jp"));
        let text = String::from_utf8(code.bytes().to_vec()).expect("seven is a character");
        assert_ne!(invited_address(&one, &text), invited_code(&one, &code));
    }
}
