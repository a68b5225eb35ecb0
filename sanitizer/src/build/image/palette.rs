//! Pictures of at most 256 colours, as indices.

const SLOTS: usize = 1024;
const EMPTY: u16 = u16::MAX;

/// Indices into a palette.
pub(super) struct Indexed {
    /// One byte a pixel.
    pub(super) indices: Vec<u8>,
    /// Red, green, blue, alpha; at most 256.
    pub(super) colours: Vec<[u8; 4]>,
}

/// Finds the colours of pixels in the order they appear; `None` beyond 256.
/// Looks twice, so that a photo costs neither time nor memory.
pub(super) fn index(rgba: impl Iterator<Item = [u8; 4]> + Clone) -> Option<Indexed> {
    let mut table = Table { colours: Vec::new(), slots: [EMPTY; SLOTS], last: None };
    for colour in rgba.clone() {
        table.index(colour)?;
    }
    let indices = rgba.map(|colour| table.index(colour)).collect::<Option<_>>()?;
    Some(Indexed { indices, colours: table.colours })
}

struct Table {
    colours: Vec<[u8; 4]>,
    slots: [u16; SLOTS],
    last: Option<([u8; 4], u8)>,
}

impl Table {
    fn index(&mut self, colour: [u8; 4]) -> Option<u8> {
        if let Some((same, index)) = self.last
            && same == colour
        {
            return Some(index);
        }
        let mut slot = hash(colour);
        let index = loop {
            let index = usize::from(self.slots[slot]);
            match self.colours.get(index) {
                Some(known) if *known == colour => break index,
                Some(_) => slot = (slot + 1) % SLOTS,
                None if self.colours.len() == 256 => return None,
                None => {
                    self.slots[slot] = u16::try_from(self.colours.len()).ok()?;
                    self.colours.push(colour);
                    break self.colours.len() - 1;
                }
            }
        };
        let index = u8::try_from(index).ok()?;
        self.last = Some((colour, index));
        Some(index)
    }
}

fn hash(colour: [u8; 4]) -> usize {
    (u32::from_le_bytes(colour).wrapping_mul(0x9e37_79b1) >> 22) as usize
}
