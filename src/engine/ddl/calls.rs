//! Functions that are called in a definition: in defaults, generated columns, checks, and indexes on expressions.

use std::collections::BTreeSet;

use super::lexer::{Kind, Token};
use super::{Parts, about};

/// The functions that an item calls, in small letters. There may be words among them that are none: a type, an operator.
pub(super) fn of(item: &[Token]) -> impl Iterator<Item = String> + '_ {
    let mut depth = 0_usize;
    item.iter().enumerate().filter_map(move |(at, token)| {
        if token.is_sign('(') {
            depth += 1;
        } else if token.is_sign(')') {
            depth = depth.saturating_sub(1);
        }
        let before = at.checked_sub(1).map(|at| &item[at]);
        // Outside of parentheses it is the type of the column, behind AS a type as well, and behind MEMBER the rest of an operator.
        let is_expression = depth > 0 || before.is_some_and(|before| before.is("DEFAULT"));
        let is_call = item.get(at + 1).is_some_and(|next| next.is_sign('('));
        let is_name = token.kind == Kind::Word && token.text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let is_operator = before.is_some_and(|before| before.is("AS") || before.is("MEMBER"));
        (is_expression && is_call && is_name && !is_operator).then(|| token.text.to_lowercase())
    })
}

/// What stands in the way: which column or constraint calls a function that is not there.
pub(super) fn lacking(parts: &Parts, lacking: &BTreeSet<String>) -> Vec<String> {
    let mut found = Vec::new();
    for item in &parts.items {
        for function in of(item).collect::<BTreeSet<_>>().intersection(lacking) {
            found.push(format!("{}: the target has no function {}", about(item), function.to_uppercase()));
        }
    }
    found
}
