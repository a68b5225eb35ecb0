//! The whole town as real programs on loopback: folders, keys, settings, start,
//! stop. `cargo xtask demo`, the benchmarks and the fault tests run on it.
//!
//! ```text
//! ROOT/i  keys files spool citizen.db   internet-zone, bridge outer
//! ROOT/s  keys spool                    bridge relay, sanitizer
//! ROOT/l  keys files spool staff.db     lgwan-zone, bridge inner
//! ROOT/a  keys exports spool            bridge export (server A)
//! ROOT/b  keys drop spool               bridge drop (server B)
//! ROOT/mail  ROOT/logs  ROOT/town.json
//! ```

mod layout;
mod process;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use platform_testkit::PATIENCE;
use platform_testkit::postgres::{Cluster, Durability};
use platform_testkit::smtp::Sink;
use serde_json::{Value, json};

pub use layout::{Ports, TERMINAL_CODE};
pub use process::{Program, Running};

/// Which database both zones use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    /// A file in each zone's folder.
    Sqlite,
    /// A throwaway server in `ROOT/postgres`.
    Postgres,
}

/// What to start.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Everything the town writes lies below.
    pub root: PathBuf,
    /// Folder of the built programs.
    pub programs: PathBuf,
    /// The repository's root: sample city, typeface.
    pub house: PathBuf,
    /// Where it listens.
    pub ports: Ports,
    /// Which database.
    pub database: Database,
    /// Whether files are looked at before citizens send them.
    pub look_ahead: bool,
}

/// Who gets an operator's order.
#[derive(Clone, Copy, Debug)]
pub enum Order<'a> {
    /// The citizens' zone.
    Internet,
    /// The staff zone.
    Lgwan,
    /// The bridge's verifier, for this file.
    Verify(&'a Path),
}

/// A running town. Dropping it ends all programs at once; [`Town::stop`] is polite.
#[derive(Debug)]
pub struct Town {
    /// What was started.
    pub plan: Plan,
    /// The mail server.
    pub mail: Sink,
    programs: BTreeMap<&'static str, Running>,
    urls: [String; 2],
    postgres: Option<Cluster>,
}

impl Town {
    /// Starts the town: keys, settings, accounts and procedures are made the
    /// first time and kept later. Returns when citizens can apply.
    ///
    /// # Errors
    /// With the words of the program that failed.
    pub fn start(plan: Plan) -> io::Result<Self> {
        fs::create_dir_all(&plan.root)?;
        let plan = Plan { root: plan.root.canonicalize()?, ..plan };
        let mail = Sink::start_at(plan.ports.smtp(), Some(plan.root.join("mail")))?;
        let (cluster, urls) = plan.databases()?;
        plan.make_keys()?;
        plan.write_settings(&urls)?;
        plan.fill()?;
        let mut town = Self { plan, mail, programs: BTreeMap::new(), urls, postgres: cluster };
        for program in town.plan.all_programs() {
            town.launch(&program)?;
        }
        for program in town.programs.values_mut() {
            program.wait_ready(PATIENCE)?;
        }
        town.wait_for_procedures()?;
        town.write_facts()?;
        Ok(town)
    }

    /// The citizens' site.
    #[must_use]
    pub fn citizens(&self) -> std::net::SocketAddr {
        self.plan.ports.citizens()
    }

    /// The staff's site.
    #[must_use]
    pub fn staff(&self) -> std::net::SocketAddr {
        self.plan.ports.staff()
    }

    /// Addresses, accounts and folders, as in `town.json`.
    ///
    /// # Errors
    /// When the accounts cannot be read.
    pub fn facts(&self) -> io::Result<Value> {
        let accounts = fs::read_to_string(self.plan.accounts())?;
        let accounts: Value = serde_json::from_str(&accounts)?;
        let root = &self.plan.root;
        Ok(json!({
            "citizens": format!("http://localhost:{}", self.citizens().port()),
            "staff": format!("http://localhost:{}", self.staff().port()),
            "smtp": self.plan.ports.smtp().to_string(),
            "mail_folder": root.join("mail"),
            "accounts": accounts,
            "server_a": root.join("a/exports"),
            "server_b": root.join("b/drop"),
            "logs": root.join("logs"),
        }))
    }

    /// Addresses of the citizens' and the staff's databases.
    #[must_use]
    pub const fn databases(&self) -> &[String; 2] {
        &self.urls
    }

    /// Address of the staff's database, for a measurement that fills it.
    #[must_use]
    pub fn staff_database(&self) -> &str {
        &self.urls[1]
    }

    /// Address of the citizens' database, for a measurement that fills it.
    #[must_use]
    pub fn citizens_database(&self) -> &str {
        &self.urls[0]
    }

