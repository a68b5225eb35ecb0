//! The town as people meet it: citizens and clerks at their counters.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use platform_service::clock::Clock;
pub(crate) use platform_testkit::smtp::base64;
pub use platform_testkit::smtp::readable;
use platform_web::totp::Secret;
use serde_json::Value;
use tempfile::TempDir;
use town::{Database, Plan, Ports, Town};

use crate::papers;
use crate::visitor::{Attach, Page, Visitor};

/// A running town in a folder that goes with it.
#[derive(Debug)]
pub struct Counter {
    /// The programs.
    pub town: Town,
    folder: TempDir,
    /// The last code of each member of staff; a code works once.
    codes: Mutex<BTreeMap<String, String>>,
}

/// What a citizen holds after applying.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slip {
    /// 受付番号.
    pub number: String,
    /// 確認用の番号, for guests.
    pub secret: String,
}

impl Counter {
    /// Opens a town on free ports.
    ///
    /// # Panics
    /// With the words of the program that did not start.
    #[must_use]
    pub fn open() -> Self {
        Self::open_with(Database::Sqlite)
    }

    /// Opens a town whose citizens' side looks at no file before it is sent.
    ///
    /// # Panics
    /// With the words of the program that did not start.
    #[must_use]
    pub fn open_without_look_ahead() -> Self {
        Self::start(Database::Sqlite, false)
    }

    /// Opens a town on a database of this kind.
    ///
    /// # Panics
    /// With the words of the program that did not start.
    #[must_use]
    pub fn open_with(database: Database) -> Self {
        Self::start(database, true)
    }

    fn start(database: Database, look_ahead: bool) -> Self {
        let folder = tempfile::Builder::new().prefix("town-").tempdir().expect("a folder");
        // A database server that runs as another user must reach it.
        let everybody = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(folder.path(), everybody).expect("it is ours");
        let own = std::env::current_exe().expect("a test has a file");
        let programs = own.parent().and_then(Path::parent).expect("target/PROFILE/deps/test");
        let house = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("in the repository");
        let mut more = 0..3;
        let town = loop {
            let plan = Plan {
                root: folder.path().join("town"),
                programs: programs.to_owned(),
                house: house.to_owned(),
                ports: Ports::free().expect("free ports"),
                database,
                look_ahead,
            };
            match Town::start(plan) {
                Ok(town) => break town,
                // Somebody else was given one of the ports meanwhile.
                Err(error) if error.to_string().contains("in use") && more.next().is_some() => {}
                Err(error) => panic!("{error}"),
            }
        };
        Self { town, folder, codes: Mutex::default() }
    }

    /// Closes the town politely.
    ///
    /// # Panics
    /// When a program does not stop well.
    pub fn close(self) {
        self.town.stop().unwrap_or_else(|error| panic!("{error}"));
        drop(self.folder);
    }

    /// A citizen at the front page.
    pub async fn citizen(&self) -> Visitor {
        let mut visitor = Visitor::new(self.town.citizens());
        visitor.open("/").await;
        visitor
    }

    /// A member of staff who has logged in.
    ///
    /// # Panics
    /// When the log-in is refused.
    pub async fn staff(&self, login_id: &str) -> Visitor {
        let (password, secret) = self.secrets(login_id);
        let mut visitor = Visitor::new(self.town.staff());
        visitor.open("/login").await;
        visitor.press("ログイン", &[("login_id", login_id), ("password", &password)]).await;
        if let Some(secret) = secret {
            let code = self.code(login_id, &secret).await;
            visitor.press("ログイン", &[("code", &code)]).await;
        }
        let Page { path, .. } = &visitor.page;
        assert!(!path.starts_with("/login"), "{login_id}: {}", visitor.page.text());
        visitor
    }

