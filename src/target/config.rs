//! `config.toml`: clusters by name, with what their lines are to be by default, and how a session is to be.

use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde::{Deserialize, Deserializer};

use super::Environment;
use crate::cli::{ColorWord, FormatWord};
use crate::exit::Failure;
use crate::model::duration::GoDuration;
use crate::model::file::nearest;
use crate::model::system::reason;

/// No configuration is as large.
const LIMIT: u64 = 1 << 20;
/// Flags that nobody is to forget about: they are typed for each line.
const NEVER: &[&str] = &["yes", "force", "dry-run", "lossy", "remove-meta", "no-wait"];

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Config {
    pub(super) default_profile: Option<String>,
    #[serde(default)]
    pub(super) profile: BTreeMap<String, Profile>,
    #[serde(default)]
    pub(super) session: SessionManners,
}

/// How a session is to be.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct SessionManners {
    #[serde(default)]
    pub(super) edit_mode: EditMode,
}

/// Whose keys the line is edited with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum EditMode {
    #[default]
    Emacs,
    Vi,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Profile {
    master_addr: OneOrMany,
    pub(super) ssl_ca: Option<PathBuf>,
    pub(super) ssl_cert: Option<PathBuf>,
    pub(super) ssl_key: Option<PathBuf>,
    /// Nothing may be changed through it.
    #[serde(default)]
    pub(super) read_only: bool,
    /// A session shows it in red, and wants names typed also with `--yes`.
    #[serde(default)]
    pub(super) production: bool,
    #[serde(default, deserialize_with = "word")]
    pub(super) format: Option<FormatWord>,
    #[serde(default, deserialize_with = "word")]
    pub(super) color: Option<ColorWord>,
    #[serde(default)]
    pub(super) verbose: bool,
    #[serde(default, deserialize_with = "duration")]
    pub(super) wait_timeout: Option<GoDuration>,
}

impl Profile {
    /// The masters, as they are written.
    pub(super) fn masters(&self) -> Vec<String> {
        let texts = match &self.master_addr {
            OneOrMany::One(text) => std::slice::from_ref(text),
            OneOrMany::Many(texts) => texts.as_slice(),
        };
        texts.iter().flat_map(|text| text.split(',')).map(|text| text.trim().to_owned()).collect()
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "expected an address in quotes, or a list of them")]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// A word that a flag takes.
fn word<'de, D: Deserializer<'de>, T: ValueEnum>(deserializer: D) -> Result<Option<T>, D::Error> {
    let text = String::deserialize(deserializer)?;
    T::from_str(&text, true).map(Some).map_err(|_| {
        let words = T::value_variants().iter().filter_map(ValueEnum::to_possible_value);
        let words: Vec<String> = words.map(|word| format!("`{}`", word.get_name())).collect();
        serde::de::Error::custom(format!("`{text}` is none of {}", words.join(", ")))
    })
}

fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<GoDuration>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let duration: GoDuration = text.parse().map_err(serde::de::Error::custom)?;
    match duration.to_std() {
        Some(_) => Ok(Some(duration)),
        None => Err(serde::de::Error::custom("must not be negative")),
    }
}

/// Reads the configuration; that there is none is no failure.
pub(super) fn read(environment: &Environment) -> Result<Option<Config>, Failure> {
    let Some(path) = &environment.config_file else { return Ok(None) };
    let text = match text(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Failure::usage(format!("cannot read {}: {}", path.display(), reason(&error)))),
    };
    toml::from_str(&text).map(Some).map_err(|error| flaw(path, &text, &error))
}

/// What is wrong with a configuration, and where.
fn flaw(path: &Path, text: &str, error: &toml::de::Error) -> Failure {
    let place = error.span().map(|span| {
        let before = &text[..span.start.min(text.len())];
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        format!(":{}:{column}", before.matches('\n').count() + 1)
    });
    let mut failure = Failure::usage(format!("{}{}: {}", path.display(), place.unwrap_or_default(), error.message()));
    // The parser's own text says all that once more, around the line with a caret below it.
    let told = error.to_string();
    let lines: Vec<&str> = told.lines().filter(|line| line.contains(" | ")).collect();
    if !lines.is_empty() {
        failure = failure.because(format!("in this line:\n{}", lines.join("\n")));
    }
    let mut quoted = error.message().split('`').skip(1).step_by(2);
    match quoted.next().filter(|_| error.message().starts_with("unknown field")) {
        Some(key) if NEVER.contains(&key) => failure.hinted(format!("`--{key}` is never a default: it is typed with each line")),
        Some(key) => match nearest(key, quoted) {
            Some(nearest) => failure.hinted(format!("`{nearest}` is the nearest")),
            None => failure,
        },
        None => failure,
    }
}

/// The text of the configuration, which is nowhere near as large as the limit.
fn text(path: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(LIMIT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LIMIT {
        return Err(io::Error::other(format!("it is larger than {} MiB", LIMIT >> 20)));
    }
    String::from_utf8(bytes).map_err(|error| {
        let line = error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
        io::Error::other(format!("line {line} is not UTF-8 text"))
    })
}
