//! The key under which texts are found: tolerant of width, kana, case and old kanji (NF-9).

use unicode_normalization::UnicodeNormalization;

use super::old_kanji::new_form;

/// Folds a text for searching: NFKC, lower case, katakana, new kanji forms, without spaces, marks
/// and variation selectors. Only for comparing, never stored in place of the text.
#[must_use]
pub fn search_key(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).filter(|c| !is_skipped(*c)).map(folded).collect()
}

fn is_skipped(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
        || matches!(
            c,
            '-' | '\u{2010}'
                ..='\u{2015}'
                    | '\u{2212}'
                    | '・'
                    | '、'
                    | '。'
                    | ','
                    | '.'
                    | '('
                    | ')'
                    | '「'
                    | '」'
                    | '/'
        )
}

fn folded(c: char) -> char {
    let c = if ('\u{3041}'..='\u{3096}').contains(&c) {
        char::from_u32(c as u32 + 0x60).unwrap_or(c)
    } else {
        c
    };
    new_form(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-9: width, kana, case and old forms do not matter to the search.
    #[test]
    fn writings_of_the_same_word_share_a_key() {
        for (one, other) in [
            ("じゅうみんひょう", "ジュウミンヒョウ"),
            ("ｼﾞｭｳﾐﾝ", "じゅうみん"),
            ("ＡＢＣ　123", "abc１２３"),
            ("渡邊", "渡辺"),
            ("髙﨑", "高崎"),
            ("𠮷田", "吉田"),
            ("葛\u{E0100}城", "葛城"),
            ("粗大ごみ・処理", "粗大ゴミ処理"),
        ] {
            assert_eq!(search_key(one), search_key(other), "{one}");
        }
        assert_ne!(search_key("きょうこ"), search_key("きようこ"));
    }

    /// NF-9: words in old kanji, and names and places in a variant, are found in the form of today. The
    /// escapes are compatibility ideographs.
    #[test]
    fn old_kanji_share_the_key_of_the_new() {
        for (old, new) in [
            ("國民健康保險", "国民健康保険"),
            ("後期高齡者醫療", "後期高齢者医療"),
            ("圖書館", "図書館"),
            ("區役所", "区役所"),
            ("學童保育", "学童保育"),
            ("轉入屆", "転入届"),
            ("印鑑證明", "印鑑証明"),
            ("戶籍謄本", "戸籍謄本"),
            ("住民稅・輕自動車稅", "住民税・軽自動車税"),
            ("辯護士", "弁護士"),
            ("廢棄物處理", "廃棄物処理"),
            ("狂犬病豫防", "狂犬病予防"),
            ("內科醫院", "内科医院"),
            ("澁谷", "渋谷"),
            ("德川", "徳川"),
            ("渡邉", "渡邊"),
            ("濵﨑", "浜崎"),
            ("栁澤", "柳沢"),
            ("桒原", "桑原"),
            ("嶋田", "嶌田"),
            ("冨士", "富士"),
            ("齋藤", "斉藤"),
            ("齊藤", "斎藤"),
            ("\u{FA19}社の\u{FA1A}\u{FA1B}", "神社の祥福"),
            ("\u{FA4C}會\u{FA1B}\u{FA4D}", "社会福祉"),
            ("\u{F92F}働", "労働"),
        ] {
            assert_eq!(search_key(old), search_key(new), "{old}");
        }
        for (one, other) in [("大阪", "大坂"), ("埼", "崎"), ("庄", "荘"), ("竈", "釜")] {
            assert_ne!(search_key(one), search_key(other), "{one}");
        }
    }
}
