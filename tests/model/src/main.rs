//! Explores the design in every world, refutes every mutant, and says what it found.

use std::process::ExitCode;
use std::time::Instant;

use saifu_model::{Mutant, Size, World, explore, refute};

const USAGE: &str = "usage: model [--world WORLD | --trace MUTANT]\n\
    Explores the protocol's worlds and refutes its mutants. --world explores one world alone;\n\
    --trace tells, step by step, how one mutant is refuted.\n\
    SAIFU_CAMPAIGN=full takes larger worlds.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => run(),
        ["--world", name] => explore_one(name),
        ["--trace", name] => tell(name),
        _ => complain(USAGE),
    }
}

fn run() -> ExitCode {
    let size = Size::of_campaign();
    let explored: Vec<Option<usize>> = World::ALL.iter().map(|world| show(*world, size)).collect();
    let refuted = Mutant::ALL.iter().filter(|mutant| show_refuted(**mutant)).count();
    let total = Mutant::ALL.len();
    let Some(states) = explored.into_iter().sum::<Option<usize>>() else {
        return complain("model: the design breaks a property, see above");
    };
    if refuted < total {
        return complain(&format!("model: {refuted} of {total} mutants refuted, see above"));
    }
    println!("model: {states} states, all properties hold, {refuted} of {total} mutants refuted");
    ExitCode::SUCCESS
}

fn explore_one(name: &str) -> ExitCode {
    let Some(world) = World::ALL.into_iter().find(|world| world.name() == name) else {
        let names = World::ALL.map(World::name).join(", ");
        return complain(&format!("there is no world \"{name}\"; there are {names}"));
    };
    let holds = show(world, Size::of_campaign()).is_some();
    if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Explores a world and prints what was found; answers with its states if all properties hold.
fn show(world: World, size: Size) -> Option<usize> {
    let begin = Instant::now();
    match explore(world, size) {
        Ok(found) => {
            println!("{}: {}", world.name(), found.config);
            println!(
                "    {} states, {} transitions, {} quiet, all properties hold ({:.1} s)",
                found.states,
                found.transitions,
                found.quiet,
                begin.elapsed().as_secs_f32()
            );
            Some(found.states)
        }
        Err(failure) => {
            println!("{}: {}\n    FAILED: {failure}", world.name(), world.config(size));
            None
        }
    }
}

fn show_refuted(mutant: Mutant) -> bool {
    let (name, world) = (mutant.name(), mutant.world().name());
    let begin = Instant::now();
    let Some(found) = refute(mutant) else {
        println!("mutant {name} ({world}): NOT REFUTED: {} holds", mutant.breaks().name());
        return false;
    };
    let property = found.property.name();
    let seconds = begin.elapsed().as_secs_f32();
    let steps = found.trace.len();
    println!("mutant {name} ({world}): {property}: fails after {steps} steps ({seconds:.1} s)");
    true
}

fn tell(name: &str) -> ExitCode {
    let Some(mutant) = Mutant::ALL.iter().find(|mutant| mutant.name() == name) else {
        let names: Vec<&str> = Mutant::ALL.iter().map(|mutant| mutant.name()).collect();
        let names = names.join("\n  ");
        return complain(&format!("there is no mutant \"{name}\"; there are:\n  {names}"));
    };
    match refute(*mutant) {
        Some(found) => {
            print!("{name}, in the world {}\n{found}", mutant.world().name());
            ExitCode::SUCCESS
        }
        None => complain(&format!("{name} is not refuted: {} holds", mutant.breaks().name())),
    }
}

fn complain(why: &str) -> ExitCode {
    eprintln!("{why}");
    ExitCode::FAILURE
}
