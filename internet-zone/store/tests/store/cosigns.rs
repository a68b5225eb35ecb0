//! Who must agree before it is sent.

use domain::applications::Cosign as State;
use internet_zone_store::applications::accept::{Accepted, Cosigned};
use internet_zone_store::applications::cosigns::{
    self, Answer, Answered, Asked, Cosign, NewCosign, Voids,
};
use internet_zone_store::applications::drafts::{self, NewDraft, Save, Saved};
use internet_zone_store::identity::Owner;
use internet_zone_store::mail::{self, NewLetter};
use platform_testkit::on_both_databases;

use crate::fixture::Fixture;
use crate::mandates::account;

const DAY: i64 = 86_400_000_000;

/// An account with a draft: both identifiers.
async fn begun(zone: &Fixture, email: &str) -> (String, String) {
    let (owner, id) = (account(zone, email).await, zone.id());
    let new = NewDraft {
        id: id.clone(),
        procedure_id: zone.procedure.clone(),
        revision: 1,
        owner: Owner::Account(owner.clone()),
        delegate: None,
        correction: None,
        answers_sealed: vec![1],
        expires_at: zone.now() + DAY,
    };
    let by = zone.by();
    zone.store.write(move |tx| drafts::begin(tx, &by, &new)).await.expect("a draft");
    (owner, id)
}

fn letter(zone: &Fixture) -> NewLetter {
    NewLetter { id: zone.id(), letter_sealed: vec![7] }
}

/// Asks somebody in a place; gives the request's identifier.
async fn ask(zone: &Fixture, draft: &str, email: &str, place: i64) -> (String, Asked) {
    let (id, by, draft) = (zone.id(), zone.by(), draft.to_owned());
    let new = NewCosign {
        id: id.clone(),
        kind: "parent".to_owned(),
        place,
        name_sealed: vec![1],
        email_index: email.as_bytes().to_vec(),
        email_sealed: vec![2],
        letter: letter(zone),
    };
    let version = version(zone, &draft).await;
    let until = by.at + DAY / 2;
    let asked =
        zone.store.write(move |tx| cosigns::ask(tx, &by, (&draft, version), (&[new], until)));
    (id, asked.await.expect("an outcome"))
}

async fn version(zone: &Fixture, draft: &str) -> i64 {
    let (draft, now) = (draft.to_owned(), zone.now());
    let found = zone.store.read(move |db| drafts::find(db, &draft, now)).await.expect("readable");
    found.map_or(-1, |(draft, _)| draft.version)
}

/// Answers for an account: `None` agrees.
async fn answer(
    zone: &Fixture,
    (id, draft): (&str, &str),
    who: &str,
    (content, why): (&[u8], Option<&str>),
) -> Answered {
    let new = Answer {
        id: id.to_owned(),
        draft: (draft.to_owned(), version(zone, draft).await),
        account: who.to_owned(),
        content: content.to_vec(),
        declines: why.map(|why| why.as_bytes().to_vec()),
        letters: vec![letter(zone)],
    };
    let by = zone.by();
    zone.store.write(move |tx| cosigns::answer(tx, &by, &new)).await.expect("an outcome")
}

async fn row(zone: &Fixture, id: &str) -> Cosign {
    let id = id.to_owned();
    let row = zone.store.read(move |db| cosigns::find(db, &id)).await.expect("readable");
    row.expect("the row")
}

async fn mails(zone: &Fixture) -> i64 {
    zone.store.read(mail::waiting).await.expect("readable")
}

/// Saves the draft with answers of this digest.
async fn save(zone: &Fixture, draft: &str, content: &[u8], signed: &[&str]) -> Saved {
    let letters = signed.iter().map(|id| ((*id).to_owned(), letter(zone))).collect();
    let save = Save {
        id: draft.to_owned(),
        version: version(zone, draft).await,
        revision: 1,
        answers_sealed: vec![2],
        reached: 1,
        at: zone.now(),
        expires_at: zone.now() + DAY,
        add: None,
        remove: None,
        finishes: None,
        voids: Some(Voids { by: zone.by(), content: content.to_vec(), letters }),
    };
    zone.store.write(move |tx| drafts::save(tx, &save)).await.expect("an outcome")
}

