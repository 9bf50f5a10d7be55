//! What the parts of the editor share: the grammar, the names that are known, and what the keys have said to one another.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use clap::Command;

use super::aim::Aim;
use super::alarm::Alarms;
use super::live::{Finder, Live};
use crate::complete::{self, Edit, Kind, List, Names, Piece, Place, Row, Sort, Wanted};
use crate::model::file::nearest;
use crate::output::clean;
use crate::words::{self, Ending};

/// The desk at which the parts of the editor sit together.
pub struct Desk {
    grammar: LazyLock<Command, Box<dyn FnOnce() -> Command + Send>>,
    live: Option<Live>,
    alarms: Mutex<Alarms>,
    aim: Mutex<Option<Aim>>,
    /// The command that would come next.
    next: Mutex<Option<String>>,
    /// Enter was pressed on a line that lacks something, and the list is about to open for it.
    entered: AtomicBool,
    /// `?` was pressed, and the help is about to open for it.
    asked: AtomicBool,
}

/// What is offered at a place of a line.
pub(super) struct Offer {
    pub(super) line: String,
    pub(super) cursor: usize,
    /// The number of what was known then.
    pub(super) generation: u64,
    pub(super) place: Option<Place>,
    pub(super) list: List,
    /// Whether the line could be run as it stands.
    pub(super) whole: bool,
}

impl Offer {
    /// What was typed of the word at the cursor.
    pub(super) fn typed(&self) -> &str {
        self.place.as_ref().map_or("", |place| &place.typed)
    }

    /// Whether taking a row here destroys something, or nearly so.
    pub(super) fn destroys(&self) -> bool {
        self.place.as_ref().is_some_and(Place::destroys)
    }

    /// What taking this row makes of the line.
    pub(super) fn taking(&self, row: &Row) -> Option<Edit> {
        Some(complete::take(&self.line, self.place.as_ref()?, row))
    }

    /// The row that was typed to the last letter, if it is the word of a command, or if no other fits.
    pub(super) fn lone(&self) -> Option<usize> {
        let place = self.place.as_ref().filter(|place| !place.typed.is_empty() && !place.destroys())?;
        let is_word = matches!(place.wanted.first(), Some(Wanted::Word(_)));
        let exact = self.list.rows.iter().position(|row| row.value == place.typed).filter(|_| is_word);
        let index = exact.or((self.list.fitting == 1).then_some(0))?;
        self.list.rows.get(index).filter(|row| row.refused.is_none()).map(|_| index)
    }
}

impl Desk {
    /// A desk with this grammar, and with names that are kept up to date.
    #[must_use]
    pub fn new(grammar: fn() -> Command, live: Option<Live>) -> Self {
        Self {
            grammar: LazyLock::new(Box::new(move || {
                let mut grammar = grammar();
                grammar.build();
                grammar
            })),
            live,
            alarms: Mutex::default(),
            aim: Mutex::default(),
            next: Mutex::default(),
            entered: AtomicBool::new(false),
            asked: AtomicBool::new(false),
        }
    }

    /// Does what the first prompt need not wait for: begins to ask the cluster, and puts the grammar together. Once is enough.
    pub(super) fn begin(&self) {
        if let Some(live) = &self.live {
            live.begin();
        }
        LazyLock::force(&self.grammar);
    }

    /// Turns to another cluster: the names of the old one are gone at once.
    pub fn turn(&self, aim: Aim, find: Finder) {
        self.aim(Some(aim));
        if let Some(live) = &self.live {
            live.aim(find);
        }
    }

    /// What is called, from another thread, when there is something new.
    pub(super) fn on_news(&self, news: Box<dyn Fn() + Send>) {
        if let Some(live) = &self.live {
            live.on_news(news);
        }
    }

    /// Says which cluster the lines are for.
    pub fn aim(&self, aim: Option<Aim>) {
        *self.aim.lock().unwrap_or_else(PoisonError::into_inner) = aim;
    }

