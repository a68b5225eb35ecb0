//! A real Chromium, driven through its driver.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use platform_testkit::PATIENCE;
use thirtyfour::ChromeCapabilities;
use thirtyfour::prelude::*;

use crate::checks;
use crate::sheet::Sheet;

/// How long to wait before looking again.
const MOMENT: Duration = Duration::from_millis(20);

/// A window size a person has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// 1280 × 900.
    Desktop,
    /// 375 × 812.
    Phone,
    /// 320 × 640, the narrowest that must work.
    Narrow,
}

/// Whether pages may run script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    /// As most people have it.
    On,
    /// Everything must still work.
    Off,
}

/// A running browser with one window; both programs end when it is dropped.
#[derive(Debug)]
pub struct Browser {
    /// The window.
    pub window: WebDriver,
    /// Dropped after the window, which says goodbye to it.
    _driver: Driver,
}

/// A running driver; it ends when it is dropped, after a failed test too.
#[derive(Debug)]
struct Driver(Child);

impl Drop for Driver {
    fn drop(&mut self) {
        // It has nothing to lose.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Browser {
    /// Starts the driver and a window.
    ///
    /// # Panics
    /// When Chromium or its driver is not installed.
    pub async fn open(screen: Screen, script: Script) -> Self {
        let driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is installed (cargo xtask test installs it)");
        let mut driver = Driver(driver);
        let port = port_of(&mut driver.0);
        let mut more = 0..3;
        loop {
            let address = format!("http://127.0.0.1:{port}");
            match WebDriver::new(address, wishes(screen, script)).await {
                Ok(window) => {
                    window.set_page_load_timeout(PATIENCE).await.expect("it takes a time");
                    window.set_script_timeout(PATIENCE).await.expect("it takes a time");
                    return Self { window, _driver: driver };
                }
                // The driver gives Chromium a minute, which is short where everything starts at once.
                Err(error) => assert!(more.next().is_some(), "Chromium starts: {error}"),
            }
        }
    }

    /// Opens an address.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub async fn goto(&self, address: &str) {
        self.window.goto(address).await.expect("the page opens");
    }

    /// Becomes the visitor: their cookies, at this site.
    ///
    /// # Panics
    /// When the cookies cannot be set.
    pub async fn takes_over(&self, site: &str, cookies: &BTreeMap<String, String>) {
        self.goto(site).await;
        self.window.delete_all_cookies().await.expect("cookies go");
        for (name, value) in cookies {
            let mut cookie = Cookie::new(name.as_str(), value.as_str());
            cookie.set_path("/");
            cookie.set_secure(true);
            self.window.add_cookie(cookie).await.expect("a cookie is taken");
        }
    }

    /// The path of the page in the window.
    ///
    /// # Panics
    /// When the window is gone.
    pub async fn path(&self) -> String {
        self.window.current_url().await.expect("an address").path().to_owned()
    }

    /// Types into the field with this name, replacing what is there.
    ///
    /// # Panics
    /// When there is no such field.
    pub async fn fill(&self, name: &str, value: &str) {
        let until = Instant::now() + PATIENCE;
        loop {
            let field = self.find(&format!("[name='{name}']")).await;
            match typed(&field, value).await {
                Ok(()) => return,
                // The page in front of us is just being replaced.
                Err(error) => assert!(Instant::now() < until, "{name} takes keys: {error}"),
            }
            tokio::time::sleep(MOMENT).await;
        }
    }

    /// Chooses a file of this machine for the input with this name.
    ///
    /// # Panics
    /// When there is no such input.
    pub async fn chooses(&self, name: &str, file: &Path) {
        let input = self.find(&format!("input[type='file'][name='{name}']")).await;
        let path = file.to_str().expect("a path of text");
        input.send_keys(path).await.expect("it takes a file");
    }

    /// Clicks the first element that fits the selector.
    ///
    /// # Panics
    /// When there is none.
    pub async fn click(&self, selector: &str) {
        let until = Instant::now() + PATIENCE;
        loop {
            let element = self.find(selector).await;
            match clicked(&element).await {
                Ok(()) => return,
                // The page in front of us is just being replaced.
                Err(error) => assert!(Instant::now() < until, "{selector} is clicked: {error}"),
            }
            tokio::time::sleep(MOMENT).await;
        }
    }

    /// Presses the button with these words.
    ///
    /// # Panics
    /// When there is none.
    pub async fn press(&self, words: &str) {
        let path = format!("//button[normalize-space(.)='{words}' and not(@aria-hidden)]");
        let until = Instant::now() + PATIENCE;
        let before = loop {
            let button = self.labelled(&path, words).await;
            let before = self.find("html").await;
            match clicked(&button).await {
                Ok(()) => break before,
                // The page in front of us is just being replaced.
                Err(error) => assert!(Instant::now() < until, "{words:?} is pressed: {error}"),
            }
            tokio::time::sleep(MOMENT).await;
        };
        // Every button of ours sends a form: the old page goes.
        while before.tag_name().await.is_ok() {
            assert!(Instant::now() < until, "the page stayed after {words:?}");
            tokio::time::sleep(MOMENT).await;
        }
    }

