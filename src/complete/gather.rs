//! What a cluster told, bit by bit, and the names that come of it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

use super::names::{Binlog, Names, Served, Source, Task, Worker};
use super::table::Table;
use crate::api::{Asked, Client, Error};
use crate::model::position::Position;
use crate::model::status::{DdlLock, Dump, Load, Master, Members, Progress, SourceOutline, SourceReport, Subtask, TaskOutline};
use crate::model::{DmError, SourceName, Stage, SubtaskStage, TaskName};

/// An error is told in so many characters; the rest is for `task status`.
const ERROR_LENGTH: usize = 160;

/// What the master has in its memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outlines {
    /// The tasks; `None` where only workers can name them.
    tasks: Option<Vec<TaskOutline>>,
    sources: Vec<SourceOutline>,
    members: Members,
}

impl Outlines {
    /// Asks for names. No worker is asked, and no master is probed.
    ///
    /// # Errors
    /// When no master answers.
    pub async fn ask(client: &Client) -> Result<Self, Error> {
        let asked = Asked { leader: true, workers: true, ..Asked::default() };
        let (tasks, sources, members) = tokio::join!(client.tasks(), client.sources_as_far_as_known(), client.members(asked, &[]));
        let ((mut sources, _), mut members) = (sources?, members?);
        sources.sort_by(|one, other| one.name.cmp(&other.name));
        members.workers.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(Self { tasks: tasks?, sources, members })
    }

    /// The sources that a worker serves, who can therefore be asked.
    pub fn served(&self) -> impl Iterator<Item = &SourceName> {
        self.members.workers.iter().filter_map(|worker| worker.source.as_ref())
    }
}

/// One subtask, as far as it matters here.
#[derive(Clone, Debug, PartialEq)]
struct Part {
    task: TaskName,
    stage: SubtaskStage,
    lag: Option<u64>,
    progress: Option<f64>,
    error: Option<Arc<str>>,
    locked: bool,
    applied: Option<Arc<str>>,
}

/// What the workers of one source said.
#[derive(Clone, Debug, Default, PartialEq)]
struct Report {
    /// Nothing is known: nobody answered.
    silent: bool,
    /// In the order of their tasks, each once.
    parts: Vec<Part>,
    relay: bool,
    relay_files: Vec<String>,
    relay_folders: Vec<String>,
    error: Option<String>,
}

/// All that was told since this cluster is the one that is asked.
#[derive(Clone, Debug, Default)]
pub struct Gathered {
    outlines: Outlines,
    reports: BTreeMap<SourceName, Report>,
    locks: Vec<DdlLock>,
    masters: Vec<Master>,
}

impl Gathered {
    /// Takes in what the master said. Returns whether it is news.
    pub fn hear(&mut self, outlines: Outlines) -> bool {
        if self.outlines == outlines {
            return false;
        }
        self.outlines = outlines;
        let served: Vec<_> = self.outlines.served().cloned().collect();
        self.reports.retain(|source, _| served.contains(source));
        true
    }

    /// Takes in what came of asking the workers of a source.
    pub fn hear_report(&mut self, source: SourceName, report: &Result<SourceReport, Error>) {
        self.reports.insert(source, Report::new(report));
    }

    /// Takes in the locks.
    pub fn hear_locks(&mut self, locks: Vec<DdlLock>) {
        self.locks = locks;
    }

    /// Takes in the masters.
    pub fn hear_masters(&mut self, members: Members) {
        self.masters = members.masters;
    }

    /// The sources that can be asked for their status.
    #[must_use]
    pub fn served(&self) -> Vec<SourceName> {
        let mut sources: Vec<SourceName> = self.outlines.served().cloned().collect();
        sources.sort();
        sources.dedup();
        sources
    }

    /// Whether all tasks are named: by the master, or by the workers, where nobody else can and none of them is silent.
    #[must_use]
    pub fn knows_all_tasks(&self) -> bool {
        let answers = |source: &SourceName| self.reports.get(source).is_some_and(|report| !report.silent);
        self.outlines.tasks.is_some() || self.outlines.served().all(answers)
    }

    /// Puts what was told into `names`. Returns whether it is news.
    pub fn tell(&self, names: &mut Names) -> bool {
        let mut news = false;
        news |= replace(&mut names.tasks, Table::new(self.tasks()));
        news |= replace(&mut names.sources, Table::new(self.sources()));
        news |= replace(&mut names.workers, Table::new(self.workers()));
        news |= replace(&mut names.masters, Table::new(self.masters.iter().cloned()));
        news |= replace(&mut names.locks, Table::new(self.locks.iter().cloned()));
        let leader = self.outlines.members.leader.as_ref().map(|(name, _)| name.to_string());
        news |= names.leader != leader;
        names.leader = leader;
        names.heard = Some(Instant::now());
        news
    }

