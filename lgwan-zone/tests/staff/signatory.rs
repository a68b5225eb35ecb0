//! 職責の電子署名: what the service signs is looked at by programs that know nothing of it.

use std::path::{Path, PathBuf};
use std::process::Command;

use domain::ids::ApplicationId;
use lgwan_zone::config::SignatoryConfig;
use lgwan_zone_store::templates;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};

use crate::applications::{arrive, step};
use crate::browser::{Answer, Browser};
use crate::city::{CITIZENS, COPY};
use crate::desk::Desk;

const PASSWORD: &str = "公印 2026";

/// Runs a program that must end well; its words.
pub(crate) fn run(program: &str, arguments: &[&str]) -> String {
    let ran = Command::new(program).args(arguments).env("LC_ALL", "C.UTF-8").output();
    let ran = ran.unwrap_or_else(|why| panic!("{program} is missing: {why}"));
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(ran.status.success(), "{program}: {said}{}", String::from_utf8_lossy(&ran.stderr));
    said
}

/// The certificate of a post under an authority of its own, as OpenSSL packs it; the folder keeps
/// `ca.pem`.
struct Post<'a> {
    name: &'a str,
    /// What `openssl genpkey` is asked for.
    key: &'a [&'a str],
    /// The last year of the certificate.
    until: i32,
    /// `-legacy` for the ciphers of old programs.
    packed: &'a [&'a str],
}

const RSA: &[&str] = &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
const P256: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];

impl Post<'_> {
    fn made(&self, folder: &Path) -> SignatoryConfig {
        let at = |name: &str| folder.join(format!("{}-{name}", self.name));
        let text = |path: &Path| path.to_str().expect("a path").to_owned();
        let (key, own, whole, password) =
            (at("key.pem"), at("own.pem"), at("seal.p12"), at("password"));
        run("openssl", &[&["genpkey", "-out", &text(&key)], self.key].concat());
        let pair = KeyPair::from_pem(&std::fs::read_to_string(&key).expect("a key")).expect("ours");

        let above = KeyPair::generate().expect("a key");
        let mut authority = CertificateParams::new(Vec::new()).expect("no names");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.distinguished_name.push(DnType::CommonName, "みらい市認証局");
        authority.not_before = date_time_ymd(2020, 1, 1);
        let root = authority.self_signed(&above).expect("a certificate");
        let mut one = CertificateParams::new(Vec::new()).expect("no names");
        one.distinguished_name.push(DnType::OrganizationName, "みらい市");
        one.distinguished_name.push(DnType::CommonName, self.name);
        one.key_usages =
            vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::ContentCommitment];
        one.not_before = date_time_ymd(2021, 1, 1);
        one.not_after = date_time_ymd(self.until, 12, 31);
        let issuer = Issuer::new(authority, above);
        let one = one.signed_by(&pair, &issuer).expect("a certificate");
        std::fs::write(folder.join("ca.pem"), root.pem()).expect("written");
        std::fs::write(&own, one.pem() + &root.pem()).expect("written");
        std::fs::write(&password, format!("{PASSWORD}\n")).expect("written");
        let pack = ["pkcs12", "-export", "-inkey", &text(&key), "-in", &text(&own)];
        let out = ["-out", &text(&whole), "-passout", &format!("file:{}", text(&password))];
        run("openssl", &[&pack[..], &out[..], self.packed].concat());
        let name = self.name.to_owned();
        SignatoryConfig { name, pkcs12: whole, password, departments: Vec::new() }
    }
}

/// An application that stands before its result, and who works on it.
async fn decided(desk: &Desk) -> (Browser, ApplicationId) {
    desk.publishes(&["accept", "review", "notify"]).await;
    let id = arrive(desk).await;
    let clerk = desk.logged_in("uketsuke").await;
    assert_eq!(step(&clerk, &id, "accept", &[("seen", "1")]).await, 303);
    assert_eq!(step(&clerk, &id, "review", &[("seen", "2")]).await, 303);
    (clerk, id)
}

async fn issued(clerk: &Browser, id: &ApplicationId) -> Answer {
    let form = format!("/applications/{id}/result");
    let fields = [
        ("kind", "designed"),
        ("document_number", "み市民第1号"),
        ("title", "交付決定通知書"),
        ("addressee", "山田 花子 様"),
        ("body", "{number} について決定しました。"),
        ("seen", "3"),
    ];
    clerk.upload(&form, &form, &fields, None).await
}

/// The issued document as a file.
async fn document(desk: &Desk, clerk: &Browser, id: &ApplicationId) -> PathBuf {
    let page = clerk.get(&format!("/applications/{id}")).await.text();
    assert!(page.contains("「みらい市長」の電子署名あり"), "{page}");
    let link = page.split("/documents/").nth(1).and_then(|rest| rest.split('"').next());
    let link = format!("/applications/{id}/documents/{}", link.expect("a document"));
    let path = desk.file("issued.pdf", "");
    std::fs::write(&path, clerk.get(&link).await.bytes).expect("written");
    path
}

