//! The citizens' zone alone with the sample procedures, for work on its pages:
//! `cargo run -p internet-zone --example alone -- 127.0.0.1:18080`.

#[path = "../tests/support/mod.rs"]
mod support;

use platform_service::clock::Clock;

#[tokio::main]
async fn main() {
    let public = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:18080".to_owned());
    let zone = support::Zone::open_at(Clock::system(), &public, None).await;
    println!("http://{public}  {}", zone.root.display());
    zone.running.join().await.expect("it ends well");
}
