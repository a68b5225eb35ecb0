//! Designs on trial (試験公開): used as they would be, counted nowhere, published unchanged.

use bridge_contract::digest::Digest;
use bridge_contract::messages::{ToStaff, Withdrawal};
use bridge_lanes::{FromCitizen, Incoming};
use diesel::RunQueryDsl as _;
use domain::applications::ReceiptNumber;
use domain::ids::ProcedureId;
use domain::procedures::is_trial;
use jiff::SignedDuration;
use lgwan_zone_store::applications::{file, inbox, inquiries, messages, withdrawal_requests};
use lgwan_zone_store::numbers;
use lgwan_zone_store::procedures::{self, Revision};
use lgwan_zone_store::trials::{self, Trial};
use platform_testkit::on_both_databases;

use crate::browser::Browser;
use crate::city::{CHILDREN, CITIZENS};
use crate::designs::Design;
use crate::desk::{Desk, incoming};
use crate::retention::{keeping, night};

async fn trial(desk: &Desk, design: &Design) -> Option<Trial> {
    let id = design.base.rsplit('/').next().expect("an id").to_owned();
    desk.store.read(move |db| trials::of_design(db, &id)).await.expect("readable")
}

async fn tried(desk: &Desk, trial: &Trial) -> Option<Revision> {
    let (id, revision) = (trial.id.clone(), trial.revision);
    desk.store.read(move |db| procedures::revision(db, &id, revision)).await.expect("readable")
}

/// A design with one question, on trial; the identifier of the question.
async fn on_trial(desk: &Desk, manager: &Browser) -> (Design, Trial, String) {
    let design = Design::begun(manager.clone(), "夏の講座").await;
    let early = design.sends("/trial", &[("do", "begin")]).await;
    assert_eq!(early.status, 422, "a form of nothing: {}", early.text());
    assert!(early.text().contains("まだ試験公開できません"), "{}", early.text());
    let fields = [("kind", "text"), ("label", "団体名"), ("required", "yes")];
    let field = design.adds("p1", &fields).await;
    let begun = design.sends("/trial", &[("do", "begin")]).await;
    assert_eq!(begun.location(), format!("{}/trial?said=on_trial", design.base));
    let trial = trial(desk, &design).await.expect("a trial");
    (design, trial, field)
}

/// An application to the trial, as it comes out of the bridge, and its number.
async fn sent(desk: &Desk, trial: &Trial, field: &str, n: u64) -> (Incoming<FromCitizen>, String) {
    let mut sent = desk.submission(("試験", "花子"), &[]).await;
    let document = tried(desk, trial).await.expect("a document").document;
    let number = ReceiptNumber::on_trial(2026, n).expect("a number").to_string();
    let ToStaff::Submission(submission) = &mut sent.message.message else { panic!("one") };
    submission.procedure_id = ProcedureId::parse(&trial.id).expect("an id");
    submission.revision = u32::try_from(trial.revision).expect("positive");
    submission.definition_sha256 = Digest::of(document.as_bytes());
    submission.answers = [(field.to_owned(), vec!["試験の団体".to_owned()])].into();
    let arrival = sent.message.arrival.as_mut().expect("an arrival");
    arrival.number = Some(number.clone());
    (sent, number)
}

