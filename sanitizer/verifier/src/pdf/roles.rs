//! What may be in each dictionary, by its role.

use super::lexer::Dict;
use crate::refusal::Refusal;

/// What a dictionary is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    Catalog,
    Pages,
    Page,
    Link,
    Web,
    Outline,
    Bookmark,
    Group,
    Resources,
    Tint,
    State,
    Mask,
    Content,
    XObject,
    Form,
    Picture,
    Parameters,
    Pattern,
    Tiling,
    Shaded,
    Shading,
    Gradient,
    Mesh,
    Function,
    Sampled,
    Straight,
    Stitched,
    Font,
    Named,
    Composite,
    Descendant,
    Collection,
    Drawn,
    Glyph,
    Encoding,
    Descriptor,
    TrueType,
    Cff,
    Map,
}

/// What a key may hold.
#[derive(Clone, Copy)]
pub(super) enum Want {
    Number,
    /// Only ever said when it is so.
    Yes,
    /// Two of yes and no, in an array.
    Bools,
    Text,
    /// The bookmark or the outline above.
    Above,
    /// A web address.
    Address,
    /// Any name.
    Name,
    /// One of these names.
    Of(&'static [&'static str]),
    /// Numbers in an array.
    Numbers,
    /// That many numbers in an array.
    Just(usize),
    /// A quarter turn or more.
    Turns,
    /// Numbers, each followed by an array of numbers.
    Runs,
    /// Numbers and names.
    Differences,
    /// A page and how to show it.
    Target,
    /// Device colours, or a palette.
    Space,
    /// Pattern colours with a tint.
    TintSpace,
    /// A dictionary or stream of this role.
    A(Role),
    /// One of the names of encodings, or a dictionary of this role.
    NameOr(Role),
    /// The name `None`, or a dictionary of this role.
    NoneOr(Role),
    /// An array of them.
    Many(Role),
    /// A dictionary of them under names of a letter and a number.
    Each(Role),
}

use Role::{
    Bookmark, Catalog, Cff, Collection, Composite, Content, Descendant, Descriptor, Drawn,
    Encoding, Font, Form, Function, Glyph, Gradient, Group, Link, Map, Mask, Mesh, Named, Outline,
    Page, Pages, Parameters, Pattern, Picture, Resources, Sampled, Shaded, Shading, State,
    Stitched, Straight, Tiling, Tint, TrueType, Web, XObject,
};
use Want::{
    A, Above, Address, Bools, Differences, Each, Just, Many, Name, NameOr, NoneOr, Number, Numbers,
    Of, Runs, Space, Target, Text, TintSpace, Turns, Yes,
};

/// How colours mix with what is below.
const BLENDS: &[&str] = &[
    "Normal",
    "Multiply",
    "Screen",
    "Overlay",
    "Darken",
    "Lighten",
    "ColorDodge",
    "ColorBurn",
    "HardLight",
    "SoftLight",
    "Difference",
    "Exclusion",
    "Hue",
    "Saturation",
    "Color",
    "Luminosity",
];
/// Encodings that have a name.
pub(super) const ENCODINGS: &[&str] =
    &["StandardEncoding", "MacRomanEncoding", "WinAnsiEncoding", "MacExpertEncoding"];

/// Keys in the order they are written, and what they hold; `?` behind a key
/// that may be missing.
type Rules = &'static [(&'static str, Want)];

impl Role {
    /// Whether the role is of streams.
    pub(super) const fn is_stream(self) -> bool {
        matches!(
            self,
            Content | Form | Picture | Tiling | Mesh | Sampled | Glyph | TrueType | Cff | Map
        )
    }

    /// The exact role where it depends on what the dictionary says.
    pub(super) fn exact(self, dict: &Dict) -> Result<Self, Refusal> {
        let odd = Refusal::of("a dictionary of no known role");
        match self {
            XObject => match dict.name("Subtype") {
                Some("Form") => Ok(Form),
                Some("Image") => Ok(Picture),
                _ => Err(odd),
            },
            Font => match dict.name("Subtype") {
                Some("Type0") => Ok(Composite),
                Some("Type3") => Ok(Drawn),
                Some("Type1" | "TrueType") => Ok(Named),
                _ => Err(odd),
            },
            Pattern => match dict.whole("PatternType") {
                Some(1) => Ok(Tiling),
                Some(2) => Ok(Shaded),
                _ => Err(odd),
            },
            Shading => match dict.whole("ShadingType") {
                Some(2 | 3) => Ok(Gradient),
                Some(4) => Ok(Mesh),
                _ => Err(odd),
            },
            Function => match dict.whole("FunctionType") {
                Some(0) => Ok(Sampled),
                Some(2) => Ok(Straight),
                Some(3) => Ok(Stitched),
                _ => Err(odd),
            },
            exact => Ok(exact),
        }
    }

