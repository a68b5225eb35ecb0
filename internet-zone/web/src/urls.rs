//! Every address of this zone, written once.

/// Start page.
pub(crate) const HOME: &str = "/";
/// Search and list of procedures.
pub(crate) const PROCEDURES: &str = "/procedures";
/// Signing in.
pub(crate) const LOGIN: &str = "/login";
/// Registration.
pub(crate) const REGISTER: &str = "/register";
/// A new password.
pub(crate) const RESET: &str = "/reset";
/// The own list of drafts and applications.
pub(crate) const MY_PAGE: &str = "/mypage";
/// Another address for the own account.
pub(crate) const NEW_EMAIL: &str = "/account/email";
/// The own account.
pub(crate) const ACCOUNT: &str = "/account";
/// Of what the own account is told by mail.
pub(crate) const NEWS: &str = "/account/news";
/// Stopping that, with a code behind it.
pub(crate) const STOP_NEWS: &str = "/news/stop";
/// Closing the own account.
pub(crate) const CLOSE_ACCOUNT: &str = "/account/close";
/// It is closed.
pub(crate) const CLOSED_ACCOUNT: &str = "/account/closed";
/// Who acts for the own account, and for whom it acts.
pub(crate) const DELEGATES: &str = "/delegates";
/// Asking somebody to act.
pub(crate) const ASK_DELEGATE: &str = "/delegates/ask";
/// Look-up with number and secret.
pub(crate) const LOOKUP: &str = "/lookup";

/// A link by mail for who lost the numbers.
pub(crate) const LOST: &str = "/lookup/lost";
/// What this session may open.
pub(crate) const FOUND: &str = "/lookup/found";

/// Checking a receipt or a document by its code.
pub(crate) const VERIFY: &str = "/verify";

/// Making a browser a counter terminal.
pub(crate) const TERMINAL: &str = "/terminal";
/// Whether somebody is still there.
pub(crate) const STILL: &str = "/terminal/still";
/// Nobody is there any more: the terminal wipes itself.
pub(crate) const OVER: &str = "/terminal/over";
/// The terminal has wiped itself.
pub(crate) const ENDED: &str = "/terminal/ended";

/// Beginning several applications with one press.
pub(crate) const TOGETHER: &str = "/together";

/// A procedure's page (NF-44).
pub(crate) fn procedure(slug: &str) -> String {
    format!("/procedures/{slug}")
}

/// The list a guide led to: which of its outcomes, counted from 0, in which revision.
pub(crate) fn guide_list(slug: &str, revision: i64, outcomes: &[usize]) -> String {
    let outcomes: Vec<String> = outcomes.iter().map(usize::to_string).collect();
    format!("{}/list?r={revision}&o={}", guide(slug), outcomes.join("."))
}

/// Where a guide asks its questions.
pub(crate) fn guide(slug: &str) -> String {
    format!("/procedures/{slug}/guide")
}

/// Where an application begins.
pub(crate) fn start(slug: &str) -> String {
    format!("/procedures/{slug}/start")
}

/// Where somebody shows an invitation to a procedure.
pub(crate) fn invited(slug: &str) -> String {
    format!("/procedures/{slug}/invited")
}

/// A form to download.
pub(crate) fn form_file(slug: &str, file: &str) -> String {
    format!("/procedures/{slug}/files/{file}")
}

/// A draft, wherever its owner stopped.
pub(crate) fn draft(id: &str) -> String {
    format!("/drafts/{id}")
}

/// The draft that an address is about; `None` for every other address.
pub(crate) fn draft_in(path: &str) -> Option<&str> {
    let id = path.strip_prefix("/drafts/")?.split(['/', '?', '#']).next()?;
    (!id.is_empty()).then_some(id)
}

/// One page of a draft.
pub(crate) fn draft_page(id: &str, page: &str) -> String {
    format!("/drafts/{id}/pages/{page}")
}

/// Who must agree to a draft before it is sent.
pub(crate) fn cosigners(id: &str) -> String {
    format!("/drafts/{id}/cosigners")
}

/// Where somebody agrees to what another one fills in.
pub(crate) fn cosign(id: &str) -> String {
    format!("/cosign/{id}")
}

/// Where the files of a draft come in pieces.
pub(crate) fn uploads(id: &str) -> String {
    format!("/drafts/{id}/uploads")
}

/// Where a guest whose session ended proves the address again.
pub(crate) fn comeback(id: &str) -> String {
    format!("/drafts/{id}/return")
}

/// Where a draft leaves a counter terminal for an own device.
pub(crate) fn hand_over(id: &str) -> String {
    format!("/drafts/{id}/handover")
}

/// Where the answers of an earlier application arrive for a draft.
pub(crate) fn copy(id: &str) -> String {
    format!("/drafts/{id}/copy")
}

/// The answers to check before sending.
pub(crate) fn check(id: &str) -> String {
    format!("/drafts/{id}/check")
}

/// The answers of a draft as a file.
pub(crate) fn answers(id: &str) -> String {
    format!("/drafts/{id}/answers")
}

/// An application.
pub(crate) fn application(id: &str) -> String {
    format!("/applications/{id}")
}

/// What was written about an application.
pub(crate) fn messages(id: &str) -> String {
    format!("/applications/{id}/messages")
}

/// An application that waits for seats.
pub(crate) fn waiting(id: &str) -> String {
    format!("/waiting/{id}")
}

/// The receipt of an application.
pub(crate) fn receipt(id: &str) -> String {
    format!("/applications/{id}/receipt")
}

/// The same with number and code filled in, for who scans the code.
pub(crate) fn verify(number: &str, code: &str) -> String {
    format!("{VERIFY}?number={}&code={}", encode(number), encode(code))
}

/// One mandate.
pub(crate) fn delegate(id: &str) -> String {
    format!("{DELEGATES}/{id}")
}

/// Signing in, then going on at `next`.
pub(crate) fn login_then(next: &str) -> String {
    format!("{LOGIN}?next={}", encode(next))
}

/// Percent-encodes one value of a query.
pub(crate) fn encode(value: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
