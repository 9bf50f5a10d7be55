//! Values as YAML that DM reads.

use std::fmt;

use serde::ser::{Serialize, SerializeMap, Serializer};

/// A value on its way to YAML. It may hold secrets, so that it has no debug form of use.
#[derive(Clone, Default, PartialEq)]
pub enum Tree {
    /// A text.
    Text(String),
    /// Yes or no.
    Flag(bool),
    /// A whole number.
    Number(i128),
    /// A number with decimals.
    Decimal(f64),
    /// A list.
    List(Vec<Self>),
    /// Keys with values, in this order.
    Map(Vec<(String, Self)>),
    /// Nothing.
    #[default]
    Nothing,
}

impl fmt::Debug for Tree {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Tree")
    }
}

impl Serialize for Tree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Number(number) => serializer.serialize_i128(*number),
            Self::Decimal(number) => serializer.serialize_f64(*number),
            Self::List(items) => serializer.collect_seq(items),
            Self::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
            Self::Nothing => serializer.serialize_unit(),
        }
    }
}

/// Writes a whole document. Texts that a reader of YAML 1.1 could take for something else are quoted.
pub(super) fn text(tree: &Tree) -> String {
    // Folded texts are read alike by no two readers.
    let options = serde_saphyr::ser_options! { prefer_block_scalars: false };
    // It can only fail where writing into memory can.
    serde_saphyr::to_string_with_options(tree, options).unwrap_or_default()
}
