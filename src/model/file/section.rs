//! Groups of fixed keys: one table of them says how they are read, written, offered and documented.

use super::yaml::{self, Content, Node};
use super::{Findings, Flaw, FlawKind, Place, Reader, Reading, Secret, Shape, TlsFile, Tree, Value};

/// A group of fixed keys.
pub trait Section: Default {
    /// Its keys, in the order in which DM writes them.
    const KEYS: &'static [&'static str];

    /// Whether DM takes zeros where the group has no keys at all, and not its defaults.
    const EMPTY_IS_ZERO: bool;

    /// Reads the value of one of the keys; whether it is one.
    fn take(&mut self, key: &str, place: Place, node: &Node, reader: &mut Reader) -> bool;

    /// The keys that are written, with their values.
    fn entries(&self) -> Vec<(String, Tree)>;

    /// What each key takes.
    fn shapes() -> Vec<(&'static str, Shape)>;

    /// The group with each key at the zero of its type.
    fn zero() -> Self;
}

impl<T: Section> Value for T {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let Content::Map(entries) = &node.content else {
            return reader.wants("keys with values", node);
        };
        let mut section = T::default();
        for entry in entries {
            let known = T::KEYS.contains(&entry.key.as_str());
            if known {
                reader.inside(entry.key.clone(), |reader| section.take(&entry.key, entry.place, &entry.value, reader));
            } else {
                reader.unknown_key(&entry.key, entry.place, T::KEYS);
            }
        }
        Some(section)
    }

    fn of_nothing() -> Option<Self> {
        T::EMPTY_IS_ZERO.then(T::zero)
    }

    fn tree(&self) -> Tree {
        Tree::Map(self.entries())
    }

    fn shape() -> Shape {
        Shape::Section(T::shapes())
    }
}

/// Makes a group of keys from a table of them.
macro_rules! section {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $key:literal => $field:ident: $type:ty,)* }) => {
        $crate::model::file::section!(@make false $(#[$doc])* $name { $($(#[$field_doc])* $key => $field: $type,)* });
    };
    (empty is zero; $(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $key:literal => $field:ident: $type:ty,)* }) => {
        $crate::model::file::section!(@make true $(#[$doc])* $name { $($(#[$field_doc])* $key => $field: $type,)* });
    };
    (@make $zero:literal $(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $key:literal => $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: Option<$crate::model::file::Given<$type>>,)*
        }

        impl $crate::model::file::Section for $name {
            const KEYS: &'static [&'static str] = &[$($key),*];
            const EMPTY_IS_ZERO: bool = $zero;

            fn take(
                &mut self,
                key: &str,
                place: $crate::model::file::Place,
                node: &$crate::model::file::Node,
                reader: &mut $crate::model::file::Reader,
            ) -> bool {
                match key {
                    $($key => self.$field = $crate::model::file::Given::read(node, place, reader),)*
                    _ => return false,
                }
                true
            }

            fn entries(&self) -> Vec<(String, $crate::model::file::Tree)> {
                let mut entries = Vec::new();
                $(if let Some(given) = &self.$field {
                    entries.push(($key.to_owned(), $crate::model::file::Value::tree(&given.value)));
                })*
                entries
            }

            fn shapes() -> Vec<(&'static str, $crate::model::file::Shape)> {
                vec![$(($key, <$type as $crate::model::file::Value>::shape())),*]
            }

            fn zero() -> Self {
                Self { $($field: <$type as $crate::model::file::Value>::of_nothing().map($crate::model::file::Given::new),)* }
            }
        }
    };
}

pub(in crate::model) use section;

/// A whole file that describes something to DM.
pub trait Configuration: Sized {
    /// What it is, for a message.
    const WHAT: &'static str;

    /// Reads as much of it as can be read, with all that is wrong with it and all remarks.
    fn inspect(text: &str) -> Reading<Self>;

    /// The file as YAML that DM takes, with the passwords.
    fn to_yaml(&self) -> String;

    /// Whether the password is the stars that DM shows in its place.
    fn has_masked_password(&self) -> bool;

    /// The same with another password.
    #[must_use]
    fn with_password(self, password: Secret) -> Self;

    /// The TLS files that it names and whose contents are not in it.
    fn tls_files(&self) -> Vec<TlsFile>;

    /// Puts the contents of a TLS file in the place of its path.
    fn put_tls_contents(&mut self, file: &TlsFile, contents: Vec<u8>);

    /// Puts TLS contents that are written in base64 as bytes, which every unit of DM understands; whether there were any.
    fn unfold_base64(&mut self) -> bool;
}

/// Reads a whole file, and lets its own checks look at it. Of what can't be read only the first is told: the rest may follow from it.
pub(in crate::model) fn read_document<T: Section + Configuration>(text: &str, check: impl FnOnce(&T, &mut Findings)) -> Reading<T> {
    let root = match yaml::parse(text) {
        Ok(root) => root,
        Err(flaw) => return Reading { file: None, flaws: vec![flaw], remarks: Vec::new() },
    };
    let mut reader = Reader::of(T::WHAT);
    let file = T::read(&root, &mut reader);
    let misspelt = reader.flaws.iter().filter_map(Flaw::meant).collect();
    let mut findings = Findings { flaws: reader.flaws, remarks: Vec::new(), misspelt };
    if let Some(first) = findings.flaws.iter().find(|flaw| flaw.kind == FlawKind::Type) {
        let flaws = vec![first.clone()];
        return Reading { file, flaws, remarks: Vec::new() };
    }
    if let Some(file) = &file {
        check(file, &mut findings);
    }
    findings.flaws.sort_by_key(|flaw| flaw.place);
    findings.remarks.sort_by_key(|remark| remark.place);
    Reading { file, flaws: findings.flaws, remarks: findings.remarks }
}

/// A whole file as YAML.
pub(in crate::model) fn to_yaml<T: Section>(file: &T) -> String {
    super::write::text(&file.tree())
}
