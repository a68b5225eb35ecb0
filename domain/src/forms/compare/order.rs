//! Which of several things moved: as few as explain the new order.

/// Places in `order` (the old places in their new order, all different) that did not keep their
/// order: everything outside a longest increasing subsequence.
pub(super) fn moved(order: &[usize]) -> Vec<bool> {
    // tails[n] is the place of the smallest end of an increasing run of n + 1.
    let mut tails: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(order.len());
    for (place, old) in order.iter().enumerate() {
        let length = tails.partition_point(|tail| order[*tail] < *old);
        before.push(length.checked_sub(1).map(|shorter| tails[shorter]));
        if length == tails.len() {
            tails.push(place);
        } else {
            tails[length] = place;
        }
    }
    let mut moved = vec![true; order.len()];
    let mut kept = tails.last().copied();
    while let Some(place) = kept {
        moved[place] = false;
        kept = before[place];
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::moved;

    #[test]
    fn as_few_things_as_possible_have_moved() {
        assert_eq!(moved(&[0, 1, 2]), [false; 3]);
        assert_eq!(moved(&[3, 0, 1, 2]), [true, false, false, false]);
        assert_eq!(moved(&[1, 2, 3, 0]), [false, false, false, true]);
        assert_eq!(moved(&[1, 0]).iter().filter(|one| **one).count(), 1);
        assert!(moved(&[]).is_empty());
    }
}
