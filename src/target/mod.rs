//! Which cluster a line is for: the command line, a profile, the environment, or the default profile, in this order. Address and TLS
//! files come from the same one.

mod config;

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::api::TlsFiles;
use crate::cli::{ColorWord, FormatWord, Globals};
use crate::exit::{Code, Failure};
use crate::local::Note;
use crate::model::duration::GoDuration;
use crate::model::{Address, Passwords};
use config::{Config, EditMode};

/// A cluster to talk to.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    /// Its masters, at least one.
    pub masters: Vec<Address>,
    /// The files for TLS, if it is to be used.
    pub tls: Option<TlsFiles>,
    /// What lets us in, where it is a server of this machine.
    pub token: Option<String>,
    /// The profile that it is from.
    pub profile: Option<String>,
    /// The same, if that profile may only read.
    pub read_only: Option<String>,
    /// It is one where nothing may go wrong: a session says so, and asks also where `--yes` is given.
    pub production: bool,
}

impl std::fmt::Debug for Target {
    /// Without the token.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Target({self})")
    }
}

impl Target {
    /// A cluster of which nothing else is known.
    const fn at(masters: Vec<Address>, tls: Option<TlsFiles>) -> Self {
        Self { masters, tls, token: None, profile: None, read_only: None, production: false }
    }

    /// Sees that a change may be made here; `None` is none.
    ///
    /// # Errors
    /// Refused, where the profile may only read.
    pub fn allow(&self, change: Option<&str>) -> Result<(), Failure> {
        let (Some(profile), Some(change)) = (&self.read_only, change) else { return Ok(()) };
        Err(Failure::refused(format!("profile `{profile}` is read-only, and `{change}` changes something"))
            .because("nothing was sent")
            .hinted("`read-only = true` in the configuration says so; another profile or `--master-addr` is not bound by it"))
    }

    /// Our private key, if others than its owner can read it.
    #[must_use]
    pub fn exposed_key(&self) -> Option<&Path> {
        let (_, key) = self.tls.as_ref()?.identity.as_ref()?;
        let mode = std::fs::metadata(key).ok()?.mode();
        (mode & 0o077 != 0).then_some(key.as_path())
    }
}

impl std::fmt::Display for Target {
    /// As a person would name it: the profile, and where the masters listen.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let masters: Vec<String> = self.masters.iter().map(ToString::to_string).collect();
        match &self.profile {
            Some(profile) => write!(formatter, "`{profile}` ({})", masters.join(",")),
            None => formatter.write_str(&masters.join(",")),
        }
    }
}

/// What of the environment matters here; read once, at start.
#[derive(Default)]
pub struct Environment {
    /// `DM_MASTER_ADDR`.
    pub master_addr: Option<String>,
    /// Where `config.toml` is looked for.
    pub config_file: Option<PathBuf>,
    /// Where this program keeps what outlives it.
    pub state: Option<PathBuf>,
    /// `DMCTL_COMPLETION_WAIT`: how long a shell may wait for an answer when Tab is pressed.
    pub completion_wait: Option<Duration>,
    /// Where this program keeps what it could find out again.
    pub cache: Option<PathBuf>,
    /// `DMCTL_SOURCE_PASSWORD` and `DMCTL_TARGET_PASSWORD`.
    pub passwords: Passwords,
    /// Where servers of this machine leave their notes.
    pub runtime: Option<PathBuf>,
}

impl Environment {
    /// Reads the environment of the process.
    #[must_use]
    pub fn read() -> Self {
        use etcetera::BaseStrategy as _;
        let base = etcetera::choose_base_strategy().ok();
        Self {
            master_addr: std::env::var("DM_MASTER_ADDR").ok().filter(|text| !text.trim().is_empty()),
            config_file: base.as_ref().map(|base| base.config_dir().join("dmctl/config.toml")),
            passwords: Passwords {
                source: std::env::var("DMCTL_SOURCE_PASSWORD").ok(),
                target: std::env::var("DMCTL_TARGET_PASSWORD").ok(),
            },
            completion_wait: std::env::var("DMCTL_COMPLETION_WAIT").ok().and_then(|text| text.parse::<GoDuration>().ok()?.to_std()),
            cache: base.as_ref().map(|base| base.cache_dir().join("dmctl")),
            state: base.and_then(|base| base.state_dir()).map(|state| state.join("dmctl")),
            runtime: crate::local::folder(),
        }
    }

