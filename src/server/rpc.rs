//! `pb.Master`: every call there is. What has no use here is answered with a refusal and its reason.

use std::sync::Arc;

use axum::Router;
use tonic::{Request, Response, Status};

use super::Api;
use crate::wire::pb;
use pb::master_server::{Master, MasterServer};

/// The largest message that is read: a task file with certificates is far below that.
const MESSAGE_LIMIT: usize = 64 << 20;

/// The routes of gRPC.
pub(super) fn router(api: Arc<Api>) -> Router {
    let service = MasterServer::new(Served(api)).max_decoding_message_size(MESSAGE_LIMIT).max_encoding_message_size(MESSAGE_LIMIT);
    Router::new().route_service("/pb.Master/{*call}", service)
}

/// The calls on an API.
pub(super) struct Served(pub(super) Arc<Api>);

macro_rules! service {
    (
        answered { $($call:ident($question:ident) -> $answer:ident,)* }
        refused { $($other:ident($in:ident) -> $out:ident: $why:expr,)* }
    ) => {
        #[tonic::async_trait]
        impl Master for Served {
            $(async fn $call(&self, request: Request<pb::$question>) -> Result<Response<pb::$answer>, Status> {
                Ok(Response::new(Self::$call(self, request.into_inner()).await))
            })*
            $(#[allow(clippy::needless_update, reason = "some have no other field")]
            async fn $other(&self, _: Request<pb::$in>) -> Result<Response<pb::$out>, Status> {
                Ok(Response::new(pb::$out { result: false, msg: $why.to_owned(), ..Default::default() }))
            })*
        }
    };
}

const NO_RELAY: &str = "relay logs are not yet in this version";
const NO_SYNC: &str = "tasks that follow the binlog are not yet in this version";
const NO_VALIDATION: &str = "validation of rows is not yet in this version";

service! {
    answered {
        start_task(StartTaskRequest) -> StartTaskResponse,
        operate_task(OperateTaskRequest) -> OperateTaskResponse,
        query_status(QueryStatusListRequest) -> QueryStatusListResponse,
        show_ddl_locks(ShowDdlLocksRequest) -> ShowDdlLocksResponse,
        unlock_ddl_lock(UnlockDdlLockRequest) -> UnlockDdlLockResponse,
        check_task(CheckTaskRequest) -> CheckTaskResponse,
        operate_source(OperateSourceRequest) -> OperateSourceResponse,
        offline_member(OfflineMemberRequest) -> OfflineMemberResponse,
        operate_leader(OperateLeaderRequest) -> OperateLeaderResponse,
        list_member(ListMemberRequest) -> ListMemberResponse,
        get_sub_task_cfg(GetSubTaskCfgRequest) -> GetSubTaskCfgResponse,
        get_cfg(GetCfgRequest) -> GetCfgResponse,
        get_master_cfg(GetMasterCfgRequest) -> GetMasterCfgResponse,
        transfer_source(TransferSourceRequest) -> TransferSourceResponse,
        list_task_configs(Empty) -> ListTaskConfigsResponse,
        list_source_configs(Empty) -> ListSourceConfigsResponse,
    }
    refused {
        update_task(UpdateTaskRequest) -> UpdateTaskResponse: "a task is updated with `dmctl task update`, or over REST",
        operate_worker_relay_task(OperateWorkerRelayRequest) -> OperateWorkerRelayResponse: NO_RELAY,
        purge_worker_relay(PurgeWorkerRelayRequest) -> PurgeWorkerRelayResponse: NO_RELAY,
        operate_relay(OperateRelayRequest) -> OperateRelayResponse: NO_RELAY,
        register_worker(RegisterWorkerRequest) -> RegisterWorkerResponse: "the workers are inside this server",
        operate_schema(OperateSchemaRequest) -> OperateSchemaResponse: NO_SYNC,
        handle_error(HandleErrorRequest) -> HandleErrorResponse: NO_SYNC,
        start_validation(StartValidationRequest) -> StartValidationResponse: NO_VALIDATION,
        stop_validation(StopValidationRequest) -> StopValidationResponse: NO_VALIDATION,
        get_validation_status(GetValidationStatusRequest) -> GetValidationStatusResponse: NO_VALIDATION,
        get_validation_error(GetValidationErrorRequest) -> GetValidationErrorResponse: NO_VALIDATION,
        operate_validation_error(OperateValidationErrorRequest) -> OperateValidationErrorResponse: NO_VALIDATION,
        update_validation(UpdateValidationRequest) -> UpdateValidationResponse: NO_VALIDATION,
        encrypt(EncryptRequest) -> EncryptResponse: "passwords are kept as they are, in a file that only its owner can read",
    }
}
