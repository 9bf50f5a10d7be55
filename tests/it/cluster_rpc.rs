//! The scripted cluster on the wire: `pb.Master`, in the words of a real DM (see `tests/recordings`).

use std::sync::Arc;

use dmctl::wire::pb;
use pb::members::Member;
use pb::sub_task_status::Status as Detail;
use tonic::Status;
use tonic::service::Routes;

use crate::cluster::{Fault, Script, Shared, Source, Version};
use crate::cluster_faults::{Lose, Wire};
use crate::cluster_texts::{source_yaml, subtask_toml, task_yaml};
use crate::cluster_wire::{SECRET, scripted};

const NO_LEADER: &str =
    "[code=38043:class=dm-master:scope=internal:level=high], Message: master is not leader, and can't forward request to leader";

/// The gRPC half of the server.
pub fn service(shared: Arc<Shared>, master: usize) -> Routes {
    Routes::new(pb::master_server::MasterServer::new(Served(shared, master)))
}

/// One master: what it shares with the others, and which it is.
pub struct Served(pub Arc<Shared>, pub usize);

/// Statuses that are never sent: the connection is cut, or the answer kept back.
pub const CUT: &str = "(cut)";
pub const HELD: &str = "(held)";

/// A call that gets an answer: the script, and DM's refusal of this call if the script has one.
pub type Entered = Result<(Script, Option<String>), Status>;

impl Served {
    pub fn enter(&self, call: &str) -> Entered {
        let script = self.0.enter(call).map_err(|()| no_leader())?;
        match self.0.loses(call) {
            Some(Lose::Hold { .. }) => return Err(Status::internal(HELD)),
            Some(Lose::Before | Lose::After | Lose::Half) => return Err(Status::internal(CUT)),
            Some(Lose::Grpc { code, text, .. }) => return Err(Status::new(code, text)),
            Some(Lose::Refuse(text)) => return Ok((script, Some(text))),
            Some(other) => panic!("{other:?} can't go wrong with {call}"),
            None => {}
        }
        let refusal = scripted(&script.refusals, call).cloned();
        Ok((script, refusal))
    }

    pub fn unscripted(&self, call: &str) -> Status {
        self.0.unscripted(call);
        Status::unimplemented("not in the script")
    }

    /// Sends an answer, unless it is one that is never sent.
    async fn send<T>(&self, answer: Result<T, Status>, wire: &Wire) -> Result<tonic::Response<T>, Status> {
        match &answer {
            Err(status) if status.message() == CUT => wire.cut().await,
            Err(status) if status.message() == HELD => std::future::pending().await,
            _ => answer.map(tonic::Response::new),
        }
    }

    async fn query_status(&self, request: pb::QueryStatusListRequest) -> Result<pb::QueryStatusListResponse, Status> {
        let sources = if request.sources.is_empty() { "(all)".to_owned() } else { request.sources.join(",") };
        let (script, refusal) = self.enter(format!("QueryStatus {sources} {}", request.name).trim_end())?;
        let no = |msg: String| Ok(pb::QueryStatusListResponse { result: false, msg, ..Default::default() });
        if let Some(text) = refusal {
            return no(text);
        }
        let strangers: Vec<_> =
            request.sources.iter().filter(|name| !script.sources.iter().any(|source| source.name == **name)).cloned().collect();
        if !strangers.is_empty() {
            return no(format!("sources [{}] haven't been added", strangers.join(" ")));
        }
        let asked = |source: &&Source| request.sources.is_empty() || request.sources.contains(&source.name);
        let mut entries = Vec::new();
        for source in script.sources.iter().filter(asked) {
            match source.fault {
                Some(Fault::Hold) => std::future::pending().await,
                Some(Fault::Away) => entries.push(entry_without_worker(source, AWAY.to_owned())),
                None => self.ask_workers(&script, source, &request, &mut entries),
            }
        }
        Ok(pb::QueryStatusListResponse { result: true, msg: String::new(), sources: entries })
    }

