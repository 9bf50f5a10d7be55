//! `dmctl profile`: what the configuration says of clusters. No cluster is asked.

use serde::Serialize;

use super::Runner;
use crate::commands::profile::Profile;
use crate::exit::Failure;
use crate::output::{Block, Cell, Document, Reply, Style, Table};
use crate::target;

/// A profile in a list.
#[derive(Debug, Serialize)]
struct Row {
    name: String,
    default: bool,
    master_addr: Vec<String>,
    tls: bool,
    read_only: bool,
    production: bool,
}

/// A profile on its own.
#[derive(Debug, Serialize)]
struct Value {
    name: String,
    default: bool,
    master_addr: Vec<String>,
    ssl_ca: Option<String>,
    ssl_cert: Option<String>,
    ssl_key: Option<String>,
    read_only: bool,
    production: bool,
    format: Option<String>,
    color: Option<String>,
    verbose: bool,
    wait_timeout: Option<String>,
}

impl Runner {
    /// Shows what the configuration says.
    pub(super) fn profile(&self, verb: &Profile) -> Result<Reply, Failure> {
        match verb {
            Profile::List => Ok(list(target::profiles(&self.environment)?)),
            Profile::Show(show) => target::profile(&show.profile_name, &self.environment).map(self::show),
        }
    }
}

fn list(profiles: Vec<target::Profile>) -> Reply {
    let mut table = Table::new(&["NAME", "MASTERS", "TLS", "PROPERTIES"], "no profiles");
    let mut rows = Vec::new();
    for profile in profiles {
        let properties = [(profile.default, "default"), (profile.read_only, "read-only"), (profile.production, "production")];
        let properties: Vec<&str> = properties.into_iter().filter(|(is, _)| *is).map(|(_, word)| word).collect();
        let style = if profile.production { Style::Bad } else { Style::Plain };
        table.row([
            profile.name.clone().into(),
            profile.masters.join(",").into(),
            if profile.ssl_ca.is_some() { "yes" } else { "no" }.into(),
            Cell::new(if properties.is_empty() { "-".to_owned() } else { properties.join(", ") }, style),
        ]);
        rows.push(Row {
            tls: profile.ssl_ca.is_some(),
            name: profile.name,
            default: profile.default,
            master_addr: profile.masters,
            read_only: profile.read_only,
            production: profile.production,
        });
    }
    Reply::list(&rows, &[], Document::from(Block::Table(table)))
}

fn show(profile: target::Profile) -> Reply {
    let path = |path: Option<std::path::PathBuf>| path.map(|path| path.display().to_string());
    let value = Value {
        name: profile.name,
        default: profile.default,
        master_addr: profile.masters,
        ssl_ca: path(profile.ssl_ca),
        ssl_cert: path(profile.ssl_cert),
        ssl_key: path(profile.ssl_key),
        read_only: profile.read_only,
        production: profile.production,
        format: profile.defaults.format.map(|word| word.word().to_owned()),
        color: profile.defaults.color.map(|word| word.word().to_owned()),
        verbose: profile.defaults.verbose,
        wait_timeout: profile.defaults.wait_timeout.map(|duration| duration.to_string()),
    };
    let yes = |is: bool| Cell::from(if is { "yes" } else { "no" });
    let fields = vec![
        ("name", value.name.clone().into()),
        ("default", yes(value.default)),
        ("master-addr", value.master_addr.join(",").into()),
        ("ssl-ca", Cell::maybe(value.ssl_ca.as_ref())),
        ("ssl-cert", Cell::maybe(value.ssl_cert.as_ref())),
        ("ssl-key", Cell::maybe(value.ssl_key.as_ref())),
        ("read-only", yes(value.read_only)),
        ("production", yes(value.production)),
        ("format", Cell::maybe(value.format.as_ref())),
        ("color", Cell::maybe(value.color.as_ref())),
        ("verbose", yes(value.verbose)),
        ("wait-timeout", Cell::maybe(value.wait_timeout.as_ref())),
    ];
    Reply::of(&value, Document::from(Block::Fields { title: None, fields }))
}
