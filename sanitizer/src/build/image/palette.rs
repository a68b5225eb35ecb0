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
pub(super) fn index(rgba: impl Iterator<Item = [u8; 4]>) -> Option<Indexed> {
    let mut colours: Vec<[u8; 4]> = Vec::new();
    let mut slots = [EMPTY; SLOTS];
    let mut last = None;
    let mut indices = Vec::with_capacity(rgba.size_hint().0);
    for colour in rgba {
        if let Some((same, index)) = last
            && same == colour
        {
            indices.push(index);
            continue;
        }
        let mut slot = hash(colour);
        let index = loop {
            let index = usize::from(slots[slot]);
            match colours.get(index) {
                Some(known) if *known == colour => break index,
                Some(_) => slot = (slot + 1) % SLOTS,
                None if colours.len() == 256 => return None,
                None => {
                    slots[slot] = u16::try_from(colours.len()).unwrap_or(EMPTY);
                    colours.push(colour);
                    break colours.len() - 1;
                }
            }
        };
        let index = u8::try_from(index).ok()?;
        last = Some((colour, index));
        indices.push(index);
    }
    Some(Indexed { indices, colours })
}

fn hash(colour: [u8; 4]) -> usize {
    (u32::from_le_bytes(colour).wrapping_mul(0x9e37_79b1) >> 22) as usize
}
