//! 振込先の口座. People with an account at ゆうちょ銀行 know 記号 and 番号; business systems want
//! 店番 and 口座番号 as every other bank has them, so the ones are worked out from the others.

use super::Code;
use super::page::Judge;
use super::reader::Reader;
use crate::forms::definition::Bank;
use crate::forms::inputs::BANK_PARTS;
use crate::text::{graphemes, half, is_hyphen, narrow};

/// 金融機関コード of ゆうちょ銀行.
const YUCHO: &str = "9900";
/// Most characters of the name of a bank or a branch.
const NAME_MAX: usize = 60;
/// Most characters of an account holder in a 全銀 record.
const HOLDER_MAX: usize = 30;

/// Kinds of accounts: 普通, 当座, 貯蓄.
const ACCOUNTS: [&str; 3] = ["ordinary", "checking", "savings"];

/// Reads the parts of an account.
pub(super) fn read(reader: &mut Reader<'_>) {
    name(reader, "bank_name");
    let bank = digits(reader, "bank", 4..=4, Code::NotBankCode);
    name(reader, "branch_name");
    digits(reader, "branch", 3..=3, Code::NotBranchCode);
    account(reader);
    if let Some(number) = digits(reader, "number", 1..=7, Code::NotAccountNumber) {
        reader.keep(&reader.part("number"), format!("{number:0>7}"));
    }
    holder(reader);
    let symbol = digits(reader, "yucho_symbol", 5..=5, Code::NotYuchoSymbol);
    let number = digits(reader, "yucho_number", 1..=8, Code::NotYuchoNumber);
    let (Some(symbol), Some(number)) = (symbol, number) else { return };
    if bank.is_some_and(|bank| bank != YUCHO) {
        return reader.fault(&reader.part("yucho_symbol"), Code::TwoBanks, &[]);
    }
    match of_yucho(&symbol, &number) {
        Ok(account) => account.keep(reader),
        Err(Wrong::Symbol) => {
            reader.fault(&reader.part("yucho_symbol"), Code::NotYuchoSymbol, &[]);
        }
        Err(Wrong::Number) => {
            reader.fault(&reader.part("yucho_number"), Code::NotYuchoNumber, &[]);
        }
    }
}

/// An account at ゆうちょ銀行 as other banks write it.
#[derive(Debug, PartialEq, Eq)]
struct Yucho {
    branch: String,
    account: &'static str,
    number: String,
}

/// Which of the two is wrong.
#[derive(Debug, PartialEq, Eq)]
enum Wrong {
    Symbol,
    Number,
}

/// 総合口座 (記号 1□□□0): 店番 is the second and third digit and 8, the number goes without its
/// last digit, which is 1. 振替口座 (記号 0…): the same and 9, the number as it is.
fn of_yucho(symbol: &str, number: &str) -> Result<Yucho, Wrong> {
    let middle = &symbol[1..3];
    match (symbol.as_bytes()[0], symbol.as_bytes()[4]) {
        (b'1', b'0') => {
            let stem = number.strip_suffix('1').filter(|stem| !stem.is_empty());
            let number = format!("{:0>7}", stem.ok_or(Wrong::Number)?);
            Ok(Yucho { branch: format!("{middle}8"), account: "ordinary", number })
        }
        (b'0', _) if number.len() <= 6 => {
            let number = format!("{number:0>7}");
            Ok(Yucho { branch: format!("{middle}9"), account: "checking", number })
        }
        (b'0', _) => Err(Wrong::Number),
        _ => Err(Wrong::Symbol),
    }
}

