//! A town with a ledger: what people were promised, and whether the desk has it.

use faults::ledger::{Ledger, press};
use load::place::Place;
use load::survey::{self, Saying};
use town::{Database, Town};

pub(crate) struct Desk {
    place: Place,
    ledger: Ledger,
}

impl Desk {
    pub(crate) fn open() -> Self {
        let place = Place::open(Database::Sqlite).unwrap_or_else(|error| panic!("{error}"));
        Self { place, ledger: Ledger::default() }
    }

    pub(crate) const fn place(&self) -> &Place {
        &self.place
    }

    pub(crate) const fn town(&mut self) -> &mut Town {
        &mut self.place.town
    }

    /// Somebody sends a form with each of these words, and gets a receipt.
    pub(crate) async fn gets(&mut self, words: &[&str]) {
        let site = self.place.town.citizens();
        let said: Vec<Saying> =
            words.iter().map(|word| (format!("{word}の声です。"), None)).collect();
        let forms = survey::saying(site, said.clone()).await.expect("forms");
        let receipts = press(site, forms).await.expect("receipts");
        for (receipt, said) in receipts.iter().zip(said) {
            self.ledger.write(receipt, said).expect("a new one");
        }
    }

    /// I1, I2: every receipt is one line at the desk, with its own words.
    pub(crate) async fn compares(&mut self) {
        self.ledger.compare(&self.place).await.unwrap_or_else(|error| panic!("{error}"));
    }

    pub(crate) fn close(self) {
        self.place.close().unwrap_or_else(|error| panic!("{error}"));
    }
}
