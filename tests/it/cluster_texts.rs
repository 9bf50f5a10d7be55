//! Configurations as the scripted cluster shows them: with GetCfg's `******`, or with the secrets in them as the calls for export do.

use crate::cluster::{Source, Task};
use crate::cluster_wire::SECRET;

fn security(tls: bool, indent: &str) -> String {
    // The contents of the files come as lists of numbers.
    let bytes = |text: &str| text.bytes().map(|byte| format!("\n{indent}- {byte}")).collect::<String>();
    if tls {
        format!("\n{indent}ssl-key-bytes:{}\n{indent}ssl-ca-bytes:{}", bytes(SECRET), bytes("ca"))
    } else {
        " null".to_owned()
    }
}

pub fn source_yaml(source: &Source, password: &str) -> String {
    if let Some(text) = &source.text {
        return with_password(text, "from", password);
    }
    format!(
        "source-id: {}\nenable: {}\nflavor: {}\nenable-relay: {}\nfrom:\n  host: 127.0.0.1\n  port: {}\n  user: dm\n  \
         password: '{password}'\n  security:{}\n",
        source.name,
        source.enable,
        source.flavor,
        source.enable_relay,
        source.port,
        security(source.tls, "    "),
    )
}

/// A file as it came, with the password masked if it is to be.
fn with_password(text: &str, section: &str, password: &str) -> String {
    let mut file: serde_json::Value = serde_yaml::from_str(text).unwrap();
    if password != SECRET && file[section].is_object() {
        file[section]["password"] = password.into();
    }
    serde_yaml::to_string(&file).unwrap()
}

pub fn task_yaml(task: &Task, password: &str) -> String {
    let instances: Vec<String> = task.subtasks.iter().map(|(source, _)| format!("- source-id: {source}\n")).collect();
    format!(
        "name: {}\ntask-mode: {}\nmeta-schema: dm_meta\nonline-ddl: {}\ntarget-database:\n  host: 127.0.0.1\n  port: 4000\n  \
         user: tgt\n  password: '{password}'\n  security:{}\nmysql-instances:\n{}",
        task.name,
        task.mode,
        task.online_ddl,
        security(task.tls, "    "),
        instances.concat(),
    )
}

pub fn subtask_toml(task: &Task, source: &str) -> String {
    let security = if task.tls { format!("[to.security]\nssl-key-bytes = \"{SECRET}\"\n") } else { String::new() };
    format!(
        "name = \"{}\"\nmode = \"{}\"\nsource-id = \"{source}\"\nonline-ddl = {}\nmeta-schema = \"dm_meta\"\n\n[from]\nhost = \
         \"127.0.0.1\"\npassword = \"{SECRET}\"\n\n[to]\nhost = \"127.0.0.1\"\npassword = \"{SECRET}\"\n{security}",
        task.name, task.mode, task.online_ddl,
    )
}