    fn ask_workers(
        &self,
        script: &Script,
        source: &Source,
        request: &pb::QueryStatusListRequest,
        entries: &mut Vec<pb::QueryStatusResponse>,
    ) {
        let serves = |worker: &&pb::WorkerInfo| worker.source == source.name || source.relay_workers.contains(&worker.name);
        let serving: Vec<_> = script.workers.iter().filter(serves).collect();
        let relay = self.look_at_relay(source);
        for worker in &serving {
            let bound = worker.stage == "bound" && worker.source == source.name;
            let mut subtasks = if bound { self.look(script, source, &request.name) } else { Vec::new() };
            if subtasks.is_empty() {
                let told = if request.name.is_empty() { "no sub task started" } else { "no sub task with name has started" };
                let status = Some(Detail::Msg(told.into()));
                subtasks.push(pb::SubTaskStatus { name: request.name.clone(), status, ..Default::default() });
            }
            entries.push(pb::QueryStatusResponse {
                result: true,
                msg: String::new(),
                source_status: Some(pb::SourceStatus {
                    source: source.name.clone(),
                    worker: worker.name.clone(),
                    result: None,
                    relay_status: relay.clone(),
                }),
                sub_task_status: subtasks,
            });
        }
        if !serving.is_empty() {
            return;
        }
        if request.sources.is_empty() {
            // Only workers are asked; the tasks of a source without one are told by name.
            let reading = script.tasks.iter().filter(|task| task.subtasks.iter().any(|(name, _)| *name == source.name));
            let named = reading.map(|task| pb::SubTaskStatus { name: task.name.clone(), ..Default::default() });
            let mut entry = entry_without_worker(source, String::new());
            entry.source_status.as_mut().unwrap().worker = "source not bound".into();
            entry.sub_task_status = named.collect();
            entries.push(entry);
        } else {
            entries.push(entry_without_worker(
                source,
                format!(
                    "[code=38029:class=dm-master:scope=internal:level=high], Message: {} relevant worker-client not found, \
                     Workaround: Please use list-member command to see if the some workers are offline.",
                    source.name
                ),
            ));
        }
    }

    /// What the worker of a source says of its subtasks at this look.
    fn look(&self, script: &Script, source: &Source, only: &str) -> Vec<pb::SubTaskStatus> {
        let mut counts = self.0.looks.lock().unwrap();
        let mut shown = Vec::new();
        for task in script.tasks.iter().filter(|task| only.is_empty() || task.name == only) {
            let Some((_, looks)) = task.subtasks.iter().find(|(name, _)| *name == source.name) else { continue };
            let count = counts.entry((task.name.clone(), source.name.clone())).or_default();
            shown.extend(looks.get(*count).or(looks.last()).cloned().map(|status| as_old_as(script.version, status)));
            *count += 1;
        }
        shown
    }

    /// What is told of the relay of a source at this look.
    fn look_at_relay(&self, source: &Source) -> Option<pb::RelayStatus> {
        let mut counts = self.0.looks.lock().unwrap();
        let count = counts.entry((String::new(), source.name.clone())).or_default();
        *count += 1;
        source.relay_before.get(*count - 1).unwrap_or(&source.relay).clone()
    }

    fn list_member(&self, request: pb::ListMemberRequest) -> Result<pb::ListMemberResponse, Status> {
        let asked = [(request.leader, "leader"), (request.master, "masters"), (request.worker, "workers")];
        let asked: Vec<_> = asked.into_iter().filter(|(asked, _)| *asked).map(|(_, word)| word).collect();
        let (script, refusal) = self.enter(&format!("ListMember {}", asked.join(",")))?;
        if let Some(msg) = refusal {
            return Ok(pb::ListMemberResponse { result: false, msg, members: Vec::new() });
        }
        let place = |address: &str| self.0.place(address);
        let wanted = |name: &String| request.names.is_empty() || request.names.contains(name);
        let mut members = Vec::new();
        if request.leader {
            let leader = script.masters.iter().find(|(name, ..)| *name == script.leader && wanted(name));
            let (name, addr) = leader.map(|(name, address, _)| (name.clone(), place(address))).unwrap_or_default();
            members.push(Member::Leader(pb::ListLeaderMember { msg: String::new(), name, addr }));
        }
        if request.master {
            let masters =
                script.masters.iter().enumerate().filter(|(_, (name, ..))| wanted(name)).map(|(index, (name, address, alive))| {
                    pb::MasterInfo {
                        name: name.clone(),
                        member_id: script.number + 1 + index as u64,
                        alive: *alive,
                        peer_ur_ls: vec![format!("http://127.0.0.1:829{index}")],
                        client_ur_ls: vec![format!("http://{}", place(address))],
                    }
                });
            members.push(Member::Master(pb::ListMasterMember { msg: String::new(), masters: masters.collect() }));
        }
        if request.worker {
            let workers = script.workers.into_iter().filter(|worker| wanted(&worker.name)).collect();
            members.push(Member::Worker(pb::ListWorkerMember { msg: String::new(), workers }));
        }
        let members = members.into_iter().map(|member| pb::Members { member: Some(member) }).collect();
        Ok(pb::ListMemberResponse { result: true, msg: String::new(), members })
    }

