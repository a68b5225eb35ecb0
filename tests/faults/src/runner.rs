//! Trials: some people press, a fault strikes, everybody's receipt must lead to
//! exactly one line at the desk, and every invariant must hold.

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use load::person::Paper;
use load::place::Place;
use load::survey::{self, Saying};
use town::{Database, Town};

use crate::dice::Dice;
use crate::fault::Fault;
use crate::ledger::{Ledger, press, press_on};
use crate::means::Means;
use crate::outbound::Outbound;
use crate::proof::Proof;

/// People who press while a fault strikes.
const PEOPLE: usize = 4;
/// What every form says, beside its number.
pub(crate) const SAID: &str = "人目の声です。";
/// Lines of a small file, and of one above the `bulk_kib` of the settings.
const SMALL: usize = 40;
const LARGE: usize = 24_000;
/// Time in which a program that a fault ended is up again.
const PATIENCE: Duration = platform_testkit::PATIENCE;

/// A town with everything that is known about it.
#[derive(Debug)]
pub struct Scene {
    /// The town. It stops before its file systems go.
    pub place: Place,
    /// What was promised.
    pub ledger: Ledger,
    /// What was seen in databases and folders.
    pub proof: Proof,
    /// What is on its way from A to B.
    pub outbound: Outbound,
    /// What this machine allows.
    pub means: Means,
    /// Which database both zones use.
    pub database: Database,
}

impl Scene {
    /// Opens a town for so many trials, with file systems of its own where that is allowed.
    ///
    /// # Errors
    /// With the words of the program that did not start.
    pub fn open(database: Database, trials: usize) -> io::Result<Self> {
        let mut means = None;
        let place = Place::prepared(database, |root| {
            means = Some(Means::find(root, trials)?);
            Ok(())
        })?;
        let means = means.ok_or_else(|| io::Error::other("nobody looked at the machine"))?;
        let plan = &place.town.plan;
        let survey = plan.house.join("deploy/sample-city/procedures/05-koho-anketo.json");
        let (document, slug) = survey::with_papers(&fs::read_to_string(survey)?)?;
        let path = plan.root.join("with-papers.json");
        fs::write(&path, document)?;
        place.town.publish(&path, slug)?;
        fs::remove_file(path)?;
        let (ledger, proof, outbound) = Default::default();
        Ok(Self { place, ledger, proof, outbound, means, database })
    }
}

/// What came of one trial.
#[derive(Debug)]
pub struct Trial<'a> {
    /// Its number, from 0.
    pub number: usize,
    /// What happened.
    pub fault: &'a Fault,
    /// What came of it, in a word, when that is worth telling.
    pub came: &'static str,
    /// How long it took until everything was checked.
    pub took: Duration,
}

/// Keeps the town as it stands for whoever looks into a trial that failed; says where.
fn kept(root: &Path, seed: u64, trial: usize) -> String {
    let place = std::env::temp_dir().join(format!("faults-{seed}-{trial}"));
    let copied = Command::new("cp").arg("-a").arg(root).arg(&place).stderr(Stdio::null()).status();
    match copied {
        Ok(_) => format!("the town is kept in {}", place.display()),
        Err(error) => format!("the town could not be kept: {error}"),
    }
}

/// What did not hold, with everything needed to see it again.
#[derive(Debug)]
pub struct Trouble {
    /// The seed of the run.
    pub seed: u64,
    /// The trial, from 0.
    pub trial: usize,
    /// The fault of that trial.
    pub fault: String,
    /// What was seen.
    pub seen: String,
}

impl fmt::Display for Trouble {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, trial, fault, seen } = self;
        write!(out, "trial {trial} of seed {seed} ({fault}): {seen}")
    }
}

/// Runs so many trials on a town; `tell` hears of each.
///
/// # Errors
/// [`Trouble`] of the first trial after which something was lost, doubled, mixed up
/// or dead.
pub async fn run(
    scene: Scene,
    seed: u64,
    trials: usize,
    mut tell: impl FnMut(&Trial<'_>),
) -> Result<(), Trouble> {
    let (mut row, mut dice) = (Row::new(scene, seed), Dice::new(seed));
    for number in 0..trials {
        let fault = Fault::of(number, &mut dice, &row.scene.means);
        let pause = Duration::from_millis(dice.below(60));
        tell(&row.next(&fault, pause).await?);
    }
    row.end()
}

/// Trials on one town, one after the other.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) scene: Scene,
    seed: u64,
    count: usize,
}

impl Row {
    pub(crate) const fn new(scene: Scene, seed: u64) -> Self {
        Self { scene, seed, count: 0 }
    }

