//! Passwords: Argon2id on a bounded number of threads (IK-3.5.2b).
//!
//! One hash takes 40 to 190 ms and 19 to 64 MiB. Without a bound, 200 sign-ins
//! at once would stop everyone else's work.
//!
//! Passwords are compared in the form NFKC: wide and narrow letters of a Japanese
//! keyboard are the same, and so are the ways to write an accent.

use std::fmt;
use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use crate::result::{Explain, Fault, Reply, Trouble};

/// Callers that may wait for a thread; more are sent away with [`Busy`].
const LONGEST_QUEUE: usize = 50;

/// How much work one guess costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
}

impl Cost {
    /// For citizens: OWASP's floor, so that a sign-in stays light on a busy day.
    pub const CITIZEN: Self = Self { memory_kib: 19_456, passes: 2 };
    /// For staff: few sign-ins, more to protect.
    pub const STAFF: Self = Self { memory_kib: 65_536, passes: 3 };

    fn argon2(self) -> Argon2<'static> {
        let params = Params::new(self.memory_kib, self.passes, 1, None);
        let params = params.expect("the costs above are within Argon2's bounds");
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
    }
}

/// What a comparison found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Not the password, or there is no such user.
    Wrong,
    /// The password.
    Right {
        /// The stored hash has another cost than today's: hash and store anew.
        rehash: bool,
    },
}

/// Too many sign-ins at once; nothing was compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords wait to be compared")]
pub struct Busy;

impl Explain for Busy {
    fn reply(&self) -> Reply {
        Reply::too_many("web.busy").retry_after(60)
    }
}

/// Hashes and compares passwords. Clones share the threads.
#[derive(Clone)]
pub struct Passwords(Arc<Inner>);

struct Inner {
    cost: Cost,
    threads: Arc<Semaphore>,
    /// Threads and places in the queue together.
    places: Arc<Semaphore>,
    /// Compared when there is no such user, so that both answers take as long.
    nobody: String,
}

impl fmt::Debug for Passwords {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Passwords").field("cost", &self.0.cost).finish_non_exhaustive()
    }
}

impl Passwords {
    /// Uses half of the computer's cores, at least one.
    ///
    /// # Errors
    /// When the hash that stands for unknown users cannot be made.
    pub fn new(cost: Cost) -> Result<Self, Fault> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = (cores / 2).max(1);
        Ok(Self(Arc::new(Inner {
            cost,
            threads: Arc::new(Semaphore::new(threads)),
            places: Arc::new(Semaphore::new(threads + LONGEST_QUEUE)),
            nobody: hash(cost, b"nobody has this password")?,
        })))
    }

    /// The text to store for a password: a PHC string with its parameters.
    ///
    /// # Errors
    /// [`Busy`] as a refusal when the queue is full; a fault when hashing fails.
    pub async fn hash(&self, password: String) -> Result<String, Trouble> {
        let cost = self.0.cost;
        let password = normalised(password);
        let hashed = self.run(move || hash(cost, password.as_bytes())).await?;
        Ok(hashed?)
    }

    /// Compares a password with what is stored; `None` when there is no such user.
    ///
    /// # Errors
    /// [`Busy`] as a refusal when the queue is full; a fault when the stored text
    /// is no PHC string of Argon2.
    pub async fn verify(
        &self,
        password: String,
        stored: Option<String>,
    ) -> Result<Verdict, Trouble> {
        let cost = self.0.cost;
        let password = normalised(password);
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.0.nobody.clone());
        let compare = move || compare(cost, password.as_bytes(), &stored);
        let verdict = self.run(compare).await??;
        Ok(if known { verdict } else { Verdict::Wrong })
    }

    async fn run<T, F>(&self, job: F) -> Result<T, Trouble>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let place = Arc::clone(&self.0.places).try_acquire_owned();
        let place = place.map_err(|_| Busy)?;
        let thread = Arc::clone(&self.0.threads).acquire_owned().await;
        // The permits go with the job: a caller who hangs up does not free a
        // thread that still works.
        let done = tokio::task::spawn_blocking(move || {
            let _held = (place, thread);
            job()
        });
        done.await.map_err(|error| Fault::from(error).into())
    }
}

