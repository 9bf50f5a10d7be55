//! Plain values: names, stages, positions, errors as DM writes them. No input, no output, and no other room.

pub mod address;
pub mod allow_list;
pub mod decision;
pub mod dm_code;
pub mod dm_error;
pub mod dump_list;
pub mod duration;
pub mod event_filter;
pub mod file;
pub mod gtid;
pub mod inclusion;
pub mod lifecycle;
pub mod log;
pub mod meet;
pub mod names;
pub mod passwords;
pub mod pattern;
pub mod position;
pub mod regex;
pub mod routes;
pub mod source_file;
pub mod stage;
pub mod status;
pub mod subtask;
pub mod system;
pub mod task_change;
pub mod task_file;
pub mod time;
pub mod version;

pub use address::Address;
pub use dm_error::DmError;
pub use names::{LockId, MasterName, MemberName, SourceName, TaskName, WorkerName};
pub use passwords::Passwords;
pub use stage::{Stage, SubtaskStage};
pub use time::StartTime;
pub use version::Version;
