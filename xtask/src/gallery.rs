//! `cargo xtask gallery`: pictures of every page of both zones, made by the walk that checks them.

use crate::{Fallible, accessibility, cargo, demo};

const FOLDER: &str = "docs/gallery";

pub(crate) fn run() -> Fallible<()> {
    let folder = demo::house()?.join(FOLDER);
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    accessibility::walk(cargo().env("MADOGUCHI_GALLERY", &folder), &["every_page_of"])?;
    let list = |zone: &str| std::fs::read_to_string(folder.join(format!("{zone}.md")));
    let text = format!(
        "# 画面の見本\n\nWritten by `cargo xtask gallery` with the sample city; not edited by hand.\n\n\
         ## 市民\n\n{}\n## 職員\n\n{}",
        list("citizens")?,
        list("staff")?,
    );
    std::fs::write(folder.join("index.md"), text)?;
    for zone in ["citizens", "staff"] {
        std::fs::remove_file(folder.join(format!("{zone}.md")))?;
    }
    Ok(())
}
