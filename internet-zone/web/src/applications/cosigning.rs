//! Who must agree before an application is sent (連署): to what, how it stands, who is told.

use std::collections::BTreeSet;

use domain::applications::Cosign as State;
use domain::forms::definition::Words;
use domain::forms::{Answers, Context, CosignPlace};
use internet_zone_store::By;
use internet_zone_store::applications::accept::Cosigned;
use internet_zone_store::applications::cosigns::{Cosign, Signed, Voids};
use internet_zone_store::applications::drafts::{Draft, DraftFile};
use internet_zone_store::identity::accounts::{self, Account};
use internet_zone_store::identity::{Owner, represented};
use internet_zone_store::mail::NewLetter;
use internet_zone_store::post::{self, Person, Signature};
use internet_zone_store::vault::Vault;
use platform_web::Trouble;

use super::access::OpenDraft;
use super::acting::{self, called, person};
use super::content::{self, Content};
use crate::letters::{Letter, Template};
use crate::places;
use crate::procedures::words;
use crate::shelf::Entry;
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

/// Somebody who must agree.
pub(super) struct Asked<'a> {
    pub(super) place: CosignPlace<'a>,
    /// The request, when somebody was asked.
    pub(super) cosign: Option<&'a Cosign>,
    /// How it stands.
    pub(super) standing: Option<State>,
}

impl Asked<'_> {
    /// Who it is, told apart from others of the same kind.
    pub(super) fn who(&self) -> String {
        who(self.place)
    }
}

fn who(place: CosignPlace<'_>) -> String {
    let who = place.kind.who.ja();
    if place.of == 1 {
        return who.to_owned();
    }
    TEXTS.fill("applications.cosign.nth", &[("who", &who), ("place", &place.place)])
}

/// Who a request is about, in the words of the procedure; empty when it asks for nobody like that.
pub(super) fn who_is(site: &Site, open: &OpenDraft, cosign: &Cosign) -> Option<(String, String)> {
    let asked = asked(site, open).into_iter();
    let mut own = asked.filter(|one| one.cosign.is_some_and(|known| known.id == cosign.id));
    own.next().map(|one| (one.who(), one.place.kind.agrees.ja().to_owned()))
}

/// The digest of what these answers and files are when they are sent now.
pub(super) fn content_of(
    site: &Site,
    entry: &Entry,
    answers: &Answers,
    files: &[DraftFile],
) -> Vec<u8> {
    let attached = content::for_checks(&site.vault, files);
    let full = BTreeSet::new();
    let context = Context {
        full: &full,
        files: &attached,
        now: site.wall_clock(),
        ..Context::on(site.today())
    };
    let checked = entry.form.check_all(answers, &context);
    let sent = content::sent(files, &checked.answers).into_iter().map(|file| {
        let name = content::name_of(&site.vault, &file);
        (file.id, file.input, name, file.sha256)
    });
    post::content_digest(&entry.sha256, &entry.form.signed(&checked.answers), sent.collect())
}

/// The same for a draft as it is.
pub(super) fn content(site: &Site, open: &OpenDraft) -> Vec<u8> {
    content_of(site, &open.entry, &open.content.answers, &open.files)
}

/// Everybody who must agree to a draft, and how each stands. A correction asks nobody again.
pub(super) fn asked<'a>(site: &Site, open: &'a OpenDraft) -> Vec<Asked<'a>> {
    if open.draft.correction.is_some() || open.entry.procedure().access.cosigners.is_empty() {
        return Vec::new();
    }
    let (now, content) = (site.micros(), content(site, open));
    let places = open.entry.form.cosigners(&open.content.answers, site.today()).into_iter();
    let asked = places.map(|place| {
        let same = |one: &&Cosign| one.kind == place.kind.id && one.place == i64::from(place.place);
        let cosign = open.cosigns.iter().find(same);
        let standing = cosign.map(|cosign| cosign.standing(&content, now));
        Asked { place, cosign, standing }
    });
    asked.collect()
}