    /// The servers of this machine. They come and go, so that they are looked for each time.
    fn servers(&self) -> Vec<Note> {
        self.runtime.as_deref().map(crate::local::servers).unwrap_or_default()
    }
}

/// A cluster that the configuration names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// The name of the profile.
    pub name: String,
    /// Its masters, as they are written there.
    pub masters: Vec<String>,
    /// It is taken when none is named.
    pub default: bool,
    /// It refuses changes.
    pub read_only: bool,
    /// Nothing may go wrong there.
    pub production: bool,
    /// Its files for TLS, from the folder of the configuration on.
    pub ssl_ca: Option<PathBuf>,
    /// See above.
    pub ssl_cert: Option<PathBuf>,
    /// See above.
    pub ssl_key: Option<PathBuf>,
    /// What its lines are to be, unless they say otherwise.
    pub defaults: Defaults,
}

/// What a line is to be, unless it says otherwise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Defaults {
    /// `--format`.
    pub format: Option<FormatWord>,
    /// `--color`.
    pub color: Option<ColorWord>,
    /// `--verbose`.
    pub verbose: bool,
    /// `--wait-timeout`, for verbs that have it.
    pub wait_timeout: Option<GoDuration>,
}

impl Defaults {
    /// The options of a line, with these in the place of what it does not say.
    #[must_use]
    pub fn under(self, globals: Globals) -> Globals {
        Globals {
            format: globals.format.or(self.format),
            color: globals.color.or(self.color),
            verbose: globals.verbose || self.verbose && !globals.quiet,
            ..globals
        }
    }
}

/// What a line is for, as far as it does not depend on which servers run: the command line, a profile, the environment or the default
/// profile decide, in this order. The configuration is read for it once.
pub struct Choice(Result<Layer, Failure>);

/// Who names the cluster.
enum Layer {
    /// The line or the environment.
    Addresses(Target),
    /// A profile; whether the line has TLS files beside it.
    Profile(Box<Profile>, bool),
    /// Nobody.
    Nobody,
}

/// Sees which cluster the options of a line mean.
#[must_use]
pub fn choose(globals: &Globals, environment: &Environment) -> Choice {
    Choice(layer(globals, environment, || configuration(environment)))
}

/// What a session begins with. The configuration is read for all of it once.
pub struct Beginning {
    /// Which cluster it is for.
    pub choice: Choice,
    config: Result<Config, Failure>,
}

/// Sees what a session with these options begins with.
#[must_use]
pub fn begin(globals: &Globals, environment: &Environment) -> Beginning {
    let config = configuration(environment);
    Beginning { choice: Choice(layer(globals, environment, || config.clone())), config }
}

impl Beginning {
    /// Whether lines are edited with the keys of vi.
    ///
    /// # Errors
    /// Usage, when the configuration can't be understood.
    pub fn edits_as_vi(&self) -> Result<bool, Failure> {
        self.config.as_ref().map(|config| config.session.edit_mode == EditMode::Vi).map_err(Clone::clone)
    }

    /// The clusters that the configuration names, by name.
    ///
    /// # Errors
    /// Usage, when the configuration can't be understood.
    pub fn profiles(&self, environment: &Environment) -> Result<Vec<Profile>, Failure> {
        all(self.config.as_ref().map_err(Clone::clone)?, environment)
    }
}

/// The configuration; an empty one where there is none.
fn configuration(environment: &Environment) -> Result<Config, Failure> {
    config::read(environment).map(Option::unwrap_or_default)
}