    /// Gives an operator's order to a zone, or has the bridge check a file; returns
    /// what it prints.
    ///
    /// # Errors
    /// What it says when it refuses.
    pub fn order(&self, order: Order<'_>, words: &[&str]) -> io::Result<String> {
        let mut command = match order {
            Order::Internet => self.plan.zone_order("internet-zone", "i"),
            Order::Lgwan => self.plan.zone_order("lgwan-zone", "l"),
            Order::Verify(file) => {
                let mut command = self.plan.command("bridge");
                command.arg("verify").arg(file).arg("--keys").arg(self.plan.root.join("l/keys"));
                command
            }
        };
        let output = command.args(words).output()?;
        let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if output.status.success() {
            return Ok(said(&output.stdout));
        }
        Err(io::Error::other(said(&output.stderr)))
    }

    /// An empty database beside the town's own.
    ///
    /// # Errors
    /// When the server does not make one.
    pub fn spare_database(&self, name: &str) -> io::Result<String> {
        match &self.postgres {
            Some(cluster) => cluster.database(name),
            None => Ok(format!("sqlite:{}", self.plan.root.join(name).display())),
        }
    }

    /// Kills a program as a power cut would, and starts it again.
    ///
    /// # Errors
    /// When there is no such program or it does not start.
    pub fn kill_and_restart(&mut self, name: &str) -> io::Result<()> {
        let running = self.programs.remove(name);
        let running = running.ok_or_else(|| io::Error::other(format!("no program {name}")))?;
        let program = running.kill()?;
        self.launch(&program)?;
        self.programs.get_mut(program.name).map_or(Ok(()), |one| one.wait_ready(PATIENCE))
    }

    /// Kills a program and leaves it dead; returns how to start it again.
    ///
    /// # Errors
    /// When there is no such program.
    pub fn kill(&mut self, name: &str) -> io::Result<Program> {
        let running = self.programs.remove(name);
        running.ok_or_else(|| io::Error::other(format!("no program {name}")))?.kill()
    }

    /// Starts a program that was killed, and waits until it is ready.
    ///
    /// # Errors
    /// When it does not start.
    pub fn revive(&mut self, program: &Program) -> io::Result<()> {
        self.launch(program)?;
        self.programs.get_mut(program.name).map_or(Ok(()), |one| one.wait_ready(PATIENCE))
    }

    /// Starts a program that was killed, whether it ever becomes ready or not.
    ///
    /// # Errors
    /// When the program or its log cannot be opened.
    pub fn begin(&mut self, program: &Program) -> io::Result<()> {
        self.launch(program)
    }

