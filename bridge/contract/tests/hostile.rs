//! I18: bytes from outside never panic a decoder, and what decodes is canonical.

use bridge_contract::head::Head;
use bridge_contract::keys::KeySet;
use bridge_contract::messages::{InItem, RawItem, ToBusiness, ToCitizen, ToServerA, ToStaff};
use bridge_contract::pipe::{PipeAnswer, PipeRequest};
use bridge_contract::wire::{Wire, decode, encode};
use proptest::prelude::*;

#[path = "golden/samples.rs"]
#[expect(dead_code, reason = "shared with the golden tests, which use the rest")]
mod samples;

fn canonical<T: Wire>(bytes: &[u8]) -> Result<(), TestCaseError> {
    if let Ok(value) = decode::<T>(bytes) {
        prop_assert_eq!(encode(&value), bytes);
    }
    Ok(())
}

fn all_decoders(bytes: &[u8]) -> Result<(), TestCaseError> {
    canonical::<ToStaff>(bytes)?;
    canonical::<ToCitizen>(bytes)?;
    canonical::<ToBusiness>(bytes)?;
    canonical::<ToServerA>(bytes)?;
    canonical::<RawItem>(bytes)?;
    canonical::<InItem>(bytes)?;
    canonical::<PipeRequest>(bytes)?;
    canonical::<PipeAnswer>(bytes)?;
    canonical::<KeySet>(bytes)?;
    canonical::<Head>(bytes)
}

proptest! {
    #[test]
    fn random_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        all_decoders(&bytes)?;
    }

    #[test]
    fn real_messages_with_changed_bytes(
        which: prop::sample::Index,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut: prop::sample::Index,
        cutting: bool,
    ) {
        let files = samples::all();
        let mut bytes = which.get(&files).1.clone();
        for (place, value) in changes {
            *place.get_mut(&mut bytes) = value;
        }
        if cutting {
            bytes.truncate(cut.index(bytes.len()));
        }
        all_decoders(&bytes)?;
    }
}
