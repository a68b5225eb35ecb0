//! Pictures of every page, for people to look at: `cargo xtask gallery`.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::json;
use thirtyfour::WebDriver;

/// Pixels of a page that are shown; lists may be long.
const HEIGHT: u64 = 6000;

/// A folder of pictures of one zone.
#[derive(Debug)]
pub struct Gallery {
    folder: PathBuf,
    zone: &'static str,
    /// Address, name and file of the pictures so far.
    shown: Vec<(String, String, String)>,
}

impl Gallery {
    /// Pictures of this zone in this folder.
    ///
    /// # Panics
    /// When there can be no such folder.
    #[must_use]
    pub fn in_folder(folder: PathBuf, zone: &'static str) -> Self {
        std::fs::create_dir_all(folder.join(zone)).expect("a folder for pictures");
        Self { folder, zone, shown: Vec::new() }
    }

    /// Takes a picture of the whole page.
    ///
    /// # Panics
    /// When the browser gives none.
    pub async fn takes(&mut self, window: &WebDriver, pattern: &str, wide: bool) {
        let size = "return [innerWidth, document.documentElement.scrollHeight]";
        let size = window.execute(size, vec![]).await.expect("it can be measured");
        let [width, height] = size.convert::<[u64; 2]>().expect("two numbers");
        let clip =
            json!({ "x": 0, "y": 0, "width": width, "height": height.min(HEIGHT), "scale": 1 });
        let wish =
            json!({ "format": "webp", "quality": 50, "captureBeyondViewport": true, "clip": clip });
        let taken = window.cdp().send_raw("Page.captureScreenshot", wish).await;
        let taken = taken.expect("a picture");
        let bytes = crate::counter::base64(taken["data"].as_str().expect("base64"));
        let screen = if wide { "desktop" } else { "phone" };
        let file = format!("{}/{}-{screen}.webp", self.zone, file_name(pattern));
        std::fs::write(self.folder.join(&file), bytes).expect("written");
        if wide {
            let title = window.title().await.expect("a title");
            let name = title.split(['|', '｜']).next().unwrap_or_default().trim().to_owned();
            self.shown.push((pattern.to_owned(), name, file.replace("-desktop.webp", "")));
        }
    }

    /// Writes the list of this zone's pictures.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn ends(mut self) {
        self.shown.sort();
        self.shown.dedup_by(|one, other| one.2 == other.2);
        let mut list =
            String::from("| ページ | アドレス | パソコン | スマートフォン |\n|---|---|---|---|\n");
        for (pattern, name, file) in &self.shown {
            // Writing to a String cannot fail.
            let _ = writeln!(
                list,
                "| {name} | `{pattern}` | ![{name}]({file}-desktop.webp) | ![{name}]({file}-phone.webp) |",
            );
        }
        std::fs::write(self.folder.join(format!("{}.md", self.zone)), list).expect("written");
    }
}

/// `/applications/{id}/reject` is `applications-id-reject`.
fn file_name(pattern: &str) -> String {
    let plain = pattern.replace(['{', '}'], "").replace('/', "-");
    let plain = plain.trim_matches('-');
    if plain.is_empty() { "start".to_owned() } else { plain.to_owned() }
}