    fn tasks(&self) -> Vec<Task> {
        let known = Known::new(self);
        if let Some(outlines) = &self.outlines.tasks {
            let task = |outline: &TaskOutline| {
                let task = known.task(&outline.name, &outline.sources);
                Task { target: outline.target.clone(), ..task }
            };
            return outlines.iter().map(task).collect();
        }
        // Nobody lists them: workers name those that they run.
        let mut readers: BTreeMap<&TaskName, Vec<SourceName>> = BTreeMap::new();
        for (source, report) in &self.reports {
            for part in &report.parts {
                readers.entry(&part.task).or_default().push(source.clone());
            }
        }
        readers.into_iter().map(|(name, sources)| known.task(name, &sources)).collect()
    }

    fn sources(&self) -> Vec<Source> {
        let mut tasks: HashMap<&str, usize> = HashMap::new();
        for outline in self.outlines.tasks.iter().flatten() {
            for source in &outline.sources {
                *tasks.entry(source.as_str()).or_default() += 1;
            }
        }
        let workers: HashMap<&str, &str> = self
            .outlines
            .members
            .workers
            .iter()
            .filter_map(|worker| Some((worker.source.as_ref()?.as_str(), worker.name.as_str())))
            .collect();
        let outlines = self.outlines.sources.iter().map(|outline| {
            let name = outline.name.as_str();
            let report = self.reports.get(&outline.name);
            let relay = report.filter(|report| !report.silent).map(|report| report.relay);
            Source {
                name: name.to_owned(),
                address: outline.address.clone(),
                flavor: outline.flavor.clone(),
                enabled: outline.enabled,
                relay: if relay == Some(true) { relay } else { outline.relay.or(relay) },
                served: workers.get(name).map_or(Served::ByNobody, |worker| Served::By((*worker).to_owned())),
                tasks: tasks.get(name).copied().unwrap_or_default(),
                binlogs: report.map(binlogs).unwrap_or_default(),
                relay_folders: report.map(|report| report.relay_folders.clone()).unwrap_or_default(),
                error: report.and_then(|report| report.error.clone()),
            }
        });
        outlines.collect()
    }

    fn workers(&self) -> impl Iterator<Item = Worker> {
        self.outlines.members.workers.iter().map(|worker| Worker {
            name: worker.name.to_string(),
            address: worker.address.clone(),
            state: worker.state.clone(),
            source: worker.source.as_ref().map(ToString::to_string),
        })
    }
}

/// What tasks are put together from, found by name.
struct Known<'a> {
    reports: &'a BTreeMap<SourceName, Report>,
    served: HashSet<&'a SourceName>,
    locked: HashSet<&'a str>,
}

impl<'a> Known<'a> {
    fn new(gathered: &'a Gathered) -> Self {
        Self {
            reports: &gathered.reports,
            served: gathered.outlines.served().collect(),
            locked: gathered.locks.iter().map(|lock| lock.task.as_str()).collect(),
        }
    }

    fn task(&self, name: &TaskName, sources: &[SourceName]) -> Task {
        let mut task = Task { name: name.shared(), parts: Vec::with_capacity(sources.len()), ..Task::default() };
        let mut stages = Vec::with_capacity(sources.len());
        for source in sources {
            let report = self.reports.get(source);
            let part = report.and_then(|report| report.part(name));
            let stage = match (part, report) {
                (Some(part), _) => Some(part.stage),
                (None, Some(_)) => Some(SubtaskStage::Unknown),
                (None, None) if self.served.contains(source) => None,
                (None, None) => Some(SubtaskStage::Unknown),
            };
            task.parts.push((source.shared(), stage.map(SubtaskStage::shown)));
            stages.push(stage);
            let Some(part) = part else { continue };
            task.lag = task.lag.max(part.lag);
            task.progress = match (task.progress, part.progress) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
            task.error = task.error.take().or_else(|| part.error.clone());
            task.locked |= part.locked;
        }
        task.locked |= self.locked.contains(name.as_str());
        let known: Vec<SubtaskStage> = stages.iter().flatten().copied().collect();
        let asked = !stages.is_empty() && !self.reports.is_empty();
        if asked && (known.len() == stages.len() || known.iter().any(|stage| stage.shown() == Stage::Running)) {
            task.stage = Some(Stage::of(known));
        }
        task
    }
}

/// Puts another table in the place of one; an equal one is left there.
fn replace<T: PartialEq>(place: &mut Arc<Table<T>>, table: Table<T>) -> bool {
    let differs = place.items() != table.items();
    if differs {
        *place = Arc::new(table);
    }
    differs
}

