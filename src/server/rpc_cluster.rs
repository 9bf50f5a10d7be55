//! Members, locks and configurations over gRPC.

use super::rpc::Served;
use super::{MASTER, rpc_source, rpc_task, task_body};
use crate::model::{DmError, SourceName, TaskName, WorkerName};
use crate::wire::pb;
use pb::members::Member;

/// Workers are inside the server and listen nowhere.
pub(super) const WORKER_ADDRESS: &str = "";

pub(super) fn no_master(name: &str) -> DmError {
    DmError::coded(38048, format!("dm-master with name {name} not exists")).cured_by("`dmctl member list` shows who there is")
}

pub(super) fn only_master() -> DmError {
    DmError::plain("it is the only master: without it there is no cluster").cured_by("stop the server instead")
}

fn told(done: Result<(), DmError>) -> (bool, String) {
    match done {
        Ok(()) => (true, String::new()),
        Err(error) => (false, error.to_text()),
    }
}

#[expect(clippy::unused_async, reason = "calls are async")]
impl Served {
    pub(super) async fn list_member(&self, request: pb::ListMemberRequest) -> pb::ListMemberResponse {
        let named = |name: &str| request.names.is_empty() || request.names.iter().any(|wanted| wanted == name);
        let all = !request.leader && !request.master && !request.worker;
        let view = self.0.cluster.view();
        let mut members = Vec::new();
        if request.leader || all {
            let (name, addr) = if named(MASTER) { (MASTER.to_owned(), self.0.address.to_string()) } else { Default::default() };
            members.push(Member::Leader(pb::ListLeaderMember { msg: String::new(), name, addr }));
        }
        if request.master || all {
            let master = named(MASTER).then(|| pb::MasterInfo {
                name: MASTER.to_owned(),
                member_id: view.cluster_id,
                alive: true,
                peer_ur_ls: vec![self.0.url()],
                client_ur_ls: vec![self.0.url()],
            });
            members.push(Member::Master(pb::ListMasterMember { msg: String::new(), masters: master.into_iter().collect() }));
        }
        if request.worker || all {
            let workers = view.state.workers.iter().filter(|worker| named(worker.as_str())).map(|worker| {
                let source = view.state.served_by(worker);
                pb::WorkerInfo {
                    name: worker.to_string(),
                    addr: WORKER_ADDRESS.to_owned(),
                    stage: if source.is_some() { "bound" } else { "free" }.to_owned(),
                    source: source.map(ToString::to_string).unwrap_or_default(),
                }
            });
            members.push(Member::Worker(pb::ListWorkerMember { msg: String::new(), workers: workers.collect() }));
        }
        let members = members.into_iter().map(|member| pb::Members { member: Some(member) }).collect();
        pb::ListMemberResponse { result: true, msg: String::new(), members }
    }

    pub(super) async fn offline_member(&self, request: pb::OfflineMemberRequest) -> pb::OfflineMemberResponse {
        let done = match request.r#type.as_str() {
            "worker" => self.0.cluster.remove_worker(WorkerName::seen(request.name)).await,
            "master" if request.name == MASTER => Err(only_master()),
            "master" => Err(no_master(&request.name)),
            other => Err(DmError::coded(38049, format!("offline type {other} not valid")).cured_by("it is `master` or `worker`")),
        };
        let (result, msg) = told(done);
        pb::OfflineMemberResponse { result, msg }
    }

    pub(super) async fn operate_leader(&self, request: pb::OperateLeaderRequest) -> pb::OperateLeaderResponse {
        let done = match request.op() {
            pb::LeaderOp::EvictLeaderOp => Err(only_master()),
            // It never was evicted.
            pb::LeaderOp::CancelEvictLeaderOp => Ok(()),
            pb::LeaderOp::InvalidLeaderOp => Err(DmError::plain("the call does not say what to do with the leader")),
        };
        let (result, msg) = told(done);
        pb::OperateLeaderResponse { result, msg }
    }

    pub(super) async fn show_ddl_locks(&self, _: pb::ShowDdlLocksRequest) -> pb::ShowDdlLocksResponse {
        pb::ShowDdlLocksResponse { result: true, msg: "no DDL lock exists".to_owned(), locks: Vec::new() }
    }

    pub(super) async fn unlock_ddl_lock(&self, request: pb::UnlockDdlLockRequest) -> pb::UnlockDdlLockResponse {
        // A lock is named by a task and a quoted table.
        let msg = match request.id.rsplit_once("-`") {
            None => "can't find task name from lock-ID".to_owned(),
            Some(_) => DmError::coded(38019, format!("lock with ID {} not found", request.id)).to_text(),
        };
        pb::UnlockDdlLockResponse { result: false, msg }
    }

    pub(super) async fn get_cfg(&self, request: pb::GetCfgRequest) -> pb::GetCfgResponse {
        let view = self.0.cluster.view();
        let name = request.name.as_str();
        let found = match request.r#type() {
            pb::CfgType::TaskType => {
                view.state.tasks.get(&TaskName::seen(name)).map(|task| rpc_task::covered(&task.file)).ok_or("task not found")
            }
            pb::CfgType::SourceType => {
                let source = view.state.sources.get(&SourceName::seen(name));
                source.map(|source| rpc_source::covered(&source.file)).ok_or("source not found")
            }
            pb::CfgType::MasterType if name == MASTER => Ok(self.master_configuration()),
            pb::CfgType::MasterType => Err("master not found"),
            pb::CfgType::WorkerType if view.state.workers.iter().any(|worker| worker.as_str() == name) => {
                Err("the workers are inside this server, and have no configuration of their own")
            }
            pb::CfgType::WorkerType => Err("worker not found"),
            pb::CfgType::TaskTemplateType => self.template(&TaskName::seen(name)).ok_or("task template not found"),
            pb::CfgType::InvalidType => Err("the call does not say of what"),
        };
        match found {
            Ok(cfg) => pb::GetCfgResponse { result: true, msg: String::new(), cfg },
            Err(msg) => pb::GetCfgResponse { result: false, msg: msg.to_owned(), cfg: String::new() },
        }
    }

    pub(super) async fn get_master_cfg(&self, _: pb::GetMasterCfgRequest) -> pb::GetMasterCfgResponse {
        pb::GetMasterCfgResponse { cfg: self.master_configuration() }
    }
}

impl Served {
    fn master_configuration(&self) -> String {
        format!("name = \"{MASTER}\"\nmaster-addr = \"{}\"\nopenapi = true\n", self.0.address)
    }

    fn template(&self, name: &TaskName) -> Option<String> {
        let view = self.0.cluster.view();
        let body = serde_json::from_str(view.state.templates.get(name)?).ok()?;
        task_body::to_file(&body).ok().map(|file| rpc_task::covered(&file))
    }
}
