//! What has happened to the cluster since the last line: told in rows above the prompt, until a line is run.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::complete::{Names, Reach};
use crate::output::{clean, cut};

/// No more rows are shown.
const ROWS: usize = 3;
/// A longer text is cut: the verb that shows the task has all of it.
const LONGEST: usize = 160;

/// What was known when it was looked last, and what has happened since.
#[derive(Default)]
pub(super) struct Alarms {
    generation: Option<u64>,
    target: String,
    /// The tasks that had an error; `None` until stages were heard.
    failed: Option<BTreeSet<Arc<str>>>,
    reach: Reach,
    /// Whether that the cluster is away was told.
    lost: bool,
    rows: Vec<String>,
}

impl Alarms {
    /// Compares what is known now with what was.
    pub(super) fn look(&mut self, names: &Names) {
        if self.generation.replace(names.generation) == Some(names.generation) {
            return;
        }
        if self.target != names.target {
            *self = Self { generation: self.generation, target: names.target.clone(), ..Self::default() };
        }
        self.look_at_reach(names);
        self.look_at_tasks(names);
    }

    fn look_at_reach(&mut self, names: &Names) {
        if self.reach == names.reach {
            return;
        }
        match &names.reach {
            Reach::Lost { why, .. } if !self.lost => {
                self.lost = true;
                self.tell(format!("the cluster does not answer: {why}"));
            }
            Reach::Answers if self.lost => {
                self.lost = false;
                self.tell("the cluster answers again".to_owned());
            }
            Reach::Nowhere(what) => {
                self.tell(format!("{what}: `use HOST:PORT` turns to one, `dmctl serve` in another shell starts one here"));
            }
            _ => {}
        }
        self.reach = names.reach.clone();
    }

    fn look_at_tasks(&mut self, names: &Names) {
        if names.stages_heard.is_none() {
            return;
        }
        let before = self.failed.take();
        let mut now = BTreeSet::new();
        for task in names.failed() {
            if before.as_ref().is_some_and(|before| !before.contains(&task.name)) {
                let error = task.error.as_deref().unwrap_or_default();
                self.tell(format!("task `{}` has failed: {error}", task.name));
            }
            now.insert(task.name.clone());
        }
        self.failed = Some(now);
    }

    fn tell(&mut self, text: String) {
        let text = clean::line(&text).into_owned();
        self.rows.push(cut(&text, LONGEST).into_owned());
        if self.rows.len() > ROWS {
            self.rows.remove(0);
        }
    }

    /// What is to be told above the prompt.
    pub(super) fn rows(&self) -> &[String] {
        &self.rows
    }

    /// A line was run: what was told was seen.
    pub(super) fn seen(&mut self) {
        self.rows.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Instant;

    use super::*;
    use crate::complete::{Table, Task};

    fn names(generation: u64, failed: &[&str]) -> Names {
        let task = |name: &&str| Task { name: (*name).into(), error: Some("no \u{1b} disk".into()), ..Task::default() };
        Names {
            generation,
            target: "a:1".to_owned(),
            reach: Reach::Answers,
            stages_heard: Some(Instant::now()),
            tasks: Arc::new(Table::new(failed.iter().map(task))),
            ..Names::default()
        }
    }

    #[test]
    fn only_what_is_new_is_told() {
        let mut alarms = Alarms::default();
        alarms.look(&names(1, &["old"]));
        assert!(alarms.rows().is_empty(), "how it was at the start is no news");
        alarms.look(&names(2, &["new", "old"]));
        assert_eq!(alarms.rows(), ["task `new` has failed: no \\u{1b} disk"]);
        alarms.seen();
        alarms.look(&names(3, &["new", "old"]));
        assert!(alarms.rows().is_empty());
        // Whoever has recovered may fail again.
        alarms.look(&names(4, &["old"]));
        alarms.look(&names(5, &["new", "old"]));
        assert_eq!(alarms.rows().len(), 1);
    }

    #[test]
    fn a_cluster_that_goes_and_comes_is_told_once_each() {
        let lost = |generation| Names {
            reach: Reach::Lost { since: Instant::now(), why: "connection refused".to_owned() },
            ..names(generation, &[])
        };
        let mut alarms = Alarms::default();
        alarms.look(&names(1, &[]));
        alarms.look(&lost(2));
        alarms.look(&lost(3));
        alarms.look(&names(4, &[]));
        assert_eq!(alarms.rows(), ["the cluster does not answer: connection refused", "the cluster answers again"]);
        // Another cluster begins anew.
        alarms.look(&Names { target: "b:1".to_owned(), ..names(5, &["x"]) });
        assert!(alarms.rows().is_empty());
    }
}
