//! What travels between dmctl and a master: the bodies of the REST API, and the messages of `pb.Master`.

pub mod openapi;

/// The gRPC messages, made by `cargo xtask codegen` from `pb.proto`.
#[allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::use_self,
    clippy::uninlined_format_args,
    clippy::large_futures,
    reason = "generated"
)]
#[rustfmt::skip]
pub mod pb;
