//! The ways that are played: one to each kind of edge, and each mutant's counterexample.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::thread;

use saifu_model::{
    Action, Config, Mutant, Property, Protocol, Size, State, Trace, World, refute, traces_in,
};

use super::{Played, Player, of_the_base, play};

/// How many ways are played side by side.
const WORKERS: usize = 2;

/// States that a way to a quiet one may look at.
const STATES_LIMIT: usize = 200_000;

/// A way to be played.
#[derive(Debug, Clone)]
pub struct Case {
    /// What it is for.
    pub name: String,
    config: Config,
    actions: Vec<Action>,
    /// Of a mutant that strands value: the design has a way on, which the real ones go, too.
    to_quiet: bool,
    /// Whether the real ones must refuse a step.
    refuses: bool,
    /// Whether it shows nothing unless it is played to its end.
    whole: bool,
}

/// Which ways there were, and what became of them.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    /// The names of what was to be shown; several ways can show one.
    pub names: BTreeSet<String>,
    /// Ways that were played.
    pub ways: usize,
    /// What some way with the real center has shown.
    pub real: BTreeSet<String>,
    /// Steps done, and compared.
    pub steps: usize,
    /// Steps refused, and compared.
    pub refused: usize,
    /// Walks that ended early.
    pub cut_short: usize,
    /// What differs, each with its name.
    pub failures: Vec<(String, String)>,
}

impl Case {
    /// A walk, which may end early.
    pub(super) fn of_walk(name: String, config: Config, actions: Vec<Action>) -> Self {
        Self { name, config, actions, to_quiet: false, refuses: false, whole: false }
    }

    fn play(&self) -> Result<Played, String> {
        let played = play(self.config, &self.actions, self.to_quiet)?;
        if self.refuses && played.refused.is_empty() {
            return Err("every step of the mutant's way was done".into());
        }
        if self.whole && !played.whole {
            return Err(format!("ended after {} steps", played.done));
        }
        Ok(played)
    }
}

/// A way to each kind of edge in each world that has it, named by the kind.
#[must_use]
pub fn edges(size: Size) -> Vec<Case> {
    let case = |trace: Trace| {
        let (name, config) = (trace.kind.to_string(), trace.world.config(size));
        Case { whole: true, ..Case::of_walk(name, config, trace.actions) }
    };
    let traces = World::ALL.into_iter().flat_map(|world| traces_in(world, size));
    traces.map(case).collect()
}

/// Each mutant's counterexample, named by it.
///
/// # Panics
/// A mutant is not refuted, or its way is the design's own: it would show nothing here.
#[must_use]
pub fn counterexamples() -> Vec<Case> {
    Mutant::ALL.iter().map(|mutant| counterexample(*mutant)).collect()
}

fn counterexample(mutant: Mutant) -> Case {
    let config = mutant.world().config(Size::Reduced);
    let found = refute(mutant).unwrap_or_else(|| panic!("{} is not refuted", mutant.name()));
    let actions = found.trace;
    let to_quiet = found.property == Property::NothingStranded;
    let base = Protocol::new(config, None);
    let mutated = Protocol::new(config, Some(mutant)).replay(&actions).expect("its own way");
    let states = design_states(&base, &actions);
    // Where the two have the same states, the design's card finds another image than its own.
    let locked = (0..config.cards).any(|at| mutated.last().is_some_and(|s| s.is_locked(at as u8)));
    let refuses = states.len() < mutated.len();
    let differs = refuses || states != mutated || to_quiet || locked;
    assert!(differs, "{}: the design goes the same way", mutant.name());
    Case { name: mutant.name().into(), config, actions, to_quiet, refuses, whole: true }
}

/// The states through which the design goes until it refuses an action.
fn design_states(base: &Protocol, actions: &[Action]) -> Vec<State> {
    let mut states = vec![base.begin()];
    for action in actions {
        let Some(next) = of_the_base(base, &states[states.len() - 1], *action) else { break };
        states.push(next);
    }
    states
}

/// A shortest way from a state to one in which no value waits.
pub(super) fn way_to_quiet(base: &Protocol, from: &State) -> Option<Vec<Action>> {
    let mut seen = HashSet::from([from.clone()]);
    let mut waiting = VecDeque::from([(from.clone(), Vec::new())]);
    while let Some((state, way)) = waiting.pop_front() {
        if base.is_quiet(&state) {
            return Some(way);
        }
        for (action, next) in base.steps(&state) {
            if seen.len() < STATES_LIMIT && seen.insert(next.clone()) {
                waiting.push_back((next, [&way[..], &[action]].concat()));
            }
        }
    }
    None
}

/// Plays all of them, and counts.
#[must_use]
pub fn cover(cases: &[Case]) -> Coverage {
    let names = cases.iter().map(|case| case.name.clone()).collect();
    let coverage = Coverage { names, ..Coverage::default() };
    let (coverage, next) = (Mutex::new(coverage), Mutex::new(cases.iter()));
    let take = || next.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || {
        while let Some(case) = take() {
            let played = case.play();
            coverage.lock().unwrap_or_else(PoisonError::into_inner).note(&case.name, played);
        }
    };
    thread::scope(|scope| (0..WORKERS).for_each(|_| drop(scope.spawn(work))));
    coverage.into_inner().unwrap_or_else(PoisonError::into_inner)
}

impl Coverage {
    /// Of how many names all ways agreed.
    #[must_use]
    pub fn agreed(&self) -> usize {
        let failed = |name: &&String| self.failures.iter().any(|(of, _)| of == *name);
        self.names.iter().filter(|name| !failed(name)).count()
    }

    fn note(&mut self, name: &str, played: Result<Played, String>) {
        self.ways += 1;
        match played {
            Ok(played) => {
                if played.player == Player::Real {
                    self.real.insert(name.to_owned());
                }
                self.steps += played.done;
                self.refused += played.refused.len();
                self.cut_short += usize::from(!played.whole);
            }
            Err(what) => self.failures.push((name.to_owned(), what)),
        }
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { names, ways, real, steps, refused, cut_short, .. } = self;
        write!(f, "{ways} ways, {steps} steps done and {refused} refused as the design says; ")?;
        write!(f, "{} with the real center, {cut_short} cut short", real.len())?;
        let other: Vec<&str> = names.difference(real).map(String::as_str).collect();
        if !other.is_empty() && other.len() < 20 {
            write!(f, "\n    with the fixture's alone: {}", other.join("; "))?;
        }
        self.failures.iter().try_for_each(|(name, what)| write!(f, "\n    {name}: {what}"))
    }
}
