//! The real `dmctl serve` between real servers, killed in the middle of a copy, over and over: each time the task ends by itself, and both
//! ends hold the same rows.
//!
//! A kill counts only if it hits inside a transaction of the copy. To see that, the server is frozen first; rows that are seen by a reader
//! of what is not committed, and by no other, are those of a transaction that is open.

use super::crash_world::{Fault, Moves, World};
use super::servers::{Family, can_run};

/// What happens in which round, over and over. Every other time with the ends exchanged.
const SCHEDULE: [(Fault, Moves); 10] = [
    (Fault::Serve, Moves::No),
    (Fault::Serve, Moves::WhileDown),
    (Fault::Target, Moves::No),
    (Fault::Source, Moves::No),
    (Fault::TargetSessions, Moves::No),
    (Fault::Commit, Moves::No),
    (Fault::Serve, Moves::Always),
    (Fault::Target, Moves::Always),
    (Fault::SourceSessions, Moves::Always),
    (Fault::Commit, Moves::WhileDown),
];

/// How many kills there are: `CRASHES=200`, or 20.
fn count() -> u64 {
    std::env::var("CRASHES").map_or(20, |count| count.parse().unwrap())
}

#[test]
fn a_kill_costs_nothing_but_time() {
    if !can_run(Family::MariaDb) || !can_run(Family::MySql) {
        return;
    }
    let mut world = World::new();
    for round in 0..count() {
        let turn = SCHEDULE.len() as u64;
        let (fault, moves) = SCHEDULE[usize::try_from(round % turn).unwrap()];
        world.round(round, fault, moves, (round + round / turn).is_multiple_of(2));
    }
    let told = format!("{:?}", world.hits);
    assert_eq!(world.hits.open + world.hits.commits, count(), "{told}");
    assert!(count() < 20 || world.hits.commits > 0, "{told}");
    assert!(count() < 20 || world.hits.kept > 0, "no chunk was ever there to be kept: {told}");
}
