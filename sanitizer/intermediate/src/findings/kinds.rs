//! The words for removals and changes. Each has its sentence in the
//! sanitizer's catalogue under `removed.<code>` or `changed.<code>`.

use crate::words::words;

words! {
    /// What does not survive a rebuild.
    pub enum RemovedKind {
        /// Visual Basic or other macro code.
        Macros = "macros",
        /// Excel 4.0 macro sheets and dialog sheets.
        MacroSheets = "macro_sheets",
        /// Calls of macros from shapes, buttons and names.
        MacroCalls = "macro_calls",
        /// ActiveX and form controls.
        ActiveX = "activex",
        /// Ribbon, toolbar and keyboard customisations.
        CustomUi = "custom_ui",
        /// Embedded OLE objects and packages.
        OleObjects = "ole_objects",
        /// Embedded files.
        EmbeddedFiles = "embedded_files",
        /// Embedded HTML, MHT or RTF.
        EmbeddedHtml = "embedded_html",
        /// Sound and video.
        Media = "media",
        /// Pictures of a kind that is not rebuilt, or damaged ones.
        Pictures = "pictures",
        /// Embedded font programs.
        Fonts = "fonts",
        /// Links to addresses.
        Links = "links",
        /// References to files and templates elsewhere.
        ExternalReferences = "external_references",
        /// Fields that fetch, run or link something.
        ActiveFields = "active_fields",
        /// DDE links.
        Dde = "dde",
        /// Data connections, queries and data models.
        Connections = "connections",
        /// Formulas that reach out of the workbook; the value stays.
        ActiveFormulas = "active_formulas",
        /// JavaScript.
        JavaScript = "javascript",
        /// Actions that run when opening, closing, clicking.
        Actions = "actions",
        /// XFA forms.
        Xfa = "xfa",
        /// Form fields that were not shown.
        FormFields = "form_fields",
        /// Annotations that are not drawn.
        Annotations = "annotations",
        /// Digital signatures: void after the rebuild.
        Signatures = "signatures",
        /// Earlier revisions and objects no page uses.
        HiddenRevisions = "hidden_revisions",
        /// Bytes before, between or after the file proper.
        StrayBytes = "stray_bytes",
        /// Author, company, dates and other properties.
        Properties = "properties",
        /// Revision marks and editing identifiers.
        RevisionMarks = "revision_marks",
        /// Comments.
        Comments = "comments",
        /// Data that is not shown (custom XML and kin).
        CustomData = "custom_data",
        /// Printer settings.
        PrinterSettings = "printer_settings",
        /// Preview pictures.
        Thumbnails = "thumbnails",
        /// Parts of an unknown kind.
        UnknownParts = "unknown_parts",
        /// EXIF data, including the place a photo was taken.
        Exif = "exif",
        /// XMP data.
        Xmp = "xmp",
        /// IPTC and Photoshop data.
        Iptc = "iptc",
        /// Colour profiles; colours are converted first.
        ColourProfile = "colour_profile",
        /// Text within picture files.
        PictureText = "picture_text",
        /// Other data segments of picture files.
        PictureData = "picture_data",
        /// Control characters.
        ControlCharacters = "control_characters",
        /// Characters that change the direction of reading.
        BidiCharacters = "bidi_characters",
        /// Invisible characters.
        InvisibleCharacters = "invisible_characters",
        /// Programs, scripts, shortcuts and web pages in an archive.
        ActiveMembers = "active_members",
        /// Files in an archive that cannot be rebuilt.
        Members = "members",
        /// References to other paths in an archive.
        MemberLinks = "member_links",
        /// Files a system leaves in archives for itself.
        SystemFiles = "system_files",
    }
}

words! {
    /// What survives in another form.
    pub enum ChangedKind {
        /// The picture was turned as its EXIF data asked.
        Oriented = "oriented",
        /// Colours were converted to sRGB.
        ColoursConverted = "colours_converted",
        /// More than eight bits a colour became eight.
        DepthReduced = "depth_reduced",
        /// Only the first frame was kept.
        FirstFrameOnly = "first_frame_only",
        /// The picture was damaged; what could be read was kept.
        PictureDamaged = "picture_damaged",
        /// The file has another type than before.
        TypeChanged = "type_changed",
        /// The name claimed another type than the content.
        TypeMismatch = "type_mismatch",
        /// The text is written in UTF-8 now.
        EncodingConverted = "encoding_converted",
        /// Characters that could not be read were replaced.
        Undecodable = "undecodable",
        /// Cells that look like formulas were made text.
        FormulasNeutralised = "formulas_neutralised",
        /// Formulas were replaced by their values.
        FormulasToValues = "formulas_to_values",
        /// Pages were kept as pictures.
        PagesAsPictures = "pages_as_pictures",
        /// Form fields were drawn on the page.
        FormsFlattened = "forms_flattened",
        /// Annotations were drawn on the page.
        AnnotationsDrawn = "annotations_drawn",
        /// Fonts were replaced.
        FontsReplaced = "fonts_replaced",
        /// Pictures were encoded anew.
        PicturesReencoded = "pictures_reencoded",
        /// Drawings and charts were kept as pictures.
        DrawingsAsPictures = "drawings_as_pictures",
        /// Objects were replaced by their preview picture.
        ObjectsAsPictures = "objects_as_pictures",
        /// Ticks and captions of a form's controls were kept as text.
        ControlsAsText = "controls_as_text",
        /// A restriction without password was lifted.
        RestrictionsLifted = "restrictions_lifted",
        /// A damaged file was repaired.
        Repaired = "repaired",
        /// Layout that is not rebuilt was simplified.
        LayoutSimplified = "layout_simplified",
        /// Tracked changes were accepted as shown.
        RevisionsAccepted = "revisions_accepted",
        /// Names of files in an archive that no system should follow.
        NamesChanged = "names_changed",
        /// A password protected the file; it is open now.
        PasswordRemoved = "password_removed",
        /// clamd could not be asked about it, and the policy lets it pass.
        NotScannedByClamd = "not_scanned_clamd",
        /// The ICAP service could not be asked about it, and the policy lets it pass.
        NotScannedByIcap = "not_scanned_icap",
    }
}
