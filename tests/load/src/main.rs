//! `bench accept|page|…`: see `cargo xtask bench --help`.

use clap::{Parser, Subcommand};
use load::{client::Figures, floor};

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// The floors alone.
    Floor,
}

#[tokio::main]
async fn main() -> Result<(), String> {
    match Arguments::parse().what {
        What::Floor => {
            let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
            let url = format!("sqlite:{}", folder.path().join("floor.db").display());
            show("accept floor", &floor::accept(&url, 200, 100).await?);
            show("page floor", &floor::page(200, 500).await?);
            Ok(())
        }
    }
}

fn show(what: &str, figures: &Figures) {
    println!(
        "{what}: {:.0}/s, p50 {:.1} ms, p99 {:.1} ms, {} bad",
        figures.per_second(),
        figures.within(50),
        figures.within(99),
        figures.bad,
    );
}
