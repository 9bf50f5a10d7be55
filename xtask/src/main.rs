//! Chores of the repository: `cargo xtask codegen [--check]`, `cargo xtask picture [--check]` and `cargo xtask man FOLDER [DATE]`.
//!
//! `codegen` makes `src/wire/pb.rs` from `src/wire/pb.proto`, without protoc. The output is committed, so that nobody who builds
//! dmctl needs the generator; `--check` fails when it is not current. `picture` draws what the README shows of the session. `man` writes
//! the manual pages, which need the library: another package makes them, so that `codegen` works also while that does not compile.

mod picture;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["codegen"] => codegen(false),
        ["codegen", "--check"] => codegen(true),
        ["picture"] => root().and_then(|root| picture::picture(&root, false)),
        ["picture", "--check"] => root().and_then(|root| picture::picture(&root, true)),
        ["man", rest @ ..] => man(rest),
        _ => Err(anyhow::anyhow!("usage: cargo xtask codegen|picture [--check], or cargo xtask man FOLDER [DATE]")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // A chore has no other place to speak than its own standard error.
            let _ignored = std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("error: {error:#}\n"));
            ExitCode::FAILURE
        }
    }
}

/// Makes the wire code, and either writes it or compares it with what is committed.
fn codegen(check: bool) -> anyhow::Result<()> {
    let root = root()?;
    let wire = root.join("src/wire");
    let current = wire.join("pb.rs");
    let made = generate(&wire)?;
    let committed = std::fs::read_to_string(&current).unwrap_or_default();
    if made == committed {
        return Ok(());
    }
    if check {
        bail!("src/wire/pb.rs is not what src/wire/pb.proto gives: run `cargo xtask codegen` and commit it");
    }
    std::fs::write(&current, made).with_context(|| format!("cannot write {}", current.display()))
}

/// Has the manual pages written.
fn man(words: &[&str]) -> anyhow::Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let ran =
        std::process::Command::new(cargo).args(["run", "--quiet", "--locked", "--package", "manual", "--"]).args(words).status();
    match ran.context("cannot run cargo")?.success() {
        true => Ok(()),
        false => bail!("the manual pages were not made"),
    }
}

fn generate(wire: &Path) -> anyhow::Result<String> {
    let descriptors = protox::compile([wire.join("pb.proto")], [wire])?;
    let out = std::env::temp_dir().join(format!("dmctl-codegen-{}", std::process::id()));
    std::fs::create_dir_all(&out)?;
    let compiled = tonic_prost_build::configure()
        .out_dir(&out)
        .emit_rerun_if_changed(false)
        .btree_map(".")
        .compile_fds(descriptors)
        .context("pb.proto does not compile")
        .and_then(|()| std::fs::read_to_string(out.join("pb.rs")).context("no pb.rs was made"));
    std::fs::remove_dir_all(&out)?;
    compiled
}

/// The top of the repository: the folder above this crate.
fn root() -> anyhow::Result<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    Ok(here.parent().context("xtask has no folder above it")?.to_path_buf())
}
