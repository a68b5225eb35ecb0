//! What a step will do, worked out before anything is written.

use domain::applications::{Event, Refused, Rules, State};

use super::steps::Hop;

/// Who takes the step.
#[derive(Clone, Copy, Debug)]
pub struct Actor<'a> {
    /// Staff id, `applicant` or `system`.
    pub id: &'a str,
    /// Name as the history shows it.
    pub name: &'a str,
}

/// The system passing a stage the procedure has no desk for.
pub const SYSTEM: Actor<'_> = Actor { id: "system", name: "" };

/// The applicant, seen from the staff side.
pub const APPLICANT: Actor<'_> = Actor { id: "applicant", name: "" };

/// The moves of one step and where they end.
#[derive(Clone, Debug)]
pub struct Way {
    /// The person's own move, then the automatic ones.
    pub hops: Vec<Hop>,
    /// State at the end.
    pub end: State,
}

/// The way from `state` by `event` under the procedure's rules.
///
/// # Errors
/// [`Refused`] when the event does not apply now.
pub fn way(
    state: State,
    event: Event,
    rules: Rules,
    actor: Actor<'_>,
    words: &str,
) -> Result<Way, Refused> {
    let to = state.apply(event, rules)?;
    let own = hop(event, state, to, actor, words);
    let mut way = settled(to, rules);
    way.hops.insert(0, own);
    Ok(way)
}

/// The way of what came late and changes no state: what it brings is kept where the application is.
#[must_use]
pub fn stays(state: State, event: Event, actor: Actor<'_>) -> Way {
    Way { hops: vec![hop(event, state, state, actor, "")], end: state }
}

/// What the system does at once in `state`, perhaps nothing.
#[must_use]
pub fn settled(state: State, rules: Rules) -> Way {
    let mut hops = Vec::new();
    let mut end = state;
    for step in rules.settle(state) {
        hops.push(hop(step.event, end, step.to, SYSTEM, ""));
        end = step.to;
    }
    Way { hops, end }
}

fn hop(event: Event, from: State, to: State, actor: Actor<'_>, words: &str) -> Hop {
    Hop {
        act: event.key().to_owned(),
        actor: actor.id.to_owned(),
        actor_name: actor.name.to_owned(),
        from: Some(from.key().to_owned()),
        to: to.key().to_owned(),
        words: words.to_owned(),
    }
}
