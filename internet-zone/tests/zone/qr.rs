//! Reads a two-dimensional code as a telephone does: modules, mask, codewords, text (JIS X 0510).

/// The text of a code drawn as SVG. Versions 1 to 6 at error correction level M, without faults.
pub(crate) fn read(svg: &str) -> String {
    let code = Modules::of(svg);
    let mut bits = Bits(code.data());
    let mut text = String::new();
    loop {
        match bits.take(4) {
            0b0000 => return text,
            0b0001 => {
                let mut left = bits.take(10);
                while left > 0 {
                    let digits = left.min(3);
                    let value = bits.take([0, 4, 7, 10][digits]);
                    text.push_str(&format!("{value:0digits$}"));
                    left -= digits;
                }
            }
            0b0010 => {
                const LETTERS: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
                let mut left = bits.take(9);
                while left > 0 {
                    if left == 1 {
                        text.push(char::from(LETTERS[bits.take(6)]));
                        break;
                    }
                    let pair = bits.take(11);
                    text.push(char::from(LETTERS[pair / 45]));
                    text.push(char::from(LETTERS[pair % 45]));
                    left -= 2;
                }
            }
            0b0100 => {
                let count = bits.take(8);
                let bytes = (0..count).map(|_| u8::try_from(bits.take(8)).expect("eight bits"));
                text.push_str(std::str::from_utf8(&bytes.collect::<Vec<_>>()).expect("UTF-8"));
            }
            mode => panic!("mode {mode}"),
        }
    }
}

/// What is left of the data, the next bit last.
struct Bits(Vec<bool>);

impl Bits {
    /// The next bits as a number; missing ones are zero, which ends the text.
    fn take(&mut self, count: usize) -> usize {
        (0..count).fold(0, |sum, _| 2 * sum + usize::from(self.0.pop().unwrap_or(false)))
    }
}

/// Dark modules, without the margin.
struct Modules(Vec<Vec<bool>>);

impl Modules {
    /// From the squares of the one path, `M{x} {y}h{width}…`.
    fn of(svg: &str) -> Self {
        let path = svg.split(" d=\"").nth(1).and_then(|rest| rest.split('"').next());
        let squares: Vec<[usize; 3]> = path
            .expect("a path")
            .split('M')
            .skip(1)
            .map(|square| {
                let mut numbers = square.split([' ', 'h', 'v']).map(|it| it.parse().expect("one"));
                [0; 3].map(|_: usize| numbers.next().expect("a number"))
            })
            .collect();
        let unit = squares[0][2];
        let left = squares.iter().map(|one| one[0]).min().expect("a square");
        let right = squares.iter().map(|one| one[0]).max().expect("a square");
        assert_eq!(left, 4 * unit, "a quiet zone of four modules");
        let side = (right - left) / unit + 1;
        let mut dark = vec![vec![false; side]; side];
        for [x, y, width] in squares {
            assert_eq!(width, unit);
            dark[y / unit - 4][x / unit - 4] = true;
        }
        Self(dark)
    }

    fn side(&self) -> usize {
        self.0.len()
    }

    fn version(&self) -> usize {
        assert_eq!(self.side() % 4, 1, "a square of a version");
        (self.side() - 17) / 4
    }

    /// Which mask lies over the data, from the format beside the upper left corner.
    fn mask(&self) -> usize {
        let format = (0..5).fold(0, |sum, x| 2 * sum + usize::from(self.0[8][x])) ^ 0b10101;
        assert_eq!(format >> 3, 0b00, "level M");
        format & 0b111
    }

    /// Whether a module is part of the pattern and not of the data.
    fn is_fixed(&self, y: usize, x: usize) -> bool {
        let (side, version) = (self.side(), self.version());
        let corner = (y < 9 && (x < 9 || x + 8 >= side)) || (y + 8 >= side && x < 9);
        let middle = side - 7;
        let aligned = version > 1 && y.abs_diff(middle) < 3 && x.abs_diff(middle) < 3;
        corner || aligned || y == 6 || x == 6
    }

    /// The data without its correction, the first bit last.
    fn data(&self) -> Vec<bool> {
        let (blocks, length) =
            [(1, 16), (1, 28), (1, 44), (2, 32), (2, 43), (4, 27)][self.version() - 1];
        let words = self.words();
        let mut bits = Vec::new();
        for block in 0..blocks {
            for place in 0..length {
                let word = words[place * blocks + block];
                bits.extend((0..8).rev().map(|bit| word >> bit & 1 == 1));
            }
        }
        bits.reverse();
        bits
    }

    /// All codewords: two columns at a time, from the right, up and down in turn.
    fn words(&self) -> Vec<u8> {
        let (side, mask) = (self.side(), self.mask());
        let (mut bits, mut up) = (Vec::new(), true);
        let columns = (1..side).rev().step_by(2).map(|x| if x <= 6 { x - 1 } else { x });
        for right in columns {
            for step in 0..side {
                let y = if up { side - 1 - step } else { step };
                for x in [right, right - 1] {
                    if !self.is_fixed(y, x) {
                        bits.push(self.0[y][x] ^ masked(mask, y, x));
                    }
                }
            }
            up = !up;
        }
        let word = |bits: &[bool]| bits.iter().fold(0, |sum, bit| sum << 1 | u8::from(*bit));
        bits.chunks_exact(8).map(word).collect()
    }
}

fn masked(mask: usize, y: usize, x: usize) -> bool {
    let product = y * x % 2 + y * x % 3;
    match mask {
        0 => (y + x).is_multiple_of(2),
        1 => y.is_multiple_of(2),
        2 => x.is_multiple_of(3),
        3 => (y + x).is_multiple_of(3),
        4 => (y / 2 + x / 3).is_multiple_of(2),
        5 => product == 0,
        6 => product.is_multiple_of(2),
        _ => ((y + x) % 2 + y * x % 3).is_multiple_of(2),
    }
}