    /// Presses a button of something risky; proves again who it is when the last proof is too old,
    /// as it may be on a slow machine.
    ///
    /// # Panics
    /// When the page has no such button or field.
    pub async fn risks<'v>(
        &self,
        visitor: &'v mut Visitor,
        login_id: &str,
        (button, fields): (&str, &[(&str, &str)]),
    ) -> &'v Page {
        visitor.press(button, fields).await;
        if visitor.page.html().contains("name=\"_proof_password\"") {
            let (password, secret) = self.secrets(login_id);
            let mut proof = vec![("_proof_password", password)];
            if let Some(secret) = secret {
                proof.push(("_proof_code", self.code(login_id, &secret).await));
            }
            let proof: Vec<(&str, &str)> =
                proof.iter().map(|(name, value)| (*name, value.as_str())).collect();
            visitor.press("確認して続ける", &proof).await;
        }
        &visitor.page
    }

    /// Password and secret of the authenticator app.
    fn secrets(&self, login_id: &str) -> (String, Option<String>) {
        let facts = self.town.facts().expect("the accounts are there");
        let account = account(&facts, login_id);
        let text = |name: &str| account[name].as_str().map(str::to_owned);
        (text("password").expect("a password"), text("totp_secret"))
    }

    /// What the authenticator app shows; waits for the next code when this one was used.
    async fn code(&self, login_id: &str, secret: &str) -> String {
        let secret = Secret::from_bytes(base32(secret));
        loop {
            let code = secret.code_at(Clock::system().now());
            let last = {
                let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
                codes.insert(login_id.to_owned(), code.clone())
            };
            if last.as_ref() != Some(&code) {
                return code;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// Applies for a copy of the residence record as a guest, with files.
    ///
    /// # Panics
    /// When a page is not as expected.
    pub async fn applies_for_residence_record(
        &self,
        family: &str,
        email: &str,
        files: &[Attach<'_>],
    ) -> (Visitor, Slip) {
        let mut citizen = self.at_the_check(family, email, files).await;
        citizen.press("この内容で申請する", &[]).await.says("申請が届きました");
        let slip = slip(&citizen.page);
        (citizen, slip)
    }

    /// The same up to the page that asks to check everything.
    ///
    /// # Panics
    /// When a page is not as expected.
    pub async fn at_the_check(&self, family: &str, email: &str, files: &[Attach<'_>]) -> Visitor {
        let citizen = self.at_the_files(family, email).await;
        self.attaches(citizen, files).await
    }

    /// From the page that asks for files to the one that asks to check everything.
    async fn attaches(&self, mut citizen: Visitor, files: &[Attach<'_>]) -> Visitor {
        let kind = [("identity_kind", "driver")];
        citizen.press_with("ファイルを追加", &kind, files).await.says("ファイルを追加しました");
        citizen
            .press("次へ進む", &[("declaration", "確認しました")])
            .await
            .says("内容を確認してください");
        citizen
    }

    /// The same up to the page that asks for files.
    ///
    /// # Panics
    /// When a page is not as expected.
    pub async fn at_the_files(&self, family: &str, email: &str) -> Visitor {
        let mut citizen = self.citizen().await;
        citizen.open("/procedures/juminhyo").await.says("住民票の写し");
        citizen.open("/procedures/juminhyo/start").await;
        let agree = [("メールアドレス", email), ("agree", "利用規約に同意します")];
        citizen.press("申請を始めるメールを送る", &agree).await.says("メールを確認してください");
        let mail = self.town.mail.wait_for(email, 1);
        let link = link_in(&mail[0].raw).unwrap_or_else(|| panic!("no link in {}", mail[0].raw));
        citizen.open(&link).await;
        citizen.press("申請をはじめる", &[]).await.says("請求する方");
        self.fills_in(citizen, family).await
    }

    /// A citizen with an account, signed in.
    ///
    /// # Panics
    /// When a page is not as expected.
    pub async fn registered(&self, email: &str) -> Visitor {
        let mut citizen = self.citizen().await;
        citizen.open("/register").await;
        citizen.press("メールを送る", &[("email", email)]).await;
        let link = self.link_to(email, "/register/").await;
        citizen.open(&link).await;
        let person = [
            ("name.family", "未来"),
            ("name.given", "太郎"),
            ("name.family_kana", "ミライ"),
            ("name.given_kana", "タロウ"),
            ("password", "夕焼け小焼けの赤とんぼを見た日"),
            ("agree", "利用規約に同意します"),
        ];
        citizen.press("登録する", &person).await;
        citizen
    }

    /// The same application by somebody who is signed in.
    ///
    /// # Panics
    /// When a page is not as expected.
    pub async fn applies_with_account(
        &self,
        mut citizen: Visitor,
        family: &str,
        files: &[Attach<'_>],
    ) -> (Visitor, Slip) {
        citizen.open("/procedures/juminhyo/start").await;
        citizen.press("入力をはじめる", &[]).await.says("請求する方");
        let citizen = self.fills_in(citizen, family).await;
        let mut citizen = self.attaches(citizen, files).await;
        citizen.press("この内容で申請する", &[]).await.says("申請が届きました");
        let slip = slip(&citizen.page);
        (citizen, slip)
    }

    /// From the first page of the form to the one that asks for files.
    async fn fills_in(&self, mut citizen: Visitor, family: &str) -> Visitor {
        citizen
            .press(
                "次へ進む",
                &[
                    ("applicant.family", family),
                    ("applicant.given", "花子"),
                    ("applicant.family_kana", "ミライ"),
                    ("applicant.given_kana", "ハナコ"),
                    ("birth.era", "showa"),
                    ("birth.year", "55"),
                    ("birth.month", "4"),
                    ("birth.day", "1"),
                    ("home.postal", "９８０-０８１１"),
                    ("home.prefecture", "宮城県"),
                    ("home.city", "仙台市青葉区"),
                    ("home.town", "一番町1丁目2番3号"),
                    ("phone", "０９０１２３４５６７８"),
                    ("relation", "self"),
                ],
            )
            .await
            .says("証明書の種類");
        citizen
            .press("次へ進む", &[("kind", "whole"), ("copies", "２"), ("purpose", "company")])
            .await
            .says("受け取り方法");
        citizen.press("次へ進む", &[("delivery", "post")]).await.says("送り先");
        citizen.press("次へ進む", &[("send_to", "home")]).await.says("本人確認書類");
        citizen
    }

    /// The first link to such a place in a mail to this address, once it has come. Other mails may
    /// come before it.
    ///
    /// # Panics
    /// When none comes in time.
    pub async fn link_to(&self, email: &str, place: &str) -> String {
        for () in platform_testkit::patiently() {
            let mails = self.town.mail.mails_to(email);
            let mut links = mails.iter().filter_map(|mail| link_in(&mail.raw));
            if let Some(link) = links.find(|link| link.contains(place)) {
                return link;
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        panic!("no mail to {email} leads to {place}")
    }

    /// Waits until a page says something: work crosses the bridge meanwhile.
    ///
    /// # Panics
    /// With the last page when it does not in time.
    pub async fn until(&self, visitor: &mut Visitor, path: &str, words: &str) {
        let until = Instant::now() + platform_testkit::PATIENCE;
        while !visitor.open(path).await.text().contains(words) {
            if Instant::now() > until {
                visitor.page.says(words);
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// Opens an application at the desk once it has crossed.
    ///
    /// # Panics
    /// When it has not in time.
    pub async fn takes_up(&self, clerk: &mut Visitor, number: &str) {
        self.until(clerk, "/inbox", number).await;
        clerk.follow(number).await.says(number);
    }

    /// Somebody with an account applies, and a clerk of 市民課 opens it at the desk. Gives both, the address
    /// where the state is shown, and the slip.
    ///
    /// # Panics
    /// When a page is not as expected.
    pub async fn applied_and_taken_up(&self, email: &str) -> (Visitor, String, Visitor, Slip) {
        let picture = photograph();
        let citizen = self.registered(email).await;
        let (mut citizen, slip) =
            self.applies_with_account(citizen, "甲野", &[licence(&picture)]).await;
        citizen.follow("この申請の状況を見る").await;
        let mine = citizen.page.path.clone();
        let mut clerk = self.staff("s0101").await;
        self.takes_up(&mut clerk, &slip.number).await;
        (citizen, mine, clerk, slip)
    }

    /// Waits until a mail to this address says something.
    ///
    /// # Panics
    /// When none does within 30 seconds.
    pub async fn mailed(&self, email: &str, words: &str) {
        let until = Instant::now() + platform_testkit::PATIENCE;
        let told = || {
            let mails = self.town.mail.mails_to(email);
            mails.iter().any(|mail| readable(&mail.raw).contains(words))
        };
        while !told() {
            assert!(Instant::now() < until, "no mail to {email} says {words}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Takes the application in front of the clerk through to its end, without a document.
    ///
    /// # Panics
    /// When a step is refused.
    pub async fn decides(&self, clerk: &mut Visitor) {
        clerk.press("受け付ける", &[]).await.says("受け付けました");
        clerk.press("審査を始める", &[]).await;
        clerk.follow("承認して結果を通知する").await;
        let note = [("kind", "none"), ("note", "郵送します。")];
        clerk.press("承認して結果を通知する", &note).await.says("結果を通知しました");
        clerk.press("完了にする", &[]).await;
    }
}

/// A photograph of a driving licence, as good as any PNG.
#[must_use]
pub fn licence(bytes: &[u8]) -> Attach<'_> {
    Attach { input: "identity", name: "免許証.png", media: "image/png", bytes }
}

/// The picture that most people here attach.
#[must_use]
pub fn photograph() -> Vec<u8> {
    papers::png()
}

fn account<'a>(facts: &'a Value, login_id: &str) -> &'a Value {
    let mut all = facts["accounts"].as_array().into_iter().flatten();
    let found = all.find(|one| one["login_id"] == login_id);
    found.unwrap_or_else(|| panic!("no account {login_id}"))
}

/// Number and secret on the receipt.
///
/// # Panics
/// When the page shows no number.
#[must_use]
pub fn slip(page: &Page) -> Slip {
    let html = page.html();
    let mut numbers = html.split("panel-number").skip(1).map(|part| {
        let (_, rest) = part.split_once('>').unwrap_or_default();
        rest.split('<').next().unwrap_or_default().trim().to_owned()
    });
    let number = numbers.next().unwrap_or_else(|| panic!("no number in: {}", page.text()));
    Slip { number, secret: numbers.next().unwrap_or_default() }
}

/// The first link in a mail, whatever its transfer encoding.
#[must_use]
pub fn link_in(raw: &str) -> Option<String> {
    let text = readable(raw);
    let start = text.find("http://")?;
    let link: String =
        text[start..].chars().take_while(|letter| letter.is_ascii_graphic()).collect();
    Some(link)
}

/// The secret of an authenticator app as people type it.
fn base32(text: &str) -> Vec<u8> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'2'..=b'7' => Some(byte - b'2' + 26),
        _ => None,
    };
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for five in text.bytes().filter_map(digit) {
        held = (held << 5) | u32::from(five);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    bytes
}
