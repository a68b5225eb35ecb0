//! Style sheet and pictures of this zone.

use std::sync::LazyLock;

use platform_web::static_files::StaticFiles;

/// All files, with those of the platform.
pub(crate) static FILES: LazyLock<StaticFiles> = LazyLock::new(|| {
    StaticFiles::new(&[
        ("citizen.css", include_bytes!("../static/citizen.css")),
        ("draft.js", include_bytes!("../static/draft.js")),
        ("pieces.js", include_bytes!("../static/pieces.js")),
        ("rules.js", include_bytes!("../static/rules.js")),
        ("still.js", include_bytes!("../static/still.js")),
        ("terminal.css", include_bytes!("../static/terminal.css")),
        ("terminal.js", include_bytes!("../static/terminal.js")),
    ])
});
