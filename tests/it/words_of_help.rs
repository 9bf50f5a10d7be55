//! The help pages: the whole grammar as a person sees it.

use crate::harness::{Sandbox, snapshot};

#[test]
fn the_whole_grammar() {
    let sandbox = Sandbox::new();
    let mut text = String::new();
    let mut page = |words: &str| {
        let output = sandbox.run(words);
        assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{words}");
        text.push_str(&format!("$ dmctl {words}\n{}\n", output.stdout));
        output.stdout
    };
    let front = page("--help");
    for resource in listed(&front, "Resources:") {
        let verbs = page(&format!("{resource} --help"));
        for verb in listed(&verbs, "Commands:") {
            let _shown = page(&format!("{resource} {verb} --help"));
        }
    }
    snapshot("help", &text);
}

/// The words of a section of a help page, `help` itself left out.
fn listed(page: &str, section: &str) -> Vec<String> {
    let lines = page.lines().skip_while(|line| *line != section).skip(1).take_while(|line| line.starts_with("  "));
    lines.filter_map(|line| line.split_whitespace().next()).filter(|word| *word != "help").map(str::to_owned).collect()
}
