//! Configurations as the scripted cluster shows them: with GetCfg's `******`, or with the secrets in them as the calls for export do.

use serde_json::{Value, json};

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
    let mut file: Value = serde_yaml::from_str(text).unwrap();
    if password != SECRET && file[section].is_object() {
        file[section]["password"] = password.into();
    }
    serde_yaml::to_string(&file).unwrap()
}

/// Where the target of a task is, and who dmctl is there.
fn target(task: &Task) -> [String; 4] {
    let body = task.body.as_ref().map(|body| &body["target_config"]);
    let given = |key: &str, default: &str| match body.map(|body| &body[key]) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => default.to_owned(),
    };
    [given("host", "127.0.0.1"), given("port", "4000"), given("user", "tgt"), given("password", SECRET)]
}

/// An instance, with where its binlog begins.
fn instance(task: &Task, source: &str) -> String {
    let conf = task.body.iter().flat_map(|body| body["source_config"]["source_conf"].as_array().into_iter().flatten());
    let meta = conf.filter(|conf| conf["source_name"] == *source && !conf["binlog_name"].is_null()).map(|conf| {
        let (name, position, gtid) = (&conf["binlog_name"], conf["binlog_pos"].as_u64().unwrap_or(4), &conf["binlog_gtid"]);
        let gtid = gtid.as_str().unwrap_or_default();
        format!("  meta:\n    binlog-name: {name}\n    binlog-pos: {position}\n    binlog-gtid: \"{gtid}\"\n")
    });
    let rules = if rules_of(task, source).next().is_some() {
        let routes = routes_of(task, source).into_iter().map(|(name, _)| name).collect::<Vec<_>>().join(", ");
        format!("  block-allow-list: list-{source}\n  route-rules: [{routes}]\n")
    } else {
        String::new()
    };
    format!("- source-id: {source}\n{rules}{}", meta.collect::<String>())
}

/// The migrate rules that a task was made with for a source.
fn rules_of<'a>(task: &'a Task, source: &'a str) -> impl Iterator<Item = &'a Value> {
    let rules = task.body.iter().flat_map(|body| body["table_migrate_rule"].as_array().into_iter().flatten());
    rules.filter(move |rule| rule["source"]["source_name"] == *source)
}

/// The routes that DM derives from them.
fn routes_of(task: &Task, source: &str) -> Vec<(String, Value)> {
    let with_target = rules_of(task, source).filter(|rule| rule["target"].is_object()).enumerate();
    let route = |(number, rule): (usize, &Value)| {
        let (from, to) = (&rule["source"], &rule["target"]);
        let route = json!({
            "schema-pattern": from["schema"], "table-pattern": from["table"], "target-schema": to["schema"], "target-table": to["table"],
        });
        (format!("route-{source}-{number}"), route)
    };
    with_target.map(route).collect()
}

/// The allow lists and routes of a task that was made over REST, as sections of its file.
fn sections(task: &Task) -> String {
    let (mut lists, mut routes) = (serde_json::Map::new(), serde_json::Map::new());
    for (source, _) in task.subtasks.iter().filter(|(source, _)| rules_of(task, source).next().is_some()) {
        let (tables, databases): (Vec<&Value>, Vec<&Value>) = rules_of(task, source)
            .map(|rule| &rule["source"])
            .partition(|from| from["table"].as_str().is_some_and(|table| !table.is_empty()));
        let tables: Vec<Value> =
            tables.iter().map(|from| json!({ "db-name": from["schema"], "tbl-name": from["table"] })).collect();
        let databases: Vec<&Value> = databases.iter().map(|from| &from["schema"]).collect();
        lists.insert(format!("list-{source}"), json!({ "do-dbs": databases, "do-tables": tables }));
        routes.extend(routes_of(task, source));
    }
    // JSON is YAML, too.
    format!("block-allow-list: {}\nroutes: {}\n", Value::Object(lists), Value::Object(routes))
}

pub fn task_yaml(task: &Task, password: &str) -> String {
    let instances: Vec<String> = task.subtasks.iter().map(|(source, _)| instance(task, source)).collect();
    let [host, port, user, own] = target(task);
    let password = if password == SECRET { &own } else { password };
    format!(
        "name: {}\ntask-mode: {}\nmeta-schema: dm_meta\nonline-ddl: {}\ntarget-database:\n  host: {host}\n  port: {port}\n  \
         user: {user}\n  password: '{password}'\n  security:{}\nmysql-instances:\n{}{}",
        task.name,
        task.mode,
        task.online_ddl,
        security(task.tls, "    "),
        instances.concat(),
        if task.body.is_some() { sections(task) } else { String::new() },
    )
}

pub fn subtask_toml(task: &Task, source: &str) -> String {
    let [host, _, _, password] = target(task);
    let security = if task.tls { format!("[to.security]\nssl-key-bytes = \"{SECRET}\"\n") } else { String::new() };
    // What is made over the REST API has the default ones.
    let rules = "shadow-table-rules = ['^_(.+)_(?:new|gho)$']\ntrash-table-rules = ['^_(.+)_(?:ghc|del|old)$']\n";
    let rules = if task.body.is_some() { rules } else { "" };
    format!(
        "name = \"{}\"\nmode = \"{}\"\nsource-id = \"{source}\"\nonline-ddl = {}\nmeta-schema = \"dm_meta\"\n{rules}\n[from]\nhost = \
         \"127.0.0.1\"\npassword = \"{SECRET}\"\n\n[to]\nhost = \"{host}\"\npassword = \"{password}\"\n{security}",
        task.name, task.mode, task.online_ddl,
    )
}