fn layer(
    globals: &Globals,
    environment: &Environment,
    configuration: impl FnOnce() -> Result<Config, Failure>,
) -> Result<Layer, Failure> {
    let typed_tls = (globals.ssl_ca.as_ref(), globals.ssl_cert.as_ref(), globals.ssl_key.as_ref());
    let has_tls = !matches!(typed_tls, (None, None, None));
    if !globals.master_addr.is_empty() {
        if globals.profile.is_some() {
            return Err(Failure::usage("`--master-addr` and `--profile` both name a cluster: give one of them"));
        }
        return Ok(Layer::Addresses(Target::at(globals.master_addr.clone(), tls("--", typed_tls)?)));
    }
    if let Some(name) = &globals.profile {
        return Ok(Layer::Profile(Box::new(named(name, &configuration()?, environment)?), has_tls));
    }
    if let Some(text) = &environment.master_addr {
        let masters = addresses(text.split(',')).map_err(|why| Failure::usage(format!("DM_MASTER_ADDR: {why}")))?;
        return Ok(Layer::Addresses(Target::at(masters, tls("--", typed_tls)?)));
    }
    let config = configuration()?;
    let Some(name) = &config.default_profile else { return Ok(Layer::Nobody) };
    let profile =
        named(name, &config, environment).map_err(|failure| failure.because("it is the one that `default-profile` names"))?;
    Ok(Layer::Profile(Box::new(profile), has_tls))
}

impl Choice {
    /// What the profile says that its lines are to be; nothing, where there is none or where that can't be understood: that is told when the
    /// cluster is looked for.
    #[must_use]
    pub fn defaults(&self) -> Defaults {
        match &self.0 {
            Ok(Layer::Profile(profile, _)) => profile.defaults,
            Ok(Layer::Addresses(_) | Layer::Nobody) | Err(_) => Defaults::default(),
        }
    }

    /// Finds the cluster. A server of this machine is the last that is thought of; its token is known wherever its address comes from.
    ///
    /// # Errors
    /// Usage, when an address, a profile or the configuration can't be understood; unreachable, when no cluster is named at all.
    pub fn target(&self, environment: &Environment) -> Result<Target, Failure> {
        let mut target = match self.0.as_ref().map_err(Clone::clone)? {
            Layer::Addresses(target) => target.clone(),
            Layer::Profile(profile, true) => {
                let name = &profile.name;
                let message =
                    format!("`--ssl-ca`, `--ssl-cert` and `--ssl-key` go with an address, and profile `{name}` has its own");
                return Err(
                    Failure::usage(message).hinted("give the address with `--master-addr`, or write the files into the profile")
                );
            }
            Layer::Profile(profile, false) => profile.target(environment)?,
            Layer::Nobody => local(environment)?,
        };
        if let ([address], None, None) = (target.masters.as_slice(), &target.tls, &target.token) {
            let address = address.to_string();
            let own = environment.servers().into_iter().find(|server| server.addr == address);
            target.token = own.and_then(|server| server.token);
        }
        Ok(target)
    }
}

/// The clusters that the configuration names, by name.
///
/// # Errors
/// Usage, when the configuration can't be understood.
pub fn profiles(environment: &Environment) -> Result<Vec<Profile>, Failure> {
    all(&configuration(environment)?, environment)
}

fn all(config: &Config, environment: &Environment) -> Result<Vec<Profile>, Failure> {
    config.profile.keys().map(|name| named(name, config, environment)).collect()
}

/// The cluster of this name.
///
/// # Errors
/// Usage, when there is none, or when the configuration can't be understood.
pub fn profile(name: &str, environment: &Environment) -> Result<Profile, Failure> {
    named(name, &configuration(environment)?, environment)
}

