//! Samples of one or three bytes a pixel.

use sanitizer_intermediate::image::{Picture, Samples, Source};

pub(super) struct Raster {
    pub(super) width: u32,
    pub(super) height: u32,
    channels: usize,
    data: Vec<u8>,
}

impl Raster {
    /// `None` when the data does not fit the size.
    pub(super) fn new(width: u32, height: u32, channels: usize, data: Vec<u8>) -> Option<Self> {
        let expected = (width as usize).checked_mul(height as usize)?.checked_mul(channels)?;
        (expected > 0 && data.len() == expected).then_some(Self { width, height, channels, data })
    }

    /// Adds white rows when the file ends before its picture does.
    pub(super) fn pad_rows(&mut self, height: u32) {
        if height > self.height && height <= self.height.saturating_mul(64) {
            self.data.resize(self.width as usize * height as usize * self.channels, 255);
            self.height = height;
        }
    }

    pub(super) fn is_all(&self, sample: u8) -> bool {
        self.data.iter().all(|it| *it == sample)
    }

    /// Three equal channels are one.
    pub(super) fn gray_if_gray(self) -> Self {
        if self.channels != 3 || !self.data.chunks_exact(3).all(|p| p[0] == p[1] && p[1] == p[2]) {
            return self;
        }
        let data = self.data.chunks_exact(3).map(|pixel| pixel[0]).collect();
        Self { channels: 1, data, ..self }
    }

    fn is_bilevel(&self) -> bool {
        self.channels == 1 && self.data.iter().all(|sample| matches!(sample, 0 | 255))
    }

    /// Averages squares of pixels when there are more than twice as many as wanted.
    pub(super) fn reduce(self, wanted: (u32, u32), small: u64) -> Self {
        let pixels = u64::from(self.width) * u64::from(self.height);
        let by = (self.width / wanted.0.max(1)).min(self.height / wanted.1.max(1));
        if by < 2 || pixels <= small || self.is_bilevel() {
            return self;
        }
        let (width, height) = (self.width.div_ceil(by), self.height.div_ceil(by));
        let mut data = Vec::with_capacity(width as usize * height as usize * self.channels);
        for row in 0..height {
            for column in 0..width {
                self.average(column * by, row * by, by, &mut data);
            }
        }
        Self { width, height, channels: self.channels, data }
    }

    fn average(&self, x: u32, y: u32, by: u32, into: &mut Vec<u8>) {
        let (right, bottom) = ((x + by).min(self.width), (y + by).min(self.height));
        let count = (right - x) * (bottom - y);
        for channel in 0..self.channels {
            let mut sum = 0;
            for row in y..bottom {
                for column in x..right {
                    let pixel = row as usize * self.width as usize + column as usize;
                    sum += u32::from(self.data[pixel * self.channels + channel]);
                }
            }
            into.push(u8::try_from((sum + count / 2) / count).unwrap_or(255));
        }
    }

    /// One bit a pixel, rows in whole bytes, set where `white` says so.
    pub(super) fn packed(&self, white: impl Fn(u8) -> bool) -> Vec<u8> {
        let mut packed = Vec::with_capacity(self.data.len() / 8 + self.height as usize);
        for row in self.data.chunks_exact(self.width as usize) {
            for part in row.chunks(8) {
                let bits = part.iter().enumerate();
                packed.push(bits.fold(0, |byte, (place, sample)| {
                    byte | (u8::from(white(*sample)) << (7 - place))
                }));
            }
        }
        packed
    }

    pub(super) fn into_picture(self, source: Source, bilevel: bool) -> Option<Picture> {
        let (width, height) = (self.width, self.height);
        if bilevel && self.is_bilevel() {
            let packed = self.packed(|sample| sample >= 128);
            return Picture::new(width, height, Samples::Bilevel, packed, source).ok();
        }
        let samples = if self.channels == 3 { Samples::Rgb } else { Samples::Gray };
        Picture::new(width, height, samples, self.data, source).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_are_packed_from_the_left() {
        let raster = Raster::new(3, 2, 1, vec![255, 0, 255, 0, 255, 0]).expect("fits");
        assert_eq!(raster.packed(|sample| sample > 0), [0b1010_0000, 0b0100_0000]);
    }

    #[test]
    fn a_large_picture_is_averaged_to_what_is_wanted() {
        let raster = Raster::new(4, 2, 1, vec![0, 100, 8, 8, 200, 100, 8, 8]).expect("fits");
        let small = raster.reduce((2, 1), 0);
        assert_eq!((small.width, small.height, small.data), (2, 1, vec![100, 8]));
    }
}
