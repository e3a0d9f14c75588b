//! The explored graph with all its edges, and what a search backwards through it shows.
//!
//! A checker that looks at paths alone cannot say that *no* state strands value: that every
//! state has some continuation to a quiet one. So the whole graph is kept, one number for an
//! edge, and searched backwards from the quiet states; what is not met is stranded. The states
//! are told apart by comparing them, not by a hash, so their number also checks the checker's.

use std::collections::{BTreeMap, HashMap, VecDeque};

use stateright::Model;

use crate::action::{Action, Kind};
use crate::properties::is_quiet;
use crate::protocol::Protocol;
use crate::state::State;

/// States at which an exploration gives up: far above every world, far below all memory.
pub(crate) const STATES_LIMIT: usize = 20_000_000;

/// A state's number, in the order of their discovery; 0 is the first state.
pub(crate) type Node = u32;

/// Every state and every edge that was found.
pub(crate) struct Graph {
    /// How a state was found: from which other, by its how-manieth action.
    found: Vec<(Node, u16)>,
    quiet: Vec<Node>,
    /// The edges' ends, one state's after the other's.
    ends: Vec<Node>,
    /// Where each state's ends stop.
    stops: Vec<u32>,
    /// The first edge of each kind.
    kinds: BTreeMap<Kind, (Node, Action)>,
    /// The first state that was looked for.
    hit: Option<Node>,
}

/// What an exploration goes through.
struct Frontier {
    numbers: HashMap<State, Node>,
    waiting: VecDeque<State>,
}

impl Graph {
    /// Explores breadth first, until a state is the one looked for.
    ///
    /// # Panics
    /// There are more than [`STATES_LIMIT`] states: the world has no bound.
    pub(crate) fn explore(protocol: &Protocol, looked_for: impl Fn(&State) -> bool) -> Self {
        let (mut graph, mut frontier) = (Self::empty(), Frontier::empty());
        for state in protocol.init_states() {
            graph.number(protocol, &mut frontier, state, (0, 0));
        }
        let (mut node, mut actions) = (0, Vec::new());
        while let Some(state) = frontier.waiting.pop_front() {
            if looked_for(&state) {
                graph.hit = Some(node);
                break;
            }
            protocol.actions(&state, &mut actions);
            for (nth, action) in actions.drain(..).enumerate() {
                let Some(next) = protocol.next_state(&state, action) else { continue };
                graph.kinds.entry(action.kind()).or_insert((node, action));
                let end = graph.number(protocol, &mut frontier, next, (node, nth as u16));
                graph.ends.push(end);
            }
            graph.stops.push(graph.ends.len() as u32);
            node += 1;
        }
        graph
    }

    fn empty() -> Self {
        let (found, quiet, ends, stops) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { found, quiet, ends, stops, kinds: BTreeMap::new(), hit: None }
    }

    /// The state's number; a new one is kept and waits for its turn.
    fn number(
        &mut self,
        protocol: &Protocol,
        frontier: &mut Frontier,
        state: State,
        from: (Node, u16),
    ) -> Node {
        if let Some(known) = frontier.numbers.get(&state) {
            return *known;
        }
        let node = self.found.len() as Node;
        assert!(
            self.found.len() < STATES_LIMIT,
            "over {STATES_LIMIT} states: the world is unbounded"
        );
        self.found.push(from);
        if is_quiet(protocol, &state) {
            self.quiet.push(node);
        }
        frontier.waiting.push_back(state.clone());
        frontier.numbers.insert(state, node);
        node
    }

    pub(crate) fn states(&self) -> usize {
        self.found.len()
    }

    pub(crate) fn transitions(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn quiet_states(&self) -> usize {
        self.quiet.len()
    }

    /// The state that was looked for.
    pub(crate) fn hit(&self) -> Option<Node> {
        self.hit
    }

    /// The first state from which no continuation ends in a quiet one, and how many there are.
    pub(crate) fn stranded(&self) -> (Option<Node>, usize) {
        let reached = self.reaching_quiet();
        let stranded = || reached.iter().enumerate().filter(|(_, reached)| !**reached);
        (stranded().next().map(|(node, _)| node as Node), stranded().count())
    }

    /// For each state, whether a quiet one can be reached.
    fn reaching_quiet(&self) -> Vec<bool> {
        let (starts, heads) = self.predecessors();
        let mut reached = vec![false; self.states()];
        let mut waiting = self.quiet.clone();
        for node in &waiting {
            reached[*node as usize] = true;
        }
        while let Some(node) = waiting.pop() {
            let from = starts[node as usize] as usize..starts[node as usize + 1] as usize;
            for head in &heads[from] {
                if !std::mem::replace(&mut reached[*head as usize], true) {
                    waiting.push(*head);
                }
            }
        }
        reached
    }

    /// The edges turned round: where each state's heads start, and the heads.
    fn predecessors(&self) -> (Vec<u32>, Vec<Node>) {
        let mut starts = vec![0_u32; self.states() + 1];
        for end in &self.ends {
            starts[*end as usize + 1] += 1;
        }
        for node in 0..self.states() {
            starts[node + 1] += starts[node];
        }
        let (mut free, mut heads) = (starts.clone(), vec![0; self.ends.len()]);
        let mut edge = 0;
        for (head, stop) in self.stops.iter().enumerate() {
            while edge < *stop as usize {
                let place = &mut free[self.ends[edge] as usize];
                heads[*place as usize] = head as Node;
                *place += 1;
                edge += 1;
            }
        }
        (starts, heads)
    }

    /// A shortest way to a state.
    pub(crate) fn trace_to(&self, protocol: &Protocol, mut node: Node) -> Vec<Action> {
        let mut turns = Vec::new();
        while node != 0 {
            let (from, nth) = self.found[node as usize];
            turns.push(nth);
            node = from;
        }
        let (mut state, mut actions) = (protocol.init_states().remove(0), Vec::new());
        let step = |nth: u16| {
            actions.clear();
            protocol.actions(&state, &mut actions);
            let action = actions[usize::from(nth)];
            state = protocol.next_state(&state, action).expect("this edge was explored");
            action
        };
        turns.into_iter().rev().map(step).collect()
    }

    /// For each kind of edge, a shortest way that ends with one.
    pub(crate) fn traces(&self, protocol: &Protocol) -> Vec<(Kind, Vec<Action>)> {
        let trace = |(kind, (node, action)): (&Kind, &(Node, Action))| {
            let mut actions = self.trace_to(protocol, *node);
            actions.push(*action);
            (*kind, actions)
        };
        self.kinds.iter().map(trace).collect()
    }
}

impl Frontier {
    fn empty() -> Self {
        Self { numbers: HashMap::new(), waiting: VecDeque::new() }
    }
}
