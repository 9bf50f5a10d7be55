//! Which lines destroy something, so that nothing is taken for them by one key too many.

use super::Place;

/// Verbs that always do.
const VERBS: &[[&str; 2]] =
    &[["task", "delete"], ["source", "delete"], ["relay", "purge"], ["ddl-lock", "unlock"], ["member", "offline"]];
/// Flags with which any verb does.
const FLAGS: &[&str] = &["force", "force_remove", "remove_meta"];

impl Place {
    /// Whether the line around the cursor destroys something that can't be brought back.
    #[must_use]
    pub fn destroys(&self) -> bool {
        VERBS.iter().any(|verb| self.path == *verb) || FLAGS.iter().any(|flag| self.given.has(flag))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli;
    use crate::complete::at;

    #[test]
    fn what_is_named_here_is_in_the_grammar() {
        let grammar = cli::grammar();
        for [resource, verb] in VERBS {
            assert!(grammar.find_subcommand(resource).is_some_and(|resource| resource.find_subcommand(verb).is_some()), "{verb}");
        }
        let verbs: Vec<_> = grammar.get_subcommands().flat_map(clap::Command::get_subcommands).collect();
        for flag in FLAGS {
            assert!(verbs.iter().any(|verb| verb.get_arguments().any(|argument| argument.get_id() == flag)), "{flag}");
        }
    }

    #[test]
    fn a_line_destroys_by_its_verb_or_by_a_flag() {
        let destroys = |line: &str| at(&cli::grammar(), line, line.len()).is_some_and(|place| place.destroys());
        for line in ["task delete ", "task delete a --so", "TASK delete ", "task start a --remove-meta ", "relay purge "] {
            assert!(destroys(line), "{line}");
        }
        for line in ["", "task delete", "task start ", "task start --remove-met", "source list "] {
            assert!(!destroys(line), "{line}");
        }
    }
}