    /// Starts every program that has ended by itself, as a supervisor does, and waits
    /// until it is ready; returns their names.
    ///
    /// # Errors
    /// When one does not start.
    pub fn revive_fallen(&mut self) -> io::Result<Vec<&'static str>> {
        let mut revived = Vec::new();
        while let Some(name) = self.fallen() {
            self.kill_and_restart(name)?;
            revived.push(name);
        }
        Ok(revived)
    }

    /// A running program.
    #[must_use]
    pub fn program(&self, name: &str) -> Option<&Running> {
        self.programs.get(name)
    }

    /// Names of all programs.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.programs.keys().copied()
    }

    /// Process id of a program.
    #[must_use]
    pub fn id_of(&self, name: &str) -> Option<u32> {
        self.programs.get(name).map(Running::id)
    }

    /// Whether a program still runs.
    pub fn runs(&mut self, name: &str) -> bool {
        self.programs.get_mut(name).is_some_and(Running::is_alive)
    }

    /// The first program that has ended by itself.
    pub fn fallen(&mut self) -> Option<&'static str> {
        self.programs.iter_mut().find_map(|(name, one)| (!one.is_alive()).then_some(*name))
    }

    /// Stops all programs politely.
    ///
    /// # Errors
    /// With the words of the first that does not stop well.
    pub fn stop(mut self) -> io::Result<()> {
        let mut trouble = Ok(());
        for (_, program) in std::mem::take(&mut self.programs) {
            let stopped = program.stop();
            trouble = trouble.and(stopped);
        }
        trouble
    }

    /// Publishes one more procedure, and waits until citizens can open it.
    ///
    /// # Errors
    /// With the words of the program that refuses it, or when it does not cross the bridge.
    pub fn publish(&self, document: &Path, slug: &str) -> io::Result<()> {
        self.plan.publish(&self.plan.accounts(), &[document.to_owned()])?;
        let until = Instant::now() + PATIENCE;
        while !process::is_served(self.citizens(), &format!("/procedures/{slug}")) {
            if Instant::now() > until {
                return Err(io::Error::other(format!("{slug} did not cross the bridge")));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    fn launch(&mut self, program: &Program) -> io::Result<()> {
        let running = program.start(&self.plan.root.join("logs"))?;
        self.programs.insert(program.name, running);
        Ok(())
    }

    /// Publications cross the bridge before the first citizen comes.
    fn wait_for_procedures(&mut self) -> io::Result<()> {
        let slugs = self.plan.slugs()?;
        let until = Instant::now() + PATIENCE;
        loop {
            let missing = slugs
                .iter()
                .find(|slug| !process::is_served(self.citizens(), &format!("/procedures/{slug}")));
            let Some(missing) = missing else { return Ok(()) };
            if let Some(name) = self.fallen() {
                return Err(io::Error::other(format!(
                    "{name} ended; see {}/logs",
                    self.plan.root.display()
                )));
            }
            if Instant::now() > until {
                return Err(io::Error::other(format!(
                    "the procedure {missing} did not cross the bridge; see {}/logs",
                    self.plan.root.display()
                )));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn write_facts(&self) -> io::Result<()> {
        let text = serde_json::to_string_pretty(&self.facts()?)?;
        write_private(&self.plan.root.join("town.json"), text.as_bytes())
    }
}

impl Plan {
    /// Log-in names, passwords and authenticator secrets of the sample city.
    fn accounts(&self) -> PathBuf {
        self.root.join("accounts.json")
    }

    fn databases(&self) -> io::Result<(Option<Cluster>, [String; 2])> {
        match self.database {
            Database::Sqlite => {
                let url = |file: &str| format!("sqlite:{}", self.root.join(file).display());
                Ok((None, [url("i/citizen.db"), url("l/staff.db")]))
            }
            Database::Postgres => {
                let cluster = Cluster::start(&self.root.join("postgres"), Durability::Full)?;
                let urls = [cluster.database("citizen")?, cluster.database("staff")?];
                Ok((Some(cluster), urls))
            }
        }
    }

    fn zone_order(&self, zone: &str, host: &str) -> Command {
        let mut command = self.command(zone);
        let config = self.root.join(host).join(format!("{zone}.toml"));
        command.arg("bridge").arg("--config").arg(config);
        command
    }

    /// Departments, accounts and procedures, by the commands an operator uses.
    fn fill(&self) -> io::Result<()> {
        if self.accounts().exists() {
            return Ok(());
        }
        let sample = self.house.join("deploy/sample-city");
        let fresh = self.root.join("accounts.new");
        let _ = fs::remove_file(&fresh);
        let config = self.root.join("l/lgwan-zone.toml");
        let mut load = self.command("lgwan-zone");
        load.arg("load-city").arg("--config").arg(&config).arg("--sample");
        load.arg("--city").arg(sample.join("city.json")).arg("--passwords-out").arg(&fresh);
        succeed(&mut load)?;
        self.publish(&fresh, &self.documents()?)?;
        fs::rename(fresh, self.accounts())
    }

    /// Publishes procedures in the name of one of these accounts.
    fn publish(&self, accounts: &Path, documents: &[PathBuf]) -> io::Result<()> {
        let mut publish = self.command("lgwan-zone");
        publish.arg("publish").arg("--config").arg(self.root.join("l/lgwan-zone.toml"));
        publish.args(["--by", &layout::publisher(accounts)?]).args(documents);
        succeed(&mut publish)
    }

    fn documents(&self) -> io::Result<Vec<PathBuf>> {
        let folder = self.house.join("deploy/sample-city/procedures");
        let mut files: Vec<PathBuf> =
            fs::read_dir(folder)?.map(|file| Ok(file?.path())).collect::<io::Result<_>>()?;
        files.retain(|file| file.extension().is_some_and(|it| it == "json"));
        files.sort();
        Ok(files)
    }

    fn slugs(&self) -> io::Result<Vec<String>> {
        let mut slugs = Vec::new();
        for file in self.documents()? {
            let document: Value = serde_json::from_str(&fs::read_to_string(file)?)?;
            // What only staff find is on no page of citizens.
            if document["listing"] != "internal" {
                slugs.extend(document["slug"].as_str().map(str::to_owned));
            }
        }
        Ok(slugs)
    }

    fn command(&self, program: &str) -> Command {
        Command::new(self.programs.join(program))
    }
}

fn succeed(command: &mut Command) -> io::Result<()> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(io::Error::other(format!("{command:?}: {}\n{words}", output.status)))
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut open = fs::OpenOptions::new();
    open.write(true).create(true).truncate(true).mode(0o600).open(path)?.write_all(bytes)
}
