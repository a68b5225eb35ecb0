//! The next key set, from the one before and the parts that hosts and operators bring.

use bridge_contract::keys::{BadKeySet, KeyEntry, KeyId, KeySet, Purpose};
use bridge_contract::place::{Host, Lane};

use super::{Part, Who};

/// What the next key set shall be.
#[derive(Debug, Default)]
pub struct Wish {
    /// The key set in use; none at the first ceremony.
    pub before: Option<KeySet>,
    /// New public keys.
    pub parts: Vec<Part>,
    /// A new signing key of a lane is for bundles from this number on, the one before
    /// for all up to it.
    pub turns: Vec<(Lane, u64)>,
    /// Keys that shall be good for nothing any more.
    pub drops: Vec<KeyId>,
}

/// Why there is no next key set. The message says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSigned {
    /// Nothing to make one of.
    #[error("nothing to sign: give the parts of the hosts with --part")]
    Nothing,
    /// Parts of two installations.
    #[error("the parts are not all for the same town and kind of installation")]
    Mixed,
    /// A lane that has a signing key gets another.
    #[error(
        "lane {0} has a signing key: say with --turn {0}=NUMBER from which bundle the new one signs"
    )]
    NoTurn(Lane),
    /// A turn to a key that nobody brought.
    #[error("no new signing key of lane {0} was brought")]
    NoKey(Lane),
    /// A key to drop that is not listed.
    #[error("no key {0} is listed")]
    NotListed(KeyId),
    /// It would leave something without a key.
    #[error("no key would be left for {0:?}")]
    Gap(Purpose),
    /// It does not follow the one before.
    #[error(transparent)]
    Set(#[from] BadKeySet),
}

/// The next key set, not signed yet.
///
/// # Errors
/// [`NotSigned`] says what is missing.
pub fn next_set(wish: &Wish) -> Result<KeySet, NotSigned> {
    let first = wish.parts.first().map(|part| (part.tenant, part.environment));
    let before = wish.before.as_ref();
    let place = before.map(|set| (set.tenant, set.environment)).or(first);
    let (tenant, environment) = place.ok_or(NotSigned::Nothing)?;
    if wish.parts.iter().any(|part| (part.tenant, part.environment) != (tenant, environment)) {
        return Err(NotSigned::Mixed);
    }
    let mut keys = before.map(|set| set.keys.clone()).unwrap_or_default();
    for id in &wish.drops {
        let listed = keys.len();
        keys.retain(|key| key.id() != *id);
        if keys.len() == listed {
            return Err(NotSigned::NotListed(*id));
        }
    }
    for new in wish.parts.iter().flat_map(|part| &part.keys) {
        if !keys.iter().any(|key| (key.purpose, key.public) == (new.purpose, new.public)) {
            add(&mut keys, new, &wish.turns)?;
        }
    }
    let added =
        |lane| keys.iter().any(|key| key.purpose == Purpose::Sign(lane) && key.valid_from > 0);
    if let Some((lane, _)) = wish.turns.iter().find(|(lane, _)| !added(*lane)) {
        return Err(NotSigned::NoKey(*lane));
    }
    let version = before.map_or(1, |set| set.version.saturating_add(1));
    let set = KeySet { tenant, environment, version, keys };
    whole(&set)?;
    if let Some(before) = before {
        set.follows(before)?;
    }
    Ok(set)
}

fn add(keys: &mut Vec<KeyEntry>, new: &KeyEntry, turns: &[(Lane, u64)]) -> Result<(), NotSigned> {
    let mut new = new.clone();
    if let Purpose::Sign(lane) = new.purpose {
        let in_use =
            |key: &&mut KeyEntry| key.purpose == new.purpose && key.valid_until == u64::MAX;
        if let Some(old) = keys.iter_mut().find(in_use) {
            let turn = turns.iter().find(|(turned, _)| *turned == lane);
            let (_, from) = turn.ok_or(NotSigned::NoTurn(lane))?;
            old.valid_until = from.saturating_sub(1);
            new.valid_from = *from;
        }
    }
    keys.push(new);
    Ok(())
}

/// That every lane can be signed and sealed and every host be known.
fn whole(set: &KeySet) -> Result<(), NotSigned> {
    let lanes = Lane::ALL.iter().flat_map(|lane| [Purpose::Sign(*lane), Purpose::Seal(*lane)]);
    let hosts = Host::ALL.iter().map(|host| Purpose::Transport(*host));
    let needed = lanes.chain(hosts).chain([Purpose::Verdict]);
    let is_there = |purpose| set.of(purpose).any(|key| key.valid_until == u64::MAX);
    match { needed }.find(|purpose| !is_there(*purpose)) {
        Some(purpose) => Err(NotSigned::Gap(purpose)),
        None => Ok(()),
    }
}

