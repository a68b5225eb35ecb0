//! Procedures between cities: signed files, looked at, made designs (NF-66, decision 0073).

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lgwan_zone::config::{BundlesConfig, KnownCity};
use lgwan_zone_store::{designs, procedures};
use ring::signature::{Ed25519KeyPair, KeyPair as _};

use crate::browser::{Answer, Browser};
use crate::city::{CITIZENS, COPY};
use crate::desk::Desk;

const IMPORT: &str = "/procedures/import";

/// A new key of a city in a folder, with its public half.
fn key(folder: &Path) -> (PathBuf, Ed25519KeyPair) {
    let path = folder.join("procedures.key");
    let random = ring::rand::SystemRandom::new();
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&random).expect("random");
    std::fs::write(&path, pkcs8.as_ref()).expect("written");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("set");
    (path, Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).expect("a key"))
}

async fn brings(browser: &Browser, file: &[u8]) -> Answer {
    let sent = Some(("file", "koza-1.madoguchi.json", file));
    browser.upload(IMPORT, IMPORT, &[], sent).await
}

async fn counts(desk: &Desk) -> (usize, usize) {
    let all = desk.store.read(|db| {
        let own = [CITIZENS.to_owned()];
        Ok((designs::list(db, &own)?.len(), procedures::list(db, None)?.len()))
    });
    all.await.expect("readable")
}

/// NF-66: a procedure goes from one city to another as a signed file. The other city sees who signed
/// it, what is in it, how it differs, and what could not be brought; it becomes a design and is
/// published only from there.
#[tokio::test(flavor = "multi_thread")]
async fn a_procedure_goes_from_city_to_city() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, pair) = key(folder.path());
    let public = STANDARD.encode(pair.public_key().as_ref());
    let here = Desk::with(|config| {
        config.city.name = "となり市".to_owned();
        config.bundles = BundlesConfig { key: Some(path), cities: Vec::new() };
    })
    .await;
    here.publishes(&["accept"]).await;
    let manager = here.logged_in("tetsuzuki").await;
    let show = manager.get(&format!("/procedures/{COPY}")).await.text();
    assert!(show.contains("ほかの市に渡すファイル"), "{show}");
    let saved = manager.get(&format!("/procedures/{COPY}/bundle")).await;
    assert_eq!(saved.status, 200);
    let file = saved.text();
    assert!(file.starts_with("{\"madoguchi_bundle\":1,"), "{}", &file[..80]);
    here.closes().await;

    let there = Desk::with(|config| {
        let cities = vec![KnownCity {
            name: "となり市（情報課で確認）".to_owned(), key: public
        }];
        config.bundles = BundlesConfig { key: None, cities };
    })
    .await;
    there.publishes(&["accept", "review"]).await;
    let manager = there.logged_in("tetsuzuki").await;
    let before = counts(&there).await;
    let at = brings(&manager, file.as_bytes()).await.location();
    assert!(at.starts_with("/procedures/bundles/"), "{at}");
    let page = manager.get(&at).await.text();
    for words in [
        "「となり市（情報課で確認）」が署名したファイルです",
        "鍵の指紋",
        "同じアドレスの",
        "持ってこられなかったもの",
        "設計にする",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert_eq!(counts(&there).await, before, "looked at, nothing else");
    let refused =
        manager.post(&at, &at, &[("title", ""), ("slug", "Ａ"), ("department", "")]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("手続名を100文字以内で"), "{}", refused.text());

    let wish = [("title", "となりの講座"), ("slug", "tonari"), ("department", CITIZENS)];
    let design = manager.post(&at, &at, &wish).await.location();
    assert!(design.starts_with("/procedures/designs/"), "{design}");
    let again = manager.post(&at, &at, &wish).await.location();
    assert_eq!(again, design, "a second press makes no second design");
    let (designs, published) = counts(&there).await;
    assert_eq!((designs, published), (before.0 + 1, before.1), "a design, nothing published");
    let page = manager.get(&design).await.text();
    assert!(page.contains("となりの講座") && page.contains("写しの種類"), "{page}");
    // Another person of the same city does not find what this one brought in.
    let other = there.logged_in("kansa").await;
    assert_ne!(other.get(&at).await.status, 200);
    there.closes().await;
}

