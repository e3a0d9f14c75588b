//! Checks the design and refutes its mutants.

use std::collections::BTreeSet;
use std::fmt;

use stateright::{Checker, HasDiscoveries, Model};

use crate::action::{Action, Kind};
use crate::config::{Config, Size, World};
use crate::graph::{Graph, STATES_LIMIT};
use crate::mutant::Mutant;
use crate::properties::Property;
use crate::protocol::Protocol;

/// What a whole exploration of the design found.
#[derive(Clone, Debug)]
pub struct Explored {
    /// The world.
    pub world: World,
    /// Its bounds.
    pub config: Config,
    /// Different states.
    pub states: usize,
    /// Edges between them.
    pub transitions: usize,
    /// States in which nothing is left to do.
    pub quiet: usize,
}

/// A property that fails, and a shortest way there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterexample {
    /// The property.
    pub property: Property,
    /// The way from the first state to one that breaks it.
    pub trace: Vec<Action>,
}

/// A way through a world, as data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// The world in which it runs.
    pub world: World,
    /// The kind of its last edge.
    pub kind: Kind,
    /// The way from the first state.
    pub actions: Vec<Action>,
}

/// What is wrong with the design, or with the model.
#[derive(Clone, Debug)]
pub enum Failure {
    /// The design breaks a property.
    Broken(Counterexample),
    /// The checker's count of states and the graph's differ.
    Miscounted {
        /// The checker's, by hashes.
        checker: usize,
        /// The graph's, by comparison.
        graph: usize,
    },
}

/// Explores the design in a world, whole.
///
/// # Errors
/// It breaks a property; or the two explorations disagree.
pub fn explore(world: World, size: Size) -> Result<Explored, Failure> {
    let config = world.config(size);
    let protocol = Protocol::new(config, None);
    let checker = check(protocol, HasDiscoveries::AnyFailures, 2);
    let graph = Graph::explore(&protocol, |_| false);
    if let Some(property) = broken(&checker) {
        return Err(Failure::Broken(shortest(&protocol, property)));
    }
    if let (Some(node), _) = graph.stranded() {
        let trace = graph.trace_to(&protocol, node);
        return Err(Failure::Broken(Counterexample { property: Property::NothingStranded, trace }));
    }
    let (states, counted) = (graph.states(), checker.unique_state_count());
    if states != counted {
        return Err(Failure::Miscounted { checker: counted, graph: states });
    }
    let (transitions, quiet) = (graph.transitions(), graph.quiet_states());
    Ok(Explored { world, config, states, transitions, quiet })
}

/// Lets a mutant break the property that it must break; none if it does not.
///
/// For a property of states the checker finds that it fails; one that strands value breaks no
/// other property, and only the search backwards through its whole graph sees it.
#[must_use]
pub fn refute(mutant: Mutant) -> Option<Counterexample> {
    let protocol = Protocol::new(mutant.world().config(Size::Reduced), Some(mutant));
    let property = mutant.breaks();
    if property == Property::NothingStranded {
        let unbroken = broken(&check(protocol, HasDiscoveries::AnyFailures, 1)).is_none();
        let graph = Graph::explore(&protocol, |_| false);
        let node = graph.stranded().0.filter(|_| unbroken)?;
        return Some(Counterexample { property, trace: graph.trace_to(&protocol, node) });
    }
    let enough = HasDiscoveries::AllOf(BTreeSet::from([property.name()]));
    let found = check(protocol, enough, 1).discovery(property.name()).is_some();
    found.then(|| shortest(&protocol, property))
}

/// For each kind of edge of the design, a shortest way that ends with one, in the first world
/// that has it.
#[must_use]
pub fn traces(size: Size) -> Vec<Trace> {
    let mut traces: Vec<Trace> = Vec::new();
    for trace in World::ALL.into_iter().flat_map(|world| traces_in(world, size)) {
        if !traces.iter().any(|known| known.kind == trace.kind) {
            traces.push(trace);
        }
    }
    traces
}

/// For each kind of edge that a world has, a shortest way in it that ends with one.
#[must_use]
pub fn traces_in(world: World, size: Size) -> Vec<Trace> {
    let protocol = Protocol::new(world.config(size), None);
    let traces = Graph::explore(&protocol, |_| false).traces(&protocol);
    traces.into_iter().map(|(kind, actions)| Trace { world, kind, actions }).collect()
}

fn check(protocol: Protocol, enough: HasDiscoveries, threads: usize) -> impl Checker<Protocol> {
    let builder = protocol.checker().finish_when(enough).threads(threads);
    builder.target_state_count(STATES_LIMIT.saturating_mul(100)).spawn_bfs().join()
}

/// A property of states that the checker found to fail.
fn broken(checker: &impl Checker<Protocol>) -> Option<Property> {
    let fails = |property: &Property| checker.discovery(property.name()).is_some();
    Property::ALL.iter().copied().find(fails)
}

/// The checker goes on to the end of a block after what it finds; this stops at the first.
fn shortest(protocol: &Protocol, property: Property) -> Counterexample {
    let graph = Graph::explore(protocol, |state| !property.holds(protocol, state));
    let node = graph.hit().expect("the checker found such a state");
    Counterexample { property, trace: graph.trace_to(protocol, node) }
}

impl fmt::Display for Counterexample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: fails after {} steps", self.property.name(), self.trace.len())?;
        let mut steps = self.trace.iter().enumerate();
        steps.try_for_each(|(nth, action)| writeln!(f, "{:>4}  {action}", nth + 1))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(counterexample) => write!(f, "the design breaks {counterexample}"),
            Self::Miscounted { checker, graph } => write!(
                f,
                "the checker counts {checker} states, the graph {graph}: two states share a hash, \
                 or a step depends on more than its state"
            ),
        }
    }
}
