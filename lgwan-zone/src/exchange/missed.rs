//! Words that citizens looked for and did not find (NF-9).

use bridge_contract::messages::WordsMissed;
use bridge_lanes::Refusal;
use lgwan_zone_store::missed;
use platform_store::Tx;

pub(super) fn apply(tx: &mut Tx<'_>, told: &WordsMissed) -> Result<(), Refusal> {
    let day = told.day.to_string();
    for one in &told.words {
        missed::told(tx, &day, &one.word, i64::try_from(one.count).unwrap_or(i64::MAX))?;
    }
    Ok(())
}
