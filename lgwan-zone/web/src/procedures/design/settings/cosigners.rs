//! Who signs together with the applicant (連署).

use domain::forms::definition::{Bound, Cosigner, Procedure, Words};
use domain::text::narrow;
use platform_web::FormData;

use crate::frame::Fault;
use crate::procedures::design::notes;
use crate::site::TEXTS;

/// A kind of co-signer as the page draws it.
pub(in crate::procedures::design) struct Line {
    pub(in crate::procedures::design) number: usize,
    /// Id of the input that says who it is.
    pub(in crate::procedures::design) field: String,
    pub(in crate::procedures::design) who: String,
    pub(in crate::procedures::design) agrees: String,
    pub(in crate::procedures::design) count: String,
    pub(in crate::procedures::design) when: String,
}

pub(super) fn lines(procedure: &Procedure) -> Vec<Line> {
    let all = procedure.access.cosigners.iter().enumerate();
    let line = |(number, one): (usize, &Cosigner)| Line {
        number,
        field: format!("cosigner_who_{number}"),
        who: one.who.ja().to_owned(),
        agrees: one.agrees.ja().to_owned(),
        count: match &one.count {
            None => String::new(),
            Some(Bound::Whole(count)) => count.to_string(),
            Some(Bound::Expr(text)) => text.clone(),
        },
        when: one.when.as_deref().map_or_else(
            || TEXTS.text("design.cosigners.always").to_owned(),
            |when| notes::condition(procedure, when),
        ),
    };
    all.map(line).collect()
}

/// The co-signers after the pressed button.
pub(super) fn read(of: &Procedure, form: &FormData) -> (Vec<Cosigner>, Vec<Fault>) {
    let mut faults = Vec::new();
    let typed = |name: &str, n: usize| form.text(&format!("cosigner_{name}_{n}")).trim().to_owned();
    let all = of.access.cosigners.iter().enumerate().map(|(n, old)| {
        // Somebody else may have added one since the page was drawn.
        if !form.has(&format!("cosigner_who_{n}")) {
            return old.clone();
        }
        let (who, agrees, count) = (typed("who", n), typed("agrees", n), typed("count", n));
        if who.is_empty() {
            faults.push(Fault::of(&format!("cosigner_who_{n}"), "design.fault.cosigner"));
        }
        Cosigner {
            who: old.who.in_japanese(&who),
            agrees: words(&old.agrees, &agrees),
            count: match narrow(&count).parse::<i64>() {
                _ if count.is_empty() => None,
                Ok(whole) => Some(Bound::Whole(whole)),
                Err(_) => Some(Bound::Expr(count)),
            },
            ..old.clone()
        }
    });
    let mut all: Vec<Cosigner> = all.collect();
    match form.text("do").strip_prefix("cosigner:") {
        Some("add") => {
            let who = form.text("new_cosigner").trim();
            if who.is_empty() {
                faults.push(Fault::of("new_cosigner", "design.fault.cosigner"));
            } else {
                all.push(Cosigner {
                    id: free(&all),
                    who: Words::from(who),
                    agrees: Words::default(),
                    when: None,
                    count: None,
                });
            }
        }
        Some(rest) => {
            let place = rest.strip_prefix("remove:").and_then(|n| n.parse::<usize>().ok());
            if let Some(place) = place.filter(|place| *place < all.len()) {
                all.remove(place);
            }
        }
        None => {}
    }
    (all, faults)
}

fn words(old: &Words, ja: &str) -> Words {
    if ja.is_empty() { Words::default() } else { old.in_japanese(ja) }
}

/// An id none of them has.
fn free(all: &[Cosigner]) -> String {
    let is_free = |id: &String| all.iter().all(|one| one.id != *id);
    (1..).map(|n| format!("s{n}")).find(is_free).unwrap_or_default()
}