fn normalised(typed: String) -> Zeroizing<String> {
    let typed = Zeroizing::new(typed);
    Zeroizing::new(typed.nfkc().collect())
}

fn hash(cost: Cost, password: &[u8]) -> Result<String, Fault> {
    let salt: [u8; 16] = platform_service::ids::random();
    let hashed = cost.argon2().hash_password_with_salt(password, &salt)?;
    Ok(hashed.to_string())
}

fn compare(cost: Cost, password: &[u8], stored: &str) -> Result<Verdict, Fault> {
    let stored = PasswordHash::new(stored)?;
    match cost.argon2().verify_password(password, &stored) {
        Ok(()) => {
            let params = Params::try_from(&stored)?;
            let found = (params.m_cost(), params.t_cost(), params.p_cost());
            let rehash = found != (cost.memory_kib, cost.passes, 1);
            Ok(Verdict::Right { rehash })
        }
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(Verdict::Wrong),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIGHT: Cost = Cost { memory_kib: 64, passes: 1 };

    fn light() -> Passwords {
        Passwords::new(LIGHT).expect("it hashes")
    }

    /// IK-3.5.2b: what is stored is Argon2id with its parameters.
    #[tokio::test]
    async fn the_right_password_is_recognised() {
        let citizen = Passwords::new(Cost::CITIZEN).expect("it hashes");
        let stored = citizen.hash("長い合言葉をひとつ".to_owned()).await.expect("it hashes");
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        let compare = |typed: &str| citizen.verify(typed.to_owned(), Some(stored.clone()));
        let right = compare("長い合言葉をひとつ").await.expect("it compares");
        assert_eq!(right, Verdict::Right { rehash: false });
        let wrong = compare("長い合言葉をふたつ").await.expect("it compares");
        assert_eq!(wrong, Verdict::Wrong);
    }

    /// IK-3.5.2b: a hash of an older cost is known and asks to be made anew.
    #[tokio::test]
    async fn an_older_hash_asks_to_be_made_anew() {
        let stored = hash(LIGHT, b"secret").expect("it hashes");
        let staff = Passwords::new(Cost::STAFF).expect("it hashes");
        let found = staff.verify("secret".to_owned(), Some(stored)).await;
        assert_eq!(found.expect("it compares"), Verdict::Right { rehash: true });
    }

    /// IK-3.5.2b: the keyboard's width is not part of the password.
    #[tokio::test]
    async fn wide_letters_are_the_same_password() {
        let passwords = light();
        let stored = passwords.hash("ｐａｓｓﾜｰﾄﾞ１".to_owned()).await;
        let stored = stored.expect("it hashes");
        let found = passwords.verify("passワード1".to_owned(), Some(stored)).await;
        assert!(matches!(found, Ok(Verdict::Right { .. })));
    }

    /// IK-3.5.2b: nobody can sign in as a user who does not exist, not even with
    /// the password behind the stand-in.
    #[tokio::test]
    async fn an_unknown_user_has_no_password() {
        let typed = "nobody has this password".to_owned();
        let found = light().verify(typed, None).await;
        assert_eq!(found.expect("it compares"), Verdict::Wrong);
    }

    #[tokio::test]
    async fn a_broken_hash_is_a_fault_and_not_a_wrong_password() {
        let found = light().verify("x".to_owned(), Some("plain".to_owned())).await;
        assert!(matches!(found, Err(Trouble::Fault(_))));
    }

    /// The queue is bounded; who does not fit is told to come back.
    #[tokio::test]
    async fn a_full_queue_sends_callers_away() {
        let passwords = light();
        let places = Arc::clone(&passwords.0.places);
        let every = u32::try_from(places.available_permits()).expect("a small number");
        let held = places.acquire_many(every).await.expect("open");
        let refused = passwords.hash("x".to_owned()).await;
        let Err(Trouble::Refusal(reply)) = refused else {
            panic!("expected a refusal");
        };
        assert_eq!((reply.key, reply.retry_after), ("web.busy", Some(60)));
        drop(held);
        assert!(passwords.hash("x".to_owned()).await.is_ok());
    }
}
