//! Tells operators by mail what `/readyz` says: what stopped or is in need, and when it
//! has passed (NS-2, I21). What was told is kept in memory: after a start it is told anew.

use std::collections::BTreeMap;
use std::time::Duration;

use lgwan_zone_web::bridge::alarms::{self, Place};
use lgwan_zone_web::letters;
use platform_mail::{NotSent, PostOffice};
use platform_service::clock::Clock;
use platform_service::halts::Halts;
use platform_service::ids;
use platform_service::shutdown::Shutdown;

/// Time between two looks; with that of the lanes an alarm is told within a minute.
const EVERY: Duration = Duration::from_secs(5);

/// The telling task.
pub(crate) struct AlarmMails {
    pub(crate) halts: Halts,
    pub(crate) clock: Clock,
    pub(crate) office: PostOffice,
    /// Addresses of operators.
    pub(crate) operators: Vec<String>,
    /// Address of the staff pages.
    pub(crate) staff_url: String,
}

/// What is to be told, by part and code, in sentences.
type Troubles = BTreeMap<(String, String), String>;

/// What each operator was told last.
type Told = BTreeMap<String, Troubles>;

impl AlarmMails {
    /// Tells until told to stop. A mail that cannot be sent is tried again at each look.
    pub(crate) async fn run(self, stop: Shutdown) -> Result<(), String> {
        let mut told: Told =
            self.operators.iter().map(|one| (one.clone(), Troubles::new())).collect();
        loop {
            self.look(&mut told).await;
            tokio::select! {
                () = stop.wait() => return Ok(()),
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    async fn look(&self, told: &mut Told) {
        let now = self.troubles();
        for (operator, before) in told {
            if *before != now && self.tell(operator, before, &now).await {
                before.clone_from(&now);
            }
        }
    }

    fn troubles(&self) -> Troubles {
        let halts = self.halts.all();
        let stopped = halts.iter().map(|one| ((&one.part, one.code), alarms::halt(one)));
        let needs = self.halts.warnings();
        let needed = needs.iter().map(|one| ((&one.part, one.code), alarms::need(one)));
        let owned = |((part, code), words): ((&String, &str), String)| {
            ((part.clone(), code.to_owned()), words)
        };
        stopped.chain(needed).map(owned).collect()
    }

    /// `true` when this operator knows now, or never can.
    async fn tell(&self, operator: &str, before: &Troubles, now: &Troubles) -> bool {
        let only = |these: &Troubles, those: &Troubles| -> Vec<String> {
            let new = these.iter().filter(|(key, _)| !those.contains_key(*key));
            new.map(|(_, words)| words.clone()).collect()
        };
        let (began, ended) = (only(now, before), only(before, now));
        // A count that moved is no news.
        if began.is_empty() && ended.is_empty() {
            return true;
        }
        let moved = |(part, code): &&(String, String)| {
            let key = (part.clone(), code.clone());
            now.contains_key(&key) != before.contains_key(&key)
        };
        let codes = now.keys().chain(before.keys()).filter(moved);
        let places = codes.map(|(_, code)| Place::of(code)).collect();
        let (subject, body) = letters::alarms(&began, &ended, &places, &self.staff_url);
        match self.office.send(&ids::new(&self.clock), operator, &subject, body).await {
            Ok(()) => true,
            Err(NotSent::Later(why)) => {
                tracing::warn!(%why, "operators cannot be told by mail; it is tried again");
                false
            }
            Err(NotSent::Never(why)) => {
                tracing::error!(%why, "operators cannot be told by mail");
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use platform_mail::{MailConfig, SmtpConfig, SmtpSecurity};
    use platform_service::halts::Need;
    use platform_testkit::smtp::Sink;

    use super::*;

    const OPERATOR: &str = "unyo@mirai.lgwan.example";

    fn gap(numbers: &str) -> Need {
        Need {
            part: "lane in gap".to_owned(),
            code: "gap",
            detail: numbers.to_owned(),
            why: format!("missing {numbers}"),
        }
    }

    /// NS-2, I21, NN-7: an alarm makes one mail, its end another; a number that moved none, and
    /// a mail server that is away only puts it off.
    #[tokio::test(flavor = "multi_thread")]
    async fn an_alarm_and_its_end_are_told_once() {
        let sink = Sink::start().expect("a port");
        let office = |port| {
            let smtp = SmtpConfig {
                host: "127.0.0.1".to_owned(),
                port,
                security: SmtpSecurity::None,
                user: None,
                password_file: None,
            };
            let from = "kanshi@mirai.lgwan.example".to_owned();
            PostOffice::new(&MailConfig { from, smtp: Some(smtp), folder: None }).expect("usable")
        };
        let nobody = std::net::TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr());
        let mut mails = AlarmMails {
            halts: Halts::default(),
            clock: Clock::system(),
            office: office(nobody.expect("a free port").port()),
            operators: vec![OPERATOR.to_owned()],
            staff_url: "https://shokuin.mirai.lgwan.example".to_owned(),
        };
        let mut told = Told::from([(OPERATOR.to_owned(), Troubles::new())]);
        mails.halts.warn(gap("3–4"));
        mails.look(&mut told).await;
        assert!(told[OPERATOR].is_empty(), "the mail server is away");
        mails.office = office(sink.addr().port());
        mails.look(&mut told).await;
        mails.halts.warn(gap("3–9"));
        mails.look(&mut told).await;
        mails.halts.all_is_well("lane in gap");
        mails.look(&mut told).await;
        mails.look(&mut told).await;
        let sent = sink.mails_to(OPERATOR);
        assert_eq!(sent.len(), 2, "one at the beginning, one at the end");
        assert!(told[OPERATOR].is_empty());
    }

    /// I21, NS-2: a trouble of another host is named after that host.
    #[test]
    fn a_trouble_of_another_host_is_named_after_it() {
        let far = |part: &str, code, detail: &str| {
            let (part, detail, why) = (part.to_owned(), detail.to_owned(), String::new());
            alarms::need(&Need { part, code, detail, why })
        };
        let full = far("host i spool", "spool_full", "97 % / 12 %");
        assert!(
            full.starts_with("市民側のサーバー(I)から:受け渡しのフォルダーがいっぱい"),
            "{full}"
        );
        let halted = far("host s lane raw", "halted", "");
        assert!(halted.starts_with("無害化サーバー(S)から:申請"), "{halted}");
        let restored = far("host i lane raw", "restored", "");
        assert!(restored.contains("バックアップの時点"), "{restored}");
        assert!(far("host i clock", "elsewhere", "7").contains("/readyz"));
        let outward = far("host b lane exp", "halted", "");
        assert!(
            outward.starts_with("連携サーバーBから:業務システムへの出力:受信が止"),
            "{outward}"
        );
        let full = far("host a spool", "spool_full", "97 % / 12 %");
        assert!(full.starts_with("連携サーバーAから:受け渡しのフォルダーがいっぱい"), "{full}");
        assert!(!full.contains("受付を止め"), "nobody sends applications there: {full}");
        let stuck = far("host a generation", "not_packed", "juminhyo/000012");
        assert!(stuck.starts_with("連携サーバーAから:出力の世代 juminhyo/000012"), "{stuck}");
        let silent = far("server a", "unheard", "2026-11-20T01:00:00Z");
        assert!(silent.starts_with("連携サーバーAからの合図が途絶え"), "{silent}");
    }

    /// NS-2: the words of a mail name the lane, the numbers and the page.
    #[test]
    fn a_mail_says_what_is_the_matter_and_where_to_look() {
        let words = alarms::need(&gap("3–4"));
        assert!(words.starts_with("申請(無害化後):番号 3–4 が届いていません。"), "{words}");
        let bridge = [Place::of("gap")].into();
        let (subject, body) = letters::alarms(&[words], &[], &bridge, "https://shokuin.example");
        assert_eq!(subject, "【電子申請・監視】確認が必要です(1件)");
        assert!(body.contains("https://shokuin.example/bridge") && body.contains("3–4"), "{body}");
        assert!(!body.contains("/audit"), "{body}");
        let both = [Place::of("log_broken"), Place::of("spray")].into();
        let ended = ["x".to_owned()];
        let (subject, body) = letters::alarms(&[], &ended, &both, "https://shokuin.example");
        assert_eq!(subject, "【電子申請・監視】解消しました(1件)");
        assert!(body.contains("/audit/verify") && body.contains("/audit/alerts"), "{body}");
        assert!(!body.contains("/bridge") && !body.contains("ブリッジの手順書"), "{body}");
        // What another host says has the code that it has there.
        for code in alarms::CODES.into_iter().filter(|code| *code != "elsewhere") {
            let (page, runbook) = match Place::of(code) {
                Place::Bridge => ("bridge", include_str!("../../docs/operations/bridge.md")),
                Place::Verify | Place::Alerts => {
                    ("audit", include_str!("../../docs/operations/audit.md"))
                }
            };
            let word = code.split('_').next().unwrap_or(code);
            assert!(runbook.contains(word), "docs/operations/{page}.md says nothing of {code}");
        }
    }
}
