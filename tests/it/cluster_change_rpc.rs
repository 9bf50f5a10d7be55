//! The changes of gRPC, as a real DM makes them: the answer comes when it is done, and what is wrong stands in the answer.

use dmctl::wire::pb;
use serde_json::{Value, json};
use tonic::Status;

use crate::cluster::{Fault, Script, Source};
use crate::cluster_bodies::source_of_yaml;
use crate::cluster_faults::{Lose, Wire};
use crate::cluster_refusals::{self as refusals, Refusal};
use crate::cluster_rpc::{CUT, HELD, Served};
use crate::cluster_state::{State, Waits, errors_of};

/// An answer that can say no.
pub trait Refusable {
    fn refused(msg: String) -> Self;
}

macro_rules! refusable {
    ($($answer:ident,)*) => {
        $(impl Refusable for pb::$answer {
            fn refused(msg: String) -> Self {
                Self { msg, ..Self::default() }
            }
        })*
    };
}

refusable! {
    OperateTaskResponse,
    OperateSourceResponse,
    TransferSourceResponse,
    OperateRelayResponse,
    PurgeWorkerRelayResponse,
    UnlockDdlLockResponse,
    OfflineMemberResponse,
    OperateLeaderResponse,
}

/// What became of one source.
fn entry(source: &str, worker: Option<String>, problem: String) -> pb::CommonWorkerResponse {
    pb::CommonWorkerResponse {
        result: problem.is_empty(),
        msg: problem,
        source: source.to_owned(),
        worker: worker.unwrap_or_default(),
    }
}

/// The same with a remark that is no problem.
fn remark(source: &str, worker: &str, msg: &str) -> pb::CommonWorkerResponse {
    pb::CommonWorkerResponse { result: true, msg: msg.to_owned(), source: source.to_owned(), worker: worker.to_owned() }
}

