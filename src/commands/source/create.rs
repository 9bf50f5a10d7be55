//! `dmctl source create`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::super::change::{Changed, Part};
use super::super::{Context, document, secrets};
use crate::api::{Error, Made};
use crate::exit::Failure;
use crate::model::SourceName;
use crate::model::file::{Configuration, Secret};
use crate::output::Reply;

/// What to create.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  dmctl source create mysql-01.yaml\n  dmctl source create mysql-01.yaml && dmctl source status mysql-01"
)]
pub struct Create {
    /// The source file
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,
}

impl Create {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Reply, Failure> {
        let mut document = document::read_source(&self.file)?;
        let name = super::name_of(&document);
        document.fill_tls()?;
        if document.file.has_masked_password() {
            let password = secrets::find(secrets::Of::Source, &document.path, context).await?;
            document = document.fill_password(Secret::new(password));
        }
        if let Some(reply) = context.rehearsal(&format!("create source `{name}`")) {
            return Ok(document.notes().into_iter().fold(reply, Reply::noting));
        }
        let made = context.client.create_source(&name, &document.to_send()).await.map_err(|error| cured(error, &name))?;
        let worker = context.client.worker_of(&name).await.ok().flatten();
        let message = match &worker {
            Some(worker) => format!("source `{name}` is created, and served by `{worker}`"),
            None => format!("source `{name}` is created; no worker is free to serve it"),
        };
        let seen = made == Made::Seen;
        let parts = match made {
            Made::Told(heard) if !heard.is_empty() => heard.into_iter().map(Part::heard).collect(),
            Made::Told(_) | Made::Seen => vec![Part::of(&name)],
        };
        let mut changed = Changed::new(message).with(parts).seen(seen);
        if worker.is_none() {
            changed = changed.noting(if context.client.is_inside().await {
                "start the server with more workers (`dmctl serve --workers N`), or delete a source that is not needed"
            } else {
                "start one more worker: it joins the cluster as free, and takes the source"
            });
        }
        Ok(document.notes().into_iter().fold(changed, Changed::noting).reply())
    }
}

/// What to do about a source that DM refuses.
fn cured(error: Error, name: &SourceName) -> Failure {
    let code = error.code();
    let failure = Failure::from(error);
    match code {
        Some(46007) => failure.hinted(format!("`dmctl source update {name} FILE` changes it")),
        Some(10001) => {
            failure.hinted("DM connects to the source from the leader: check host, port, user and password in the file from there")
        }
        Some(26007) => failure.hinted("set `enable-gtid: false` in the file, or GTID_MODE = ON in the source"),
        _ => failure,
    }
}