impl Yucho {
    fn keep(self, reader: &mut Reader<'_>) {
        // The name of a branch of ゆうちょ銀行 is its number in kanji: 〇一八.
        let digits = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
        let kanji = |digit: u8| digits[usize::from(digit.wrapping_sub(b'0') % 10)];
        let branch_name: String = self.branch.bytes().map(kanji).collect();
        for (part, value) in [
            ("bank_name", "ゆうちょ銀行".to_owned()),
            ("bank", YUCHO.to_owned()),
            ("branch_name", branch_name),
            ("branch", self.branch),
            ("account", self.account.to_owned()),
            ("number", self.number),
        ] {
            let input = reader.part(part);
            // What was typed there before is of no account any more.
            reader.faults.retain(|fault| fault.input != input);
            reader.keep(&input, value);
        }
    }
}

fn name(reader: &mut Reader<'_>, part: &str) {
    let input = reader.part(part);
    let Some(typed) = reader.line(&input) else { return };
    let count = graphemes(&typed);
    reader.keep(&input, typed);
    if count > NAME_MAX {
        let args = [("max", NAME_MAX.to_string()), ("count", count.to_string())];
        reader.fault(&input, Code::TooLong, &args);
    }
}

fn digits(
    reader: &mut Reader<'_>,
    part: &str,
    lengths: std::ops::RangeInclusive<usize>,
    code: Code,
) -> Option<String> {
    let input = reader.part(part);
    let typed = reader.line(&input)?;
    let bare: String =
        narrow(&typed).chars().filter(|c| !c.is_whitespace() && !is_hyphen(*c)).collect();
    if lengths.contains(&bare.len()) && bare.bytes().all(|byte| byte.is_ascii_digit()) {
        reader.keep(&input, bare.as_str());
        return Some(bare);
    }
    reader.keep(&input, typed);
    reader.fault(&input, code, &[]);
    None
}

fn account(reader: &mut Reader<'_>) {
    let input = reader.part("account");
    let Some(chosen) = reader.line(&input) else { return };
    let known = ACCOUNTS.contains(&chosen.as_str());
    reader.keep(&input, chosen);
    if !known {
        reader.fault(&input, Code::NotOffered, &[]);
    }
}

fn holder(reader: &mut Reader<'_>) {
    let input = reader.part("holder");
    let Some(typed) = reader.line(&input) else { return };
    let kana = bank_kana(&typed);
    let mut foreign = String::new();
    for c in kana.chars().filter(|c| !is_bank_kana(*c)) {
        if !foreign.contains(c) && foreign.chars().count() < 10 {
            foreign.push(c);
        }
    }
    if !foreign.is_empty() {
        reader.keep(&input, typed);
        return reader.fault(&input, Code::NotBankKana, &[("chars", foreign)]);
    }
    let count = kana.chars().count();
    reader.keep(&input, kana);
    if count > HOLDER_MAX {
        let args = [("max", HOLDER_MAX.to_string()), ("count", count.to_string())];
        reader.fault(&input, Code::TooLong, &args);
    }
}

/// Half-width capitals as bank records have them: ｼｬ is ｼﾔ, the 長音 a hyphen.
fn bank_kana(text: &str) -> String {
    let large = |c: char| match c {
        'ｧ'..='ｫ' => shifted(c, 'ｧ', 'ｱ'),
        'ｬ'..='ｮ' => shifted(c, 'ｬ', 'ﾔ'),
        'ｯ' => 'ﾂ',
        c if is_hyphen(c) || c == 'ｰ' => '-',
        c => c.to_ascii_uppercase(),
    };
    let narrowed = half(text);
    let mut out = String::with_capacity(narrowed.len());
    for c in narrowed.chars().map(large) {
        if !(c == ' ' && out.ends_with(' ')) {
            out.push(c);
        }
    }
    out
}

fn shifted(c: char, from: char, to: char) -> char {
    char::from_u32(c as u32 - from as u32 + to as u32).unwrap_or(c)
}

const fn is_bank_kana(c: char) -> bool {
    matches!(c, '0'..='9' | 'A'..='Z' | 'ｦ' | 'ｱ'..='ﾟ')
        || matches!(c, ' ' | '(' | ')' | '｢' | '｣' | '/' | '-' | '.' | ',')
}

