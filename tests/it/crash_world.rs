//! Two servers, each with a schema that goes to the other one, and a `dmctl serve` that copies them.

use mysql_async::prelude::Queryable as _;

use super::crash_look::{KEYED, PAIR, PAIR_ROWS, PLAIN, Session, USER, all_tables, count, kill_sessions, sessions, tables};
use super::harness::Sandbox;
use super::oracle;
use super::servers::{Family, Server, block};
use super::serving::{How, Serving};

/// What is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// `dmctl serve`, in the middle of a transaction.
    Serve,
    /// `dmctl serve`, when it has asked for a commit and has no answer yet.
    Commit,
    /// The server that is copied from.
    Source,
    /// The server that is copied to.
    Target,
    /// All sessions at the source.
    SourceSessions,
    /// All sessions at the target.
    TargetSessions,
}

/// When the source changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moves {
    No,
    /// Between the kill and the next start.
    WhileDown,
    /// From the start to the end of the copy.
    Always,
}

/// What was hit.
#[derive(Debug, Default)]
pub struct Hits {
    /// An open transaction with rows in it.
    pub open: u64,
    /// A commit that was asked for and not answered.
    pub commits: u64,
    /// Of those, the ones that were made all the same.
    pub unheard: u64,
    /// Rows of earlier transactions were there, and had to stay.
    pub kept: u64,
}

/// The most rows that can be in open transactions: 4 lanes with a chunk each.
const UNDER_WAY: u64 = 4 * 141;

/// One direction.
#[derive(Clone, Copy)]
struct Way {
    from: Family,
    to: Family,
    schema: &'static str,
    /// The number of the last change of the pair.
    changes: u64,
}

pub struct World {
    mariadb: Server,
    mysql: Server,
    ways: [Way; 2],
    serving: Serving,
    pub hits: Hits,
}