fn named(name: &str, config: &Config, environment: &Environment) -> Result<Profile, Failure> {
    let Some(profile) = config.profile.get(name) else { return Err(unknown(name, config, environment)) };
    let beside = |file: &Option<PathBuf>| file.as_deref().map(|file| beside(file, environment));
    Ok(Profile {
        default: config.default_profile.as_deref() == Some(name),
        name: name.to_owned(),
        masters: profile.masters(),
        read_only: profile.read_only,
        production: profile.production,
        ssl_ca: beside(&profile.ssl_ca),
        ssl_cert: beside(&profile.ssl_cert),
        ssl_key: beside(&profile.ssl_key),
        defaults: Defaults {
            format: profile.format,
            color: profile.color,
            verbose: profile.verbose,
            wait_timeout: profile.wait_timeout,
        },
    })
}

impl Profile {
    fn target(&self, environment: &Environment) -> Result<Target, Failure> {
        let path = environment.config_file.as_deref();
        let broken = |why: String| Failure::usage(format!("profile `{}` in {}: {why}", self.name, shown(path)));
        let masters = addresses(self.masters.iter().map(String::as_str)).map_err(broken)?;
        let files = (self.ssl_ca.as_ref(), self.ssl_cert.as_ref(), self.ssl_key.as_ref());
        let tls = tls("", files).map_err(|failure| broken(failure.message))?;
        Ok(Target {
            profile: Some(self.name.clone()),
            read_only: self.read_only.then(|| self.name.clone()),
            production: self.production,
            ..Target::at(masters, tls)
        })
    }
}

/// Files are named relative to the configuration that names them.
fn beside(file: &Path, environment: &Environment) -> PathBuf {
    environment.config_file.as_deref().and_then(Path::parent).map_or_else(|| file.to_owned(), |folder| folder.join(file))
}

fn unknown(name: &str, config: &Config, environment: &Environment) -> Failure {
    let failure = Failure::usage(format!("there is no profile `{name}` in {}", shown(environment.config_file.as_deref())));
    let names: Vec<String> = config.profile.keys().map(|name| format!("`{name}`")).collect();
    if names.is_empty() {
        failure.hinted(format!("write one: [profile.{name}] with master-addr = \"host:8261\""))
    } else {
        failure.hinted(format!("profiles there: {}", names.join(", ")))
    }
}

/// Where servers of this machine listen.
#[must_use]
pub fn servers(environment: &Environment) -> Vec<String> {
    environment.servers().into_iter().map(|server| server.addr).collect()
}

/// Finds the cluster that a line is for.
///
/// # Errors
/// As [`Choice::target`].
pub fn resolve(globals: &Globals, environment: &Environment) -> Result<Target, Failure> {
    choose(globals, environment).target(environment)
}

/// The one server of this machine.
fn local(environment: &Environment) -> Result<Target, Failure> {
    let servers = environment.servers();
    match servers.as_slice() {
        [server] => {
            let masters = addresses(std::iter::once(server.addr.as_str())).map_err(Failure::usage)?;
            Ok(Target { token: server.token.clone(), ..Target::at(masters, None) })
        }
        [] => Err(Failure::new(Code::Unreachable, "no cluster is named")
            .hinted("`dmctl serve` starts one on this machine")
            .hinted("give an address with `--master-addr host:8261`, or set DM_MASTER_ADDR")
            .hinted(format!(
                "or name clusters in {}, each as [profile.NAME] with master-addr = \"host:8261\", and choose one with `--profile`",
                shown(environment.config_file.as_deref())
            ))),
        several => {
            let names: Vec<_> = several.iter().map(|server| server.addr.as_str()).collect();
            Err(Failure::new(Code::Unreachable, "several servers run on this machine, and none is named")
                .hinted(format!("give one of them with `--master-addr`: {}", names.join(", "))))
        }
    }
}

fn shown(path: Option<&Path>) -> String {
    path.map_or_else(|| "config.toml".to_owned(), |path| path.display().to_string())
}