/// Sends it as agreed to by these.
async fn send(
    zone: &Fixture,
    (owner, draft): (&str, &str),
    ids: &[&str],
    content: &[u8],
) -> Accepted {
    let mut new = zone.application(draft, Owner::Account(owner.to_owned()), &[]);
    new.draft_version = version(zone, draft).await;
    let ids = ids.iter().map(|id| (*id).to_owned()).collect();
    new.cosigned = Some(Cosigned { ids, content: content.to_vec() });
    zone.accept(new).await
}

on_both_databases!(
    /// An agreement is bound to the account and to the digest of what was seen; it is
    /// sent only when everybody agreed to just that, and then only they stay with it.
    it_is_sent_when_everybody_agreed_to_just_that,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let (owner, draft) = begun(&zone, "hanako").await;
        let (taro, jiro) = (account(&zone, "taro").await, account(&zone, "jiro").await);
        let (first, asked) = ask(&zone, &draft, "taro", 1).await;
        assert_eq!(asked, Asked::Yes);
        let (second, _) = ask(&zone, &draft, "jiro", 2).await;
        let (surplus, _) = ask(&zone, &draft, "saburo", 3).await;
        let both = [first.as_str(), second.as_str()];
        let sender = (owner.as_str(), draft.as_str());
        assert_eq!(send(&zone, sender, &both, b"A").await, Accepted::Unsigned);
        assert_eq!(answer(&zone, (&first, &draft), &taro, (b"A", None)).await, Answered::Yes);
        assert_eq!(answer(&zone, (&first, &draft), &taro, (b"A", None)).await, Answered::Before);
        assert_eq!(send(&zone, sender, &both, b"A").await, Accepted::Unsigned);
        assert_eq!(answer(&zone, (&second, &draft), &jiro, (b"A", None)).await, Answered::Yes);
        assert_eq!(send(&zone, sender, &both, b"B").await, Accepted::Unsigned, "other answers");
        let Accepted::Arrived(receipt) = send(&zone, sender, &both, b"A").await else {
            panic!("not sent")
        };
        let (id, taro_asks) = (receipt.application_id.clone(), taro.clone());
        let (signed, mine) = zone
            .store
            .read(move |db| Ok((cosigns::of_application(db, &id)?, cosigns::agreed_by(db, &taro_asks)?)))
            .await
            .expect("readable");
        let ids: Vec<&str> = signed.iter().map(|one| one.cosign.id.as_str()).collect();
        assert_eq!(ids, both, "who was asked and not needed is forgotten: {surplus}");
        assert!(signed.iter().all(|one| one.account.is_some()));
        assert_eq!(mine, std::slice::from_ref(&draft));
        // What is sent cannot be taken back by who agreed.
        let late = answer(&zone, (&first, &draft), &taro, (b"A", Some("no"))).await;
        assert_eq!(late, Answered::Over);
    }
);

