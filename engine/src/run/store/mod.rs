//! The SQL of runs.

mod attempt;
mod child;
mod dead;
mod event;
mod forget;
mod hourly;
mod list;
mod moving;
mod pause;
mod run;
mod task;
mod wait;
mod worker;

pub use attempt::{Attempt, attempts_of, forget_failures, history_of, insert_attempts, supersede};
pub use child::{
    Child, ChildNow, adopt, children, children_now, children_of, forget_children, forget_failed_children,
    forget_waits_for_children, orphans, outputs_of_children, parents_of, wake_parents,
};
pub use dead::{DeadLetter, bury, dead_letter, dead_letters, unbury};
pub use event::{Event, events_of, insert_events};
pub use forget::{forget, forgettable};
pub use hourly::{Counted, Sum, add_hourly, sums};
pub use list::{RunFilter, RunLine, ids, last_looked_at, list};
pub use moving::{Movable, Moved, elsewhere, hold_movable, move_runs, move_tasks};
pub use pause::{Pause, hurry, pause, pauses, resume};
pub use run::{
    Begun, Ending, Fresh, Held, Keyed, Run, begin, by_keys, by_singles, end, hold_runs, insert_runs,
    needs_review_no_more, put_back, reopen, run, whole_run,
};
pub use task::{
    Claim, Claimed, Lease, Lost, NewTask, Parked, Standing, Waiting, claim, drop_tasks, enqueue, extend,
    forgive, held, hold_tasks, lag, lost, next_due, park, signal, task_of, withdraw,
};
pub use wait::{
    Signal, Waits, count_signals, forget_failed_waits, forget_waits, insert_signal, insert_waits, signals_of,
    waits_for, waits_of,
};
pub use worker::{Worker, forget_workers, leave, note_worker, workers};
