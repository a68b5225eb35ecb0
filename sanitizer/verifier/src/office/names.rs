//! Elements and attributes there may be: those the tables of the model name,
//! and the few the writers put around them. Only names are taken from the
//! tables, by a reader of its own.

use std::collections::HashSet;
use std::sync::LazyLock;

const TABLES: [&str; 8] = [
    include_str!("../../../intermediate/src/office/grammar/drawing.txt"),
    include_str!("../../../intermediate/src/office/grammar/word_text.txt"),
    include_str!("../../../intermediate/src/office/grammar/word_layout.txt"),
    include_str!("../../../intermediate/src/office/grammar/word_drawing.txt"),
    include_str!("../../../intermediate/src/office/grammar/math.txt"),
    include_str!("../../../intermediate/src/office/grammar/chart.txt"),
    include_str!("../../../intermediate/src/office/grammar/slides.txt"),
    include_str!("../../../intermediate/src/office/grammar/sheet.txt"),
];
const FUNCTIONS: &str = include_str!("../../../intermediate/src/office/formula/functions.txt");

/// Elements the writers put around what the tables name.
const FRAME: &str = "w:document w:body w:background w:sectPr w:hdr w:ftr w:styles w:settings \
    w:numbering w:fonts w:footnotes w:footnote w:endnotes w:endnote w:p w:pict w:txbxContent \
    mc:AlternateContent mc:Choice mc:Fallback v:rect v:textbox \
    s:workbook s:sheets s:sheet s:definedNames s:definedName s:worksheet s:chartsheet \
    s:sheetData s:row s:c s:f s:v s:sst s:si s:t s:comments s:authors s:author s:commentList \
    s:comment s:text s:drawing s:legacyDrawing s:tableParts s:tablePart s:table s:styleSheet \
    xdr:wsDr a:theme a:tblStyleLst c:chartSpace p:presentation p:sldMasterIdLst p:sldMasterId \
    p:notesMasterIdLst p:notesMasterId p:sldIdLst p:sldId p:sldMaster p:sldLayoutIdLst \
    p:sldLayoutId p:sldLayout p:notesMaster p:sld p:notes";
const FRAME_ATTRIBUTES: &str = "Requires style xml:space r:id id name sheetId state localSheetId \
    hidden r s t ref si count uniqueCount authorId val";

/// All names there may be.
pub(super) struct Names {
    pub(super) elements: HashSet<String>,
    pub(super) attributes: HashSet<String>,
    pub(super) functions: HashSet<&'static str>,
}

/// The names of this build.
pub(super) fn names() -> &'static Names {
    static NAMES: LazyLock<Names> = LazyLock::new(collect);
    &NAMES
}

fn collect() -> Names {
    let owned = |list: &str| list.split_whitespace().map(str::to_owned).collect();
    let functions = FUNCTIONS.split_whitespace().collect();
    let mut names =
        Names { elements: owned(FRAME), attributes: owned(FRAME_ATTRIBUTES), functions };
    for table in TABLES {
        let (mut space, mut prefix) = ("", "");
        for line in table.lines().filter(|it| !it.starts_with('#')) {
            let mut words = line.split_whitespace();
            match words.clone().next() {
                Some("%space") => space = words.nth(1).unwrap_or_default(),
                Some("%attrs") => prefix = words.nth(1).unwrap_or_default(),
                Some("%kind") | None => {}
                Some("%group") => words.skip(2).for_each(|it| names.take(it, space, prefix)),
                Some(_) => words.for_each(|it| names.take(it, space, prefix)),
            }
        }
    }
    names
}

impl Names {
    fn take(&mut self, word: &str, space: &str, prefix: &str) {
        let name = word.split('=').next().unwrap_or_default();
        if let Some(attribute) = name.strip_prefix('@') {
            let bare = attribute.trim_end_matches('!');
            self.attributes.insert(bare.to_owned());
            self.attributes.insert(format!("{prefix}:{bare}"));
            return;
        }
        let name = name.trim_start_matches(['&', '^']);
        if name.starts_with(|it: char| it.is_ascii_alphabetic()) {
            let full = if name.contains(':') { name.to_owned() } else { format!("{space}:{name}") };
            self.elements.insert(full);
            self.attributes.insert(format!("{prefix}:val"));
        }
    }
}
