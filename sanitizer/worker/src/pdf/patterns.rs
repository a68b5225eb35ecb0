//! Patterns and shadings.

use hayro::hayro_interpret::color::ColorSpace;
use hayro::hayro_interpret::pattern::ShadingPattern;
use hayro::hayro_interpret::shading::{ShadingFunction, ShadingType, Triangle};
use hayro::hayro_syntax::object::{Dict, Name, Object, Stream};
use hayro::hayro_syntax::page::Resources;
use hayro::kurbo::{Affine, Shape};
use sanitizer_intermediate::pdf::{
    Mesh, Pattern, Shading, ShadingKind, Step, Stop, Tiling, Vertex, max,
};

use super::book::{Book, Halt, key};
use super::content::{Walker, affine};

/// Places at which a shading's function is asked for its colour.
const SAMPLES: u16 = 128;
/// Squares along each side of a shading that is a function of both coordinates.
const GRID: u16 = 48;

impl Walker<'_, '_> {
    /// `sh`.
    pub(super) fn shade(&mut self, name: &Name<'_>) -> Result<(), Halt> {
        if self.hidden() {
            return Ok(());
        }
        let resources = self.resources().clone();
        let number = self.book().shading(name.as_ref(), &resources)?;
        self.place(number.map(Step::Shade));
        Ok(())
    }
}

impl<'a> Book<'a> {
    fn shading(&mut self, name: &[u8], resources: &Resources<'a>) -> Result<Option<u32>, Halt> {
        let known = (key(&resources.shadings), name.to_vec());
        if let Some(number) = self.known.shadings.get(&known) {
            return Ok(*number);
        }
        if let Some(Object::Stream(mesh)) = resources.shadings.get::<Object<'_>>(name)
            && !self.affords(&mesh)?
        {
            return Ok(None);
        }
        let shading = self.engine.shading(name, resources).and_then(|shading| convert(&shading));
        let number = shading.map(|shading| Self::number(&mut self.things.shadings, shading));
        self.known.shadings.insert(known, number);
        Ok(number)
    }

