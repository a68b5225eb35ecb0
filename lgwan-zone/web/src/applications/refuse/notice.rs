//! The notice of a refusal, with reasons and 教示.

use domain::identity::Action;
use domain::ids::DocumentId;
use lgwan_zone_store::templates::Template;
use platform_web::{FormData, OrFault as _, Trouble};

use super::super::desk::Desk;
use super::super::result::{self, Issued};
use super::no::No;
use super::{Known, offered};
use crate::frame::Fault;
use crate::guard::Who;
use crate::paper::Unprintable;
use crate::press::{self, Draft, Press, Remedies};
use crate::site::{Site, TEXTS};
use crate::words;

/// The notice that goes with a refusal, printed, and signed when it becomes this document; `None` when
/// none was chosen.
pub(super) async fn noticed<'a>(
    site: &Site,
    who: &Who,
    (desk, no): (&Desk, No),
    (known, sent, reason): (&Known, &'a FormData, &str),
    document: Option<&DocumentId>,
    faults: &mut Vec<Fault>,
) -> Result<Option<Issued<'a>>, Trouble> {
    let wanted = sent.text("notice");
    if wanted.is_empty() {
        if desk.form.procedure().workflow.wants_notice(no.event()) {
            faults.push(Fault::of("notice", "applications.refusal.required"));
        }
        return Ok(None);
    }
    who.may_with(Action::IssueDocument, &desk.row)?;
    let number = sent.text("document_number").trim();
    if number.chars().count() > result::LONGEST_LINE {
        faults.push(Fault::of("document_number", "applications.fault.too_long"));
    }
    let template = known.notices.iter().find(|one| one.id == wanted);
    let (Some(template), Some(remedies)) = (template, &site.settings.remedies) else {
        faults.push(Fault::of("notice", "applications.refusal.gone"));
        return Ok(None);
    };
    match printed(site, desk, (template, remedies), (reason, number), document).await? {
        Ok(issued) => Ok(Some(issued)),
        Err(fault) => {
            faults.push(fault);
            Ok(None)
        }
    }
}

/// The notice that goes with a refusal by itself, signed: the first text there is; `None` where there is none. What
/// stands in its way otherwise.
pub(crate) async fn by_itself(
    site: &Site,
    desk: &Desk,
    reason: &str,
) -> Result<Result<Option<Issued<'static>>, Fault>, Trouble> {
    let template = offered(site, desk).await?.into_iter().next();
    let (Some(template), Some(remedies)) = (template, &site.settings.remedies) else {
        return Ok(Ok(None));
    };
    let document = DocumentId::parse(&site.new_id()).or_fault()?;
    let of = (&template, remedies);
    Ok(printed(site, desk, of, (reason, ""), Some(&document)).await?.map(Some))
}

/// A notice with its reason and the 教示, printed, and signed when it becomes this document; otherwise what
/// stands in its way.
async fn printed<'a>(
    site: &Site,
    desk: &Desk,
    (template, remedies): (&Template, &Remedies),
    (reason, number): (&str, &'a str),
    document: Option<&DocumentId>,
) -> Result<Result<Issued<'a>, Fault>, Trouble> {
    let remedy = remedies.of(&result::department(site, desk).await?);
    let (answers, now) = (desk.answers(site).await?, site.clock.now());
    let of = (&*desk.form, &answers, &desk.row);
    let sender = (site.settings.sender.as_str(), now);
    let draft = match press::refused(&template.words(), of, sender, (reason, remedy)) {
        Ok(draft) => Draft { number: number.to_owned(), ..draft },
        Err(bad) => {
            return Ok(Err(Fault::said("notice", result::told(&template.name, &bad))));
        }
    };
    let (name, title) = (draft.file_name(), draft.title.clone());
    let check = result::check(site, desk, document).await?;
    let press = Press::of(site);
    let printed = tokio::task::spawn_blocking(move || press.print(&draft, words::day(now), check));
    let printed = match printed.await.or_fault()? {
        Ok(printed) => printed,
        Err(Unprintable::Missing(chars)) => {
            let words = TEXTS.fill("applications.fault.glyph", &[("chars", &chars)]);
            return Ok(Err(Fault::said("reason", words)));
        }
        Err(Unprintable::Broken) => {
            return Err(platform_web::Fault::because("a notice could not be printed").into());
        }
    };
    let Some(document) = document else {
        let (id, bytes) = (String::new(), printed.into_bytes());
        return Ok(Ok(Issued { id, title, number, name, bytes, signed_by: None }));
    };
    let mut unsigned = Vec::new();
    let signed = result::signed(site, desk, printed, &mut unsigned).await?;
    let Some((bytes, signed_by)) = signed else {
        let words = unsigned.pop().map(|fault| fault.words).unwrap_or_default();
        return Ok(Err(Fault::said("notice", words)));
    };
    Ok(Ok(Issued { id: document.to_string(), title, number, name, bytes, signed_by }))
}