/// Whether everybody agreed to what would be sent.
pub(super) fn complete(asked: &[Asked<'_>]) -> bool {
    asked.iter().all(|one| one.standing == Some(State::Agreed))
}

/// Whether somebody agreed whose agreement ends when the answers change.
pub(super) fn is_signed(open: &OpenDraft) -> bool {
    open.cosigns.iter().any(is_agreed)
}

fn is_agreed(cosign: &Cosign) -> bool {
    cosign.state == State::Agreed.key()
}

/// Who must have agreed when it is sent, and to what; `None` where nobody must.
pub(super) fn cosigned(site: &Site, open: &OpenDraft) -> Option<Cosigned> {
    let asked = asked(site, open);
    if asked.is_empty() {
        return None;
    }
    let ids = asked.iter().filter_map(|one| Some(one.cosign?.id.clone())).collect();
    Some(Cosigned { ids, content: content(site, open) })
}

/// The agreements as the staff zone keeps them.
pub(super) fn signatures(vault: &Vault, signed: &[Signed]) -> Vec<Signature> {
    let signature = signed.iter().map(|one| Signature {
        kind: one.cosign.kind.clone(),
        person: signer(vault, one),
        named: name(vault, &one.cosign),
        at: one.cosign.answered_at.unwrap_or_default(),
        content: one.cosign.content.clone().unwrap_or_default(),
    });
    signature.collect()
}

/// What the applicant calls them.
pub(crate) fn name(vault: &Vault, cosign: &Cosign) -> String {
    vault.open_text(places::cosign_name(&cosign.id), &cosign.name_sealed).unwrap_or_default()
}

/// The address they were asked at.
pub(super) fn address(vault: &Vault, cosign: &Cosign) -> String {
    vault.open_text(places::cosign_address(&cosign.id), &cosign.email_sealed).unwrap_or_default()
}

/// The account that answered.
fn signer(vault: &Vault, signed: &Signed) -> Person {
    let id = signed.cosign.account_id.clone().unwrap_or_default();
    person(vault, id, signed.account.as_ref())
}

/// How an agreement is called, and its colour.
pub(super) fn state(standing: Option<State>) -> (&'static str, &'static str) {
    let (key, class) = match standing {
        None => ("applications.cosign.state_nobody", "tag-quiet"),
        Some(State::Asked) => ("applications.cosign.state_asked", "tag-active"),
        Some(State::Agreed) => ("applications.cosign.state_agreed", "tag-good"),
        Some(State::Declined) => ("applications.cosign.state_declined", "tag-bad"),
        Some(State::Void) => ("applications.cosign.state_void", "tag-warn"),
        Some(State::Expired) => ("applications.cosign.state_expired", "tag-warn"),
    };
    (TEXTS.text(key), class)
}

/// Somebody who agreed, for pages after sending.
pub(super) struct Signer {
    pub(super) who: String,
    pub(super) name: String,
    pub(super) at: String,
}

/// Everybody who agreed to what was sent.
pub(super) fn signers(vault: &Vault, entry: &Entry, signed: &[Signed]) -> Vec<Signer> {
    let kinds = &entry.procedure().access.cosigners;
    let who = |cosign: &Cosign| {
        let kind = kinds.iter().find(|kind| kind.id == cosign.kind);
        kind.map_or_else(String::new, |kind| kind.who.ja().to_owned())
    };
    // Whose account is closed is called what the applicant called them.
    let named = |one: &Signed| match &one.account {
        Some(_) => called(&signer(vault, one)),
        None => name(vault, &one.cosign),
    };
    let shown = signed.iter().filter(|one| is_agreed(&one.cosign)).map(|one| Signer {
        who: who(&one.cosign),
        name: named(one),
        at: one.cosign.answered_at.map(words::micros).unwrap_or_default(),
    });
    shown.collect()
}

/// The addresses of everybody who agreed.
#[must_use]
pub fn addresses(vault: &Vault, signed: &[Signed]) -> Vec<String> {
    let agreed = signed.iter().filter(|one| is_agreed(&one.cosign));
    agreed.map(|one| signer(vault, one).email).filter(|email| !email.is_empty()).collect()
}

/// What a save with these answers and files does to agreements; `None` when there are none.
pub(super) fn voids(
    site: &Site,
    (entry, cosigns, by): (&Entry, &[Cosign], &By),
    content: &Content,
    files: &[DraftFile],
) -> Option<Voids> {
    let agreed: Vec<&Cosign> = cosigns.iter().filter(|one| is_agreed(one)).collect();
    if agreed.is_empty() {
        return None;
    }
    let letter = |cosign: &Cosign| {
        let letter = Letter::new(address(&site.vault, cosign), Template::CosignVoid)
            .about(&entry.title)
            .with("link", link(site, &urls::cosign(&cosign.id)));
        (cosign.id.clone(), letter.seal(&site.vault, site.new_id()))
    };
    Some(Voids {
        by: by.clone(),
        content: content_of(site, entry, &content.answers, files),
        letters: agreed.into_iter().map(letter).collect(),
    })
}

/// The letters to those who were asked to agree to a draft that is thrown away, or agreed.
#[must_use]
pub fn thrown_away(site: &Site, title: &Words, cosigns: &[Cosign]) -> Vec<NewLetter> {
    let waits = [State::Asked, State::Agreed, State::Void].map(State::key);
    let told = cosigns.iter().filter(|one| waits.contains(&one.state.as_str()));
    let letter = |cosign: &Cosign| {
        Letter::new(address(&site.vault, cosign), Template::CosignTakenBack)
            .about(title)
            .seal(&site.vault, site.new_id())
    };
    told.map(letter).collect()
}

/// What agreements that went stale without a save do: nobody saved, but the procedure was published
/// anew, or answers were laid in. `None` when all are to what would be sent now; else whom to tell.
#[must_use]
pub fn stale(
    site: &Site,
    draft: &Draft,
    (files, cosigns): (&[DraftFile], &[Cosign]),
    applicants: &[Account],
) -> Option<(Voids, Vec<NewLetter>)> {
    let shown = site.shelf.shown();
    let entry = shown.by_id(&draft.procedure_id)?;
    let by = By::system("sweep", site.micros());
    let content = Content::open_or_skip(&site.vault, draft)?;
    let voids = voids(site, (entry, cosigns, &by), &content, files)?;
    let mut agreed = cosigns.iter().filter(|one| is_agreed(one));
    if agreed.all(|one| one.content.as_ref() == Some(&voids.content)) {
        return None;
    }
    let letters = applicants.iter().filter_map(|account| {
        let email = acting::person(&site.vault, account.id.clone(), Some(account)).email;
        let letter = Letter::new(&email, Template::CosignStale)
            .about(&entry.title)
            .with("link", link(site, &urls::cosigners(&draft.id)));
        (!email.is_empty()).then(|| letter.seal(&site.vault, site.new_id()))
    });
    let letters = letters.collect();
    Some((voids, letters))
}

/// Whose a draft is, then who fills it in for them: those whom answers are told to, and who cannot
/// agree themselves.
pub(crate) async fn applicants(
    site: &Site,
    owner: &Owner,
    draft: &str,
) -> Result<Vec<Person>, Trouble> {
    let (account, draft) = (owner.account().map(str::to_owned), draft.to_owned());
    let found = site.store.read(move |db| {
        let delegate = represented::of_draft(db, &draft)?.map(|begun| begun.delegate_id);
        let mut people = Vec::new();
        for id in account.into_iter().chain(delegate) {
            people.push((accounts::find(db, &id)?, id));
        }
        Ok(people)
    });
    let people = found.await?.into_iter();
    Ok(people.map(|(account, id)| person(&site.vault, id, account.as_ref())).collect())
}

/// A public address.
pub(super) fn link(site: &Site, path: &str) -> String {
    format!("{}{path}", site.city.base_url)
}

/// The people to tell of an answer: whose it is, and who fills it in for them.
pub(crate) fn to_applicants(
    site: &Site,
    applicants: &[Person],
    (template, cosign, title, draft): (Template, &str, &Words, &str),
) -> Vec<NewLetter> {
    let known = applicants.iter().filter(|one| !one.email.is_empty());
    let letter = known.map(|one| {
        Letter::new(&one.email, template)
            .with("name", cosign)
            .about(title)
            .with("link", link(site, &urls::cosigners(draft)))
            .seal(&site.vault, site.new_id())
    });
    letter.collect()
}

/// The letters that say that somebody did not answer in time.
#[must_use]
pub fn expired(
    site: &Site,
    cosign: &Cosign,
    draft: &Draft,
    applicants: &[Account],
) -> Vec<NewLetter> {
    let shown = site.shelf.shown();
    let Some(entry) = shown.by_id(&draft.procedure_id) else { return Vec::new() };
    let people: Vec<Person> = applicants
        .iter()
        .map(|account| acting::person(&site.vault, account.id.clone(), Some(account)))
        .collect();
    let name = name(&site.vault, cosign);
    let about = (Template::CosignExpired, name.as_str(), &entry.title, draft.id.as_str());
    to_applicants(site, &people, about)
}
