//! Changes of members and of DDL locks.

use super::change::{Made, STEP_DEADLINE};
use super::error::Error;
use super::{Asked, Client, WORK_DEADLINE, rpc};
use crate::model::{Address, LockId, MasterName, MemberName, SourceName};
use crate::wire::pb;

/// The two kinds of members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberKind {
    /// It keeps the cluster's state.
    Master,
    /// It runs subtasks.
    Worker,
}

impl MemberKind {
    /// DM's word for it, which is ours too.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Master => "master",
            Self::Worker => "worker",
        }
    }
}

/// How to resolve a DDL lock.
#[derive(Debug, Clone, Default)]
pub struct Unlock {
    /// The source that executes the statements of a pessimistic lock, in the place of the owner.
    pub owner: Option<SourceName>,
    /// Remove it even if the owner fails.
    pub force_remove: bool,
    /// The part of an optimistic lock: source, database, table, and whether its statement is executed or skipped.
    pub part: Option<(SourceName, String, String, bool)>,
}

impl Client {
    /// Resolves a DDL lock (`UnlockDDLLock`).
    ///
    /// # Errors
    /// Refused; lost and not seen to be gone.
    pub async fn unlock_ddl_lock(&self, lock: &LockId, how: &Unlock) -> Result<Made<()>, Error> {
        let answer = self
            .change_by_rpc("ddl-lock unlock", "UnlockDDLLock", WORK_DEADLINE, async |mut stub| {
                let mut request = pb::UnlockDdlLockRequest {
                    id: lock.to_string(),
                    replace_owner: how.owner.as_ref().map(ToString::to_string).unwrap_or_default(),
                    force_remove: how.force_remove,
                    ..Default::default()
                };
                if let Some((source, database, table, execute)) = &how.part {
                    let op = if *execute { pb::UnlockDdlLockOp::ExecLock } else { pb::UnlockDdlLockOp::SkipLock };
                    request.op = op.into();
                    request.sources = vec![source.to_string()];
                    request.database.clone_from(database);
                    request.table.clone_from(table);
                }
                stub.unlock_ddl_lock(request).await
            })
            .await;
        let sent = answer.and_then(|answer| rpc::granted(answer.result, &answer.msg));
        self.settle(sent, async || {
            let (locks, _) = self.ddl_locks(None).await?;
            let gone = !locks.iter().any(|known| known.id == *lock);
            // An optimistic lock stays while other tables wait for it.
            Ok(if gone || how.part.is_none() { Some(gone) } else { None })
        })
        .await
    }

    /// Takes a member that is shut down out of the cluster (`OfflineMember`).
    ///
    /// # Errors
    /// Refused; lost and not seen to be gone.
    pub async fn offline_member(&self, kind: MemberKind, member: &MemberName) -> Result<Made<()>, Error> {
        let answer = self
            .change_by_rpc("member offline", "OfflineMember", WORK_DEADLINE, async |mut stub| {
                let request = pb::OfflineMemberRequest { r#type: kind.word().to_owned(), name: member.to_string() };
                stub.offline_member(request).await
            })
            .await;
        let sent = answer.and_then(|answer| rpc::granted(answer.result, &answer.msg));
        self.settle(sent, async || {
            let asked = Asked { masters: kind == MemberKind::Master, workers: kind == MemberKind::Worker, leader: true };
            let members = self.members(asked, &[]).await?;
            let there = members.masters.iter().any(|master| master.name.as_str() == member.as_str())
                || members.workers.iter().any(|worker| worker.name.as_str() == member.as_str());
            Ok(Some(!there))
        })
        .await
    }

    /// Makes a master give up the lead and not take it again (`OperateLeader`). `leads` says that it leads now.
    ///
    /// # Errors
    /// Refused; unreachable; lost, which the leader that comes settles, if the master led before.
    pub async fn evict_leader(&self, master: &MasterName, addresses: &[Address], leads: bool) -> Result<Made<()>, Error> {
        let evict = pb::LeaderOp::EvictLeaderOp;
        let sent = self.operate_leader("member evict-leader", "OperateLeader Evict", evict, addresses).await;
        if !leads {
            return sent.map(Made::Told);
        }
        self.settle(sent, async || {
            let members = self.members(Asked { leader: true, ..Asked::default() }, &[]).await?;
            Ok(members.leader.map(|(leader, _)| leader != *master))
        })
        .await
    }

    /// Lets an evicted master take the lead again (`OperateLeader`).
    ///
    /// # Errors
    /// Refused; unreachable; lost, which nothing can settle.
    pub async fn cancel_evict_leader(&self, addresses: &[Address]) -> Result<(), Error> {
        let cancel = pb::LeaderOp::CancelEvictLeaderOp;
        self.operate_leader("member cancel-evict-leader", "OperateLeader Cancel", cancel, addresses).await
    }

    /// The call acts on the process that receives it, so it goes to that master itself; a dead address of it is passed over.
    async fn operate_leader(
        &self,
        operation: &'static str,
        call: &'static str,
        op: pb::LeaderOp,
        addresses: &[Address],
    ) -> Result<(), Error> {
        let mut tried = Vec::new();
        for address in addresses {
            let master = self.masters.at(address, self.tls.as_ref());
            let answer = self
                .change_at(&master, operation, call, async |mut stub| {
                    stub.operate_leader(pb::OperateLeaderRequest { op: op.into() }).await
                })
                .await;
            match answer {
                Err(Error::Unreachable(faults)) => tried.extend(faults),
                answer => return answer.and_then(|answer| rpc::granted(answer.result, &answer.msg)),
            }
        }
        Err(Error::Unreachable(tried))
    }
}

/// How long an election may take: a new leader is waited for that long.
pub const ELECTION: std::time::Duration = STEP_DEADLINE;
