//! The limits a city may move, in units people use.

use platform_service::config::Within;
use sanitizer_intermediate::Limits;
use serde::Deserialize;

/// Changes to the usual limits. Absent ones stay as they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitChoices {
    /// Largest file in MiB.
    pub input_mb: Option<Within<1, 512>>,
    /// Seconds every file gets.
    pub wall_seconds: Option<Within<1, 600>>,
    /// Seconds added for each MiB of the file.
    pub wall_seconds_per_mb: Option<Within<0, 60>>,
    /// CPU seconds of a worker.
    pub cpu_seconds: Option<Within<1, 600>>,
    /// Memory of a worker in MiB.
    pub memory_mb: Option<Within<64, 8_192>>,
    /// Megapixels of one picture.
    pub megapixels: Option<Within<1, 100>>,
    /// Frames of an animation or pages of a TIFF.
    pub frames: Option<Within<1, 2_000>>,
    /// Pages, sheets or slides.
    pub pages: Option<Within<1, 20_000>>,
}

impl LimitChoices {
    /// The limits as the worker gets them.
    #[must_use]
    pub fn limits(&self) -> Limits {
        let usual = Limits::default();
        Limits {
            input_bytes: scaled(self.input_mb, 1 << 20).unwrap_or(usual.input_bytes),
            wall_ms: whole(self.wall_seconds, 1_000).unwrap_or(usual.wall_ms),
            wall_ms_per_mb: whole(self.wall_seconds_per_mb, 1_000).unwrap_or(usual.wall_ms_per_mb),
            cpu_seconds: whole(self.cpu_seconds, 1).unwrap_or(usual.cpu_seconds),
            memory_bytes: scaled(self.memory_mb, 1 << 20).unwrap_or(usual.memory_bytes),
            pixels: scaled(self.megapixels, 1_000_000).unwrap_or(usual.pixels),
            frames: whole(self.frames, 1).unwrap_or(usual.frames),
            pages: whole(self.pages, 1).unwrap_or(usual.pages),
            ..usual
        }
    }
}

fn scaled<const A: i64, const B: i64>(choice: Option<Within<A, B>>, unit: u64) -> Option<u64> {
    u64::try_from(choice?.get()).ok()?.checked_mul(unit)
}

fn whole<const A: i64, const B: i64>(choice: Option<Within<A, B>>, unit: u32) -> Option<u32> {
    u32::try_from(choice?.get()).ok()?.checked_mul(unit)
}
