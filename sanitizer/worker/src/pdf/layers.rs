//! Which layers (optional content groups) are shown when the file is opened.

use std::collections::HashSet;

use hayro::hayro_syntax::object::{Array, Dict, Name, ObjRef};

/// The layers that are not shown.
#[derive(Default)]
pub(super) struct Layers {
    off: HashSet<(u32, i32)>,
}

impl Layers {
    /// Reads the state the file asks for.
    pub(super) fn of(catalog: &Dict<'_>) -> Self {
        let mut layers = Self::default();
        let Some(all) = catalog.get::<Dict<'_>>(b"OCProperties") else { return layers };
        let Some(config) = all.get::<Dict<'_>>(b"D") else { return layers };
        if config.get::<Name<'_>>(b"BaseState").is_some_and(|state| state.as_ref() == b"OFF") {
            layers.off.extend(references(&all, b"OCGs"));
        }
        for on in references(&config, b"ON") {
            layers.off.remove(&on);
        }
        layers.off.extend(references(&config, b"OFF"));
        layers
    }

    /// Whether what carries the entry `key` (a layer, or an expression of
    /// layers) in `holder` is shown.
    pub(super) fn shows(&self, holder: &Dict<'_>, key: &[u8]) -> bool {
        let Some(layer) = holder.get::<Dict<'_>>(key) else { return true };
        if layer.get::<Name<'_>>(b"Type").is_some_and(|kind| kind.as_ref() == b"OCMD") {
            return self.shows_membership(&layer);
        }
        holder.get_ref(key).is_none_or(|reference| self.is_on(id(reference)))
    }

    fn shows_membership(&self, membership: &Dict<'_>) -> bool {
        if let Some(expression) = membership.get::<Array<'_>>(b"VE")
            && let Some(shown) = self.evaluate(&expression, 0)
        {
            return shown;
        }
        let mut layers = references(membership, b"OCGs");
        layers.extend(membership.get_ref(b"OCGs").map(id));
        if layers.is_empty() {
            return true;
        }
        let on = |layer: &(u32, i32)| self.is_on(*layer);
        let policy = membership.get::<Name<'_>>(b"P");
        match policy.as_ref().map(|name| name.as_ref()) {
            Some(b"AllOn") => layers.iter().all(on),
            Some(b"AnyOff") => !layers.iter().all(on),
            Some(b"AllOff") => !layers.iter().any(on),
            _ => layers.iter().any(on),
        }
    }

    /// `[/And …]`, `[/Or …]`, `[/Not …]` of layers and such expressions.
    fn evaluate(&self, expression: &Array<'_>, depth: u8) -> Option<bool> {
        if depth > 16 {
            return None;
        }
        let operator = expression.iter::<Name<'_>>().next()?;
        let mut values = Vec::new();
        let resolved = expression.iter::<hayro::hayro_syntax::object::Object<'_>>();
        for (raw, object) in expression.raw_iter().zip(resolved).skip(1) {
            let value = match object.into_array() {
                Some(inner) => self.evaluate(&inner, depth + 1)?,
                None => self.is_on(id(raw.as_obj_ref()?)),
            };
            values.push(value);
        }
        match operator.as_ref() {
            b"And" => Some(values.iter().all(|value| *value)),
            b"Or" => Some(values.iter().any(|value| *value)),
            b"Not" => values.first().map(|value| !value),
            _ => None,
        }
    }

    fn is_on(&self, layer: (u32, i32)) -> bool {
        !self.off.contains(&layer)
    }
}

fn references(dict: &Dict<'_>, key: &[u8]) -> Vec<(u32, i32)> {
    let array = dict.get::<Array<'_>>(key);
    let items = array.iter().flat_map(|array| array.raw_iter());
    items.filter_map(|item| item.as_obj_ref().map(id)).collect()
}

fn id(reference: ObjRef) -> (u32, i32) {
    (reference.obj_number, reference.gen_number)
}
