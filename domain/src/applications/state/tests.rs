use super::*;
use crate::applications::Stage;

fn rules(withdraw_until: WithdrawUntil) -> Rules {
    Rules::new(&[Stage::Accept, Stage::Review, Stage::Notify], withdraw_until)
}

/// NF-34: 到達→受付→審査→結果通知→完了.
#[test]
fn the_whole_way_leads_from_arrival_to_done() {
    let mut state = State::Arrived;
    for event in [Event::Accept, Event::StartReview, Event::Notify, Event::Finish] {
        state = state.apply(event, rules(WithdrawUntil::Never)).unwrap();
    }
    assert_eq!(state, State::Done);
}

/// NF-34: 差戻し goes back to the desk that asked.
#[test]
fn a_correction_returns_to_the_stage_that_asked_for_it() {
    for from in [State::Arrived, State::Accepted, State::Reviewing] {
        let asked = from.apply(Event::AskCorrection, rules(WithdrawUntil::Never)).unwrap();
        assert_eq!(asked.apply(Event::Resubmit, rules(WithdrawUntil::Never)), Ok(from));
    }
}

/// NF-34: the whole table; a pair that is not listed is refused.
#[test]
fn every_pair_of_state_and_event_is_decided() {
    use Event as E;
    use State as S;
    let allowed = [
        (S::Arrived, E::Accept, S::Accepted),
        (S::Arrived, E::RefuseEntry, S::RefusedEntry),
        (S::Arrived, E::AskCorrection, S::Correction(Origin::Arrived)),
        (S::Arrived, E::Withdraw, S::Withdrawn),
        (S::Accepted, E::StartReview, S::Reviewing),
        (S::Accepted, E::AskCorrection, S::Correction(Origin::Accepted)),
        (S::Accepted, E::Withdraw, S::Withdrawn),
        (S::Reviewing, E::Notify, S::Notified),
        (S::Reviewing, E::Reject, S::Rejected),
        (S::Reviewing, E::AskCorrection, S::Correction(Origin::Reviewing)),
        (S::Reviewing, E::Withdraw, S::Withdrawn),
        (S::Notified, E::Finish, S::Done),
        (S::Arrived, E::Close, S::Closed),
        (S::Accepted, E::Close, S::Closed),
        (S::Reviewing, E::Close, S::Closed),
        (S::Correction(Origin::Arrived), E::Expire, S::Expired(Origin::Arrived)),
        (S::Correction(Origin::Accepted), E::Expire, S::Expired(Origin::Accepted)),
        (S::Correction(Origin::Reviewing), E::Expire, S::Expired(Origin::Reviewing)),
        (S::Expired(Origin::Arrived), E::Resubmit, S::Arrived),
        (S::Expired(Origin::Accepted), E::Resubmit, S::Accepted),
        (S::Expired(Origin::Reviewing), E::Resubmit, S::Reviewing),
        (S::Correction(Origin::Arrived), E::Resubmit, S::Arrived),
        (S::Correction(Origin::Arrived), E::Withdraw, S::Withdrawn),
        (S::Correction(Origin::Accepted), E::Resubmit, S::Accepted),
        (S::Correction(Origin::Accepted), E::Withdraw, S::Withdrawn),
        (S::Correction(Origin::Reviewing), E::Resubmit, S::Reviewing),
        (S::Correction(Origin::Reviewing), E::Withdraw, S::Withdrawn),
        (S::Arrived, E::GrantWithdrawal, S::Withdrawn),
        (S::Accepted, E::GrantWithdrawal, S::Withdrawn),
        (S::Reviewing, E::GrantWithdrawal, S::Withdrawn),
        (S::Correction(Origin::Arrived), E::GrantWithdrawal, S::Withdrawn),
        (S::Correction(Origin::Accepted), E::GrantWithdrawal, S::Withdrawn),
        (S::Correction(Origin::Reviewing), E::GrantWithdrawal, S::Withdrawn),
        (S::Notified, E::Reopen, S::Reviewing),
        (S::Done, E::Reopen, S::Reviewing),
        (S::Rejected, E::Reopen, S::Reviewing),
        (S::RefusedEntry, E::Reopen, S::Reviewing),
        (S::Expired(Origin::Arrived), E::Reopen, S::Reviewing),
        (S::Expired(Origin::Accepted), E::Reopen, S::Reviewing),
        (S::Expired(Origin::Reviewing), E::Reopen, S::Reviewing),
        (S::Closed, E::Reopen, S::Reviewing),
    ];
    for from in State::ALL {
        for event in Event::ALL {
            let expected = allowed.iter().find(|row| (row.0, row.1) == (from, event));
            let got = from.apply(event, rules(WithdrawUntil::Decided));
            assert_eq!(got.ok(), expected.map(|row| row.2), "{from} + {event}");
        }
    }
}

