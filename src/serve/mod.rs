//! `dmctl serve`: puts the cluster, its engine and its API together, and runs them until it is told to stop.

mod engine;
mod log;
mod signals;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::watch;

use self::signals::Signals;
use crate::cli::{FormatWord, Globals};
use crate::cluster::{self, Cluster, STOP_WITHIN, Settings};
use crate::commands::serve::Serve;
use crate::exit::{Code, Failure};
use crate::local::{self, Note};
use crate::model::log::Log;
use crate::model::system;
use crate::server::{self, Access, Api, Tls};

/// Serves until a signal ends it.
///
/// # Errors
/// Whatever keeps it from serving.
pub fn run(arguments: Serve, globals: &Globals) -> Result<Code, Failure> {
    let cannot_start = |error: std::io::Error| Failure::refused(format!("cannot start: {}", system::reason(&error)));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(cannot_start)?;
    let copying = engine::threads().map_err(cannot_start)?;
    let ended = runtime.block_on(serve(arguments, globals, copying.handle().clone()));
    // An engine that does not let go of its connection is no reason to stay.
    copying.shutdown_background();
    runtime.shutdown_background();
    ended.map(|()| Code::Done)
}

async fn serve(arguments: Serve, globals: &Globals, copying: Handle) -> Result<(), Failure> {
    let tls = tls(globals)?;
    if !arguments.addr.ip().is_loopback() && tls.is_none() {
        return Err(Failure::usage(format!(
            "{} can be reached from other machines, and needs TLS with client certificates",
            arguments.addr
        ))
        .hinted("give `--ssl-ca`, `--ssl-cert` and `--ssl-key`, or an address of this machine such as 127.0.0.1:8261"));
    }
    if arguments.no_token && tls.is_some() {
        return Err(Failure::usage("`--no-token` is for a server without TLS: with TLS, certificates decide who may call"));
    }
    let listener = TcpListener::bind(arguments.addr).await.map_err(|error| {
        Failure::refused(format!("{} can't be listened on: {}", arguments.addr, system::reason(&error)))
            .hinted("another server may have it: choose another address with `--addr`")
    })?;
    let address = listener.local_addr().unwrap_or(arguments.addr);
    let log = log::to_stderr(globals.format == Some(FormatWord::Json));
    let cluster = open(&arguments, log.clone(), copying)?;
    let (access, token) = match (&tls, arguments.no_token) {
        (Some(_), _) => (Access::Certificates, None),
        (None, true) => (Access::ThisMachine, None),
        (None, false) => {
            let token = local::secret(32).map_err(|error| Failure::refused(error.to_string()))?;
            (Access::Token(token.clone()), Some(token))
        }
    };
    let note = Note { addr: address.to_string(), token, pid: std::process::id(), started: log::now() };
    let posted = local::folder().map(|folder| local::post(&folder, &note).map_err(|error| (folder, error))).transpose();
    let _posted = match posted {
        Ok(posted) => posted,
        Err((folder, error)) => {
            let told = format!("no note of this server can be left in {}: {}", folder.display(), system::reason(&error));
            return Err(Failure::refused(told).hinted("set XDG_RUNTIME_DIR to a folder that can be written to"));
        }
    };
    // Whoever reads that it serves may stop it.
    let deaf = |error: std::io::Error| Failure::refused(format!("cannot listen for signals: {}", system::reason(&error)));
    let signals = Signals::new().map_err(deaf)?;
    log.info("serving", [("addr", address.to_string()), ("pid", std::process::id().to_string())]);
    until_told_to_stop(cluster, listener, address, access, tls, signals, &log).await
}

async fn until_told_to_stop(
    cluster: Cluster,
    listener: TcpListener,
    address: SocketAddr,
    access: Access,
    tls: Option<Tls>,
    mut signals: Signals,
    log: &Log,
) -> Result<(), Failure> {
    let router = server::router(Api::new(cluster.clone(), address, tls.is_some()), access);
    let (end, ended) = watch::channel(false);
    let serving = tokio::spawn(server::serve(listener, router, tls, ended, log.clone()));
    let told = tokio::select! {
        () = signals.next() => true,
        () = cluster.gone() => false,
    };
    if !told {
        return Err(Failure::refused("the cluster has ended by itself: this is a mistake in dmctl, and the log says where"));
    }
    log.info("stopping", [("within", format!("{}s", STOP_WITHIN.as_secs()))]);
    end.send_replace(true);
    let stopping = async {
        cluster.shut_down(STOP_WITHIN).await;
        serving.await.is_ok()
    };
    tokio::select! {
        _ = stopping => log.info("stopped", []),
        // Asked a second time it goes at once; what runs goes on from where it is when it is started again.
        () = signals.next() => log.warning("stopped at once", []),
    }
    Ok(())
}

fn open(arguments: &Serve, log: Log, copying: Handle) -> Result<Cluster, Failure> {
    let folder = match &arguments.data_dir {
        Some(folder) => folder.clone(),
        None => data_folder().ok_or_else(|| {
            Failure::usage("there is no folder for the data: neither HOME nor XDG_DATA_HOME is set")
                .hinted("give one with `--data-dir`")
        })?,
    };
    let settings = Settings { workers: arguments.workers.into(), log, ..Settings::default() };
    Cluster::open(&folder, settings, Arc::new(engine::Copier::new(copying)), Handle::current()).map_err(|error| {
        let failure = Failure::refused(error.to_string());
        match error {
            cluster::StartError::Open(cluster::OpenError::Held { .. }) => {
                failure.hinted("a folder has one server: stop that one, or choose another folder with `--data-dir`")
            }
            cluster::StartError::Open(cluster::OpenError::Newer { .. }) => {
                failure.hinted("use the newer dmctl").because("it was left as it is")
            }
            cluster::StartError::Open(cluster::OpenError::Damaged { .. } | cluster::OpenError::Foreign { .. }) => failure
                .because("it was left as it is")
                .hinted("put a copy of the whole folder back, or choose another one with `--data-dir` to begin with nothing"),
            cluster::StartError::Open(cluster::OpenError::Folder { .. }) => {
                failure.hinted("see that the user who serves may write to it, or choose another one with `--data-dir`")
            }
            _ => failure,
        }
    })
}

fn data_folder() -> Option<PathBuf> {
    use etcetera::BaseStrategy as _;
    etcetera::choose_base_strategy().ok().map(|base| base.data_dir().join("dmctl"))
}

/// TLS of the server: all three files or none.
fn tls(globals: &Globals) -> Result<Option<Tls>, Failure> {
    let (ca, cert, key) = match (&globals.ssl_ca, &globals.ssl_cert, &globals.ssl_key) {
        (None, None, None) => return Ok(None),
        (Some(ca), Some(cert), Some(key)) => (ca, cert, key),
        _ => {
            return Err(Failure::usage("TLS of a server needs `--ssl-ca`, `--ssl-cert` and `--ssl-key`")
                .because("the first says who has signed the certificates of the clients"));
        }
    };
    let read = |path: &PathBuf| {
        std::fs::read(path).map_err(|error| Failure::usage(format!("cannot read {}: {}", path.display(), system::reason(&error))))
    };
    Tls::new(&read(ca)?, &read(cert)?, &read(key)?).map(Some).map_err(|error| Failure::usage(error.to_string()))
}
