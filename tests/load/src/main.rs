//! `bench accept|page|…`: see `cargo xtask bench -- --help`.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use load::memory::in_a_process_of_its_own;
use load::{accept, bridge, cross, design, desk, exports, files, form, log, page, search};
use town::Database;

/// Measures the town on this machine.
#[derive(Parser)]
#[command(name = "cargo xtask bench")]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Submissions a second from 200 clients.
    Accept {
        /// Where the zones keep their data.
        #[arg(long, value_enum, default_value_t = Kind::Sqlite)]
        database: Kind,
        /// Forms that each client sends in one go; there are two goes.
        #[arg(long, default_value_t = 30)]
        each: usize,
        /// Applications that are there already.
        #[arg(long, default_value_t = 0)]
        rows: u32,
    },
    /// Pages a second to 200 clients, and the memory of idle zones.
    Page {
        /// Pages that each client opens.
        #[arg(long, default_value_t = 300)]
        each: usize,
    },
    /// A page of a form of 300 fields with 65 rules.
    Form {
        /// People who fill it in, one after the other; each goes through ten pages.
        #[arg(long, default_value_t = 30)]
        people: usize,
    },
    /// The search over many procedures.
    Search {
        /// Procedures.
        #[arg(long, default_value_t = 5_000)]
        procedures: usize,
        /// Times each query is asked.
        #[arg(long, default_value_t = 100)]
        times: usize,
    },
    /// The staff's list with a million applications.
    List {
        /// Where the zones keep their data.
        #[arg(long, value_enum, default_value_t = Kind::Sqlite)]
        database: Kind,
        /// Applications.
        #[arg(long, default_value_t = 1_000_000)]
        applications: u32,
        /// Times each question is asked.
        #[arg(long, default_value_t = 200)]
        times: usize,
    },
    /// CSV of ten thousand applications out of many.
    Csv {
        /// Where the zones keep their data.
        #[arg(long, value_enum, default_value_t = Kind::Sqlite)]
        database: Kind,
        /// Applications.
        #[arg(long, default_value_t = 1_000_000)]
        applications: u32,
    },
    /// A step taken for five thousand applications of the list at once.
    Batch {
        /// Where the zones keep their data.
        #[arg(long, value_enum, default_value_t = Kind::Sqlite)]
        database: Kind,
        /// Applications.
        #[arg(long, default_value_t = 1_000_000)]
        applications: u32,
    },
    /// A change of a design of 500 fields.
    Design {
        /// Where the zones keep their data.
        #[arg(long, value_enum, default_value_t = Kind::Sqlite)]
        database: Kind,
        /// Changes, one after the other.
        #[arg(long, default_value_t = 100)]
        times: usize,
    },
    /// From pressing 申請する to the staff's list.
    Cross {
        /// Where the zones keep their data.
        #[arg(long, value_enum, default_value_t = Kind::Sqlite)]
        database: Kind,
        /// Applications, one after the other.
        #[arg(long, default_value_t = 200)]
        times: usize,
    },
    /// The lanes alone, beside a bare prototype of them.
    Bridge {
        /// Submissions in a row.
        #[arg(long, default_value_t = 20_000)]
        many: usize,
        /// Submissions that wait for the carrier.
        #[arg(long, default_value_t = 50_000)]
        backlog: usize,
        /// Only the memory that the largest bundle takes; the whole run asks for it
        /// in a process of its own.
        #[arg(long)]
        memory: bool,
        /// Only that of the end that takes in, on the folder of a run with `--memory`.
        #[arg(long, hide = true)]
        taking_in: Option<PathBuf>,
    },
    /// Records of the sample layouts for business systems.
    Exports {
        /// Records of each.
        #[arg(long, default_value_t = 100_000)]
        records: u32,
    },
    /// The walk over an operation log, and that it names an altered event.
    Audit {
        /// Events.
        #[arg(long, default_value_t = 1_000_000)]
        events: i64,
    },
    /// The rebuild of every file in a folder, one process a file.
    Sanitizer {
        /// The folder; a MANIFEST.tsv in it says what should become of each.
        #[arg(long)]
        corpus: PathBuf,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    Sqlite,
    Postgres,
}

impl From<Kind> for Database {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Sqlite => Self::Sqlite,
            Kind::Postgres => Self::Postgres,
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), String> {
    match Arguments::parse().what {
        What::Accept { database, each, rows } => accept::measure(database.into(), each, rows).await,
        What::Form { people } => form::measure(people).await,
        What::Search { procedures, times } => search::measure(procedures, times),
        What::Page { each } => page::measure(each).await,
        What::Design { database, times } => design::measure(database.into(), times).await,
        What::List { database, applications, times } => {
            desk::list(database.into(), applications, times).await
        }
        What::Csv { database, applications } => desk::csv(database.into(), applications).await,
        What::Batch { database, applications } => desk::batch(database.into(), applications).await,
        What::Bridge { taking_in: Some(folder), .. } => bridge::memory_taking_in(folder).await,
        What::Bridge { memory: true, .. } => bridge::memory().await,
        What::Bridge { many, backlog, .. } => {
            bridge::measure(many, backlog).await?;
            in_a_process_of_its_own(&["bridge".as_ref(), "--memory".as_ref()])
        }
        What::Exports { records } => exports::measure(records),
        What::Audit { events } => log::measure(events).await,
        What::Sanitizer { corpus } => files::measure(&corpus),
        What::Cross { database, times } => cross::measure(database.into(), times).await,
    }
}