/// A number that looks like chance, and is the same for the same round.
fn dice(round: u64, roll: u64) -> u64 {
    let mut mixed = round.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(roll.wrapping_mul(0xbf58_476d_1ce4_e5b9));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

impl World {
    pub fn new() -> Self {
        let options = ["--innodb-flush-log-at-trx-commit=1", "--sync-binlog=1"];
        let start = |family| move || Server::start(family, &options);
        let (mariadb, mysql) = std::thread::scope(|scope| {
            let mysql = scope.spawn(start(Family::MySql));
            (start(Family::MariaDb)(), mysql.join().unwrap())
        });
        let serving = Serving::none(&Sandbox::new());
        let ways = [(Family::MariaDb, Family::MySql, "ahead"), (Family::MySql, Family::MariaDb, "back")]
            .map(|(from, to, schema)| Way { from, to, schema, changes: 0 });
        let mut world = Self { mariadb, mysql, ways, serving, hits: Hits::default() };
        block(world.fill());
        world.serving.up(How::default());
        for (from, to, schema) in [(&world.mariadb, &world.mysql, "ahead"), (&world.mysql, &world.mariadb, "back")] {
            let access = |server: &Server| format!("{{host: 127.0.0.1, port: {}, user: {USER}, password: x}}", server.port);
            let source = format!("source-id: {schema}\nfrom: {}\n", access(from));
            world.serving.sandbox().file("source.yaml", source);
            world.serving.does("source create source.yaml");
            let task = format!(
                "name: {schema}\ntask-mode: full\nmeta-schema: meta\ntarget-database: {}\n\
                 mysql-instances: [{{source-id: {schema}, block-allow-list: own}}]\nblock-allow-list: {{own: {{do-dbs: [{schema}]}}}}\n",
                access(to)
            );
            world.serving.sandbox().file("task.yaml", task);
            world.serving.does("task create task.yaml");
        }
        world
    }

    async fn fill(&self) {
        for way in &self.ways {
            let server = self.server(way.from);
            server
                .execute(&[
                    &format!("CREATE USER {USER}@'%' IDENTIFIED BY 'x'"),
                    &format!("GRANT ALL ON *.* TO {USER}@'%'"),
                    &format!("CREATE DATABASE {}", way.schema),
                ])
                .await;
            let mut conn = server.connect().await;
            conn.query_drop(format!("USE {}", way.schema)).await.unwrap();
            for statement in tables() {
                conn.query_drop(statement).await.unwrap();
            }
        }
    }

    const fn server(&self, family: Family) -> &Server {
        match family {
            Family::MariaDb => &self.mariadb,
            Family::MySql => &self.mysql,
        }
    }

    const fn server_mut(&mut self, family: Family) -> &mut Server {
        match family {
            Family::MariaDb => &mut self.mariadb,
            Family::MySql => &mut self.mysql,
        }
    }

    /// Copies all of one direction anew, with one fault, and sees that it comes through.
    pub fn round(&mut self, round: u64, fault: Fault, moves: Moves, is_ahead: bool) {
        let way = usize::from(!is_ahead);
        let Way { from, to, schema, changes: began_at } = self.ways[way];
        let about = format!("round {round}: {fault:?}, source moves: {moves:?}, {from:?} -> {to:?}");
        let whole = block(self.rows(from, schema));
        let mut tries = 0;
        let kept = loop {
            assert!(tries < 20, "{about}: never hit");
            block(self.server(to).execute(&[&format!("DROP DATABASE IF EXISTS {schema}")]));
            self.serving.does(&format!("task start {schema} --remove-meta --yes --no-wait"));
            // The later the kill was to come, the earlier the next try.
            let rows = dice(round, tries) % (whole * 3 / 4 / (tries + 1));
            let hit =
                if fault == Fault::Commit { self.hit_commit(way, whole) } else { self.hit_open(way, rows, whole, fault, moves) };
            if let Some(kept) = hit {
                break kept;
            }
            self.until_finished(way, Moves::No, &about);
            tries += 1;
        };
        if moves == Moves::WhileDown {
            block(self.change_all(way, round));
        }
        // A target that was killed counts anew.
        if fault == Fault::Target {
            self.server_mut(to).up();
        }
        let before = block(self.written(to));
        if fault == Fault::Source {
            self.server_mut(from).up();
        }
        if matches!(fault, Fault::Serve | Fault::Commit) {
            self.serving.up(How::default());
        }
        self.until_finished(way, moves, &about);
        block(self.compare(way, moves, began_at, &about));
        if moves != Moves::Always {
            // A source that moved while it was copied is ahead of the copy.
            self.serving.does(&format!("task verify {schema}"));
        }
        if moves == Moves::No {
            self.hits.kept += u64::from(kept > 0);
            // What was under way is written twice, and so is what is in the books.
            let again = block(self.written(to)) - before;
            let most = whole - kept + if matches!(fault, Fault::Serve | Fault::Commit) { 40 } else { 40 + UNDER_WAY };
            assert!(
                again <= most,
                "{about}: {kept} of {whole} rows were there, and {again} were written after\n{}",
                self.serving.log()
            );
        }
    }

    async fn rows(&self, family: Family, schema: &str) -> u64 {
        count(&mut self.server(family).connect().await, schema, "COMMITTED", &all_tables()).await
    }

    /// How many rows a server has written since it was started.
    async fn written(&self, family: Family) -> u64 {
        let name = if family == Family::MariaDb { "Handler_write" } else { "Innodb_rows_inserted" };
        let mut conn = self.server(family).connect().await;
        let row: Option<(String, u64)> = conn.query_first(format!("SHOW GLOBAL STATUS LIKE '{name}'")).await.unwrap();
        row.unwrap().1
    }

    /// Waits until a transaction of the copy is open and so many rows are there, and does the harm. How many rows must stay; none if the
    /// copy came through first.
    fn hit_open(&mut self, way: usize, rows: u64, whole: u64, fault: Fault, moves: Moves) -> Option<u64> {
        loop {
            if moves == Moves::Always {
                block(self.change_pair(way));
            }
            let Way { to, schema, .. } = self.ways[way];
            let target = self.server(to);
            let looked = block(async {
                let mut conn = target.connect().await;
                while count(&mut conn, schema, "UNCOMMITTED", &all_tables()).await < rows {}
                self.serving.freeze();
                // The servers finish what they were asked before; what is loaded waits for more of it.
                while sessions(&mut conn).await.iter().any(Session::is_busy) {}
                let seen = count(&mut conn, schema, "UNCOMMITTED", &all_tables()).await;
                let committed = count(&mut conn, schema, "COMMITTED", &all_tables()).await;
                let kept = count(&mut conn, schema, "COMMITTED", &KEYED).await;
                if seen > committed { Some(Some(kept)) } else { (committed == whole).then_some(None) }
            });
            match looked {
                Some(Some(kept)) => {
                    self.hits.open += 1;
                    self.harm(way, fault);
                    return Some(kept);
                }
                Some(None) => {
                    self.serving.thaw();
                    return None;
                }
                None => self.serving.thaw(),
            }
        }
    }

    /// While the server is frozen.
    fn harm(&mut self, way: usize, fault: Fault) {
        let (from, to) = (self.ways[way].from, self.ways[way].to);
        match fault {
            Fault::Serve | Fault::Commit => {
                self.serving.kill();
                // What the target was still loading is no work of the next one.
                return block(async {
                    let mut conn = self.server(to).connect().await;
                    while !sessions(&mut conn).await.is_empty() {}
                });
            }
            Fault::Source => self.server_mut(from).kill(),
            Fault::Target => self.server_mut(to).kill(),
            Fault::SourceSessions => block(kill_sessions(self.server(from))),
            Fault::TargetSessions => block(kill_sessions(self.server(to))),
        }
        self.serving.thaw();
    }

    /// Holds up all commits at the target until the copy waits for one, kills the server then, and lets the commit go on.
    fn hit_commit(&mut self, way: usize, whole: u64) -> Option<u64> {
        let Way { to, schema, .. } = self.ways[way];
        let target = if to == Family::MariaDb { &self.mariadb } else { &self.mysql };
        let (is_made, kept) = block(async {
            let (mut lock, mut conn) = (target.connect().await, target.connect().await);
            let before = loop {
                lock.query_drop("FLUSH TABLES WITH READ LOCK").await.unwrap();
                let before = count(&mut conn, schema, "COMMITTED", &all_tables()).await;
                if before == whole {
                    return None;
                }
                // Somebody comes to the lock.
                let waiting = loop {
                    let mut waiting = sessions(&mut conn).await;
                    waiting.retain(|session| session.command == "Query" && session.state.starts_with("Waiting for"));
                    if !waiting.is_empty() {
                        break waiting;
                    }
                };
                if before > 0 && waiting.iter().any(|session| session.info == "COMMIT") {
                    break before;
                }
                lock.query_drop("UNLOCK TABLES").await.unwrap();
            };
            self.serving.kill();
            lock.query_drop("UNLOCK TABLES").await.unwrap();
            while !sessions(&mut conn).await.is_empty() {}
            let after = count(&mut conn, schema, "COMMITTED", &all_tables()).await;
            Some((after > before, count(&mut conn, schema, "COMMITTED", &KEYED).await))
        })?;
        self.hits.commits += 1;
        self.hits.unheard += u64::from(is_made);
        Some(kept)
    }

    /// Waits until the task is through by itself.
    fn until_finished(&mut self, way: usize, moves: Moves, about: &str) {
        let line = format!("task status {} --wait finished --wait-timeout 5m", self.ways[way].schema);
        let sandbox = self.serving.sandbox().clone();
        let waiting = std::thread::spawn(move || sandbox.run(&line));
        // So many that they go on for longer than the copy, unless the machine is busy with other things.
        for _ in 0..if moves == Moves::Always { 1000 } else { 0 } {
            if waiting.is_finished() {
                break;
            }
            block(self.change_pair(way));
        }
        let status = waiting.join().unwrap();
        assert_eq!(status.code, 0, "{about}:\n{}{}\n{}", status.stdout, status.stderr, self.serving.log());
    }

    /// The next change of the pair, in one transaction.
    async fn change_pair(&mut self, way: usize) {
        let (family, schema) = (self.ways[way].from, self.ways[way].schema);
        let change = self.ways[way].changes + 1;
        let mut conn = self.server(family).connect().await;
        conn.query_drop("START TRANSACTION").await.unwrap();
        for table in PAIR {
            let statement = format!("UPDATE {schema}.{table} SET v = {change} WHERE id = {}", change % PAIR_ROWS);
            conn.query_drop(statement).await.unwrap();
        }
        conn.query_drop("COMMIT").await.unwrap();
        self.ways[way].changes = change;
    }

    async fn change_all(&mut self, way: usize, round: u64) {
        let schema = self.ways[way].schema;
        self.server(self.ways[way].from)
            .execute(&[
                &format!("UPDATE {schema}.keyed SET id = id + 1000, v = {round} WHERE id < 1000 ORDER BY id LIMIT 10"),
                &format!("DELETE FROM {schema}.parted WHERE b = {round}"),
                &format!("UPDATE {schema}.keyless SET v = v + 100 WHERE v = {}", round % 50),
            ])
            .await;
        self.change_pair(way).await;
    }

    async fn compare(&self, way: usize, moves: Moves, began_at: u64, about: &str) {
        let Way { from, to, schema, .. } = self.ways[way];
        for table in PLAIN {
            oracle::assert_same_table(self.server(from), (schema, table), self.server(to), (schema, table)).await;
        }
        let mut conn = self.server(to).connect().await;
        let mut seen = Vec::new();
        for table in PAIR {
            let rows: Vec<(u64, u64)> = conn.query(format!("SELECT id, v FROM {schema}.{table} ORDER BY id")).await.unwrap();
            seen.push(rows);
        }
        let moment = seen.iter().flatten().map(|(_, change)| *change).max().unwrap();
        let last = |id: u64| (0..=moment).rev().take(PAIR_ROWS.try_into().unwrap()).find(|change| change % PAIR_ROWS == id);
        let expected: Vec<(u64, u64)> = (0..PAIR_ROWS).map(|id| (id, last(id).unwrap_or(0))).collect();
        assert!(seen.iter().all(|rows| *rows == expected), "{about}: a mixture of moments: {seen:?}");
        let least = if moves == Moves::Always { began_at } else { self.ways[way].changes };
        assert!(moment >= least, "{about}: of moment {moment}, which was over when the copy began ({least})");
    }
}
