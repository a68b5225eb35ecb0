//! The look-up: all of Japan in a few megabytes.

use std::collections::HashMap;

use super::file::{self, BadRow};

/// A place a postal code stands for. `town` is empty when the code covers the rest of a city.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// 都道府県.
    pub prefecture: &'a str,
    /// 市区町村.
    pub city: &'a str,
    /// 町域.
    pub town: &'a str,
}

/// Places by postal code. Cities are stored once, towns in one text.
#[derive(Debug, Default)]
pub struct PostalBook {
    entries: Vec<Entry>,
    cities: Vec<(String, String)>,
    towns: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    code: u32,
    city: u16,
    town_length: u16,
    town_start: u32,
}

impl PostalBook {
    /// Reads a file of the post, UTF-8 or CP932.
    /// # Errors
    /// [`BadRow`] with the line that does not read.
    pub fn parse(bytes: &[u8]) -> Result<Self, BadRow> {
        let text =
            file::text(bytes).ok_or(BadRow { line: 0, reason: "neither UTF-8 nor CP932" })?;
        let mut book = Self::default();
        let mut cities = HashMap::new();
        file::rows(&text, |row| book.add(row, &mut cities))?;
        book.entries.sort_by_key(|entry| entry.code);
        book.drop_doubles();
        book.entries.shrink_to_fit();
        book.towns.shrink_to_fit();
        Ok(book)
    }

    fn add(
        &mut self,
        row: &file::Row,
        cities: &mut HashMap<(String, String), u16>,
    ) -> Result<(), &'static str> {
        let key = (row.prefecture.clone(), row.city.clone());
        let city = match cities.get(&key) {
            Some(city) => *city,
            None => {
                let next = u16::try_from(self.cities.len()).map_err(|_| "too many cities")?;
                self.cities.push(key.clone());
                cities.insert(key, next);
                next
            }
        };
        let start = u32::try_from(self.towns.len()).map_err(|_| "too many towns")?;
        let length = u16::try_from(row.town.len()).map_err(|_| "the town is too long")?;
        self.towns.push_str(&row.town);
        self.entries.push(Entry { code: row.code, city, town_length: length, town_start: start });
        Ok(())
    }

    /// Towns that differ only in the parenthesised part are the same place.
    fn drop_doubles(&mut self) {
        let mut kept: Vec<Entry> = Vec::with_capacity(self.entries.len());
        for entry in std::mem::take(&mut self.entries) {
            let place = self.place(&entry);
            let double = kept
                .iter()
                .rev()
                .take_while(|other| other.code == entry.code)
                .any(|other| self.place(other) == place);
            if !double {
                kept.push(entry);
            }
        }
        self.entries = kept;
    }

    /// Places of a code of seven digits, in the order of the file; none when it is unknown.
    #[must_use]
    pub fn places(&self, code: &str) -> Vec<Place<'_>> {
        let Some(code) = super::read_code(code).and_then(|digits| digits.parse::<u32>().ok())
        else {
            return Vec::new();
        };
        let from = self.entries.partition_point(|entry| entry.code < code);
        self.entries[from..]
            .iter()
            .take_while(|entry| entry.code == code)
            .map(|entry| self.place(entry))
            .collect()
    }

    fn place(&self, entry: &Entry) -> Place<'_> {
        let (prefecture, city) = &self.cities[usize::from(entry.city)];
        let start = entry.town_start as usize;
        let town = &self.towns[start..start + usize::from(entry.town_length)];
        Place { prefecture, city, town }
    }

    /// Number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEW: &str = "\
