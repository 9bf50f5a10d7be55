//! What is offered for a value: names that are known, in the order that suits the moment.

use super::files::{Content, Entry, Typed};
use super::list::{List, Row, of_grammar};
use super::moment::{Moment, Suits};
use super::names::{Names, Reach};
use super::rank::{Counts, Hit, REFUSED, rank};
use super::rows;
use super::table::{Named, Table, Text};
use super::{Choice, Kind, Place, Wanted};
use crate::model::file::Described;
use crate::output::human;

/// What a wait can wait for.
const STATES: [(&str, &str); 4] = [
    ("running", "Every subtask is at work"),
    ("stopped", "No subtask is at work"),
    ("finished", "Every copy is through"),
    ("lag<5s", "Every subtask is less than so far behind"),
];

/// A value that is wanted.
struct Value<'a> {
    id: &'a str,
    argument: &'a str,
    already: &'a [String],
    list: bool,
    typed: &'a str,
    moment: Moment<'a>,
    most: usize,
}

/// What is offered for a value at `place`, so many rows at most.
pub(super) fn offered(place: &Place, wanted: &Wanted, names: &Names, most: usize) -> List {
    let Wanted::Value { id, argument, kind, choices, already, list, .. } = wanted else { return List::default() };
    if !choices.is_empty() {
        let left: Vec<Choice> = choices.iter().filter(|choice| !already.contains(&choice.word)).cloned().collect();
        return of_grammar(&left, &place.typed);
    }
    let value = Value { id, argument, already, list: *list, typed: &place.typed, moment: Moment::new(place, names), most };
    let mut list = match kind {
        Kind::Task => value.tasks(),
        Kind::Source => value.sources(),
        Kind::Worker => value.table(&names.workers, |worker| value.moment.worker(worker), |worker| rows::worker(worker, names)),
        Kind::Master => value.table(&names.masters, |master| value.moment.master(master), |master| rows::master(master, names)),
        Kind::Member => value.members(),
        Kind::Lock => value.table(&names.locks, |_| value.moment.any(), |lock| rows::lock(lock, names)),
        Kind::File => return value.files(),
        Kind::Address => value.addresses(),
        Kind::Profile => value.profiles(),
        Kind::Binlog => value.binlogs(),
        Kind::Duration => hint("a number with its unit, such as `30s`, `5m` or `1h30m`"),
        Kind::Time => hint("a date and a time, such as `2026-01-31 08:00:00`"),
        Kind::Number => hint("a whole number"),
        Kind::Choice | Kind::Text => value.text(),
    };
    let of_cluster =
        matches!(kind, Kind::Task | Kind::Source | Kind::Worker | Kind::Master | Kind::Member | Kind::Lock | Kind::Binlog);
    if of_cluster {
        list.note = note(names).or(list.note);
    }
    list
}

/// Why nothing, or nothing new, is known of the cluster.
fn note(names: &Names) -> Option<String> {
    match (&names.reach, names.stale_for()) {
        (Reach::Lost { since, .. }, Some(age)) => Some(format!(
            "the cluster has not answered for {}: names are {} old",
            human::duration(since.elapsed()),
            human::duration(age)
        )),
        (Reach::Lost { why, .. }, None) => Some(format!("the cluster does not answer: {}", crate::output::clean::line(why))),
        (Reach::InPart { missing, age }, _) => Some(match age {
            Some(age) => format!("the cluster answers in part: names of {missing} are {} old", human::duration(*age)),
            None => format!("the cluster answers in part: names of {missing} are missing"),
        }),
        (Reach::Nowhere(why), _) => Some(crate::output::clean::line(why).into_owned()),
        (Reach::Unasked | Reach::Asked, _) if names.heard.is_none() => Some("the cluster is being asked".to_owned()),
        _ => None,
    }
}

fn hint(text: &str) -> List {
    List { note: Some(text.to_owned()), ..List::default() }
}