#[test]
fn withdrawal_is_free_only_as_long_as_the_procedure_says() {
    let free = |until| -> Vec<State> {
        State::ALL.into_iter().filter(|s| s.apply(Event::Withdraw, rules(until)).is_ok()).collect()
    };
    assert_eq!(free(WithdrawUntil::Never), []);
    assert_eq!(free(WithdrawUntil::Accepted), [State::Arrived, State::Correction(Origin::Arrived)]);
    assert_eq!(free(WithdrawUntil::Decided).len(), 6);
}

/// NF-34: what the applicant may not withdraw any more they may ask the office for, until it is decided.
#[test]
fn a_withdrawal_is_asked_for_behind_the_free_time_and_before_the_decision() {
    let asked = |until| -> Vec<State> {
        State::ALL.into_iter().filter(|state| state.may_ask_to_withdraw(rules(until))).collect()
    };
    assert_eq!(asked(WithdrawUntil::Never), []);
    assert_eq!(asked(WithdrawUntil::Decided), [], "all of that time is free");
    let after = asked(WithdrawUntil::Accepted);
    assert_eq!(
        after,
        [
            State::Accepted,
            State::Reviewing,
            State::Correction(Origin::Accepted),
            State::Correction(Origin::Reviewing)
        ]
    );
    for state in after {
        let granted = state.apply(Event::GrantWithdrawal, rules(WithdrawUntil::Accepted));
        assert_eq!(granted, Ok(State::Withdrawn));
    }
}

/// NF-34: what was decided or ended goes back to the desk that reviews, or to the one that accepts where none
/// reviews; nothing is reopened that would decide itself, or that the applicant took back.
#[test]
fn what_is_over_goes_back_to_a_desk() {
    let short = Rules::new(&[Stage::Accept], WithdrawUntil::Never);
    for state in State::ALL {
        let undecided = state.may_change_hands() || state == State::Withdrawn;
        let to = |rules: Rules| state.apply(Event::Reopen, rules).ok();
        let wanted = |desk: State| (!undecided).then_some(desk);
        assert_eq!(to(rules(WithdrawUntil::Never)), wanted(State::Reviewing), "{state}");
        assert_eq!(to(short), wanted(State::Arrived), "{state}");
        assert_eq!(to(Rules::new(&[], WithdrawUntil::Never)), None, "{state}");
        assert!(short.settle(State::Arrived).is_empty(), "it stays there");
    }
}

#[test]
fn an_end_offers_staff_nothing_but_to_reopen_it_and_every_other_state_does() {
    for state in State::ALL {
        let mut open = state.open_events(rules(WithdrawUntil::Decided));
        open.retain(|event| !event.is_by_applicant() && *event != Event::Reopen);
        assert_eq!(open.is_empty(), state.is_end(), "{state}");
        assert_eq!(State::parse(state.key()), Ok(state));
    }
    assert_eq!(State::parse("lost"), Err(BadState));
    assert_eq!(State::parse("expired"), Err(BadState), "it says where it goes back to");
    for event in Event::ALL {
        assert_eq!(Event::parse(event.key()), Some(event));
    }
}

/// NF-36: what only the office knows is taken back; what tells a decision is not, also when the
/// system tells it by itself behind the step.
#[test]
fn a_step_is_taken_back_unless_it_tells_a_decision() {
    let all = rules(WithdrawUntil::Decided);
    assert!(State::Arrived.may_be_undone(Event::Accept, all));
    assert!(State::Accepted.may_be_undone(Event::StartReview, all));
    assert!(State::Notified.may_be_undone(Event::Finish, all));
    assert!(!State::Reviewing.may_be_undone(Event::Notify, all));
    assert!(!State::Arrived.may_be_undone(Event::RefuseEntry, all));
    assert!(!State::Done.may_be_undone(Event::Finish, all), "it does not apply there");
    let short = Rules::new(&[Stage::Accept], WithdrawUntil::Decided);
    assert!(!State::Arrived.may_be_undone(Event::Accept, short), "it tells the result by itself");
}
