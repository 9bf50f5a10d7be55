//! What a change does to the scripted cluster: sources, workers, relay logs, locks and masters.

use dmctl::wire::pb;

use crate::cluster::{Source, Task};
use crate::cluster_refusals::{self as refusals, Refusal, list};
use crate::cluster_state::{State, Waits};
use crate::cluster_status::relaying;

type Done = Result<(), Refusal>;

fn refuse<T>(text: String) -> Result<T, Refusal> {
    Err(text.into())
}

impl State<'_> {
    pub fn source(&mut self, name: &str) -> Result<&mut Source, Refusal> {
        match self.script.sources.iter_mut().find(|source| source.name == name) {
            Some(source) => Ok(source),
            None => refuse(refusals::source_unknown(name)),
        }
    }

    /// The worker that serves a source.
    pub fn worker_of(&self, source: &str) -> Option<String> {
        let bound = |worker: &&pb::WorkerInfo| worker.source == source && worker.stage == "bound";
        self.script.workers.iter().find(bound).map(|worker| worker.name.clone())
    }

    fn worker(&mut self, name: &str) -> Option<&mut pb::WorkerInfo> {
        self.script.workers.iter_mut().find(|worker| worker.name == name)
    }

    fn bind(&mut self, source: &str, worker: &str) {
        if let Some(worker) = self.worker(worker) {
            (worker.stage, worker.source) = ("bound".to_owned(), source.to_owned());
        }
    }

    /// Makes a worker free, and gives it a source that has none.
    fn release(&mut self, worker: &str) {
        let relays = self.script.sources.iter().any(|source| source.relay_workers.iter().any(|name| name == worker));
        if let Some(worker) = self.worker(worker) {
            (worker.stage, worker.source) = (if relays { "relay" } else { "free" }.to_owned(), String::new());
        }
        let waiting = self.script.sources.iter().map(|source| source.name.clone()).find(|name| self.worker_of(name).is_none());
        if let Some(source) = waiting.filter(|_| !relays) {
            self.bind(&source, worker);
        }
    }

    pub fn add_source(&mut self, source: Source, worker: Option<&str>) -> Done {
        let name = source.name.clone();
        if self.source(&name).is_ok() {
            return refuse(refusals::source_exists(&name));
        }
        let free = |worker: &pb::WorkerInfo| worker.stage == "free";
        let worker = match worker {
            None => self.script.workers.iter().find(|worker| free(worker)).map(|worker| worker.name.clone()),
            Some(named) => match self.worker(named).map(|worker| free(worker)) {
                None => return refuse(refusals::worker_unknown(named)),
                Some(false) => return refuse(refusals::worker_not_free(named)),
                Some(true) => Some(named.to_owned()),
            },
        };
        self.script.sources.push(source);
        if let Some(worker) = worker {
            self.bind(&name, &worker);
        }
        Ok(())
    }

    /// PUT of a source, which also starts and stops its tasks when it changes whether the source is enabled.
    pub fn update_source(&mut self, new: Source) -> Done {
        let name = new.name.clone();
        let was_enabled = self.source(&name)?.enable;
        self.must_be_idle(&name)?;
        let enable = new.enable;
        let known = self.source(&name)?;
        let (faults, relay, schemas) = (known.fault, known.relay.clone(), std::mem::take(&mut known.schemas));
        *known = Source { fault: faults, relay, schemas, ..new };
        if enable != was_enabled && self.worker_of(&name).is_some() {
            self.expect_all(&name, enable)?;
        }
        Ok(())
    }

    fn must_be_idle(&mut self, name: &str) -> Done {
        let relays = !self.source(name)?.relay_workers.is_empty();
        if relays || !self.wanted_of(name).is_empty() { refuse(refusals::source_busy(name)) } else { Ok(()) }
    }

    fn expect_all(&mut self, source: &str, run: bool) -> Done {
        for task in self.tasks_of(source) {
            self.expect(&task, &[source.to_owned()], run, Waits::No)?;
        }
        Ok(())
    }

    pub fn remove_source(&mut self, name: &str, force: bool) -> Done {
        if force {
            for task in self.tasks_of(name) {
                self.remove(&task, &[name.to_owned()])?;
            }
        }
        let relays = self.source(name)?.relay_workers.clone();
        let tasks = self.tasks_of(name);
        if !tasks.is_empty() {
            return refuse(refusals::source_has_tasks(name, &tasks));
        }
        if !relays.is_empty() {
            return refuse(refusals::source_has_relay(name, &relays));
        }
        let worker = self.worker_of(name);
        self.script.sources.retain(|source| source.name != name);
        if let Some(worker) = worker {
            self.release(&worker);
        }
        Ok(())
    }

    /// Starts all tasks of the source, also those that were stopped before it was disabled.
    pub fn enable(&mut self, name: &str) -> Done {
        let enabled = self.source(name)?.enable;
        if self.worker_of(name).is_none() {
            return refuse(refusals::not_bound());
        }
        if enabled {
            return Ok(());
        }
        self.must_be_idle(name)?;
        self.source(name)?.enable = true;
        self.expect_all(name, true)
    }

    /// Stops all tasks of the source; they stay stopped if it then can't be disabled.
    pub fn disable(&mut self, name: &str) -> Done {
        if !self.source(name)?.enable {
            return Ok(());
        }
        if self.worker_of(name).is_some() {
            self.expect_all(name, false)?;
        }
        self.must_be_idle(name)?;
        self.source(name)?.enable = false;
        Ok(())
    }

    pub fn transfer(&mut self, name: &str, target: &str) -> Done {
        self.source(name)?;
        let relays = self.source(name)?.relay_workers.iter().any(|worker| worker == target);
        let Some(stage) = self.worker(target).map(|worker| worker.stage.clone()) else {
            return refuse(refusals::worker_unknown(target));
        };
        let old = self.worker_of(name);
        if old.as_deref() == Some(target) {
            return Ok(());
        }
        match stage.as_str() {
            "offline" | "bound" => return refuse(refusals::worker_stage(target, &stage)),
            "relay" if !relays => return refuse(refusals::relay_of_another(target, name)),
            _ => {}
        }
        let Some(old) = old else {
            self.bind(name, target);
            return Ok(());
        };
        let (source, running) = ([name.to_owned()], self.wanted_of(name));
        if !running.is_empty() {
            let all: Vec<_> = self.tasks_of(name).iter().filter_map(|task| self.truth(task, name)).collect();
            if all.iter().any(|status| status.unit() != pb::UnitType::Sync) {
                return refuse(refusals::not_all_in_sync(&running, name));
            }
            for task in &running {
                self.expect(task, &source, false, Waits::Yes)?;
            }
            // DM waits until every task of the worker is paused; one that was only created never is.
            if all.iter().any(|status| status.stage() == pb::Stage::Stopped) {
                return Err(Refusal::Never);
            }
        }
        self.bind(name, target);
        self.release(&old);
        for task in &running {
            self.expect(task, &source, true, Waits::No)?;
        }
        Ok(())
    }

    /// Without workers: the relay of whoever serves the source.
    pub fn start_relay(&mut self, name: &str, workers: &[String]) -> Done {
        let source = self.source(name)?;
        if workers.is_empty() && !source.relay_workers.is_empty() {
            return refuse(refusals::relay_style(46028));
        }
        if !workers.is_empty() && source.enable_relay {
            return refuse(refusals::relay_style(46030));
        }
        self.workers_exist(workers)?;
        let bound: Vec<_> = workers.iter().filter(|name_of| self.serves_another(name_of, name)).cloned().collect();
        if !bound.is_empty() {
            return refuse(refusals::relay_elsewhere(46021, &bound));
        }
        let busy: Vec<_> = workers.iter().filter(|worker| self.relays_another(worker, name)).cloned().collect();
        if !busy.is_empty() {
            return refuse(refusals::relay_elsewhere(46020, &busy));
        }
        for worker in workers {
            if let Some(worker) = self.worker(worker).filter(|worker| worker.stage == "free") {
                worker.stage = "relay".to_owned();
            }
        }
        let source = self.source(name)?;
        source.enable_relay = source.enable_relay || workers.is_empty();
        for worker in workers {
            if !source.relay_workers.contains(worker) {
                source.relay_workers.push(worker.clone());
            }
        }
        let relay = source.relay.clone().unwrap_or_else(relaying);
        self.relay_becomes(name, Some(relay), workers.is_empty())
    }

    pub fn stop_relay(&mut self, name: &str, workers: &[String]) -> Done {
        let source = self.source(name)?;
        if workers.is_empty() && !source.relay_workers.is_empty() {
            return refuse(refusals::relay_style(46029));
        }
        if !workers.is_empty() && source.enable_relay {
            return refuse(refusals::relay_style(46031));
        }
        self.workers_exist(workers)?;
        let wrong: Vec<_> = workers.iter().filter(|worker| self.relays_another(worker, name)).cloned().collect();
        if !wrong.is_empty() {
            return refuse(refusals::relay_elsewhere(46022, &wrong));
        }
        for worker in workers {
            if let Some(worker) = self.worker(worker).filter(|worker| worker.stage == "relay") {
                worker.stage = "free".to_owned();
            }
        }
        let source = self.source(name)?;
        source.enable_relay = source.enable_relay && !workers.is_empty();
        source.relay_workers.retain(|worker| !workers.contains(worker));
        let left = source.relay.clone().filter(|_| !source.relay_workers.is_empty());
        self.relay_becomes(name, left, workers.is_empty())
    }

    /// Only for workers that were named DM waits.
    fn relay_becomes(&mut self, name: &str, relay: Option<pb::RelayStatus>, late: bool) -> Done {
        let late = if late { self.script.late } else { 0 };
        self.looks.remove(&(String::new(), name.to_owned()));
        let source = self.source(name)?;
        source.relay_before = vec![source.relay.clone(); late];
        source.relay = relay;
        Ok(())
    }

    fn workers_exist(&self, workers: &[String]) -> Done {
        let known = |name: &&String| self.script.workers.iter().any(|worker| worker.name == **name);
        let unknown: Vec<_> = workers.iter().filter(|name| !known(name)).cloned().collect();
        if unknown.is_empty() { Ok(()) } else { refuse(refusals::worker_unknown(list(&unknown))) }
    }

    fn serves_another(&self, worker: &str, source: &str) -> bool {
        self.script.workers.iter().any(|known| known.name == worker && !known.source.is_empty() && known.source != source)
    }

    fn relays_another(&self, worker: &str, source: &str) -> bool {
        self.script.sources.iter().any(|known| known.name != source && known.relay_workers.iter().any(|name| name == worker))
    }

    /// What each worker that could have the file answers: it says yes to any file that it has not.
    pub fn purge(&self, name: &str) -> Vec<Result<(), String>> {
        let relays = self.script.sources.iter().find(|source| source.name == name).map(|source| source.relay_workers.clone());
        let mut workers = relays.unwrap_or_default();
        let idle = |task: &&String| {
            self.truth(task, name).is_some_and(|status| matches!(status.stage(), pb::Stage::New | pb::Stage::Paused))
        };
        let forbidden = self.tasks_of(name).iter().find(idle).cloned();
        workers.extend(self.worker_of(name));
        workers.sort();
        workers.dedup();
        if workers.is_empty() {
            return vec![Err(format!("relay worker for source {name} not found, please `start-relay` first"))];
        }
        let answer = forbidden.map_or(Ok(()), |task| Err(refusals::purge_forbidden(&task)));
        workers.iter().map(|_| answer.clone()).collect()
    }

    pub fn unlock(&mut self, request: &pb::UnlockDdlLockRequest) -> Done {
        let task = request.id.rsplit_once("-`").filter(|(_, table)| table.contains("`.`")).map(|(task, _)| task.to_owned());
        let Some(task) = task else { return refuse("can't find task name from lock-ID".to_owned()) };
        let of_body = |task: &Task| task.body.as_ref().is_some_and(|body| body["shard_mode"] == "optimistic");
        let of_lock = |lock: &pb::DdlLock| lock.task == task && lock.mode == "optimistic";
        let optimistic = self.task(&task).is_some_and(of_body) || self.script.locks.iter().any(of_lock);
        if optimistic && request.sources.len() != 1 {
            return refuse("optimistic locks should have only one source".to_owned());
        }
        let Some(at) = self.script.locks.iter().position(|lock| lock.id == request.id) else {
            return refuse(refusals::lock_unknown(&request.id));
        };
        let lock = &mut self.script.locks[at];
        let waits = |source: &String| lock.synced.contains(source) || lock.unsynced.contains(source);
        if !optimistic {
            let owner = Some(&request.replace_owner).filter(|owner| !owner.is_empty());
            if let Some(stranger) = owner.filter(|owner| !waits(owner)) {
                return refuse(refusals::not_waiting(stranger, &request.id));
            }
            self.script.locks.remove(at);
            return Ok(());
        }
        if request.database.is_empty() || request.table.is_empty() || !waits(&request.sources[0]) {
            return refuse(refusals::lock_resolving(&request.id));
        }
        lock.unsynced.retain(|source| *source != request.sources[0]);
        if lock.unsynced.is_empty() {
            self.script.locks.remove(at);
        }
        Ok(())
    }

    pub fn offline(&mut self, kind: &str, name: &str) -> Done {
        match kind {
            "worker" => match self.worker(name).map(|worker| worker.stage.clone()) {
                None => refuse(refusals::worker_unknown(name)),
                Some(stage) if stage != "offline" => refuse(refusals::worker_online(name)),
                Some(_) => {
                    self.script.workers.retain(|worker| worker.name != name);
                    Ok(())
                }
            },
            "master" if !self.script.masters.iter().any(|(known, ..)| known == name) => refuse(refusals::master_unknown(name)),
            "master" => {
                self.script.masters.retain(|(known, ..)| known != name);
                Ok(())
            }
            other => refuse(refusals::invalid_operation(other, "offline-member")),
        }
    }

    /// Whoever receives it steps down and does not run again; another one leads, if there is one.
    pub fn evict(&mut self, master: &str, evict: bool) {
        if evict {
            self.script.evicted.insert(master.to_owned());
        } else {
            self.script.evicted.remove(master);
        }
        let evicted = self.script.evicted.clone();
        let can_lead = |(name, _, alive): &&(String, String, bool)| *alive && !evicted.contains(name);
        if self.script.leader.is_empty() || evicted.contains(&self.script.leader) {
            self.script.leader = self.script.masters.iter().find(can_lead).map(|(name, ..)| name.clone()).unwrap_or_default();
        }
    }
}