on_both_databases!(
    /// NB-2.5: a design on trial is under an address nobody guesses and in no list; what is sent to it
    /// comes to the desk under a filter of its own and nowhere else, is counted and taken out nowhere,
    /// and goes when the trial ends, with what is still on its way.
    a_trial_is_used_and_leaves_nothing,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes(&["accept"]).await;
        let manager = desk.logged_in("tetsuzuki").await;
        let (design, trial, field) = on_trial(&desk, &manager).await;
        assert!(is_trial(&trial.id), "{}", trial.id);
        let page = design.sees("/trial").await;
        assert!(page.contains("/procedures/trial-") && page.contains(&trial.sha256), "{page}");
        assert!(page.contains("このまま公開する"), "{page}");
        let document = tried(&desk, &trial).await.expect("a document");
        assert_eq!(document.sha256, trial.sha256);
        assert_eq!(Digest::of(document.document.as_bytes()).hex(), trial.sha256);
        let known = desk.store.read(|db| procedures::list(db, None)).await.expect("readable");
        assert!(known.iter().all(|one| one.id != trial.id), "{known:?}");
        assert_eq!(manager.get(&format!("/procedures/{}", trial.id)).await.status, 404);

        let (one, number) = sent(&desk, &trial, &field, 1).await;
        let id = one.message.message.application().expect("one").to_string();
        desk.arrives(one).await.expect("it arrives");
        let clerk = desk.logged_in("uketsuke").await;
        let inbox = clerk.get("/inbox").await.text();
        assert!(!inbox.contains(&number) && inbox.contains("【試験】夏の講座"), "{inbox}");
        let own = format!("/inbox?procedure={}", trial.id);
        assert!(clerk.get(&own).await.text().contains(&number));
        let whole = clerk.get(&format!("/applications/{id}")).await.text();
        assert!(whole.contains("【試験】夏の講座") && whole.contains("試験の団体"), "{whole}");
        for path in ["export", "export/file"] {
            let kept = clerk.get(&format!("/inbox/{path}?procedure={}", trial.id)).await;
            assert_eq!(kept.status, 409, "{path}: {}", kept.text());
        }
        let counted = desk
            .store
            .read(|db| numbers::between(db, "2000-01-01", "2999-12-31"))
            .await
            .expect("readable");
        assert!(counted.iter().all(|one| !is_trial(&one.procedure_id)), "{counted:?}");

        // One that is on its way when the trial ends is kept by nobody.
        let (late, _) = sent(&desk, &trial, &field, 2).await;
        let late_id = late.message.message.application().expect("one").clone();
        let ended = design.sends("/trial", &[("do", "end")]).await;
        assert_eq!(ended.location(), format!("{}/trial?said=trial_ended", design.base));
        desk.arrives(late).await.expect("taken off the lane");
        for (serial, gone) in [(90, id.as_str()), (91, late_id.as_str())] {
            let wanted = gone.to_owned();
            let row = desk.store.read(move |db| file::row(db, &wanted)).await.expect("readable");
            assert!(row.is_none(), "{gone}");
            let application_id = gone.parse().expect("an id");
            let back = Withdrawal { application_id, reason: String::new() };
            let back = incoming(serial, back.into(), None, Vec::new(), Vec::new());
            desk.arrives(back).await.expect("about nothing we keep");
        }
        assert!(tried(&desk, &trial).await.is_none());
        assert_eq!(clerk.get(&format!("/applications/{id}")).await.status, 404);
        let twice = design.sends("/trial", &[("do", "end")]).await;
        assert_eq!(twice.status, 303, "{}", twice.text());
        let auditor = desk.logged_in("kansa").await;
        let log = auditor.get("/audit?act=procedures").await.text();
        assert!(log.contains("試験公開の開始") && log.contains("試験公開の終了"), "{log}");
        desk.closes().await;
    }
);

on_both_databases!(
    /// NB-2.5, NF-22, NF-23: what was tried is published byte for byte, or not at all: a design that was edited since must
    /// be put on trial anew, and its publication ends the trial.
    what_was_tried_is_published_unchanged,
    |url: String| async move {
        let desk = keeping(&url).await;
        let manager = desk.logged_in("tetsuzuki").await;
        let (design, first, _) = on_trial(&desk, &manager).await;
        design.adds("p1", &[("kind", "phone")]).await;
        assert!(design.sees("/trial").await.contains("今の設計で試験をやり直す"));
        let edited = design.sends("/trial", &[("do", "publish")]).await;
        assert_eq!(edited.status, 422, "{}", edited.text());
        assert!(edited.text().contains("設計が変わりました"), "{}", edited.text());
        assert_eq!(design.sends("/trial", &[("do", "begin")]).await.status, 303);
        let second = trial(&desk, &design).await.expect("a trial");
        assert!(second.id != first.id && second.sha256 != first.sha256, "{second:?}");
        assert!(tried(&desk, &first).await.is_none(), "one of a design at a time");
        let document = tried(&desk, &second).await.expect("a document").document;

        let handed = design.sends("/trial", &[("do", "publish")]).await.location();
        assert!(handed.starts_with("/procedures/imports/"), "{handed}");
        let done = manager.post(&handed, &handed, &[("revision", "1"), ("do", "publish")]).await;
        assert!(done.location().ends_with("?said=published"), "{}", done.text());
        let id = second.procedure_id.clone();
        let published = desk.store.read(move |db| procedures::revision(db, &id, 1)).await;
        let published = published.expect("readable").expect("published");
        assert_eq!((published.sha256.as_str(), &published.document), (&*second.sha256, &document));

        assert!(trial(&desk, &design).await.is_some(), "the night has not come");
        night(&desk).await;
        assert!(trial(&desk, &design).await.is_none());
        desk.closes().await;
    }
);

