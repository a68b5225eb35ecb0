//! The notice of a refusal, with reasons and 教示.

use domain::identity::Action;
use domain::ids::DocumentId;
use platform_web::{FormData, OrFault as _, Trouble};

use super::super::desk::Desk;
use super::super::result::{self, Issued};
use super::Known;
use crate::frame::Fault;
use crate::guard::Who;
use crate::paper::Unprintable;
use crate::press::{self, Draft, Press};
use crate::site::{Site, TEXTS};
use crate::words;

/// The notice that goes with a refusal, printed, and signed when it becomes this document; `None` when
/// none was chosen.
pub(super) async fn noticed<'a>(
    site: &Site,
    who: &Who,
    desk: &Desk,
    (known, sent, reason): (&Known, &'a FormData, &str),
    document: Option<&DocumentId>,
    faults: &mut Vec<Fault>,
) -> Result<Option<Issued<'a>>, Trouble> {
    let wanted = sent.text("notice");
    if wanted.is_empty() {
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
    let remedy = remedies.of(&result::department(site, desk).await?);
    let (answers, now) = (desk.answers(site).await?, site.clock.now());
    let of = (&*desk.form, &answers, &desk.row);
    let sender = (site.settings.sender.as_str(), now);
    let draft = match press::refused(&template.words(), of, sender, (reason, remedy)) {
        Ok(draft) => Draft { number: number.to_owned(), ..draft },
        Err(bad) => {
            faults.push(Fault::said("notice", result::told(&template.name, &bad)));
            return Ok(None);
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
            faults.push(Fault::said("reason", words));
            return Ok(None);
        }
        Err(Unprintable::Broken) => {
            return Err(platform_web::Fault::because("a notice could not be printed").into());
        }
    };
    let Some(document) = document else {
        let (id, bytes) = (String::new(), printed.into_bytes());
        return Ok(Some(Issued { id, title, number, name, bytes, signed_by: None }));
    };
    let mut unsigned = Vec::new();
    let signed = result::signed(site, desk, printed, &mut unsigned).await?;
    faults.extend(unsigned.into_iter().map(|fault| Fault::said("notice", fault.words)));
    Ok(signed.map(|(bytes, signed_by)| Issued {
        id: document.to_string(),
        title,
        number,
        name,
        bytes,
        signed_by,
    }))
}
