//! What two name patterns have in common, as a pattern again.

use super::inclusion::{Lie, lie};
use super::pattern::{NamePattern, Set, Sign, Wildcard, folded};

/// The names that match two patterns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meet {
    /// There are none.
    Nothing,
    /// They are the names that match this.
    Pattern(String),
    /// There may be some, and no pattern tells them.
    Untold,
}

/// Finds what two patterns of the allow list or of routes have in common. A pattern that can't be read has nothing in common with any.
#[must_use]
pub fn meet(one: &str, two: &str, case_sensitive: bool) -> Meet {
    if folded(case_sensitive, one) == folded(case_sensitive, two) {
        return Meet::Pattern(one.to_owned());
    }
    let read = |text| NamePattern::new("a pattern", text, case_sensitive);
    let (Ok(left), Ok(right)) = (read(one), read(two)) else {
        return Meet::Nothing;
    };
    match (&left, &right) {
        (NamePattern::Name(name), other) => name_in(name, one, other),
        (other, NamePattern::Name(name)) => name_in(name, two, other),
        (NamePattern::Wildcard(left), NamePattern::Wildcard(right)) => match common(left, right) {
            // The writer's own text is the better one.
            Meet::Pattern(text) if text == folded(case_sensitive, one) => Meet::Pattern(one.to_owned()),
            Meet::Pattern(text) if text == folded(case_sensitive, two) => Meet::Pattern(two.to_owned()),
            meet => meet,
        },
        _ => match lie(&left, &right, case_sensitive) {
            Some(Lie::Apart) => Meet::Nothing,
            Some(Lie::Within) => Meet::Pattern(one.to_owned()),
            Some(Lie::Around) => Meet::Pattern(two.to_owned()),
            Some(Lie::Across) | None => Meet::Untold,
        },
    }
}

fn name_in(name: &str, text: &str, pattern: &NamePattern) -> Meet {
    if pattern.is_match(name) { Meet::Pattern(text.to_owned()) } else { Meet::Nothing }
}

fn common(one: &Wildcard, two: &Wildcard) -> Meet {
    let open = |signs: &[Sign]| signs.last() == Some(&Sign::Rest);
    let (left, right) = (one.signs(), two.signs());
    let (left_open, right_open) = (open(left), open(right));
    let (left, right) = (&left[..left.len() - usize::from(left_open)], &right[..right.len() - usize::from(right_open)]);
    if (left.len() < right.len() && !left_open) || (right.len() < left.len() && !right_open) {
        return Meet::Nothing;
    }
    let mut text = Vec::new();
    for at in 0..left.len().max(right.len()) {
        let sign = match (left.get(at), right.get(at)) {
            (Some(left), Some(right)) => left.meet(right),
            (Some(sign), None) | (None, Some(sign)) => Some(Some(sign.clone())),
            (None, None) => None,
        };
        match sign {
            Some(Some(sign)) => sign.write(&mut text),
            Some(None) => return Meet::Nothing,
            None => return Meet::Untold,
        }
    }
    if left_open && right_open {
        text.push(b'*');
    }
    String::from_utf8(text).map_or(Meet::Nothing, Meet::Pattern)
}

impl Sign {
    /// What two signs have in common: a sign, nothing, or what no sign can tell.
    #[allow(clippy::option_option, reason = "two kinds of none")]
    fn meet(&self, other: &Self) -> Option<Option<Self>> {
        Some(match (self, other) {
            (Self::Any, sign) | (sign, Self::Any) => Some(sign.clone()),
            (Self::Byte(one), Self::Byte(two)) => (one == two).then_some(Self::Byte(*one)),
            (Self::Byte(byte), Self::Set(set)) | (Self::Set(set), Self::Byte(byte)) => set.has(*byte).then_some(Self::Byte(*byte)),
            (Self::Set(one), Self::Set(two)) if one.same(two) => Some(self.clone()),
            (Self::Set(one), Self::Set(two)) => {
                let bytes: Vec<u8> = (0..=u8::MAX).filter(|byte| one.has(*byte) && two.has(*byte)).collect();
                match bytes.as_slice() {
                    [] => None,
                    bytes if bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') => {
                        Some(Self::Set(Set::of(bytes)))
                    }
                    _ => return None,
                }
            }
            (Self::Rest, _) | (_, Self::Rest) => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_meet_sign_by_sign() {
        for (one, two, both) in [
            ("shop", "s*", "shop"),
            ("shop_*", "*", "shop_*"),
            ("shop_?", "shop_[0-9]", "shop_[0-9]"),
            ("s???*", "?h*", "sh??*"),
            ("a[a-f]", "?[d-z]", "a[def]"),
            ("~^shop", "shop_1", "shop_1"),
            ("~^shop", "~^shop", "~^shop"),
            ("Shop", "shop*", "Shop"),
        ] {
            assert_eq!(meet(one, two, false), Meet::Pattern(both.to_owned()), "{one} {two}");
            assert_eq!(meet(two, one, false), Meet::Pattern(both.to_owned()), "{two} {one}");
        }
        assert_eq!(meet("shop", "bank*", false), Meet::Nothing);
        assert_eq!(meet("Shop", "shop*", true), Meet::Nothing);
        assert_eq!(meet("??", "a", false), Meet::Nothing);
        assert_eq!(meet("[a-c]", "[d-f]", false), Meet::Nothing);
        assert_eq!(meet("~a", "shop*", false), Meet::Untold);
        assert_eq!(meet("~^shop_[0-9]$", "shop*", false), Meet::Pattern("~^shop_[0-9]$".to_owned()));
        assert_eq!(meet("~^a", "shop*", false), Meet::Nothing);
        assert_eq!(meet("[!a]", "[!b]", false), Meet::Untold);
    }
}
