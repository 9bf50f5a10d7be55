//! `manual FOLDER [DATE]` writes the manual pages of dmctl into a folder. `cargo xtask man` runs it.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        [folder] => write(Path::new(folder), ""),
        [folder, date] => write(Path::new(folder), date),
        _ => Err(anyhow::anyhow!("usage: cargo xtask man FOLDER [DATE]")),
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

fn write(folder: &Path, date: &str) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for page in manual::pages(date)? {
        let path = folder.join(&page.file);
        std::fs::write(&path, &page.text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}