    /// The number of a pattern.
    pub(super) fn pattern(
        &mut self,
        name: &[u8],
        resources: &Resources<'a>,
        ctm: Affine,
    ) -> Result<Option<u32>, Halt> {
        let known = (key(&resources.patterns), name.to_vec());
        if let Some(number) = self.known.patterns.get(&known) {
            return Ok(*number);
        }
        let pattern = match resources.patterns.get::<Object<'_>>(name) {
            Some(Object::Stream(tile)) => {
                let place = key(tile.dict());
                self.within(place, |book| book.tiling(&tile, ctm))?.flatten()
            }
            Some(Object::Dict(dict)) => self.shading_pattern(name, &dict, resources)?,
            _ => None,
        };
        let number = pattern.map(|pattern| Self::number(&mut self.things.patterns, pattern));
        self.known.patterns.insert(known, number);
        Ok(number)
    }

    /// Whether a pattern brings its own colours.
    pub(super) fn is_coloured(&self, pattern: u32) -> bool {
        match self.things.patterns.get(pattern as usize) {
            Some(Pattern::Tiling(tiling)) => tiling.coloured,
            Some(Pattern::Shading { .. }) | None => true,
        }
    }

    fn tiling(&mut self, tile: &Stream<'a>, ctm: Affine) -> Result<Option<Pattern>, Halt> {
        let dict = tile.dict();
        let number = |key: &[u8]| dict.get::<f32>(key).filter(|number| number.is_normal());
        let (Some(bounds), Some(step_x), Some(step_y)) =
            (dict.get::<[f32; 4]>(b"BBox"), number(b"XStep"), number(b"YStep"))
        else {
            return Ok(None);
        };
        let matrix = dict.get::<[f32; 6]>(b"Matrix").unwrap_or([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
        let resources = Resources::new(dict.get::<Dict<'_>>(b"Resources").unwrap_or_default());
        let Some(content) = self.decode(tile)? else { return Ok(None) };
        let content = Walker::new(self, resources, ctm * affine(matrix)).run(&content)?;
        Ok(Some(Pattern::Tiling(Tiling {
            coloured: dict.get::<u8>(b"PaintType") != Some(2),
            bounds,
            step_x,
            step_y,
            matrix,
            content,
        })))
    }

    fn shading_pattern(
        &mut self,
        name: &[u8],
        dict: &Dict<'a>,
        resources: &Resources<'a>,
    ) -> Result<Option<Pattern>, Halt> {
        if let Some(mesh) = dict.get::<Stream<'_>>(b"Shading")
            && !self.affords(&mesh)?
        {
            return Ok(None);
        }
        let Some(found) = self.engine.shading_pattern(name, resources) else { return Ok(None) };
        let matrix = dict.get::<[f32; 6]>(b"Matrix").unwrap_or([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
        let bounds = dict_bounds(dict);
        let shading = convert(&found).map(|shading| Shading { bounds, ..shading });
        Ok(shading.map(|shading| Pattern::Shading {
            shading: Self::number(&mut self.things.shadings, shading),
            matrix,
        }))
    }
}

/// The box is read from the file: hayro gives it in the pattern's surroundings.
fn dict_bounds(pattern: &Dict<'_>) -> Option<[f32; 4]> {
    let shading = pattern.get::<Object<'_>>(b"Shading")?;
    let (dict, _) = hayro::hayro_syntax::object::dict_or_stream(&shading)?;
    dict.get::<[f32; 4]>(b"BBox")
}

fn convert(found: &ShadingPattern) -> Option<Shading> {
    let shading = &found.shading;
    let space = &shading.color_space;
    let kind = match shading.shading_type.as_ref() {
        ShadingType::RadialAxial { coords, domain, function, extend, axial } => {
            let stops = stops(function, *domain, space)?;
            let [a, b, c, d, ..] = *coords;
            if *axial {
                ShadingKind::Axial { line: [a, b, c, d], extend: *extend, stops }
            } else {
                ShadingKind::Radial { circles: *coords, extend: *extend, stops }
            }
        }
        ShadingType::FunctionBased { domain, matrix, function } => {
            ShadingKind::Mesh(grid(*domain, *matrix, function, space)?)
        }
        ShadingType::TriangleMesh { triangles, function } => {
            ShadingKind::Mesh(mesh(triangles, function.as_ref(), space)?)
        }
        ShadingType::CoonsPatchMesh { patches, function } => {
            let mut triangles = Vec::new();
            patches.iter().for_each(|patch| patch.to_triangles(&mut triangles));
            ShadingKind::Mesh(mesh(&triangles, function.as_ref(), space)?)
        }
        ShadingType::TensorProductPatchMesh { patches, function } => {
            let mut triangles = Vec::new();
            patches.iter().for_each(|patch| patch.to_triangles(&mut triangles));
            ShadingKind::Mesh(mesh(&triangles, function.as_ref(), space)?)
        }
        ShadingType::Dummy => return None,
    };
    let background = shading.background.as_ref().map(|numbers| {
        let [r, g, b, _] = space.to_rgba(numbers, 1.0).components();
        [r, g, b]
    });
    let bounds = shading.clip_path.as_ref().map(|path| {
        let bounds = path.bounding_box();
        [bounds.x0, bounds.y0, bounds.x1, bounds.y1].map(|number| number as f32)
    });
    Some(Shading { kind, background, bounds })
}

/// Samples the colours along a shading, leaving out what lies on a straight
/// line between its neighbours.
fn stops(function: &ShadingFunction, domain: [f32; 2], space: &ColorSpace) -> Option<Vec<Stop>> {
    let mut sampled = Vec::with_capacity(usize::from(SAMPLES) + 1);
    for sample in 0..=SAMPLES {
        let at = f32::from(sample) / f32::from(SAMPLES);
        let input = domain[0] + (domain[1] - domain[0]) * at;
        sampled.push(Stop { at, rgb: colour(function, &[input], space)? });
    }
    let mut kept: Vec<Stop> = vec![sampled[0]];
    let mut from = 0;
    for to in 2..sampled.len() {
        if !(from + 1..to).all(|between| lies_between(&sampled, from, to, between)) {
            from = to - 1;
            kept.push(sampled[from]);
        }
    }
    kept.extend(sampled.last());
    Some(kept)
}

fn lies_between(stops: &[Stop], from: usize, to: usize, between: usize) -> bool {
    let share = (between - from) as f32 / (to - from) as f32;
    (0..3).all(|part| {
        let [a, b, c] = [from, to, between].map(|place| f32::from(stops[place].rgb[part]));
        (a + (b - a) * share - c).abs() <= 1.0
    })
}

fn colour(function: &ShadingFunction, input: &[f32], space: &ColorSpace) -> Option<[u8; 3]> {
    let mut output = vec![0.0; function.num_outputs()];
    function.eval(input, &mut output)?;
    Some(rgb(space, &output))
}

fn rgb(space: &ColorSpace, numbers: &[f32]) -> [u8; 3] {
    let [r, g, b, _] = space.to_rgba(numbers, 1.0).to_rgba8();
    [r, g, b]
}

fn mesh(
    triangles: &[Triangle],
    function: Option<&ShadingFunction>,
    space: &ColorSpace,
) -> Option<Mesh> {
    let mut vertices = Vec::with_capacity(triangles.len().min(max::VERTICES / 3) * 3);
    for triangle in triangles.iter().take(max::VERTICES / 3) {
        for corner in [&triangle.p0, &triangle.p1, &triangle.p2] {
            let rgb = match function {
                Some(function) => colour(function, &corner.colors, space)?,
                None => rgb(space, &corner.colors),
            };
            let (x, y) = (corner.point.x as f32, corner.point.y as f32);
            vertices.push(Vertex { x, y, rgb });
        }
    }
    (!vertices.is_empty()).then_some(Mesh { vertices })
}

/// A function of both coordinates as a net of small squares.
fn grid(
    domain: [f32; 4],
    matrix: Affine,
    function: &ShadingFunction,
    space: &ColorSpace,
) -> Option<Mesh> {
    let corner = |column: u16, row: u16| {
        let x = domain[0] + (domain[1] - domain[0]) * f32::from(column) / f32::from(GRID);
        let y = domain[2] + (domain[3] - domain[2]) * f32::from(row) / f32::from(GRID);
        let place = matrix * hayro::kurbo::Point::new(f64::from(x), f64::from(y));
        let rgb = colour(function, &[x, y], space)?;
        Some(Vertex { x: place.x as f32, y: place.y as f32, rgb })
    };
    let mut vertices = Vec::new();
    for row in 0..GRID {
        for column in 0..GRID {
            let (a, b) = (corner(column, row)?, corner(column + 1, row)?);
            let (c, d) = (corner(column, row + 1)?, corner(column + 1, row + 1)?);
            vertices.extend([a, b, c, b, c, d]);
        }
    }
    Some(Mesh { vertices })
}
