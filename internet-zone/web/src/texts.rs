//! The words of this zone.

use std::sync::LazyLock;

use platform_web::Catalogue;

/// Every text a citizen reads, by key.
///
/// # Panics
/// At the first use, when a text file cannot be read: a mistake in the release.
pub static TEXTS: LazyLock<Catalogue> = LazyLock::new(|| {
    Catalogue::load(&[
        ("applications", include_str!("../texts/ja/applications.toml")),
        ("forms", include_str!("../texts/ja/forms.toml")),
        ("home", include_str!("../texts/ja/home.toml")),
        ("identity", include_str!("../texts/ja/identity.toml")),
        ("notices", include_str!("../texts/ja/notices.toml")),
        ("procedures", include_str!("../texts/ja/procedures.toml")),
    ])
    .expect("the text files of the release can be read")
});