23235,\"498  \",\"4980000\",\"アイチケン\",\"ヤトミシ\",\"イカニケイサイガナイバアイ\",\"愛知県\",\"弥富市\",\"以下に掲載がない場合\",0,0,0,0,0,0\r\n\
24303,\"498  \",\"4980000\",\"ミエケン\",\"クワナグンキソサキチョウ\",\"イカニケイサイガナイバアイ\",\"三重県\",\"桑名郡木曽岬町\",\"以下に掲載がない場合\",0,0,0,0,0,0\r\n\
13101,\"100  \",\"1006001\",\"トウキョウト\",\"チヨダク\",\"カスミガセキカスミガセキビル（１カイ）\",\"東京都\",\"千代田区\",\"霞が関霞が関ビル（１階）\",0,0,0,0,0,0\r\n\
25443,\"522  \",\"5220317\",\"シガケン\",\"イヌカミグンタガチョウ\",\"イチエン\",\"滋賀県\",\"犬上郡多賀町\",\"一円\",0,0,0,0,0,0\r\n";

    fn towns<'a>(book: &'a PostalBook, code: &str) -> Vec<(&'a str, &'a str)> {
        book.places(code).into_iter().map(|p| (p.city, p.town)).collect()
    }

    /// NF-8: one code may stand for two cities in two prefectures.
    #[test]
    fn one_code_gives_all_its_places() {
        let book = PostalBook::parse(NEW.as_bytes()).unwrap();
        assert_eq!(towns(&book, "498-0000"), [("弥富市", ""), ("桑名郡木曽岬町", "")]);
        assert_eq!(book.places("4980000")[1].prefecture, "三重県");
        assert_eq!(towns(&book, "1006001"), [("千代田区", "霞が関霞が関ビル")]);
        assert_eq!(towns(&book, "5220317"), [("犬上郡多賀町", "一円")]);
        assert_eq!(book.places("0000000"), []);
        assert_eq!(book.places("nothing"), []);
    }

    /// NF-8: the old file: CP932, and a long town over three lines is one place.
    #[test]
    fn the_old_file_joins_a_town_over_several_lines() {
        let old = "\
02206,\"034  \",\"0340301\",\"ｱｵﾓﾘｹﾝ\",\"ﾄﾜﾀﾞｼ\",\"ｵｸｾ(ｱｵﾌﾞﾅ､ｺﾀﾀﾐｲｼ､\",\"青森県\",\"十和田市\",\"奥瀬（青撫、小畳石、\",1,1,0,0,0,0\r\n\
02206,\"034  \",\"0340301\",\"ｱｵﾓﾘｹﾝ\",\"ﾄﾜﾀﾞｼ\",\"ﾄﾜﾀﾞ､\",\"青森県\",\"十和田市\",\"十和田、\",1,1,0,0,0,0\r\n\
02206,\"034  \",\"0340301\",\"ｱｵﾓﾘｹﾝ\",\"ﾄﾜﾀﾞｼ\",\"ﾔｽﾐﾔ)\",\"青森県\",\"十和田市\",\"休屋）\",1,1,0,0,0,0\r\n\
02206,\"034  \",\"0340302\",\"ｱｵﾓﾘｹﾝ\",\"ﾄﾜﾀﾞｼ\",\"ｵｸｾ\",\"青森県\",\"十和田市\",\"奥瀬\",1,1,0,0,0,0\r\n";
        let (bytes, gaiji) = crate::cp932::encode(old);
        assert_eq!(gaiji, []);
        let book = PostalBook::parse(&bytes).unwrap();
        assert_eq!(towns(&book, "0340301"), [("十和田市", "奥瀬")]);
        assert_eq!(towns(&book, "0340302"), [("十和田市", "奥瀬")]);
        assert_eq!(book.len(), 2);
    }

    #[test]
    fn the_same_place_is_listed_once() {
        let twice = "\
13101,\"100  \",\"1000001\",\"\",\"\",\"\",\"東京都\",\"千代田区\",\"千代田（１丁目）\",0,0,0,0,0,0\n\
13101,\"100  \",\"1000001\",\"\",\"\",\"\",\"東京都\",\"千代田区\",\"千代田（２丁目）\",0,0,0,0,0,0\n";
        let book = PostalBook::parse(twice.as_bytes()).unwrap();
        assert_eq!(towns(&book, "1000001"), [("千代田区", "千代田")]);
    }

    #[test]
    fn a_broken_row_is_named_by_its_line() {
        let broken = format!("{NEW}13101,\"100\"\r\n");
        assert_eq!(PostalBook::parse(broken.as_bytes()).unwrap_err().line, 5);
        assert!(PostalBook::parse(&[0xFF, 0xFF, 0xFF]).is_err());
        assert!(PostalBook::parse(b"").unwrap().is_empty());
    }
}