/// Signature and content as OpenSSL takes them.
fn taken_apart(pdf: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let text = String::from_utf8_lossy(pdf);
    let range = text.rsplit("/ByteRange").next().and_then(|rest| rest.split(['[', ']']).nth(1));
    let range: Vec<usize> =
        range.expect("a range").split_whitespace().map(|n| n.parse().expect("a number")).collect();
    let [0, open, after, rest] = range[..] else { panic!("{range:?}") };
    assert_eq!(after + rest, pdf.len(), "it covers the whole file");
    let digits = std::str::from_utf8(&pdf[open + 1..after - 1]).expect("digits");
    let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).expect("two digits");
    let signature = (0..digits.len()).step_by(2).map(byte).collect();
    (signature, [&pdf[..open], &pdf[after..]].concat())
}

/// What poppler finds of PDF/A-2u: each typeface is in the document, with the characters its shapes
/// stand for, and the document says what it is.
fn is_kept_for_long(path: &str) {
    let said = run("pdffonts", &[path]);
    // name, type, encoding, emb, sub, uni, object: the last two of an object are numbers.
    let typefaces: Vec<Vec<&str>> =
        said.lines().skip(2).map(|line| line.split_whitespace().rev().collect()).collect();
    assert!(!typefaces.is_empty(), "{said}");
    for typeface in typefaces {
        assert_eq!((typeface[4], typeface[2]), ("yes", "yes"), "{said}");
    }
    let said = run("pdfinfo", &["-meta", path]);
    for words in ["<pdfaid:part>2</pdfaid:part>", "<pdfaid:conformance>U</pdfaid:conformance>"] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

/// NF-34, NF-47: the document carries the post's signature, with RSA and with ECDSA, from a file of today
/// and of old programs; poppler and OpenSSL find it good and whole, qpdf the file in order, and a
/// changed byte is found.
#[tokio::test(flavor = "multi_thread")]
async fn an_issued_document_is_signed_by_its_post() {
    for (key, packed) in [(RSA, &[][..]), (P256, &["-legacy"][..])] {
        let folder = tempfile::tempdir().expect("a folder");
        let post = Post { name: "みらい市長", key, until: 2099, packed }.made(folder.path());
        let desk = Desk::with(|config| config.signatories.push(post)).await;
        let (clerk, id) = decided(&desk).await;
        let page = clerk.get(&format!("/applications/{id}/result")).await.text();
        assert!(page.contains("「みらい市長」の電子署名を付けます"), "{page}");
        let answer = issued(&clerk, &id).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        let path = document(&desk, &clerk, &id).await;
        let path = path.to_str().expect("a path");

        let said = run("pdfsig", &["-nocert", path]);
        for words in ["ETSI.CAdES.detached", "Total document signed", "Signature is Valid"] {
            assert!(said.contains(words), "{words}: {said}");
        }
        run("qpdf", &["--check", path]);
        is_kept_for_long(path);
        assert!(run("pdftotext", &[path, "-"]).contains("について決定しました"));

        let pdf = std::fs::read(path).expect("a document");
        let (signature, content) = taken_apart(&pdf);
        let file = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).expect("written");
            path.to_str().expect("a path").to_owned()
        };
        let signature = file("signature.der", &signature);
        let ca = folder.path().join("ca.pem");
        let verify = |content: &str| {
            Command::new("openssl")
                .args(["cms", "-verify", "-inform", "DER", "-binary", "-in", &signature])
                .args(["-content", content, "-purpose", "any", "-cades", "-out", "/dev/null"])
                .arg("-CAfile")
                .arg(&ca)
                .output()
                .expect("openssl")
        };
        let good = verify(&file("content", &content));
        assert!(good.status.success(), "{}", String::from_utf8_lossy(&good.stderr));
        let mut other = content;
        other[100] ^= 1;
        assert!(!verify(&file("other", &other)).status.success(), "a changed byte is found");
        desk.closes().await;
    }
}