/// NF-66: a bundle that is cut, changed, too large, of another form, or signed by nobody known is
/// answered with what to do, and nothing of it is taken.
#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_that_is_not_right_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, _) = key(folder.path());
    let desk = Desk::with(|config| {
        config.bundles = BundlesConfig { key: Some(path), cities: Vec::new() };
    })
    .await;
    desk.publishes(&["accept"]).await;
    let manager = desk.logged_in("tetsuzuki").await;
    let file = manager.get(&format!("/procedures/{COPY}/bundle")).await.text();
    let before = counts(&desk).await;
    let half = &file.as_bytes()[..file.len() / 2];
    let altered = file.replacen("accept", "review", 1);
    let newer = file.replacen(":1,", ":7,", 1);
    for (sent, words) in [
        (half, "壊れているか、途中で切れています"),
        (altered.as_bytes(), "署名のあとに内容が変わっています"),
        (newer.as_bytes(), "このファイルの形式（7）は読めません"),
    ] {
        let refused = brings(&manager, sent).await;
        assert_eq!(refused.status, 422, "{words}");
        let text = refused.text();
        assert!(text.contains(words) && text.contains("何も取り込んでいません"), "{text}");
    }
    let large = [file.as_bytes(), &vec![b' '; 20 * 1024 * 1024]].concat();
    let refused = brings(&manager, &large).await;
    assert_eq!(refused.status, 422, "{}", refused.text());
    for words in ["は大きすぎます", "20MBまで", "href=\"#file\""] {
        assert!(refused.text().contains(words), "{words}: {}", refused.text());
    }

    // The same contents, signed by a key nobody registered here.
    let mut envelope: serde_json::Value = serde_json::from_str(&file).expect("an envelope");
    let stranger = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("a seed");
    let signed = envelope["signed"].as_str().expect("a text").to_owned();
    let words = [b"madoguchi.procedure.bundle.v1\n", signed.as_bytes()].concat();
    envelope["signature"] = STANDARD.encode(stranger.sign(&words).as_ref()).into();
    envelope["key"] = STANDARD.encode(stranger.public_key().as_ref()).into();
    let text = envelope.to_string();
    // serde_json sorts the keys; a bundle names itself first.
    let rest = text.trim_start_matches('{').replace("\"madoguchi_bundle\":1,", "");
    let text = format!("{{\"madoguchi_bundle\":1,{rest}");
    let at = brings(&manager, text.as_bytes()).await.location();
    let page = manager.get(&at).await.text();
    assert!(page.contains("だれが署名したか分かりません"), "{page}");
    assert!(!page.contains("name=\"slug\""), "no way to a design: {page}");
    let wish = [("title", "講座"), ("slug", "koza-2"), ("department", CITIZENS)];
    let refused = manager.post(&at, &at, &wish).await;
    assert_eq!(refused.status, 409);
    assert!(refused.text().contains("登録されていない"), "{}", refused.text());
    assert_eq!(counts(&desk).await, before, "nothing was made of any of them");
    desk.closes().await;

    // Without a key nothing is offered, and the address says why.
    let desk = Desk::open().await;
    desk.publishes(&["accept"]).await;
    let manager = desk.logged_in("tetsuzuki").await;
    let show = manager.get(&format!("/procedures/{COPY}")).await.text();
    assert!(!show.contains("ほかの市に渡すファイル"), "{show}");
    assert_eq!(manager.get(&format!("/procedures/{COPY}/bundle")).await.status, 409);
    desk.closes().await;
}