    fn get_sub_task_cfg(&self, request: pb::GetSubTaskCfgRequest) -> Result<pb::GetSubTaskCfgResponse, Status> {
        let (script, refusal) = self.enter(&format!("GetSubTaskCfg {}", request.name))?;
        let task = script.tasks.iter().find(|task| task.name == request.name);
        Ok(match (refusal, task) {
            (Some(msg), _) => pb::GetSubTaskCfgResponse { result: false, msg, cfgs: Vec::new() },
            (None, None) => pb::GetSubTaskCfgResponse { result: false, msg: "task not found".into(), cfgs: Vec::new() },
            (None, Some(task)) => {
                let cfgs = task.subtasks.iter().map(|(source, _)| subtask_toml(task, source)).collect();
                pb::GetSubTaskCfgResponse { result: true, msg: String::new(), cfgs }
            }
        })
    }

    /// Of an object with TLS material this call must not be made: DM would empty the material.
    fn get_cfg(&self, request: pb::GetCfgRequest) -> Result<pb::GetCfgResponse, Status> {
        let kind = match request.r#type() {
            pb::CfgType::TaskType => "task",
            pb::CfgType::SourceType => "source",
            _ => "other",
        };
        let call = format!("GetCfg {kind} {}", request.name);
        let (script, refusal) = self.enter(&call)?;
        if let Some(msg) = refusal {
            return Ok(pb::GetCfgResponse { result: false, msg, cfg: String::new() });
        }
        let task = script.tasks.iter().find(|task| kind == "task" && task.name == request.name);
        let source = script.sources.iter().find(|source| kind == "source" && source.name == request.name);
        let cfg = match (task, source) {
            (Some(task), _) if !task.tls => task.text.clone().unwrap_or_else(|| task_yaml(task, "******")),
            (_, Some(source)) if !source.tls => source_yaml(source, "******"),
            (None, None) => {
                return Ok(pb::GetCfgResponse { result: false, msg: format!("{kind} not found"), cfg: String::new() });
            }
            _ => return Err(self.unscripted(&format!("{call}, which would empty its TLS material"))),
        };
        Ok(pb::GetCfgResponse { result: true, msg: String::new(), cfg })
    }

    fn list_task_configs(&self, _: pb::Empty) -> Result<pb::ListTaskConfigsResponse, Status> {
        let (script, refusal) = self.enter("ListTaskConfigs")?;
        if script.version < Version::V90 {
            return Err(Status::unimplemented("unknown method ListTaskConfigs for service pb.Master"));
        }
        let task_configs = script.tasks.iter().map(|task| (task.name.clone(), task_yaml(task, SECRET))).collect();
        Ok(pb::ListTaskConfigsResponse { result: refusal.is_none(), msg: refusal.unwrap_or_default(), task_configs })
    }

    fn list_source_configs(&self, _: pb::Empty) -> Result<pb::ListSourceConfigsResponse, Status> {
        let (script, refusal) = self.enter("ListSourceConfigs")?;
        if script.version < Version::V90 {
            return Err(Status::unimplemented("unknown method ListSourceConfigs for service pb.Master"));
        }
        let source_configs = script.sources.iter().map(|source| (source.name.clone(), source_yaml(source, SECRET))).collect();
        Ok(pb::ListSourceConfigsResponse { result: refusal.is_none(), msg: refusal.unwrap_or_default(), source_configs })
    }

    fn show_ddl_locks(&self, request: pb::ShowDdlLocksRequest) -> Result<pb::ShowDdlLocksResponse, Status> {
        let (script, refusal) = self.enter(format!("ShowDDLLocks {}", request.task).trim_end())?;
        if let Some(msg) = refusal {
            return Ok(pb::ShowDdlLocksResponse { result: false, msg, locks: Vec::new() });
        }
        let locks: Vec<_> = script.locks.into_iter().filter(|lock| request.task.is_empty() || lock.task == request.task).collect();
        let msg = if locks.is_empty() { "no DDL lock exists".to_owned() } else { script.lock_remark };
        Ok(pb::ShowDdlLocksResponse { result: true, msg, locks })
    }

    fn check_task(&self, request: pb::CheckTaskRequest) -> Result<pb::CheckTaskResponse, Status> {
        let call = format!("CheckTask {}/{}", request.err_cnt, request.warn_cnt);
        let (script, _) = self.enter(&call)?;
        match script.check {
            Some((result, msg)) => Ok(pb::CheckTaskResponse { result, msg }),
            None => Err(self.unscripted(&call)),
        }
    }
}

pub const AWAY: &str = "[code=38008:class=dm-master:scope=internal:level=high], Message: grpc request error, RawCause: rpc error: code = \
                    Unavailable desc = connection error: desc = \"transport: Error while dialing: dial tcp 127.0.0.1:8563: connect: \
                    connection refused\"";

fn entry_without_worker(source: &Source, msg: String) -> pb::QueryStatusResponse {
    let source_status = Some(pb::SourceStatus { source: source.name.clone(), ..Default::default() });
    pb::QueryStatusResponse { result: false, msg, source_status, sub_task_status: Vec::new() }
}