impl Wish {
    /// Whose parts there are.
    pub fn owners(&self) -> impl Iterator<Item = Who> + '_ {
        self.parts.iter().map(|part| part.who)
    }
}

#[cfg(test)]
mod tests {
    use bridge_contract::place::{Environment, Tenant};

    use super::*;
    use crate::ceremony::HostKeys;

    fn parts() -> Vec<Part> {
        let tenant = Tenant::parse("mirai").expect("a good name");
        let make = |host: &Host| HostKeys::make(*host, tenant, Environment::Demo, 2).part;
        Host::ALL.iter().map(make).collect()
    }

    /// NN-18: five parts make the first set; nothing may be missing.
    #[test]
    fn five_parts_make_the_first_set() {
        let mut parts = parts();
        let wish = Wish { parts: parts.clone(), ..Wish::default() };
        let set = next_set(&wish).expect("whole");
        assert_eq!((set.version, set.seal_keys(Lane::Raw).count()), (1, 2));
        parts.pop();
        let wish = Wish { parts, ..Wish::default() };
        assert!(matches!(next_set(&wish), Err(NotSigned::Gap(_))));
        assert_eq!(next_set(&Wish::default()), Err(NotSigned::Nothing));
    }

    /// I8: a lane's new signing key begins where the one before ends.
    #[test]
    fn a_new_signing_key_begins_where_the_old_one_ends() {
        let before = next_set(&Wish { parts: parts(), ..Wish::default() }).expect("whole");
        let old = before.of(Purpose::Sign(Lane::Raw)).next().expect("listed").id();
        let host = parts().remove(0);
        let new = host.keys.iter().find(|key| key.purpose == Purpose::Sign(Lane::Raw));
        let new = new.expect("I signs raw").id();
        let mut wish = Wish { before: Some(before), parts: vec![host], ..Wish::default() };
        assert_eq!(next_set(&wish), Err(NotSigned::NoTurn(Lane::Raw)));
        wish.turns = vec![(Lane::Raw, 101)];
        let next = next_set(&wish).expect("whole");
        assert_eq!(next.version, 2);
        assert!(
            next.signer(Lane::Raw, old, 100).is_some()
                && next.signer(Lane::Raw, old, 101).is_none()
        );
        assert!(
            next.signer(Lane::Raw, new, 101).is_some()
                && next.signer(Lane::Raw, new, 100).is_none()
        );
    }

    /// I8: a signing key that was stolen signs nothing any more when the new one is for all numbers: not behind
    /// the turn, and not where the numbers begin anew after a reset.
    #[test]
    fn a_stolen_signing_key_is_good_for_no_number() {
        let before = next_set(&Wish { parts: parts(), ..Wish::default() }).expect("whole");
        let stolen = before.of(Purpose::Sign(Lane::Raw)).next().expect("listed").id();
        let host = parts().remove(0);
        let new = host.keys.iter().find(|key| key.purpose == Purpose::Sign(Lane::Raw));
        let new = new.expect("I signs raw").id();
        let (parts, turns) = (vec![host], vec![(Lane::Raw, 1)]);
        let wish = Wish { before: Some(before), parts, turns, ..Wish::default() };
        let next = next_set(&wish).expect("whole");
        for number in [1, 2, 1_199, u64::MAX] {
            assert!(next.signer(Lane::Raw, stolen, number).is_none(), "{number}");
            assert!(next.signer(Lane::Raw, new, number).is_some(), "{number}");
        }
    }

    /// NN-18: a stolen key is dropped, a key that is needed is not.
    #[test]
    fn a_key_is_dropped_by_its_id() {
        let before = next_set(&Wish { parts: parts(), ..Wish::default() }).expect("whole");
        let seal = before.of(Purpose::Seal(Lane::Raw)).next().expect("listed").id();
        let tls = before.of(Purpose::Transport(Host::Internet)).next().expect("listed").id();
        let drop = |id| Wish { before: Some(before.clone()), drops: vec![id], ..Wish::default() };
        assert_eq!(next_set(&drop(seal)).expect("one is left").seal_keys(Lane::Raw).count(), 1);
        let gap = NotSigned::Gap(Purpose::Transport(Host::Internet));
        assert_eq!(next_set(&drop(tls)), Err(gap));
        let unknown = KeyId([9; 8]);
        assert_eq!(next_set(&drop(unknown)), Err(NotSigned::NotListed(unknown)));
    }
}