fn addresses<'a>(texts: impl Iterator<Item = &'a str>) -> Result<Vec<Address>, String> {
    let found: Vec<Address> =
        texts.map(|text| text.parse::<Address>().map_err(|error| error.to_string())).collect::<Result<_, _>>()?;
    if found.is_empty() { Err("there is no address".to_owned()) } else { Ok(found) }
}

fn tls(dashes: &str, (ca, cert, key): (Option<&PathBuf>, Option<&PathBuf>, Option<&PathBuf>)) -> Result<Option<TlsFiles>, Failure> {
    let identity = match (cert, key) {
        (Some(cert), Some(key)) => Some((cert.clone(), key.clone())),
        (None, None) => None,
        _ => return Err(Failure::usage(format!("`{dashes}ssl-cert` and `{dashes}ssl-key` go together: one of them is missing"))),
    };
    match (ca, identity) {
        (Some(ca), identity) => Ok(Some(TlsFiles { ca: ca.clone(), identity })),
        (None, Some(_)) => {
            Err(Failure::usage(format!("`{dashes}ssl-cert` needs `{dashes}ssl-ca`: without it the masters can't be trusted")))
        }
        (None, None) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(folder: &Path, config: &str) -> Environment {
        let path = folder.join("config.toml");
        std::fs::write(&path, config).unwrap();
        Environment { config_file: Some(path), ..Environment::default() }
    }

    fn typed(address: &str) -> Globals {
        Globals { master_addr: vec![address.parse().unwrap()], ..Globals::default() }
    }

    #[test]
    fn the_nearest_layer_wins_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let mut environment = environment(
            folder.path(),
            "default-profile = 'home'\n[profile.home]\nmaster-addr = 'h:1,i:2'\nssl-ca = 'ca.pem'\n[profile.prod]\nmaster-addr = ['p:1']\n",
        );
        let show = |globals: &Globals, environment: &Environment| {
            let target = resolve(globals, environment).map_err(|failure| failure.message)?;
            Ok::<_, String>((target.masters.iter().map(ToString::to_string).collect::<Vec<_>>().join(","), target.tls.is_some()))
        };
        let with_profile = |name: &str| Globals { profile: Some(name.to_owned()), ..Globals::default() };
        assert_eq!(show(&Globals::default(), &environment), Ok(("h:1,i:2".to_owned(), true)));
        environment.master_addr = Some("http://e:1".to_owned());
        assert_eq!(show(&Globals::default(), &environment), Ok(("e:1".to_owned(), false)));
        assert_eq!(show(&with_profile("prod"), &environment), Ok(("p:1".to_owned(), false)));
        assert_eq!(show(&typed("t:1"), &environment), Ok(("t:1".to_owned(), false)));
        let home = resolve(&with_profile("home"), &environment).unwrap();
        assert_eq!(home.tls.unwrap().ca, folder.path().join("ca.pem"));
    }

    #[test]
    fn what_is_missing_or_broken_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let nothing = Environment { config_file: Some(folder.path().join("none.toml")), ..Environment::default() };
        assert_eq!(resolve(&Globals::default(), &nothing).unwrap_err().exit, Code::Unreachable);
        let broken = environment(folder.path(), "[profile.a]\nmaster-adr = 'x:1'\n");
        let failure = resolve(&Globals::default(), &broken).unwrap_err();
        assert_eq!(failure.exit, Code::Usage);
        assert!(failure.message.contains("config.toml:2:1: unknown field `master-adr`"), "{}", failure.message);
        assert!(resolve(&typed("x:1"), &broken).is_ok(), "a broken configuration is no reason to fail where it is not asked");
        let unknown = Globals { profile: Some("b".to_owned()), ..Globals::default() };
        let good = environment(folder.path(), "[profile.a]\nmaster-addr = 'x:1'\n");
        assert_eq!(resolve(&unknown, &good).unwrap_err().hints, ["profiles there: `a`"]);
        let half = Globals { ssl_cert: Some("c".into()), ..typed("x:1") };
        assert!(resolve(&half, &nothing).unwrap_err().message.contains("go together"));
    }
}