    /// The keys of an exact role.
    pub(super) const fn rules(self) -> Rules {
        match self {
            Catalog => {
                &[("Type", Of(&["Catalog"])), ("Pages", A(Pages)), ("Outlines?", A(Outline))]
            }
            Pages => &[("Type", Of(&["Pages"])), ("Kids", Many(Page)), ("Count", Number)],
            Page => &[
                ("Type", Of(&["Page"])),
                ("Parent", A(Pages)),
                ("MediaBox", Just(4)),
                ("CropBox?", Just(4)),
                ("Rotate?", Turns),
                ("UserUnit?", Number),
                ("Group?", A(Group)),
                ("Contents", A(Content)),
                ("Resources", A(Resources)),
                ("Annots?", Many(Link)),
            ],
            Link => &[
                ("Type", Of(&["Annot"])),
                ("Subtype", Of(&["Link"])),
                ("Rect", Just(4)),
                ("Border", Just(3)),
                ("Dest?", Target),
                ("A?", A(Web)),
            ],
            Web => &[("S", Of(&["URI"])), ("URI", Address)],
            Outline => &[
                ("Type", Of(&["Outlines"])),
                ("First", A(Bookmark)),
                ("Last", A(Bookmark)),
                ("Count", Number),
            ],
            Bookmark => &[
                ("Title", Text),
                ("Parent", Above),
                ("Prev?", A(Bookmark)),
                ("Next?", A(Bookmark)),
                ("First?", A(Bookmark)),
                ("Last?", A(Bookmark)),
                ("Count?", Number),
                ("Dest", Target),
            ],
            Group => &[
                ("S", Of(&["Transparency"])),
                ("CS?", Of(&["DeviceGray", "DeviceRGB", "DeviceCMYK"])),
                ("I?", Yes),
                ("K?", Yes),
            ],
            Resources => &[
                ("Font?", Each(Font)),
                ("Pattern?", Each(Pattern)),
                ("Shading?", Each(Shading)),
                ("XObject?", Each(XObject)),
                ("ExtGState?", Each(State)),
                ("ColorSpace?", A(Tint)),
            ],
            Tint => &[("T", TintSpace)],
            State => {
                &[("ca?", Number), ("CA?", Number), ("BM?", Of(BLENDS)), ("SMask?", NoneOr(Mask))]
            }
            Mask => &[
                ("Type", Of(&["Mask"])),
                ("S", Of(&["Alpha", "Luminosity"])),
                ("G", A(Form)),
                ("BC?", Numbers),
                ("TR?", A(Sampled)),
            ],
            Content | Glyph | Map => &[],
            Form => &[
                ("Type", Of(&["XObject"])),
                ("Subtype", Of(&["Form"])),
                ("BBox", Just(4)),
                ("Matrix", Just(6)),
                ("Group?", A(Group)),
                ("Resources", A(Resources)),
            ],
            Picture => &[
                ("DecodeParms?", A(Parameters)),
                ("Type", Of(&["XObject"])),
                ("Subtype", Of(&["Image"])),
                ("Width", Number),
                ("Height", Number),
                ("BitsPerComponent", Number),
                ("Interpolate?", Yes),
                ("SMask?", A(Picture)),
                ("ImageMask?", Yes),
                ("ColorSpace?", Space),
            ],
            Parameters => &[
                ("K?", Number),
                ("Predictor?", Number),
                ("Colors?", Number),
                ("BitsPerComponent?", Number),
                ("Columns", Number),
                ("Rows?", Number),
            ],
            Tiling => &[
                ("Type", Of(&["Pattern"])),
                ("PatternType", Number),
                ("PaintType", Number),
                ("TilingType", Number),
                ("BBox", Just(4)),
                ("XStep", Number),
                ("YStep", Number),
                ("Matrix", Just(6)),
                ("Resources", A(Resources)),
            ],
            Shaded => &[
                ("Type", Of(&["Pattern"])),
                ("PatternType", Number),
                ("Shading", A(Shading)),
                ("Matrix", Just(6)),
            ],
            Gradient => &[
                ("ShadingType", Number),
                ("ColorSpace", Of(&["DeviceRGB"])),
                ("Background?", Just(3)),
                ("BBox?", Just(4)),
                ("Coords", Numbers),
                ("Extend", Bools),
                ("Function", A(Function)),
            ],
            Mesh => &[
                ("ShadingType", Number),
                ("ColorSpace", Of(&["DeviceRGB"])),
                ("Background?", Just(3)),
                ("BBox?", Just(4)),
                ("BitsPerCoordinate", Number),
                ("BitsPerComponent", Number),
                ("BitsPerFlag", Number),
                ("Decode", Just(10)),
            ],
            Sampled => &[
                ("FunctionType", Number),
                ("Domain", Just(2)),
                ("Range", Just(2)),
                ("Size", Just(1)),
                ("BitsPerSample", Number),
            ],
            Straight => &[
                ("FunctionType", Number),
                ("Domain", Just(2)),
                ("C0", Just(3)),
                ("C1", Just(3)),
                ("N", Number),
            ],
            Stitched => &[
                ("FunctionType", Number),
                ("Domain", Just(2)),
                ("Bounds", Numbers),
                ("Encode", Numbers),
                ("Functions", Many(Function)),
            ],
            Named => &[
                ("Type", Of(&["Font"])),
                ("Subtype", Of(&["Type1", "TrueType"])),
                ("BaseFont", Name),
                ("Encoding?", NameOr(Encoding)),
                ("FirstChar?", Number),
                ("LastChar?", Number),
                ("Widths?", Numbers),
                ("FontDescriptor?", A(Descriptor)),
                ("ToUnicode?", A(Map)),
            ],
            Composite => &[
                ("Type", Of(&["Font"])),
                ("Subtype", Of(&["Type0"])),
                ("BaseFont", Name),
                ("Encoding", Of(&["Identity-H", "Identity-V"])),
                ("DescendantFonts", Many(Descendant)),
                ("ToUnicode?", A(Map)),
            ],
            Descendant => &[
                ("Type", Of(&["Font"])),
                ("Subtype", Of(&["CIDFontType0", "CIDFontType2"])),
                ("BaseFont", Name),
                ("CIDSystemInfo", A(Collection)),
                ("FontDescriptor", A(Descriptor)),
                ("CIDToGIDMap?", Of(&["Identity"])),
                ("DW", Number),
                ("W?", Runs),
                ("DW2?", Just(2)),
                ("W2?", Runs),
            ],
            Collection => &[("Registry", Text), ("Ordering", Text), ("Supplement", Number)],
            Drawn => &[
                ("Type", Of(&["Font"])),
                ("Subtype", Of(&["Type3"])),
                ("FontBBox", Just(4)),
                ("FontMatrix", Just(6)),
                ("CharProcs", Each(Glyph)),
                ("Encoding", A(Encoding)),
                ("FirstChar", Number),
                ("LastChar", Number),
                ("Widths", Numbers),
                ("Resources", A(Resources)),
                ("ToUnicode?", A(Map)),
            ],
            Encoding => &[
                ("Type", Of(&["Encoding"])),
                ("BaseEncoding?", Of(ENCODINGS)),
                ("Differences", Differences),
            ],
            Descriptor => &[
                ("Type", Of(&["FontDescriptor"])),
                ("FontName", Name),
                ("Flags", Number),
                ("FontBBox", Just(4)),
                ("ItalicAngle", Number),
                ("Ascent", Number),
                ("Descent", Number),
                ("CapHeight", Number),
                ("StemV", Number),
                ("FontWeight?", Number),
                ("FontFile2?", A(TrueType)),
                ("FontFile3?", A(Cff)),
            ],
            TrueType => &[("Length1", Number)],
            Cff => &[("Subtype", Of(&["CIDFontType0C"]))],
            XObject | Font | Pattern | Shading | Function => &[],
        }
    }
}