on_both_databases!(
    /// Nobody agrees twice, for themselves, for an own application, after the time or
    /// after it was taken back.
    nobody_agrees_who_may_not,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let (owner, draft) = begun(&zone, "hanako").await;
        let taro = account(&zone, "taro").await;
        let (first, _) = ask(&zone, &draft, "taro", 1).await;
        let (second, _) = ask(&zone, &draft, "old address of taro", 2).await;
        assert_eq!(ask(&zone, &draft, "taro", 3).await.1, Asked::Before, "an address stands once");
        assert_eq!(ask(&zone, &draft, "saburo", 1).await.1, Asked::Before, "so does a place");
        assert_eq!(answer(&zone, (&first, &draft), &owner, (b"A", None)).await, Answered::Own);
        assert_eq!(answer(&zone, (&first, &draft), &taro, (b"A", None)).await, Answered::Yes);
        assert_eq!(answer(&zone, (&second, &draft), &taro, (b"A", None)).await, Answered::Twice);

        zone.clock.advance(jiff::SignedDuration::from_hours(12));
        let jiro = account(&zone, "jiro").await;
        let late = answer(&zone, (&second, &draft), &jiro, (b"A", None)).await;
        assert_eq!(late, Answered::Over);
        let now = zone.now();
        let over = zone.store.read(move |db| cosigns::over(db, now, 10)).await.expect("readable");
        assert_eq!(over.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), [second.as_str()]);
        let by = zone.by();
        let gone = zone.store.write(move |tx| {
            let first = cosigns::expire(tx, &by, &over[0])?;
            Ok((first, cosigns::expire(tx, &by, &over[0])?))
        });
        assert_eq!(gone.await.expect("an outcome"), (true, false), "noted once");
        assert_eq!(row(&zone, &second).await.state, State::Expired.key());

        // Asked again, the same person may answer; taken back, nobody.
        let (expired, by, mail) = (row(&zone, &second).await, zone.by(), letter(&zone));
        let until = by.at + DAY;
        let again = zone.store.write(move |tx| cosigns::ask_again(tx, &by, &expired, (until, &mail)));
        assert!(again.await.expect("an outcome"));
        assert_eq!(answer(&zone, (&second, &draft), &jiro, (b"A", Some("no"))).await, Answered::Yes);
        assert_eq!(row(&zone, &second).await.state, State::Declined.key());
        let (declined, by, mail) = (row(&zone, &second).await, zone.by(), letter(&zone));
        let back = zone.store.write(move |tx| cosigns::take_back(tx, &by, &declined, &mail)).await;
        assert!(back.expect("an outcome"));
        let over = answer(&zone, (&second, &draft), &jiro, (b"A", None)).await;
        assert_eq!(over, Answered::Over);
    }
);

on_both_databases!(
    /// A save with other answers ends every agreement and tells each, once; a save with
    /// the same answers ends none; a save that read the draft before an agreement is outdated.
    other_answers_end_an_agreement,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let (_, draft) = begun(&zone, "hanako").await;
        let taro = account(&zone, "taro").await;
        let (id, _) = ask(&zone, &draft, "taro", 1).await;
        let before = version(&zone, &draft).await;
        assert_eq!(answer(&zone, (&id, &draft), &taro, (b"A", None)).await, Answered::Yes);
        assert!(version(&zone, &draft).await > before, "an answer is a new version");
        let known = mails(&zone).await;
        assert_eq!(save(&zone, &draft, b"A", &[&id]).await, Saved::Yes);
        assert_eq!(row(&zone, &id).await.state, State::Agreed.key());
        assert_eq!(mails(&zone).await, known);
        assert_eq!(save(&zone, &draft, b"B", &[&id]).await, Saved::Yes);
        assert_eq!(row(&zone, &id).await.state, State::Void.key());
        assert_eq!(mails(&zone).await, known + 1);
        assert_eq!(save(&zone, &draft, b"C", &[&id]).await, Saved::Yes);
        assert_eq!(mails(&zone).await, known + 1, "told once");
        assert_eq!(answer(&zone, (&id, &draft), &taro, (b"C", None)).await, Answered::Over);
        // What was agreed to earlier counts for nothing else.
        let agreed = Cosign { state: "agreed".to_owned(), content: Some(b"A".to_vec()), ..row(&zone, &id).await };
        assert_eq!(agreed.standing(b"A", zone.now()), State::Agreed);
        assert_eq!(agreed.standing(b"B", zone.now()), State::Void);
        // A draft that is thrown away takes its requests with it.
        let (by, gone) = (zone.by(), draft.clone());
        zone.store.write(move |tx| drafts::discard(tx, &by, &gone)).await.expect("gone");
        let rows = zone.store.read(move |db| cosigns::of_draft(db, &draft)).await;
        assert!(rows.expect("readable").is_empty());
    }
);