/// What is missing, and whose account it is.
pub(super) fn complete(judge: &mut Judge<'_>, bank: &Bank, required: bool) {
    let id = &judge.field.id;
    let answers = judge.scope.answers;
    let answered = |part: &str| answers.answered(&format!("{id}.{part}"));
    if !required && !BANK_PARTS.into_iter().any(answered) {
        return;
    }
    let yucho = answered("yucho_symbol") || answered("yucho_number");
    let needed = [
        ("bank_name", !yucho, Code::RequiredBankName),
        ("bank", !yucho, Code::RequiredBankCode),
        ("branch_name", !yucho, Code::RequiredBranchName),
        ("branch", !yucho, Code::RequiredBranchCode),
        ("account", !yucho, Code::RequiredAccount),
        ("number", !yucho, Code::RequiredAccountNumber),
        ("yucho_symbol", yucho, Code::RequiredYuchoSymbol),
        ("yucho_number", yucho, Code::RequiredYuchoNumber),
        ("holder", true, Code::RequiredHolder),
    ];
    let missing: Vec<_> = needed
        .into_iter()
        .filter(|(part, needed, _)| *needed && !answered(part))
        .map(|(part, _, code)| (format!("{id}.{part}"), code))
        .collect();
    let other = bank.holder_of.as_deref().filter(|of| is_another(judge, of)).is_some();
    let holder = format!("{id}.holder");
    for (input, code) in missing {
        if !judge.faulty.contains(&input) {
            judge.fault(&input, code, &[]);
        }
    }
    if other && !judge.faulty.contains(&holder) {
        judge.fault(&holder, Code::OtherHolder, &[]);
    }
}

/// Whether the account is in another name than the one that the field `of` asks for. Nobody can
/// tell for a name without フリガナ.
fn is_another(judge: &Judge<'_>, of: &str) -> bool {
    let answers = judge.scope.answers;
    let value = |input: String| answers.first(&input).unwrap_or("").to_owned();
    let squashed = |text: &str| -> String {
        bank_kana(text).chars().filter(|c| c.is_alphanumeric() || is_voice_mark(*c)).collect()
    };
    let named = value(format!("{of}.family_kana")) + &value(format!("{of}.given_kana"));
    let holder = value(format!("{}.holder", judge.field.id));
    !named.is_empty() && !holder.is_empty() && squashed(&named) != squashed(&holder)
}

const fn is_voice_mark(c: char) -> bool {
    matches!(c, 'ﾞ' | 'ﾟ')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-8: 記号 and 番号 become what every other bank has, by the rule of ゆうちょ銀行.
    #[test]
    fn symbol_and_number_become_branch_and_account() {
        let account = |symbol, number| {
            of_yucho(symbol, number).map(|one| (one.branch, one.account, one.number))
        };
        let is =
            |branch: &str, kind, number: &str| Ok((branch.to_owned(), kind, number.to_owned()));
        assert_eq!(account("10180", "12345671"), is("018", "ordinary", "1234567"));
        assert_eq!(account("14320", "2345671"), is("438", "ordinary", "0234567"));
        assert_eq!(account("00980", "123456"), is("099", "checking", "0123456"));
        assert_eq!(account("10180", "12345672"), Err(Wrong::Number), "it ends with 1");
        assert_eq!(account("10180", "1"), Err(Wrong::Number));
        assert_eq!(account("00980", "1234567"), Err(Wrong::Number));
        assert_eq!(account("10181", "12345671"), Err(Wrong::Symbol));
        assert_eq!(account("20180", "12345671"), Err(Wrong::Symbol));
    }

    #[test]
    fn kana_are_written_as_in_bank_records() {
        assert_eq!(bank_kana("しょうじ　ｶｯﾄﾗｰ"), "ｼﾖｳｼﾞ ｶﾂﾄﾗ-");
        assert_eq!(bank_kana("カ）ミライ"), "ｶ)ﾐﾗｲ");
        assert_eq!(bank_kana("smith john"), "SMITH JOHN");
    }
}