on_both_databases!(
    /// NB-2.5: what was handed over as tried is not published in other words: when another revision came in
    /// between its bytes would differ. A trial nobody ends is over after 30 days.
    other_words_are_not_published_as_tried,
    |url: String| async move {
        let desk = keeping(&url).await;
        let manager = desk.logged_in("tetsuzuki").await;
        let (design, open, _) = on_trial(&desk, &manager).await;
        let handed = design.sends("/trial", &[("do", "publish")]).await.location();
        // The same procedure is published by another way meanwhile.
        let text = tried(&desk, &open).await.expect("a document").document;
        let other = text.replace("夏の講座", "秋の講座");
        let file = desk.file("other.json", &other);
        lgwan_zone::commands::publish(&desk.config, &desk.clock, "tetsuzuki", &[file], None)
            .await
            .expect("published");
        let refused = manager.post(&handed, &handed, &[("revision", "2"), ("do", "publish")]).await;
        assert_eq!(refused.status, 409, "{}", refused.text());
        assert!(refused.text().contains("試したものと同じではありません"), "{}", refused.text());

        night(&desk).await;
        assert!(trial(&desk, &design).await.is_some(), "its time is not over");
        let later = desk.clock.now() + SignedDuration::from_hours(30 * 24);
        let now = later.as_microsecond();
        let due = desk.store.read(move |db| trials::due(db, now)).await.expect("readable");
        assert_eq!(due, [open.id]);
        desk.closes().await;
    }
);

on_both_databases!(
    /// NB-2.5: what was sent to a trial is in no number of the inbox, in no digest and like nobody's
    /// application; where it is worked on it stands, marked.
    a_trial_is_in_no_number_and_stands_where_it_is_worked_on,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes(&["accept"]).await;
        let manager = desk.logged_in("tetsuzuki").await;
        let (_, trial, field) = on_trial(&desk, &manager).await;
        let (one, number) = sent(&desk, &trial, &field, 1).await;
        let id = one.message.message.application().expect("one").to_string();
        desk.arrives(one).await.expect("it arrives");
        let mut real = Vec::new();
        for _ in 0..2 {
            let sent = desk.submission(("試験", "花子"), &[]).await;
            let id = sent.message.message.application().expect("one").to_string();
            let number = sent.message.arrival.clone().and_then(|one| one.number).expect("a number");
            desk.arrives(sent).await.expect("it arrives");
            real.push((id, number));
        }

        // The same name: others are alike, one of a trial is not.
        let clerk = desk.logged_in("uketsuke").await;
        let page = clerk.get(&format!("/applications/{}", real[0].0)).await.text();
        assert!(page.contains(&real[1].1) && !page.contains(&number), "{page}");
        let page = clerk.get(&format!("/applications/{id}")).await.text();
        assert!(real.iter().all(|(_, number)| !page.contains(number)), "{page}");

        // Somebody waits for an answer, asks to withdraw, and is late with a correction.
        let waits = format!(
            "update applications set asked_since = 1, withdrawal_since = 1, due = '2026-11-01'
             where id = '{id}'"
        );
        let asked = format!(
            "insert into inquiries (id, application_id, department_id, state, question, due, fields,
                 files, named, asked_at, asked_by, asked_by_name)
             values ('tried', '{id}', '{CHILDREN}', 'asked', 'q', '2026-11-01', '[]', '[]', false, 1,
                 's', 's')"
        );
        let written = desk.store.write(move |tx| {
            diesel::sql_query(waits).execute(tx.db)?;
            diesel::sql_query(asked).execute(tx.db)
        });
        written.await.expect("written");
        let (own, theirs) = ([CITIZENS.to_owned()], [CHILDREN.to_owned()]);
        let tried = trial.id.clone();
        let counted = desk.store.read(move |db| {
            let back = withdrawal_requests::waiting(db, &own, Some(&tried))?;
            let here = [
                usize::try_from(messages::count_waiting(db, &own)?).unwrap_or(usize::MAX),
                messages::waiting(db, &own, 20)?.len(),
                withdrawal_requests::waiting(db, &own, None)?.len(),
                inbox::count_uncorrected(db, &own, "2026-11-20")?,
                inquiries::due(db, &theirs, "2026-12-31")?.len(),
            ];
            Ok((here, inquiries::waiting(db, &theirs, "2026-11-20")?, back))
        });
        let (here, asked, back) = counted.await.expect("readable");
        assert_eq!((here, asked), ([0; 5], (0, 0)));
        assert_eq!(back, std::slice::from_ref(&id));
        for narrowed in ["withdrawal=asked", "correction=late", "inquiry=open"] {
            let all = clerk.get(&format!("/inbox?{narrowed}")).await.text();
            assert!(!all.contains(&number), "{narrowed}: {all}");
            let own = clerk.get(&format!("/inbox?{narrowed}&procedure={}", trial.id)).await.text();
            assert!(own.contains(&number), "{narrowed}: {own}");
        }

        // The other department works on it in its list, where it is marked, and nothing counts it.
        let other = desk.logged_in("kodomo").await;
        let list = other.get("/inquiries").await.text();
        assert!(list.contains("【試験】夏の講座") && list.contains(&number), "{list}");
        assert!(!other.get("/inbox").await.text().contains("回答を待っている意見照会"));
        assert!(!other.get("/inquiries/file").await.text().contains(&number));
        let moved = format!(
            "update inquiries set application_id = '{}' where id = 'tried'",
            real[0].0
        );
        let written = desk.store.write(move |tx| diesel::sql_query(moved).execute(tx.db));
        written.await.expect("written");
        assert!(other.get("/inbox").await.text().contains("回答を待っている意見照会"));
        desk.closes().await;
    }
);