impl Served {
    /// Takes note of a change, makes it, and loses what the script says.
    fn make<T: Refusable>(
        &self,
        (call, body): (&str, Value),
        wire: &Wire,
        work: impl FnOnce(&mut State<'_>) -> Result<T, Refusal>,
    ) -> Result<T, Status> {
        let entered = self.0.enter(call);
        self.0.note(call, body, self.1);
        let lose = self.0.loses(call);
        // Whoever receives it does it, leader or not.
        let own = call.starts_with("OperateLeader");
        let refusal = match entered {
            Err(()) if !own => return Err(crate::cluster_rpc::no_leader()),
            Err(()) => None,
            Ok(script) => crate::cluster_wire::scripted(&script.refusals, call).cloned(),
        };
        if let Some(text) = refusal {
            return Ok(T::refused(text));
        }
        let mut answer = Err(Status::internal(CUT));
        if lose.as_ref().is_none_or(Lose::is_done) {
            let (mut script, mut looks) = (self.0.script.lock().unwrap(), self.0.looks.lock().unwrap());
            self.0.moved.notify_all();
            answer = match work(&mut State { script: &mut script, looks: &mut looks }) {
                Ok(answer) => Ok(answer),
                Err(Refusal::Text(text)) => Ok(T::refused(text)),
                Err(Refusal::Never) => Err(Status::internal(HELD)),
            };
        }
        match lose {
            None => answer,
            Some(Lose::Before | Lose::After) => Err(Status::internal(CUT)),
            Some(Lose::Hold { .. }) => Err(Status::internal(HELD)),
            Some(Lose::Refuse(text)) => Ok(T::refused(text)),
            Some(Lose::Grpc { code, text, .. }) => Err(Status::new(code, text)),
            Some(Lose::Half) => {
                wire.cut_after(12);
                answer
            }
            Some(Lose::Worker(source)) => {
                self.0.lose_worker(&source);
                answer
            }
            Some(other) => panic!("{other:?} can't go wrong with {call}"),
        }
    }

    pub fn operate_task(&self, request: pb::OperateTaskRequest, wire: &Wire) -> Result<pb::OperateTaskResponse, Status> {
        let (operation, name) = (request.op().as_str_name().to_owned(), request.name.clone());
        let body = json!({ "op": operation, "name": name, "sources": request.sources });
        self.make((&format!("OperateTask {operation} {name}"), body), wire, |state| {
            let sources = state.sources_of(&name, &request.sources);
            if sources.is_empty() {
                return Err(format!("task {name} has no source or not exist, please check the task name and status").into());
            }
            // The first thing that DM sees of a subtask is what stands there from before.
            let before: Vec<_> = sources.iter().map(|source| state.truth(&name, source).unwrap_or_default()).collect();
            match request.op() {
                pb::TaskOp::Pause => state.expect(&name, &sources, false, Waits::Yes)?,
                pb::TaskOp::Resume => state.expect(&name, &sources, true, Waits::Yes)?,
                pb::TaskOp::Delete => state.remove(&name, &sources)?,
                _ => return Err(refusals::invalid_operation(&operation, "task").into()),
            }
            let deleted = request.op() == pb::TaskOp::Delete;
            let entries = sources.iter().zip(&before).map(|(source, before)| {
                let worker = state.worker_of(source);
                let away = state.script.sources.iter().any(|known| known.name == *source && known.fault.is_some());
                match worker {
                    None => entry(source, None, format!("{source} relevant worker-client not found")),
                    Some(worker) if away => entry(source, Some(worker), refusals::not_as_expected()),
                    Some(worker) => entry(source, Some(worker), if deleted { String::new() } else { errors_of(before) }),
                }
            });
            Ok(pb::OperateTaskResponse { op: request.op, result: true, msg: String::new(), sources: entries.collect() })
        })
    }

    pub fn operate_source(&self, request: pb::OperateSourceRequest, wire: &Wire) -> Result<pb::OperateSourceResponse, Status> {
        let worker_name = Some(request.worker_name.as_str()).filter(|name| !name.is_empty());
        let body = |operation: &str| {
            let (config, worker) = (&request.config, &request.worker_name);
            json!({ "op": operation, "config": config, "sourceID": request.source_id, "workerName": worker })
        };
        match request.op() {
            pb::SourceOp::ShowSource => self.show_sources(),
            pb::SourceOp::StartSource => {
                let ids: Vec<_> =
                    request.config.iter().filter_map(|text| source_of_yaml(text).ok()).map(|source| source.name).collect();
                let call = format!("OperateSource Start {}", ids.join(","));
                self.make((call.trim_end(), body("StartSource")), wire, |state| {
                    let sources: Vec<Source> = request.config.iter().map(|text| source_of_yaml(text)).collect::<Result<_, _>>()?;
                    let before = state.script.clone();
                    for source in sources.iter().cloned() {
                        if let Err(refusal) = state.add_source(source, worker_name) {
                            *state.script = before;
                            return Err(refusal);
                        }
                    }
                    let entries = sources.iter().map(|source| match state.worker_of(&source.name) {
                        Some(worker) => entry(&source.name, Some(worker), String::new()),
                        None => remark(&source.name, "", NO_WORKER),
                    });
                    Ok(pb::OperateSourceResponse { result: true, msg: String::new(), sources: entries.collect() })
                })
            }
            pb::SourceOp::StopSource => {
                let of_files = request.config.iter().filter_map(|text| source_of_yaml(text).ok()).map(|source| source.name);
                let names: Vec<_> = request.source_id.iter().cloned().chain(of_files).collect();
                let call = format!("OperateSource Stop {}", names.join(","));
                self.make((&call, body("StopSource")), wire, |state| {
                    let mut entries = Vec::new();
                    for name in &names {
                        let worker = state.worker_of(name);
                        state.remove_source(name, false)?;
                        entries.push(match worker {
                            Some(worker) => entry(name, Some(worker), String::new()),
                            None => remark(name, "", "source is stopped and hasn't bound to worker before being stopped"),
                        });
                    }
                    Ok(pb::OperateSourceResponse { result: true, msg: String::new(), sources: entries })
                })
            }
            _ => Err(self.unscripted("OperateSource that is no Start, Stop or Show")),
        }
    }

    fn show_sources(&self) -> Result<pb::OperateSourceResponse, Status> {
        let (script, refusal) = self.enter("OperateSource Show")?;
        if script.sources.iter().any(|source| matches!(source.fault, Some(Fault::Hold))) {
            // The master asks every worker, and waits.
            return Err(Status::internal(HELD));
        }
        let worker = |source: &Source| script.workers.iter().find(|worker| worker.source == source.name);
        let sources = script.sources.iter().map(|source| match worker(source) {
            Some(worker) => remark(&source.name, &worker.name, ""),
            None => remark(&source.name, "", NO_WORKER),
        });
        Ok(pb::OperateSourceResponse { result: refusal.is_none(), msg: refusal.unwrap_or_default(), sources: sources.collect() })
    }

    pub fn transfer_source(&self, request: pb::TransferSourceRequest, wire: &Wire) -> Result<pb::TransferSourceResponse, Status> {
        let (source, worker) = (&request.source, &request.worker);
        let call = format!("TransferSource {source} {worker}");
        self.make((&call, json!({ "source": source, "worker": worker })), wire, |state| {
            state.transfer(source, worker)?;
            Ok(pb::TransferSourceResponse { result: true, msg: String::new() })
        })
    }

    pub fn operate_relay(&self, request: pb::OperateRelayRequest, wire: &Wire) -> Result<pb::OperateRelayResponse, Status> {
        let (source, workers) = (&request.source, &request.worker);
        let (operation, start) = match request.op() {
            pb::RelayOpV2::StartRelayV2 => ("Start", true),
            pb::RelayOpV2::StopRelayV2 => ("Stop", false),
            pb::RelayOpV2::InvalidRelayOpV2 => return Err(self.unscripted("OperateRelay without an operation")),
        };
        let call = format!("OperateRelay {operation} {source} {}", workers.join(","));
        let body = json!({ "op": request.op().as_str_name(), "source": source, "worker": workers });
        self.make((call.trim_end(), body), wire, |state| {
            if start {
                state.start_relay(source, workers)?
            } else {
                state.stop_relay(source, workers)?
            }
            let offline =
                |script: &Script, name: &str| !script.workers.iter().any(|worker| worker.name == name && worker.stage != "offline");
            let entries = workers.iter().map(|worker| {
                let msg =
                    if offline(state.script, worker) { "source relay is operated but the bound worker is offline" } else { "" };
                remark(source, worker, msg)
            });
            Ok(pb::OperateRelayResponse { result: true, msg: String::new(), sources: entries.collect() })
        })
    }

    /// The answer is always yes; what is wrong stands in its entries.
    pub fn purge_worker_relay(
        &self,
        request: pb::PurgeWorkerRelayRequest,
        wire: &Wire,
    ) -> Result<pb::PurgeWorkerRelayResponse, Status> {
        let pb::PurgeWorkerRelayRequest { sources, inactive, time, filename, sub_dir } = &request;
        let call = format!("PurgeWorkerRelay {} {filename}", sources.join(","));
        let body = json!({ "sources": sources, "inactive": inactive, "time": time, "filename": filename, "subDir": sub_dir });
        self.make((call.trim_end(), body), wire, |state| {
            let mut entries = Vec::new();
            for source in sources {
                let answers = state.purge(source).into_iter();
                entries.extend(answers.map(|answer| entry(source, None, answer.err().unwrap_or_default())));
            }
            Ok(pb::PurgeWorkerRelayResponse { result: true, msg: String::new(), sources: entries })
        })
    }

    pub fn unlock_ddl_lock(&self, request: pb::UnlockDdlLockRequest, wire: &Wire) -> Result<pb::UnlockDdlLockResponse, Status> {
        let body = json!({
            "ID": request.id, "replaceOwner": request.replace_owner, "forceRemove": request.force_remove,
            "op": request.op().as_str_name(), "sources": request.sources, "database": request.database, "table": request.table,
        });
        self.make((&format!("UnlockDDLLock {}", request.id), body), wire, |state| {
            state.unlock(&request)?;
            Ok(pb::UnlockDdlLockResponse { result: true, msg: String::new() })
        })
    }

    pub fn offline_member(&self, request: pb::OfflineMemberRequest, wire: &Wire) -> Result<pb::OfflineMemberResponse, Status> {
        let (kind, name) = (&request.r#type, &request.name);
        let call = format!("OfflineMember {kind} {name}");
        self.make((&call, json!({ "type": kind, "name": name })), wire, |state| {
            state.offline(kind, name)?;
            Ok(pb::OfflineMemberResponse { result: true, msg: String::new() })
        })
    }

    /// It has no name in it: it is meant for the master that it comes to.
    pub fn operate_leader(&self, request: pb::OperateLeaderRequest, wire: &Wire) -> Result<pb::OperateLeaderResponse, Status> {
        let (call, evict) = match request.op() {
            pb::LeaderOp::EvictLeaderOp => ("OperateLeader Evict", true),
            pb::LeaderOp::CancelEvictLeaderOp => ("OperateLeader CancelEvict", false),
            pb::LeaderOp::InvalidLeaderOp => return Err(self.unscripted("OperateLeader without an operation")),
        };
        let master = self.0.master_name(self.1);
        self.make((call, json!({ "op": request.op().as_str_name() })), wire, |state| {
            state.evict(&master, evict);
            Ok(pb::OperateLeaderResponse { result: true, msg: String::new() })
        })
    }
}

const NO_WORKER: &str = "source is added but there is no free worker to bound";
