//! From the drawing's own units to pixels of the canvas.

use hayro::kurbo::{Affine, Point, Vec2};

/// How page units become units of the device.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mapping {
    pub mode: u32,
    pub window: Point,
    pub window_size: Vec2,
    pub viewport: Point,
    pub viewport_size: Vec2,
    /// Device units in a millimetre, for the modes with real lengths.
    pub per_mm: Vec2,
}

const ISOTROPIC: u32 = 7;
const ANISOTROPIC: u32 = 8;

impl Mapping {
    /// Units are those of the device.
    pub(super) fn identity(per_mm: Vec2) -> Self {
        Self {
            mode: 1,
            window: Point::ZERO,
            window_size: Vec2::new(1.0, 1.0),
            viewport: Point::ZERO,
            viewport_size: Vec2::new(1.0, 1.0),
            per_mm,
        }
    }

    /// Horizontal and vertical scale.
    pub(super) fn scale(&self) -> Vec2 {
        let metric = |mm: f64| Vec2::new(self.per_mm.x * mm, -self.per_mm.y * mm);
        match self.mode {
            2 => metric(0.1),
            3 => metric(0.01),
            4 => metric(0.254),
            5 => metric(0.0254),
            6 => metric(25.4 / 1_440.0),
            ISOTROPIC => {
                let scale = self.ratio();
                let least = scale.x.abs().min(scale.y.abs());
                Vec2::new(least.copysign(scale.x), least.copysign(scale.y))
            }
            ANISOTROPIC => self.ratio(),
            _ => Vec2::new(1.0, 1.0),
        }
    }

    fn ratio(&self) -> Vec2 {
        let part = |a: f64, b: f64| if b == 0.0 || a == 0.0 { 1.0 } else { a / b };
        Vec2::new(
            part(self.viewport_size.x, self.window_size.x),
            part(self.viewport_size.y, self.window_size.y),
        )
    }

    /// Page to device.
    pub(super) fn affine(&self) -> Affine {
        let scale = self.scale();
        Affine::translate(self.viewport.to_vec2())
            * Affine::scale_non_uniform(scale.x, scale.y)
            * Affine::translate(-self.window.to_vec2())
    }

    /// The same without mirroring, for letters: they stay upright.
    pub(super) fn upright(&self) -> Affine {
        let scale = self.scale();
        Affine::scale_non_uniform(scale.x.abs(), scale.y.abs())
    }
}