    /// The next trial: people press, and the fault strikes after this pause.
    ///
    /// # Errors
    /// When something was lost, doubled, mixed up or dead afterwards.
    pub(crate) async fn next<'a>(
        &mut self,
        fault: &'a Fault,
        pause: Duration,
    ) -> Result<Trial<'a>, Trouble> {
        let (number, started) = (self.count, Instant::now());
        self.count += 1;
        match one(&mut self.scene, *fault, number, pause).await {
            Ok(came) => Ok(Trial { number, fault, came, took: started.elapsed() }),
            Err(error) => {
                let kept = kept(&self.scene.place.town.plan.root, self.seed, number);
                Err(self.trouble(number, fault, &format!("{error}; {kept}")))
            }
        }
    }

    /// Closes the town after the last looks.
    ///
    /// # Errors
    /// When something is missing or readable that must not be.
    pub(crate) fn end(self) -> Result<(), Trouble> {
        let (seed, trial) = (self.seed, self.count);
        let Scene { place, proof, mut outbound, means, database, .. } = self.scene;
        let ended = outbound
            .close(&place.town.plan.root)
            .and_then(|()| proof.nothing_readable(&place.town, SAID, database))
            .and_then(|()| place.close_after(means));
        ended.map_err(|error| Trouble {
            seed,
            trial,
            fault: "the end".to_owned(),
            seen: error.to_string(),
        })
    }

    /// What went wrong in this trial.
    pub(crate) fn trouble(&self, trial: usize, fault: &dyn fmt::Display, seen: &str) -> Trouble {
        Trouble { seed: self.seed, trial, fault: fault.to_string(), seen: seen.to_owned() }
    }

    /// How many trials there were.
    pub(crate) const fn count(&self) -> usize {
        self.count
    }
}

async fn one(
    scene: &mut Scene,
    fault: Fault,
    number: usize,
    pause: Duration,
) -> io::Result<&'static str> {
    tokio::task::block_in_place(|| fault.before(scene))?;
    scene.outbound.lay_down(&scene.place.town.plan.root)?;
    let site = scene.place.town.citizens();
    let said: Vec<Saying> = (0..PEOPLE).map(|person| saying(number, person)).collect();
    let forms = survey::saying(site, said.clone()).await?;
    let head_start = fault.head_start();
    let pressing = tokio::spawn(async move {
        tokio::time::sleep(head_start).await;
        if fault.breaks_reads() { press_on(site, forms).await } else { press(site, forms).await }
    });
    tokio::time::sleep(pause).await;
    let struck = tokio::task::block_in_place(|| fault.strike(scene))?;
    for (receipt, said) in pressing.await.map_err(io::Error::other)??.iter().zip(said) {
        scene.ledger.write(receipt, said)?;
    }
    let came = cross(scene, fault).await?;
    Ok(if came.is_empty() { struck } else { came })
}

/// What one person says. One of them sends a file along; in every fourth trial it is one
/// that travels apart, on `in.bulk`.
fn saying(number: usize, person: usize) -> Saying {
    let words = format!("第{number}回の{person}{SAID}");
    let lines = if number.is_multiple_of(4) { LARGE } else { SMALL };
    let paper = (person == 0).then(|| Paper {
        name: format!("shiryo-{number}.txt"),
        says: (1..=lines).map(|line| format!("{words}資料の{line}行目\n")).collect(),
    });
    (words, paper)
}

/// Waits until everything has crossed, and checks it.
async fn cross(scene: &mut Scene, fault: Fault) -> io::Result<&'static str> {
    compare(scene, fault).await?;
    let came = fault.after(scene).await?;
    if !came.is_empty() {
        compare(scene, fault).await?;
    }
    tokio::task::block_in_place(|| {
        scene.proof.check(&mut scene.place.town, fault.may_end_programs())?;
        scene.outbound.check(&scene.place.town.plan.root, false)?;
        if fault.may_end_programs() {
            scene.place.town.revive_fallen().map(drop)
        } else {
            alive(&mut scene.place.town)
        }
    })?;
    Ok(came)
}

/// Compares ledger and desk; a program that ends late because of the fault is started
/// again meanwhile, as a supervisor would.
async fn compare(scene: &mut Scene, fault: Fault) -> io::Result<()> {
    let until = Instant::now() + PATIENCE;
    loop {
        let compared = scene.ledger.compare(&scene.place).await;
        match compared {
            Err(error) if fault.may_end_programs() && broken(&error) && Instant::now() < until => {
                tokio::task::block_in_place(|| scene.place.town.revive_fallen())?;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            other => return other,
        }
    }
}

/// Whether nobody answered, or not to the end.
fn broken(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionRefused, ConnectionReset, UnexpectedEof};
    [BrokenPipe, ConnectionRefused, ConnectionReset, UnexpectedEof].contains(&error.kind())
}

fn alive(town: &mut Town) -> io::Result<()> {
    match town.fallen() {
        None => Ok(()),
        Some(name) => {
            let words = town.program(name).map_or(String::new(), town::Running::last_words);
            Err(io::Error::other(format!("{name} ended by itself:\n{words}")))
        }
    }
}
