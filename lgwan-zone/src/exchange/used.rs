//! How citizens used the pages of a day (NF-25, IK-2.1.3).

use bridge_contract::messages::{Usage, UsageCounted};
use bridge_lanes::Refusal;
use domain::ids::ProcedureId;
use domain::speed::Speed;
use lgwan_zone_store::numbers::{self, What};
use platform_store::Tx;

pub(super) fn apply(tx: &mut Tx<'_>, told: &UsageCounted) -> Result<(), Refusal> {
    let day = told.day.to_string();
    for count in &told.counts {
        let procedure_id = count.procedure_id.as_ref().map_or("", ProcedureId::as_str);
        let what = match count.what {
            Usage::Visit => What::Visit,
            Usage::View => What::View,
            Usage::Start => What::Start,
            Usage::Download => What::Download,
            Usage::Ms100 => What::Answered(Speed::Ms100),
            Usage::Ms300 => What::Answered(Speed::Ms300),
            Usage::Ms500 => What::Answered(Speed::Ms500),
            Usage::Ms1000 => What::Answered(Speed::Ms1000),
            Usage::Ms2000 => What::Answered(Speed::Ms2000),
            Usage::Ms3000 => What::Answered(Speed::Ms3000),
            Usage::Ms5000 => What::Answered(Speed::Ms5000),
            Usage::Ms10000 => What::Answered(Speed::Ms10000),
            Usage::Slower => What::Answered(Speed::Slower),
        };
        let total = i64::try_from(count.count).unwrap_or(i64::MAX);
        numbers::told(tx, &day, procedure_id, what, total)?;
    }
    Ok(())
}
