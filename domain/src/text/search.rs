//! The key under which texts are found: tolerant of width, kana, case and old kanji (NF-9).

use unicode_normalization::UnicodeNormalization;

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
    OLD_FORMS.binary_search_by_key(&c, |pair| pair.0).map_or(c, |at| OLD_FORMS[at].1)
}

/// Old and variant forms common in names and places, sorted by code point.
const OLD_FORMS: &[(char, char)] = &[
    ('㐂', '喜'),
    ('亞', '亜'),
    ('來', '来'),
    ('傳', '伝'),
    ('價', '価'),
    ('冨', '富'),
    ('凛', '凜'),
    ('國', '国'),
    ('圓', '円'),
    ('圖', '図'),
    ('團', '団'),
    ('埜', '野'),
    ('增', '増'),
    ('壽', '寿'),
    ('學', '学'),
    ('實', '実'),
    ('寬', '寛'),
    ('寳', '宝'),
    ('寶', '宝'),
    ('將', '将'),
    ('峯', '峰'),
    ('嶋', '島'),
    ('嶌', '島'),
    ('嶽', '岳'),
    ('廣', '広'),
    ('廳', '庁'),
    ('德', '徳'),
    ('惠', '恵'),
    ('應', '応'),
    ('戶', '戸'),
    ('斎', '斉'),
    ('晉', '晋'),
    ('曾', '曽'),
    ('會', '会'),
    ('桒', '桑'),
    ('條', '条'),
    ('榮', '栄'),
    ('槇', '槙'),
    ('樂', '楽'),
    ('橫', '横'),
    ('檜', '桧'),
    ('櫻', '桜'),
    ('步', '歩'),
    ('氣', '気'),
    ('淵', '渕'),
    ('淺', '浅'),
    ('澤', '沢'),
    ('濱', '浜'),
    ('瀧', '滝'),
    ('燈', '灯'),
    ('爲', '為'),
    ('當', '当'),
    ('發', '発'),
    ('眞', '真'),
    ('禮', '礼'),
    ('稅', '税'),
    ('緖', '緒'),
    ('縣', '県'),
    ('總', '総'),
    ('聰', '聡'),
    ('與', '与'),
    ('舊', '旧'),
    ('萬', '万'),
    ('藏', '蔵'),
    ('藝', '芸'),
    ('號', '号'),
    ('證', '証'),
    ('讓', '譲'),
    ('賴', '頼'),
    ('遙', '遥'),
    ('邉', '辺'),
    ('邊', '辺'),
    ('鄕', '郷'),
    ('鐵', '鉄'),
    ('髙', '高'),
    ('鹽', '塩'),
    ('黑', '黒'),
    ('齊', '斉'),
    ('齋', '斉'),
    ('龍', '竜'),
    ('龜', '亀'),
    ('﨑', '崎'),
    ('𠮷', '吉'),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_old_forms_is_sorted() {
        assert!(OLD_FORMS.is_sorted_by_key(|pair| pair.0));
    }

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
}
