//! Where sealed values live. A value sealed for one place opens in no other.

use internet_zone_store::vault::Place;

/// What an application was told to pay.
#[must_use]
pub const fn charges(application: &str) -> Place<'_> {
    Place { table: "charges", column: "amounts", row: application }
}

/// The address of an account.
#[must_use]
pub const fn account_email(account: &str) -> Place<'_> {
    Place { table: "accounts", column: "email", row: account }
}

/// The address to which a mandate was offered.
#[must_use]
pub const fn mandate_address(mandate: &str) -> Place<'_> {
    Place { table: "mandates", column: "delegate", row: mandate }
}

/// What the applicant calls somebody who is asked to agree.
#[must_use]
pub const fn cosign_name(cosign: &str) -> Place<'_> {
    Place { table: "cosigns", column: "name", row: cosign }
}

/// The address to which that request went.
#[must_use]
pub const fn cosign_address(cosign: &str) -> Place<'_> {
    Place { table: "cosigns", column: "email", row: cosign }
}

/// Why somebody did not agree.
#[must_use]
pub const fn cosign_reason(cosign: &str) -> Place<'_> {
    Place { table: "cosigns", column: "reason", row: cosign }
}

/// The proven address of a guest.
#[must_use]
pub const fn guest_email(guest: &str) -> Place<'_> {
    Place { table: "guests", column: "email", row: guest }
}

/// The secret of a guest's application.
#[must_use]
pub const fn secret(application: &str) -> Place<'_> {
    Place { table: "applications", column: "secret", row: application }
}

/// The address of a guest, kept with the application for mails.
#[must_use]
pub const fn contact(application: &str) -> Place<'_> {
    Place { table: "applications", column: "contact", row: application }
}

/// The name of a file that could not be taken over.
#[must_use]
pub const fn held_name(row: &str) -> Place<'_> {
    Place { table: "held_files", column: "name", row }
}

/// The name of an issued document.
#[must_use]
pub const fn document_name(document: &str) -> Place<'_> {
    Place { table: "documents", column: "name", row: document }
}

/// The words of a message.
#[must_use]
pub const fn message(message: &str) -> Place<'_> {
    Place { table: "messages", column: "words", row: message }
}

/// The name of a file that was sent with a message.
#[must_use]
pub const fn message_file(file: &str) -> Place<'_> {
    Place { table: "message_files", column: "name", row: file }
}

/// The bytes of an issued document.
#[must_use]
pub const fn document(document: &str) -> Place<'_> {
    Place { table: "documents", column: "bytes", row: document }
}