on_both_databases!(
    /// NB-2.5, NB-2.1: a design for staff is tried by staff who have its address, under numbers of trials and in no
    /// list; it leaves nothing, not even what was begun, and the same words are published afterwards.
    a_design_for_staff_is_tried_by_staff,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        let manager = desk.logged_in("tetsuzuki").await;
        let (design, _, field) = on_trial(&desk, &manager).await;
        let whom = [("audience", "staff"), ("sex", "any"), ("listing", "internal"), ("staff_of", CITIZENS)];
        assert_eq!(design.sends("/settings/finding", &whom).await.status, 303);
        assert_eq!(design.sends("/trial", &[("do", "begin")]).await.status, 303);
        let trial = trial(&desk, &design).await.expect("a trial");
        let address = format!("/internal?trial={}", trial.id);
        assert!(design.sees("/trial").await.contains(&address), "staff try it here");

        let staff = desk.logged_in("kodomo").await;
        assert!(!staff.get("/internal").await.text().contains("【試験】"), "it is in no list");
        assert!(staff.get(&address).await.text().contains("【試験】夏の講座"));
        let begin = format!("/internal/procedures/{}", trial.id);
        let begun = staff.post(&address, &begin, &[]).await.location();
        let left = staff.post(&address, &begin, &[]).await.location();
        assert!(begun.starts_with("/internal/drafts/") && begun != left, "{begun} {left}");
        let answers =
            [("_seen", "1"), ("_do", "send"), ("_shown", field.as_str()), (field.as_str(), "試験の団体")];
        let sent = staff.upload(&begun, &begun, &answers, None).await;
        assert_eq!(sent.status, 303, "{}", sent.text());
        let own = staff.get(&begun).await.location();
        let shown = staff.get(&own).await.text();
        assert!(shown.contains("2026-850000001-") && shown.contains("【試験】夏の講座"), "{shown}");
        assert!(staff.get("/internal").await.text().contains("2026-850000001-"), "of the applicant");

        let clerk = desk.logged_in("uketsuke").await;
        assert!(!clerk.get("/inbox").await.text().contains("2026-850000001-"));
        let narrowed = clerk.get(&format!("/inbox?procedure={}", trial.id)).await.text();
        assert!(narrowed.contains("2026-850000001-"), "{narrowed}");
        let counted = desk.store.read(|db| numbers::between(db, "2000-01-01", "2999-12-31")).await;
        let counted = counted.expect("readable");
        assert!(counted.iter().all(|one| !is_trial(&one.procedure_id)), "{counted:?}");

        let handed = design.sends("/trial", &[("do", "publish")]).await.location();
        assert!(handed.starts_with("/procedures/imports/"), "{handed}");
        assert_eq!(design.sends("/trial", &[("do", "end")]).await.status, 303);
        for gone in [&own, &left, &begun] {
            assert_eq!(staff.get(gone).await.status, 404, "{gone}");
        }
        assert!(!staff.get(&address).await.text().contains("【試験】"));
        assert_eq!(staff.post("/internal", &begin, &[]).await.status, 404);

        let done = manager.post(&handed, &handed, &[("revision", "1"), ("do", "publish")]).await;
        assert!(done.location().ends_with("?said=published"), "{}", done.text());
        assert!(clerk.get("/internal").await.text().contains("夏の講座"));
        assert!(!staff.get("/internal").await.text().contains("夏の講座"), "it is for 市民課");
        desk.closes().await;
    }
);
