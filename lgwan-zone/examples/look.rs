#[path = "../tests/staff/browser.rs"]
mod browser;
#[path = "../tests/staff/city.rs"]
mod city;
#[path = "../tests/staff/desk.rs"]
mod desk;
use desk::{Desk, Sent};
#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("staff.db").display());
    let d =
        Desk::at(&url, folder, platform_service::clock::Clock::system(), "127.0.0.1:18900").await;
    d.publishes(&["accept", "review", "notify"]).await;
    for (f, g) in [("山田", "花子"), ("佐藤", "太郎"), ("髙橋", "みなみ"), ("鈴木", "一郎")]
    {
        let s =
            d.submission((f, g), &[Sent::Picture("免許証.png"), Sent::Locked("委任状.pdf")]).await;
        d.arrives(s).await.unwrap();
    }
    for (k, (p, t)) in &d.passwords {
        println!("{k} {p} {}", t.clone().unwrap_or_default());
    }
    println!("ready");
    std::future::pending::<()>().await;
}
