//! Members and DDL locks.

use super::error::Error;
use super::{Asked, Client, convert, rpc};
use crate::model::status::{DdlLock, Members};
use crate::model::{MasterName, TaskName, Version};
use crate::wire::pb;
use pb::members::Member;

impl Client {
    /// Lists members of the cluster, all or those of the given names (`ListMember`). Unknown names are not in the answer.
    ///
    /// # Errors
    /// When no master answers.
    pub async fn members(&self, asked: Asked, names: &[String]) -> Result<Members, Error> {
        let answer = self
            .read("ListMember", async |master| {
                let request = pb::ListMemberRequest {
                    leader: asked.leader,
                    master: asked.masters,
                    worker: asked.workers,
                    names: names.to_vec(),
                };
                let answer = master.stub().list_member(request).await.map_err(|status| rpc::miss(&status, &master))?;
                Ok(answer.into_inner())
            })
            .await?;
        rpc::granted(answer.result, &answer.msg)?;
        let mut members = Members::default();
        for member in answer.members.into_iter().filter_map(|member| member.member) {
            match member {
                Member::Leader(leader) => {
                    members.troubles.push(leader.msg);
                    members.leader = (!leader.name.is_empty()).then(|| (MasterName::seen(leader.name), leader.addr));
                }
                Member::Master(masters) => {
                    members.troubles.push(masters.msg);
                    members.masters.extend(masters.masters.into_iter().map(convert::master));
                }
                Member::Worker(workers) => {
                    members.troubles.push(workers.msg);
                    members.workers.extend(workers.workers.into_iter().map(convert::worker));
                }
            }
        }
        members.troubles.retain(|trouble| !trouble.is_empty());
        if let Some((_, leader)) = &members.leader {
            self.masters.prefer_given(leader);
        }
        Ok(members)
    }

    /// The release of the cluster, or of the master that answers; `None` where it does not say.
    ///
    /// # Errors
    /// When no master answers.
    pub async fn version(&self) -> Result<Option<Version>, Error> {
        let release = self.read("GET /status", async |master| self.version_of(&master).await).await?;
        Ok(release.and_then(|release| release.parse().ok()))
    }

    /// Lists shard DDL locks, all or those of one task (`ShowDDLLocks`), with DM's remark when a part of them can't be read.
    ///
    /// # Errors
    /// When no master answers.
    pub async fn ddl_locks(&self, task: Option<&TaskName>) -> Result<(Vec<DdlLock>, Option<String>), Error> {
        let answer = self
            .read("ShowDDLLocks", async |master| {
                let request =
                    pb::ShowDdlLocksRequest { task: task.map(ToString::to_string).unwrap_or_default(), sources: Vec::new() };
                let answer = master.stub().show_ddl_locks(request).await.map_err(|status| rpc::miss(&status, &master))?;
                Ok(answer.into_inner())
            })
            .await?;
        rpc::granted(answer.result, &answer.msg)?;
        let remark = (!answer.locks.is_empty() && !answer.msg.is_empty()).then_some(answer.msg);
        Ok((answer.locks.into_iter().map(convert::lock).collect(), remark))
    }
}