impl Value<'_> {
    /// Rows for things of a table. `suits` and `about` are asked for what is shown, and for all of a table that is not larger than what
    /// can be looked through.
    fn table<T: Named>(&self, table: &Table<T>, suits: impl Fn(&T) -> Suits, about: impl Fn(&T) -> String) -> List {
        let class = |index: usize| table.items().get(index).map(|item| suits(item).class);
        self.ranked(table, class, None, suits_of(&suits), about)
    }

    fn ranked<T: Named>(
        &self,
        table: &Table<T>,
        class: impl Fn(usize) -> Option<u8>,
        counts: Option<Counts>,
        refused: impl Fn(&T) -> Option<String>,
        about: impl Fn(&T) -> String,
    ) -> List {
        let already: Vec<usize> = self.already.iter().filter_map(|name| table.place(name)).collect();
        let name = |index: usize| table.items().get(index).map_or("", Named::name);
        let class = |index: usize| if already.contains(&index) { None } else { class(index) };
        let ranked = rank(table.text(), name, class, counts.filter(|_| already.is_empty()), self.typed, self.most);
        let rows = ranked.hits.into_iter().filter_map(|Hit { index, matched }| {
            let item = table.items().get(index)?;
            let row = Row::named(item.name(), about(item), refused(item), self.list);
            // The place of a letter is not that in the cleaned name.
            let matched = if row.value == item.name() { matched } else { Vec::new() };
            Some(Row { matched, ..row })
        });
        List { rows: rows.collect(), fitting: ranked.fitting, total: ranked.total, ..List::default() }.settled(self.most)
    }

    /// Rows for things that are few, in their order.
    fn few(&self, things: &[(String, String)]) -> List {
        let left: Vec<&(String, String)> = things.iter().filter(|(name, _)| !self.already.contains(name)).collect();
        let name = |index: usize| left.get(index).map_or("", |(name, _)| name.as_str());
        let text = Text::new(left.iter().map(|(name, _)| name.as_str()));
        let ranked = rank(&text, name, |_| Some(0), None, self.typed, self.most);
        let rows = ranked.hits.into_iter().filter_map(|Hit { index, matched }| {
            let (name, about) = left.get(index)?;
            let row = Row::named(name, crate::output::clean::line(about).into_owned(), None, self.list);
            let matched = if row.value == *name { matched } else { Vec::new() };
            Some(Row { matched, ..row })
        });
        List { rows: rows.collect(), fitting: ranked.fitting, total: ranked.total, ..List::default() }.settled(self.most)
    }

    fn tasks(&self) -> List {
        let (names, moment) = (self.moment.names, self.moment);
        let marks = names.tasks.marks();
        let read: Vec<&str> = moment.given.values("source").iter().map(String::as_str).collect();
        // There are few marks and many tasks.
        let classes: Vec<u8> = (0..=u8::MAX).map(|mark| moment.task(mark).class).collect();
        let class = |index: usize| {
            let is_read = || names.tasks.items().get(index).is_some_and(|task| read.iter().all(|source| task.reads(source)));
            let mark = marks.get(index).filter(|_| read.is_empty() || is_read())?;
            classes.get(usize::from(*mark)).copied()
        };
        let counts = read.is_empty().then(|| {
            let mut counts = Counts::default();
            for (mark, count) in names.tasks.counts() {
                counts[usize::from(classes[usize::from(mark)].min(REFUSED))] += count;
            }
            counts
        });
        self.ranked(&names.tasks, class, counts, |task| moment.task(task.mark()).refused, |task| rows::task(task, names))
    }

    fn sources(&self) -> List {
        let (names, moment) = (self.moment.names, self.moment);
        if moment.is("ddl-lock", "unlock")
            // Of one that is only remembered it is not known who takes part.
            && let Some(lock) = moment.lock().filter(|lock| !(lock.synced.is_empty() && lock.unsynced.is_empty()))
        {
            let waits = |name: &str| lock.unsynced.iter().any(|place| place.starts_with(name));
            let takes_part =
                |name: &str| waits(name) || lock.owner == name || lock.synced.iter().any(|place| place.starts_with(name));
            let class = |index: usize| {
                let source = names.sources.items().get(index).filter(|source| takes_part(&source.name))?;
                Some(u8::from(!waits(&source.name)))
            };
            return self.ranked(&names.sources, class, None, |_| None, |source| rows::source(source, names));
        }
        // `task start NAME --source`: the sources that the task reads.
        let is_of_task = moment.resource() == "task" && self.id == "source";
        let task = moment.first(&["name"]).filter(|_| is_of_task).and_then(|name| names.tasks.get(name));
        let Some(task) = task else {
            return self.table(&names.sources, |source| moment.source(source), |source| rows::source(source, names));
        };
        let stage = |name: &str| task.parts.iter().find(|(source, _)| **source == *name).and_then(|(_, stage)| *stage);
        let parts: Table<Part> = Table::new(task.parts.iter().map(|(source, _)| Part(source.to_string())));
        self.table(&parts, |part| moment.part(stage(&part.0)), |part| rows::part(stage(&part.0), names.sources.get(&part.0), names))
    }

    fn members(&self) -> List {
        let (names, moment) = (self.moment.names, self.moment);
        let mut list = self.table(&names.workers, |worker| moment.worker(worker), |worker| rows::worker(worker, names));
        let masters = self.table(&names.masters, |master| moment.master(master), |master| rows::master(master, names));
        list.fitting += masters.fitting;
        list.total += masters.total;
        list.rows.extend(masters.rows);
        list.settled(self.most)
    }

    fn addresses(&self) -> List {
        let list = self.few(&self.known_addresses());
        if list.rows.is_empty() { hint("host:port of a master, such as `10.0.0.21:8261`") } else { list }
    }

    /// Clusters, each by its profile or by an address.
    fn clusters(&self) -> List {
        let profiles = self.moment.names.profiles.iter().map(|profile| (profile.name.clone(), rows::profile(profile)));
        let found: Vec<_> = profiles.chain(self.known_addresses()).collect();
        let list = self.few(&found);
        if list.rows.is_empty() { hint("host:port of a master, such as `10.0.0.21:8261`, or a profile") } else { list }
    }

    fn known_addresses(&self) -> Vec<(String, String)> {
        let names = self.moment.names;
        let mut found: Vec<(String, String)> = Vec::new();
        let mut put = |address: &str, about: String| {
            if !address.is_empty() && !found.iter().any(|(known, _)| known == address) {
                found.push((address.to_owned(), about));
            }
        };
        for master in names.masters.items() {
            master.client_urls.iter().for_each(|url| put(rows::bare(url), format!("{}, a master of this cluster", master.name)));
        }
        for profile in names.profiles.iter() {
            profile.masters.iter().for_each(|master| put(rows::bare(master), format!("profile {}", profile.name)));
        }
        names.servers.iter().for_each(|server| put(server, "a server of this machine".to_owned()));
        found
    }

    fn profiles(&self) -> List {
        let profiles = self.moment.names.profiles.iter().map(|profile| (profile.name.clone(), rows::profile(profile)));
        let list = self.few(&profiles.collect::<Vec<_>>());
        if list.total == 0 { hint("the name of a cluster in config.toml, which names none") } else { list }
    }

    fn binlogs(&self) -> List {
        let source = self.moment.first(&["name"]).and_then(|name| self.moment.names.sources.get(name));
        let binlogs = source.iter().flat_map(|source| &source.binlogs);
        let list = self.few(&binlogs.map(|binlog| (binlog.name.clone(), binlog.about.clone())).collect::<Vec<_>>());
        match list.rows.is_empty() {
            true => hint("a binlog file, such as `mysql-bin.000042`: older ones are removed"),
            // No call of DM lists the files of a relay log.
            false => List { note: Some("files in sight: another one can be typed".to_owned()), ..list },
        }
    }

    fn text(&self) -> List {
        let names = self.moment.names;
        match self.argument {
            "ADDRESS|PROFILE" => self.clusters(),
            "STATE" => self.few(&STATES.map(|(state, about)| (state.to_owned(), about.to_owned()))),
            "FOLDER" => {
                let source = self.moment.first(&["name"]).and_then(|name| names.sources.get(name));
                let folders = source.iter().flat_map(|source| &source.relay_folders);
                let list =
                    self.few(&folders.map(|folder| (folder.clone(), "its relay log is there".to_owned())).collect::<Vec<_>>());
                if list.rows.is_empty() { hint("a folder below the worker's relay folder") } else { list }
            }
            "DATABASE" | "TABLE" => {
                let tables = self.lock_tables();
                let pick = |(database, table): (String, String)| if self.argument == "TABLE" { table } else { database };
                let mut found: Vec<String> = tables.into_iter().map(pick).collect();
                found.sort();
                found.dedup();
                self.few(&found.into_iter().map(|name| (name, "in this lock".to_owned())).collect::<Vec<_>>())
            }
            _ => List::default(),
        }
    }

    /// The tables that the lock of the line is about, those of the given source and database if they are given.
    fn lock_tables(&self) -> Vec<(String, String)> {
        let Some(lock) = self.moment.lock() else { return Vec::new() };
        let (source, database) = (self.moment.first(&["source"]), self.moment.first(&["database"]));
        let places = lock.unsynced.iter().chain(&lock.synced);
        let places = places.filter(|place| source.is_none_or(|source| place.starts_with(source) || place.starts_with('`')));
        let quoted = places.filter_map(|place| {
            let (_, rest) = place.split_once('`')?;
            let (database, table) = rest.split_once("`.`")?;
            Some((database.replace("``", "`"), table.strip_suffix('`').unwrap_or(table).replace("``", "`")))
        });
        quoted.filter(|(name, _)| self.argument == "DATABASE" || database.is_none_or(|database| database == name)).collect()
    }

    fn files(&self) -> List {
        let names = self.moment.names;
        let typed = Typed::new(self.typed);
        let Some(folder) = names.folder(&typed.folder) else { return hint("the folder is being looked into") };
        if let Some(error) = &folder.error {
            return hint(&format!("{} can't be listed: {error}", typed.folder.display()));
        }
        let entries = folder.entries.iter().filter(|entry| !entry.name.starts_with('.') || typed.rest.starts_with('.'));
        let suited: Vec<(&Entry, Suits)> = entries.filter_map(|entry| Some((entry, self.file(entry)?))).collect();
        let name = |index: usize| suited.get(index).map_or("", |(entry, _)| entry.name.as_str());
        let class = |index: usize| suited.get(index).map(|(_, suits)| suits.class);
        let text = Text::new(suited.iter().map(|(entry, _)| entry.name.as_str()));
        let ranked = rank(&text, name, class, None, typed.rest, self.most);
        let before = length(&typed.written);
        let rows = ranked.hits.into_iter().filter_map(|Hit { index, matched }| {
            let (entry, suits) = suited.get(index)?;
            let is_folder = entry.content == Content::Folder;
            let path = format!("{}{}{}", typed.written, entry.name, if is_folder { "/" } else { "" });
            let row = Row::named(&path, rows::file(entry, names), suits.refused.clone(), self.list);
            let matched =
                if row.value == path { matched.into_iter().map(|grapheme| before + grapheme).collect() } else { Vec::new() };
            Some(Row { matched, goes_on: is_folder, ..row })
        });
        let list = List { rows: rows.collect(), fitting: ranked.fitting, total: ranked.total, ..List::default() };
        let list = list.settled(self.most);
        if list.total == 0 && self.id == "output" { hint("the path of a new file") } else { list }
    }

    /// Whether a file is meant here, and how well it suits; `None` is not offered.
    fn file(&self, entry: &Entry) -> Option<Suits> {
        let (moment, names) = (self.moment, self.moment.names);
        let suits = |class: u8| Some(Suits { class, refused: None });
        let refused = |why: &str| Some(Suits { class: REFUSED, refused: Some(why.to_owned()) });
        if entry.content == Content::Folder {
            return suits(3);
        }
        if self.id.starts_with("ssl_") {
            let is_pem = [".pem", ".crt", ".cer", ".key"].iter().any(|end| entry.name.to_lowercase().ends_with(end));
            return if is_pem { suits(0) } else { None };
        }
        let Content::Yaml(described) = &entry.content else { return None };
        // A file that is there would be replaced: a folder is what is chosen here.
        if self.id == "output" || self.argument == "FOLDER" {
            return None;
        }
        let (own, is_known, other) = match (described, moment.resource()) {
            (Ok(Described::Task(name)), "task") => (name, names.tasks.get(name).is_some(), ""),
            (Ok(Described::Source(name)), "source") => (name, names.sources.get(name).is_some(), ""),
            (Ok(Described::Task(name)), _) => (name, false, "describes a task"),
            (Ok(Described::Source(name)), _) => (name, false, "describes a source"),
            (Err(why), _) => return refused(why),
        };
        match (moment.verb(), moment.first(&["name"])) {
            _ if !other.is_empty() => refused(other),
            ("update", Some(name)) if name == own => suits(0),
            ("update", Some(name)) => refused(&format!("is not of `{name}`")),
            ("update", None) => suits(u8::from(!is_known)),
            _ => suits(u8::from(is_known)),
        }
    }
}

/// How many graphemes a text has, as marks are counted.
fn length(text: &str) -> usize {
    nucleo_matcher::chars::graphemes(text).count()
}

fn suits_of<T>(suits: &impl Fn(&T) -> Suits) -> impl Fn(&T) -> Option<String> {
    move |item| suits(item).refused
}

#[derive(Clone, Debug)]
struct Part(String);

impl Named for Part {
    fn name(&self) -> &str {
        &self.0
    }
}