    /// Follows the link with these words.
    ///
    /// # Panics
    /// When there is none.
    pub async fn follow(&self, words: &str) {
        let path = format!("//a[contains(normalize-space(.),'{words}')]");
        let until = Instant::now() + PATIENCE;
        loop {
            let link = self.labelled(&path, words).await;
            match clicked(&link).await {
                Ok(()) => return,
                // The page in front of us is just being replaced.
                Err(error) => assert!(Instant::now() < until, "{words:?} is followed: {error}"),
            }
            tokio::time::sleep(MOMENT).await;
        }
    }

    /// The text a person sees.
    ///
    /// # Panics
    /// When the page has no body.
    pub async fn text(&self) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            // A page that is just being replaced has no text yet.
            match self.find("body").await.text().await {
                Ok(text) => return text,
                Err(error) => assert!(Instant::now() < until, "no text: {error}"),
            }
            tokio::time::sleep(MOMENT).await;
        }
    }

    /// The text of the first element that fits the selector.
    ///
    /// # Panics
    /// When there is none.
    pub async fn text_of(&self, selector: &str) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            match self.find(selector).await.text().await {
                Ok(text) => return text,
                Err(error) => assert!(Instant::now() < until, "no text of {selector}: {error}"),
            }
            tokio::time::sleep(MOMENT).await;
        }
    }

    /// Checks that the page says this, once it is there.
    ///
    /// # Panics
    /// With the whole text when it does not.
    pub async fn says(&self, words: &str) {
        let until = Instant::now() + PATIENCE;
        loop {
            let text = self.text().await;
            if text.contains(words) {
                return;
            }
            assert!(Instant::now() < until, "{words:?} is not in: {text}");
            tokio::time::sleep(MOMENT).await;
        }
    }

    /// Checks what every page must keep: no accessibility violation that axe can
    /// find, and none of our own checks.
    ///
    /// # Panics
    /// With what is wrong.
    pub async fn is_accessible(&self) {
        let address = self.window.current_url().await.expect("an address").to_string();
        let mut sheet = Sheet::default();
        sheet.axe(&address, crate::axe::outcomes(&self.window).await);
        let width = self.window.execute("return innerWidth", vec![]).await.expect("measured");
        let wide = width.convert::<f64>().expect("a number") > 1000.0;
        sheet.found(&address, checks::page(&self.window, wide).await.found);
        let faults = sheet.faults();
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }

    /// Writes a picture of the window, for a person to look at.
    ///
    /// # Panics
    /// When it cannot be written.
    pub async fn picture(&self, file: &Path) {
        self.window.screenshot(file).await.expect("a picture");
    }

    /// The first element that fits, once the page has it.
    async fn find(&self, selector: &str) -> WebElement {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Ok(element) = self.window.find(By::Css(selector)).await {
                return element;
            }
            if Instant::now() > until {
                let page = self.window.source().await.unwrap_or_default();
                panic!("no {selector} in: {page}")
            }
            tokio::time::sleep(MOMENT).await;
        }
    }

    /// The first element of this path, which has these words, once the page has it.
    async fn labelled(&self, path: &str, words: &str) -> WebElement {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Ok(element) = self.window.find(By::XPath(path)).await {
                return element;
            }
            if Instant::now() > until {
                panic!("nothing to press says {words:?} in: {}", self.text().await)
            }
            tokio::time::sleep(MOMENT).await;
        }
    }

    /// Closes window and driver.
    pub async fn close(self) {
        // The programs end either way.
        let _ = self.window.clone().quit().await;
    }
}

async fn typed(field: &WebElement, value: &str) -> WebDriverResult<()> {
    field.clear().await?;
    field.send_keys(value).await
}

async fn clicked(element: &WebElement) -> WebDriverResult<()> {
    element.scroll_into_view().await?;
    element.click().await
}

fn wishes(screen: Screen, script: Script) -> ChromeCapabilities {
    let (width, height) = match screen {
        Screen::Desktop => (1280, 900),
        Screen::Phone => (375, 812),
        Screen::Narrow => (320, 640),
    };
    let mut wishes = DesiredCapabilities::chrome();
    let arguments = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--hide-scrollbars",
        "--lang=ja",
    ];
    for argument in arguments {
        wishes.add_arg(argument).expect("a good argument");
    }
    wishes.add_arg(&format!("--window-size={width},{height}")).expect("a good argument");
    if screen != Screen::Desktop {
        // A headless window has a smallest width; a phone is emulated instead.
        let device = serde_json::json!({
            "deviceMetrics": { "width": width, "height": height, "pixelRatio": 1.0, "touch": false }
        });
        wishes.add_experimental_option("mobileEmulation", device).expect("a good option");
    }
    if script == Script::Off {
        let settings =
            serde_json::json!({ "profile.managed_default_content_settings.javascript": 2 });
        wishes.add_experimental_option("prefs", settings).expect("a good option");
    }
    wishes
}

/// The driver says its port on its first lines.
fn port_of(driver: &mut Child) -> u16 {
    let out = driver.stdout.take().expect("its output is ours");
    let mut lines = BufReader::new(out).lines();
    let said = lines.find_map(|line| {
        let line = line.ok()?;
        let (_, rest) = line.split_once("started successfully on port ")?;
        rest.trim_end_matches('.').parse().ok()
    });
    // The rest of its output is read, so that it never waits for us.
    std::thread::spawn(move || lines.for_each(drop));
    said.expect("chromedriver says its port")
}