/// Older versions leave the fields empty that they do not know.
fn as_old_as(version: Version, mut status: pb::SubTaskStatus) -> pb::SubTaskStatus {
    if version < Version::V90 {
        match &mut status.status {
            Some(Detail::Sync(sync)) => (sync.total_rows, sync.total_rps, sync.recent_rps) = (0, 0, 0),
            Some(Detail::Dump(dump)) => (dump.bps, dump.progress) = (0, String::new()),
            Some(Detail::Load(load)) => load.bps = 0,
            _ => {}
        }
    }
    status
}

pub fn no_leader() -> Status {
    Status::unknown(NO_LEADER)
}

macro_rules! service {
    (
        awaited { $($slow:ident($question:ident) -> $answer:ident,)* }
        answered { $($name:ident($request:ident) -> $response:ident,)* }
        changing { $($change:ident($what:ident) -> $done:ident,)* }
        unscripted { $($other:ident($in:ident) -> $out:ident,)* }
    ) => {
        #[tonic::async_trait]
        impl pb::master_server::Master for Served {
            $(async fn $slow(&self, request: tonic::Request<pb::$question>) -> Result<tonic::Response<pb::$answer>, Status> {
                let wire = Wire::of(request.extensions());
                self.send(Served::$slow(self, request.into_inner()).await, &wire).await
            })*
            $(async fn $name(&self, request: tonic::Request<pb::$request>) -> Result<tonic::Response<pb::$response>, Status> {
                let wire = Wire::of(request.extensions());
                self.send(Served::$name(self, request.into_inner()), &wire).await
            })*
            $(async fn $change(&self, request: tonic::Request<pb::$what>) -> Result<tonic::Response<pb::$done>, Status> {
                let wire = Wire::of(request.extensions());
                self.send(Served::$change(self, request.into_inner(), &wire), &wire).await
            })*
            $(async fn $other(&self, _: tonic::Request<pb::$in>) -> Result<tonic::Response<pb::$out>, Status> {
                Err(self.unscripted(stringify!($other)))
            })*
        }
    };
}

service! {
    awaited {
        query_status(QueryStatusListRequest) -> QueryStatusListResponse,
    }
    answered {
        list_member(ListMemberRequest) -> ListMemberResponse,
        get_sub_task_cfg(GetSubTaskCfgRequest) -> GetSubTaskCfgResponse,
        get_cfg(GetCfgRequest) -> GetCfgResponse,
        list_task_configs(Empty) -> ListTaskConfigsResponse,
        list_source_configs(Empty) -> ListSourceConfigsResponse,
        show_ddl_locks(ShowDdlLocksRequest) -> ShowDdlLocksResponse,
        check_task(CheckTaskRequest) -> CheckTaskResponse,
    }
    changing {
        operate_task(OperateTaskRequest) -> OperateTaskResponse,
        operate_source(OperateSourceRequest) -> OperateSourceResponse,
        transfer_source(TransferSourceRequest) -> TransferSourceResponse,
        operate_relay(OperateRelayRequest) -> OperateRelayResponse,
        purge_worker_relay(PurgeWorkerRelayRequest) -> PurgeWorkerRelayResponse,
        unlock_ddl_lock(UnlockDdlLockRequest) -> UnlockDdlLockResponse,
        offline_member(OfflineMemberRequest) -> OfflineMemberResponse,
        operate_leader(OperateLeaderRequest) -> OperateLeaderResponse,
    }
    unscripted {
        start_task(StartTaskRequest) -> StartTaskResponse,
        update_task(UpdateTaskRequest) -> UpdateTaskResponse,
        operate_worker_relay_task(OperateWorkerRelayRequest) -> OperateWorkerRelayResponse,
        register_worker(RegisterWorkerRequest) -> RegisterWorkerResponse,
        operate_schema(OperateSchemaRequest) -> OperateSchemaResponse,
        handle_error(HandleErrorRequest) -> HandleErrorResponse,
        get_master_cfg(GetMasterCfgRequest) -> GetMasterCfgResponse,
        start_validation(StartValidationRequest) -> StartValidationResponse,
        stop_validation(StopValidationRequest) -> StopValidationResponse,
        get_validation_status(GetValidationStatusRequest) -> GetValidationStatusResponse,
        get_validation_error(GetValidationErrorRequest) -> GetValidationErrorResponse,
        operate_validation_error(OperateValidationErrorRequest) -> OperateValidationErrorResponse,
        update_validation(UpdateValidationRequest) -> UpdateValidationResponse,
        encrypt(EncryptRequest) -> EncryptResponse,
    }
}
