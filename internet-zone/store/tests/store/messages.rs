//! What citizens write, with files.

use internet_zone_store::applications::accept::Accepted;
use internet_zone_store::applications::drafts::{self, DraftFile, MESSAGE, NewDraft, Save, Saved};
use internet_zone_store::applications::messages::{
    self, Enclosed, Message, MessageFile, Writer, Written,
};
use internet_zone_store::applications::{status, told};
use internet_zone_store::identity::Owner;
use internet_zone_store::post::File;
use platform_testkit::on_both_databases;

use crate::fixture::Fixture;

/// An application that arrived, and whose it is.
async fn arrived(zone: &Fixture) -> (String, Owner) {
    let (draft, owner) = zone.draft().await;
    let new = zone.application(&draft, owner.clone(), &[]);
    let id = new.id.clone();
    assert!(matches!(zone.accept(new).await, Accepted::Arrived(_)));
    (id, owner)
}

/// The draft of the next message with one file in it: the draft, its version, the file.
async fn begun(zone: &Fixture, application: &str, owner: &Owner) -> (String, i64, String) {
    let (id, file) = (zone.id(), zone.id());
    let new = NewDraft {
        id: id.clone(),
        procedure_id: zone.procedure.clone(),
        revision: 1,
        owner: owner.clone(),
        delegate: None,
        correction: Some((application.to_owned(), MESSAGE)),
        answers_sealed: vec![1],
        expires_at: zone.now() + 1_000_000,
    };
    let save = Save {
        id: id.clone(),
        version: 0,
        revision: 1,
        answers_sealed: vec![1],
        reached: 0,
        at: zone.now(),
        expires_at: zone.now() + 1_000_000,
        add: Some(DraftFile {
            id: file.clone(),
            input: "files".to_owned(),
            name_sealed: vec![2],
            media: "image/png".to_owned(),
            size: 3,
            sha256: vec![7; 32],
            look: String::new(),
            password_sealed: None,
        }),
        remove: None,
        finishes: None,
        voids: None,
    };
    let by = zone.by();
    let saved = zone.store.write(move |tx| {
        drafts::begin(tx, &by, &new)?;
        drafts::save(tx, &save)
    });
    assert_eq!(saved.await.expect("an outcome"), Saved::Yes);
    (id, 1, file)
}

async fn send(
    zone: &Fixture,
    (application, message): (&str, &str),
    (draft, version, file): (&str, i64, &str),
) -> Written {
    let about = (application, message);
    let one = File {
        id: file.to_owned(),
        input: "files".to_owned(),
        name: "診断書.png".to_owned(),
        media: "image/png".to_owned(),
        bytes: b"PNG".to_vec(),
        password: None,
    };
    let letter = zone.post.message(zone.id(), about, None, ("添えます。".to_owned(), 1));
    let enclosed = Enclosed {
        draft: (draft.to_owned(), version),
        files: vec![MessageFile {
            id: file.to_owned(),
            message_id: message.to_owned(),
            name_sealed: vec![3],
            size: 3,
            held: None,
        }],
        letter: zone.post.enclosed(zone.id(), about, vec![one]).ok(),
    };
    let new = Message {
        id: message.to_owned(),
        application_id: application.to_owned(),
        at: zone.now(),
        writer: Writer::Applicant,
        words_sealed: vec![4],
        files: 0,
    };
    let (by, letter) = (zone.by(), letter.expect("identifiers"));
    let sent = zone
        .store
        .write(move |tx| messages::from_citizen(tx, &by, &new, (letter, b"today"), Some(enclosed)));
    sent.await.expect("an outcome")
}

on_both_databases!(
    /// NF-33: a message takes its files along once, in the transaction that ends their draft; a
    /// draft that changed meanwhile sends nothing; a file that is held is told beside the message.
    a_message_takes_its_files_along_once,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let (id, owner) = arrived(&zone).await;
        let (draft, version, file) = begun(&zone, &id, &owner).await;
        let sent = |version| send(&zone, (&id, "first"), (&draft, version, &file));
        assert_eq!(sent(version + 1).await, Written::Outdated);
        let wanted = id.clone();
        let read = zone.store.read(move |db| {
            Ok((messages::of(db, &wanted)?, drafts::of_correction(db, &wanted, MESSAGE)?))
        });
        assert_eq!(read.await.expect("readable"), (Vec::new(), Some(draft.clone())));

        assert_eq!(sent(version).await, Written::Yes);
        assert_eq!(sent(version).await, Written::Before, "pressed twice");
        let (wanted, by, held) = (id.clone(), zone.by(), file.clone());
        let read = zone.store.write(move |tx| {
            assert!(told::held(tx, &by, (&wanted, &held), "encrypted", |_| vec![9])?);
            let db = &mut *tx.db;
            let counts = (messages::of(db, &wanted)?.len(), status::story(db, &wanted)?.held.len());
            let begun = drafts::of_correction(db, &wanted, MESSAGE)?;
            Ok((messages::files_of(db, &wanted)?, counts, begun, drafts::doomed(db, 10)?))
        });
        let (files, counts, begun, doomed) = read.await.expect("readable");
        assert_eq!((counts, begun), ((1, 0), None), "one message, nothing beside the form");
        assert_eq!(doomed, [file.as_str()], "the bytes here go");
        assert_eq!(files.len(), 1);
        assert_eq!((&files[0].id, files[0].held.as_deref()), (&file, Some("encrypted")));
    }
);