/// The files that a purge may stop at: what all tasks have applied, and where the relay log ends.
fn binlogs(report: &Report) -> Vec<Binlog> {
    let mut found: Vec<Binlog> = Vec::new();
    let mut applied: Vec<&str> = report.parts.iter().filter_map(|part| part.applied.as_deref()).collect();
    applied.sort_by(|one, other| super::table::natural(one, other));
    applied.dedup();
    for (index, name) in applied.into_iter().enumerate() {
        let about = if index == 0 { "read by a task, older ones by none" } else { "read by a task" };
        found.push(Binlog { name: name.to_owned(), about: about.to_owned() });
    }
    for name in &report.relay_files {
        match found.iter_mut().find(|binlog| binlog.name == *name) {
            Some(binlog) => binlog.about.push_str(", the last of the relay log"),
            None => found.push(Binlog { name: name.clone(), about: "the last of the relay log".to_owned() }),
        }
    }
    found
}

impl Report {
    fn new(report: &Result<SourceReport, Error>) -> Self {
        let mut own = Self::default();
        let reports = match report {
            Ok(report) => report.reports.as_slice(),
            Err(error) => {
                return Self { silent: true, error: Some(short(&error.to_string())), ..own };
            }
        };
        own.silent = !reports.iter().any(Result::is_ok);
        for report in reports {
            let report = match report {
                Ok(report) => report,
                Err(silence) => {
                    own.error = own.error.or_else(|| Some(gist(&silence.reason)));
                    continue;
                }
            };
            own.parts.extend(report.subtasks.iter().map(Part::new));
            own.error = own.error.or_else(|| report.errors.first().map(gist));
            if let Some(relay) = &report.relay {
                own.relay = true;
                own.error = own.error.or_else(|| relay.errors.first().map(gist));
                own.relay_files.extend(file_of(&relay.relay_position));
                own.relay_folders.push(short(&relay.sub_dir));
            }
        }
        own.settle();
        own.relay_files.dedup();
        own.relay_folders.retain(|folder| !folder.is_empty());
        own.relay_folders.dedup();
        own
    }

    /// Puts the parts in order. Where several workers tell of one task, the last counts. Most parts read the same binlog file, whose name is
    /// kept once.
    fn settle(&mut self) {
        self.parts.reverse();
        self.parts.sort_by(|one, other| one.task.cmp(&other.task));
        self.parts.dedup_by(|one, other| one.task == other.task);
        self.parts.shrink_to_fit();
        let mut files: HashSet<Arc<str>> = HashSet::new();
        for file in self.parts.iter_mut().filter_map(|part| part.applied.as_mut()) {
            match files.get(file) {
                Some(known) => *file = Arc::clone(known),
                None => drop(files.insert(Arc::clone(file))),
            }
        }
    }

    fn part(&self, task: &TaskName) -> Option<&Part> {
        let index = self.parts.binary_search_by(|part| part.task.cmp(task)).ok()?;
        self.parts.get(index)
    }
}

impl Part {
    fn new(subtask: &Subtask) -> Self {
        let runs = subtask.stage.shown() == Stage::Running;
        let (mut lag, mut progress, mut applied) = (None, None, None);
        match &subtask.progress {
            Progress::Sync(sync) => {
                lag = u64::try_from(sync.lag_seconds).ok().filter(|_| runs);
                applied = file_of(&sync.applied_position).map(Arc::from);
            }
            Progress::Dump(dump) => progress = dump_share(dump),
            Progress::Load(load) => progress = load_share(load),
            Progress::None => {}
        }
        Self {
            task: subtask.task.clone(),
            stage: subtask.stage,
            lag,
            progress,
            error: subtask.errors.first().map(gist).map(Arc::from),
            locked: subtask.lock.is_some(),
            applied,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share for people")]
fn dump_share(dump: &Dump) -> Option<f64> {
    let share = match dump.estimated_rows > 0.0 {
        true => dump.finished_rows / dump.estimated_rows,
        false if dump.total_tables > 0 => dump.completed_tables / dump.total_tables as f64,
        false => return None,
    };
    Some(share.clamp(0.0, 1.0))
}

#[expect(clippy::cast_precision_loss, reason = "a share for people")]
fn load_share(load: &Load) -> Option<f64> {
    (load.total_bytes > 0).then(|| (load.finished_bytes as f64 / load.total_bytes as f64).clamp(0.0, 1.0))
}

fn file_of(position: &str) -> Option<String> {
    Position::parse_dm(position).ok().flatten().map(|position| position.name.without_relay_suffix().to_string())
}

fn gist(error: &DmError) -> String {
    let code = error.code.map(|code| format!("{code}: ")).unwrap_or_default();
    short(&format!("{code}{}", error.cause.as_deref().unwrap_or_else(|| error.gist())))
}

fn short(text: &str) -> String {
    match text.char_indices().nth(ERROR_LENGTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