    /// The cluster that the lines are for.
    pub(super) fn aimed(&self) -> Option<Aim> {
        self.aim.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What is known of the cluster now.
    pub(super) fn names(&self) -> Arc<Names> {
        self.live.as_ref().map(Live::names).unwrap_or_default()
    }

    /// Says that somebody is at the keyboard.
    pub(super) fn touched(&self) {
        if let Some(live) = &self.live {
            live.touched();
        }
    }

    /// Says that what stands above the prompt was seen, and stays on the screen where it is.
    pub(super) fn seen(&self) {
        self.alarms.lock().unwrap_or_else(PoisonError::into_inner).seen();
    }

    /// Says that a line has run, which may have changed anything.
    pub(super) fn ran(&self) {
        self.seen();
        if let Some(live) = &self.live {
            live.changed();
        }
    }

    /// What has happened to the cluster since the last line.
    pub(super) fn alarms(&self) -> Vec<String> {
        let mut alarms = self.alarms.lock().unwrap_or_else(PoisonError::into_inner);
        alarms.look(&self.names());
        alarms.rows().to_vec()
    }

    /// Says that it is `?` that opens the help.
    pub(super) fn ask(&self) {
        self.asked.store(true, Ordering::Relaxed);
    }

    /// Whether it was `?`; asked once.
    pub(super) fn was_asked(&self) -> bool {
        self.asked.swap(false, Ordering::Relaxed)
    }

    /// The page of help about what stands at the cursor.
    pub(super) fn page(&self, line: &str, cursor: usize) -> String {
        let path = self.place(line, cursor).map(|place| place.path).unwrap_or_default();
        let mut command: &Command = &self.grammar;
        for word in path.iter().filter(|word| *word != "help") {
            command = command.find_subcommand(word).unwrap_or(command);
        }
        command.clone().render_help().to_string()
    }

    /// Says that Enter found the line unfinished.
    pub(super) fn enter(&self) {
        self.entered.store(true, Ordering::Relaxed);
    }

    /// Whether Enter found the line unfinished; asked once.
    pub(super) fn was_entered(&self) -> bool {
        self.entered.swap(false, Ordering::Relaxed)
    }

    /// Wishes for the configuration of a task or a source, which is called so in the list. Returns its name.
    pub(super) fn wish(&self, kind: Kind, shown: &str) -> String {
        let name = self.names().called(kind, shown).unwrap_or_else(|| shown.to_owned());
        if let Some(live) = &self.live {
            live.configuration(kind, &name);
        }
        name
    }

    /// What is offered at the cursor. Where several lines were pasted, the one with the cursor counts.
    pub(super) fn offer(&self, text: &str, cursor: usize) -> Offer {
        let (start, line) = around(text, cursor);
        let names = self.names();
        let place = self.place(text, cursor);
        let whole = self.missing(line).is_none() && words::split(line).ending == Ending::Complete;
        if let (Some(live), Some(folder)) = (&self.live, place.as_ref().and_then(complete::folder)) {
            live.folder(&folder);
        }
        let list = place.as_ref().map(|place| complete::list(place, &names)).unwrap_or_default();
        debug_assert!(start <= cursor, "the line with the cursor begins before it");
        Offer { line: text.to_owned(), cursor, generation: names.generation, place, list, whole }
    }

    /// What can stand at the cursor.
    pub(super) fn place(&self, text: &str, cursor: usize) -> Option<Place> {
        let (start, line) = around(text, cursor);
        let start = start + bare(line);
        let line = line.get(bare(line)..).unwrap_or_default();
        let mut place = complete::at(&self.grammar, line, cursor.saturating_sub(start))?;
        place.span = place.span.start + start..place.span.end + start;
        Some(place)
    }

    /// What the words of a line are.
    pub(super) fn pieces(&self, line: &str) -> Vec<Piece> {
        if line.trim_ascii().is_empty() {
            // The first prompt has an empty line, for which no grammar is put together.
            return Vec::new();
        }
        let prefix = bare(line);
        let mut pieces = complete::pieces(&self.grammar, line.get(prefix..).unwrap_or_default());
        for piece in &mut pieces {
            piece.span = piece.span.start + prefix..piece.span.end + prefix;
        }
        pieces
    }

    /// Whether a name is known; `None` where nothing is known of such things. Of several, all must be.
    pub(super) fn knows(&self, kind: Kind, name: &str) -> Option<bool> {
        let names = self.names();
        match names.knows(kind, name)? {
            false if name.contains(',') => Some(name.split(',').all(|name| names.knows(kind, name) == Some(true))),
            known => Some(known),
        }
    }

    /// Whether a word that fits nowhere is the beginning of one that does: of a word of any command, or of a flag.
    pub(super) fn can_become(&self, word: &str) -> bool {
        let word = word.to_lowercase();
        self.words().any(|known| known.starts_with(&word)) || word.starts_with('-') && word.len() < 3
    }

    /// All words of commands and all flags.
    fn words(&self) -> impl Iterator<Item = String> {
        let mut pending = vec![&*self.grammar];
        let mut words = Vec::new();
        while let Some(command) = pending.pop() {
            words.extend(command.get_subcommands().map(|command| command.get_name().to_owned()));
            words.extend(command.get_arguments().filter_map(|flag| Some(format!("--{}", flag.get_long()?))));
            pending.extend(command.get_subcommands().filter(|command| command.get_name() != "help"));
        }
        words.into_iter()
    }

    /// What was probably meant by the last word of a line, where that fits nowhere.
    pub(super) fn meant(&self, line: &str) -> Option<String> {
        let wrong = self.pieces(line).pop().filter(|piece| piece.sort == Sort::Wrong && piece.text.len() > 1)?;
        let place = self.place(line, wrong.span.end)?;
        let choices = place.wanted.iter().flat_map(|wanted| match wanted {
            Wanted::Word(choices) | Wanted::Flag(choices) | Wanted::Value { choices, .. } => choices.iter(),
        });
        let choices: Vec<&str> = choices.map(|choice| choice.word.as_str()).collect();
        if choices.iter().any(|choice| choice.starts_with(&wrong.text.to_lowercase())) {
            return None;
        }
        nearest(&wrong.text, choices).map(str::to_owned)
    }

    /// What is wanted at the end of a line, as the help writes it.
    pub(super) fn wanted(&self, line: &str) -> Option<String> {
        if !line.ends_with(' ') {
            return None;
        }
        let place = self.place(line, line.len())?;
        match place.wanted.first()? {
            Wanted::Word(_) if place.path.is_empty() => Some("<RESOURCE>".to_owned()),
            Wanted::Word(_) => Some("<COMMAND>".to_owned()),
            Wanted::Value { argument, required: true, .. } => Some(format!("<{argument}>")),
            Wanted::Value { argument, .. } => Some(format!("[{argument}]")),
            Wanted::Flag(_) => None,
        }
    }

    /// Says which command would come next. One with a name in it that can't be typed is no hint, and must not be painted.
    pub fn follow(&self, next: Option<String>) {
        let next = next.filter(|next| !next.contains(clean::is_hostile));
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = next;
    }

    /// The command that would come next.
    pub(super) fn next(&self) -> Option<String> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What a line lacks to be run, if it lacks something.
    pub(super) fn missing(&self, line: &str) -> Option<Wanted> {
        let mut words: Vec<String> = words::split(line).words.into_iter().map(|word| word.text).collect();
        if words.first().is_some_and(|word| word == "dmctl") {
            words.remove(0);
        }
        // An empty line is whole: it does nothing.
        if words.is_empty() { None } else { complete::missing(&self.grammar, &words) }
    }

    /// Where the cursor must go so that what the line lacks can be chosen: behind a blank of its own.
    pub(super) fn room(&self, text: &str, cursor: usize) -> Option<usize> {
        let before = text.get(..cursor)?;
        if before.is_empty() || before.ends_with([' ', '\t', '\n']) {
            return None;
        }
        let missing = self.missing(around(text, cursor).1)?;
        if wants(&self.place(text, cursor)?, &missing) && self.place(text, cursor)?.typed.is_empty() {
            return None;
        }
        let with_blank = format!("{before} {}", text.get(cursor..)?);
        self.place(&with_blank, cursor + 1).filter(|place| wants(place, &missing)).map(|_| cursor + 1)
    }
}

/// Where a line begins: what was copied from a shell has the program's name before it.
fn bare(line: &str) -> usize {
    let trimmed = line.trim_start();
    if trimmed.starts_with("dmctl ") { line.len() - trimmed.len() + "dmctl".len() } else { 0 }
}

/// Whether what is missing can stand at a place.
fn wants(place: &Place, missing: &Wanted) -> bool {
    place.wanted.iter().any(|wanted| match (wanted, missing) {
        (Wanted::Word(_), Wanted::Word(_)) | (Wanted::Flag(_), Wanted::Flag(_)) => true,
        (Wanted::Value { argument, .. }, Wanted::Value { argument: other, .. }) => argument == other,
        _ => false,
    })
}

/// The lines that a text of the editor consists of, with the byte at which each begins: a backslash at the end goes on in the next one,
/// as it does in a file, and so does an open quote.
pub(super) fn lines(text: &str) -> Vec<(usize, &str)> {
    let mut lines = Vec::new();
    let mut start = 0;
    let breaks = text.match_indices('\n').map(|(at, _)| at).chain([text.len()]);
    for end in breaks {
        let line = text.get(start..end).unwrap_or_default();
        if words::split(line).ending != Ending::Complete && end < text.len() {
            continue;
        }
        lines.push((start, line));
        start = end + 1;
    }
    lines
}

/// The line with the cursor, and where it begins.
pub(super) fn around(text: &str, cursor: usize) -> (usize, &str) {
    let mut lines = lines(text).into_iter().rev();
    lines.find(|(start, _)| *start <= cursor).unwrap_or((0, text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli;

    #[test]
    fn a_text_is_taken_apart_as_a_file_is() {
        assert_eq!(lines("a\nb"), [(0, "a"), (2, "b")]);
        assert_eq!(lines("a \\\nb\nc"), [(0, "a \\\nb"), (6, "c")]);
        assert_eq!(lines("a 'b\nc' d\ne"), [(0, "a 'b\nc' d"), (10, "e")]);
        assert_eq!(lines("a\n"), [(0, "a"), (2, "")]);
        assert_eq!(lines("a \\"), [(0, "a \\")]);
        assert_eq!(lines(""), [(0, "")]);
        assert_eq!(around("a\nbc\nd", 3), (2, "bc"));
        assert_eq!(around("a\nbc\nd", 4), (2, "bc"));
        assert_eq!(around("a\nbc\nd", 5), (5, "d"));
    }

    #[test]
    fn room_is_made_where_something_is_missing() {
        let desk = Desk::new(cli::grammar, None);
        for (line, cursor, room) in [
            ("task", 4, Some(5)),
            ("task start", 10, Some(11)),
            ("task start --source mysql-01", 28, Some(29)),
            ("task list --stage", 17, Some(18)),
            ("task start --source a", 10, Some(11)),
            ("dmctl task", 10, Some(11)),
            ("task list\ntask", 14, Some(15)),
            ("task start ", 11, None),
            ("task list --stage=", 18, None),
            ("ta", 2, None),
            ("task sta", 8, None),
            ("task list", 9, None),
        ] {
            assert_eq!(desk.room(line, cursor), room, "{line:?}");
        }
    }

    #[test]
    fn a_place_counts_in_the_whole_text() {
        let desk = Desk::new(cli::grammar, None);
        let place = desk.place("task list\ndmctl task st", 23).unwrap();
        assert_eq!((place.span, place.typed.as_str(), place.path), (21..23, "st", vec!["task".to_owned()]));
    }
}
