//! The design holds in every world, and none of its rules can go.

use std::collections::BTreeSet;

use saifu_model::{
    Fate, Kind, Licence, Mutant, Property, Protocol, Size, World, explore, refute, traces,
};

#[test]
fn the_design_holds_in_every_world() {
    for world in World::ALL {
        match explore(world, Size::of_campaign()) {
            Ok(found) => {
                println!("{}: {} states", world.name(), found.states);
                assert!(found.states > 500, "{}: hardly anything happens", world.name());
                assert!(0 < found.quiet && found.quiet < found.states, "{}", world.name());
            }
            Err(failure) => panic!("{}: {failure}", world.name()),
        }
    }
}

#[test]
fn each_mutant_is_refuted_by_the_property_that_its_rule_keeps() {
    for mutant in Mutant::ALL {
        let found = refute(*mutant).unwrap_or_else(|| panic!("{} is not refuted", mutant.name()));
        assert_eq!(found.property, mutant.breaks(), "{}", mutant.name());
        assert!(!found.trace.is_empty(), "{}: broken before anything happens", mutant.name());
    }
}

#[test]
fn each_property_is_broken_by_some_mutant() {
    for property in Property::ALL {
        let broken = Mutant::ALL.iter().any(|mutant| mutant.breaks() == *property);
        assert!(broken, "{}: no mutant shows that it can fail", property.name());
    }
}

#[test]
fn mutants_have_names_of_their_own() {
    let names: BTreeSet<&str> = Mutant::ALL.iter().map(|mutant| mutant.name()).collect();
    assert_eq!(names.len(), Mutant::ALL.len());
}

#[test]
fn every_command_is_cut_loses_its_answer_and_is_answered_in_some_world() {
    let traces = traces(Size::Reduced);
    let kinds: BTreeSet<Kind> = traces.iter().map(|trace| trace.kind).collect();
    let commits = [
        "LOAD LICENCE",
        "DELETE LICENCE",
        "DEBIT",
        "HOLD",
        "RELEASE",
        "CANCEL",
        "DECRYPT",
        "ACKNOWLEDGE",
        "CREDIT",
        "VOID",
        "EXPIRE",
        "SET TIME",
    ];
    for name in commits {
        for fate in [Fate::Cut, Fate::Lost, Fate::Answered] {
            assert!(kinds.contains(&Kind { name, fate: Some(fate) }), "{name}, {fate}");
        }
    }
    for name in ["GET TOKEN", "GET CREDIT CHALLENGE"] {
        assert!(kinds.contains(&Kind { name, fate: Some(Fate::Answered) }), "{name}");
    }
    for trace in &traces {
        assert_eq!(trace.actions.last().map(|action| action.kind()), Some(trace.kind));
    }
}

#[test]
fn a_trace_replays_in_the_design_and_a_counterexample_in_its_mutant() {
    for trace in traces(Size::Reduced) {
        let states = Protocol::new(trace.world.config(Size::Reduced), None).replay(&trace.actions);
        let states = states.unwrap_or_else(|| panic!("{}: a step is refused", trace.kind));
        assert_eq!(states.len(), trace.actions.len() + 1);
    }
    for mutant in Mutant::ALL {
        let config = mutant.world().config(Size::Reduced);
        let trace = refute(*mutant).expect("it is refuted").trace;
        assert!(Protocol::new(config, Some(*mutant)).replay(&trace).is_some(), "{}", mutant.name());
    }
}

#[test]
fn a_replayed_state_tells_what_is_on_the_card_and_on_the_books() {
    let settled = traces(Size::Reduced).into_iter().find(|trace| trace.kind.name == "settle");
    let trace = settled.expect("tokens are settled");
    let config = trace.world.config(Size::Reduced);
    let states = Protocol::new(config, None).replay(&trace.actions).expect("it replays");
    let (first, last) = (&states[0], &states[states.len() - 1]);
    let kind = config.orders[0].kind as u8;
    assert_eq!((first.balance(0, kind), last.balance(0, kind)), (1, 0));
    assert_eq!((first.licence(0, 0), last.licence(0, 0)), (Licence::Absent, Licence::Paid));
    assert_eq!((first.outbox(0).len(), last.outbox(0).len()), (0, 1));
    assert_eq!((first.settled().len(), last.settled()), (0, last.outbox(0)));
    assert!(last.in_suspense().is_empty() && !last.is_locked(0) && last.sequence(0, kind) == 0);
}