/// NF-34, NF-47: a refusal that is only looked at carries no signature, so none that nobody decided goes out
/// with one; the one that is told does.
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_signed_when_it_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let post = Post { name: "みらい市長", key: P256, until: 2099, packed: &[] }.made(folder.path());
    let desk = Desk::with(|config| config.signatories.push(post)).await;
    let (clerk, id) = decided(&desk).await;
    let (list, owner) = ("/procedures/templates", format!("p:{COPY}"));
    let text = [
        ("for", owner.as_str()),
        ("kind", "refusal"),
        ("name", "却下通知"),
        ("title", "却下の通知"),
        ("addressee", "{name} 様"),
        ("body", "理由\n{reason}\n教示\n{remedy}"),
        ("note", "{number}の文書です。"),
    ];
    let manager = desk.logged_in("tetsuzuki").await;
    let kept = manager.post(&format!("{list}/form?for={owner}"), list, &text).await;
    assert_eq!(kept.status, 303, "{}", kept.text());
    let of = ([CITIZENS.to_owned()], [COPY.to_owned()]);
    let texts = desk.store.read(move |db| templates::of(db, &of.0, &of.1)).await.expect("readable");
    let signed = |pdf: &[u8]| String::from_utf8_lossy(pdf).contains("/ByteRange");
    let path = format!("/applications/{id}/reject");
    let told = [("seen", "3"), ("reason", "要件を満たさないため"), ("notice", &*texts[0].id)];
    let looked: Vec<_> = told.iter().copied().chain([("do", "preview")]).collect();
    let sample = clerk.post(&path, &path, &looked).await;
    assert_eq!(sample.status, 200, "{}", sample.text());
    assert!(sample.bytes.starts_with(b"%PDF") && !signed(&sample.bytes));
    let rejected = clerk.post(&path, &path, &told).await;
    assert_eq!(rejected.status, 303, "{}", rejected.text());
    let issued = document(&desk, &clerk, &id).await;
    assert!(signed(&std::fs::read(issued).expect("a document")));
    desk.closes().await;
}

/// NF-34, NF-47: with a certificate that has run out nothing is issued, everything typed is still
/// there, and the page says what to do; a document from elsewhere can be issued all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_ran_out_signs_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let post = Post { name: "みらい市長", key: P256, until: 2025, packed: &[] }.made(folder.path());
    let desk = Desk::with(|config| config.signatories.push(post)).await;
    let (clerk, id) = decided(&desk).await;
    let answer = issued(&clerk, &id).await;
    assert_eq!(answer.status, 422);
    let page = answer.text();
    for words in ["2025-12-31", "証明書の入れ替え", "交付決定通知書", "山田 花子 様"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    let form = format!("/applications/{id}/result");
    let fields = [("kind", "uploaded"), ("pdf_title", "決定通知書"), ("seen", "3")];
    let file = ("pdf", "決定通知書.pdf", &b"%PDF-1.7\n%%EOF\n"[..]);
    let answer = clerk.upload(&form, &form, &fields, Some(file)).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let page = clerk.get(&format!("/applications/{id}")).await.text();
    assert!(page.contains("決定通知書") && !page.contains("電子署名あり"), "{page}");
    desk.closes().await;
}

/// NF-34: a post signs for the departments it names, another for the rest; a service whose file
/// cannot sign does not start, and says why.
#[tokio::test]
async fn a_file_that_cannot_sign_is_named_at_the_start() {
    use lgwan_zone_web::signatory::{BadPkcs12, Signatories, Signatory};

    let folder = tempfile::tempdir().expect("a folder");
    let post = Post { name: "みらい市長", key: P256, until: 2099, packed: &[] }.made(folder.path());
    let bytes = std::fs::read(&post.pkcs12).expect("a file");
    let open = |name: &str, departments: &[&str], password: &str| {
        let departments = departments.iter().map(|code| (*code).to_owned()).collect();
        Signatory::open(name, departments, &bytes, password)
    };
    let wrong = open("市長", &[], "another");
    assert_eq!(wrong.err(), Some(BadPkcs12::Unreadable));
    let text = Signatory::open("市長", Vec::new(), b"no PKCS#12", PASSWORD);
    assert_eq!(text.err(), Some(BadPkcs12::Unreadable));

    let short: &[&str] = &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"];
    let key = folder.path().join("short.pem");
    run("openssl", &[&["genpkey", "-out", key.to_str().expect("a path")], short].concat());
    let pack = folder.path().join("short.p12");
    let (key, pack) = (key.to_str().expect("a path"), pack.to_str().expect("a path"));
    let own = format!("{key}.crt");
    run("openssl", &["req", "-x509", "-key", key, "-subj", "/CN=short", "-out", &own]);
    let out = format!("pass:{PASSWORD}");
    run(
        "openssl",
        &["pkcs12", "-export", "-inkey", key, "-in", &own, "-out", pack, "-passout", &out],
    );
    let bytes = std::fs::read(pack).expect("a file");
    let weak = Signatory::open("市長", Vec::new(), &bytes, PASSWORD);
    assert_eq!(weak.err(), Some(BadPkcs12::Kind));

    let open = |name: &str, departments: &[&str]| open(name, departments, PASSWORD).expect("good");
    let all: Signatories = [open("市長", &[]), open("教育長", &["kyoiku"])].into_iter().collect();
    assert_eq!(all.of("kyoiku").map(|post| post.name.as_str()), Some("教育長"));
    assert_eq!(all.of("shimin").map(|post| post.name.as_str()), Some("市長"));
    assert!(Signatories::default().of("shimin").is_none());
}
